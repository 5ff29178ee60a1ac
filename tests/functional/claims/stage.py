"""A stage for the handlers: the real wiring on moto, with a still clock and a counting bank.

Workflows are remembered, not run: `tests/workflows` runs them.
"""

import base64
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from daycover.api.payouts.beneficiaries import BeneficiariesBody
from daycover.china_time import china_day
from daycover.claims.answer import AnswerKind
from daycover.claims.bill import BillReader, ReadFile
from daycover.claims.claim import Actor, Claim
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import ClaimDocument, DayFacts, Facts, document_id
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.record import record
from daycover.claims.represent import ASKED_BY_ACCOUNT, Insured
from daycover.claims.representative import Particulars, Representative, RepresentativeKind
from daycover.claims.state_advance import CertainPart
from daycover.cover.policy import Ending, EndReason, PolicyStatus
from daycover.file_kind import FileKind
from daycover.identity.document import IdDocumentType
from daycover.payouts.payout import payout_number
from daycover.payouts.reconcile import BankStatementDamagedError, FundFlowDamagedError, Movement
from daycover.payouts.transfer import Channel
from daycover.platform.config import Config
from daycover.platform.security import BlindIndex
from daycover.wechat.credentials import MerchantCredentials
from tests.functional.claims.aws import BUCKET
from tests.simulators.credentials import Credentials
from tests.support.builders import (
    NOW,
    PERSON,
    WORKER,
    a_policy,
    a_project,
    a_worker,
    an_id_number,
    an_identity,
)
from tests.support.claims import (
    ACCIDENT_AT,
    REPORTED_AT,
    SCAN,
    a_checked_bill,
    a_report,
    an_announcement,
    receipt_facts,
)
from tests.support.fakes.claims import FakeBillPlatform, FakeWorkflows
from tests.support.fakes.identity import FakeWorkCard
from tests.support.fakes.payouts import FakeBank, FakeTransfers
from tests.support.functions import event_file, load
from tests.support.key_material import merchant_credentials, read_credentials
from tests.support.wired import RecordingAdapters, Wired, install

ROOT = Path(__file__).parents[3]
STRANGER = "STRANGER000000000000"


class FakeMoneyFiles:
    """Implements `payouts.reconcile.MoneyFiles`."""

    def __init__(self, channel: Channel) -> None:
        self.lines: list[Movement] = []
        self.damaged = False
        self._error = BankStatementDamagedError if channel is Channel.BANK else FundFlowDamagedError

    def of_day(self, day: date) -> list[Movement]:
        if self.damaged:
            raise self._error
        return self.lines


class StagedIndex(BlindIndex):
    """Knows the insured's own number."""

    def person_id(self, id_number: str) -> str:
        return PERSON if id_number == an_id_number() else super().person_id(id_number)


class StagedAdapters(RecordingAdapters):
    """What lies outside AWS, and the workflows, replaced."""

    def __init__(self, config: Config, clock: Callable[[], datetime], credentials: Credentials) -> None:
        super().__init__(config, clock)
        self.wallet_transfers = FakeTransfers()
        self.bank_transfers = FakeBank()
        self.day_files = {channel: FakeMoneyFiles(channel) for channel in Channel}
        self._credentials = credentials

    @cached_property
    def bill_platform(self) -> FakeBillPlatform:
        return FakeBillPlatform()

    @property
    def bill_reader(self) -> BillReader:
        return lambda content, kind: ReadFile()

    @cached_property
    def workflows(self) -> FakeWorkflows:  # type: ignore[override]
        return FakeWorkflows()

    @cached_property
    def work_card(self) -> FakeWorkCard:
        return FakeWorkCard(self.now)

    def transfers(self, channel: Channel) -> FakeTransfers:
        return self.wallet_transfers if channel is Channel.WALLET else self.bank_transfers

    def money_files(self, channel: Channel) -> FakeMoneyFiles:
        return self.day_files[channel]

    @cached_property
    def index(self) -> BlindIndex:
        return StagedIndex(b"index")

    @cached_property
    def merchant(self) -> MerchantCredentials:
        return read_credentials(self._credentials)


CREDENTIALS = merchant_credentials()


