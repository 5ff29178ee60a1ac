"""Bodies and answers of withdrawing consents and reading their history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from daycover.api.cover.policies import PolicyView
from daycover.api.fields import Id
from daycover.cover.withdraw import Withdrawal
from daycover.identity.consent import ConsentAct, ConsentEntry, ConsentKind
from daycover.platform.http import Body, View


class WithdrawalBody(Body):
    """`project_id` or `company_id`, one of them."""

    project_id: Id | None = None
    company_id: Id | None = None
    kinds: Annotated[list[ConsentKind], Field(min_length=1, max_length=len(ConsentKind))]

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.project_id is None) == (self.company_id is None):
            raise ValueError("name either project_id or company_id")
        return self


class ConsentEntryView(View):
    project_id: str
    plan: str
    kind: ConsentKind
    act: ConsentAct
    at: datetime
    version: str
    sha256: str


class WithdrawalView(View):
    withdrawn: list[ConsentEntryView]
    terminated: list[PolicyView]

    @classmethod
    def of(cls, withdrawal: Withdrawal, now: datetime) -> "WithdrawalView":
        return cls(
            withdrawn=[ConsentEntryView(**dict(entry)) for entry in withdrawal.entries],
            terminated=[PolicyView.of(policy, now) for policy in withdrawal.ended],
        )


class ConsentHistoryView(View):
    """`next` is the token to ask with for more, None at the end."""

    consents: list[ConsentEntryView]
    next: str | None = None

    @classmethod
    def of(cls, entries: Sequence[ConsentEntry], token: str | None) -> "ConsentHistoryView":
        return cls(consents=[ConsentEntryView(**dict(entry)) for entry in entries], next=token)
