"""What must hold, whatever happens: one function for each sentence, judged after every step or at the end.

They read the items and the lines of the other side's account themselves, or through the stores; none of them asks
the product whether it is right.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from daycover.china_time import china_day
from daycover.claims.claim import Claim
from daycover.claims.obligation import ObligationState
from daycover.cover.check_in import CheckInNotFoundError
from daycover.cover.policy import Policy, PolicyStatus
from daycover.payouts.payout import Payout, PayoutState
from daycover.payouts.transfer import Channel
from daycover.reporting.breaks import BreakStatus
from daycover.store.dynamodb import _from_wire
from tests.functional.claims.aws import OPERATIONS, POLICIES
from tests.simulation.aws.dynamodb import Change
from tests.simulation.cast import Cast, Somebody

if TYPE_CHECKING:
    from tests.simulation.world import Told, World

LAMBDA_LIVES = timedelta(minutes=3)
"""Longer than any process that read something before may still act on it."""


class Violation(NamedTuple):
    invariant: str
    sentence: str
    about: str
    at: datetime


Check = Callable[["Watch"], Iterator[str]]
STEP: dict[str, Check] = {}
"""Judged after every step, on what it touched."""
END: dict[str, Check] = {}
"""Judged once everything had time to come right."""


def after_step(check: Check) -> Check:
    STEP[check.__name__] = check
    return check


def at_the_end(check: Check) -> Check:
    END[check.__name__] = check
    return check


def sentences() -> dict[str, str]:
    """Every invariant and its sentence."""
    return {name: (check.__doc__ or "").strip() for name, check in {**STEP, **END}.items()}


@dataclass(slots=True)
class Withdrawn:
    worker_id: str
    company_id: str | None
    project_id: str | None
    at: datetime


@dataclass(slots=True)
class Watch:
    """What was seen of a history, and which of it the last step touched."""

    world: "World"
    cast: Cast
    violations: list[Violation] = field(default_factory=list)
    policies: dict[str, Policy] = field(default_factory=dict)
    """By number, as each was last written: TTL takes items, not what was insured."""
    chains: dict[str, dict[tuple[str, int], str]] = field(default_factory=dict)
    """By person what took each place of the chain."""
    touched_policies: list[tuple[Policy | None, Policy]] = field(default_factory=list)
    """Before and after, of the last step."""
    touched_claims: set[str] = field(default_factory=set)
    claims: dict[str, Claim] = field(default_factory=dict)
    payouts: dict[str, Payout] = field(default_factory=dict)
    moved_payouts: list[tuple[Payout | None, Payout]] = field(default_factory=list)
    written: list[Change] = field(default_factory=list)
    withdrawals: list[Withdrawn] = field(default_factory=list)
    answered: list[Withdrawn] = field(default_factory=list)
    """Those of the last step."""
    erasures: dict[str, datetime] = field(default_factory=dict)
    """By worker when the erasure was asked for that was answered."""
    refusals_missing: list[str] = field(default_factory=list)
    _judged_lines: int = 0
    _judged_failures: int = 0

    def __post_init__(self) -> None:
        self.world.dynamodb.listeners.append(self._hear)

    def _hear(self, change: Change) -> None:
        self.written.append(change)
        if change.table == POLICIES:
            if change.new is not None and "policy_no" in change.new:
                policy = Policy.model_validate(_from_wire(change.new))
                self.touched_policies.append((self.policies.get(policy.policy_no), policy))
                self.policies[policy.policy_no] = policy
        elif change.new is not None:
            if change.key.pk.startswith("CLAIM#") and change.key.sk == "CLAIM":
                self.touched_claims.add(change.key.pk.removeprefix("CLAIM#"))
            elif change.key.pk.startswith("PAYOUT#") and change.key.sk == "PAYOUT":
                payout = Payout.model_validate(_from_wire(change.new))
                self.moved_payouts.append((self.payouts.get(payout.payout_id), payout))
                self.payouts[payout.payout_id] = payout

    # ---- what actors tell ------------------------------------------------------------------------

    def withdrawn(self, worker_id: str, where: dict[str, str], at: datetime) -> None:
        """`at`: when it was asked for; what is applied for while it is under way may come after it."""
        asked = Withdrawn(worker_id, where.get("company_id"), where.get("project_id"), at)
        self.withdrawals.append(asked)
        self.answered.append(asked)

    def erased(self, worker_id: str, at: datetime) -> None:
        self.erasures[worker_id] = at

    def unlocked(self, worker_id: str, told: "Told") -> None:
        if told.is_ok or told.is_unknown:
            self.erasures.pop(worker_id, None)

    def must_be_refused(self, told: "Told", what: str) -> None:
        if told.is_ok:
            self.refusals_missing.append(what)

    def policies_of(self, somebody: Somebody) -> list[Policy]:
        person_id = self.world.observer.index.person_id(somebody.id_number)
        return sorted(
            (policy for policy in self.policies.values() if policy.person_id == person_id),
            key=lambda policy: policy.issued_at,
        )

    # ---- judging ---------------------------------------------------------------------------------

    def after_step(self, _what: str) -> None:
        if not (
            self.written or self.world.failures or self.refusals_missing or self._judged_lines < self._lines
        ):
            return
        for claim_no in self.touched_claims:
            self.claims[claim_no] = self.world.observer.claims.get(claim_no)
        self._judge(STEP)
        self.touched_policies.clear()
        self.touched_claims.clear()
        self.moved_payouts.clear()
        self.written.clear()
        self.answered.clear()
        self._judged_lines = self._lines

    @property
    def _lines(self) -> int:
        return sum(len(self.world.outside.account(channel).lines) for channel in Channel)

    def at_the_end(self) -> None:
        if not self.violations:
            self._judge(END)

    def _judge(self, checks: dict[str, Check]) -> None:
        for name, check in checks.items():
            for about in check(self):
                sentence = (check.__doc__ or "").strip()
                self.violations.append(Violation(name, sentence, about, self.world.now()))

    @property
    def companies(self) -> list[str]:
        return self.cast.company_ids


def in_force(policy: Policy) -> tuple[datetime, datetime] | None:
    """When somebody was insured by a policy, as it stands now."""
    match policy.status:
        case PolicyStatus.ISSUED:
            return policy.period.start, policy.period.end
        case PolicyStatus.TERMINATED:
            assert policy.ended is not None
            ends = min(policy.period.end, policy.ended.at)
            return (policy.period.start, ends) if policy.period.start < ends else None
    return None


# ---- cover -------------------------------------------------------------------------------------------


@after_step
def no_overlap(watch: Watch) -> Iterator[str]:
    """Nobody is insured twice at one instant on one project."""
    for _, policy in watch.touched_policies:
        mine = in_force(policy)
        for other in watch.policies.values():
            same = (other.person_id, other.project_id) == (policy.person_id, policy.project_id)
            if same and other.policy_no != policy.policy_no and mine is not None:
                its = in_force(other)
                if its is not None and mine[0] < its[1] and its[0] < mine[1]:
                    yield f"{policy.policy_no} and {other.policy_no}"


@after_step
def chain_only_grows(watch: Watch) -> Iterator[str]:
    """A place in a person's chain is one policy's or stop's for ever; only TTL takes it away, long after."""
    for change in watch.written:
        if change.table != POLICIES or change.kind == "INSERT" or change.by_ttl:
            continue
        names = "policy_no", "stopped_at"
        if change.new is None or any(change.new.get(name) != (change.old or {}).get(name) for name in names):
            yield f"{change.key.pk} {change.key.sk}"


