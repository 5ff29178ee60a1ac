"""What must hold of the books once everything had time to come right."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from daycover.books.credit import CreditLevel
from daycover.books.journal import Account
from daycover.china_time import china_day
from daycover.cover.policy import Policy
from daycover.reporting.rows import RowState
from daycover.store.dynamodb import _from_wire
from daycover.wiring.books import BooksWiring
from tests.functional.claims.aws import OPERATIONS
from tests.simulation.watch import Watch, at_the_end, breaks


@at_the_end
def every_policy_is_known_everywhere(watch: Watch) -> Iterator[str]:
    """Every policy is in archive, journal, roster, statement and report, as it ended, or a break shows it."""
    observer = watch.world.observer
    last_closed = china_day(watch.world.now()) - timedelta(days=1)
    unkept = observer.archive.unkept(list(watch.policies.values()))
    shown = {found.difference.subject for found in breaks(watch)}
    lines = {
        (line.policy_no): line
        for company_id in watch.companies
        for day in _days(watch)
        for line in observer.cover_lines.of_day(company_id, day)
    }
    entries: dict[str, int] = {}
    billed: dict[str, Any] = {}
    for company_id in watch.companies:
        for day in _days(watch):
            for entry in observer.journal.of_day(company_id, day):
                entries[entry.source_id] = entries.get(entry.source_id, 0) + entry.receivable_fen
                billed.setdefault(entry.source_id, entry.statement_day)
    for policy in watch.policies.values():
        number = policy.policy_no
        if number in unkept:
            yield f"{number} is not in the archive as it is"
        if any(number in subject for subject in shown):
            continue
        line = lines.get(number)
        if line is None or line.status != policy.status:
            yield f"{number} is not on the roster as it is"
        owed = _owed(policy)
        if entries.get(number, 0) != owed:
            yield f"{number}: {entries.get(number, 0)} fen in the journal, {owed} owed"
        rows = [row for row in watch.world.outside.insurer.rows if number in row]
        if not rows:
            yield f"{number} was not reported"
        if number in billed and billed[number] <= last_closed:
            statement = observer.statements.latest(policy.company_id, billed[number])
            on_it = [] if statement is None else observer.statements.lines(statement)
            if not any(line.policy_no == number for line in on_it):
                yield f"{number} is not on the statement of {billed[number]}"


def _days(watch: Watch) -> list[Any]:
    """From the first policy's day to today; before it no book holds anything of cover."""
    last = china_day(watch.world.now())
    first = min((china_day(policy.issued_at) for policy in watch.policies.values()), default=last)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _closed_days(watch: Watch) -> list[Any]:
    """Those whose close has had time to end."""
    last_closed = china_day(watch.world.now()) - timedelta(days=1)
    return [day for day in _days(watch) if day < last_closed]


@at_the_end
def statement_is_journal(watch: Watch) -> Iterator[str]:
    """A day's statement is the sum of the journal's entries that it carries."""
    observer = watch.world.observer
    for company_id in watch.companies:
        for day in _closed_days(watch):
            entries = list(observer.journal.of_statement(company_id, day))
            # what the company owes by cover, not what it paid
            due = sum(entry.receivable_fen for entry in entries if entry.cover is not None)
            statement = observer.statements.latest(company_id, day)
            billed = statement.premium_fen if statement is not None else 0
            if due != billed:
                yield f"{company_id} {day}: {due} fen in the journal, {billed} on the statement"


@at_the_end
def every_bill_is_collectable(watch: Watch) -> Iterator[str]:
    """What a closed day comes to is paid as billed or stands among what its company owes, and nothing else does."""
    observer = watch.world.observer
    for company_id in watch.companies:
        owed = {one.day: one for one in observer.credit.unpaid(company_id)}
        for day in _closed_days(watch):
            statement = observer.statements.latest(company_id, day)
            payment = observer.payments.find(company_id, day)
            billed = 0 if statement is None else statement.premium_fen
            stands = owed.get(day)
            if payment is not None and (payment.amount_fen != billed or stands is not None):
                yield f"{company_id} {day}: {billed} billed, {payment.amount_fen} paid, {stands} owed"
            if payment is None and (0 if stands is None else stands.owed_fen) != billed:
                yield f"{company_id} {day}: {billed} billed, {stands} owed"


@at_the_end
def deposit_is_what_moved_it(watch: Watch) -> Iterator[str]:
    """A deposit is never below nothing, and is what its movements and the journal say was paid in and taken out."""
    observer = watch.world.observer
    for company_id in watch.companies:
        balance = observer.deposits.get(company_id).balance_fen
        moved = sum(one.amount_fen for one in observer.deposits.movements(company_id, None, 1_000))
        posted = sum(_deposited(entry) for entry in _entries(watch, company_id))
        if balance < 0 or not balance == moved == posted:
            yield f"{company_id}: {balance} fen, {moved} moved, {posted} posted"


def _deposited(entry: Any) -> int:
    return -sum(int(fen) for account, fen in entry["lines"] if account == Account.COMPANY_DEPOSIT)


def _entries(watch: Watch, company_id: str) -> Iterator[Any]:
    """Every entry of the journal that concerns a company, once."""
    for item in watch.world.dynamodb.everything(OPERATIONS):
        if item["pk"]["S"].startswith("JOURNAL#") and not item["pk"]["S"].endswith("#LATE"):
            entry = _from_wire(item)
            if entry["company_id"] == company_id:
                yield entry


@at_the_end
def blocks_follow_what_is_owed(watch: Watch) -> Iterator[str]:
    """New cover is refused to whoever owes more than they may, and to nobody else, on every project alike."""
    observer = watch.world.observer
    for company_id in watch.companies:
        level = observer.wired(BooksWiring).watch_credit.read(company_id).level
        blocked = level is CreditLevel.BLOCKED
        company = observer.companies.get(company_id)
        projects = [one for one in observer.projects.list_of(company_id) if one.credit_blocked is not blocked]
        if company.credit_blocked is not blocked or projects:
            yield f"{company_id} is {level}: {company.credit_blocked}, {len(projects)} projects otherwise"


@at_the_end
def insurer_was_told_what_is_owed(watch: Watch) -> Iterator[str]:
    """The insurer took of every policy the premium that its company owes, or a break shows that it did not."""
    insurer, shown = watch.world.outside.insurer, {found.difference.subject for found in breaks(watch)}
    for policy in watch.policies.values():
        number, owed = policy.policy_no, _owed(policy)
        told = insurer.premium_of(number)
        if told != owed and not any(number in subject for subject in shown):
            yield f"{number}: {told} fen told, {owed} owed"


def _owed(policy: Policy) -> int:
    return policy.premium_fen - (policy.ended.refund_fen if policy.ended else 0)


@at_the_end
def what_the_insurer_did_not_take_is_shown(watch: Watch) -> Iterator[str]:
    """A row that the insurer rejected, or never answered, is asked about or stands among the breaks."""
    everything = watch.world.dynamodb.everything(OPERATIONS)
    waiting = [item["sk"]["S"] for item in everything if item["pk"]["S"].startswith("WAITING#")]
    shown = [*waiting, *(found.difference.subject for found in breaks(watch))]
    for row_id, state in watch.world.outside.insurer.rows.items():
        if state is not RowState.ACKNOWLEDGED and not any(row_id in one for one in shown):
            yield f"{row_id} is {state}"


@at_the_end
def nothing_lost(watch: Watch) -> Iterator[str]:
    """No message and no record waits for ever."""
    yield from watch.world.waiting()
