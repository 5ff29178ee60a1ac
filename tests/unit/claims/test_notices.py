"""Notices: what is said in writing, whether it was delivered, and what the clocks make of that."""

import json
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.api.claims.file import claim_file_view
from daycover.api.claims.queues import queue_view
from daycover.api.claims.worker import claim_view
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Claim, ClaimNotFoundError, Queue
from daycover.claims.clocks import ADJUDICATION, service_level_due
from daycover.claims.decide import Verdict
from daycover.claims.deliver import HowDelivered
from daycover.claims.documents import ClaimType, DocumentType, document_name
from daycover.claims.due import Clock, due_times
from daycover.claims.inform import Delivery, NoticeUnavailableError
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.notice import (
    BenefitAmount,
    DeliveryChannel,
    DeliveryTimeError,
    Notice,
    NoticeFact,
    NoticeKind,
    NoticeNotFoundError,
)
from daycover.claims.notice_text import kind_of_decision, render
from daycover.claims.service import ClaimFacts, RoundFacts, records_of
from daycover.claims.steps import WaitStep
from daycover.errors import ConcurrentChangeError, DaycoverError
from tests.support.builders import WORKER, a_worker
from tests.support.claims import insured, receipt_facts
from tests.support.fakes.port import Crash
from tests.support.papers import a_jpeg
from tests.support.queues import queued
from tests.unit.claims.world import World

C, K = ClaimType, NoticeKind
DECLINE = Verdict(Decision.DECLINED, None, "NOT_AN_ACCIDENT", "旧伤复发,不属于意外")
PARTIAL = Verdict(Decision.PARTIAL, 300_000, "OVER_STANDARD", "超出社保标准的部分不赔")
WANTED = (DocumentType.DIAGNOSIS,)
DAY = timedelta(days=1)


def asked(world: World) -> Claim:
    claim = world.referred()
    world.at += timedelta(hours=1)
    return world.review.request_supplement("S1", claim.claim_no, WANTED, "诊断证明看不清")


def decided(world: World, verdict: Verdict) -> Claim:
    claim = world.referred()
    world.decide("S1", claim.claim_no, verdict)
    return world.acknowledge("S2", claim.claim_no, True, None)


def refused(world: World) -> Claim:
    return world.follow.notify_refusal(decided(world, DECLINE).claim_no)


def document(world: World, claim: Claim) -> Notice:
    (notice,) = world.claims.notices(claim.claim_no)
    return notice


def fact_of(world: World, claim: Claim) -> NoticeFact:
    return world.claims.get(claim.claim_no).round.notices[-1]


def waiting(world: World) -> list[str]:
    return [claim.claim_no for claim in queued(world.claims, Queue.NOTICE)]


def arrive(world: World, claim: Claim) -> Claim:
    world.send(claim, DocumentType.DIAGNOSIS, content=a_jpeg(f"scan of {world.at}"))
    return world.claims.get(claim.claim_no)


def tell(world: World, claim: Claim) -> list[Delivery | None]:
    """The stream shows the whole history, as after a replay."""
    return [world.inform(entry) for entry in world.claims.history(claim.claim_no)]


# ---- the document


@pytest.mark.parametrize(
    ("decision", "amounts", "kind"),
    [
        (Decision.APPROVED, {C.MEDICAL: 5, C.HOSPITAL: 5}, K.RESULT),
        (Decision.APPROVED, {C.MEDICAL: 5, C.HOSPITAL: 0}, K.PARTIAL_REFUSAL),
        (Decision.PARTIAL, {C.MEDICAL: 5}, K.PARTIAL_REFUSAL),
        (Decision.GOODWILL, {C.MEDICAL: 5}, K.RESULT),
        (Decision.DECLINED, {C.MEDICAL: 0}, K.REFUSAL),
        (Decision.NO_CLAIM, {C.MEDICAL: 0}, K.REFUSAL),
    ],
)
def test_kind_is_that_of_the_decision_and_of_each_benefit(
    decision: Decision, amounts: dict[ClaimType, int], kind: NoticeKind
) -> None:
    gets = [BenefitAmount(claim_type=claim_type, amount_fen=fen) for claim_type, fen in amounts.items()]
    assert kind_of_decision(decision, gets) is kind


