"""The day's money in memory: journal, credit figures and statements.

Each passes the contract suite of `tests/functional/books`.
"""

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from daycover.books.credit import CreditDay
from daycover.books.endorsement import Endorsement
from daycover.books.journal import Entry
from daycover.books.payment import Deposit, DepositChange, DepositMovement, MovementKind, Payment
from daycover.books.settlement import Position, PositionTransfers
from daycover.books.statement import Format, Sheets, Statement
from daycover.books.statement_line import StatementLine
from daycover.books.statement_sheets import read_each_line, read_lines
from daycover.cover.master_policy import MasterPolicy
from daycover.errors import ConcurrentChangeError
from tests.support.fakes.port import FakePort, Steps


class FakeStatements(FakePort):
    """Implements `books.statement.Statements`; `sheets` holds the bytes of every revision."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.sheets: dict[tuple[str, date, int], dict[Format, bytes]] = {}
        self._statements: dict[tuple[str, date, int], Statement] = {}

    def latest(self, company_id: str, day: date) -> Statement | None:
        with self.call("statements.latest"):
            mine = [key for key in self._statements if key[:2] == (company_id, day)]
            return self._statements[max(mine)] if mine else None

    def add(self, statement: Statement, sheets: Sheets) -> None:
        with self.call("statements.add"):
            key = (statement.company_id, statement.day, statement.revision)
            if key in self._statements:
                raise ConcurrentChangeError
            self._statements[key] = statement
            self.sheets[key] = {}
            for kind, sheet in sheets.items():
                sheet.seek(0)
                self.sheets[key][kind] = sheet.read()

    def lines(self, statement: Statement) -> list[StatementLine]:
        with self.call("statements.lines"):
            key = (statement.company_id, statement.day, statement.revision)
            return read_lines(self.sheets[key][Format.JSON])

    def each_line(self, statement: Statement) -> Iterator[StatementLine]:
        key = (statement.company_id, statement.day, statement.revision)
        return read_each_line(io.BytesIO(self.sheets[key][Format.JSON]))

    def link(self, statement: Statement, sheet: Format, endorsement: int | None = None) -> str:
        return f"https://sheets.example/{statement.company_id}/{statement.day}/{statement.revision}.{sheet}"

    def of_month(self, company_id: str, month: str) -> list[Statement]:
        mine = [key for key in self._statements if key[0] == company_id and f"{key[1]:%Y-%m}" == month]
        return list({key[1]: self._statements[key] for key in sorted(mine)}.values())

    def of_day(self, day: date) -> Iterator[Statement]:
        mine = [key for key in self._statements if key[1] == day]
        return iter({key[0]: self._statements[key] for key in sorted(mine)}.values())


class FakeJournal(FakePort):
    """Implements `books.journal.Journal`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._entries: dict[tuple[str, date], dict[tuple[str, str, str], Entry]] = {}
        self._late: dict[tuple[str, date], dict[tuple[str, str, str], Entry]] = {}

    def post(self, entry: Entry) -> bool:
        with self.call("journal.post"):
            try:
                self.append(entry)
            except ConcurrentChangeError:
                return False
            return True

    def append(self, entry: Entry) -> None:
        """Part of a transaction. Raises ConcurrentChangeError when the entry stands."""
        key = (entry.project_id, entry.source_id, f"{entry.kind}#{entry.version:06d}")
        stands = self._entries.setdefault((entry.company_id, entry.day), {})
        if key in stands:
            raise ConcurrentChangeError
        stands[key] = entry
        if entry.is_late:
            self._late.setdefault((entry.company_id, entry.statement_day), {})[key] = entry

    def of_statement(self, company_id: str, day: date) -> Iterator[Entry]:
        with self.call("journal.of_statement"):
            own = self._entries.get((company_id, day), {})
            late = self._late.get((company_id, day), {})
            carried = sorted([key for key, entry in own.items() if not entry.is_late] + list(late))
            return (late[key] if key in late else own[key] for key in carried)

    def of_day(self, company_id: str, day: date) -> Iterator[Entry]:
        with self.call("journal.of_day"):
            own = self._entries.get((company_id, day), {})
            return (own[key] for key in sorted(own))

    def some_of(self, company_id: str, day: date, limit: int) -> list[Entry]:
        with self.call("journal.some_of"):
            own = self._entries.get((company_id, day), {})
            return [own[key] for key in sorted(own)][:limit]

    def all(self) -> Iterator[Entry]:
        return (entry for day in self._entries.values() for entry in day.values())


