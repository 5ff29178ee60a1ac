"""Representatives and reports for others on the fake and the real stores; a death claim over HTTP, start to payout."""

import hashlib
import json
from typing import Any, NamedTuple

import boto3
import pytest

from daycover.books.reserves import reserve_entries
from daycover.claims.claim import Actor, ActorKind, Claim, ClaimChange, Claims, Queue
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.record import opening, record
from daycover.claims.represent import Asked
from daycover.claims.representative import (
    Particulars,
    Representative,
    RepresentativeKind,
    RepresentativeStatus,
)
from daycover.errors import ConcurrentChangeError
from daycover.identity.document import IdDocumentType
from daycover.payouts.payout import payout_number
from daycover.platform.config import Config
from daycover.store.asked import StoredAsked
from daycover.store.claims import StoredClaims, StoredNotices
from tests.functional.claims.aws import BUCKET, OPERATIONS, cipher, local_aws, operations_table
from tests.functional.claims.stage import Stage, body_of
from tests.functional.claims.test_events import assert_permitted
from tests.support.builders import PERSON, WORKER, a_worker, an_id_number
from tests.support.claims import ACCIDENT_AT, REPORTED_AT, a_report
from tests.support.fakes.claims import FakeAsked, FakeClaims, FakeNotices
from tests.support.papers import a_jpeg
from tests.support.queues import queued
from tests.unit.claims.test_report_for import somebody_s
from tests.unit.claims.world import World

SISTER, BROTHER = "SISTER00000000000000", "BROTHER0000000000000"
ASKED_EVENT = ClaimEvent.REPRESENTATIVE_REQUESTED


# ---- one contract for the stores


@pytest.fixture(params=["fake", "dynamodb"])
def claims(request: pytest.FixtureRequest) -> Claims:
    if request.param == "fake":
        return FakeClaims()
    return StoredClaims(operations_table(), cipher(local_aws()), reserve_entries)


@pytest.fixture(params=["fake", "dynamodb"])
def asked(request: pytest.FixtureRequest) -> Asked:
    if request.param == "fake":
        return FakeAsked()
    local_aws()
    return StoredAsked(operations_table())


def a_representative(number: int = 1, worker_id: str = SISTER, **changes: Any) -> Representative:
    said = Particulars(
        kind=RepresentativeKind.HEIR,
        name="王小红",
        document_type=IdDocumentType.PASSPORT,
        document_number="E12345678",
        relation="姐姐",
        phone="13800138000",
    )
    asking = Representative(number=number, worker_id=worker_id, said=said, requested_at=REPORTED_AT)
    return asking.model_copy(update=changes)


def added(claims: Claims) -> Claim:
    claim = World().reported()
    claims.add(claim, opening(claim, Actor.worker(WORKER)))
    return claim


def with_(claim: Claim, asking: Representative, event: ClaimEvent = ASKED_EVENT) -> ClaimChange:
    by = Actor(kind=ActorKind.REPRESENTATIVE, id=asking.worker_id)
    if event is not ASKED_EVENT:
        by = Actor.staff("intake-1")
    return record(claim, event, at=REPORTED_AT, by=by, representatives=claim.with_representative(asking))


def test_claim_is_listed_and_waits_when_accounts_ask(claims: Claims) -> None:
    claim = added(claims)
    assert claims.represented_by(SISTER) == queued(claims, Queue.REPRESENTATIVE) == []
    first = with_(claim, a_representative())
    claims.save(first)
    second = with_(first.after, a_representative(2, BROTHER))
    claims.save(second)
    assert claims.get(claim.claim_no) == second.after
    for account in (SISTER, BROTHER):
        assert claims.represented_by(account) == [second.after]
    assert queued(claims, Queue.REPRESENTATIVE) == [second.after]
    with pytest.raises(ConcurrentChangeError):  # who read before the first request
        claims.save(with_(claim, a_representative(1, BROTHER)))


def test_claim_leaves_the_queue_when_the_last_request_is_judged_and_stays_listed(claims: Claims) -> None:
    claim = added(claims)
    change = with_(claim, a_representative())
    claims.save(change)
    judged = a_representative(status=RepresentativeStatus.REFUSED, judged_by="intake-1")
    change = with_(change.after, judged, ClaimEvent.REPRESENTATIVE_REFUSED)
    claims.save(change)
    assert queued(claims, Queue.REPRESENTATIVE) == []
    anew = with_(change.after, a_representative(2))  # the entry of the account stands already
    claims.save(anew)
    assert claims.represented_by(SISTER) == queued(claims, Queue.REPRESENTATIVE) == [anew.after]