def test_request_names_everything_that_is_wanted_when_made() -> None:
    world = World()
    claim = asked(world)
    notice = document(world, claim)
    assert (notice.kind, notice.number, notice.made_at) == (
        K.PAPERS_REQUEST,
        f"{claim.claim_no}-0-1",
        world.at,
    )
    assert [line.doc_type for line in notice.documents] == list(claim.round.supplement)
    for words in (
        document_name(DocumentType.DIAGNOSIS),
        "诊断证明看不清",
        "第二十二条",
        "95511",
        claim.claim_no,
    ):
        assert words in notice.text
    assert render(notice) == notice.text, "the text follows from the facts alone"


def test_refusal_says_why_on_what_law_and_how_to_dispute_it() -> None:
    world = World()
    notice = document(world, refused(world))
    assert (notice.kind, notice.total_fen) == (K.REFUSAL, 0)
    assert {amount.amount_fen for amount in notice.amounts} == {0}
    for words in (DECLINE.reason, "第二十四条", "诉讼", "12378", "二年", notice.insured_name):
        assert words in notice.text


def test_partial_refusal_says_what_each_benefit_gets_and_why_not_more() -> None:
    world = World()
    claim = decided(world, PARTIAL)
    notice = document(world, claim)
    assert notice.kind is K.PARTIAL_REFUSAL
    assert sum(amount.amount_fen for amount in notice.amounts) == notice.total_fen == 300_000
    assert {a.claim_type for a in notice.amounts} == set(claim.claim_types)
    assert any(amount.reason == PARTIAL.reason for amount in notice.amounts)
    assert "3,000.00 元" in notice.text


def test_amounts_are_those_that_the_adjuster_gave_each_benefit() -> None:
    world = World()
    claim = world.referred()
    decision = Verdict(Decision.PARTIAL, 100_000, "OVER_STANDARD", "核减", {C.MEDICAL: 100_000})
    world.decide("S1", claim.claim_no, decision)
    world.acknowledge("S2", claim.claim_no, True, None)
    amounts = {amount.claim_type: amount.amount_fen for amount in document(world, claim).amounts}
    assert amounts == {C.MEDICAL: 100_000, C.HOSPITAL: 0}
    assert document(world, claim).amounts[1].reason == "核减"


def test_benefit_that_an_earlier_round_paid_is_not_refused_when_others_are_added() -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "单据齐全"))
    world.acknowledge("S2", claim.claim_no, True, None)
    world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    paid = world.pay.reserve(claim.claim_no).payout_id
    assert paid is not None
    world.pay.submit(paid)
    world.bank.finish(paid)
    world.pay.confirm(paid)
    world.pay.post(paid)
    world.follow.close(claim.claim_no)
    world.review.reopen("S1", claim.claim_no, "NEW_EVIDENCE", "新票据")
    world.open_step(claim.claim_no, WaitStep.DECISION)
    world.send_bill(claim, receipt_facts(500_000, "A2"), content=a_jpeg("another bill"))
    world.verify.again("S1", claim.claim_no)
    again = Verdict(Decision.GOODWILL, 10_000, "WITHIN_TERMS", "新票据")
    world.decide("S1", claim.claim_no, again)
    world.acknowledge("S2", claim.claim_no, True, None)
    first, second = world.claims.notices(claim.claim_no)
    assert (first.kind, second.kind) == (K.RESULT, K.RESULT)
    assert sum(amount.amount_fen for amount in second.amounts) == second.total_fen == 10_000
    before = {amount.claim_type: amount.paid_before_fen for amount in second.amounts}
    assert before == {amount.claim_type: amount.amount_fen for amount in first.amounts}
    assert "此前已核定" in second.text


def test_automatic_result_is_rendered_from_its_assessment_and_stores_no_document() -> None:
    world = World()
    claim = world.documented()
    world.assess(claim.claim_no)
    assert world.claims.notices(claim.claim_no) == []
    ((fact, notice),) = world.read.my_file(WORKER, claim.claim_no).notices
    assert (fact.kind, fact.number, notice.number) == (
        K.RESULT,
        f"{claim.claim_no}-0-1",
        f"{claim.claim_no}-0-1",
    )
    assert [amount.amount_fen for amount in notice.amounts] == [248_000, 110_000]
    assert "3,580.00 元" in notice.text


