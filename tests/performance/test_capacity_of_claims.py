"""What a claim costs at DynamoDB that no person has to decide: each step from the report to the closed file.

The counts are asserted: one call or unit more is a decision, not an accident; `make bench` prints them. The clients
are real, the answers moto's; sizes and units are computed from what went over the wire.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import boto3
import pytest

from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Actor
from daycover.claims.documents import DocumentType
from daycover.claims.evidence import Announcement, DayFacts, Facts
from daycover.payouts.payout import payout_number
from tests.functional.claims.aws import BUCKET, local_aws
from tests.functional.claims.stage import Stage
from tests.functional.claims.walk_claim import ClaimWalk
from tests.support.builders import WORKER
from tests.support.capacity import KB, Meter, units, wire_size
from tests.support.claims import a_checked_bill, a_report, an_announcement, receipt_facts
from tests.support.fakes.claims import FakeMessages
from tests.support.papers import a_jpeg

RECEIPT = receipt_facts()
PAPERS: dict[DocumentType, Facts | None] = {
    DocumentType.MEDICAL_RECORD: None,
    DocumentType.DIAGNOSIS: None,
    DocumentType.EXPENSE_LIST: None,
    DocumentType.INVOICE: RECEIPT,
    DocumentType.ADMISSION_RECORD: DayFacts(days=14),
}


class Cost(NamedTuple):
    """What one step costs: read and write units at the tables, and the write units of the exposure among them."""

    reads: float
    writes: float
    exposure: int = 0


# 2 of each line of the history keep it open until it was followed
COSTS = {
    # 1 each for the day's data key, once a day; three consents weigh a KB; 2 are the opening reserve in the journal
    "report": Cost(3.0, 15),
    "register": Cost(1.0, 10),
    "first paper": Cost(5.0, 15),  # 8 of them say when the 30 and 60 days begin
    "paper 2": Cost(5.0, 3),
    "paper 3": Cost(5.0, 3),
    "paper 4": Cost(5.0, 5),  # the bill, whose number is claimed
    "last paper": Cost(5.0, 3),
    "all sent": Cost(6.0, 16),
    "verify": Cost(8.0, 16),
    # 6 of them count towards the day's caps, 2 stand in the queue of notices, 2 are the reserve in the journal
    "assess": Cost(13.5, 39, exposure=2),
    "message": Cost(6.0, 19),  # all but 1 note that it delivered the notice, and take it from its queue
    "accept": Cost(4.0, 16),
    "reserve": Cost(3.0, 20),  # 2 are its entry in the journal
    "submit": Cost(5.0, 2),  # the intent, then the answer
    "confirm": Cost(1.0, 4),  # the money that arrived, and its entry
    "post": Cost(4.0, 18),
    "close": Cost(2.0, 16),
}
"""From the assessment on the claim is an item of 6 KB, of which the assessment is the half and the consents a sixth."""
CLAIM_STATES = [
    "RegisterClaim",
    "AwaitDocuments",
    "VerifyBills",
    "AssessClaim",
    "IsApproved",
    "AwaitAgreement",
    "IsAgreed",
    "PayClaim",
    "IsPaid",
    "CloseClaim",
]
PAYOUT_STATES = [
    "ReservePayout",
    "IsReserved",
    "SubmitPayout",
    "IsSubmitted",
    "AwaitConfirmation",
    "ConfirmPayout",
    "IsConfirmed",
    "PostPayout",
]


class Till:
    """A stage with a meter on its tables."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.meter = Meter()
        self.meter.listen(stage.adapters.dynamodb)
        self.bills: dict[str, Cost] = {}

    def bill(self, name: str, step: Callable[[], Any]) -> Any:
        """Run one step with warm keys, as in a container that has served before, and keep its bill."""
        self.stage.adapters.calls.clear()
        self.meter.bill()
        answer = step()
        bill = self.meter.bill()
        self.bills[name] = Cost(bill.read_units, bill.write_units, self._of_exposures())
        if os.environ.get("SHOW_FIGURES"):
            print(f"{name:<12} {bill.read_units:>5} RU {bill.write_units:>3.0f} WU  {', '.join(bill.calls)}")
        return answer

    def _of_exposures(self) -> int:
        """They are written in transactions alone."""
        return sum(
            2 * units(wire_size(action["Put"]["Item"]), KB)
            for operation, request in self.stage.adapters.calls
            if operation == "TransactWriteItems"
            for action in request["TransactItems"]
            if "Put" in action and action["Put"]["Item"]["pk"]["S"].startswith("EXPOSURE#")
        )


