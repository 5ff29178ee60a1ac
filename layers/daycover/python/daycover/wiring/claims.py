"""Claims from the loss notice to the closed file, and the documents, decisions and clocks in between."""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.claims.access import ClaimAccess
    from daycover.claims.answer import AnswerClaim
    from daycover.claims.assess import AssessClaim
    from daycover.claims.benefits import AddBenefits
    from daycover.claims.breaches import NoteBreaches
    from daycover.claims.claim import Actor
    from daycover.claims.claimant import ManageOwnClaim
    from daycover.claims.collect import CollectDocuments, CompleteDocuments
    from daycover.claims.compute import ComputeClaim
    from daycover.claims.consenting import ManageConsents
    from daycover.claims.decide import AcknowledgeDecision, DecideClaim, LookAgain
    from daycover.claims.deliver import DeliverNotice
    from daycover.claims.fill_sheet import FillSheet
    from daycover.claims.follow import FollowClaim
    from daycover.claims.frequency import ClaimFrequency
    from daycover.claims.inform import InformWorker
    from daycover.claims.judge import JudgeDocument
    from daycover.claims.limits import MachineLimits
    from daycover.claims.looks import LookAtClaims
    from daycover.claims.read import ReadClaims
    from daycover.claims.report import ReportClaim
    from daycover.claims.report_for import ReportForSomebody
    from daycover.claims.represent import AskToRepresent, JudgeRepresentative
    from daycover.claims.review import ReviewClaim
    from daycover.claims.service import KeepServiceLevels, ReadServiceLevels
    from daycover.claims.standing import PolicyOf
    from daycover.claims.state_advance import AcknowledgeAdvance, StateAdvance
    from daycover.claims.steps import Waits
    from daycover.claims.verify import VerifyBills
    from daycover.cover.archive import PolicyFinder
    from daycover.identity.person import FindPerson
    from daycover.wechat.credentials import MerchantCredentials
    from daycover.wiring.payouts import PayoutsWiring


