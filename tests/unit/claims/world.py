"""The world of claims and payouts on fakes that share one count of steps, and a clock that stands still."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from daycover.claims.access import ClaimAccess
from daycover.claims.answer import AnswerClaim, AnswerKind
from daycover.claims.assess import AssessClaim, Assessed
from daycover.claims.assign import AssignClaim
from daycover.claims.benefits import AddBenefits
from daycover.claims.bill import ReadFile
from daycover.claims.breaches import NoteBreaches
from daycover.claims.claim import Actor, Claim
from daycover.claims.claimant import ManageOwnClaim
from daycover.claims.collect import CollectDocuments, CompleteDocuments
from daycover.claims.compute import ComputeClaim
from daycover.claims.consenting import ManageConsents
from daycover.claims.decide import AcknowledgeDecision, DecideClaim, LookAgain, Verdict
from daycover.claims.deliver import DeliverNotice, HowDelivered
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.evidence import ClaimDocument, DayFacts, Facts, InvoiceFacts
from daycover.claims.fill_sheet import FillSheet
from daycover.claims.follow import FollowClaim
from daycover.claims.frequency import ClaimFrequency
from daycover.claims.inform import InformWorker
from daycover.claims.judge import DocumentVerdict, JudgeDocument
from daycover.claims.lifecycle import Decision
from daycover.claims.limits import MachineLimits
from daycover.claims.notice import DeliveryChannel
from daycover.claims.queues import ReadQueues
from daycover.claims.read import ReadClaims
from daycover.claims.report import ReportClaim
from daycover.claims.report_for import ReportForSomebody
from daycover.claims.represent import AskToRepresent, JudgeRepresentative
from daycover.claims.review import ReviewClaim
from daycover.claims.standing import PolicyOf
from daycover.claims.state_advance import AcknowledgeAdvance, StateAdvance
from daycover.claims.steps import Waits, WaitStep
from daycover.claims.verify import VerifyBills
from daycover.cover.policy import Policy
from daycover.identity.worker import Worker
from daycover.payouts.addressee import Addressees
from daycover.payouts.beneficiaries import HeirsOf, SharesOf, StateBeneficiaries
from daycover.payouts.designation import Designate
from daycover.payouts.ended import FlagClaims
from daycover.payouts.obligations import ClaimObligations
from daycover.payouts.pay import PayObligation, ReceiveNotice
from daycover.payouts.payee import StatePayee
from daycover.payouts.prove_identity import ConfirmIdentity, ProveIdentity
from daycover.payouts.request_identity import IdentityWait, RequestIdentity
from daycover.payouts.transfer import Channel
from daycover.payouts.trigger import TriggerPayout
from tests.support.builders import (
    WORKER,
    a_policy,
    a_project,
)
from tests.support.claims import (
    LIMITS,
    REPORTED_AT,
    SCAN,
    a_checked_bill,
    a_report,
    an_announcement,
    insured,
    receipt_facts,
)
from tests.support.fakes.claims import (
    FakeAsked,
    FakeBillPlatform,
    FakeClaimMarks,
    FakeClaims,
    FakeDeliveries,
    FakeDocuments,
    FakeMessages,
    FakeNotices,
    FakePhones,
    FakeTokens,
    FakeVault,
    FakeWorkflows,
)
from tests.support.fakes.cover import FakeCheckIns, FakePolicyReader
from tests.support.fakes.identity import (
    FakeAccountIndex,
    FakeConsents,
    FakePayeeChecks,
    FakeWorkCard,
    FakeWorkers,
)
from tests.support.fakes.payouts import (
    FakeAccounts,
    FakeBank,
    FakeBeneficiaries,
    FakeDesignations,
    FakeIdentities,
    FakePayouts,
    FakeTransfers,
)
from tests.support.fakes.port import Steps
from tests.support.fakes.projects import FakeProjects
from tests.support.ledger import check_reserved


class World:
    """Everything wired as in the composition root, with a clock that stands still until it is moved."""

    def __init__(
        self,
        *policies: Policy,
        workers: tuple[Worker, ...] = (),
        wallet_limit_fen: int = 2_000_000,
        limits: MachineLimits = LIMITS,
    ) -> None:
        self.at = REPORTED_AT
        self.steps = Steps()
        self.policy = policies[0] if policies else a_policy()
        self.workers = FakeWorkers(*(workers or (insured(),)))
        self.policies = FakePolicyReader(*(policies or (self.policy,)), steps=self.steps)
        self.claims = FakeClaims(self.steps)
        self.notices = FakeNotices(self.steps)
        self.deliveries = FakeDeliveries(self.steps)
        self.documents = FakeDocuments(self.steps)
        self.vault = FakeVault(self.steps)
        self.tokens = FakeTokens(self.steps)
        self.workflows = FakeWorkflows(self.steps)
        self.payouts = FakePayouts(self.claims, self.steps)
        self.bank = FakeTransfers(self.steps)
        self.real_bank = FakeBank(self.steps)
        self.accounts = FakeAccounts(self.claims, self.steps)
        self.identities = FakeIdentities(self.claims, self.steps)
        self.beneficiaries = FakeBeneficiaries(self.claims, self.accounts, self.steps)
        now: Callable[[], datetime] = lambda: self.at  # noqa: E731
        waits = Waits(tokens=self.tokens, workflows=self.workflows)
        self.marks = FakeClaimMarks(self.steps)
        self.exposures = self.claims.exposures
        policy_of = PolicyOf(policies=self.policies)
        self.sheets = self.claims.sheets
        self.platform = FakeBillPlatform(self.steps)
        self.compute = ComputeClaim(
            claims=self.claims, documents=self.documents, sheets=self.sheets, exposures=self.exposures
        )
        self.phones = FakePhones(self.steps)
        self.spending = self.claims.spending
        frequency = ClaimFrequency(marks=self.marks, phones=self.phones, limits=limits)
        self.assess_verified = AssessClaim(
            claims=self.claims,
            compute=self.compute,
            policy_of=policy_of,
            frequency=frequency,
            spending=self.spending,
            limits=limits,
            now=now,
        )
        self.verify = VerifyBills(
            claims=self.claims,
            documents=self.documents,
            sheets=self.sheets,
            insureds=self.workers,
            vault=self.vault,
            read=lambda content, kind: ReadFile(),
            platform=self.platform,
            assess_again=self.assess_verified.again,
            now=now,
        )
        complete = CompleteDocuments(
            claims=self.claims,
            documents=self.documents,
            waits=waits,
            assess_again=self.assess_verified.again,
            now=now,
        )
        self.access = ClaimAccess(workers=self.workers)
        self.asked = FakeAsked(self.steps)
        self.represent = AskToRepresent(
            claims=self.claims,
            access=self.access,
            asked=self.asked,
            index=FakeAccountIndex,
            now=now,
        )
        self.judge_representative = JudgeRepresentative(claims=self.claims, documents=self.documents, now=now)
        self.add_benefits = AddBenefits(claims=self.claims, access=self.access, now=now)
        self.report = ReportClaim(
            claims=self.claims,
            notices=self.notices,
            policies=self.policies,
            reporters=self.workers,
            workflows=self.workflows,
            thresholds=limits.thresholds,
            now=now,
        )
        self.report_for = ReportForSomebody(
            report=self.report,
            claims=self.claims,
            notices=self.notices,
            workers=self.workers,
            index=FakeAccountIndex,
            now=now,
        )
        self.collect = CollectDocuments(
            claims=self.claims,
            documents=self.documents,
            vault=self.vault,
            access=self.access,
            complete=complete,
            now=now,
        )
        self.follow = FollowClaim(claims=self.claims, waits=waits, complete=complete, now=now)
        self.review = ReviewClaim(
            claims=self.claims, documents=self.documents, workflows=self.workflows, now=now
        )
        self.own = ManageOwnClaim(
            claims=self.claims, exposures=self.exposures, access=self.access, waits=waits, now=now
        )
        self.consents = ManageConsents(claims=self.claims, access=self.access, now=now)
        self.note_breaches = NoteBreaches(claims=self.claims, now=now)
        self.judge = JudgeDocument(
            claims=self.claims,
            documents=self.documents,
            sheets=self.sheets,
            compute=self.compute,
            complete=complete,
            now=now,
        )
        self.fill_sheet = FillSheet(
            claims=self.claims,
            documents=self.documents,
            sheets=self.sheets,
            compute=self.compute,
            now=now,
        )
        look = LookAgain(claims=self.claims, compute=self.compute, policy_of=policy_of, waits=waits, now=now)
        self.decide = DecideClaim(claims=self.claims, look=look, waits=waits, now=now)
        self.acknowledge = AcknowledgeDecision(claims=self.claims, look=look, waits=waits, now=now)
        self.answer = AnswerClaim(
            claims=self.claims,
            access=self.access,
            heirs=HeirsOf(beneficiaries=self.beneficiaries),
            waits=waits,
            now=now,
        )
        self.read = ReadClaims(
            claims=self.claims,
            notices=self.notices,
            documents=self.documents,
            sheets=self.sheets,
            payouts=self.payouts,
            access=self.access,
            deliveries=self.deliveries,
            now=now,
        )
        self.queues = ReadQueues(claims=self.claims, notices=self.notices, now=now)
        self.assign = AssignClaim(claims=self.claims, now=now)
        self.deliver = DeliverNotice(claims=self.claims, access=self.access, now=now)
        self.messages = FakeMessages()
        self.inform = InformWorker(
            claims=self.claims,
            insureds=self.workers,
            notices=lambda: self.messages,
            deliveries=self.deliveries,
            deliver=self.deliver,
            now=now,
        )
        shares = SharesOf(beneficiaries=self.beneficiaries)
        self.state_advance = StateAdvance(claims=self.claims, compute=self.compute, shares=shares, now=now)
        self.acknowledge_advance = AcknowledgeAdvance(
            claims=self.claims,
            compute=self.compute,
            policy_of=policy_of,
            shares=shares,
            workflows=self.workflows,
            now=now,
        )
        self.books = self.claims.books
        self.obligations = ClaimObligations(
            claims=self.claims,
            payouts=self.payouts,
            exposures=self.exposures,
            policy_of=policy_of,
            shares=shares,
            waits=waits,
            workflows=self.workflows,
            now=now,
        )
        self.pay = PayObligation(
            obligations=self.obligations,
            payouts=self.payouts,
            transfers=lambda channel: self.bank if channel is Channel.WALLET else self.real_bank,
            addressees=Addressees(workers=self.workers, accounts=self.accounts, heirs=self.beneficiaries),
            identities=self.identities,
            wallet_limit_fen=wallet_limit_fen,
            tokens=self.tokens,
            workflows=self.workflows,
            now=now,
        )
        self.trigger = TriggerPayout(
            claims=self.claims,
            payouts=self.payouts,
            obligations=self.obligations,
            workflows=self.workflows,
        )
        self.flag = FlagClaims(
            policies=self.policies,
            claims=self.claims,
            exposures=self.exposures,
            pay=self.pay,
            waits=waits,
            now=now,
        )
        self.state_payee = StatePayee(
            claims=self.claims,
            access=self.access,
            payees=self.workers,
            accounts=self.accounts,
            index=FakeAccountIndex(),
            pay_again=self.trigger,
        )
        self.receive_notice = ReceiveNotice(payouts=self.payouts, pay=self.pay, now=now)
        self.work_card = FakeWorkCard(now, self.steps)
        wait = IdentityWait(tokens=self.tokens, workflows=self.workflows, pay_again=self.trigger.again)
        self.request_identity = RequestIdentity(
            claims=self.claims, payouts=self.payouts, identities=self.identities, wait=wait, now=now
        )
        self.designations = FakeDesignations(self.steps)
        self.designate = Designate(
            designations=self.designations, workers=self.workers, index=FakeAccountIndex(), now=now
        )
        self.state_beneficiaries = StateBeneficiaries(
            claims=self.claims,
            beneficiaries=self.beneficiaries,
            documents=self.documents,
            payouts=self.payouts,
            designations=self.designations,
            projects=FakeProjects(a_project()),
            index=FakeAccountIndex(),
            pay_again=self.trigger,
            now=now,
        )
        self.cover_consents = FakeConsents(self.steps)
        self.check_ins = FakeCheckIns(self.workers, self.cover_consents, self.steps)
        self.prove_identity = ProveIdentity(
            claims=self.claims,
            identities=self.identities,
            workers=self.workers,
            notes=FakePayeeChecks(self.workers, self.steps),
            check_ins=self.check_ins,
            projects=FakeProjects(a_project()),
            work_card=lambda: self.work_card,
            wait=wait,
            now=now,
        )
        self.confirm_identity = ConfirmIdentity(
            claims=self.claims, identities=self.identities, wait=wait, now=now
        )

    def assess(self, claim_no: str) -> Assessed:
        """What the workflow does once the documents are complete."""
        self.verify(claim_no)
        return self.assess_verified(claim_no)

    def called(self, claim_no: str, at: datetime | None = None) -> Claim:
        """Staff tell the claimant of the last notice by telephone, now or at an earlier instant."""
        number = self.claims.get(claim_no).round.notices[-1].number
        how = HowDelivered(DeliveryChannel.CALL, at or self.at, "13900001234", "与本人通话")
        return self.deliver.by_staff("C1", claim_no, number, how)

    def open_step(self, claim_no: str, step: WaitStep, token: str | None = None) -> None:
        self.follow.open_step(claim_no, step, token or f"token-{step}")

    def reported(self, **changes: Any) -> Claim:
        """A claim that has its checklist."""
        claim = self.report(WORKER, a_report(**changes)).claim
        assert claim is not None
        return self.follow.register(claim.claim_no)

    def send(
        self, claim: Claim, doc_type: DocumentType, facts: Facts | None = None, content: bytes = SCAN
    ) -> ClaimDocument:
        """The claimant announces, uploads and confirms one document."""
        me = Actor.worker(WORKER)
        announced = self.collect.announce(me, claim.claim_no, an_announcement(doc_type, facts, content))
        self.vault.upload(announced.uploads[0], content)
        return self.collect.receive(me, claim.claim_no, announced.document.document_id).document

    def documented(
        self, *, bill_fen: int = 320_000, days: int = 14, invoice_no: str = "A1", **changes: Any
    ) -> Claim:
        """A claim for a toe injury whose documents are complete: a genuine receipt of `days` in hospital."""
        claim = self.reported(**changes)
        self.send(claim, DocumentType.MEDICAL_RECORD)
        self.send(claim, DocumentType.DIAGNOSIS)
        self.send_bill(claim, receipt_facts(bill_fen, invoice_no), days)
        self.send(claim, DocumentType.EXPENSE_LIST)
        self.send(claim, DocumentType.ADMISSION_RECORD, DayFacts(days=days))
        return self.all_sent(claim)

    def send_bill(
        self, claim: Claim, receipt: InvoiceFacts, days: int = 0, content: bytes = SCAN, **said: Any
    ) -> ClaimDocument:
        """The claimant hands in a receipt that its platform knows; `said` is what the platform says otherwise."""
        self.platform.put(a_checked_bill(receipt, days, claim.accident.occurred_at, **said))
        return self.send(claim, DocumentType.INVOICE, receipt, content)

    def accept(self, claim: Claim, *doc_types: DocumentType) -> Claim:
        """An adjuster finds documents genuine (of these types; else every one), and so what they state."""
        for document in self.documents.list_of(claim.claim_no):
            is_one = not doc_types or document.announced.doc_type in doc_types
            if is_one and document.status is DocumentStatus.RECEIVED:
                verdict = DocumentVerdict(DocumentStatus.ACCEPTED, "GENUINE", "原件无误")
                self.judge("adjuster-1", claim.claim_no, document.document_id, verdict)
        return self.claims.get(claim.claim_no)

    def all_sent(self, claim: Claim) -> Claim:
        return self.collect.all_sent(Actor.worker(WORKER), claim.claim_no)

    def check_books(self) -> None:
        """What the books say of every claim is what the claim and its payouts say."""
        payouts = self.payouts.all()
        for claim in self.claims.all():
            own = [payout for payout in payouts if payout.claim_no == claim.claim_no]
            check_reserved(self.books.entries, claim, own)

    def agreed(self, **changes: Any) -> Claim:
        """A claim that the machine approved and the worker accepted."""
        claim = self.documented(**changes)
        assert self.assess(claim.claim_no).outcome == "AUTO_APPROVED"
        return self.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)

    def agreed_large(self, amount_fen: int = 1_500_000) -> Claim:
        """A claim that two people approved at a large sum and the worker accepted."""
        claim = self.referred()
        verdict = Verdict(Decision.APPROVED, amount_fen, "WITHIN_TERMS", "单据齐全")
        self.decide("adjuster-1", claim.claim_no, verdict)
        self.acknowledge("senior-1", claim.claim_no, True, None)
        return self.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)

    def referred(self, **changes: Any) -> Claim:
        """A claim that is too large for the machine."""
        claim = self.documented(bill_fen=1_000_000, **changes)
        assert self.assess(claim.claim_no).outcome == "REFERRED"
        return self.claims.get(claim.claim_no)
