"""Every store over the tables, buckets and queues: each is built when a use case first asks for it."""

from __future__ import annotations

import hmac
from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.cloud import Cloud, of_secrets

if TYPE_CHECKING:
    from daycover.books.terms import ContractTerms
    from daycover.cover.known_tables import KnownTables
    from daycover.cover.roster import CountedProjects
    from daycover.store.archive import StoredArchive
    from daycover.store.asked import StoredAsked
    from daycover.store.beneficiaries import StoredBeneficiaries
    from daycover.store.certificates import StoredCertificateKeys
    from daycover.store.claim_marks import StoredClaimMarks, StoredPhones
    from daycover.store.claims import StoredClaims, StoredNotices, StoredTokens
    from daycover.store.companies import StoredCompanies
    from daycover.store.consents import StoredConsents
    from daycover.store.deeds import StoredDeeds
    from daycover.store.designations import StoredDesignations
    from daycover.store.documents import DocumentVault, StoredDocuments
    from daycover.store.ended_policies import QueuedEndedPolicies
    from daycover.store.endorsements import StoredEndorsements, StoredMasterPolicies
    from daycover.store.enrolments import StoredEnrolments
    from daycover.store.exposures import StoredExposures
    from daycover.store.identities import StoredIdentities
    from daycover.store.looks import StoredLooks
    from daycover.store.moved import StoredMoney
    from daycover.store.notices import StoredDeliveries
    from daycover.store.occupation_referrals import StoredOccupationReferrals
    from daycover.store.open_lines import StoredOpenLines
    from daycover.store.operators import StoredOperators
    from daycover.store.payee_checks import StoredPayeeChecks
    from daycover.store.payees import StoredPayeeAccounts
    from daycover.store.payouts import StoredPayouts
    from daycover.store.policies import StoredPolicies
    from daycover.store.projects import StoredProjects
    from daycover.store.referral_looks import StoredReferralLooks
    from daycover.store.referrals import StoredReferrals
    from daycover.store.refused_places import StoredRefusedPlaces
    from daycover.store.reminders import QueuedReminders
    from daycover.store.services import StoredServices
    from daycover.store.sheets import StoredSheets
    from daycover.store.sightings import StoredFlaggedCheckIns, StoredSightings
    from daycover.store.sign_ins import StoredFailures, StoredSpentTokens
    from daycover.store.spending import StoredSpending
    from daycover.store.sweeps import StoredSweeps
    from daycover.store.tables import StoredTables
    from daycover.store.visits import StoredVisits
    from daycover.store.workers import StoredCheckIns, StoredErasures, StoredWorkers
    from daycover.store.workflows import StepFunctionsWorkflows