class FakeCredit(FakePort):
    """Implements `books.credit.Credit`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._days: dict[tuple[str, date], CreditDay] = {}
        self._sums: dict[tuple[str, date], Counter[str]] = {}

    def sums(self, company_id: str, day: date) -> Mapping[str, int]:
        with self.call("credit.sums"):
            return dict(self._sums.get((company_id, day), {}))

    def run(
        self, company_id: str, day: date, fen: int, sums: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        with self.call("credit.run"):
            stands = self._days.get((company_id, day), CreditDay(day=day))
            if stands.billed_fen is None:
                self._sums.setdefault((company_id, day), Counter()).update(sums)
                changes = {"running_fen": stands.running_fen + fen}
                self._days[company_id, day] = stands.model_copy(update=changes)

    def bill(self, company_id: str, day: date, fen: int) -> None:
        with self.call("credit.bill"):
            stands = self._days.get((company_id, day), CreditDay(day=day))
            self._days[company_id, day] = stands.model_copy(update={"billed_fen": fen})

    def settle(self, company_id: str, day: date) -> None:
        with self.call("credit.settle"):
            stands = self._days.get((company_id, day))
            if stands is not None and stands.billed_fen is not None:
                del self._days[company_id, day]

    def take(self, company_id: str, day: date, fen: int) -> None:
        """Part of a transaction: the day goes if it is billed at the amount. Raises ConcurrentChangeError."""
        stands = self._days.get((company_id, day))
        if stands is None or stands.billed_fen != fen:
            raise ConcurrentChangeError
        del self._days[company_id, day]

    def unpaid(self, company_id: str) -> list[CreditDay]:
        with self.call("credit.unpaid"):
            return [self._days[key] for key in sorted(self._days) if key[0] == company_id]


class FakeDeposits(FakePort):
    """Implements `books.payment.Deposits` on the journal."""

    def __init__(self, journal: FakeJournal) -> None:
        super().__init__(journal.steps)
        self._journal = journal
        self._deposits: dict[str, Deposit] = {}
        self._movements: list[DepositMovement] = []

    def get(self, company_id: str) -> Deposit:
        with self.call("deposits.get"):
            return self._deposits.get(company_id, Deposit(company_id=company_id))

    def move(self, change: DepositChange, entry: Entry) -> None:
        with self.call("deposits.move"):
            movement = change.movement
            if self._stands(movement.company_id, movement.kind, movement.reference):
                raise ConcurrentChangeError
            self.check(change)
            self._journal.append(entry)
            self.apply(change)

    def find(self, company_id: str, kind: MovementKind, reference: str) -> DepositMovement | None:
        with self.call("deposits.find"):
            return self._stands(company_id, kind, reference)

    def movements(self, company_id: str, before: int | None, limit: int) -> list[DepositMovement]:
        with self.call("deposits.movements"):
            mine = [
                movement
                for movement in reversed(self._movements)
                if movement.company_id == company_id and (before is None or movement.number < before)
            ]
            return mine[:limit]

    def check(self, change: DepositChange) -> None:
        """Part of a transaction: raise ConcurrentChangeError unless `before` stands."""
        company_id = change.before.company_id
        if self._deposits.get(company_id, Deposit(company_id=company_id)) != change.before:
            raise ConcurrentChangeError

    def apply(self, change: DepositChange) -> None:
        self._deposits[change.after.company_id] = change.after
        self._movements.append(change.movement)

    def _stands(self, company_id: str, kind: MovementKind, reference: str) -> DepositMovement | None:
        wanted = (company_id, kind, reference)
        return next((m for m in self._movements if (m.company_id, m.kind, m.reference) == wanted), None)


class FakePayments(FakePort):
    """Implements `books.payment.Payments` on the journal, the credit figures and the deposits."""

    def __init__(self, journal: FakeJournal, credit: FakeCredit, deposits: FakeDeposits) -> None:
        super().__init__(journal.steps)
        self._journal = journal
        self._credit = credit
        self._deposits = deposits
        self._payments: dict[tuple[str, date], Payment] = {}

    def find(self, company_id: str, day: date) -> Payment | None:
        with self.call("payments.find"):
            return self._payments.get((company_id, day))

    def of_month(self, company_id: str, month: str) -> list[Payment]:
        with self.call("payments.of_month"):
            mine = (key for key in sorted(self._payments) if key[0] == company_id)
            return [self._payments[key] for key in mine if f"{key[1]:%Y-%m}" == month]

    def record(self, payment: Payment, entry: Entry, change: DepositChange | None = None) -> None:
        with self.call("payments.record"):
            key = (payment.company_id, payment.day)
            if key in self._payments:
                raise ConcurrentChangeError
            if change is not None:
                self._deposits.check(change)
            if payment.amount_fen:
                self._credit.take(payment.company_id, payment.day, payment.amount_fen)
            self._journal.append(entry)
            if change is not None:
                self._deposits.apply(change)
            self._payments[key] = payment


class FakeSettlements(FakePort):
    """Implements `books.settlement.Settlements` on the journal."""

    def __init__(self, journal: FakeJournal) -> None:
        super().__init__(journal.steps)
        self._journal = journal
        self._settled: dict[tuple[date, Position], PositionTransfers] = {}

    def get(self, day: date, position: Position) -> PositionTransfers:
        with self.call("settlements.get"):
            return self._settled.get((day, position), PositionTransfers(day=day, position=position))

    def record(self, settled: PositionTransfers, entry: Entry) -> None:
        with self.call("settlements.record"):
            key = (settled.day, settled.position)
            stands = self._settled.get(key)
            if settled.version != (1 if stands is None else stands.version + 1):
                raise ConcurrentChangeError
            self._journal.append(entry)
            self._settled[key] = settled


class FakeMasterPolicies(FakePort):
    """Implements `cover.master_policy.MasterPolicies`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._masters: dict[tuple[str, int], MasterPolicy] = {}

    def find(self, company_id: str, year: int) -> MasterPolicy | None:
        with self.call("masters.find"):
            return self._masters.get((company_id, year))

    def add(self, master: MasterPolicy) -> MasterPolicy:
        with self.call("masters.add"):
            return self._masters.setdefault((master.company_id, master.year), master)