@after_step
def no_gap(watch: Watch) -> Iterator[str]:
    """Cover that does not begin when it is issued begins at the instant at which standing cover ends."""
    for before, policy in watch.touched_policies:
        if before is None and policy.period.start != policy.issued_at:
            adjoined = [
                other
                for other in watch.policies.values()
                if (other.person_id, other.project_id) == (policy.person_id, policy.project_id)
                and other.period.end == policy.period.start
                and other.status is PolicyStatus.ISSUED
            ]
            if not adjoined:
                yield policy.policy_no


@after_step
def one_policy_per_check_in(watch: Watch) -> Iterator[str]:
    """A check-in becomes one policy, however often it is asked about."""
    for before, policy in watch.touched_policies:
        if before is None:
            source = policy.worker_id, policy.check_in_id
            for other in watch.policies.values():
                if (other.worker_id, other.check_in_id) == source and other.policy_no != policy.policy_no:
                    yield f"{policy.policy_no} and {other.policy_no}"


@after_step
def cover_is_one_day(watch: Watch) -> Iterator[str]:
    """Every policy covers 24 hours, and none of its facts changes after it was issued but how it ended."""
    for before, policy in watch.touched_policies:
        if policy.period.end - policy.period.start != timedelta(hours=24):
            yield policy.policy_no
        if before is not None:
            kept = {"status", "ended"}
            if before.model_dump(exclude=kept) != policy.model_dump(exclude=kept):
                yield f"{policy.policy_no} was rewritten"
            if before.status is not PolicyStatus.ISSUED and before.status is not policy.status:
                yield f"{policy.policy_no} left {before.status} for {policy.status}"