def test_requests_are_counted_by_account_claim_and_day(asked: Asked) -> None:
    day = REPORTED_AT.date()
    assert [asked.by_account(SISTER, day) for _ in range(3)] == [1, 2, 3]
    assert asked.by_account(BROTHER, day) == 1
    assert [asked.of_claim("CL1", day) for _ in range(2)] == [1, 2]
    assert asked.of_claim("CL2", day) == 1
    assert asked.by_account(SISTER, day.replace(day=day.day + 1)) == 1


@pytest.mark.parametrize("kind", ["fake", "dynamodb"])
def test_notices_are_listed_with_reporter_and_person(kind: str) -> None:
    notices: FakeNotices | StoredNotices = FakeNotices()
    if kind == "dynamodb":
        notices = StoredNotices(operations_table(), cipher(local_aws()))
    world = World()
    kept = world.report.keep(SISTER, PERSON, somebody_s())
    other = world.report.keep(BROTHER, "P9", somebody_s())
    for notice in (kept, other, kept):
        notices.add(notice)
    assert notices.of_worker(SISTER, None) == notices.of_worker(WORKER, PERSON) == [kept]
    assert notices.of_worker(BROTHER, "P9") == [other]
    assert notices.of_worker(WORKER, None) == []
    assert notices.last_reported_at(SISTER, None) == kept.reported_at
    assert notices.last_reported_at(WORKER, None) is None


def test_nobody_is_readable_when_the_table_is_dumped() -> None:
    table, sealed = operations_table(), cipher(local_aws())
    claims = StoredClaims(table, sealed, reserve_entries)
    change = with_(added(claims), a_representative())
    claims.save(change)
    StoredNotices(table, sealed).add(World().report.keep(SISTER, PERSON, somebody_s()))
    dump = str(boto3.client("dynamodb").scan(TableName=OPERATIONS)["Items"])
    for secret in ("王小红", "E12345678", "13800138000", "王小明", "脚趾"):
        assert secret not in dump
        assert secret not in repr(change)


# ---- a death claim without the dead person's phone