def test_round_keeps_no_word_of_a_notice() -> None:
    world = World()
    claim = refused(world)
    stored = json.dumps([known.model_dump(mode="json") for known in claim.rounds], ensure_ascii=False)
    assert DECLINE.reason not in stored
    assert DECLINE.reason not in repr(document(world, claim))


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("index", range(6))
def test_notice_is_there_whenever_its_event_is_when_the_process_ends_anywhere(
    index: int, applied: bool
) -> None:
    world = World()
    claim = world.referred()
    world.decide("S1", claim.claim_no, DECLINE)
    world.steps.calm()
    world.steps.crash_at(index, applied=applied)
    with suppress(Crash):
        world.acknowledge("S2", claim.claim_no, True, None)
    world.steps.calm()
    stands = world.claims.get(claim.claim_no).status is ClaimStatus.ACKNOWLEDGED
    assert len(world.claims.notices(claim.claim_no)) == len(fact_list(world, claim)) == int(stands)


def fact_list(world: World, claim: Claim) -> list[NoticeFact]:
    return [fact for known in world.claims.get(claim.claim_no).rounds for fact in known.notices]


# ---- the fact of delivery


def test_message_delivers_when_the_platform_took_it() -> None:
    world = World()
    claim = asked(world)
    world.at += timedelta(minutes=1)
    tell(world, claim)
    delivered = fact_of(world, claim).delivered
    assert delivered is not None
    assert (delivered.channel, delivered.at, delivered.by) == (
        DeliveryChannel.MESSAGE,
        world.at,
        "SYSTEM:workflow",
    )
    line = world.claims.history(claim.claim_no)[-1]
    assert (line.event, line.reason_code) == (ClaimEvent.NOTICE_DELIVERED, "MESSAGE")
    assert line.notice == fact_of(world, claim).number
    assert waiting(world) == []
    tell(world, claim)
    assert world.claims.history(claim.claim_no)[-1] == line, "told again, delivered once"


@pytest.mark.parametrize("answer", [Delivery.NOT_WANTED, Delivery.UNDELIVERABLE])
def test_notice_stays_with_staff_when_the_phone_takes_no_message(answer: Delivery) -> None:
    world = World()
    claim = asked(world)
    world.messages.answer = answer
    tell(world, claim)
    assert fact_of(world, claim).delivered is None
    assert waiting(world) == [claim.claim_no]
    view = claim_file_view(world.read.file(claim.claim_no))
    assert view.notice_message is answer
    assert view.notices[0].due_at == service_level_due(fact_of(world, claim).made_at)
    assert not view.clocks.adjudication_paused
    world.called(claim.claim_no)
    view = claim_file_view(world.read.file(claim.claim_no))
    assert (view.notice_message, view.notices[0].due_at, waiting(world)) == (None, None, [])
    assert view.clocks.adjudication_paused


def test_notice_stays_with_staff_when_wechat_gives_no_answer() -> None:
    world = World()
    claim = asked(world)
    world.messages.silent = True
    with pytest.raises(NoticeUnavailableError):
        tell(world, claim)
    assert waiting(world) == [claim.claim_no]
    world.messages.silent = False
    tell(world, claim)
    assert waiting(world) == []


def test_delivery_is_noted_when_the_process_ended_after_the_message_was_kept() -> None:
    world = World()
    claim = asked(world)
    line = world.claims.history(claim.claim_no)[-1]
    world.deliveries.add(claim.claim_no, line.version, Delivery.SENT, world.at)
    world.inform(line)
    assert world.messages.sent == []
    assert fact_of(world, claim).delivered is not None


def test_refusal_is_delivered_by_the_message_that_tells_of_it_and_by_no_other() -> None:
    world = World()
    claim = decided(world, DECLINE)
    tell(world, claim)
    assert fact_of(world, claim).delivered is None, "the acknowledgement tells of nothing"
    world.follow.notify_refusal(claim.claim_no)
    tell(world, claim)
    assert fact_of(world, claim).delivered is not None


