"""The composition root: the only module that builds adapters and hands them to use cases.

Everything is built on first use and kept for the life of the container.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, lru_cache
from tempfile import SpooledTemporaryFile
from typing import Any

from daycover.bank.client import BankClient
from daycover.bank.credentials import BankCredentials
from daycover.bank.statements import BankDayStatements
from daycover.bank.transfers import BankTransfers
from daycover.books.credit import BookCover, RecordPayment, WatchCredit
from daycover.books.figures import ReadFigures
from daycover.books.journal import KeepBooks
from daycover.books.statement import IssueStatement, ReadStatement, day_to_close
from daycover.claims.answer import AnswerClaim
from daycover.claims.assess import AssessClaim
from daycover.claims.breaches import NoteBreaches
from daycover.claims.claim import HistoryEntry
from daycover.claims.claimant import ManageOwnClaim
from daycover.claims.collect import CollectDocuments, CompleteDocuments
from daycover.claims.decide import AcknowledgeDecision, DecideClaim
from daycover.claims.follow import FollowClaim
from daycover.claims.inform import Delivery, InformWorker, Notices
from daycover.claims.judge import JudgeDocument
from daycover.claims.read import OpenDocument, ReadClaims
from daycover.claims.report import ReportClaim
from daycover.claims.review import ReviewClaim
from daycover.claims.service import KeepServiceLevels, ReadServiceLevels
from daycover.claims.state_advance import AcknowledgeAdvance, StateAdvance
from daycover.claims.steps import Waits
from daycover.cover.archive import Change, Followed, KeepPolicies, PolicyFinder
from daycover.cover.certificate import PublicKey
from daycover.cover.certify import IssueCertificate, VerifyCertificate
from daycover.cover.check_in import StartCheckIn
from daycover.cover.complete import CompleteCheckIn
from daycover.cover.disclosure import HOTLINE, INSURER
from daycover.cover.end import CancelPolicy, EndPolicies, VoidPolicy
from daycover.cover.erase import EraseWorker, PurgeLocations
from daycover.cover.issue import IssuePolicy
from daycover.cover.open_project import RunProjects
from daycover.cover.preview import PreviewCover
from daycover.cover.read import ReadPolicies
from daycover.cover.referral import AskReferral, ConfirmReferral, DecideReferral
from daycover.cover.roster import ReadRoster, RecordCover
from daycover.cover.signals import ReadSignals, WeighCheckIn
from daycover.cover.stuffing import ReadStuffing
from daycover.cover.sweep import SweepArchive
from daycover.cover.tariff import ReadTariff
from daycover.cover.withdraw import ConsentHistory, WithdrawConsents
from daycover.identity.access import SignInWorker
from daycover.insurer.answers import open_answers
from daycover.insurer.client import InsurerClient
from daycover.insurer.sealed import SealForInsurer
from daycover.insurer.signature import InsurerCredentials
from daycover.payouts.beneficiaries import AnswerForBeneficiaries, StateBeneficiaries
from daycover.payouts.identity import ConfirmIdentity, IdentityWait, ProveIdentity, RequestIdentity
from daycover.payouts.pay import PayClaim, ReceiveNotice
from daycover.payouts.payee import StatePayee
from daycover.payouts.reconcile import MoneyFiles, ReconcileMoney
from daycover.payouts.transfer import Channel, Transfers
from daycover.platform import config as environment
from daycover.platform.clock import Clock, system_clock
from daycover.platform.config import Config
from daycover.platform.ids import ulid
from daycover.platform.security import AccessTokens, BlindIndex, DayCipher, FieldCipher, SecretReader
from daycover.platform.signing import Ed25519Key, verify_ed25519
from daycover.platform.staff import OidcIssuer
from daycover.projects.client import SignInProvider
from daycover.projects.company import ActFor
from daycover.reporting.breaks import CountOverdue, KeepBreaks, ResolveBreak
from daycover.reporting.naming import NameInsured
from daycover.reporting.reconciliation import ReconcileCompany
from daycover.reporting.rows import (
    QueryInsurer,
    ReportEvents,
    ReportRow,
    SendDailyFile,
    Sent,
    TakeAnswers,
    rows_of,
)
from daycover.store import keys
from daycover.store.archive import StoredArchive, StoredSweeps
from daycover.store.aws import SERVICES, AwsClient
from daycover.store.beneficiaries import StoredBeneficiaries
from daycover.store.boto import BotoClient
from daycover.store.breaks import StoredBreaks
from daycover.store.certificates import StoredCertificateKeys
from daycover.store.claim_marks import StoredClaimMarks
from daycover.store.claims import StoredClaims, StoredNotices, StoredTokens
from daycover.store.day_keys import StoredDayKeys
from daycover.store.documents import DocumentVault, StoredDocuments
from daycover.store.dynamodb import Table
from daycover.store.identities import StoredIdentities
from daycover.store.journal import PayoutBooks, StoredCredit, StoredJournal
from daycover.store.moved import MoneyFaults, StoredMoney
from daycover.store.notices import StoredAccessToken, StoredDeliveries
from daycover.store.payees import StoredPayeeAccounts
from daycover.store.payouts import StoredPayouts
from daycover.store.policies import StoredPolicies, read_policy
from daycover.store.projects import StoredCompanies, StoredProjects
from daycover.store.referrals import StoredReferrals
from daycover.store.reminders import QueuedReminders
from daycover.store.reports import ClaimRows, ReportQueue, StoredFiles, StoredReports
from daycover.store.services import StoredServices
from daycover.store.sightings import StoredFlaggedCheckIns, StoredSightings, StoredVisits
from daycover.store.statements import StoredCoverLines, StoredStatements
from daycover.store.workers import StoredCheckIns, StoredConsents, StoredErasures, StoredWorkers
from daycover.store.workflows import StepFunctionsWorkflows
from daycover.wechat.client import WechatPayClient
from daycover.wechat.credentials import MerchantCredentials
from daycover.wechat.fund_flow import WalletFundFlow
from daycover.wechat.mini_program import WechatMiniProgram
from daycover.wechat.notices import open_transfer_notice
from daycover.wechat.payroll_card import PayrollCard
from daycover.wechat.subscribe import SubscribeMessages
from daycover.wechat.transfers import WechatTransfers

SCRATCH_BYTES = 2 * 1024 * 1024
"""How much of a statement's sheet stays in memory before it goes to the function's own disk."""
COMPANIES_PER_EXECUTION = 1_000
"""About 8 events each: a third of the 25,000 that an execution's history may have."""
TRANSFER_NOTICES = "/v1/wechat/transfer-notices"
"""Where WeChat posts the end of a transfer, below the public URL."""