class Line(NamedTuple):
    """One account, or one member of staff, over the API."""

    stage: Stage
    role: str
    subject: str
    duty: str | None = None

    def call(self, function: str, method: str, resource: str, body: Any = None, **params: str) -> Any:
        path = resource
        for name, value in params.items():
            path = path.replace(f"{{{name}}}", value)
        authorizer = {"role": self.role, "subject": self.subject}
        event = {
            "resource": resource,
            "path": path,
            "httpMethod": method,
            "headers": {"Content-Type": "application/json"},
            "multiValueHeaders": {},
            "queryStringParameters": None,
            "multiValueQueryStringParameters": None,
            "pathParameters": params or None,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": resource,
                "httpMethod": method,
                "path": path,
                "stage": "v1",
                "requestId": "5f3c1a52-0d0b-4b60-9d0a-2f4f0a7c1e01",
                "identity": {"sourceIp": "203.0.113.7", "userAgent": "MicroMessenger"},
                "authorizer": authorizer | ({"staff_roles": self.duty} if self.duty else {}),
            },
            "body": None if body is None else json.dumps(body, ensure_ascii=False),
            "isBase64Encoded": False,
        }
        response = self.stage.invoke(function, event)
        assert_permitted(function, self.stage)
        return response["statusCode"], body_of(response)

    def ok(self, function: str, method: str, resource: str, body: Any = None, **params: str) -> Any:
        status, answer = self.call(function, method, resource, body, **params)
        assert status < 300, (status, answer)
        return answer

    def file(self, claim_no: str, doc_type: str, prefix: str = "/v1") -> str:
        """Announce, upload and confirm one document; gives its id."""
        content = a_jpeg(f"{self.subject} {doc_type}")
        announcement = {
            "doc_type": doc_type,
            "content_type": "image/jpeg",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        route = f"{prefix}/claims/{{claim_no}}/documents"
        function = "add_document" if prefix == "/v1" else "file_document"
        announced = self.ok(function, "POST", route, announcement, claim_no=claim_no)
        document_id: str = announced["document_id"]
        boto3.client("s3").put_object(Bucket=BUCKET, Key=announced["upload"]["fields"]["key"], Body=content)
        self.ok(
            function,
            "POST",
            f"{route}/{{document_id}}/receipt",
            claim_no=claim_no,
            document_id=document_id,
        )
        return document_id

    def read(self, claim_no: str) -> Any:
        return self.ok("read_claims", "GET", "/v1/claims/{claim_no}", claim_no=claim_no)


REPORT = {
    "occurred_at": ACCIDENT_AT.isoformat(),
    "place": "三号分拣线",
    "description": "被传送带卷入",
    "injury": "颅脑损伤",
}
HEIRS = {SISTER: an_id_number("19920811", "003"), BROTHER: an_id_number("19951212", "005")}


def request_of(worker_id: str) -> dict[str, str]:
    return {
        "kind": "HEIR",
        "name": "王小红" if worker_id == SISTER else "王小刚",
        "document_type": "RESIDENT_ID",
        "document_number": HEIRS[worker_id],
        "relation": "子女",
        "phone": "138 0013 8000",
        "insured_id_number": an_id_number(),
    }


def beneficiaries() -> dict[str, Any]:
    return {
        "beneficiaries": [
            {
                "name": request_of(worker_id)["name"],
                "document_type": "RESIDENT_ID",
                "document_number": HEIRS[worker_id],
                "relation": "CHILD",
                "share": "1/2",
                "account_no": f"622202123456789{place:04d}",
                "bank_name": "工商银行",
            }
            for place, worker_id in enumerate((SISTER, BROTHER), start=1)
        ]
    }


@pytest.mark.parametrize("reporter", ["foreman", "heir"])
def test_death_claim_is_filed_proved_and_paid_without_the_dead_person_s_phone(
    reporter: str, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    for worker_id in (SISTER, BROTHER):
        stage.adapters.workers.add(a_worker(worker_id=worker_id))
    sister, brother = Line(stage, "worker", SISTER), Line(stage, "worker", BROTHER)
    intake = Line(stage, "staff", "intake-1", "intake")
    clerk = Line(stage, "staff", "intake-2", "intake")
    adjuster = Line(stage, "staff", "adjuster-1", "adjuster")
    senior = Line(stage, "staff", "senior-1", "senior_adjuster")
    finance = Line(stage, "staff", "finance-1", "finance")

    # reported by somebody else
    claim_no = reported(stage, reporter, sister, intake)
    stage.claims.follow_claim.register(claim_no)
    assert sister.call("read_claims", "GET", "/v1/claims/{claim_no}", claim_no=claim_no)[0] == 404

    # both heirs ask, send their proof, and are accepted; the brother's paper comes by the clerk's desk
    for line in (sister, brother):
        ask = "/v1/claims/{claim_no}/representatives"
        line.ok("represent_claim", "POST", ask, request_of(line.subject), claim_no=claim_no)
    queue = queued(stage.adapters.claims, Queue.REPRESENTATIVE)
    assert [claim.claim_no for claim in queue] == [claim_no]
    proofs = {
        "1": sister.file(claim_no, "RELATION_PROOF"),
        "2": clerk.file(claim_no, "RELATION_PROOF", "/v1/staff"),
    }
    judge = "/v1/staff/claims/{claim_no}/representatives/{number}/judgement"
    for number, document_id in proofs.items():
        verdict = {"judgement": "ACCEPT", "reason": "户口簿原件已核对", "document_id": document_id}
        own = clerk.call("represent_claim", "POST", judge, verdict, claim_no=claim_no, number=number)[0]
        assert own == (200 if number == "1" else 409)  # not the paper that the clerk filed
        if own != 200:
            intake.ok("represent_claim", "POST", judge, verdict, claim_no=claim_no, number=number)

    # the sister says yes to the use of health data and of their account and files what the checklist asks for; the
    # clerk files the last paper
    assert sister.read(claim_no)["accident"]["injury"] is None
    yes = [
        {"kind": text["kind"], "sha256": text["sha256"], "shown_at": stage.at.isoformat()}
        for text in sister.read(claim_no)["consents"]
        if text["kind"] != "FACE"
    ]
    consents = "/v1/claims/{claim_no}/consents"
    sister.ok("give_consents", "POST", consents, {"consents": yes}, claim_no=claim_no)
    missing = sister.read(claim_no)["missing"]
    assert "DEATH_CERTIFICATE" in missing
    for doc_type in missing[:-1]:
        sister.file(claim_no, doc_type)
    clerk.file(claim_no, missing[-1], "/v1/staff")
    assert sister.read(claim_no)["missing"] == []
    all_sent = "/v1/claims/{claim_no}/documents/completion"
    sister.ok("add_document", "POST", all_sent, claim_no=claim_no)
    assert stage.claims.assess_claim(claim_no).outcome == "REFERRED"

    # beneficiaries on the accepted proof, by two people; the decision, by two people
    verdict = {"status": "ACCEPTED", "reason_code": "GENUINE", "reason": "原件无误"}
    route = "/v1/staff/claims/{claim_no}/documents/{document_id}/verdict"
    adjuster.ok("judge_document", "POST", route, verdict, claim_no=claim_no, document_id=proofs["1"])
    people = "/v1/staff/claims/{claim_no}/beneficiaries"
    stated = adjuster.ok("state_beneficiaries", "POST", people, beneficiaries(), claim_no=claim_no)
    confirmation = {"version": stated["version"]}
    finance.ok("state_beneficiaries", "POST", f"{people}/confirmation", confirmation, claim_no=claim_no)
    decision = {
        "decision": "PARTIAL",
        "amount_fen": 1_000_001,
        "benefits": {"DEATH": 1_000_001},
        "reason_code": "WITHIN_TERMS",
        "reason": "按约定赔付",
    }
    adjuster.ok("decide_claim", "POST", "/v1/staff/claims/{claim_no}/decision", decision, claim_no=claim_no)
    senior.ok(
        "acknowledge_decision",
        "POST",
        "/v1/staff/claims/{claim_no}/acknowledgement",
        {"acknowledged": True, "reason": None},
        claim_no=claim_no,
    )

    # each heir answers; the dead person's phone may not
    answer, accept = "/v1/claims/{claim_no}/answer", {"answer": "ACCEPT", "reason": None}
    phone = Line(stage, "worker", WORKER)
    assert phone.call("answer_claim", "POST", answer, accept, claim_no=claim_no)[0] == 409
    assert sister.ok("answer_claim", "POST", answer, accept, claim_no=claim_no)["status"] == "ACKNOWLEDGED"
    assert brother.ok("answer_claim", "POST", answer, accept, claim_no=claim_no)["status"] == "AGREED"

    # each is paid, to an account of their own
    pay = stage.payouts.pay_obligation
    assert pay.reserve(claim_no).outcome == "APART"
    for obligation in (1, 2):
        number = str(pay.reserve(claim_no, obligation=obligation).payout_id)
        pay.submit(number)
        stage.adapters.bank_transfers.finish(number)
        pay.confirm(number)
        pay.post(number)
    claim = stage.adapters.claims.get(claim_no)
    assert claim.status == "PAID"
    paid = [(o.payee, o.amount_fen, o.state) for o in claim.round.decided_obligations]
    assert paid == [("B1", 500_001, "PAID"), ("B2", 500_000, "PAID")]
    assert stage.adapters.payouts.get(payout_number(claim_no, 1)).amount_fen == 500_001
    actors = {str(entry.by.kind) for entry in stage.adapters.claims.history(claim_no)}
    assert WORKER not in {entry.by.id for entry in stage.adapters.claims.history(claim_no)}
    assert {"REPRESENTATIVE", "STAFF"} <= actors


def reported(stage: Stage, reporter: str, sister: Line, intake: Line) -> str:
    """Report the death; who reports for a relative is told the claim's number by staff, who call them."""
    if reporter == "foreman":
        report = a_report(claim_types=(ClaimType.DEATH,))
        claim = stage.claims.report_claim.for_another(
            "company", "C1", PERSON, report, company_id=stage.policy.company_id
        ).claim
        assert claim is not None
        return claim.claim_no
    body = {
        "name": "王小明",
        "id_number": an_id_number(),
        "relation": "姐姐",
        "phone": "+86 138-0013-8000",
        "accident": REPORT,
        "claim_types": ["DEATH"],
    }
    taken = sister.ok("report_claim", "POST", "/v1/loss-notices", body)
    assert set(taken) == {"report_no", "status"}
    (own,) = sister.ok("read_claims", "GET", "/v1/loss-notices")["loss_notices"]
    assert (own["report_no"], own["status"], own["claim_no"]) == (taken["report_no"], "RECEIVED", None)
    route = "/v1/staff/loss-notices/{report_no}"
    notice = intake.ok("match_loss_notice", "GET", route, report_no=taken["report_no"])
    assert (notice["phone"], notice["insured_name"]) == ("13800138000", "王小明")
    claim_no: str = notice["matched_claim_no"]
    return claim_no