def test_first_delivery_counts_when_two_of_staff_and_the_app_say_another() -> None:
    world = World()
    claim = asked(world)
    number = fact_of(world, claim).number
    world.at += DAY
    posted = HowDelivered(DeliveryChannel.LETTER, world.at, "XA12345678912")
    first = world.deliver.by_staff("C1", claim.claim_no, number, posted)
    world.at += DAY
    earlier = HowDelivered(DeliveryChannel.CALL, first.round.notices[0].made_at, "13900001234", "与本人通话")
    assert world.deliver.by_staff("C2", claim.claim_no, number, earlier) == first
    assert world.deliver.by_reading(WORKER, claim.claim_no, number) == first
    tell(world, claim)
    delivered = fact_of(world, claim).delivered
    assert delivered is not None
    assert (delivered.by, delivered.channel) == ("STAFF:C1", DeliveryChannel.LETTER)
    (line,) = [e for e in world.claims.history(claim.claim_no) if e.event is ClaimEvent.NOTICE_DELIVERED]
    assert line.reason == "XA12345678912"


def test_delivery_is_refused_before_the_notice_was_made_and_in_the_future() -> None:
    world = World()
    claim = asked(world)
    number = fact_of(world, claim).number
    for at in (world.at - timedelta(seconds=1), world.at + timedelta(seconds=1)):
        with pytest.raises(DeliveryTimeError):
            world.deliver.by_staff(
                "C1", claim.claim_no, number, HowDelivered(DeliveryChannel.CALL, at, "139")
            )
    with pytest.raises(NoticeNotFoundError):
        world.deliver.by_staff(
            "C1", claim.claim_no, f"{claim.claim_no}-0-2", HowDelivered(DeliveryChannel.CALL, world.at, "139")
        )
    assert fact_of(world, claim).delivered is None


def test_notice_is_nobody_elses_when_read() -> None:
    world = World(workers=(insured(), a_worker(worker_id="STRANGER", person_id="P2")))
    claim = asked(world)
    with pytest.raises(ClaimNotFoundError):
        world.deliver.by_reading("STRANGER", claim.claim_no, fact_of(world, claim).number)


def test_answering_the_amount_is_reading_its_notice() -> None:
    world = World()
    claim = world.documented()
    world.assess(claim.claim_no)
    assert waiting(world) == [claim.claim_no]
    agreed = world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    delivered = agreed.round.notices[0].delivered
    assert delivered is not None
    assert (delivered.channel, delivered.by) == (DeliveryChannel.APP_SEEN, f"WORKER:{WORKER}")
    assert waiting(world) == []


def test_answer_stands_when_its_notice_is_delivered_at_the_same_moment() -> None:
    world = World()
    claim = world.documented()
    world.assess(claim.claim_no)
    once = iter([lambda: tell(world, claim)])

    def meanwhile(name: str) -> None:
        if name == "claims.save":
            next(once, list)()

    world.steps.before = meanwhile
    agreed = world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    delivered = agreed.round.notices[0].delivered
    assert delivered is not None
    assert (agreed.status, delivered.channel) == (ClaimStatus.AGREED, DeliveryChannel.MESSAGE)


def test_answer_is_refused_when_the_offer_became_another_meanwhile() -> None:
    world = World()
    claim = decided(world, PARTIAL)

    def dispute() -> None:
        world.steps.calm()
        world.answer(WORKER, claim.claim_no, AnswerKind.DISPUTE, "少算了")

    world.steps.before = lambda name: dispute() if name == "claims.save" else None
    with pytest.raises(ConcurrentChangeError):
        world.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)


@pytest.mark.parametrize("claim_types", [(C.DEATH,), (C.MEDICAL, C.SUDDEN_DEATH)])
def test_phone_of_the_dead_delivers_nothing_to_the_beneficiaries(claim_types: tuple[ClaimType, ...]) -> None:
    world = World()
    claim = asked(world)
    dead = world.claims.get(claim.claim_no).model_copy(update={"claim_types": claim_types})
    world.claims._claims[claim.claim_no] = dead
    tell(world, claim)
    world.deliver.by_reading(WORKER, claim.claim_no, fact_of(world, claim).number)
    assert fact_of(world, claim).delivered is None
    assert waiting(world) == [claim.claim_no]
    world.called(claim.claim_no)
    assert waiting(world) == []


