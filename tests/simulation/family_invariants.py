"""What must hold of deaths: who is kin, who agrees, who is paid, and how much of it."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from daycover.claims.claim import ActorKind, Claim
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.obligation import INSURED, Obligation
from daycover.claims.representative import Representative, RepresentativeKind
from daycover.claims.round import Round
from daycover.payouts.beneficiary import Beneficiaries
from daycover.payouts.payout import Payout, PayoutState
from daycover.payouts.transfer import BankAccount
from tests.simulation.money_invariants import LAMBDA_LIVES
from tests.simulation.watch import Watch, after_step


def _deaths(watch: Watch) -> Iterator[Claim]:
    """Those that the last step touched."""
    for claim_no in sorted(watch.touched_claims):
        if watch.claims[claim_no].goes_to_beneficiaries:
            yield watch.claims[claim_no]


def _shares(stated: Beneficiaries) -> dict[str, Fraction]:
    """Who takes which part of the whole: who loses the right leaves theirs to the others in proportion."""
    left = {f"B{place}": one for place, one in enumerate(stated.people, start=1) if one.loses is None}
    whole = sum((one.share for one in left.values()), Fraction())
    return {payee: one.share / whole for payee, one in left.items()}


def _is_confirmed(stated: Beneficiaries) -> bool:
    """Whether two people stand behind it, and a proof that somebody accepted."""
    two = stated.confirmed_by is not None and stated.confirmed_by != stated.stated_by
    return two and stated.relation_proof is not None


def _owed_to_heirs(known: Round) -> list[Obligation]:
    return [owed for owed in known.obligations if owed.payee != INSURED and owed.stands]


@after_step
def shares_are_kept(watch: Watch) -> Iterator[str]:
    """Each heir is owed the share that two people confirmed, to the fen: never more, and no less once all is paid."""
    for claim in _deaths(watch):
        confirmed = [stated for stated in watch.heirs.get(claim.claim_no, []) if stated.confirmed_by]
        for known in claim.rounds:
            owed = _owed_to_heirs(known)
            if not owed or not known.stands:  # what was paid on a decision that fell is part of the next
                continue
            if not confirmed:
                yield f"{claim.claim_no} round {known.number} owes heirs whom nobody confirmed"
                continue
            shares = _shares(confirmed[-1])
            whole = max(known.committed_fen, sum(one.amount_fen for one in owed))
            for payee in {one.payee for one in owed} | set(shares):
                fen = sum(one.amount_fen for one in owed if one.payee == payee)
                due = whole * shares.get(payee, Fraction())
                too_little = known.paid_at is not None and due - fen > len(owed)
                if fen - due > len(owed) or too_little:
                    yield f"{claim.claim_no} round {known.number}: {payee} is owed {fen} of {whole} fen"


@after_step
def only_confirmed_heirs_are_paid(watch: Watch) -> Iterator[str]:
    """A share goes to no other account than that of an heir whom one person stated and another confirmed."""
    for _, payout in watch.moved_payouts:
        order = watch.world.outside.bank._orders.get(payout.payout_id)
        if payout.payee == INSURED or order is None or payout.sent_at is None:
            continue
        if order.account not in _accounts(watch, payout, payout.sent_at):
            yield f"{payout.payout_id} went to an account that nobody confirmed"


def _accounts(watch: Watch, payout: Payout, sent_at: datetime) -> list[BankAccount]:
    """Where the share might have gone when it was sent: by the last statement that was confirmed, and by those that
    stood until a moment before."""
    found = []
    until = sent_at + watch.world.clocks_differ
    since = sent_at - LAMBDA_LIVES - watch.world.clocks_differ
    confirmed = [stated for stated in watch.heirs.get(payout.claim_no, []) if _is_confirmed(stated)]
    for place, stated in enumerate(confirmed):
        following = confirmed[place + 1 :]
        ended = following[0].confirmed_at if following else None
        is_later = stated.confirmed_at is not None and stated.confirmed_at > until
        if is_later or (ended is not None and ended < since):
            continue
        number = int(payout.payee.removeprefix("B")) - 1
        if number < len(stated.people) and stated.people[number].loses is None:
            found.append(stated.people[number].account)
    return found


@after_step
def the_dead_are_not_paid(watch: Watch) -> Iterator[str]:
    """Once a claim is of a death, nothing for it is sent to the dead person's wallet or account."""
    for before, payout in watch.moved_payouts:
        sent_now = payout.sent_at is not None and (before is None or before.sent_at != payout.sent_at)
        since = watch.dead_since.get(payout.claim_no)
        if not sent_now or payout.payee != INSURED or since is None or payout.sent_at is None:
            continue
        if payout.sent_at - since > LAMBDA_LIVES + watch.world.clocks_differ:
            yield f"{payout.payout_id}: {payout.amount_fen} fen"