class Stores(Cloud):
    """What is kept, by its noun."""

    @cached_property
    def projects(self) -> StoredProjects:
        from daycover.store.projects import StoredProjects

        return StoredProjects(self.operations)

    @of_secrets
    def sign_in_failures(self) -> StoredFailures:
        from daycover.store.sign_ins import StoredFailures

        key = self.secrets.key(self.config.token_secret, "failures")
        return StoredFailures(self.operations, lambda name: hmac.digest(key, name.encode(), "sha256").hex())

    @cached_property
    def spent_tokens(self) -> StoredSpentTokens:
        from daycover.store.sign_ins import StoredSpentTokens

        return StoredSpentTokens(self.operations)

    @cached_property
    def asked(self) -> StoredAsked:
        from daycover.store.asked import StoredAsked

        return StoredAsked(self.operations)

    @cached_property
    def designations(self) -> StoredDesignations:
        from daycover.store.designations import StoredDesignations

        return StoredDesignations(self.operations, self.cipher)

    @cached_property
    def master_policies(self) -> StoredMasterPolicies:
        from daycover.store.endorsements import StoredMasterPolicies

        return StoredMasterPolicies(self.operations)

    @cached_property
    def endorsements(self) -> StoredEndorsements:
        from daycover.store.endorsements import StoredEndorsements

        return StoredEndorsements(self.operations)

    @cached_property
    def companies(self) -> StoredCompanies:
        from daycover.store.companies import StoredCompanies

        return StoredCompanies(self.operations)

    @cached_property
    def contract_terms(self) -> ContractTerms:
        from daycover.books.terms import ContractTerms

        config = self.config
        return ContractTerms(
            self.companies, self.now, commission_bps=config.commission_bps, due_days=config.statement_due_days
        )

    @cached_property
    def counted(self) -> CountedProjects:
        from daycover.cover.roster import CountedProjects

        return CountedProjects(self.projects)

    @cached_property
    def enrolments(self) -> StoredEnrolments:
        from daycover.store.enrolments import StoredEnrolments

        return StoredEnrolments(self.operations)

    @cached_property
    def operators(self) -> StoredOperators:
        from daycover.store.operators import StoredOperators

        return StoredOperators(self.operations, self.cipher)

    @cached_property
    def deeds(self) -> StoredDeeds:
        from daycover.store.deeds import StoredDeeds

        return StoredDeeds(self.operations)

    @cached_property
    def workers(self) -> StoredWorkers:
        from daycover.store.workers import StoredWorkers

        return StoredWorkers(self.operations, self.account_cipher)

    @cached_property
    def check_ins(self) -> StoredCheckIns:
        from daycover.store.workers import StoredCheckIns

        return StoredCheckIns(self.operations, self.cipher, self.place_cipher)

    @cached_property
    def payee_checks(self) -> StoredPayeeChecks:
        from daycover.store.payee_checks import StoredPayeeChecks

        return StoredPayeeChecks(self.operations)

    @cached_property
    def consents(self) -> StoredConsents:
        from daycover.store.consents import StoredConsents

        return StoredConsents(self.operations)

    @cached_property
    def erasures(self) -> StoredErasures:
        from daycover.store.workers import StoredErasures

        return StoredErasures(self.operations)

    @cached_property
    def visits(self) -> StoredVisits:
        from daycover.store.visits import StoredVisits

        return StoredVisits(self.operations, lambda: self.account_cipher)

    @cached_property
    def refused_places(self) -> StoredRefusedPlaces:
        from daycover.store.refused_places import StoredRefusedPlaces

        return StoredRefusedPlaces(self.operations)

    @cached_property
    def sightings(self) -> StoredSightings:
        from daycover.store.sightings import StoredSightings

        return StoredSightings(self.operations)

    @cached_property
    def flagged_check_ins(self) -> StoredFlaggedCheckIns:
        from daycover.store.sightings import StoredFlaggedCheckIns

        return StoredFlaggedCheckIns(self.operations)

    @cached_property
    def occupation_referrals(self) -> StoredOccupationReferrals:
        from daycover.store.occupation_referrals import StoredOccupationReferrals

        return StoredOccupationReferrals(self.operations)

    @cached_property
    def referrals(self) -> StoredReferrals:
        from daycover.store.referrals import StoredReferrals

        return StoredReferrals(self.operations, self.cipher)

    @cached_property
    def policies(self) -> StoredPolicies:
        from daycover.store.policies import StoredPolicies

        return StoredPolicies(self.hot)

    @cached_property
    def tables(self) -> StoredTables:
        from daycover.store.tables import StoredTables

        return StoredTables(self.operations)

    @cached_property
    def known_tables(self) -> KnownTables:
        from daycover.cover.known_tables import KnownTables
        from daycover.platform.observability import count, log_failure

        def unreadable(table: str, error: Exception) -> None:
            log_failure("table not read", error, table=table)
            count("TableUnreadable")

        return KnownTables(now=self.now, contents=self.tables, unreadable=unreadable)

    @cached_property
    def archive(self) -> StoredArchive:
        from daycover.store.archive import StoredArchive

        return StoredArchive(self.s3, self.config.archive_bucket, self.now)

    @cached_property
    def sweeps(self) -> StoredSweeps:
        from daycover.store.sweeps import StoredSweeps

        return StoredSweeps(self.operations)

    @cached_property
    def certificate_keys(self) -> StoredCertificateKeys:
        from daycover.store.certificates import StoredCertificateKeys

        return StoredCertificateKeys(self.operations)

    @cached_property
    def reminders(self) -> QueuedReminders:
        from daycover.store.reminders import QueuedReminders

        return QueuedReminders(self.sqs, self.config.check_in_queue_url)

    @cached_property
    def ended_policies(self) -> QueuedEndedPolicies:
        from daycover.store.ended_policies import QueuedEndedPolicies

        return QueuedEndedPolicies(self.sqs, self.config.ended_policies_queue_url)

    @cached_property
    def claims(self) -> StoredClaims:
        from daycover.books.reserves import reserve_entries
        from daycover.store.claims import StoredClaims

        return StoredClaims(self.operations, self.cipher, reserve_entries)

    @cached_property
    def loss_notices(self) -> StoredNotices:
        from daycover.store.claims import StoredNotices

        return StoredNotices(self.operations, self.cipher)

    @cached_property
    def documents(self) -> StoredDocuments:
        from daycover.store.documents import StoredDocuments

        return StoredDocuments(self.operations, self.cipher)

    @cached_property
    def vault(self) -> DocumentVault:
        from daycover.store.documents import DocumentVault

        return DocumentVault(self.s3, self.config.documents_bucket)

    @cached_property
    def referral_looks(self) -> StoredReferralLooks:
        from daycover.store.referral_looks import StoredReferralLooks

        return StoredReferralLooks(self.operations)

    @cached_property
    def looks(self) -> StoredLooks:
        from daycover.store.looks import StoredLooks

        return StoredLooks(self.operations)

    @cached_property
    def claim_marks(self) -> StoredClaimMarks:
        from daycover.store.claim_marks import StoredClaimMarks

        return StoredClaimMarks(self.operations)

    @cached_property
    def sheets(self) -> StoredSheets:
        from daycover.store.sheets import StoredSheets

        return StoredSheets(self.operations, self.cipher)

    @cached_property
    def exposures(self) -> StoredExposures:
        from daycover.store.exposures import StoredExposures

        return StoredExposures(self.operations)

    @cached_property
    def phones(self) -> StoredPhones:
        from daycover.store.claim_marks import StoredPhones

        return StoredPhones(self.operations)

    @cached_property
    def automatic_spending(self) -> StoredSpending:
        from daycover.store.spending import StoredSpending

        return StoredSpending(self.operations)

    @cached_property
    def open_lines(self) -> StoredOpenLines:
        from daycover.store.open_lines import StoredOpenLines

        return StoredOpenLines(self.operations)

    @cached_property
    def services(self) -> StoredServices:
        from daycover.store.services import StoredServices

        return StoredServices(self.operations)

    @cached_property
    def deliveries(self) -> StoredDeliveries:
        from daycover.store.notices import StoredDeliveries

        return StoredDeliveries(self.operations)

    @cached_property
    def payouts(self) -> StoredPayouts:
        from daycover.books.payouts import entries_of_payout
        from daycover.store.payouts import StoredPayouts

        return StoredPayouts(self.operations, self.claims, entries_of_payout)

    @cached_property
    def payee_accounts(self) -> StoredPayeeAccounts:
        from daycover.store.payees import StoredPayeeAccounts

        return StoredPayeeAccounts(self.operations, self.cipher)

    @cached_property
    def beneficiaries(self) -> StoredBeneficiaries:
        from daycover.store.beneficiaries import StoredBeneficiaries

        return StoredBeneficiaries(self.operations, self.claims, self.cipher)

    @cached_property
    def identities(self) -> StoredIdentities:
        from daycover.store.identities import StoredIdentities

        return StoredIdentities(self.operations, self.claims, self.cipher)

    @cached_property
    def moved_money(self) -> StoredMoney:
        from daycover.store.moved import StoredMoney

        return StoredMoney(self.operations)

    @cached_property
    def claim_tokens(self) -> StoredTokens:
        from daycover.store import keys
        from daycover.store.claims import StoredTokens

        return StoredTokens(self.operations, keys.claim_token, self.now)

    @cached_property
    def payout_tokens(self) -> StoredTokens:
        from daycover.store import keys
        from daycover.store.claims import StoredTokens

        return StoredTokens(self.operations, keys.payout_token, self.now)

    @cached_property
    def workflows(self) -> StepFunctionsWorkflows:
        from daycover.store.workflows import StepFunctionsWorkflows

        client = self.client("states")
        return StepFunctionsWorkflows(client, self.config.claim_to_payout_arn, self.config.payout_arn)