# ---- the queue and the three days


def test_queue_holds_what_is_undelivered_by_due_time() -> None:
    world = World()
    claim = refused(world)
    (line,) = queue_view(Queue.NOTICE, world.queues.page(Queue.NOTICE)).claims
    assert (line.claim_no, line.notice) == (claim.claim_no, K.REFUSAL)
    decided_at = claim.round.decided_at
    assert decided_at is not None
    assert line.due_at == decided_at + 3 * DAY


def test_three_days_run_on_when_the_claim_is_closed_and_stop_with_the_delivery() -> None:
    world = World()
    claim = refused(world)
    closed = world.follow.close(claim.claim_no)
    assert Clock.REFUSAL_NOTICE in due_times(closed)
    assert waiting(world) == [claim.claim_no]
    world.at += 3 * DAY
    assert [b.partition("/")[2].partition(":")[0] for b in world.note_breaches()] == ["REFUSAL_NOTICE"]
    assert world.note_breaches() == []
    breach = world.claims.history(claim.claim_no)[-1]
    facts = ClaimFacts(company_id="C1", rounds=(RoundFacts(),))
    (kept,) = records_of(breach, facts)
    assert kept.clock is Clock.REFUSAL_NOTICE
    assert waiting(world) == [claim.claim_no], "late is not done"
    world.called(claim.claim_no)
    assert (waiting(world), due_times(world.claims.get(claim.claim_no))) == ([], {})
    assert world.claims.get(claim.claim_no).status is ClaimStatus.CLOSED


def test_nothing_is_breached_when_the_refusal_was_delivered_in_its_days() -> None:
    world = World()
    claim = refused(world)
    world.at += 2 * DAY
    world.called(claim.claim_no)
    world.follow.close(claim.claim_no)
    world.at += 60 * DAY
    assert world.note_breaches() == []


@pytest.mark.parametrize("answer", list(AnswerKind))
def test_part_that_is_refused_has_the_same_three_days_until_it_is_answered(answer: AnswerKind) -> None:
    world = World()
    claim = decided(world, PARTIAL)
    decided_at = claim.round.decided_at
    assert decided_at is not None
    assert due_times(claim)[Clock.REFUSAL_NOTICE] == decided_at + 3 * DAY
    answered = world.answer(WORKER, claim.claim_no, answer, "少算了")
    assert Clock.REFUSAL_NOTICE not in due_times(answered)
    assert waiting(world) == []


def test_new_refusal_has_a_notice_of_its_own_when_the_first_fell() -> None:
    """Two notices in one round: the offer that was disputed, and the refusal that followed."""
    world = World()
    claim = decided(world, PARTIAL)
    world.answer(WORKER, claim.claim_no, AnswerKind.DISPUTE, "少算了")
    world.open_step(claim.claim_no, WaitStep.DECISION)
    world.decide("S1", claim.claim_no, DECLINE)
    again = world.acknowledge("S2", claim.claim_no, True, None)
    kinds = [(fact.number[-1], fact.kind, fact.delivered is not None) for fact in again.round.notices]
    assert kinds == [("1", K.PARTIAL_REFUSAL, True), ("2", K.REFUSAL, False)]
    assert waiting(world) == [claim.claim_no]
    assert [n.kind for n in world.claims.notices(claim.claim_no)] == [K.PARTIAL_REFUSAL, K.REFUSAL]


def test_undelivered_refusal_needs_nobody_when_the_claim_is_taken_up_again() -> None:
    world = World()
    claim = refused(world)
    world.follow.close(claim.claim_no)
    reopened = world.review.reopen("S1", claim.claim_no, "NEW_EVIDENCE", "新材料")
    assert waiting(world) == []
    assert Clock.REFUSAL_NOTICE not in due_times(reopened)
    late = world.deliver.by_staff(
        "C1", claim.claim_no, f"{claim.claim_no}-0-1", HowDelivered(DeliveryChannel.CALL, world.at, "139")
    )
    assert late.rounds[0].notices[0].delivered is not None
    assert late.round.notices == ()


# ---- the pause of the thirty days


