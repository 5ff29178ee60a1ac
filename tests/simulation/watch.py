"""What is seen of a history, and which of it the last step touched; who judges it registers here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from daycover.claims.claim import Claim
from daycover.cover.archive import supersedes
from daycover.cover.policy import Policy
from daycover.payouts.beneficiary import Beneficiaries
from daycover.payouts.payout import Payout
from daycover.payouts.transfer import Channel
from daycover.reporting.breaks import BreakStatus
from daycover.store.dynamodb import _from_wire
from tests.functional.claims.aws import POLICIES
from tests.simulation.aws.dynamodb import Change
from tests.simulation.cast import Cast, Somebody
from tests.simulation.seen import Seen

if TYPE_CHECKING:
    from tests.simulation.world import Told, World


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
    touched_policies: list[tuple[Policy | None, Policy]] = field(default_factory=list)
    """Before and after, of the last step."""
    touched_claims: set[str] = field(default_factory=set)
    claims: dict[str, Claim] = field(default_factory=dict)
    payouts: dict[str, Payout] = field(default_factory=dict)
    moved_payouts: list[tuple[Payout | None, Payout]] = field(default_factory=list)
    written: list[Change] = field(default_factory=list)
    project_moves: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    """By project when it came to stand how."""
    withdrawals: list[Withdrawn] = field(default_factory=list)
    answered: list[Withdrawn] = field(default_factory=list)
    """Those of the last step."""
    erasures: dict[str, datetime] = field(default_factory=dict)
    """By worker when the erasure was asked for that was answered."""
    refusals_missing: list[str] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    dead_since: dict[str, datetime] = field(default_factory=dict)
    """By claim when it was first seen to be of a death."""
    heirs: dict[str, list[Beneficiaries]] = field(default_factory=dict)
    """By claim every version of its beneficiaries, in the order in which they were written."""
    _judged_lines: int = 0

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
            elif change.key.pk.startswith("CLAIM#") and change.key.sk == "BENEFICIARIES":
                claim_no = change.key.pk.removeprefix("CLAIM#")
                found = self.world.observer.beneficiaries.find(claim_no)
                self.heirs.setdefault(claim_no, []).append(found)
            elif change.key.pk.startswith("PAYOUT#") and change.key.sk == "PAYOUT":
                payout = Payout.model_validate(_from_wire(change.new))
                self.moved_payouts.append((self.payouts.get(payout.payout_id), payout))
                self.payouts[payout.payout_id] = payout
            elif change.key.pk.startswith("PROJECT#") and change.key.sk == "PROJECT":
                moves = self.project_moves.setdefault(change.key.pk.removeprefix("PROJECT#"), [])
                moves.append((change.at, change.new["status"]["S"]))

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

    @property
    def issued(self) -> list[Policy]:
        """Those that the last step issued."""
        return [policy for before, policy in self.touched_policies if before is None]

    def policies_of(self, somebody: Somebody) -> list[Policy]:
        person_id = self.world.observer.index.person_id(somebody.id_number)
        return sorted(
            (policy for policy in self.policies.values() if policy.person_id == person_id),
            key=lambda policy: policy.issued_at,
        )

    # ---- judging ---------------------------------------------------------------------------------

    def after_step(self, _what: str) -> None:
        if not (
            self.written
            or self.world.said
            or self.answered
            or self.seen.answered
            or self.world.failures
            or self.refusals_missing
            or self._judged_lines < self._lines
        ):
            return
        for claim_no in self.touched_claims:
            self.claims[claim_no] = claim = self.world.observer.claims.get(claim_no)
            if claim.goes_to_beneficiaries:
                self.dead_since.setdefault(claim_no, self.world.now())
        self._judge(STEP)
        self.touched_policies.clear()
        self.touched_claims.clear()
        self.moved_payouts.clear()
        self.written.clear()
        self.world.said.clear()
        self.answered.clear()
        self.seen.answered.clear()
        self._judged_lines = self._lines

    @property
    def _lines(self) -> int:
        return sum(len(self.world.outside.account(channel).lines) for channel in Channel)

    def at_the_end(self) -> None:
        if not self.violations:
            self._look_into_the_archive()
            self._judge(END)

    def _look_into_the_archive(self) -> None:
        """What the archive says of a policy is true, though the table never said so."""
        for number, archived in self.world.observer.archive.find_many(sorted(self.policies)).items():
            if supersedes(archived.policy, self.policies[number]):
                self.policies[number] = archived.policy

    def _judge(self, checks: dict[str, Check]) -> None:
        for name, check in checks.items():
            for about in check(self):
                sentence = (check.__doc__ or "").strip()
                self.violations.append(Violation(name, sentence, about, self.world.now()))

    @property
    def companies(self) -> list[str]:
        return self.cast.company_ids


def is_shown(watch: Watch, subject: str) -> bool:
    """Whether a break or a queue shows it to people."""
    return any(subject in found.difference.subject for found in breaks(watch))


def breaks(watch: Watch) -> list[Any]:
    """Every break that was found, resolved or not."""
    stored = watch.world.observer.breaks
    found: list[Any] = []
    for status in BreakStatus:
        token, is_more = None, True
        while is_more:
            page, token = stored.list_by(status, token)
            found += page
            is_more = token is not None
    return found
