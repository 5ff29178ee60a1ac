"""One contract for the stores of claims and payouts, run on the fakes of the unit tests, on moto's DynamoDB and on
the one in which histories are simulated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import boto3
import pytest

from daycover.books.payouts import entries_of_payout
from daycover.books.reserves import reserve_entries
from daycover.claims.advance import Advance, AdvanceGround, AdvanceState
from daycover.claims.claim import (
    Actor,
    Assignment,
    Claim,
    ClaimChange,
    ClaimExistsError,
    ClaimNotFoundError,
    Claims,
    Queue,
    QueueEntry,
    claim_number,
)
from daycover.claims.delivery import with_delivery
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import (
    Announcement,
    ClaimDocument,
    DocumentNotFoundError,
    Documents,
    document_id,
)
from daycover.claims.exposure import (
    NOTHING_HELD,
    ExposureChange,
    Exposures,
    Held,
    Holding,
    PolicyExposure,
)
from daycover.claims.frequency import ClaimMarks, Dimension, Phones, clinics_of
from daycover.claims.inform import Deliveries, Delivery
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.looks import Look, LookedAt, Looks
from daycover.claims.loss_notice import LossNotices
from daycover.claims.notice import Delivered, DeliveryChannel
from daycover.claims.notice_text import fact_of, papers_request
from daycover.claims.obligation import Obligation
from daycover.claims.record import opening, record
from daycover.claims.round import Round
from daycover.claims.sheet import LossSheet, LossSheets, SheetBill, SheetLine, Source, SourceKind
from daycover.claims.spending import AutomaticSpending, Spending, spending_of
from daycover.claims.steps import Tokens
from daycover.errors import ConcurrentChangeError
from daycover.file_kind import FileKind
from daycover.payouts.payout import (
    Payout,
    PayoutNotFoundError,
    Payouts,
    PayoutState,
    payout_number,
)
from daycover.store import keys
from daycover.store.claim_marks import StoredClaimMarks, StoredPhones
from daycover.store.claims import StoredClaims, StoredNotices, StoredTokens
from daycover.store.documents import StoredDocuments
from daycover.store.dynamodb import ConditionFailedError
from daycover.store.exposures import StoredExposures
from daycover.store.looks import StoredLooks
from daycover.store.notices import StoredDeliveries
from daycover.store.payouts import StoredPayouts
from daycover.store.sheets import StoredSheets
from daycover.store.spending import StoredSpending, spending_writes
from daycover.store.workers import StoredCheckIns
from tests.functional.claims.aws import OPERATIONS, cipher, local_aws, operations_table, simulated_table
from tests.functional.cover.stores import PlainDayCipher
from tests.support.builders import NOW, PERSON, WORKER, a_check_in, a_device, a_plan, a_policy
from tests.support.claims import (
    ACCIDENT_AT,
    LIMITS,
    REPORTED_AT,
    TOE,
    a_notice,
    a_payout,
    an_accident,
    an_announcement,
    an_invoice,
)
from tests.support.fakes.claims import (
    FakeClaimMarks,
    FakeClaims,
    FakeDeliveries,
    FakeDocuments,
    FakeLooks,
    FakeNotices,
    FakePhones,
    FakeSpending,
    FakeTokens,
)
from tests.support.fakes.payouts import FakePayouts
from tests.support.queues import queued
from tests.unit.claims.world import World

HOUR = timedelta(hours=1)


class Stores(NamedTuple):
    claims: Claims
    notices: LossNotices
    documents: Documents
    tokens: Tokens
    payouts: Payouts
    exposures: Exposures
    sheets: LossSheets


@pytest.fixture(params=["fake", "dynamodb", "simulated"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "fake":
        claims = FakeClaims()
        return Stores(
            claims,
            FakeNotices(),
            FakeDocuments(),
            FakeTokens(),
            FakePayouts(claims),
            claims.exposures,
            claims.sheets,
        )
    config = local_aws()
    table = operations_table() if request.param == "dynamodb" else simulated_table()
    sealed = cipher(config)
    stored = StoredClaims(table, sealed, reserve_entries)
    return Stores(
        stored,
        StoredNotices(table, sealed),
        StoredDocuments(table, sealed),
        StoredTokens(table, keys.claim_token, lambda: REPORTED_AT),
        StoredPayouts(table, stored, entries_of_payout),
        StoredExposures(table),
        StoredSheets(table, sealed),
    )


@pytest.fixture(params=["fake", "dynamodb"])
def deliveries(request: pytest.FixtureRequest) -> Deliveries:
    if request.param == "fake":
        return FakeDeliveries()
    local_aws()
    return StoredDeliveries(operations_table())


@pytest.fixture(params=["fake", "dynamodb"])
def marks(request: pytest.FixtureRequest) -> ClaimMarks:
    if request.param == "fake":
        return FakeClaimMarks()
    local_aws()
    return StoredClaimMarks(operations_table())


@pytest.fixture(params=["fake", "dynamodb"])
def looks(request: pytest.FixtureRequest) -> Looks:
    if request.param == "fake":
        return FakeLooks()
    local_aws()
    return StoredLooks(operations_table())


def test_looks_stay_as_they_were_and_are_listed_newest_first(looks: Looks) -> None:
    first = Look(
        number="CL1",
        request_id="r-1",
        what=LookedAt.FILE,
        by="adjuster-1",
        duties=("adjuster",),
        at=REPORTED_AT,
    )
    second = first.model_copy(
        update={"request_id": "r-0", "what": LookedAt.DOCUMENT, "document_id": "D1", "at": REPORTED_AT + HOUR}
    )
    for look in (first, second, first.model_copy(update={"by": "somebody-else"})):
        looks.add(look)
    looks.add(first.model_copy(update={"number": "CL2"}))
    assert looks.list_of("CL1") == [second, first]
    assert looks.list_of("CL3") == []


@pytest.fixture(params=["fake", "dynamodb"])
def phones(request: pytest.FixtureRequest) -> Phones:
    """With the check-in of one policy."""
    check_in = a_check_in()
    if request.param == "fake":
        fake = FakePhones()
        fake.put(check_in.worker_id, check_in.check_in_id, check_in.device.id)
        return fake
    sealed = cipher(local_aws())
    table = operations_table()
    StoredCheckIns(table, sealed, PlainDayCipher()).add(check_in)
    return StoredPhones(table)


class ApprovedSums(NamedTuple):
    """The port, and the write that an approval holds."""

    port: AutomaticSpending
    add: Callable[[Spending], None]


@pytest.fixture(params=["fake", "dynamodb"])
def sums(request: pytest.FixtureRequest) -> ApprovedSums:
    if request.param == "fake":
        fake = FakeSpending()
        return ApprovedSums(fake, fake.add)
    local_aws()
    table = operations_table()

    def add(spending: Spending) -> None:
        try:
            table.write(*spending_writes(spending))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    return ApprovedSums(StoredSpending(table), add)


def a_claim(minutes: int = 0, **changes: object) -> Claim:
    at = ACCIDENT_AT + timedelta(minutes=minutes)
    policy = a_policy()
    claim = Claim(
        claim_no=claim_number(policy.policy_no, at),
        policy=policy,
        benefits=a_plan("T2").benefits,
        accident=an_accident(at),
        claim_types=TOE,
        reporter_id=WORKER,
        reported_at=REPORTED_AT,
        rounds=(Round(requested_at=REPORTED_AT),),
    )
    of_round = {name: value for name, value in changes.items() if name in Round.model_fields}
    rounds = (claim.round.model_copy(update=of_round),)
    return claim.model_copy(update={"rounds": rounds} | changes)


def added(stores: Stores, minutes: int = 0, **changes: object) -> Claim:
    claim = a_claim(minutes, **changes)
    stores.claims.add(claim, opening(claim, Actor.worker(WORKER)))
    return claim


def moved(stores: Stores, claim: Claim, event: ClaimEvent, **changes: Any) -> Claim:
    change = record(claim, event, at=REPORTED_AT, **changes)
    stores.claims.save(change)
    return change.after


def holds(stores: Stores, claim: Claim, fen: int) -> dict[str, Any]:
    """What `record` is told where the round holds `fen` of the policy after a step."""
    policy_no = claim.policy.policy_no
    before = stores.exposures.find([policy_no])[policy_no]
    holding = Holding(benefits={ClaimType.MEDICAL: Held(fen=fen)})
    return {
        "holding": holding,
        "exposure": ExposureChange(before, before.moved(claim.round.holding, holding)),
    }


def in_review(stores: Stores, minutes: int = 0) -> Claim:
    claim = moved(stores, added(stores, minutes), ClaimEvent.CHECKLIST_SENT)
    at = REPORTED_AT + timedelta(days=minutes)
    return moved(stores, claim, ClaimEvent.DOCUMENTS_COMPLETED, documents_complete_at=at)


def agreed(stores: Stores) -> Claim:
    claim = moved(
        stores, in_review(stores), ClaimEvent.AUTO_APPROVED, decision=Decision.APPROVED, amount_fen=358_000
    )
    return moved(stores, claim, ClaimEvent.ACCEPTED, agreed_at=REPORTED_AT)


def test_claim_comes_back_whole_when_it_is_read(stores: Stores) -> None:
    world = World()
    claim = world.referred()
    stores.claims.add(claim, opening(claim, Actor.worker(WORKER)))
    assert stores.claims.get(claim.claim_no) == claim


def test_claim_is_not_found_when_nobody_added_it(stores: Stores) -> None:
    with pytest.raises(ClaimNotFoundError):
        stores.claims.get("CL0")
    assert stores.claims.list_of(PERSON) == []


def test_claim_is_refused_when_it_stands_already(stores: Stores) -> None:
    first = added(stores)
    with pytest.raises(ClaimExistsError):
        added(stores, reporter_id="W2")
    assert stores.claims.get(first.claim_no) == first
    assert len(stores.claims.history(first.claim_no)) == 1


def test_history_grows_when_the_claim_moves(stores: Stores) -> None:
    claim = moved(stores, added(stores), ClaimEvent.CHECKLIST_SENT)
    claim = moved(stores, claim, ClaimEvent.REMINDED, reason_code="DOCUMENTS", reason="请补充病历")
    history = stores.claims.history(claim.claim_no)
    assert [entry.version for entry in history] == [1, 2, 3]
    assert [entry.event for entry in history] == [
        ClaimEvent.REGISTERED,
        ClaimEvent.CHECKLIST_SENT,
        ClaimEvent.REMINDED,
    ]
    assert (history[2].reason_code, history[2].reason) == ("DOCUMENTS", "请补充病历")
    assert history[0].by == Actor.worker(WORKER)
    assert stores.claims.get(claim.claim_no) == claim


def test_change_is_refused_when_another_was_faster(stores: Stores) -> None:
    claim = added(stores)
    moved(stores, claim, ClaimEvent.CHECKLIST_SENT)
    with pytest.raises(ConcurrentChangeError):
        moved(stores, claim, ClaimEvent.REMINDED)
    assert len(stores.claims.history(claim.claim_no)) == 2


def test_change_is_refused_when_the_stored_status_does_not_allow_it(stores: Stores) -> None:
    """The condition of the write repeats the table, also for a caller who got round the domain."""
    claim = added(stores)
    paid = claim.model_copy(update={"status": ClaimStatus.PAID, "version": 2})
    paying = a_claim(status=ClaimStatus.PAYING, decision=Decision.APPROVED)
    entry = record(paying, ClaimEvent.PAID, at=REPORTED_AT).entry
    with pytest.raises(ConcurrentChangeError):
        stores.claims.save(ClaimChange(claim, paid, entry))
    assert stores.claims.get(claim.claim_no) == claim


def test_person_s_claims_are_listed_when_there_are_several(stores: Stores) -> None:
    claims = [added(stores, minutes) for minutes in range(3)]
    other = a_claim(9, policy=a_policy(person_id="P2"))
    stores.claims.add(other, opening(other, Actor.worker(WORKER)))
    assert sorted(c.claim_no for c in stores.claims.list_of(PERSON)) == sorted(c.claim_no for c in claims)


def test_queue_is_ordered_by_due_time_when_claims_wait(stores: Stores) -> None:
    later, sooner = in_review(stores, 9), in_review(stores, 1)
    for claim in (later, sooner):
        moved(stores, claim, ClaimEvent.REFERRED, referred_for=("ABOVE_LIMIT",))
    waiting = queued(stores.claims, Queue.DECISION)
    assert [claim.claim_no for claim in waiting] == [sooner.claim_no, later.claim_no]
    assert queued(stores.claims, Queue.ACKNOWLEDGEMENT) == []


def test_entry_of_a_queue_tells_what_it_is_filtered_by_as_the_claim_stands(stores: Stores) -> None:
    claim = moved(stores, in_review(stores), ClaimEvent.REFERRED, referred_for=("ABOVE_LIMIT",))
    assert claim.place is not None
    told = QueueEntry(claim.claim_no, claim.place.due, claim.status, claim.claim_types)
    assert stores.claims.entries(Queue.DECISION, 9) == [told]
    mine = Assignment(staff_id="S1", queue=Queue.DECISION)
    taken = moved(stores, claim, ClaimEvent.ASSIGNED, by=Actor.staff("S1"), assignment=mine)
    assert taken.place == claim.place, "written over where it stands"
    assert stores.claims.entries(Queue.DECISION, 9) == [told._replace(assignee="S1")]
    moved(stores, taken, ClaimEvent.GIVEN_BACK, by=Actor.staff("S1"), assignment=None)
    assert stores.claims.entries(Queue.DECISION, 9) == [told]
    assert stores.claims.entries(Queue.DECISION, 0) == []
    assert stores.claims.clocked(9) == [claim.claim_no]
    assert stores.claims.many(["CL-NOBODY", claim.claim_no]) == [stores.claims.get(claim.claim_no)]
    lost = record(taken, ClaimEvent.ASSIGNED, at=REPORTED_AT, by=Actor.staff("S2"), assignment=mine)
    with pytest.raises(ConcurrentChangeError):
        stores.claims.save(lost)


def test_claim_changes_queues_when_it_is_decided(stores: Stores) -> None:
    claim = moved(stores, in_review(stores), ClaimEvent.REFERRED, referred_for=("ABOVE_LIMIT",))
    change = record(
        claim,
        ClaimEvent.DECIDED,
        at=REPORTED_AT,
        by=Actor.staff("S1"),
        decision=Decision.APPROVED,
        amount_fen=1,
    )
    stores.claims.save(change)
    assert queued(stores.claims, Queue.DECISION) == []
    assert queued(stores.claims, Queue.ACKNOWLEDGEMENT) == [change.after]


def test_claims_are_in_the_queue_of_advances_when_their_time_has_come(stores: Stores) -> None:
    later, sooner = in_review(stores, 9), in_review(stores, 1)
    assert sooner.advance_since is not None
    assert later.advance_since is not None
    assert queued(stores.claims, Queue.ADVANCE, sooner.advance_since - timedelta(seconds=1)) == []
    assert queued(stores.claims, Queue.ADVANCE, sooner.advance_since) == [sooner]
    assert queued(stores.claims, Queue.ADVANCE, later.advance_since) == [sooner, later]
    stated = Advance(
        number=1,
        amount_fen=500,
        ground=AdvanceGround.SIXTY_DAYS,
        state=AdvanceState.ACKNOWLEDGED,
        stated_by="S1",
        stated_at=REPORTED_AT,
    )
    owed = Obligation(number=1, advance=1, amount_fen=500)
    let_go = moved(
        stores,
        sooner,
        ClaimEvent.ADVANCE_ACKNOWLEDGED,
        by=Actor.staff("S2"),
        advances=(stated,),
        obligations=(owed,),
        **holds(stores, sooner, 500),
    )
    assert queued(stores.claims, Queue.ADVANCE, later.advance_since) == [let_go, later], (
        "its money has yet to leave"
    )
    moved(stores, let_go, ClaimEvent.ADVANCE_RESERVED, obligation=owed.reserved("P1"))
    assert queued(stores.claims, Queue.ADVANCE, later.advance_since) == [later]
    change = record(sooner, ClaimEvent.REMINDED, at=REPORTED_AT)
    with pytest.raises(ConcurrentChangeError):
        stores.claims.save(change)


def asked(stores: Stores, minutes: int, hours: int) -> Claim:
    claim = in_review(stores, minutes)
    at = REPORTED_AT + timedelta(hours=hours)
    notice = papers_request(claim, (DocumentType.DIAGNOSIS,), "右脚拇趾骨折片看不清", at)
    change = record(
        claim,
        ClaimEvent.SUPPLEMENT_REQUESTED,
        at=at,
        by=Actor.staff("S1"),
        notices=(fact_of(notice, None),),
    )
    stores.claims.save(change._replace(notice=notice))
    return change.after


def test_notice_is_kept_with_its_claim_and_waits_until_it_is_delivered(stores: Stores) -> None:
    later, sooner = asked(stores, 1, hours=48), asked(stores, 2, hours=0)
    (notice,) = stores.claims.notices(later.claim_no)
    assert (notice.number, notice.reason) == (later.round.notices[0].number, "右脚拇趾骨折片看不清")
    assert stores.claims.notices("CL-NOBODY") == []
    assert queued(stores.claims, Queue.NOTICE) == [sooner, later]
    delivered = Delivered(
        channel=DeliveryChannel.CALL,
        at=REPORTED_AT + timedelta(hours=1),
        by="STAFF:S1",
        recorded_at=REPORTED_AT,
    )
    told = moved(
        stores,
        sooner,
        ClaimEvent.NOTICE_DELIVERED,
        rounds=with_delivery(sooner, sooner.round.notices[0].number, delivered),
    )
    assert queued(stores.claims, Queue.NOTICE) == [later]
    assert stores.claims.get(sooner.claim_no) == told
    assert told.round.pauses[0].end is None
    change = record(sooner, ClaimEvent.NOTICE_DELIVERED, at=REPORTED_AT)
    with pytest.raises(ConcurrentChangeError):
        stores.claims.save(change)


def test_first_outcome_of_a_message_stands_when_it_is_kept_twice(deliveries: Deliveries) -> None:
    assert deliveries.find("CL1", 3) is None
    deliveries.add("CL1", 3, Delivery.NOT_WANTED, REPORTED_AT)
    deliveries.add("CL1", 3, Delivery.SENT, REPORTED_AT)
    assert deliveries.find("CL1", 3) is Delivery.NOT_WANTED
    assert deliveries.find("CL1", 4) is None


def test_each_assessment_is_kept_when_the_claim_is_assessed_again(stores: Stores) -> None:
    world = World()
    assessment = world.referred().assessment
    claim = moved(stores, in_review(stores), ClaimEvent.REFERRED, assessment=assessment)
    noted = moved(stores, claim, ClaimEvent.REMINDED)
    assert assessment is not None
    other = assessment.model_copy(update={"total_fen": 1})
    again = moved(stores, noted, ClaimEvent.REASSESSED, assessment=other)
    assert again.assessment is not None
    assert again.assessment.version == 2
    assert stores.claims.assessments(claim.claim_no) == [assessment, again.assessment]
    assert stores.claims.assessments("CL-NOBODY") == []


def test_marks_are_counted_once_and_from_a_day_on(marks: ClaimMarks) -> None:
    days = [REPORTED_AT.date() + timedelta(days=offset) for offset in (0, 0, 1, 40)]
    for number, day in enumerate(days):
        for _ in range(2):
            marks.mark(Dimension.PROJECT, "P1", day, f"CL{number}")
    marks.mark(Dimension.COMPANY, "P1", days[0], "CL0")
    assert marks.count(Dimension.PROJECT, "P1", days[0], 100) == 4
    assert marks.count(Dimension.PROJECT, "P1", days[0], 3) == 3
    assert marks.count(Dimension.PROJECT, "P1", days[2], 100) == 2
    assert marks.count(Dimension.PROJECT, "P1", days[3] + timedelta(days=1), 100) == 0
    assert marks.count(Dimension.COMPANY, "P1", days[0], 100) == 1
    assert marks.count(Dimension.CLINIC, "P1", days[0], 100) == 0


def test_notices_wait_by_due_time_when_no_policy_matched(stores: Stores) -> None:
    later, sooner = a_notice("RN1", hours=5), a_notice("RN2", hours=1)
    for notice in (later, sooner, later):
        stores.notices.add(notice)
    waiting = stores.notices.entries(100)
    assert stores.notices.many(entry.number for entry in waiting) == [sooner, later]
    assert [(entry.due, entry.claim_types) for entry in waiting] == [(n.due, TOE) for n in (sooner, later)]


def test_every_notice_waits_when_there_are_more_than_a_hundred(stores: Stores) -> None:
    for number in range(130):
        stores.notices.add(a_notice(f"RN{number:03d}", hours=number))
    assert [entry.number for entry in stores.notices.entries(500)] == [f"RN{n:03d}" for n in range(130)]
    assert [entry.number for entry in stores.notices.entries(3)] == ["RN000", "RN001", "RN002"]
    found = stores.notices.many(["RN129", "RN-NONE", "RN100"])
    assert [notice.report_no for notice in found] == ["RN129", "RN100"]


def a_document(claim_no: str = "CL1", invoice_no: str = "A1", **changes: object) -> ClaimDocument:
    announced = an_announcement(DocumentType.INVOICE, an_invoice(invoice_no=invoice_no))
    document = ClaimDocument(
        document_id=document_id(claim_no, announced),
        claim_no=claim_no,
        announced=announced,
        announced_at=REPORTED_AT,
        announced_by=WORKER,
    )
    return document.model_copy(update=changes)


def received(document: ClaimDocument) -> ClaimDocument:
    receipt = {"status": DocumentStatus.RECEIVED, "received_at": REPORTED_AT, "file_kind": FileKind.JPEG}
    return document.model_copy(update=receipt)


def test_document_comes_back_whole_when_it_is_read(stores: Stores) -> None:
    document = a_document()
    stores.documents.announce(document)
    assert stores.documents.get("CL1", document.document_id) == document
    assert stores.documents.list_of("CL1") == [document]
    with pytest.raises(DocumentNotFoundError):
        stores.documents.get("CL1", "D0")


def test_verdict_comes_back_with_its_words_and_they_stand_sealed(stores: Stores) -> None:
    document = a_document()
    stores.documents.announce(document)
    stores.documents.receive(received(document))
    verdict = {
        "status": DocumentStatus.REJECTED,
        "verdict_code": "ILLEGIBLE",
        "verdict_reason": "看不清骨折位置",
    }
    judged = received(document).model_copy(update=verdict)
    stores.documents.judge(judged, DocumentStatus.RECEIVED)
    assert stores.documents.get("CL1", document.document_id) == judged


def test_receipt_stands_when_the_document_is_announced_or_received_again(stores: Stores) -> None:
    document = a_document()
    stores.documents.announce(document)
    assert stores.documents.receive(received(document)) is None
    stores.documents.announce(document)
    assert stores.documents.receive(received(document)) is None
    assert stores.documents.list_of("CL1") == [received(document)]


def test_first_receipt_stands_when_a_later_one_is_written(stores: Stores) -> None:
    announced = an_announcement(DocumentType.DIAGNOSIS)
    document = a_document().model_copy(update={"announced": announced})
    stores.documents.announce(document)
    stores.documents.receive(received(document))
    later = received(document).model_copy(update={"received_at": REPORTED_AT + timedelta(hours=1)})
    stores.documents.receive(later)
    assert stores.documents.list_of("CL1") == [received(document)]


def test_holder_is_named_when_an_invoice_comes_again(stores: Stores) -> None:
    first, again, other = a_document("CL1"), a_document("CL2"), a_document("CL2", "B2")
    for document in (first, again, other):
        stores.documents.announce(document)
    holder = f"CL1/{first.document_id}"
    assert stores.documents.receive(received(first)) is None
    assert stores.documents.receive(received(again)) == holder
    assert stores.documents.receive(received(again)) == holder
    assert stores.documents.receive(received(other)) is None
    kept = {document.document_id: document.duplicate_of for document in stores.documents.list_of("CL2")}
    assert kept == {again.document_id: holder, other.document_id: None}


def test_token_is_kept_until_it_is_dropped(stores: Stores) -> None:
    stores.tokens.hold("CL1", "documents", "first")
    stores.tokens.hold("CL1", "documents", "second")
    assert stores.tokens.find("CL1", "documents") == "second"
    stores.tokens.drop("CL1", "documents", "first")
    assert stores.tokens.find("CL1", "documents") == "second"
    stores.tokens.drop("CL1", "documents", "second")
    stores.tokens.drop("CL1", "documents", "second")
    assert stores.tokens.find("CL1", "documents") is None
    assert stores.tokens.find("CL1", "decision") is None


def reserved(stores: Stores) -> tuple[Payout, Claim]:
    claim = agreed(stores)
    payout = Payout(
        payout_id=payout_number(claim.claim_no, 1),
        claim_no=claim.claim_no,
        obligation=1,
        round=0,
        company_id=claim.policy.company_id,
        project_id=claim.policy.project_id,
        worker_id=WORKER,
        amount_fen=358_000,
        created_at=REPORTED_AT,
    )
    change = record(claim, ClaimEvent.PAYOUT_RESERVED, at=REPORTED_AT, payouts=1)
    stores.payouts.reserve(payout, change)
    with pytest.raises(ConcurrentChangeError):
        stores.payouts.reserve(payout, change)
    return payout, change.after


def test_payout_and_claim_move_together_when_reserved(stores: Stores) -> None:
    payout, claim = reserved(stores)
    assert stores.payouts.get(payout.payout_id) == payout
    assert stores.claims.get(claim.claim_no) == claim
    assert claim.status is ClaimStatus.PAYING


def test_payout_is_not_reserved_when_the_claim_has_moved(stores: Stores) -> None:
    claim = agreed(stores)
    stale = record(claim, ClaimEvent.PAYOUT_RESERVED, at=REPORTED_AT, payouts=1)
    moved(stores, claim, ClaimEvent.REMINDED)
    payout = a_payout(claim)
    with pytest.raises(ConcurrentChangeError):
        stores.payouts.reserve(payout, stale)
    assert stores.payouts.find(payout.payout_id) is None
    with pytest.raises(PayoutNotFoundError):
        stores.payouts.get(payout.payout_id)


def test_payout_is_saved_once_when_two_writers_meet(stores: Stores) -> None:
    payout, _ = reserved(stores)
    submitted = payout.moved(PayoutState.SUBMITTED, transfer_bill_no="W1")
    stores.payouts.save(submitted, payout)
    with pytest.raises(ConcurrentChangeError):
        stores.payouts.save(payout.moved(PayoutState.UNKNOWN), payout)
    assert stores.payouts.get(payout.payout_id) == submitted


def test_final_payout_is_kept_when_a_caller_got_round_the_domain(stores: Stores) -> None:
    payout, _ = reserved(stores)
    done = payout.moved(PayoutState.SUCCEEDED)
    stores.payouts.save(done, payout)
    forged = done.model_copy(update={"state": PayoutState.FAILED, "version": done.version + 1})
    with pytest.raises(ConcurrentChangeError):
        stores.payouts.save(forged, done)
    assert stores.payouts.get(payout.payout_id) == done


def test_claim_is_paid_once_when_two_writers_meet(stores: Stores) -> None:
    _, claim = reserved(stores)
    change = record(claim, ClaimEvent.PAID, at=REPORTED_AT, paid_at=REPORTED_AT)
    stores.claims.save(change)
    with pytest.raises(ConcurrentChangeError):
        stores.claims.save(change)
    assert stores.claims.get(claim.claim_no).status is ClaimStatus.PAID


def test_payout_and_claim_move_back_together_when_money_bounces(stores: Stores) -> None:
    payout, paying = reserved(stores)
    done = payout.moved(PayoutState.SUCCEEDED)
    stores.payouts.save(done, payout)
    paid = moved(stores, paying, ClaimEvent.PAID, paid_at=REPORTED_AT)
    bounced = done.moved(PayoutState.BOUNCED, fail_reason="RETURNED")
    back = record(paid, ClaimEvent.PAYOUT_BOUNCED, at=REPORTED_AT, paid_at=None)
    for stale in (
        (bounced, payout, back),
        (bounced, done, record(paying, ClaimEvent.PAYOUT_BOUNCED, at=REPORTED_AT)),
    ):
        with pytest.raises(ConcurrentChangeError):
            stores.payouts.bounce(*stale)
        assert (stores.payouts.get(payout.payout_id), stores.claims.get(paid.claim_no)) == (done, paid)
    stores.payouts.bounce(bounced, done, back)
    assert stores.payouts.get(payout.payout_id) == bounced
    assert stores.claims.get(paid.claim_no) == back.after
    assert back.after.status is ClaimStatus.AGREED
    with pytest.raises(ConcurrentChangeError):
        stores.payouts.bounce(bounced, done, back)


def held(version: int, fen: int) -> PolicyExposure:
    holding = Holding(benefits={ClaimType.MEDICAL: Held(fen=fen)}, bills={"MEDICAL:A1": fen})
    return PolicyExposure(policy_no="DC1", version=version, held=holding if fen else NOTHING_HELD)


def other(version: int) -> PolicyExposure:
    return PolicyExposure(policy_no="DC2", version=version)


def test_exposure_moves_with_the_claim_and_with_no_other_when_it_is_saved(stores: Stores) -> None:
    claim = agreed(stores)
    assert stores.exposures.find(["DC1", "DC2"]) == {"DC1": held(0, 0), "DC2": other(0)}
    noted = record(claim, ClaimEvent.NOTED, at=REPORTED_AT, by=Actor.staff("S1"))
    moved_ = ExposureChange(held(0, 0), held(1, 100), (other(0),))
    stores.claims.save(noted._replace(exposure=moved_))
    assert stores.exposures.find(["DC1", "DC2"]) == {"DC1": held(1, 100), "DC2": other(1)}, "both versions"
    again = record(noted.after, ClaimEvent.NOTED, at=REPORTED_AT, by=Actor.staff("S1"))
    stale = (
        ExposureChange(held(0, 0), held(1, 200)),
        ExposureChange(held(2, 100), held(3, 200)),
        ExposureChange(held(1, 100), held(2, 200), (other(0),)),
        ExposureChange(held(1, 100), held(2, 200), (other(7),)),
    )
    for change in stale:
        with pytest.raises(ConcurrentChangeError):
            stores.claims.save(again._replace(exposure=change))
    assert stores.claims.get(claim.claim_no) == noted.after, "nothing of the claim was written"
    assert len(stores.claims.history(claim.claim_no)) == noted.after.version
    assert stores.exposures.find(["DC1", "DC2"]) == {"DC1": held(1, 100), "DC2": other(1)}
    stores.claims.save(again._replace(exposure=ExposureChange(held(1, 100), held(2, 50))))
    assert stores.exposures.find(["DC1"]) == {"DC1": held(2, 50)}


def test_notice_is_found_when_it_is_not_older(stores: Stores) -> None:
    assert not stores.payouts.noted_since("P1", None)
    stores.payouts.note("P1", "event-1", "SUCCESS", NOW)
    stores.payouts.note("P1", "event-1", "SUCCESS", NOW + timedelta(days=9))
    assert stores.payouts.noted_since("P1", None)
    assert stores.payouts.noted_since("P1", NOW)
    assert not stores.payouts.noted_since("P1", NOW + timedelta(seconds=1))


def test_phone_is_that_of_the_check_in_and_none_once_it_is_deleted(phones: Phones) -> None:
    assert phones.of(a_policy()) == a_device().id
    assert phones.of(a_policy(check_in_id="20200101-01")) is None


def spending(amount_fen: int, project_id: str = "P1", company_id: str = "C1", days: int = 0) -> Spending:
    limits = replace(LIMITS, cap_project_fen=100, cap_company_fen=150, cap_all_fen=180)
    day = REPORTED_AT.date() + timedelta(days=days)
    return spending_of(day, project_id, company_id, amount_fen, limits)


def test_sums_of_a_day_grow_together_and_each_day_begins_anew(sums: ApprovedSums) -> None:
    day = REPORTED_AT.date()
    assert sums.port.spent(day, "P1", "C1") == (0, 0, 0)
    sums.add(spending(60))
    sums.add(spending(30, project_id="P2"))
    sums.add(spending(20, project_id="P3", company_id="C2"))
    assert sums.port.spent(day, "P1", "C1") == (60, 90, 110)
    assert sums.port.spent(day, "P3", "C2") == (20, 20, 110)
    assert sums.port.spent(day + timedelta(days=1), "P1", "C1") == (0, 0, 0)
    sums.add(spending(100, days=1))
    assert sums.port.spent(day, "P1", "C1") == (60, 90, 110)


@pytest.mark.parametrize(
    ("before", "last", "fits"),
    [
        ([], spending(100), True),
        ([], spending(101), False),  # more than a whole cap, and nothing spent yet
        ([spending(60)], spending(40), True),
        ([spending(60)], spending(41), False),
        ([spending(100)], spending(50, "P2"), True),
        ([spending(100)], spending(51, "P2"), False),
        ([spending(100)], spending(80, "P3", "C2"), True),
        ([spending(100)], spending(81, "P3", "C2"), False),
    ],
)
def test_nothing_is_added_when_a_sum_would_pass_its_cap(
    sums: ApprovedSums, before: list[Spending], last: Spending, fits: bool
) -> None:
    for each in before:
        sums.add(each)
    unchanged = sums.port.spent(last.day, last.project_id, last.company_id)
    if fits:
        sums.add(last)
    else:
        with pytest.raises(ConcurrentChangeError):
            sums.add(last)
    added = last.amount_fen if fits else 0
    spent = sums.port.spent(last.day, last.project_id, last.company_id)
    assert spent == tuple(total + added for total in unchanged)


def of_hospital(name: str) -> Announcement:
    return an_announcement(DocumentType.INVOICE, an_invoice(hospital=name))


def test_no_health_data_is_readable_when_the_table_is_dumped() -> None:
    config = local_aws()
    table, sealed = operations_table(), cipher(config)
    claims = StoredClaims(table, sealed, reserve_entries)
    stores = Stores(
        claims,
        StoredNotices(table, sealed),
        StoredDocuments(table, sealed),
        StoredTokens(table, keys.claim_token, lambda: REPORTED_AT),
        StoredPayouts(table, claims, entries_of_payout),
        StoredExposures(table),
        StoredSheets(table, sealed),
    )
    world = World()
    claim = world.referred()
    claims.add(claim, opening(claim, Actor.worker(WORKER)))
    reminded = moved(stores, claim, ClaimEvent.REMINDED, reason="右脚拇趾骨折")
    assert claim.assessment is not None
    moved(stores, reminded, ClaimEvent.REASSESSED, assessment=claim.assessment.model_copy())
    asked(stores, 7, hours=0)
    stores.notices.add(a_notice())
    at_hospital = a_document().model_copy(update={"announced": of_hospital("第六人民医院")})
    stores.documents.announce(at_hospital)
    (clinic,) = clinics_of([at_hospital], LossSheet(claim_no="CL1"))
    StoredClaimMarks(table).mark(Dimension.CLINIC, clinic, REPORTED_AT.date(), claim.claim_no)
    dump = str(boto3.client("dynamodb").scan(TableName=OPERATIONS)["Items"])
    for secret in ("三号分拣线", "脚趾", "骨折", "清创", "320000", "病休证明14天", "第六人民"):
        assert secret not in dump


def a_sheet(claim_no: str, amount_fen: int) -> LossSheet:
    source = Source(kind=SourceKind.ADJUSTER, by="S1", at=REPORTED_AT)
    line = SheetLine(item="清创缝合", billed_fen=amount_fen)
    bill = SheetBill(
        bill_no="A1", dated=REPORTED_AT.date(), hospital="第六人民医院", lines=(line,), source=source
    )
    return LossSheet(claim_no=claim_no, bills=(bill,))


def test_each_version_of_a_sheet_stays_as_it_was_written(stores: Stores) -> None:
    claim = added(stores, status=ClaimStatus.IN_REVIEW)
    assert stores.sheets.find(claim.claim_no, 0) == LossSheet(claim_no=claim.claim_no)
    for version, fen in ((1, 100), (2, 200)):
        before = stores.claims.get(claim.claim_no)
        change = record(before, ClaimEvent.SHEET_FILLED, at=REPORTED_AT, sheet=a_sheet(claim.claim_no, fen))
        assert change.sheet is not None
        stores.claims.save(change)
        assert stores.claims.get(claim.claim_no).round.sheet == version
        assert stores.sheets.find(claim.claim_no, version) == change.sheet
        with pytest.raises(ConcurrentChangeError):
            stores.claims.save(change)
    assert [sheet.bills[0].billed_fen for sheet in stores.sheets.versions(claim.claim_no)] == [100, 200]


def test_first_document_has_a_bill_whoever_asks_next(stores: Stores) -> None:
    assert stores.documents.first_with_bill("110601240123456789", "CL1/D1") == "CL1/D1"
    assert stores.documents.first_with_bill("110601240123456789", "CL2/D2") == "CL1/D1"
    assert stores.documents.first_with_bill("110601240123456789", "CL1/D1") == "CL1/D1"