@after_step
def cover_rests_on_consent(watch: Watch) -> Iterator[str]:
    """Cover is issued on consents that stand: none on an application from before a withdrawal was answered."""
    for before, policy in watch.touched_policies:
        if before is not None:
            continue
        applied = _applied_at(watch, policy)
        for withdrawal in watch.withdrawals:
            is_mine = withdrawal.worker_id == policy.worker_id and _is_there(withdrawal, policy)
            if is_mine and (applied is None or applied < withdrawal.at - watch.world.clocks_differ):
                yield f"{policy.policy_no} was applied for before a withdrawal"
        if not _consents_of(watch, policy):
            yield f"{policy.policy_no} has no consent on record"


def _is_there(withdrawal: Withdrawn, policy: Policy) -> bool:
    return policy.project_id == withdrawal.project_id or policy.company_id == withdrawal.company_id


def _applied_at(watch: Watch, policy: Policy) -> datetime | None:
    try:
        return watch.world.observer.check_ins.get(policy.worker_id, policy.check_in_id).at
    except CheckInNotFoundError:
        return None


def _consents_of(watch: Watch, policy: Policy) -> list[Any]:
    return watch.world.dynamodb.peek(OPERATIONS, f"WORKER#{policy.worker_id}", f"CONSENT#{policy.project_id}")


@after_step
def withdrawal_ends_cover(watch: Watch) -> Iterator[str]:
    """Once a withdrawal is answered, the account has no cover in force there."""
    now = watch.world.now()
    for withdrawal in watch.answered:
        for policy in watch.policies.values():
            if policy.worker_id == withdrawal.worker_id and _is_there(withdrawal, policy):
                mine = in_force(policy)
                applied = _applied_at(watch, policy)
                is_older = applied is not None and applied < withdrawal.at - watch.world.clocks_differ
                if mine is not None and mine[1] > now + watch.world.clocks_differ and is_older:
                    yield policy.policy_no


@after_step
def nothing_after_erasure(watch: Watch) -> Iterator[str]:
    """Once an erasure is answered, nothing that was applied for before it becomes cover."""
    for before, policy in watch.touched_policies:
        answered = watch.erasures.get(policy.worker_id)
        if before is None and answered is not None:
            applied = _applied_at(watch, policy)
            if applied is None or applied < answered - watch.world.clocks_differ:
                yield policy.policy_no


@after_step
def nobody_else_acts(watch: Watch) -> Iterator[str]:
    """What belongs to somebody is refused to everybody else."""
    yield from watch.refusals_missing


@after_step
def no_error_of_ours(watch: Watch) -> Iterator[str]:
    """Nobody ever meets an error that was not planned."""
    yield from watch.world.failures


@after_step
def no_attempt_burnt(watch: Watch) -> Iterator[str]:
    """No attempt at the work card is used up without need, and none is asked for above a day's limit."""
    card = watch.world.outside.card
    yield from card.burnt
    if card.over_the_limit:
        yield f"{card.over_the_limit} above the limit"


@after_step
def no_personal_data(watch: Watch) -> Iterator[str]:
    """No item holds a name or an identity number in clear."""
    words = [word for one in watch.cast.people for word in (one.name, one.id_number)]
    for change in watch.written:
        if change.new is not None:
            text = repr(change.new)
            for word in words:
                if word in text:
                    yield f"{change.key.pk} {change.key.sk}"


# ---- money -------------------------------------------------------------------------------------------


@after_step
def money_leaves_once(watch: Watch) -> Iterator[str]:
    """For one obligation no more money is out than it owes."""
    out: dict[tuple[str, int], int] = {}
    for channel in Channel:
        account = watch.world.outside.account(channel)
        for _, line in account.lines:
            payout = watch.payouts.get(line.reference)
            if payout is None:
                yield f"{line.reference} is nobody's"
                continue
            owed = payout.claim_no, payout.obligation
            out[owed] = out.get(owed, 0) + line.left_fen
    for (claim_no, number), fen in out.items():
        claim = watch.claims.get(claim_no)
        if claim is None:
            yield f"{claim_no} does not exist"
            continue
        most = claim.round_of(number).obligation(number).amount_fen
        largest = max(
            p.amount_fen for p in watch.payouts.values() if (p.claim_no, p.obligation) == (claim_no, number)
        )
        if fen > max(most, largest):
            yield f"{claim_no} obligation {number}: {fen} fen for {most}"


