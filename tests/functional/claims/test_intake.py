"""Intake on real stores: a policy that only the archive still holds, and what the new items are worth."""

from datetime import timedelta

import pytest

from daycover.claims.documents import DocumentStatus
from daycover.claims.evidence import ClaimDocument, InvoiceFacts, document_id
from daycover.claims.loss_notice import LossNoticeNotFoundError, NoticeStatus
from daycover.errors import ConcurrentChangeError
from daycover.platform.config import Config
from tests.functional.claims.stage import Stage
from tests.support.builders import NOW, PERSON, WORKER, a_policy
from tests.support.claims import a_checked_bill, a_report, an_announcement


@pytest.fixture
def stage(aws: Config, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(aws, monkeypatch)


@pytest.mark.parametrize("numbered", [True, False])
def test_claim_is_admitted_when_its_policy_expired_700_days_ago(numbered: bool, stage: Stage) -> None:
    start = NOW - timedelta(days=700)
    old = a_policy(start=start, sequence=77, check_in_id="20241224-01")
    assert stage.adapters.archive.add(old)
    assert old.policy_no not in [p.policy_no for p in stage.adapters.policies.list_of(PERSON)]
    report = a_report(start + timedelta(hours=5), policy_no=old.policy_no if numbered else None)
    reported = stage.claims.report_claim(WORKER, report)
    assert reported.claim is not None
    assert reported.claim.policy == old, "the claim keeps its own copy"
    assert reported.claim.claim_no in stage.adapters.workflows.claims
    assert "LIMITATION_PASSED" not in {signal.rule for signal in reported.claim.signals}


def test_notice_leaves_the_queue_when_settled(stage: Stage) -> None:
    notice = stage.claims.report_claim.for_another("staff", "clerk-1", None, a_report()).notice
    assert notice is not None
    notices = stage.adapters.loss_notices
    notices.settle(notice.model_copy(update={"status": NoticeStatus.CONVERTED, "claim_no": "CL1"}))
    notices.settle(notice.model_copy(update={"status": NoticeStatus.CONVERTED, "claim_no": "CL2"}))
    assert notices.get(notice.report_no).claim_no == "CL1"
    assert notices.entries(100) == []
    with pytest.raises(LossNoticeNotFoundError):
        notices.get("RN0")


def test_verdict_is_stored_once_when_two_people_judge(stage: Stage) -> None:
    claim = stage.documented()
    documents = stage.adapters.documents
    invoice = next(d for d in documents.list_of(claim.claim_no) if d.invoice_no)
    assert isinstance(invoice.announced.facts, InvoiceFacts)
    checked = {"checked_at": NOW, "checks": (a_checked_bill(invoice.announced.facts, 14),)}
    judged = invoice.model_copy(update={"status": DocumentStatus.ACCEPTED} | checked)
    documents.judge(judged, DocumentStatus.RECEIVED)
    assert documents.get(claim.claim_no, invoice.document_id) == judged
    with pytest.raises(ConcurrentChangeError):
        documents.judge(judged, DocumentStatus.RECEIVED)


def test_first_claim_holds_the_file_when_it_comes_again(stage: Stage) -> None:
    announced = an_announcement(facts=None)
    holders = []
    for claim_no in ("CL1", "CL2"):
        document = ClaimDocument(
            document_id=document_id(claim_no, announced),
            claim_no=claim_no,
            announced=announced,
            announced_at=NOW,
            announced_by=WORKER,
        )
        holders.append(stage.adapters.documents.first_with_file(document))
    assert [holder.partition("/")[0] for holder in holders] == ["CL1", "CL1"]


def test_clock_s_entry_moves_with_the_claim_when_it_is_noted(stage: Stage) -> None:
    stage.referred()
    assert stage.claims.note_breaches() == []
    stage.at += timedelta(days=31)
    assert len(stage.claims.note_breaches()) == 2
    assert stage.claims.note_breaches() == []