class Stage(Wired):
    def __init__(self, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = REPORTED_AT
        self.adapters: StagedAdapters = StagedAdapters(config, lambda: self.at, CREDENTIALS)
        self._monkeypatch = monkeypatch
        self.policy = a_policy()
        self.adapters.policies.add(self.policy, None)
        self.adapters.projects.add(a_project())
        identity = an_identity(person_id=PERSON)
        for worker_id, person_id in ((WORKER, PERSON), (STRANGER, "P2")):
            self.adapters.workers.add(a_worker(worker_id=worker_id))
            self.adapters.workers.bind(worker_id, identity.model_copy(update={"person_id": person_id}), NOW)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Run the handler of a function as Lambda does."""
        module = load(function)
        self.adapters.key_ring._known.clear()  # a cold container has no data key yet
        self.adapters.calls.clear()
        self.adapters.workflows.steps.calls.clear()
        install(self.adapters, self._monkeypatch)
        return module.lambda_handler(event, LambdaContext())

    # ---- claims at every step of their way, all for the accident at ACCIDENT_AT -------------------

    def reported(self, occurred_at: datetime = ACCIDENT_AT) -> Claim:
        claim = self.claims.report_claim(WORKER, a_report(occurred_at)).claim
        assert claim is not None
        return self.claims.follow_claim.register(claim.claim_no)

    def announced(self) -> Claim:
        claim = self.reported()
        self.claims.collect_documents.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
        return claim

    def uploaded(self) -> Claim:
        claim = self.announced()
        document = self.adapters.documents.list_of(claim.claim_no)[0]
        boto3.client("s3").put_object(Bucket=BUCKET, Key=document.object_key(), Body=SCAN)
        return claim

    def send(
        self,
        claim: Claim,
        doc_type: DocumentType,
        facts: Facts | None = None,
        status: DocumentStatus = DocumentStatus.RECEIVED,
    ) -> None:
        """Put a received document into the store; the way there has tests of its own."""
        announcement = an_announcement(doc_type, facts)
        document = ClaimDocument(
            document_id=document_id(claim.claim_no, announcement),
            claim_no=claim.claim_no,
            announced=announcement,
            announced_at=self.at,
            announced_by=WORKER,
        )
        self.adapters.documents.announce(document)
        received = {"status": status, "received_at": self.at, "file_kind": FileKind.JPEG}
        self.adapters.documents.receive(document.model_copy(update=received))

    def handed_in(self, bill_fen: int = 320_000, bill: str = "A1", minutes: int = 0) -> Claim:
        """Every paper is there; the claimant has not said that this is all."""
        claim = self.reported(ACCIDENT_AT + timedelta(minutes=minutes))
        for doc_type in (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST):
            self.send(claim, doc_type)
        receipt = receipt_facts(bill_fen, bill)
        self.adapters.bill_platform.put(a_checked_bill(receipt, 14))
        self.send(claim, DocumentType.INVOICE, receipt)
        self.send(claim, DocumentType.ADMISSION_RECORD, DayFacts(days=14))
        return claim

    def documented(self, bill_fen: int = 320_000, bill: str = "A1", minutes: int = 0) -> Claim:
        claim = self.handed_in(bill_fen, bill, minutes)
        if claim.status is ClaimStatus.AWAITING_DOCS:  # else it was documented before
            claim = self.claims.collect_documents.all_sent(Actor.worker(WORKER), claim.claim_no)
        return claim

    def large(self) -> Claim:
        return self.documented(bill_fen=1_000_000)

    def approved(self) -> Claim:
        return self.assessed(self.documented())

    def referred(self) -> Claim:
        return self.assessed(self.large())

    def verified(self) -> Claim:
        claim = self.documented()
        self.claims.verify_bills(claim.claim_no)
        return claim

    def large_verified(self) -> Claim:
        claim = self.large()
        self.claims.verify_bills(claim.claim_no)
        return claim

    def assessed(self, claim: Claim) -> Claim:
        self.claims.verify_bills(claim.claim_no)
        self.claims.assess_claim(claim.claim_no)
        return claim

    def limit_taken(self) -> None:
        """Two people let a second claim of the policy stand; it takes all that the policy has for treatment."""
        claim = self.assessed(self.documented(bill_fen=10_000_000, bill="A2", minutes=30))
        verdict = Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "单据齐全")
        self.claims.decide_claim("adjuster-2", claim.claim_no, verdict)
        self.claims.acknowledge_decision("senior-2", claim.claim_no, True, None)

    def policy_ends(self, status: PolicyStatus = PolicyStatus.TERMINATED) -> None:
        """The policy ends now, after the accident; nobody was told yet."""
        reason = EndReason.NO_CONSENT if status is PolicyStatus.VOIDED else EndReason.CONSENT_WITHDRAWN
        ending = Ending(at=self.at, by="worker", actor=WORKER, reason=reason, refund_fen=0)
        self.adapters.policies.end(self.policy.model_copy(update={"status": status, "ended": ending}))

    def day_60(self) -> Claim:
        """A claim whose documents are accepted, and whose decision is 60 days late."""
        claim = self.referred()
        verdict = DocumentVerdict(DocumentStatus.ACCEPTED, "GENUINE", "原件无误")
        for document in self.adapters.documents.list_of(claim.claim_no):
            self.claims.judge_document("adjuster-1", claim.claim_no, document.document_id, verdict)
        self.at += timedelta(days=61)
        return claim

    def advance_stated(self) -> Claim:
        claim = self.day_60()
        part = CertainPart(500_000, "CERTAIN_PART", "门诊费用已核实")
        return self.claims.state_advance("adjuster-1", claim.claim_no, part)

    def advance_acknowledged(self) -> Claim:
        claim = self.advance_stated()
        return self.claims.acknowledge_advance("senior-1", claim.claim_no, 1, True, None)

    def advance_confirmed(self) -> Claim:
        claim = self.advance_acknowledged()
        number = str(self.payouts.pay_obligation.reserve(claim.claim_no, advance=1).payout_id)
        self.payouts.pay_obligation.submit(number)
        self.adapters.wallet_transfers.finish(number)
        self.payouts.pay_obligation.confirm(number)
        return claim

    def decided(self) -> Claim:
        claim = self.referred()
        verdict = Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "单据齐全")
        return self.claims.decide_claim("adjuster-1", claim.claim_no, verdict)

    def refused(self) -> Claim:
        claim = self.referred()
        verdict = Verdict(Decision.DECLINED, None, "NOT_AN_ACCIDENT", "非意外事故")
        self.claims.decide_claim("adjuster-1", claim.claim_no, verdict)
        return self.claims.acknowledge_decision("senior-1", claim.claim_no, True, None)

    def agreed(self) -> Claim:
        claim = self.approved()
        return self.claims.answer_claim(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)

    def acknowledged_large(self) -> Claim:
        """Above what needs an identity check, below the wallet limit."""
        claim = self.referred()
        verdict = Verdict(Decision.APPROVED, 1_500_000, "WITHIN_TERMS", "单据齐全")
        self.claims.decide_claim("adjuster-1", claim.claim_no, verdict)
        return self.claims.acknowledge_decision("senior-1", claim.claim_no, True, None)

    def agreed_large(self) -> Claim:
        claim = self.acknowledged_large()
        return self.claims.answer_claim(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)

    def agreed_death(self) -> Claim:
        return self.died(self.agreed_large())

    def died(self, claim: Claim) -> Claim:
        """The insured has died; a relation proof was accepted."""
        died = claim.model_copy(update={"claim_types": (ClaimType.DEATH,), "version": claim.version + 1})
        change = record(died, ClaimEvent.NOTED, at=self.at, by=Actor.staff("adjuster-1"))
        noted = change._replace(before=claim)  # as if it had been reported so
        self.adapters.claims.save(noted)
        self.send(died, DocumentType.RELATION_PROOF, status=DocumentStatus.ACCEPTED)
        return noted.after

    def heirs_asked(self) -> Claim:
        """The amount stands, and the beneficiaries are known."""
        claim = self.state_heirs(self.died(self.acknowledged_large()))
        self.payouts.state_beneficiaries.confirm("finance-1", claim.claim_no, 1)
        return claim

    def heirs_stated(self) -> Claim:
        return self.state_heirs(self.agreed_death())

    def state_heirs(self, claim: Claim) -> Claim:
        body = json.loads(event_file("state_beneficiaries", "state.200").read_text(encoding="utf-8"))["body"]
        people = BeneficiariesBody.model_validate_json(body).people()
        self.payouts.state_beneficiaries.state("adjuster-1", claim.claim_no, people)
        return claim

    def heirs_confirmed(self) -> Claim:
        claim = self.heirs_stated()
        self.payouts.state_beneficiaries.confirm("senior-1", claim.claim_no, 1)
        return claim

    def shares_fixed(self) -> Claim:
        claim = self.heirs_confirmed()
        self.payouts.pay_obligation.reserve(claim.claim_no)
        return claim

    def share_reserved(self) -> Claim:
        claim = self.shares_fixed()
        self.payouts.pay_obligation.reserve(claim.claim_no, obligation=1)
        return claim

    def share_arrived(self) -> Claim:
        claim, number = self.share_reserved(), payout_number
        self.payouts.pay_obligation.submit(number(claim.claim_no, 1))
        self.adapters.bank_transfers.finish(number(claim.claim_no, 1))
        self.payouts.pay_obligation.confirm(number(claim.claim_no, 1))
        return claim

    def identity_wanted(self) -> Claim:
        claim = self.agreed_large()
        number = str(self.payouts.pay_obligation.reserve(claim.claim_no).payout_id)
        self.payouts.request_identity.hold(claim.claim_no, number, "wait")
        return claim

    def face_shown(self, failed: str | None = None) -> Claim:
        claim = self.identity_wanted()
        self.payouts.prove_identity.start(WORKER, claim.claim_no)
        self.adapters.work_card.show_face(f"{claim.claim_no}I1", failed=failed)
        return claim

    def identity_proved(self) -> Claim:
        claim = self.face_shown()
        self.payouts.prove_identity.result(WORKER, claim.claim_no, "1")
        return claim

    def reserved(self) -> Claim:
        claim = self.agreed()
        self.payouts.pay_obligation.reserve(claim.claim_no)
        return claim

    def submitted(self) -> Claim:
        claim = self.reserved()
        self.payouts.pay_obligation.submit(payout_number(claim.claim_no, 1))
        return claim

    def confirmed(self) -> Claim:
        claim = self.submitted()
        self.adapters.wallet_transfers.finish(payout_number(claim.claim_no, 1))
        self.payouts.pay_obligation.confirm(payout_number(claim.claim_no, 1))
        return claim

    def paid(self) -> Claim:
        claim = self.confirmed()
        self.payouts.pay_obligation.post(payout_number(claim.claim_no, 1))
        return claim

    def unmatched(self) -> None:
        self.claims.report_claim(WORKER, a_report(NOW - timedelta(hours=1)))

    def asked_to_act(self, kind: RepresentativeKind = RepresentativeKind.AGENT) -> Claim:
        """A stranger's account asks to act on a claim in review."""
        claim = self.referred()
        self.ask_to_act(claim, kind)
        return claim

    def ask_to_act(
        self, claim: Claim, kind: RepresentativeKind, worker_id: str = STRANGER, heir: str = "003"
    ) -> Representative:
        said = Particulars(
            kind=kind,
            name="王小红",
            document_type=IdDocumentType.RESIDENT_ID,
            document_number=an_id_number("19920811", heir),
            relation="妹妹",
            phone="13800138000",
        )
        insured = Insured(IdDocumentType.RESIDENT_ID, an_id_number())
        return self.claims.ask_to_represent(worker_id, claim.claim_no, said, insured)

    def asked_with_proof(self) -> Claim:
        claim = self.asked_to_act()
        self.send(claim, DocumentType.POWER_OF_ATTORNEY)
        return claim

    def asked_as_guardian(self) -> Claim:
        return self.asked_to_act(RepresentativeKind.GUARDIAN)

    def asked_too_often(self) -> None:
        self.referred()
        for _ in range(ASKED_BY_ACCOUNT):
            self.adapters.asked.by_account(STRANGER, china_day(self.at))

    def reported_for_somebody(self) -> None:
        report = a_report(policy_no=None).model_copy(update={"phone": "13800138000", "relation": "妹妹"})
        number = an_id_number()
        self.claims.report_for_somebody(STRANGER, IdDocumentType.RESIDENT_ID, number, report)

    def nothing(self) -> None:
        """An empty table beyond the worker and the policy."""


def body_of(response: dict[str, Any]) -> Any:
    body = response["body"]
    return json.loads(base64.b64decode(body) if response["isBase64Encoded"] else body)


__all__ = ["ACCIDENT_AT", "CREDENTIALS", "ROOT", "STRANGER", "Stage", "body_of", "load"]
