"""Consents (授权同意): what was shown, by its hash, and when it was accepted. No record, no policy.

A death benefit without the insured's consent to it and to the sum insured is void (Insurance Law
art. 34); sensitive data and handing it to the insurer need a consent each (PIPL art. 23, 29).
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel

from daycover import crockford
from daycover.errors import DaycoverError, ErrorKind


class ConsentMissingError(DaycoverError):
    """A consent that the cover needs is not on record.

    What to do: Show and accept what `kinds` lists.
    含义:缺少出单所需的同意记录。
    处理:展示并同意 `kinds` 所列内容。
    """

    kind = ErrorKind.INVALID
    title = "缺少同意记录", "Consent is missing"
    detail = "请先阅读并同意以下内容:{kinds}。", "Read and accept first: {kinds}."


class ConsentTextChangedError(DaycoverError):
    """The accepted text is not the current one.

    What to do: Scan again, read the current text, then accept.
    含义:同意的不是现行文本。
    处理:重新扫码,阅读最新内容后再同意。
    """

    kind = ErrorKind.CONFLICT
    title = "条款内容已更新", "The consent text has changed"
    detail = "请重新扫码,阅读最新内容后再同意。", "Scan again, read the current text, then accept."


class ConsentKind(StrEnum):
    TERMS_SHOWN = "TERMS_SHOWN"
    """Exclusions, deductible and ratios were shown."""
    SUM_INSURED = "SUM_INSURED"
    SENSITIVE_DATA = "SENSITIVE_DATA"
    SHARE_WITH_INSURER = "SHARE_WITH_INSURER"


class ConsentText(BaseModel, frozen=True, defer_build=True):
    """One text as shown to the worker."""

    kind: ConsentKind
    version: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


class Consent(BaseModel, frozen=True, defer_build=True):
    """One accepted text of one worker for one project and plan version."""

    kind: ConsentKind
    version: str
    sha256: str
    shown_at: datetime
    accepted_at: datetime

    @property
    def reference(self) -> str:
        """12 characters (60 bits) that an application names this consent by: another text, showing or acceptance
        has another. The consent itself and its history stand under the worker, project and plan.
        """
        at = (f"{instant.astimezone(UTC):%Y%m%d%H%M%S%f}" for instant in (self.shown_at, self.accepted_at))
        facts = "\0".join((self.kind, self.version, self.sha256, *at))
        return crockford.of_digest(hashlib.sha256(facts.encode()).digest(), 12)


def references(consents: Iterable[Consent]) -> tuple[str, ...]:
    return tuple(consent.reference for consent in consents)


class ConsentAct(StrEnum):
    GIVEN = "GIVEN"
    WITHDRAWN = "WITHDRAWN"


class ConsentEntry(BaseModel, frozen=True, defer_build=True):
    """One line of the history of a worker's consents; lines are added and never changed."""

    project_id: str
    plan: str
    kind: ConsentKind
    act: ConsentAct
    at: datetime
    version: str
    sha256: str


class Consents(Protocol):
    def add(self, worker_id: str, project_id: str, plan: str, consents: Sequence[Consent]) -> None:
        """Store accepted texts; one that stands with the same hash stays as it was."""
        ...

    def withdraw(
        self, worker_id: str, project_id: str, kinds: Collection[ConsentKind], now: datetime
    ) -> list[ConsentEntry]:
        """Withdraw what stands of these kinds, under every plan; the record of having given it stays."""
        ...

    def projects_of(self, worker_id: str) -> set[str]:
        """Every project that the worker ever consented to."""
        ...

    def history(self, worker_id: str, token: str | None = None) -> tuple[list[ConsentEntry], str | None]:
        """A page of everything given and withdrawn, and the token of the next. Raises PageTokenError."""
        ...

    def delete_all(self, worker_id: str) -> int:
        """Delete every consent of a worker and its history; give how many there were."""
        ...


def accept(
    texts: Collection[ConsentText],
    accepted: Mapping[ConsentKind, tuple[str, datetime]],
    now: datetime,
) -> list[Consent]:
    """Turn accepted hashes (kind → hash, shown at) into records. Raises ConsentTextChangedError."""
    by_kind = {text.kind: text for text in texts}
    for kind, (sha256, _) in accepted.items():
        if by_kind[kind].sha256 != sha256:
            raise ConsentTextChangedError(kind=kind)
    return [
        Consent(kind=kind, version=by_kind[kind].version, sha256=sha256, shown_at=shown_at, accepted_at=now)
        for kind, (sha256, shown_at) in accepted.items()
    ]


def missing(texts: Collection[ConsentText], given: Collection[Consent]) -> list[ConsentKind]:
    """Give every kind whose current text was not accepted."""
    on_record = {(consent.kind, consent.sha256) for consent in given}
    return [text.kind for text in texts if (text.kind, text.sha256) not in on_record]


def check_complete(texts: Collection[ConsentText], given: Collection[Consent]) -> None:
    """Raise ConsentMissingError naming every kind whose current text was not accepted."""
    kinds = missing(texts, given)
    if kinds:
        raise ConsentMissingError(kinds="、".join(kinds))
