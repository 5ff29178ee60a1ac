"""Starting a payout by hand."""

from typing import Annotated

from pydantic import Field

from daycover.platform.http import View

ObligationNumber = Annotated[int | None, Field(ge=1, le=9_999)]


class ExecutionView(View):
    execution: str