@pytest.mark.parametrize(
    ("delivered", "recorded", "arrived", "pause"),
    [
        (None, None, 48, 0),  # nobody was told: no pause
        (0, 0, 48, 48),
        (10, 10, 48, 38),
        (10, 30, 48, 38),  # recorded late, with the instant at which it happened
        (10, 60, 48, 38),  # recorded after the papers had come
        (50, 60, 48, 0),  # the papers were faster than the letter
        (48, 48, 48, 0),
    ],
)
def test_pause_lasts_from_delivery_to_arrival(
    delivered: int | None, recorded: int | None, arrived: int, pause: int
) -> None:
    world = World()
    claim = asked(world)
    began, due = world.at, due_times(claim)[Clock.ADJUDICATION]
    acts = [(arrived, "arrive")] + ([(recorded, "record")] if recorded is not None else [])
    for hour, act in sorted(acts, key=lambda pair: (pair[0], pair[1] == "record")):
        world.at = began + timedelta(hours=hour)
        if act == "arrive":
            arrive(world, claim)
        else:
            assert delivered is not None
            world.called(claim.claim_no, began + timedelta(hours=delivered))
    resumed = world.claims.get(claim.claim_no)
    assert resumed.status is ClaimStatus.IN_REVIEW
    assert due_times(resumed)[Clock.ADJUDICATION] == due + timedelta(hours=pause)


def test_paper_counts_from_the_request_and_not_from_the_delivery_when_it_arrives_between() -> None:
    world = World()
    claim = asked(world)
    world.at += timedelta(hours=2)
    assert arrive(world, claim).status is ClaimStatus.IN_REVIEW


def test_paper_that_was_there_before_the_request_does_not_answer_it() -> None:
    world = World()
    claim = asked(world)
    assert DocumentType.DIAGNOSIS in claim_view(world.read.my_file(WORKER, claim.claim_no)).missing


def test_request_needs_nobody_when_the_claim_was_withdrawn_before_its_delivery() -> None:
    world = World()
    claim = asked(world)
    world.own.withdraw(WORKER, claim.claim_no, "已由单位赔付")
    assert waiting(world) == []
    withdrawn = world.called(claim.claim_no)
    assert withdrawn.status is ClaimStatus.WITHDRAWN
    assert withdrawn.round.pauses == ()
    reopened = world.review.reopen("S1", claim.claim_no, "NEW_EVIDENCE", "新材料")
    assert due_times(reopened)[Clock.ADJUDICATION] == world.at + ADJUDICATION


HOURS = st.integers(0, 400)
ACTS = st.lists(
    st.tuples(st.sampled_from(["call", "call late", "read", "message", "arrive"]), HOURS, HOURS), max_size=8
)


@given(ACTS)
def test_thirty_unpaused_days_are_counted_in_whatever_order_things_happen(
    acts: list[tuple[str, int, int]],
) -> None:
    world = World()
    claim = asked(world)
    claim_no, number = claim.claim_no, claim.round.notices[0].number
    started, due = claim.round.received_at, due_times(claim)[Clock.ADJUDICATION]
    assert started is not None
    delivered: datetime | None = None
    arrived: datetime | None = None
    for act, wait, back in acts:
        world.at += timedelta(hours=wait)
        at = world.at - timedelta(hours=back if act == "call late" else 0)
        with suppress(DaycoverError):
            if act == "arrive":
                arrive(world, claim)
                arrived = arrived or world.at
            elif act == "read":
                world.deliver.by_reading(WORKER, claim_no, number)
            elif act == "message":
                tell(world, claim)
            else:
                world.deliver.by_staff("C1", claim_no, number, HowDelivered(DeliveryChannel.CALL, at, "139"))
            if act != "arrive" and delivered is None:
                delivered = at
        now = world.claims.get(claim_no)
        found = due_times(now).get(Clock.ADJUDICATION)
        if delivered is None or delivered >= due or (arrived is not None and arrived <= delivered):
            assert found == due, "nothing before the delivery moves it"
        elif arrived is None:
            assert found is None
        else:
            assert found == due + (arrived - delivered)
            unpaused = found - started - (arrived - delivered)
            assert unpaused == ADJUDICATION
        assert found is None or found >= due