@after_step
def journal_balances(watch: Watch) -> Iterator[str]:
    """The lines of every entry sum to zero, and no entry is ever changed."""
    for change in watch.written:
        if change.new is None or not change.key.pk.startswith("JOURNAL#"):
            continue
        entry = _from_wire(change.new)
        if change.old is not None or sum(fen for _, fen in entry["lines"]):
            yield f"{change.key.pk} {change.key.sk}"


@after_step
def paid_within_limits(watch: Watch) -> Iterator[str]:
    """What a policy's claims hold of a benefit never exceeds its limit, and is what its rounds say."""
    numbers = {watch.claims[claim_no].policy.policy_no for claim_no in watch.touched_claims}
    for policy_no in numbers:
        claims = [claim for claim in watch.claims.values() if claim.policy.policy_no == policy_no]
        held = watch.world.observer.exposures.find([policy_no])[policy_no].held
        for claim_type, part in held.benefits.items():
            said = sum(claim.holding.of(claim_type).fen for claim in claims)
            if part.fen != said:
                yield f"{policy_no} {claim_type}: {part.fen} held, {said} in its rounds"
        medical = held.of(*(t for t in held.benefits if t.value == "MEDICAL")).fen
        if medical > claims[0].benefits.medical_limit_fen:
            yield f"{policy_no}: {medical} fen of treatment"
        out = sum(
            watch.world.outside.account(payout.channel).left_fen(payout.payout_id)
            for payout in watch.payouts.values()
            if any(payout.claim_no == claim.claim_no for claim in claims)
        )
        if out > sum(part.fen for part in held.benefits.values()):
            yield f"{policy_no}: {out} fen are out, more than is held"


@after_step
def no_payment_on_a_void_policy(watch: Watch) -> Iterator[str]:
    """Nothing is sent for a policy that was voided, but by whoever had read it before."""
    for before, payout in watch.moved_payouts:
        sent_now = payout.sent_at is not None and (before is None or before.sent_at != payout.sent_at)
        claim = watch.claims.get(payout.claim_no)
        if not sent_now or claim is None:
            continue
        policy = watch.policies.get(claim.policy.policy_no)
        if policy is None or policy.status is not PolicyStatus.VOIDED or policy.ended is None:
            continue
        decided = claim.round_of(payout.obligation)
        if payout.sent_at - policy.ended.at > LAMBDA_LIVES and not _decided_since(decided, policy.ended.at):  # type: ignore[operator]
            yield f"{payout.payout_id} on {policy.policy_no}"


def _decided_since(round_: Any, at: datetime) -> bool:
    """Whether people let it stand though they knew."""
    return (
        round_.acknowledged_at is not None and round_.acknowledged_at > at and round_.decided_by is not None
    )


@after_step
def two_people_decide(watch: Watch) -> Iterator[str]:
    """Nobody both decides and acknowledges, an amount or an advance."""
    for claim_no in watch.touched_claims:
        for known in watch.claims[claim_no].rounds:
            if known.decided_by is not None and known.decided_by == known.acknowledged_by:
                yield f"{claim_no} round {known.number}: {known.decided_by}"
            for advance in known.advances:
                if advance.acknowledged_by is not None and advance.stated_by == advance.acknowledged_by:
                    yield f"{claim_no} advance {advance.number}"


@after_step
def payouts_move_lawfully(watch: Watch) -> Iterator[str]:
    """A payout's states follow each other as the model has them."""
    from tests.simulation.model import allowed  # noqa: PLC0415

    for before, after in watch.moved_payouts:
        if before is None or before.state is after.state:
            continue
        if not allowed("payout", before.state.value, after.state.value):
            yield f"{after.payout_id}: {before.state} to {after.state}"


