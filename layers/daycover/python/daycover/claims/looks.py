"""Who looked at somebody's health data or identity in clear (查阅记录): recorded before it is shown, never changed.

PIPL art. 51 and 54 ask for access by duty and for audits of it. A look that can't be recorded is not given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from pydantic import BaseModel

from daycover.claims.claim import Claim, Claims
from daycover.claims.consents import ClaimConsentKind, HealthConsentWithdrawnError, consent_for, is_withdrawn
from daycover.claims.documents import DocumentStatus
from daycover.claims.evidence import DocumentNotFoundError, Documents
from daycover.claims.loss_notice import LossNotice
from daycover.claims.read import ClaimFile, ReadClaims
from daycover.claims.sheet import LossSheet
from daycover.upload import Vault


class LookedAt(StrEnum):
    FILE = "FILE"  # 案卷
    DOCUMENT = "DOCUMENT"  # 材料文件
    NOTICE = "NOTICE"  # 报案
    IDENTITY = "IDENTITY"  # 身份信息


class LegalGround(StrEnum):
    """Why the law asks for a look although the consent was withdrawn (PIPL art. 13)."""

    COURT = "COURT"  # 司法机关调取
    REGULATOR = "REGULATOR"  # 监管检查
    DISPUTE = "DISPUTE"  # 诉讼仲裁
    AGREED_CLAIM = "AGREED_CLAIM"  # 履行已达成的赔付协议


class Look(BaseModel, frozen=True, defer_build=True):
    """One look. `number` is the claim's, or the report's before there is a claim."""

    number: str
    request_id: str
    what: LookedAt
    document_id: str | None = None
    ground: LegalGround | None = None
    by: str
    duties: tuple[str, ...]
    at: datetime


class Looker(NamedTuple):
    """Who asks, and by which request; `in_clear` where their duty shows them health text, `identified` where it shows
    them who the insured is."""

    staff_id: str
    duties: tuple[str, ...]
    request_id: str
    in_clear: bool
    identified: bool = False

    def look(
        self,
        number: str,
        what: LookedAt,
        at: datetime,
        document_id: str | None = None,
        ground: LegalGround | None = None,
    ) -> Look:
        """Give the record of a look of theirs."""
        return Look(
            number=number,
            request_id=self.request_id,
            what=what,
            document_id=document_id,
            ground=ground,
            by=self.staff_id,
            duties=self.duties,
            at=at,
        )


class Looks(Protocol):
    def add(self, look: Look) -> None:
        """Keep it; the same request's look stays as it was. Raises StoreUnavailableError."""
        ...

    def list_of(self, number: str) -> list[Look]:
        """Newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtClaims:
    """Reads what holds health text for staff, and records who was shown it."""

    read: ReadClaims
    claims: Claims
    documents: Documents
    vault: Vault
    looks: Looks
    now: Callable[[], datetime]

    def file(self, looker: Looker, claim_no: str) -> ClaimFile:
        """Raises ClaimNotFoundError, StoreUnavailableError."""
        file = self.read.file(claim_no)
        self._record(looker, claim_no, LookedAt.FILE)
        return file

    def sheets(self, looker: Looker, claim_no: str) -> tuple[Claim, list[LossSheet]]:
        """Give the claim with every version of its loss sheet, oldest first. Raises as `file`."""
        claim, sheets = self.claims.get(claim_no), self.read.sheets.versions(claim_no)
        self._record(looker, claim_no, LookedAt.FILE)
        return claim, sheets

    def notice(self, looker: Looker, report_no: str) -> LossNotice:
        """Raises LossNoticeNotFoundError, StoreUnavailableError. A matched one stands with its claim's looks."""
        notice = self.read.notice(report_no)
        self._record(looker, notice.claim_no or report_no, LookedAt.NOTICE)
        return notice

    def document(
        self,
        looker: Looker,
        claim_no: str,
        document_id: str,
        ground: LegalGround | None = None,
        page: int = 1,
    ) -> str:
        """Give a link to a page (from 1) that is good for a minute.

        Once the consent to use health data is withdrawn, a paper that may hold some opens for a duty of law alone,
        `ground`, which the record keeps. Raises DocumentNotFoundError, also before the file arrived or where there
        is no such page;
        HealthConsentWithdrawnError; StoreUnavailableError.
        """
        document = self.documents.get(claim_no, document_id)
        if document.status is DocumentStatus.REQUIRED or not 1 <= page <= len(document.announced.pages):
            raise DocumentNotFoundError
        consents = self.claims.get(claim_no).consents
        is_of_health = consent_for(document.announced.doc_type) is ClaimConsentKind.HEALTH_DATA
        if ground is None and is_of_health and is_withdrawn(consents, ClaimConsentKind.HEALTH_DATA):
            raise HealthConsentWithdrawnError
        self._record(looker, claim_no, LookedAt.DOCUMENT, document_id, ground)
        return self.vault.link(document, page - 1)

    def of(self, number: str) -> list[Look]:
        """Who looked, newest first."""
        return self.looks.list_of(number)

    def _record(
        self,
        looker: Looker,
        number: str,
        what: LookedAt,
        document_id: str | None = None,
        ground: LegalGround | None = None,
    ) -> None:
        if looker.in_clear:
            self.looks.add(looker.look(number, what, self.now(), document_id, ground))