@after_step
def heirs_agree(watch: Watch) -> Iterator[str]:
    """What a death claim pays stands only when every confirmed heir accepted it, or one for all who may, or staff
    had their word who neither decided nor acknowledged it."""
    for change in watch.written:
        if change.new is None or not change.key.pk.startswith("CLAIM#"):
            continue
        if change.new.get("event", {}).get("S") != ClaimEvent.ACCEPTED:
            continue
        claim = watch.claims.get(change.key.pk.removeprefix("CLAIM#"))
        if claim is None or not claim.goes_to_beneficiaries:
            continue
        by = change.new["by"]["M"]
        kind, who = by["kind"]["S"], by["id"]["S"]
        round_ = claim.round
        if kind == ActorKind.STAFF:
            if who in {round_.decided_by, round_.acknowledged_by}:
                yield f"{claim.claim_no}: {who} decided and agreed"
            continue
        heir = claim.represented_by(who)
        if kind != ActorKind.REPRESENTATIVE or heir is None or heir.kind is not RepresentativeKind.HEIR:
            yield f"{claim.claim_no}: {kind} {who} agreed"
        elif not _all_agreed(watch, claim):
            yield f"{claim.claim_no}: not every heir agreed"


def _all_agreed(watch: Watch, claim: Claim) -> bool:
    """Whether each payee of one confirmed version has a word in the round."""
    agreed = claim.round.agreed_heirs
    return any(
        {payee for version, payee in agreed if version == stated.version} >= set(_shares(stated))
        for stated in watch.heirs.get(claim.claim_no, [])
        if _is_confirmed(stated)
    )


@after_step
def kinship_is_proved(watch: Watch) -> Iterator[str]:
    """Nobody acts for the dead but whom staff accepted on a paper of that kind, which had come and was not theirs."""
    for claim in _deaths(watch):
        accepted = [one for one in claim.representatives if one.is_accepted]
        if not accepted:
            continue
        papers = {one.document_id: one for one in watch.world.observer.documents.list_of(claim.claim_no)}
        for one in accepted:
            paper = papers.get(one.document_id or "")
            if paper is None or not _proves(one, paper.announced.doc_type):
                yield f"{claim.claim_no} R{one.number} without a proof"
            elif paper.status is DocumentStatus.REQUIRED or paper.announced_by.endswith(f":{one.judged_by}"):
                yield f"{claim.claim_no} R{one.number} by {one.judged_by}"


def _proves(one: Representative, paper: DocumentType) -> bool:
    is_agent = one.kind is RepresentativeKind.AGENT
    return paper is (DocumentType.POWER_OF_ATTORNEY if is_agent else DocumentType.RELATION_PROOF)


@after_step
def a_bounced_share_is_owed_again(watch: Watch) -> Iterator[str]:
    """Money of an heir that came back is no longer paid: it is owed again, or the next decision owes it."""
    for before, payout in watch.moved_payouts:
        if payout.state is not PayoutState.BOUNCED or before is None or payout.payee == INSURED:
            continue
        claim = watch.claims.get(payout.claim_no)
        if claim is None:
            continue
        owed = claim.round_of(payout.obligation).obligation(payout.obligation)
        if owed.payout_id == payout.payout_id and owed.paid_at is not None:
            yield f"{payout.payout_id} is paid, and came back"
