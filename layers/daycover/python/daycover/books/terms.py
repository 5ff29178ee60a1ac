"""What a company's contract says of a day: commission, when a statement is due, over how much its items are spread."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from daycover.projects.company import Companies, CompanyNotAuthorisedError
from daycover.projects.contract import Contract, contract_on

REMEMBERED = timedelta(minutes=5)
"""Of one execution environment. A contract begins an hour after its approval at the earliest: nobody misses it."""
MOST_REMEMBERED = 1000


class ContractTerms:
    """Reads each company's contracts once in five minutes. A day before any contract has the stack's own terms."""

    def __init__(
        self, companies: Companies, now: Callable[[], datetime], *, commission_bps: int, due_days: int
    ) -> None:
        self._companies = companies
        self._now = now
        self._commission_bps = commission_bps
        self._due_days = due_days
        self._known: dict[str, tuple[datetime, tuple[Contract, ...]]] = {}

    def commission_bps(self, company_id: str, day: date) -> int:
        """What the distributor keeps of a premium of that day (+08:00), in basis points."""
        contract = contract_on(self._contracts(company_id), day)
        return self._commission_bps if contract is None else contract.commission_bps

    def due_days(self, company_id: str, day: date) -> int:
        """How many days after its day (+08:00) a statement is due."""
        contract = contract_on(self._contracts(company_id), day)
        return self._due_days if contract is None else contract.due_days

    def began(self, company_id: str) -> date | None:
        """The first day (+08:00) of its first contract; None for a company that has none."""
        return min((one.valid_from for one in self._contracts(company_id)), default=None)

    def partitions(self, company_id: str, day: date) -> int:
        """Over how many partitions what follows from policies of that day (+08:00) is spread."""
        contract = contract_on(self._contracts(company_id), day)
        return 1 if contract is None else contract.partitions

    def _contracts(self, company_id: str) -> tuple[Contract, ...]:
        now = self._now()
        known = self._known.get(company_id)
        if known is None or now - known[0] >= REMEMBERED:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            try:
                known = now, self._companies.get(company_id).contracts
            except CompanyNotAuthorisedError:
                known = now, ()
            self._known[company_id] = known
        return known[1]
