"""Starting a payout by hand."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from daycover.platform.http import View

AdvanceName = Annotated[int | None, Query(ge=1, le=99)]


class ExecutionView(View):
    execution: str