class FakeEndorsements(FakePort):
    """Implements `books.endorsement.Endorsements`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._by_number: dict[tuple[str, int, int], Endorsement] = {}
        self._by_day: dict[tuple[str, date], Endorsement] = {}

    def latest(self, company_id: str, day: date) -> Endorsement | None:
        with self.call("endorsements.latest"):
            return self._by_day.get((company_id, day))

    def get(self, company_id: str, year: int, number: int) -> Endorsement:
        with self.call("endorsements.get"):
            return self._by_number[company_id, year, number]

    def newest(self, company_id: str, year: int, before: int | None, limit: int) -> list[Endorsement]:
        with self.call("endorsements.newest"):
            mine = [
                found
                for (company, of_year, number), found in self._by_number.items()
                if (company, of_year) == (company_id, year) and (before is None or number < before)
            ]
            return sorted(mine, key=lambda found: -found.number)[:limit]

    def add(self, endorsement: Endorsement, after: Endorsement | None) -> None:
        with self.call("endorsements.add"):
            number = (endorsement.company_id, endorsement.day.year, endorsement.number)
            day = (endorsement.company_id, endorsement.day)
            stands = self._by_day.get(day)
            if number in self._by_number or (stands and stands.number) != (after and after.number):
                raise ConcurrentChangeError
            self._by_number[number] = self._by_day[day] = endorsement
