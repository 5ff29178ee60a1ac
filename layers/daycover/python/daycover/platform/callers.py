"""Who calls, as the authorizer proved it, and what a route asks of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Duty(StrEnum):
    """What a member of the insurer's staff is there for (岗位); one person may have several."""

    INTAKE = "intake"
    ADJUSTER = "adjuster"
    SENIOR_ADJUSTER = "senior_adjuster"
    FINANCE = "finance"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Caller:
    """`role` is `worker`, `provider`, `company`, `operator` or `staff`."""

    role: str
    subject: str
    staff_roles: tuple[str, ...] = ()
    provider_id: str | None = None

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "Caller":
        """Read the authorizer's context; API Gateway hands its values over as strings."""
        return cls(
            role=context.get("role", ""),
            subject=context.get("subject", ""),
            staff_roles=tuple(str(context.get("staff_roles") or "").split()),
            provider_id=context.get("provider_id") or None,
        )


@dataclass(frozen=True, slots=True)
class Allowed:
    """Callers with one of `roles` who, where `duties` are named, have one of them.

    `operator_roles` are those that an operator needs in the company that is asked for (`projects.operator`): the
    company gate asks for them, because they are another company's in the next request.
    """

    roles: tuple[str, ...]
    duties: tuple[Duty, ...] = ()
    operator_roles: tuple[str, ...] = ()

    def lets_in(self, caller: Caller) -> bool:
        return caller.role in self.roles and (
            not self.duties or any(duty in caller.staff_roles for duty in self.duties)
        )
