"""The worker (灵工): a WeChat account, and the person behind it once the work card has proved them."""

from datetime import date, datetime
from typing import Protocol

from pydantic import BaseModel, Field

from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.document import BirthDateMissingError, IdDocument, IdDocumentType


class PayeeChecks(BaseModel, frozen=True, defer_build=True):
    """The account's payee checks (领款核身) of one +08:00 day (yyyymmdd) that WeChat may have counted: they share its
    20 with check-ins. By number, with the reason of a failed one or an empty text.
    """

    day: str
    checks: dict[str, str] = {}


class Worker(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """`person_id`, name, document and birth date are set together, when a check has confirmed them."""

    worker_id: str
    openid: str = Field(repr=False)
    created_at: datetime
    person_id: str | None = None
    name: str | None = Field(default=None, repr=False)
    id_number: str | None = Field(default=None, repr=False)
    document_type: IdDocumentType | None = None
    birth_date: date | None = Field(default=None, repr=False)
    locked_at: datetime | None = None
    """When the worker asked for erasure of data that a retention duty keeps (PIPL art. 47)."""
    erased_at: datetime | None = None
    """When the worker last asked for erasure: what they applied for until then becomes no policy."""
    payee_checks: PayeeChecks | None = None

    def is_erased_since(self, asked_at: datetime) -> bool:
        """Whether they asked for erasure after they applied for something."""
        return self.locked_at is not None or (self.erased_at is not None and asked_at <= self.erased_at)

    @property
    def identity(self) -> "Identity | None":
        """The proved person; None before the first proof."""
        facts = {name: getattr(self, name) for name in Identity.model_fields}
        return None if None in facts.values() else Identity(**facts)


class Identity(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """A name and a document as the worker states them, and the person id they give. Everybody has a birth date."""

    name: str = Field(repr=False)
    id_number: str = Field(repr=False)
    document_type: IdDocumentType
    birth_date: date = Field(repr=False)
    person_id: str

    @classmethod
    def of(cls, name: str, document: IdDocument, person_id: str) -> "Identity":
        """Raises BirthDateMissingError where the number tells none and none was stated."""
        if document.birth_date is None:
            raise BirthDateMissingError
        return cls(
            name=name,
            id_number=document.number,
            document_type=document.type,
            birth_date=document.birth_date,
            person_id=person_id,
        )


class Workers(Protocol):
    def get(self, worker_id: str) -> Worker: ...

    def find(self, worker_id: str) -> Worker | None: ...

    def add(self, worker: Worker) -> None:
        """Store a worker at first sign-in; an existing one stays as it is."""
        ...

    def bind(self, worker_id: str, identity: Identity, asked_at: datetime) -> None:
        """Set the identity that was proved for an application of `asked_at`, once. An account bound to another
        person is left alone, and so is one whose owner asked for erasure since."""
        ...

    def lock_data(self, worker_id: str, at: datetime | None) -> None:
        """Lock; a locked worker keeps the first instant, `erased_at` is the last. None unlocks."""
        ...

    def forget_identity(self, worker_id: str, erased_at: datetime) -> None:
        """Remove lock, name, ID number and person; the bare account stays.

        Raises ConcurrentChangeError unless it is locked and its owner asked for erasure last at `erased_at`: who
        took the request back may be insured again by now, and must see that policy.
        """
        ...


class PayeeCheckNotes(Protocol):
    """Payee checks of an account's +08:00 day (yyyymmdd). Repeating changes nothing; an ended day stays as it is."""

    def note(self, worker_id: str, day: str, number: str, reason: str) -> None:
        """Note a check before WeChat is asked (an empty reason), or why it failed. Forgets the days before."""
        ...

    def forget(self, worker_id: str, day: str, number: str) -> None:
        """It did not count."""
        ...


class PersonalDataLockedError(DaycoverError):
    """You asked for erasure; what the law keeps is locked and used for nothing new, existing policies stay
    visible and claimable.

    What to do: To be insured again send `WITHDRAW` to `POST /v1/erasure-requests`.
    含义:您申请过删除个人信息;依法须保存的部分已锁定,不再用于投保;已有保单仍可查看、理赔。
    处理:如要恢复投保,用 `POST /v1/erasure-requests` 发送 `WITHDRAW`。
    """

    kind = ErrorKind.CONFLICT
    title = "您的个人信息已按您的申请锁定", "Your personal data is locked at your request"
    detail = (
        "自 {locked_at} 起只为法定保存而保留,不再用于投保,目前没有保障。如要恢复投保,请先撤回删除申请。已有"
        "保单仍可查看和理赔。",
        "Since {locked_at} it is kept for the law alone and used for nothing new; there is no cover now. To "
        "be insured again, withdraw the request. Your policies stay visible and claimable.",
    )


class NameMismatchError(DaycoverError):
    """Name or ID number is not that of the WeChat account's owner, or not what was proved on the account before.

    What to do: Check in again with your own account and identity.
    含义:姓名或身份证号码与微信实名不一致,或与该账号此前核实的不一致。
    处理:用本人微信和本人身份信息重新打卡。
    """

    kind = ErrorKind.CONFLICT
    title = "姓名或身份证号码与微信实名不一致", "Name or ID number does not match the WeChat real name"
    detail = (
        "请用本人微信和本人身份信息重新打卡;确属本人的,可申请人工核验。",
        "Check in again with your own account and identity; if they are, ask for a referral.",
    )


class PersonIndex(Protocol):
    """Blind index of identities: the same ID number gives the same id, which nobody can turn back."""

    def person_id(self, id_number: str) -> str: ...

    def worker_id(self, openid: str) -> str: ...

    def device_id(self, device: str) -> str: ...

    def account_id(self, account_no: str) -> str:
        """Finds the same bank account again without showing it."""
        ...
