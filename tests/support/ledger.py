"""What the journal's entries come to, account by account: the oracle of the tests that follow money."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from daycover.books.journal import Account, Entry
from daycover.books.payouts import entries_of_payout
from daycover.claims.claim import Claim
from daycover.claims.due import OVER
from daycover.claims.obligation import ObligationState
from daycover.claims.reserve import ultimate_fen
from daycover.payouts.payout import Payout, PayoutState
from daycover.payouts.transfer import Channel
from tests.support.builders import NOW

SETTLED = {ObligationState.PAID, ObligationState.LAPSED}


def balances(entries: Iterable[Entry]) -> Counter[Account]:
    """Fold entries into the balance of each account, in one pass. They sum to zero at every point."""
    totals: Counter[Account] = Counter()
    for entry in entries:
        for account, fen in entry.lines:
            totals[account] += fen
    return totals


class Figures(NamedTuple):
    """A claim's money in fen, by the journal alone. `in_flight` is the part of `reserved` that payouts hold."""

    paid: int
    reserved: int
    in_flight: int
    incurred: int


def figures_of(entries: Iterable[Entry], claim_no: str) -> Figures:
    """Fold the entries of a claim and of its payouts, whose numbers begin with the claim's."""
    left = balances(entry for entry in entries if entry.source_id.startswith(claim_no))
    return Figures(
        paid=left[Account.CLAIMS_PAID],
        reserved=-(left[Account.CASE_RESERVE] + left[Account.PAYOUT_IN_FLIGHT]),
        in_flight=-left[Account.PAYOUT_IN_FLIGHT],
        incurred=left[Account.CLAIMS_PAID] + left[Account.RESERVE_CHANGE],
    )


def check_reserved(entries: Iterable[Entry], claim: Claim, payouts: Iterable[Payout]) -> None:
    """What the books say of a claim is what the claim and its payouts say, between any two writes."""
    found, ultimate = figures_of(entries, claim.claim_no), ultimate_fen(claim)
    payouts = list(payouts)
    arrived = sum(p.amount_fen for p in payouts if p.state is PayoutState.SUCCEEDED)
    under_way = sum(p.amount_fen for p in payouts if not p.is_final)
    owed = sum(o.amount_fen for known in claim.rounds for o in known.obligations if o.stands)
    assert found == Figures(arrived, ultimate - arrived, under_way, ultimate)
    assert found.reserved >= found.in_flight >= 0, (claim.status, found)
    assert ultimate >= owed
    if claim.status in OVER:
        assert found.incurred == owed
        if all(o.state in SETTLED for known in claim.rounds for o in known.obligations):
            assert found.reserved == 0


def payout_entries(
    payout_id: str,
    amount_fen: int,
    end: PayoutState = PayoutState.SUCCEEDED,
    *,
    at: datetime = NOW,
    channel: Channel = Channel.WALLET,
    **changes: Any,
) -> list[Entry]:
    """Everything that a payout posts on its way from its reservation to `end`."""
    payout = Payout(
        payout_id=payout_id,
        claim_no=payout_id.rpartition("P")[0],
        obligation=1,
        round=0,
        company_id="C1",
        project_id="P",
        worker_id="W1",
        amount_fen=amount_fen,
        channel=channel,
        created_at=at,
    ).model_copy(update=changes)
    way = [payout]
    for state in _WAYS[end]:
        way.append(way[-1].moved(state, finished_at=at))
    return [entry for step in way for entry in entries_of_payout(step)]


_S = PayoutState
_WAYS: dict[PayoutState, tuple[PayoutState, ...]] = {
    _S.CREATED: (),
    _S.SUBMITTED: (_S.UNKNOWN, _S.SUBMITTED),
    _S.UNKNOWN: (_S.UNKNOWN,),
    _S.SUCCEEDED: (_S.UNKNOWN, _S.SUBMITTED, _S.SUCCEEDED),
    _S.FAILED: (_S.UNKNOWN, _S.FAILED),
    _S.BOUNCED: (_S.SUBMITTED, _S.SUCCEEDED, _S.BOUNCED),
}
