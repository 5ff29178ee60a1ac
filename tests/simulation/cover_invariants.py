"""What must hold of cover, consent and identity."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from json import dumps
from typing import Any

from daycover.cover.check_in import CheckInNotFoundError
from daycover.cover.policy import Policy, PolicyStatus, Proof
from daycover.cover.referral import ReferralNotFoundError
from daycover.projects.project import ProjectStatus
from tests.functional.claims.aws import OPERATIONS, POLICIES
from tests.model.transitions import allowed
from tests.simulation.watch import Watch, Withdrawn, after_step


def in_force(policy: Policy, clocks_differ: timedelta = timedelta()) -> tuple[datetime, datetime] | None:
    """When somebody was insured by a policy, as it stands now; by the clock of whoever ended it early."""
    match policy.status:
        case PolicyStatus.ISSUED:
            return policy.period.start, policy.period.end
        case PolicyStatus.TERMINATED:
            assert policy.ended is not None
            ends = min(policy.period.end, policy.ended.at - clocks_differ)
            return (policy.period.start, ends) if policy.period.start < ends else None
    return None


# ---- cover -------------------------------------------------------------------------------------------


@after_step
def no_overlap(watch: Watch) -> Iterator[str]:
    """Nobody is insured twice at one instant on one project."""
    for _, policy in watch.touched_policies:
        differ = watch.world.clocks_differ
        mine = in_force(policy, differ)
        for other in watch.policies.values():
            same = (other.person_id, other.project_id) == (policy.person_id, policy.project_id)
            if same and other.policy_no != policy.policy_no and mine is not None:
                its = in_force(other, differ)
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
    for policy in watch.issued:
        if policy.period.start != policy.issued_at:
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
    for policy in watch.issued:
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
            if before.status is not policy.status and not allowed("policy", before.status, policy.status):
                yield f"{policy.policy_no} left {before.status} for {policy.status}"


@after_step
def cover_rests_on_consent(watch: Watch) -> Iterator[str]:
    """Cover is issued on consents that stand: none on an application from before a withdrawal was answered."""
    for policy in watch.issued:
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
    observer = watch.world.observer
    try:
        if policy.proof is Proof.REFERRED:
            return observer.referrals.get(policy.check_in_id).at
        return observer.check_ins.get(policy.worker_id, policy.check_in_id).at
    except (CheckInNotFoundError, ReferralNotFoundError):
        return None


def _consents_of(watch: Watch, policy: Policy) -> list[Any]:
    return watch.world.dynamodb.peek(OPERATIONS, f"WORKER#{policy.worker_id}", f"CONSENT#{policy.project_id}")


@after_step
def cover_rests_on_an_open_project(watch: Watch) -> Iterator[str]:
    """Cover is issued on an application that was made while its project was open."""
    for policy in watch.issued:
        applied = _applied_at(watch, policy)
        differ = watch.world.clocks_differ
        if applied is None or not _was_open(watch, policy, applied - REQUEST - differ, applied + differ):
            yield f"{policy.policy_no} on {policy.project_id}"


REQUEST = timedelta(seconds=12)
"""Longer than a request that read its project, perhaps as it was two seconds ago, may go on with it."""


def _was_open(watch: Watch, policy: Policy, since: datetime, until: datetime) -> bool:
    """Whether its project stood open at any moment of a span."""
    moves = watch.project_moves[policy.project_id]
    ends = [at for at, _ in moves[1:]] + [datetime.max.replace(tzinfo=until.tzinfo)]
    return any(
        status == ProjectStatus.OPEN and at <= until and since < end
        for (at, status), end in zip(moves, ends, strict=True)
    )


@after_step
def insured_for_so_much(watch: Watch) -> Iterator[str]:
    """Nobody is insured for more than 800,000 yuan at one instant, on however many projects."""
    for policy in watch.issued:
        beside = [
            other
            for other in watch.policies.values()
            if other.person_id == policy.person_id and other.status is PolicyStatus.ISSUED
        ]
        for instant in {other.period.start for other in beside if policy.period.covers(other.period.start)}:
            sums = [other.sum_insured_fen for other in beside if other.period.covers(instant)]
            if sum(sums) > MOST_INSURED_FEN:
                yield f"{policy.policy_no}: {sum(sums)} fen at {instant.isoformat()}"


MOST_INSURED_FEN = 80_000_000
"""F20 of the product's rules."""


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
    for policy in watch.issued:
        answered = watch.erasures.get(policy.worker_id)
        if answered is not None:
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
    """No item, line of the log, message or execution holds a name, an identity or account number in clear."""
    words = _any_of(tuple(watch.cast.personal))
    for change in watch.written:
        if change.new is not None and _says(change.new, words):
            yield f"{change.key.pk} {change.key.sk}"
    for said in watch.world.said:
        if _says(said, words):
            yield repr(said)


def _says(what: object, words: re.Pattern[str]) -> bool:
    return words.search(what if isinstance(what, str) else repr(what)) is not None


@lru_cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Each of the words, also as JSON escapes it."""
    written = {form for word in words for form in (word, dumps(word)[1:-1])}
    return re.compile("|".join(re.escape(form) for form in sorted(written)))
