"""The composition root: the only module that builds adapters and hands them to use cases.

Everything is built on first use and kept for the life of the container.
"""

from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

import boto3
from botocore.config import Config as BotoConfig

from daycover.cover.check_in import StartCheckIn
from daycover.cover.complete import CompleteCheckIn
from daycover.cover.issue import IssuePolicy
from daycover.cover.open_project import RunProjects
from daycover.cover.preview import PreviewCover
from daycover.cover.read import ReadPolicies
from daycover.cover.roster import ReadRoster, RecordCover
from daycover.identity.access import SignInWorker
from daycover.platform import config as environment
from daycover.platform.clock import Clock, system_clock
from daycover.platform.config import Config
from daycover.platform.ids import ulid
from daycover.platform.security import AccessTokens, BlindIndex, FieldCipher, SecretReader
from daycover.platform.staff import OidcIssuer
from daycover.premiums.statement import IssueStatement, ReadStatement, day_to_close
from daycover.projects.client import SignInProvider
from daycover.projects.company import ActFor
from daycover.store.dynamodb import Table
from daycover.store.policies import StoredPolicies
from daycover.store.projects import StoredCompanies, StoredProjects
from daycover.store.reminders import QueuedReminders
from daycover.store.statements import StoredCoverLines, StoredStatements
from daycover.store.workers import StoredCheckIns, StoredConsents, StoredWorkers
from daycover.wechat.client import WechatPayClient
from daycover.wechat.credentials import MerchantCredentials
from daycover.wechat.mini_program import WechatMiniProgram
from daycover.wechat.payroll_card import PayrollCard

AWS = BotoConfig(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
"""A hung call must end well before the function's own timeout."""


class UseCases:
    """What the functions can do. Tests pass their own configuration, clock or collaborators."""

    def __init__(self, config: Config | None = None, clock: Clock | None = None) -> None:
        self.config = config or environment.load()
        self.now = clock or system_clock(self.config.clock_offset)

    def _client(self, service: str) -> Any:
        return boto3.client(service, config=AWS)

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
    def _check_ins(self) -> StoredCheckIns:
        return StoredCheckIns(self._operations, self._cipher)

    @cached_property
    def _consents(self) -> StoredConsents:
        return StoredConsents(self._operations)

    @cached_property
    def policies(self) -> StoredPolicies:
        return StoredPolicies(self._policies_table)

    @cached_property
    def cover_lines(self) -> StoredCoverLines:
        return StoredCoverLines(self._operations)

    @cached_property
    def _s3(self) -> Any:
        return self._client("s3")

    @cached_property
    def statements(self) -> StoredStatements:
        return StoredStatements(self._operations, self._s3, self.config.documents_bucket)

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
        return ActFor(self.companies)

    @cached_property
    def sign_in_provider(self) -> SignInProvider:
        return SignInProvider(self.companies)

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
    def preview_cover(self) -> PreviewCover:
        return PreviewCover(
            now=self.now,
            projects=self.projects,
            code_key=self._code_key,
            check_ins=self._check_ins,
            consents=self._consents,
        )

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
        return CompleteCheckIn(self.issue_policy, self._reminders)

    @cached_property
    def read_policies(self) -> ReadPolicies:
        return ReadPolicies(self.workers, self.policies)

    @cached_property
    def read_roster(self) -> ReadRoster:
        return ReadRoster(now=self.now, projects=self.run_projects, lines=self.cover_lines)

    @cached_property
    def record_cover(self) -> RecordCover:
        return RecordCover(self.cover_lines)

    def scan_link(self, token: str) -> str:
        """The HTTPS link that a QR code holds; every scanner opens it, WeChat opens the mini program."""
        return f"{self.config.public_url.rstrip('/')}/s/{token}"

    @staticmethod
    def draw_code(kind: str, link: str) -> bytes:
        # qrcode takes about as long to import as a quarter of boto3 and serves this one route
        from daycover.projects.image import qr_png, qr_svg  # noqa: PLC0415

        return (qr_png if kind == "png" else qr_svg)(link)

    @staticmethod
    def day_to_close(scheduled_at: datetime) -> date:
        return day_to_close(scheduled_at)

    @cached_property
    def read_statement(self) -> ReadStatement:
        return ReadStatement(self.statements)

    @cached_property
    def issue_statement(self) -> IssueStatement:
        return IssueStatement(now=self.now, lines=self.cover_lines, statements=self.statements)

    # ---- claims, payouts -------------------------------------------------------------------------


@lru_cache(maxsize=1)
def use_cases() -> UseCases:
    """Give the use cases of this container."""
    return UseCases()