def papers() -> Iterator[tuple[Announcement, bytes]]:
    for doc_type, facts in PAPERS.items():
        content = a_jpeg(f"{doc_type} of the claim")
        yield an_announcement(doc_type, facts, content), content


def test_claim_without_people_costs_what_it_did(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exposure is written once, with the approval, and by no other step until the file is closed."""
    stage = Stage(local_aws(), monkeypatch)
    till, collect = Till(stage), stage.claims.collect_documents
    claim = till.bill("report", lambda: stage.claims.report_claim(WORKER, a_report())).claim
    claim_no, places = claim.claim_no, ("first paper", "paper 2", "paper 3", "paper 4", "last paper")
    till.bill("register", lambda: stage.claims.follow_claim.register(claim_no))
    for place, (announced, content) in zip(places, papers(), strict=True):
        document = collect.announce(Actor.worker(WORKER), claim_no, announced).document
        boto3.client("s3").put_object(Bucket=BUCKET, Key=document.object_key(), Body=content)
        till.bill(place, partial(collect.receive, Actor.worker(WORKER), claim_no, document.document_id))
    till.bill("all sent", lambda: collect.all_sent(Actor.worker(WORKER), claim_no))
    stage.adapters.bill_platform.put(a_checked_bill(RECEIPT, 14))
    till.bill("verify", lambda: stage.claims.verify_bills(claim_no))
    assert till.bill("assess", lambda: stage.claims.assess_claim(claim_no)).outcome == "AUTO_APPROVED"
    approval = stage.adapters.claims.history(claim_no)[-1]
    monkeypatch.setattr(type(stage.adapters), "subscribe_messages", FakeMessages())
    till.bill("message", lambda: stage.claims.inform_worker(approval))
    till.bill("accept", lambda: stage.claims.answer_claim(WORKER, claim_no, AnswerKind.ACCEPT, None))
    pay, payout_id = stage.payouts.pay_obligation, payout_number(claim_no, 1)
    till.bill("reserve", lambda: pay.reserve(claim_no))
    till.bill("submit", lambda: pay.submit(payout_id))
    stage.adapters.wallet_transfers.finish(payout_id)
    till.bill("confirm", lambda: pay.confirm(payout_id))
    till.bill("post", lambda: pay.post(payout_id))
    till.bill("close", lambda: stage.claims.follow_claim.close(claim_no))
    if os.environ.get("SHOW_FIGURES"):
        told = capsys.readouterr().out
        with capsys.disabled():
            print("\n" + "\n".join(line for line in told.splitlines() if " RU " in line), end="")
    assert till.bills == COSTS


def test_claim_without_people_passes_as_many_states_as_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each state is a transition that Step Functions bills."""
    stage = Stage(local_aws(), monkeypatch)
    claim_no = stage.documented().claim_no

    def accepts(state: str) -> None:
        if state == "AwaitAgreement":
            stage.claims.answer_claim(WORKER, claim_no, AnswerKind.ACCEPT, None)

    walk = ClaimWalk(stage, claim_no, monkeypatch, accepts)
    assert walk.rest() == "CloseClaim"
    assert walk.entered == CLAIM_STATES
    assert [payout.entered for payout in walk.payouts] == [PAYOUT_STATES]
