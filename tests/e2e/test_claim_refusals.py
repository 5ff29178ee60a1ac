"""What a claimant or member of staff meets who is too early, too late, or alone where two must act."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.problems import assert_refused
from tests.support.actors import STORED, paper
from tests.support.waiting import eventually
from tests.support.world import World

pytestmark = pytest.mark.stack


def test_report_is_kept_for_staff_when_the_accident_is_outside_the_window(world: World) -> None:
    worker, policy = world.insured_worker()
    before = datetime.fromisoformat(policy["start"]) - timedelta(hours=1)
    problem = assert_refused(
        lambda language: worker.report(["MEDICAL"], before, policy_no=policy["policy_no"], language=language),
        422,
        "accident-outside-cover",
    )
    waiting = [line["report_no"] for line in world.staff("staff-jin").queue("UNMATCHED")]
    assert problem["report_no"] in waiting
    assert worker.api.get("/v1/claims").expect(200)["claims"] == []


def test_report_is_refused_when_the_accident_is_in_the_future(world: World) -> None:
    worker, _ = world.insured_worker()
    later = datetime.now(UTC) + timedelta(hours=2)
    assert_refused(
        lambda language: worker.report(["MEDICAL"], later, language=language), 422, "accident-in-future"
    )


def test_report_on_another_workers_policy_is_refused(world: World) -> None:
    _, policy = world.insured_worker()
    other, _ = world.insured_worker()
    now = datetime.now(UTC)
    assert_refused(
        lambda language: other.report(["MEDICAL"], now, policy_no=policy["policy_no"], language=language),
        404,
        "policy-not-found",
    )


def test_claim_is_not_found_when_it_is_another_workers(world: World) -> None:
    _, reported = world.reported_claim()
    other, _ = world.insured_worker()
    claim_no = reported["claim_no"]
    assert_refused(
        lambda language: other.api.speaking(language).get(f"/v1/claims/{claim_no}"), 404, "claim-not-found"
    )
    assert_refused(
        lambda language: other.announce(claim_no, "DIAGNOSIS", b"x", language=language),
        404,
        "claim-not-found",
    )
    assert_refused(lambda language: other.answer_amount(claim_no, language=language), 404, "claim-not-found")


def test_assessment_does_not_begin_when_documents_are_missing(world: World) -> None:
    worker, reported = world.reported_claim("MEDICAL", "HOSPITAL")
    claim_no = reported["claim_no"]
    facts = worker.medical_papers(claim_no, [320_000], 14)
    required = [line["doc_type"] for line in reported["documents"] if line["need"] == "REQUIRED"]
    for doc_type in required[:-1]:
        receipt = worker.hand_in(claim_no, doc_type, facts.get(doc_type))
        assert required[-1] in receipt["missing"]
    claim = world.wait_for_claim(worker, claim_no, "AWAITING_DOCS")
    assert claim["missing"] == required[-1:]
    assert claim["assessment"] is None
    senior = world.staff("staff-gu")
    assert_refused(lambda language: senior.decide(claim_no, language=language), 409, "claim-step-closed")
    assert_refused(
        lambda language: worker.answer_amount(claim_no, language=language), 409, "claim-step-closed"
    )
    assert worker.claim(claim_no)["status"] == "AWAITING_DOCS"
    assert_refused(lambda language: worker.all_sent(claim_no, language), 409, "papers-missing")
    assert worker.hand_in(claim_no, required[-1], facts.get(required[-1]))["missing"] == []
    assert worker.claim(claim_no)["status"] == "AWAITING_DOCS", "there may be more to come"
    worker.all_sent(claim_no).expect(200)
    assert world.wait_for_claim(worker, claim_no, "ACKNOWLEDGED")["amount_fen"] == 358_000


def test_receipt_is_refused_when_nothing_was_uploaded(world: World) -> None:
    worker, reported = world.reported_claim()
    claim_no = reported["claim_no"]
    announced = worker.announce(claim_no, "DIAGNOSIS", paper(claim_no, "DIAGNOSIS")).expect(201)
    assert_refused(
        lambda language: worker.receipt(claim_no, announced["document_id"], language), 409, "upload-missing"
    )


def test_receipt_is_refused_when_other_bytes_were_uploaded_than_announced(world: World) -> None:
    """S3 itself refuses a wrong checksum, and then nothing is there; what was stored is hashed again."""
    worker, reported = world.reported_claim()
    claim_no = reported["claim_no"]
    file = paper(claim_no, "DIAGNOSIS")
    announced = worker.announce(claim_no, "DIAGNOSIS", file).expect(201)
    document_id = announced["document_id"]
    stored = worker.try_upload(announced, bytes(len(file))) in STORED
    slug = "upload-mismatch" if stored else "upload-missing"
    assert_refused(lambda language: worker.receipt(claim_no, document_id, language), 409, slug)
    [line] = [d for d in worker.claim(claim_no)["documents"] if d["doc_type"] == "DIAGNOSIS"]
    assert line["status"] == "REQUIRED", "what nobody announced counts for nothing"
    worker.upload(announced, file)
    assert worker.receipt(claim_no, document_id).expect(200)["status"] == "RECEIVED"


def test_document_is_refused_when_its_facts_are_missing_or_foreign(world: World) -> None:
    worker, reported = world.reported_claim()
    claim_no = reported["claim_no"]
    for problem in (
        assert_refused(
            lambda language: worker.announce(claim_no, "ADMISSION_RECORD", b"x", None, language),
            422,
            "invalid-content",
        ),
        assert_refused(
            lambda language: worker.announce(claim_no, "DIAGNOSIS", b"x", {"days": 3}, language),
            422,
            "invalid-content",
        ),
    ):
        assert [error["pointer"] for error in problem["errors"]] == ["/facts"]


def test_acknowledgement_is_refused_when_the_same_person_decided(world: World) -> None:
    worker, claim_no = world.referred_claim()
    senior = world.staff("staff-gu")
    senior.decide(claim_no).expect(200)
    senior.decide(claim_no).expect(200)  # a double click
    assert_refused(lambda language: senior.acknowledge(claim_no, language), 409, "decision-by-same-person")
    assert worker.claim(claim_no)["status"] == "IN_REVIEW"
    assert worker.claim(claim_no)["amount_fen"] is None
    world.staff("staff-lu").acknowledge(claim_no).expect(200)
    assert world.wait_for_claim(worker, claim_no, "ACKNOWLEDGED")["amount_fen"] == 882_000


def test_decision_is_refused_when_another_was_made(world: World) -> None:
    _, claim_no = world.referred_claim()
    world.staff("staff-gu").decide(claim_no).expect(200)
    lu = world.staff("staff-lu")
    assert_refused(
        lambda language: lu.decide(claim_no, "PARTIAL", amount_fen=100, language=language),
        409,
        "claim-step-closed",
    )


def test_decision_is_refused_when_its_amount_does_not_fit(world: World) -> None:
    _, claim_no = world.referred_claim()
    senior = world.staff("staff-gu")
    for decision, amount_fen in (("DECLINED", 100), ("PARTIAL", None), ("APPROVED", 10_000_000_000)):
        refused = senior.decide(claim_no, decision, amount_fen=amount_fen)
        assert refused.status == 422, refused.content


def test_a_refusal_takes_two_people_and_is_explained(world: World) -> None:
    worker, claim_no = world.referred_claim()
    world.staff("staff-shen").decide(claim_no, "DECLINED").expect(200)
    assert worker.claim(claim_no)["decision"] == "PENDING"
    world.staff("staff-gu").acknowledge(claim_no).expect(200)
    claim = world.wait_for_claim(worker, claim_no, "CLOSED")
    assert claim["decision"] == "DECLINED"
    assert any(line["reason"] for line in claim["timeline"])
    assert world.bills_of(claim_no) == []


def test_payout_is_refused_when_the_claim_is_not_agreed(world: World) -> None:
    _, claim_no = world.approved_claim()
    finance = world.staff("staff-qiao")
    assert_refused(
        lambda language: finance.api.speaking(language).post(f"/v1/staff/claims/{claim_no}/payout"),
        409,
        "claim-not-payable",
    )


def test_disputed_amount_goes_back_to_a_person(world: World) -> None:
    worker, claim_no = world.approved_claim()
    worker.answer_amount(claim_no, "DISPUTE").expect(200)
    adjuster = world.staff("staff-shen")
    eventually(
        lambda: [line["claim_no"] for line in adjuster.queue("DECISION")],
        lambda queue: claim_no in queue,
        "the disputed claim waits for a person",
    )
