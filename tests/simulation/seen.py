"""What the acts of operations saw and no item holds: who lost access and when, what was said of a certificate."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

Access = tuple[str, ...]
"""A company, and a provider or an operator, perhaps with the role that it is about."""


class Answered(NamedTuple):
    """What somebody was told of a certificate, and what stood before they asked and once they had the answer."""

    policy_no: str
    told_in_force: bool
    may_be_in_force: bool
    must_be_in_force: bool


@dataclass(slots=True)
class Seen:
    taken: set[Access] = field(default_factory=set)
    """Access that was taken away and answered, and that nobody has begun to give again since."""
    refused_requests: dict[str, tuple[Access, ...]] = field(default_factory=dict)
    """By id those requests that began while an access was taken away."""
    operators: dict[str, list[str]] = field(default_factory=dict)
    """By company the ids of everybody who ever joined."""
    referrals: list[tuple[str, str, str]] = field(default_factory=list)
    """(company, project, referral)."""
    credentials: list[tuple[str, str]] = field(default_factory=list)
    """(policy, credential) of the certificates that people hold."""
    answered: list[Answered] = field(default_factory=list)
    """Those of the last step."""
    requests: int = 0
    _gifts: dict[Access, int] = field(default_factory=dict)
    """How often somebody began or ended giving it."""
    _giving: dict[Access, int] = field(default_factory=dict)

    @contextmanager
    def giving(self, *accesses: Access) -> Iterator[None]:
        """While it lasts and after it nobody can say that access is gone, whatever the answer."""
        self._gift(accesses, 1)
        try:
            yield
        finally:
            self._gift(accesses, -1)

    def _gift(self, accesses: tuple[Access, ...], change: int) -> None:
        for access in accesses:
            self.taken.discard(access)
            self._gifts[access] = self._gifts.get(access, 0) + 1
            self._giving[access] = self._giving.get(access, 0) + change

    def gifts(self, access: Access) -> int | None:
        """A number that differs once somebody gives it; None while somebody does."""
        return None if self._giving.get(access, 0) else self._gifts.get(access, 0)

    def took(self, access: Access, gifts_before: int | None) -> None:
        """It was answered that access is gone; `gifts_before`: `gifts` when that was asked for."""
        if gifts_before is not None and gifts_before == self.gifts(access):
            self.taken.add(access)

    def begin(self, accesses: tuple[Access, ...]) -> tuple[str, tuple[Access, ...]]:
        """Number a request; give which of what it needs is taken away as it begins."""
        self.requests += 1
        number = f"REQUEST-{self.requests}"
        gone = tuple(access for access in accesses if access in self.taken)
        if gone:
            self.refused_requests[number] = gone
        return number, gone

    def is_still_gone(self, gone: tuple[Access, ...]) -> bool:
        return any(access in self.taken for access in gone)