class UseCases:
    """What the functions can do. Tests pass their own configuration, clock or collaborators."""

    def __init__(self, config: Config | None = None, clock: Clock | None = None) -> None:
        self.config = config or environment.load()
        self.now = clock or system_clock(self.config.clock_offset)

    def _client(self, service: str) -> Any:
        return AwsClient(service, environment.aws()) if service in SERVICES else BotoClient(service)

    # ---- shared adapters -------------------------------------------------------------------------

    @cached_property
    def _dynamodb(self) -> Any:
        return self._client("dynamodb")

    @cached_property
    def _operations(self) -> Table:
        return Table(self._dynamodb, self.config.operations_table)

    @cached_property
    def _policies_table(self) -> Table:
        return Table(self._dynamodb, self.config.policies_table)

    @cached_property
    def _secrets(self) -> SecretReader:
        return SecretReader(self._client("secretsmanager"))

    @cached_property
    def _cipher(self) -> FieldCipher:
        return FieldCipher(self._client("kms"), self.config.personal_data_key)

    @cached_property
    def _index(self) -> BlindIndex:
        return BlindIndex(self._secrets.key(self.config.index_secret, "blind-index"))

    @cached_property
    def access_tokens(self) -> AccessTokens:
        return AccessTokens(self._secrets.key(self.config.token_secret, "access-token"), self.now)

    # ---- projects, identity, cover, premiums -----------------------------------------------------

    @cached_property
    def projects(self) -> StoredProjects:
        return StoredProjects(self._operations)

    @cached_property
    def companies(self) -> StoredCompanies:
        return StoredCompanies(self._operations)

    @cached_property
    def workers(self) -> StoredWorkers:
        return StoredWorkers(self._operations, self._cipher)

    @cached_property
    def _day_keys(self) -> StoredDayKeys:
        return StoredDayKeys(self._operations)

    @cached_property
    def _place_cipher(self) -> DayCipher:
        return DayCipher(self._client("kms"), self.config.personal_data_key, self._day_keys)

    @cached_property
    def purge_locations(self) -> PurgeLocations:
        return PurgeLocations(now=self.now, keys=self._day_keys)

    @cached_property
    def erase_worker(self) -> EraseWorker:
        return EraseWorker(
            now=self.now,
            workers=self.workers,
            consents=self._consents,
            check_ins=self._check_ins,
            policies=self.find_policy,
            erasures=StoredErasures(self._operations),
        )

    @cached_property
    def _check_ins(self) -> StoredCheckIns:
        return StoredCheckIns(self._operations, self._cipher, self._place_cipher)

    @cached_property
    def _consents(self) -> StoredConsents:
        return StoredConsents(self._operations)

    @cached_property
    def policies(self) -> StoredPolicies:
        return StoredPolicies(self._policies_table)

    @cached_property
    def archive(self) -> StoredArchive:
        return StoredArchive(self._s3, self.config.archive_bucket)

    @cached_property
    def find_policy(self) -> PolicyFinder:
        """Hot table first, then the archive; for everybody but the issuing path."""
        return PolicyFinder(hot=self.policies, archive=self.archive)

    @cached_property
    def cover_lines(self) -> StoredCoverLines:
        return StoredCoverLines(self._operations)

    @cached_property
    def _s3(self) -> Any:
        return self._client("s3")

    @cached_property
    def statements(self) -> StoredStatements:
        # signature version 4 is what a link needs in every region
        signer = BotoClient("s3", signature_version="s3v4")
        return StoredStatements(self._operations, self._s3, self.config.documents_bucket, signer)

    @cached_property
    def _reminders(self) -> QueuedReminders:
        return QueuedReminders(self._client("sqs"), self.config.check_in_queue_url)

    @cached_property
    def merchant(self) -> MerchantCredentials:
        return MerchantCredentials.model_validate_json(self._secrets.text(self.config.wechat_secret))

    @cached_property
    def _wechat_pay(self) -> WechatPayClient:
        return WechatPayClient(self.merchant, base_url=self.config.wechat_pay_url)

    @cached_property
    def _work_card(self) -> PayrollCard:
        return PayrollCard(self._wechat_pay)

    def _code_key(self, project_id: str, key_version: int) -> bytes:
        return self._secrets.key(self.config.qr_secret, f"qr:{project_id}:{key_version}")

    @cached_property
    def act_for(self) -> ActFor:
        return ActFor(companies=self.companies)

    @cached_property
    def sign_in_provider(self) -> SignInProvider:
        return SignInProvider(companies=self.companies)

    @cached_property
    def sign_in_worker(self) -> SignInWorker:
        mini_program = WechatMiniProgram(self.merchant, base_url=self.config.mini_program_url)
        return SignInWorker(now=self.now, mini_program=mini_program, workers=self.workers, index=self._index)

    @cached_property
    def staff_issuer(self) -> OidcIssuer:
        return OidcIssuer(self.config.oidc_issuer, self.config.oidc_audience, self.now)

    @cached_property
    def run_projects(self) -> RunProjects:
        return RunProjects(
            now=self.now,
            new_id=ulid,
            projects=self.projects,
            companies=self.companies,
            code_key=self._code_key,
        )

    @cached_property
    def read_tariff(self) -> ReadTariff:
        return ReadTariff(now=self.now)

    @cached_property
    def preview_cover(self) -> PreviewCover:
        return PreviewCover(
            now=self.now,
            projects=self.projects,
            code_key=self._code_key,
            check_ins=self._check_ins,
            consents=self._consents,
            visits=self.visits,
        )

    @cached_property
    def visits(self) -> StoredVisits:
        return StoredVisits(self._operations)

    @cached_property
    def start_check_in(self) -> StartCheckIn:
        return StartCheckIn(
            now=self.now,
            projects=self.projects,
            code_key=self._code_key,
            check_ins=self._check_ins,
            policies=self.policies,
            index=self._index,
            work_card=self._work_card,
            reminders=self._reminders,
            visits=self.visits,
        )

    @cached_property
    def issue_policy(self) -> IssuePolicy:
        return IssuePolicy(
            now=self.now,
            check_ins=self._check_ins,
            policies=self.policies,
            workers=self.workers,
            work_card=self._work_card,
        )

    @cached_property
    def complete_check_in(self) -> CompleteCheckIn:
        return CompleteCheckIn(
            issue_policy=self.issue_policy,
            reminders=self._reminders,
            weigh=self.weigh_check_in,
            check_ins=self._check_ins,
            visits=self.visits,
        )

    @cached_property
    def weigh_check_in(self) -> WeighCheckIn:
        return WeighCheckIn(
            check_ins=self._check_ins,
            projects=self.projects,
            policies=self.policies,
            sightings=StoredSightings(self._operations),
            flagged=self.flagged_check_ins,
        )

    @cached_property
    def flagged_check_ins(self) -> StoredFlaggedCheckIns:
        return StoredFlaggedCheckIns(self._operations)

    @cached_property
    def read_signals(self) -> ReadSignals:
        return ReadSignals(projects=self.projects, flagged=self.flagged_check_ins)

    @cached_property
    def read_stuffing(self) -> ReadStuffing:
        return ReadStuffing(now=self.now, projects=self.projects, flagged=self.flagged_check_ins)

    @cached_property
    def read_policies(self) -> ReadPolicies:
        return ReadPolicies(workers=self.workers, policies=self.find_policy)

    @cached_property
    def _end_policies(self) -> EndPolicies:
        return EndPolicies(now=self.now, policies=self.policies)

    @cached_property
    def withdraw_consents(self) -> WithdrawConsents:
        return WithdrawConsents(
            now=self.now,
            workers=self.workers,
            consents=self._consents,
            check_ins=self._check_ins,
            projects=self.projects,
            end_policies=self._end_policies,
        )

    @property
    def consent_history(self) -> ConsentHistory:
        return self._consents

    @cached_property
    def _referrals(self) -> StoredReferrals:
        return StoredReferrals(self._operations, self._cipher)

    @cached_property
    def ask_referral(self) -> AskReferral:
        return AskReferral(
            now=self.now,
            new_id=ulid,
            projects=self.projects,
            code_key=self._code_key,
            check_ins=self._check_ins,
            policies=self.policies,
            index=self._index,
            referrals=self._referrals,
        )

    @cached_property
    def confirm_referral(self) -> ConfirmReferral:
        return ConfirmReferral(now=self.now, referrals=self._referrals)

    @cached_property
    def decide_referral(self) -> DecideReferral:
        return DecideReferral(
            now=self.now, referrals=self._referrals, check_ins=self._check_ins, issue_policy=self.issue_policy
        )

    @cached_property
    def cancel_policy(self) -> CancelPolicy:
        return CancelPolicy(policies=self.policies, workers=self.workers, end_policies=self._end_policies)

    @cached_property
    def void_policy(self) -> VoidPolicy:
        return VoidPolicy(
            now=self.now,
            policies=self.policies,
            archive=self.archive,
            lines=self.book_cover,
            end_policies=self._end_policies,
        )

    @cached_property
    def read_roster(self) -> ReadRoster:
        return ReadRoster(
            now=self.now, projects=self.run_projects, lines=self.cover_lines, visits=self.visits
        )

    @cached_property
    def record_cover(self) -> RecordCover:
        return RecordCover(lines=self.book_cover)

    @cached_property
    def journal(self) -> StoredJournal:
        return StoredJournal(self._operations)

    @cached_property
    def _books(self) -> KeepBooks:
        return KeepBooks(journal=self.journal, now=self.now, commission_bps=self.config.commission_bps)

    @cached_property
    def credit(self) -> StoredCredit:
        return StoredCredit(self._operations)

    @cached_property
    def watch_credit(self) -> WatchCredit:
        return WatchCredit(credit=self.credit, companies=self.companies, projects=self.projects)

    @cached_property
    def book_cover(self) -> BookCover:
        """The roster's lines with the journal behind them."""
        return BookCover(self.cover_lines, self._books, self.credit, self.watch_credit)

    @cached_property
    def certificate_keys(self) -> StoredCertificateKeys:
        return StoredCertificateKeys(self._operations)

    @cached_property
    def _certificate_key(self) -> Ed25519Key:
        """The key that signs certificates, published before its first signature in this container."""
        key = Ed25519Key(self._secrets.key(self.config.certificate_secret, "certificate"))
        self.certificate_keys.publish(PublicKey.of(key.x))
        return key

    @cached_property
    def issue_certificate(self) -> IssueCertificate:
        return IssueCertificate(policies=self.read_policies, key=self._certificate_key)

    @cached_property
    def verify_certificate(self) -> VerifyCertificate:
        return VerifyCertificate(
            keys=self.certificate_keys,
            verify_signature=verify_ed25519,
            policies=self.find_policy,
            now=self.now,
        )

    def certificate_link(self, credential: str) -> str:
        """The HTTPS link that a certificate's QR code holds."""
        return f"{self.config.public_url.rstrip('/')}/c/{credential}"

    def archive_policy(self, kind: str, image: Mapping[str, Any], *, by_ttl: bool) -> Followed:
        """Take one change of the hot table into the archive. Raises as `KeepPolicies.follow`."""
        policy = read_policy(dict(image))
        followed = KeepPolicies(archive=self.archive).follow(Change(kind), policy, by_ttl=by_ttl)
        if kind != Change.REMOVE:
            self._report_queue.send(rows_of(policy))  # also for a replay: the first try may have died here
        return followed

    @cached_property
    def sweep_archive(self) -> SweepArchive:
        return SweepArchive(
            now=self.now,
            policies=self.policies,
            sweeps=StoredSweeps(self._operations),
            archive=self.archive,
            lines=self.book_cover,
            tell=lambda policy: self._report_queue.send(rows_of(policy)),
        )

    def scan_link(self, token: str) -> str:
        """The HTTPS link that a QR code holds; every scanner opens it, WeChat opens the mini program."""
        return f"{self.config.public_url.rstrip('/')}/s/{token}"

    @staticmethod
    def draw_code(kind: str, link: str) -> bytes:
        # qrcode takes about as long to import as a quarter of boto3 and serves this one route
        from daycover.projects.image import qr_png, qr_svg  # noqa: PLC0415

        return (qr_png if kind == "png" else qr_svg)(link)

    def draw_sheet(self, link: str, company_id: str, project_id: str) -> bytes:
        # as for draw_code: qrcode and its printing serve this one route
        from daycover.projects.image import poster_sheet  # noqa: PLC0415  (as above)

        return poster_sheet(link, self.run_projects.get(company_id, project_id), INSURER, HOTLINE)

    @staticmethod
    def day_to_close(scheduled_at: datetime) -> date:
        return day_to_close(scheduled_at)

    def companies_to_close(self, page_token: str | None) -> tuple[list[str], str | None]:
        """A page of company ids for one execution of CloseDay. Raises PageTokenError."""
        return self.companies.list_page(page_token or None, COMPANIES_PER_EXECUTION)

    @cached_property
    def read_statement(self) -> ReadStatement:
        return ReadStatement(
            statements=self.statements,
            journal=self.journal,
            now=self.now,
            due_days=self.config.statement_due_days,
        )

    @cached_property
    def issue_statement(self) -> IssueStatement:
        return IssueStatement(
            now=self.now,
            journal=self.journal,
            statements=self.statements,
            accruals=self.credit,
            scratch=lambda: SpooledTemporaryFile(max_size=SCRATCH_BYTES),
            due_days=self.config.statement_due_days,
        )

    @cached_property
    def record_payment(self) -> RecordPayment:
        return RecordPayment(
            now=self.now,
            statements=self.statements,
            journal=self.journal,
            credit=self.credit,
            watch=self.watch_credit,
        )

    @cached_property
    def read_figures(self) -> ReadFigures:
        return ReadFigures(statements=self.statements)

    # ---- insurer, reconciliation -----------------------------------------------------------------

    @cached_property
    def _report_queue(self) -> ReportQueue:
        return ReportQueue(self._client("sqs"), self.config.insurer_queue_url)

    @cached_property
    def _insurer_credentials(self) -> InsurerCredentials:
        return InsurerCredentials.model_validate_json(self._secrets.text(self.config.insurer_secret))

    @cached_property
    def _insurer(self) -> InsurerClient:
        return InsurerClient(self._insurer_credentials, base_url=self.config.insurer_url)

    @cached_property
    def breaks(self) -> StoredBreaks:
        return StoredBreaks(self._operations)

    @cached_property
    def _keep_breaks(self) -> KeepBreaks:
        return KeepBreaks(breaks=self.breaks, now=self.now)

    @cached_property
    def count_overdue_breaks(self) -> CountOverdue:
        return CountOverdue(breaks=self.breaks, now=self.now)

    @cached_property
    def resolve_break(self) -> ResolveBreak:
        return ResolveBreak(breaks=self.breaks, now=self.now)

    @cached_property
    def _reports(self) -> StoredReports:
        return StoredReports(self._operations)

    @cached_property
    def _files(self) -> StoredFiles:
        # signature version 4 is what a signed link of every region needs
        s3 = BotoClient("s3", signature_version="s3v4")
        return StoredFiles(self._operations, s3, self.config.documents_bucket)

    @cached_property
    def _take_answers(self) -> TakeAnswers:
        return TakeAnswers(reports=self._reports, keep=self._keep_breaks, now=self.now)

    def report_rows(self, messages: Sequence[Mapping[str, Any]]) -> Sent:
        """Report the rows of queue messages. Raises InsurerRetryError; repeating is safe."""
        rows = [ReportRow.model_validate(row) for message in messages for row in message["rows"]]
        report = ReportEvents(
            insurer=self._insurer,
            reports=self._reports,
            take=self._take_answers,
            name=NameInsured(
                insureds=self._check_ins, seal=lambda: SealForInsurer(self._insurer_credentials)
            ),
            now=self.now,
        )
        return report(rows)

    def report_claim_event(self, entry: Mapping[str, Any]) -> None:
        """Queue the report row of one line of a claim's history, as the stream shows it."""
        self._report_queue.send([ClaimRows(self._operations).row_of(dict(entry))])

    @cached_property
    def _services(self) -> StoredServices:
        return StoredServices(self._operations)

    def keep_service_levels(self, entry: Mapping[str, Any]) -> None:
        """Keep what one line of a claim's history says of our service."""
        KeepServiceLevels(services=self._services)(HistoryEntry.model_validate(entry))

    @cached_property
    def read_service_levels(self) -> ReadServiceLevels:
        return ReadServiceLevels(services=self._services)

    def receive_insurer_answers(self, headers: Mapping[str, str], raw_body: bytes) -> Sent:
        """Raises AnswerForgedError, AnswerUnreadableError."""
        return self._take_answers(open_answers(headers, raw_body, self._insurer_credentials))

    @cached_property
    def query_insurer(self) -> QueryInsurer:
        return QueryInsurer(
            insurer=self._insurer,
            reports=self._reports,
            take=self._take_answers,
            keep=self._keep_breaks,
            now=self.now,
        )

    @cached_property
    def send_daily_file(self) -> SendDailyFile:
        return SendDailyFile(insurer=self._insurer, reports=self._reports, files=self._files, now=self.now)

    @cached_property
    def reconcile_company(self) -> ReconcileCompany:
        return ReconcileCompany(
            lines=self.cover_lines,
            ledger=self.journal,
            statements=self.statements,
            reports=self._reports,
            files=self._files,
            money=self._moved_money,
            keep=self._keep_breaks,
        )

    # ---- claims, payouts -------------------------------------------------------------------------

    @cached_property
    def _claims(self) -> StoredClaims:
        return StoredClaims(self._operations, self._cipher)

    @cached_property
    def _loss_notices(self) -> StoredNotices:
        return StoredNotices(self._operations, self._cipher)

    @cached_property
    def _documents(self) -> StoredDocuments:
        return StoredDocuments(self._operations, self._cipher)

    @cached_property
    def _vault(self) -> DocumentVault:
        # signature version 4 is what a POST policy of every region needs
        return DocumentVault(BotoClient("s3", signature_version="s3v4"), self.config.documents_bucket)

    @cached_property
    def _workflows(self) -> StepFunctionsWorkflows:
        client = self._client("stepfunctions")
        return StepFunctionsWorkflows(client, self.config.claim_to_payout_arn, self.config.payout_arn)

    @cached_property
    def _waits(self) -> Waits:
        tokens = StoredTokens(self._operations, keys.claim_token, self.now)
        return Waits(tokens=tokens, workflows=self._workflows)

    @cached_property
    def report_claim(self) -> ReportClaim:
        return ReportClaim(
            claims=self._claims,
            notices=self._loss_notices,
            policies=self.find_policy,
            reporters=self.workers,
            workflows=self._workflows,
            now=self.now,
        )

    def person_behind(self, worker_id: str | None, id_number: str | None) -> str | None:
        """Give the id of the person that an operator or a clerk names, as far as they name one we know."""
        if id_number is not None:
            return self._index.person_id(id_number)
        worker = self.workers.find(worker_id) if worker_id is not None else None
        return worker.person_id if worker is not None else None

    @cached_property
    def review_claim(self) -> ReviewClaim:
        return ReviewClaim(
            claims=self._claims, documents=self._documents, workflows=self._workflows, now=self.now
        )

    @cached_property
    def manage_own_claim(self) -> ManageOwnClaim:
        return ManageOwnClaim(claims=self._claims, reporters=self.workers, waits=self._waits, now=self.now)

    @cached_property
    def open_document(self) -> OpenDocument:
        return OpenDocument(documents=self._documents, vault=self._vault)

    @cached_property
    def judge_document(self) -> JudgeDocument:
        return JudgeDocument(
            claims=self._claims,
            documents=self._documents,
            assess=self.assess_claim,
            complete=self._complete_documents,
            now=self.now,
        )

    @cached_property
    def note_breaches(self) -> NoteBreaches:
        return NoteBreaches(claims=self._claims, now=self.now)

    @cached_property
    def _complete_documents(self) -> CompleteDocuments:
        return CompleteDocuments(
            claims=self._claims,
            documents=self._documents,
            waits=self._waits,
            assess_again=self.assess_claim.again,
            now=self.now,
        )

    @cached_property
    def collect_documents(self) -> CollectDocuments:
        return CollectDocuments(
            claims=self._claims,
            documents=self._documents,
            vault=self._vault,
            reporters=self.workers,
            complete=self._complete_documents,
            now=self.now,
        )

    @cached_property
    def read_claims(self) -> ReadClaims:
        return ReadClaims(
            claims=self._claims,
            notices=self._loss_notices,
            documents=self._documents,
            payouts=self._payouts,
            reporters=self.workers,
            now=self.now,
        )

    @cached_property
    def answer_claim(self) -> AnswerClaim:
        return AnswerClaim(claims=self._claims, reporters=self.workers, waits=self._waits, now=self.now)

    @cached_property
    def answer_for_beneficiaries(self) -> AnswerForBeneficiaries:
        return AnswerForBeneficiaries(
            claims=self._claims, beneficiaries=self._beneficiaries, take=self.answer_claim.take
        )

    @cached_property
    def decide_claim(self) -> DecideClaim:
        return DecideClaim(claims=self._claims, waits=self._waits, now=self.now)

    @cached_property
    def acknowledge_decision(self) -> AcknowledgeDecision:
        return AcknowledgeDecision(claims=self._claims, waits=self._waits, now=self.now)

    @cached_property
    def state_advance(self) -> StateAdvance:
        return StateAdvance(claims=self._claims, supported=self.assess_claim.supported_fen, now=self.now)

    @cached_property
    def acknowledge_advance(self) -> AcknowledgeAdvance:
        supported = self.assess_claim.supported_fen
        return AcknowledgeAdvance(
            claims=self._claims, supported=supported, workflows=self._workflows, now=self.now
        )

    @cached_property
    def assess_claim(self) -> AssessClaim:
        marks = StoredClaimMarks(self._operations)
        return AssessClaim(claims=self._claims, documents=self._documents, marks=marks, now=self.now)

    @cached_property
    def follow_claim(self) -> FollowClaim:
        return FollowClaim(
            claims=self._claims, waits=self._waits, complete=self._complete_documents, now=self.now
        )

    @cached_property
    def _payouts(self) -> StoredPayouts:
        return StoredPayouts(self._operations, self._claims)

    @cached_property
    def _payee_accounts(self) -> StoredPayeeAccounts:
        return StoredPayeeAccounts(self._operations, self._cipher)

    @cached_property
    def _bank(self) -> BankClient:
        secret = self._secrets.text(self.config.bank_secret)
        return BankClient(BankCredentials.model_validate_json(secret), self.config.bank_url)

    def _transfers(self, channel: Channel) -> Transfers:
        if channel is Channel.BANK:
            return BankTransfers(self._bank)
        return WechatTransfers(self._wechat_pay, self.config.callback_url + TRANSFER_NOTICES)

    @cached_property
    def pay_claim(self) -> PayClaim:
        return PayClaim(
            claims=self._claims,
            payouts=self._payouts,
            transfers=self._transfers,
            payees=self.workers,
            accounts=self._payee_accounts,
            identities=self._identities,
            heirs=self._beneficiaries,
            wallet_limit_fen=self.config.wallet_limit_fen,
            tokens=StoredTokens(self._operations, keys.payout_token, self.now),
            waits=self._waits,
            workflows=self._workflows,
            books=PayoutBooks(self._books),
            now=self.now,
        )

    @cached_property
    def _beneficiaries(self) -> StoredBeneficiaries:
        return StoredBeneficiaries(self._operations, self._claims, self._cipher)

    @cached_property
    def state_beneficiaries(self) -> StateBeneficiaries:
        return StateBeneficiaries(
            claims=self._claims,
            beneficiaries=self._beneficiaries,
            documents=self._documents,
            payouts=self._payouts,
            projects=self.projects,
            index=self._index,
            pay_again=self.pay_claim.trigger,
            now=self.now,
        )

    @cached_property
    def _identities(self) -> StoredIdentities:
        return StoredIdentities(self._operations, self._claims, self._cipher)

    @cached_property
    def _identity_wait(self) -> IdentityWait:
        tokens = StoredTokens(self._operations, keys.payout_token, self.now)
        return IdentityWait(tokens=tokens, workflows=self._workflows, pay_again=self.pay_claim.trigger_again)

    @cached_property
    def request_identity(self) -> RequestIdentity:
        return RequestIdentity(
            claims=self._claims,
            payouts=self._payouts,
            identities=self._identities,
            wait=self._identity_wait,
            now=self.now,
        )

    @cached_property
    def prove_identity(self) -> ProveIdentity:
        return ProveIdentity(
            claims=self._claims,
            identities=self._identities,
            workers=self.workers,
            projects=self.projects,
            work_card=lambda: self._work_card,
            wait=self._identity_wait,
            now=self.now,
        )

    @cached_property
    def confirm_identity(self) -> ConfirmIdentity:
        return ConfirmIdentity(
            claims=self._claims, identities=self._identities, wait=self._identity_wait, now=self.now
        )

    @cached_property
    def state_payee(self) -> StatePayee:
        return StatePayee(
            claims=self._claims,
            reporters=self.workers,
            payees=self.workers,
            accounts=self._payee_accounts,
            index=self._index,
            pay_again=self.pay_claim.trigger,
        )

    @cached_property
    def _moved_money(self) -> StoredMoney:
        return StoredMoney(self._operations)

    def _money_files(self, channel: Channel) -> MoneyFiles:
        return BankDayStatements(self._bank) if channel is Channel.BANK else WalletFundFlow(self._wechat_pay)

    def _reconcile_money(self, channel: Channel) -> ReconcileMoney:
        return ReconcileMoney(
            channel=channel,
            files=lambda: self._money_files(channel),
            payouts=self._payouts,
            pay=self.pay_claim,
            noted=self._moved_money,
            faults=MoneyFaults(self._keep_breaks),
        )

    @cached_property
    def reconcile_bank(self) -> ReconcileMoney:
        return self._reconcile_money(Channel.BANK)

    @cached_property
    def reconcile_wallet(self) -> ReconcileMoney:
        return self._reconcile_money(Channel.WALLET)

    @cached_property
    def _subscribe_messages(self) -> Notices:
        return SubscribeMessages(
            self.merchant,
            self.config.claim_message_template,
            StoredAccessToken(self._operations, self._cipher, self.merchant.appid),
            base_url=self.config.mini_program_url,
        )

    def inform_worker(self, history_image: Mapping[str, Any]) -> Delivery | None:
        """Tell the insured of one line of a claim's history. Raises NoticeUnavailableError."""
        if not self.config.claim_message_template:
            return None
        inform = InformWorker(
            claims=self._claims,
            insureds=self.workers,
            notices=lambda: self._subscribe_messages,
            deliveries=StoredDeliveries(self._operations),
            now=self.now,
        )
        return inform(HistoryEntry.model_validate(history_image))

    def receive_transfer_notice(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        """Raises NoticeForgedError, NoticeUnreadableError, PayoutNotFoundError."""
        notice = open_transfer_notice(headers, raw_body, self.merchant, self.now())
        receive = ReceiveNotice(payouts=self._payouts, pay=self.pay_claim, now=self.now)
        receive(notice.out_bill_no, notice.event_id, notice.state.value)


@lru_cache(maxsize=1)
def use_cases() -> UseCases:
    """Give the use cases of this container."""
    return UseCases()
