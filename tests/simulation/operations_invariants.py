"""What must hold of who acts for whom, of referrals and of certificates."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from daycover.china_time import china_day
from daycover.cover.policy import Proof
from daycover.store.dynamodb import _from_wire
from tests.functional.claims.aws import OPERATIONS
from tests.simulation.watch import Watch, after_step


def _items(watch: Watch, pk: str, sk: str) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any] | None]]:
    """Before and after, of each write of the last step to an item whose keys begin so."""
    for change in watch.written:
        if change.table == OPERATIONS and change.key.pk.startswith(pk) and change.key.sk.startswith(sk):
            old, new = ((_from_wire(one) if one is not None else None) for one in (change.old, change.new))
            yield old, new


# ---- who acts for a company --------------------------------------------------------------------------


@after_step
def nobody_acts_once_revoked(watch: Watch) -> Iterator[str]:
    """Whoever's authorisation or duty was taken away does nothing in the company's name from their next request on."""
    seen = watch.seen
    for change in watch.written:
        if change.key.pk.endswith("#DEEDS") and change.new is not None:
            number = change.new["request_id"]["S"]
            gone = seen.refused_requests.get(number, ())
            if gone and seen.is_still_gone(gone):
                yield f"{number}: {change.new['subject']['S']} {change.new['operation']['S']}"


@after_step
def a_company_keeps_an_owner(watch: Watch) -> Iterator[str]:
    """A company that ever had an owner among its operators has one."""
    touched = {
        new["company_id"] for _, new in _items(watch, "COMPANY#", "OPERATOR#") if new and "roles" in new
    }
    for company_id in touched:
        operators = [
            _from_wire(item)
            for item in watch.world.dynamodb.peek(OPERATIONS, f"COMPANY#{company_id}", "OPERATOR#")
        ]
        if operators and not any("OWNER" in one["roles"] and "removed_at" not in one for one in operators):
            yield company_id


@after_step
def an_invitation_lets_one_in(watch: Watch) -> Iterator[str]:
    """An invitation lets one person in, and nobody once it was withdrawn."""
    for old, new in _items(watch, "COMPANY#", "INVITATION#"):
        if old is not None and (
            new is None
            or old.get("accepted_by", new.get("accepted_by")) != new.get("accepted_by")
            or ("withdrawn_at" in old and "accepted_by" in new)
        ):
            yield old["invitation_id"]


@after_step
def a_proposal_needs_two(watch: Watch) -> Iterator[str]:
    """A proposal is settled once, and approved by somebody else than who made it."""
    for old, new in _items(watch, "PROPOSALS", "PROPOSAL#"):
        if new is None or (old is not None and old["status"] != "PROPOSED"):
            yield (old or {})["proposal_id"]
        elif new["status"] == "APPROVED" and new["settled_by"] == new["proposed_by"]:
            yield new["proposal_id"]


@after_step
def contracts_follow_each_other(watch: Watch) -> Iterator[str]:
    """A contract that was approved stays as it is, and another begins on a later day that has not begun."""
    for old, new in _items(watch, "COMPANY#", "PROFILE"):
        if old is None or new is None or old["contracts"] == new["contracts"]:
            continue
        *kept, added = new["contracts"]
        begins = date.fromisoformat(added["valid_from"])
        if (
            kept != old["contracts"]
            or begins <= date.fromisoformat(kept[-1]["valid_from"])
            or begins <= china_day(watch.world.now())
        ):
            yield f"{new['company_id']} from {begins}"


# ---- referrals ---------------------------------------------------------------------------------------


@after_step
def a_referral_is_decided_once(watch: Watch) -> Iterator[str]:
    """Who saw the person and what was decided about a referral is written once and stays."""
    for old, new in _items(watch, "REFERRAL#", "REFERRAL"):
        if old is not None and new is not None:
            for step in ("confirmed", "decided", "policy_no"):
                if step in old and old[step] != new.get(step):
                    yield f"{old['referral_id']}: {step}"


@after_step
def referred_cover_was_approved(watch: Watch) -> Iterator[str]:
    """Cover on a referral is issued where somebody saw the person and the staff approved, in its half hour."""
    for policy in watch.issued:
        if policy.proof is Proof.REFERRED:
            items = watch.world.dynamodb.peek(OPERATIONS, f"REFERRAL#{policy.check_in_id}", "REFERRAL")
            referral = _from_wire(items[0]) if items else {}
            decided = referral.get("decided") or {}
            if not (decided.get("approved") and decided["role"] == "staff" and "confirmed" in referral):
                yield f"{policy.policy_no} of {policy.check_in_id}"


@after_step
def cover_keeps_what_it_rests_on(watch: Watch) -> Iterator[str]:
    """The check-in or the referral that brought cover is kept as long as the cover must be."""
    for change in watch.written:
        if change.table != OPERATIONS or change.new is not None or change.by_ttl:
            continue
        kind, _, number = change.key.sk.partition("#")
        if kind == "REFERRAL" and not number:
            number = change.key.pk.partition("#")[2]
        elif kind != "CHECKIN":
            continue
        for policy in watch.policies.values():
            is_of = kind == "REFERRAL" or change.key.pk == f"WORKER#{policy.worker_id}"
            if is_of and policy.check_in_id == number:
                yield f"{number} of {policy.policy_no}"


# ---- certificates ------------------------------------------------------------------------------------


@after_step
def a_certificate_tells_what_stands(watch: Watch) -> Iterator[str]:
    """Whoever verifies a certificate is told that cover is in force if it is, and never if it is not."""
    for answer in watch.seen.answered:
        if (answer.told_in_force and not answer.may_be_in_force) or (
            answer.must_be_in_force and not answer.told_in_force
        ):
            yield answer.policy_no