@at_the_end
def money_has_one_posting(watch: Watch) -> Iterator[str]:
    """Every fen that is out or came back is a payout's that says so, posted once."""
    world = watch.world
    posted = _postings(watch)
    for channel in Channel:
        account = world.outside.account(channel)
        for reference in {line.reference for _, line in account.lines} - _moved_lately(watch, channel):
            payout = world.observer.payouts.find(reference)
            if payout is None:
                yield f"{reference} is nobody's"
                continue
            out = account.left_fen(reference)
            said = payout.amount_fen if payout.state is PayoutState.SUCCEEDED else 0
            journal = posted.get(reference, 0)
            if journal != said or (out != said and not _is_shown(watch, reference)):
                yield f"{reference}: {out} fen out, {payout.state}, {journal} posted"


def _moved_lately(watch: Watch, channel: Channel) -> set[str]:
    """References whose last movement stands in no file that is there by now."""
    last = china_day(watch.world.now()) - timedelta(days=2)
    return {line.reference for day, line in watch.world.outside.account(channel).lines if day >= last}


def _postings(watch: Watch) -> dict[str, int]:
    """By payout what the journal says was paid and not taken back, in fen."""
    found: dict[str, int] = {}
    for item in watch.world.dynamodb.everything(OPERATIONS):
        if not item["pk"]["S"].startswith("JOURNAL#") or item["pk"]["S"].endswith("#LATE"):
            continue
        entry = _from_wire(item)
        lines = entry["lines"]
        if entry["kind"] in {"PAYOUT_SUCCEEDED", "PAYOUT_BOUNCED"}:
            paid = sum(line[1] for line in lines if line[0] == "claims_paid")
            found[entry["source_id"]] = found.get(entry["source_id"], 0) + paid
    return found


def _is_shown(watch: Watch, subject: str) -> bool:
    """Whether a break or a queue shows it to people."""
    return any(subject in found.difference.subject for found in _breaks(watch))


def _breaks(watch: Watch) -> list[Any]:
    breaks = watch.world.observer.breaks
    return [found for status in BreakStatus for found in breaks.list_by(status)[0]]


@at_the_end
def every_policy_is_known_everywhere(watch: Watch) -> Iterator[str]:
    """Every policy is in archive, journal, roster, statement and report, as it ended, or a break shows it."""
    observer = watch.world.observer
    last_closed = china_day(watch.world.now()) - timedelta(days=1)
    unkept = observer.archive.unkept(list(watch.policies.values()))
    shown = {found.difference.subject for found in _breaks(watch)}
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
        owed = policy.premium_fen - (policy.ended.refund_fen if policy.ended else 0)
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
    first, last = china_day(watch.world.observer.now()), china_day(watch.world.now())
    if watch.policies:
        first = min(china_day(policy.issued_at) for policy in watch.policies.values())
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@at_the_end
def statement_is_journal(watch: Watch) -> Iterator[str]:
    """A day's statement is the sum of the journal's entries that it carries."""
    observer = watch.world.observer
    last_closed = china_day(watch.world.now()) - timedelta(days=1)
    for company_id in watch.companies:
        for day in _days(watch):
            if day >= last_closed:
                continue
            entries = list(observer.journal.of_statement(company_id, day))
            # what the company owes by cover, not what it paid
            due = sum(entry.receivable_fen for entry in entries if entry.cover is not None)
            statement = observer.statements.latest(company_id, day)
            billed = statement.premium_fen if statement is not None else 0
            if due != billed:
                yield f"{company_id} {day}: {due} fen in the journal, {billed} on the statement"


@at_the_end
def nothing_lost(watch: Watch) -> Iterator[str]:
    """No message and no record waits for ever."""
    for reader in watch.world.readers:
        if reader.waits:
            yield f"{reader.function}: {reader.waits} records"
    for name, waiting in watch.world.queues.waiting().items():
        if waiting:
            yield f"{name}: {waiting} messages"


@at_the_end
def paid_claims_have_their_money(watch: Watch) -> Iterator[str]:
    """What a claim says was paid has left and not come back."""
    for claim_no in watch.claims:
        claim = watch.world.observer.claims.get(claim_no)
        for known in claim.rounds:
            for owed in known.obligations:
                if owed.state is ObligationState.PAID and owed.payout_id is not None:
                    payout = watch.payouts[owed.payout_id]
                    if owed.payout_id in _moved_lately(watch, payout.channel):
                        continue
                    out = watch.world.outside.account(payout.channel).left_fen(owed.payout_id)
                    if out != owed.amount_fen and not _is_shown(watch, owed.payout_id):
                        yield f"{claim_no} obligation {owed.number}: {out} of {owed.amount_fen} fen"
