"""What claims come to on a day, by company, occupation class and plan: paid, reserved, incurred.

All of it is the fold of the day's entries. What is outstanding at the end of a day is what was outstanding before
it and what the day moved; before a company's first statement it is nothing, and where the days between can't be
told it is unknown, never nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from pydantic import BaseModel

from daycover.books.journal import Account, Entry, Ledger, Risk, closing_time

LOOK_BACK = 31
"""Days before a statement among which the last one that knows what is outstanding is looked for."""
FUNDS = (Account.WECHAT_WALLET, Account.BANK)


class ClaimsTotal(BaseModel, frozen=True, defer_build=True):
    """Claims of one occupation class on one plan, in fen; None for those whose payout names neither.

    `paid_fen` is net of what bounced. `reserve_change_fen` is what the reserve rose by, paid money having left it.
    `outstanding_fen` is what is reserved at the end of the day, None where that is unknown.
    """

    occupation_class: int | None = None
    plan_id: str | None = None
    paid_fen: int
    reserve_change_fen: int
    outstanding_fen: int | None = None

    @property
    def incurred_fen(self) -> int:
        """What the day's claims cost: paid, and what is reserved more than before."""
        return self.paid_fen + self.reserve_change_fen

    @property
    def risk(self) -> Risk | None:
        if self.occupation_class is None or self.plan_id is None:
            return None
        return Risk(occupation_class=self.occupation_class, plan_id=self.plan_id)


class FundTotal(BaseModel, frozen=True, defer_build=True):
    """What claims took out of an account that pays them, in fen, net of what bounced."""

    account: Account
    fen: int


Outstanding = Mapping[Risk | None, int]
"""What is reserved for claims, in fen."""


class ClaimsTally:
    """Passes entries on and sums what they say of claims; grows with classes and plans, never with entries."""

    def __init__(self) -> None:
        self.paid: Counter[Risk | None] = Counter()
        self.reserve_change: Counter[Risk | None] = Counter()
        self._funds: Counter[Account] = Counter()

    def add(self, entry: Entry) -> None:
        paid, changed = entry.fen_on(Account.CLAIMS_PAID), entry.fen_on(Account.RESERVE_CHANGE)
        if not paid and not changed:
            return
        self.paid[entry.risk] += paid
        self.reserve_change[entry.risk] += changed
        for account in FUNDS:
            self._funds[account] -= entry.fen_on(account)

    def watch(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self.add(entry)
            yield entry

    @property
    def paid_fen(self) -> int:
        return sum(self.paid.values())

    @property
    def funds_paid(self) -> tuple[FundTotal, ...]:
        return tuple(
            FundTotal(account=account, fen=fen) for account in FUNDS if (fen := self._funds[account])
        )

    def totals(self, opening: Outstanding | None) -> tuple[ClaimsTotal, ...]:
        """Give the day's totals, with what was outstanding before it; None where that is unknown."""
        return totals_of(self.paid, self.reserve_change, None if opening is None else self.closing(opening))

    def closing(self, opening: Outstanding) -> Outstanding:
        """Give what is outstanding after it."""
        risks = {*opening, *self.reserve_change}
        return {risk: opening.get(risk, 0) + self.reserve_change[risk] for risk in risks}


def totals_of(
    paid: Mapping[Risk | None, int],
    reserve_change: Mapping[Risk | None, int],
    outstanding: Outstanding | None,
) -> tuple[ClaimsTotal, ...]:
    """Give a total for each risk of which there is anything to say, by class and plan."""
    found = []
    for risk in sorted({*paid, *reserve_change, *(outstanding or ())}, key=_order):
        left = None if outstanding is None else outstanding.get(risk, 0)
        total = ClaimsTotal(
            occupation_class=risk.occupation_class if risk else None,
            plan_id=risk.plan_id if risk else None,
            paid_fen=paid.get(risk, 0),
            reserve_change_fen=reserve_change.get(risk, 0),
            outstanding_fen=left,
        )
        if total.paid_fen or total.reserve_change_fen or left:
            found.append(total)
    return tuple(found)


class ClaimsSum:
    """Sums the totals of several days, or companies, as they pass."""

    def __init__(self) -> None:
        self._paid: Counter[Risk | None] = Counter()
        self._changed: Counter[Risk | None] = Counter()

    def add(self, totals: Iterable[ClaimsTotal]) -> None:
        for total in totals:
            self._paid[total.risk] += total.paid_fen
            self._changed[total.risk] += total.reserve_change_fen

    @property
    def incurred_fen(self) -> int:
        return sum(self._paid.values()) + sum(self._changed.values())

    def totals(self, outstanding: Outstanding | None) -> tuple[ClaimsTotal, ...]:
        """`outstanding` is what is reserved after all of them; None where that is unknown."""
        return totals_of(self._paid, self._changed, outstanding)


def _order(risk: Risk | None) -> tuple[int, str]:
    return (risk.occupation_class, risk.plan_id) if risk is not None else (0, "")


class ClaimsDay(Protocol):
    """What is read of an earlier day's statement."""

    @property
    def day(self) -> date: ...
    @property
    def issued_at(self) -> datetime: ...
    @property
    def claims(self) -> tuple[ClaimsTotal, ...]: ...
    @property
    def outstanding_fen(self) -> int | None: ...


def outstanding_of(of: ClaimsDay) -> Outstanding | None:
    """Give what a statement says is outstanding; None where it does not know."""
    if of.outstanding_fen is None:
        return None
    return {total.risk: total.outstanding_fen or 0 for total in of.claims}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOutstanding:
    """Say what was outstanding before a company's day: from its last statement that knows, and the days since."""

    latest: Callable[[str, date], ClaimsDay | None]
    ledger: Ledger
    began: Callable[[str], date | None]
    """The first day of a company's first contract; None for one that has none."""

    def __call__(self, company_id: str, day: date) -> Outstanding | None:
        """None where it is unknown. One statement is read where yesterday's stands; what has none, or was closed
        before its end, is read from the journal. A company's claims begin with its contract."""
        began = self.began(company_id)
        for back in range(1, LOOK_BACK + 1):
            earlier = day - timedelta(days=back)
            if began is not None and earlier < began:
                return self._since(company_id, began, day, {})
            statement = self.latest(company_id, earlier)
            known = outstanding_of(statement) if statement is not None else None
            if statement is None or known is None:
                continue
            if statement.issued_at < closing_time(earlier):  # it was closed early: the day is read again
                before = {
                    total.risk: known[total.risk] - total.reserve_change_fen for total in statement.claims
                }
                return self._since(company_id, earlier, day, before)
            return self._since(company_id, earlier + timedelta(days=1), day, known)
        return (
            None if began is not None else self._since(company_id, day - timedelta(days=LOOK_BACK), day, {})
        )

    def _since(self, company_id: str, first: date, day: date, opening: Outstanding) -> Outstanding:
        tally = ClaimsTally()
        for back in range((day - first).days, 0, -1):
            for entry in self.ledger.of_statement(company_id, day - timedelta(days=back)):
                tally.add(entry)
        return tally.closing(opening)
