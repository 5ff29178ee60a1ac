"""Cover from the scanned code to the certificate, and what follows a policy until it is forgotten."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.cover.archive import ArchivePolicy, PolicyFinder
    from daycover.cover.ask_referral import AskReferral
    from daycover.cover.cancel import CancelPolicy
    from daycover.cover.certificate import CertificateKeys
    from daycover.cover.certify import IssueCertificate, VerifyCertificate
    from daycover.cover.complete import CompleteCheckIn
    from daycover.cover.decide_referral import ConfirmReferral, DecideReferral
    from daycover.cover.end import EndPolicies
    from daycover.cover.erase import EraseWorker, PurgeLocations
    from daycover.cover.issue import IssuePolicy
    from daycover.cover.load_tables import LoadTables
    from daycover.cover.preview import PreviewCover
    from daycover.cover.prove import ProveCheckIn
    from daycover.cover.read import ReadPolicies
    from daycover.cover.refer_occupation import AnswerOccupation, ReferOccupation
    from daycover.cover.referral_documents import AddReferralDocument
    from daycover.cover.roster import RecordCover
    from daycover.cover.signals import ReadSignals, WeighCheckIn
    from daycover.cover.start_check_in import StartCheckIn
    from daycover.cover.stop import StopApplications
    from daycover.cover.stuffing import ReadStuffing
    from daycover.cover.sweep import SweepArchive
    from daycover.cover.tariff import ReadTariff
    from daycover.cover.terms import InsuranceTerms, TermsReference
    from daycover.cover.void import VoidPolicy
    from daycover.cover.withdraw import WithdrawConsents
    from daycover.identity.consent import Consents
    from daycover.wechat.credentials import MerchantCredentials
    from daycover.wiring.books import BooksWiring
    from daycover.wiring.payouts import PayoutsWiring
    from daycover.wiring.projects import ProjectsWiring
    from daycover.wiring.reporting import ReportingWiring


class CoverWiring(Wiring):
    # ---- from the code to the policy -------------------------------------------------------------

    @property
    def merchant(self) -> MerchantCredentials:
        return self._adapters.merchant

    @cached_property
    def read_tariff(self) -> ReadTariff:
        from daycover.cover.tariff import ReadTariff

        return ReadTariff(now=self._adapters.now, referrals=self._adapters.occupation_referrals)

    @cached_property
    def refer_occupation(self) -> ReferOccupation:
        from daycover.cover.refer_occupation import ReferOccupation

        return ReferOccupation(
            now=self._adapters.now,
            companies=self._adapters.companies,
            referrals=self._adapters.occupation_referrals,
        )

    @cached_property
    def answer_occupation(self) -> AnswerOccupation:
        from daycover.cover.refer_occupation import AnswerOccupation

        return AnswerOccupation(now=self._adapters.now, referrals=self._adapters.occupation_referrals)

    def terms_reference(self, version: str) -> TermsReference:
        """Say of a version of the insurance terms what it is and where it is read."""
        from daycover.cover.terms import reference

        return reference(version, self.filing_no(version), self._adapters.config.public_url)

    def read_terms(self, terms_id: str) -> InsuranceTerms:
        from daycover.cover.terms import terms_by_id

        return terms_by_id(terms_id)

    def filing_no(self, terms_version: str) -> str:
        return self._adapters.config.filing_no(terms_version)

    @cached_property
    def preview_cover(self) -> PreviewCover:
        from daycover.cover.preview import PreviewCover

        return PreviewCover(
            now=self._adapters.now,
            projects=self._adapters.projects,
            code_key=self._adapters.code_key,
            check_ins=self._adapters.check_ins,
            consents=self._adapters.consents,
            visits=self._adapters.visits,
            policies=self._adapters.policies,
        )

    @cached_property
    def start_check_in(self) -> StartCheckIn:
        from daycover.cover.start_check_in import StartCheckIn

        return StartCheckIn(
            now=self._adapters.now,
            projects=self._adapters.projects,
            code_key=self._adapters.code_key,
            check_ins=self._adapters.check_ins,
            policies=self._adapters.policies,
            index=self._adapters.index,
            work_card=self._adapters.work_card,
            reminders=self._adapters.reminders,
            visits=self._adapters.visits,
            refused=self._adapters.refused_places,
        )

    @cached_property
    def prove_check_in(self) -> ProveCheckIn:
        from daycover.cover.prove import ProveCheckIn

        return ProveCheckIn(
            now=self._adapters.now,
            check_ins=self._adapters.check_ins,
            policies=self._adapters.policies,
            work_card=self._adapters.work_card,
            issue_policy=self._issue_policy,
        )

    @cached_property
    def _issue_policy(self) -> IssuePolicy:
        from daycover.cover.issue import IssuePolicy

        return IssuePolicy(
            now=self._adapters.now,
            policies=self._adapters.policies,
            workers=self._adapters.workers,
            applicant=self._adapters.check_ins.context,
        )

    @cached_property
    def complete_check_in(self) -> CompleteCheckIn:
        from daycover.cover.complete import CompleteCheckIn

        return CompleteCheckIn(
            prove_check_in=self.prove_check_in,
            reminders=self._adapters.reminders,
            weigh=self.weigh_check_in,
            check_ins=self._adapters.check_ins,
            visits=self._adapters.visits,
        )

    # ---- tables ----------------------------------------------------------------------------------

    @cached_property
    def load_tables(self) -> LoadTables:
        from daycover.claims.calendar import CALENDARS
        from daycover.cover.load_tables import LoadTables
        from daycover.cover.occupation import OCCUPATION_TABLES
        from daycover.cover.plan import PLAN_VERSIONS

        return LoadTables(
            now=self._adapters.now,
            tables={table.name: table for table in (PLAN_VERSIONS, OCCUPATION_TABLES, CALENDARS)},
            stored=self._adapters.tables,
        )

    # ---- signals ---------------------------------------------------------------------------------

    @cached_property
    def weigh_check_in(self) -> WeighCheckIn:
        from daycover.cover.signals import WeighCheckIn

        return WeighCheckIn(
            check_ins=self._adapters.check_ins,
            projects=self._adapters.projects,
            policies=self._adapters.policies,
            sightings=self._adapters.sightings,
            flagged=self._adapters.flagged_check_ins,
        )

    @cached_property
    def read_signals(self) -> ReadSignals:
        from daycover.cover.signals import ReadSignals

        return ReadSignals(projects=self._adapters.projects, flagged=self._adapters.flagged_check_ins)

    @cached_property
    def read_stuffing(self) -> ReadStuffing:
        from daycover.cover.stuffing import ReadStuffing

        return ReadStuffing(
            now=self._adapters.now,
            projects=self._adapters.projects,
            flagged=self._adapters.flagged_check_ins,
        )

    # ---- referrals -------------------------------------------------------------------------------

    @cached_property
    def ask_referral(self) -> AskReferral:
        from daycover.cover.ask_referral import AskReferral
        from daycover.platform.ids import ulid

        return AskReferral(
            now=self._adapters.now,
            new_id=ulid,
            projects=self._adapters.projects,
            code_key=self._adapters.code_key,
            check_ins=self._adapters.check_ins,
            policies=self._adapters.policies,
            index=self._adapters.index,
            referrals=self._adapters.referrals,
        )

    @cached_property
    def add_referral_document(self) -> AddReferralDocument:
        from daycover.cover.referral_documents import AddReferralDocument

        return AddReferralDocument(
            now=self._adapters.now, referrals=self._adapters.referrals, vault=self._adapters.vault
        )

    @cached_property
    def confirm_referral(self) -> ConfirmReferral:
        from daycover.cover.decide_referral import ConfirmReferral

        return ConfirmReferral(now=self._adapters.now, referrals=self._adapters.referrals)

    @cached_property
    def decide_referral(self) -> DecideReferral:
        from daycover.cover.decide_referral import DecideReferral

        return DecideReferral(
            now=self._adapters.now,
            referrals=self._adapters.referrals,
            issue_policy=self._issue_policy,
        )

    # ---- policies, wherever they are kept --------------------------------------------------------

    @cached_property
    def find_policy(self) -> PolicyFinder:
        """Hot table first, then the archive; for everybody but the issuing path."""
        from daycover.cover.archive import PolicyFinder

        return PolicyFinder(hot=self._adapters.policies, archive=self._adapters.archive)

    @cached_property
    def read_policies(self) -> ReadPolicies:
        from daycover.cover.read import ReadPolicies

        adapters = self._adapters
        return ReadPolicies(workers=adapters.workers, policies=self.find_policy, projects=adapters.projects)

    @cached_property
    def _end_policies(self) -> EndPolicies:
        from daycover.cover.end import EndPolicies

        return EndPolicies(now=self._adapters.now, policies=self._adapters.policies)

    @cached_property
    def cancel_policy(self) -> CancelPolicy:
        from daycover.cover.cancel import CancelPolicy

        return CancelPolicy(
            policies=self._adapters.policies,
            workers=self._adapters.workers,
            end_policies=self._end_policies,
        )

    @cached_property
    def void_policy(self) -> VoidPolicy:
        from daycover.cover.void import VoidPolicy

        return VoidPolicy(
            now=self._adapters.now,
            policies=self._adapters.policies,
            archive=self._adapters.archive,
            end_policies=self._end_policies,
        )

    # ---- what follows from the stream ------------------------------------------------------------

    @cached_property
    def archive_policy(self) -> ArchivePolicy:
        from daycover.cover.archive import ArchivePolicy, KeepPolicies

        keep = KeepPolicies(archive=self._adapters.archive)
        return ArchivePolicy(now=self._adapters.now, keep=keep, tell=self._reporting.queue_policy_rows)

    @cached_property
    def sweep_archive(self) -> SweepArchive:
        from daycover.cover.sweep import SweepArchive

        return SweepArchive(
            now=self._adapters.now,
            policies=self._adapters.policies,
            sweeps=self._adapters.sweeps,
            archive=self._adapters.archive,
            lines=self._books.book_cover,
            tell=self._reporting.queue_policy_rows,
        )

    @cached_property
    def record_cover(self) -> RecordCover:
        from daycover.cover.roster import RecordCover

        stores, lines = self._adapters, self._books.book_cover
        return RecordCover(
            lines=lines, ended=stores.ended_policies, counted=stores.counted, visits=stores.visits
        )

    # ---- certificates ----------------------------------------------------------------------------

    @property
    def certificate_keys(self) -> CertificateKeys:
        return self._adapters.certificate_keys

    @cached_property
    def issue_certificate(self) -> IssueCertificate:
        from daycover.cover.certify import IssueCertificate, published

        key = published(self._adapters.certificate_key, self.certificate_keys)
        return IssueCertificate(
            policies=self.read_policies,
            companies=self._adapters.companies,
            designated=self._payouts.count_designated,
            key=key,
        )

    @cached_property
    def verify_certificate(self) -> VerifyCertificate:
        from daycover.cover.certify import VerifyCertificate
        from daycover.platform.signing import verify_ed25519

        return VerifyCertificate(
            keys=self.certificate_keys,
            verify_signature=verify_ed25519,
            policies=self.find_policy,
            now=self._adapters.now,
        )

    def certificate_link(self, credential: str) -> str:
        from daycover.cover.certificate import certificate_link

        return certificate_link(self._adapters.config.public_url, credential)

    # ---- the worker's consents and data ----------------------------------------------------------

    @property
    def consent_history(self) -> Consents:
        return self._adapters.consents

    @cached_property
    def withdraw_consents(self) -> WithdrawConsents:
        from daycover.cover.withdraw import WithdrawConsents

        return WithdrawConsents(
            now=self._adapters.now,
            consents=self._adapters.consents,
            projects=self._adapters.projects,
            visits=self._adapters.visits,
            stop=self._stop_applications,
            end_policies=self._end_policies,
        )

    @cached_property
    def _stop_applications(self) -> StopApplications:
        from daycover.cover.stop import StopApplications

        return StopApplications(
            now=self._adapters.now,
            workers=self._adapters.workers,
            check_ins=self._adapters.check_ins,
            referrals=self._adapters.referrals,
            policies=self._adapters.policies,
        )

    @cached_property
    def purge_locations(self) -> PurgeLocations:
        from daycover.cover.erase import PurgeLocations

        return PurgeLocations(
            now=self._adapters.now, delete_keys_before=self._adapters.day_keys.delete_before
        )

    @cached_property
    def erase_worker(self) -> EraseWorker:
        from daycover.cover.erase import EraseWorker

        return EraseWorker(
            now=self._adapters.now,
            workers=self._adapters.workers,
            consents=self._adapters.consents,
            check_ins=self._adapters.check_ins,
            referrals=self._adapters.referrals,
            visits=self._adapters.visits,
            vault=self._adapters.vault,
            policies=self.find_policy,
            designations=self._adapters.designations,
            reported_at=self._adapters.loss_notices.last_reported_at,
            erasures=self._adapters.erasures,
            stop=self._stop_applications,
        )

    @property
    def _books(self) -> BooksWiring:
        from daycover.wiring.books import BooksWiring

        return self._adapters.wired(BooksWiring)

    @property
    def _payouts(self) -> PayoutsWiring:
        from daycover.wiring.payouts import PayoutsWiring

        return self._adapters.wired(PayoutsWiring)

    @property
    def _projects(self) -> ProjectsWiring:
        from daycover.wiring.projects import ProjectsWiring

        return self._adapters.wired(ProjectsWiring)

    @property
    def _reporting(self) -> ReportingWiring:
        from daycover.wiring.reporting import ReportingWiring

        return self._adapters.wired(ReportingWiring)


def cover() -> CoverWiring:
    """Give what this container's functions of cover can do."""
    return wired(CoverWiring)
