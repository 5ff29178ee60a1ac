"""No money moves without its entry, and no entry stands for what did not move: one transaction, on the table."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from daycover.books.journal import Entry, Kind
from daycover.books.payouts import entries_of_payout
from daycover.books.reserves import reserve_entries
from daycover.china_time import china_day
from daycover.claims.claim import Actor, Claim, ClaimExistsError
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.obligation import Obligation
from daycover.claims.record import opening, record
from daycover.claims.reserve import ultimate_fen
from daycover.errors import ConcurrentChangeError
from daycover.payouts.payout import Payout, PayoutState, payout_number
from daycover.store.claims import StoredClaims
from daycover.store.journal import StoredJournal
from daycover.store.payouts import StoredPayouts
from tests.functional.claims.aws import cipher, local_aws, operations_table
from tests.support.builders import WORKER
from tests.support.claims import a_payout
from tests.support.ledger import Figures, check_reserved, figures_of
from tests.unit.claims.world import World


class Stores(NamedTuple):
    claims: StoredClaims
    payouts: StoredPayouts
    journal: StoredJournal
    claim: Claim

    def entries(self) -> list[Entry]:
        day = china_day(self.claim.round.agreed_at or self.claim.reported_at)
        return [*self.journal.of_day(self.claim.policy.company_id, day)]

    def kinds(self) -> list[Kind]:
        return [entry.kind for entry in self.entries()]


@pytest.fixture
def stores() -> Stores:
    table, sealed = operations_table(), cipher(local_aws())
    claims = StoredClaims(table, sealed, reserve_entries)
    claim = World().agreed()
    claims.add(claim, opening(claim, Actor.worker(WORKER)))
    return Stores(claims, StoredPayouts(table, claims, entries_of_payout), StoredJournal(table), claim)


def reserved(stores: Stores) -> tuple[Payout, Claim]:
    claim = stores.claim
    agreed_at = claim.round.agreed_at or claim.reported_at
    payout = a_payout(claim, amount_fen=claim.amount_fen or 0, created_at=agreed_at)
    owed = Obligation(number=1, amount_fen=payout.amount_fen).reserved(payout.payout_id)
    change = record(
        claim,
        ClaimEvent.PAYOUT_RESERVED,
        at=payout.created_at,
        payouts=1,
        obligations=claim.round.with_obligations([owed]),
    )
    stores.payouts.reserve(payout, change)
    return payout, change.after


def test_notice_and_its_reserve_stand_together_when_reported_twice(stores: Stores) -> None:
    with pytest.raises(ClaimExistsError):
        stores.claims.add(stores.claim, opening(stores.claim, Actor.worker(WORKER)))
    assert stores.kinds() == [Kind.RESERVE_CHANGED]
    check_reserved(stores.entries(), stores.claim, [])


def test_payout_and_its_entry_stand_together_when_two_writers_meet(stores: Stores) -> None:
    payout, claim = reserved(stores)
    check_reserved(stores.entries(), claim, [payout])
    done = payout.created_at + timedelta(minutes=1)
    paid = payout.moved(PayoutState.SUCCEEDED, finished_at=done, transfer_bill_no="W1")
    stores.payouts.save(paid, payout)
    for other in (PayoutState.SUCCEEDED, PayoutState.FAILED):
        with pytest.raises(ConcurrentChangeError):
            stores.payouts.save(payout.moved(other, finished_at=done), payout)
    assert stores.kinds() == [Kind.RESERVE_CHANGED, Kind.PAYOUT_RESERVED, Kind.PAYOUT_SUCCEEDED]
    found = figures_of(stores.entries(), claim.claim_no)
    assert found == Figures(paid.amount_fen, 0, 0, paid.amount_fen)


def test_nothing_is_posted_when_the_claim_moved_meanwhile(stores: Stores) -> None:
    payout, claim = reserved(stores)
    before = stores.entries()
    stale = record(stores.claim, ClaimEvent.PAYOUT_RESERVED, at=payout.created_at, payouts=2)
    second = payout.model_copy(update={"payout_id": payout_number(claim.claim_no, 2)})
    with pytest.raises(ConcurrentChangeError):
        stores.payouts.reserve(second, stale)
    assert stores.payouts.find(second.payout_id) is None
    assert stores.entries() == before


def test_payout_that_fails_unsent_gives_back_and_takes_again_when_it_is_taken_up(stores: Stores) -> None:
    payout, claim = reserved(stores)
    steps, at = [payout], payout.created_at
    for state in (PayoutState.FAILED, PayoutState.CREATED, PayoutState.FAILED, PayoutState.CREATED):
        at += timedelta(minutes=1)
        steps.append(steps[-1].moved(state, finished_at=at, taken_up_at=at))
        stores.payouts.save(steps[-1], steps[-2])
        check_reserved(stores.entries(), claim, [steps[-1]])
    assert stores.kinds().count(Kind.PAYOUT_RESERVED) == 3
    assert ultimate_fen(claim) == payout.amount_fen
