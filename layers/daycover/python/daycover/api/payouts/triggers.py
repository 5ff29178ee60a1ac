"""Starting a payout by hand."""

from typing import Annotated

from pydantic import Field

from daycover.platform.http import View

AdvanceName = Annotated[int | None, Field(ge=1, le=99)]


class ExecutionView(View):
    execution: str