class ClaimsWiring(Wiring):
    @staticmethod
    def account(worker_id: str) -> Actor:
        """Whoever signed in with WeChat; what they are on a claim, `access` says."""
        from daycover.claims.claim import Actor

        return Actor.worker(worker_id)

    @staticmethod
    def clerk(staff_id: str) -> Actor:
        from daycover.claims.claim import Actor

        return Actor.staff(staff_id)

    # ---- the claimant ----------------------------------------------------------------------------

    @cached_property
    def find_person(self) -> FindPerson:
        from daycover.identity.person import FindPerson

        outside = self._adapters
        return FindPerson(workers=outside.workers, index=lambda: outside.index, now=outside.now)

    @cached_property
    def report_claim(self) -> ReportClaim:
        from daycover.claims.report import ReportClaim

        return ReportClaim(
            claims=self._adapters.claims,
            notices=self._adapters.loss_notices,
            policies=self._find_policy,
            reporters=self._adapters.workers,
            workflows=self._adapters.workflows,
            thresholds=self.machine_limits.thresholds,
            now=self._adapters.now,
        )

    @cached_property
    def report_for_somebody(self) -> ReportForSomebody:
        from daycover.claims.report_for import ReportForSomebody

        return ReportForSomebody(
            report=self.report_claim,
            claims=self._adapters.claims,
            notices=self._adapters.loss_notices,
            workers=self._adapters.workers,
            index=lambda: self._adapters.index,
            now=self._adapters.now,
        )

    @cached_property
    def access(self) -> ClaimAccess:
        from daycover.claims.access import ClaimAccess

        return ClaimAccess(workers=self._adapters.workers)

    @cached_property
    def ask_to_represent(self) -> AskToRepresent:
        from daycover.claims.represent import AskToRepresent

        return AskToRepresent(
            claims=self._adapters.claims,
            access=self.access,
            asked=self._adapters.asked,
            index=lambda: self._adapters.index,
            now=self._adapters.now,
        )

    @cached_property
    def judge_representative(self) -> JudgeRepresentative:
        from daycover.claims.represent import JudgeRepresentative

        return JudgeRepresentative(
            claims=self._adapters.claims, documents=self._adapters.documents, now=self._adapters.now
        )

    @cached_property
    def add_benefits(self) -> AddBenefits:
        from daycover.claims.benefits import AddBenefits

        return AddBenefits(claims=self._adapters.claims, access=self.access, now=self._adapters.now)

    @cached_property
    def collect_documents(self) -> CollectDocuments:
        from daycover.claims.collect import CollectDocuments

        return CollectDocuments(
            claims=self._adapters.claims,
            documents=self._adapters.documents,
            vault=self._adapters.vault,
            access=self.access,
            complete=self.complete_documents,
            now=self._adapters.now,
        )

    @cached_property
    def answer_claim(self) -> AnswerClaim:
        from daycover.claims.answer import AnswerClaim

        return AnswerClaim(
            claims=self._adapters.claims,
            access=self.access,
            heirs=self._payouts.heirs_of,
            waits=self.waits,
            now=self._adapters.now,
        )

    @cached_property
    def manage_own_claim(self) -> ManageOwnClaim:
        from daycover.claims.claimant import ManageOwnClaim

        return ManageOwnClaim(
            claims=self._adapters.claims,
            exposures=self._adapters.exposures,
            access=self.access,
            waits=self.waits,
            now=self._adapters.now,
        )

    @cached_property
    def consents(self) -> ManageConsents:
        from daycover.claims.consenting import ManageConsents

        return ManageConsents(claims=self._adapters.claims, access=self.access, now=self._adapters.now)

    @cached_property
    def read_claims(self) -> ReadClaims:
        from daycover.claims.read import ReadClaims

        return ReadClaims(
            claims=self._adapters.claims,
            notices=self._adapters.loss_notices,
            documents=self._adapters.documents,
            sheets=self._adapters.sheets,
            payouts=self._adapters.payouts,
            access=self.access,
            deliveries=self._adapters.deliveries,
            now=self._adapters.now,
        )

    @cached_property
    def deliver_notice(self) -> DeliverNotice:
        from daycover.claims.deliver import DeliverNotice

        return DeliverNotice(claims=self._adapters.claims, access=self.access, now=self._adapters.now)

    # ---- staff -----------------------------------------------------------------------------------

    @cached_property
    def review_claim(self) -> ReviewClaim:
        from daycover.claims.review import ReviewClaim

        return ReviewClaim(
            claims=self._adapters.claims,
            documents=self._adapters.documents,
            workflows=self._adapters.workflows,
            now=self._adapters.now,
        )

    @cached_property
    def look_at(self) -> LookAtClaims:
        from daycover.claims.looks import LookAtClaims

        return LookAtClaims(
            read=self.read_claims,
            claims=self._adapters.claims,
            documents=self._adapters.documents,
            vault=self._adapters.vault,
            looks=self._adapters.looks,
            now=self._adapters.now,
        )

    @cached_property
    def judge_document(self) -> JudgeDocument:
        from daycover.claims.judge import JudgeDocument

        return JudgeDocument(
            claims=self._adapters.claims,
            documents=self._adapters.documents,
            sheets=self._adapters.sheets,
            compute=self.compute_claim,
            complete=self.complete_documents,
            now=self._adapters.now,
        )

    @cached_property
    def fill_sheet(self) -> FillSheet:
        from daycover.claims.fill_sheet import FillSheet

        return FillSheet(
            claims=self._adapters.claims,
            documents=self._adapters.documents,
            sheets=self._adapters.sheets,
            compute=self.compute_claim,
            now=self._adapters.now,
        )

    @cached_property
    def decide_claim(self) -> DecideClaim:
        from daycover.claims.decide import DecideClaim

        return DecideClaim(
            claims=self._adapters.claims,
            look=self._look_again,
            waits=self.waits,
            now=self._adapters.now,
        )

    @cached_property
    def acknowledge_decision(self) -> AcknowledgeDecision:
        from daycover.claims.decide import AcknowledgeDecision

        return AcknowledgeDecision(
            claims=self._adapters.claims,
            look=self._look_again,
            waits=self.waits,
            now=self._adapters.now,
        )

    @cached_property
    def _look_again(self) -> LookAgain:
        from daycover.claims.decide import LookAgain

        return LookAgain(
            claims=self._adapters.claims,
            compute=self.compute_claim,
            policy_of=self.policy_of,
            waits=self.waits,
            now=self._adapters.now,
        )

    @cached_property
    def state_advance(self) -> StateAdvance:
        from daycover.claims.state_advance import StateAdvance

        return StateAdvance(
            claims=self._adapters.claims,
            compute=self.compute_claim,
            shares=self._payouts.shares_of,
            now=self._adapters.now,
        )

    @cached_property
    def acknowledge_advance(self) -> AcknowledgeAdvance:
        from daycover.claims.state_advance import AcknowledgeAdvance

        return AcknowledgeAdvance(
            claims=self._adapters.claims,
            compute=self.compute_claim,
            policy_of=self.policy_of,
            shares=self._payouts.shares_of,
            workflows=self._adapters.workflows,
            now=self._adapters.now,
        )

    # ---- the workflow ----------------------------------------------------------------------------

    @cached_property
    def follow_claim(self) -> FollowClaim:
        from daycover.claims.follow import FollowClaim

        return FollowClaim(
            claims=self._adapters.claims,
            waits=self.waits,
            complete=self.complete_documents,
            now=self._adapters.now,
        )

    @cached_property
    def assess_claim(self) -> AssessClaim:
        from daycover.claims.assess import AssessClaim

        return AssessClaim(
            claims=self._adapters.claims,
            compute=self.compute_claim,
            policy_of=self.policy_of,
            frequency=self.claim_frequency,
            spending=self._adapters.automatic_spending,
            limits=self.machine_limits,
            now=self._adapters.now,
        )

    @cached_property
    def compute_claim(self) -> ComputeClaim:
        from daycover.claims.compute import ComputeClaim

        return ComputeClaim(
            claims=self._adapters.claims,
            documents=self._adapters.documents,
            sheets=self._adapters.sheets,
            exposures=self._adapters.exposures,
        )

    @cached_property
    def verify_bills(self) -> VerifyBills:
        from daycover.claims.verify import VerifyBills

        return VerifyBills(
            claims=self._adapters.claims,
            documents=self._adapters.documents,
            sheets=self._adapters.sheets,
            insureds=self._adapters.workers,
            vault=self._adapters.vault,
            read=self._adapters.bill_reader,
            platform=self._adapters.bill_platform,
            assess_again=self.assess_claim.again,
            now=self._adapters.now,
        )

    @cached_property
    def policy_of(self) -> PolicyOf:
        from daycover.claims.standing import PolicyOf

        return PolicyOf(policies=self._find_policy)

    @property
    def _payouts(self) -> PayoutsWiring:
        from daycover.wiring.payouts import PayoutsWiring

        return self._adapters.wired(PayoutsWiring)

    @cached_property
    def claim_frequency(self) -> ClaimFrequency:
        from daycover.claims.frequency import ClaimFrequency

        return ClaimFrequency(
            marks=self._adapters.claim_marks, phones=self._adapters.phones, limits=self.machine_limits
        )

    @cached_property
    def machine_limits(self) -> MachineLimits:
        from daycover.claims.limits import MachineLimits

        config = self._adapters.config
        return MachineLimits(**{f.name: getattr(config, f"machine_{f.name}") for f in fields(MachineLimits)})

    @cached_property
    def complete_documents(self) -> CompleteDocuments:
        from daycover.claims.collect import CompleteDocuments

        return CompleteDocuments(
            claims=self._adapters.claims,
            documents=self._adapters.documents,
            waits=self.waits,
            assess_again=self.assess_claim.again,
            now=self._adapters.now,
        )

    @cached_property
    def waits(self) -> Waits:
        from daycover.claims.steps import Waits

        return Waits(tokens=self._adapters.claim_tokens, workflows=self._adapters.workflows)

    # ---- what follows from the history -----------------------------------------------------------

    @cached_property
    def inform_worker(self) -> InformWorker:
        from daycover.claims.inform import InformWorker

        return InformWorker(
            claims=self._adapters.claims,
            insureds=self._adapters.workers,
            notices=lambda: self._adapters.subscribe_messages,
            deliveries=self._adapters.deliveries,
            deliver=self.deliver_notice,
            now=self._adapters.now,
            is_on=bool(self._adapters.config.claim_message_template),
        )

    @cached_property
    def keep_service_levels(self) -> KeepServiceLevels:
        from daycover.claims.service import KeepServiceLevels

        return KeepServiceLevels(services=self._adapters.services)

    @cached_property
    def read_service_levels(self) -> ReadServiceLevels:
        from daycover.claims.service import ReadServiceLevels

        return ReadServiceLevels(services=self._adapters.services)

    @cached_property
    def note_breaches(self) -> NoteBreaches:
        from daycover.claims.breaches import NoteBreaches

        return NoteBreaches(claims=self._adapters.claims, now=self._adapters.now)

    @property
    def merchant(self) -> MerchantCredentials:
        return self._adapters.merchant

    @property
    def _find_policy(self) -> PolicyFinder:
        from daycover.wiring.cover import CoverWiring

        return self._adapters.wired(CoverWiring).find_policy


def claims() -> ClaimsWiring:
    """Give what this container's functions of claims can do."""
    return wired(ClaimsWiring)
