"""A referral as a member of staff decides it: the person in clear, their work, who saw them, what they hold.

Who looked is recorded before anything is shown, and never changed (PIPL art. 51, 54).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.cover.policy import HeldPolicies, Policy
from daycover.cover.referral import Referral, Referrals, ReferralStep
from daycover.cover.referral_documents import OpenReferralDocument
from daycover.projects.operator import Operator
from daycover.projects.project import Project, ProjectNotFoundError, Projects
from daycover.projects.provider import Provider

LISTED = 20
"""Of earlier referrals and of policies, the newest."""


class ReferralPart(StrEnum):
    FILE = "FILE"  # 核保资料
    DOCUMENT = "DOCUMENT"  # 材料文件


class ReferralLook(BaseModel, frozen=True, defer_build=True):
    """One look (查阅记录)."""

    referral_id: str
    request_id: str
    what: ReferralPart
    document_id: str | None = None
    by: str
    duties: tuple[str, ...]
    at: datetime


class ReferralLooks(Protocol):
    def add(self, look: ReferralLook) -> None:
        """Keep it; the same request's look stays as it was. Raises StoreUnavailableError."""
        ...

    def list_of(self, referral_id: str) -> list[ReferralLook]:
        """Newest first."""
        ...


class KnownOperators(Protocol):
    def named(self, company_id: str, operator_id: str) -> Operator | None:
        """Give the operator with their name, also once they were removed."""
        ...


class KnownProviders(Protocol):
    def find_provider(self, provider_id: str) -> Provider | None: ...


class ReferralReader(NamedTuple):
    """Who asks, and by which request."""

    staff_id: str
    duties: tuple[str, ...]
    request_id: str


class ReferralFile(NamedTuple):
    referral: Referral
    project: Project | None
    confirmed_by: str | None
    """The name of who confirmed on site; None where nobody did, or nobody knows it any more."""
    earlier: list[Referral]
    """The account's others, newest first, at most LISTED."""
    policies: list[Policy]
    """The person's policies that the hot table holds, newest first, at most LISTED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtReferrals:
    """GET /v1/staff/referrals/{referral_id}, …/documents/{document_id}/file and …/looks."""

    referrals: Referrals
    projects: Projects
    policies: HeldPolicies
    operators: KnownOperators
    providers: KnownProviders
    open_document: OpenReferralDocument
    looks: ReferralLooks
    now: Callable[[], datetime]

    def file(self, looker: ReferralReader, referral_id: str) -> ReferralFile:
        """Raises ReferralNotFoundError, also once the person's data was erased; StoreUnavailableError."""
        referral = self.referrals.get(referral_id)
        self._record(looker, referral_id, ReferralPart.FILE)
        others = [r for r in self.referrals.of_worker(referral.worker_id) if r.referral_id != referral_id]
        return ReferralFile(
            referral,
            self._project(referral.project_id),
            self._name_of(referral.company_id, referral.confirmed),
            others[:LISTED],
            self.policies.list_of(referral.identity.person_id)[:LISTED],
        )

    def document(self, looker: ReferralReader, referral_id: str, document_id: str, page: int) -> str:
        """Give a link to a page (from 0), good for a minute.

        Raises ReferralNotFoundError, ReferralDocumentNotFoundError, StoreUnavailableError.
        """
        url = self.open_document(referral_id, document_id, page)
        self._record(looker, referral_id, ReferralPart.DOCUMENT, document_id)
        return url

    def of(self, referral_id: str) -> list[ReferralLook]:
        """Who looked, newest first."""
        return self.looks.list_of(referral_id)

    def _record(
        self, looker: ReferralReader, referral_id: str, what: ReferralPart, document_id: str | None = None
    ) -> None:
        look = ReferralLook(
            referral_id=referral_id,
            request_id=looker.request_id,
            what=what,
            document_id=document_id,
            by=looker.staff_id,
            duties=looker.duties,
            at=self.now(),
        )
        self.looks.add(look)

    def _project(self, project_id: str) -> Project | None:
        try:
            return self.projects.get(project_id)
        except ProjectNotFoundError:
            return None

    def _name_of(self, company_id: str, step: ReferralStep | None) -> str | None:
        if step is None:
            return None
        if step.role == "operator":
            operator = self.operators.named(company_id, step.subject)
            return operator.name if operator else None
        if step.role == "provider":
            provider = self.providers.find_provider(step.subject)
            return provider.name if provider else None
        return None
