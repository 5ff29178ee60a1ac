"""The worker (灵工): a WeChat account, and the person behind it once the work card has proved them."""

from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, Field

from daycover.errors import DaycoverError, ErrorKind


class PayeeChecks(BaseModel, frozen=True, defer_build=True):
    """The account's payee checks (领款核身) of one +08:00 day (yyyymmdd) that WeChat may have counted: they share its
    20 with check-ins. By number, with the reason of a failed one or an empty text.
    """

    day: str
    checks: dict[str, str] = {}


class Worker(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """`person_id`, name and ID number are set together, when a work-card check has confirmed them."""

    worker_id: str
    openid: str = Field(repr=False)
    created_at: datetime
    person_id: str | None = None
    name: str | None = Field(default=None, repr=False)
    id_number: str | None = Field(default=None, repr=False)
    locked_at: datetime | None = None
    """When the worker asked for erasure of data that a retention duty keeps (PIPL art. 47)."""
    payee_checks: PayeeChecks | None = None


class Identity(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """A name and resident ID number as the worker states them, and the person id they give."""

    name: str = Field(repr=False)
    id_number: str = Field(repr=False)
    person_id: str


class Workers(Protocol):
    def get(self, worker_id: str) -> Worker: ...

    def find(self, worker_id: str) -> Worker | None: ...

    def add(self, worker: Worker) -> None:
        """Store a worker at first sign-in; an existing one stays as it is."""
        ...

    def bind(self, worker_id: str, identity: Identity) -> None:
        """Set the proved identity, once. A worker bound to another person is left alone."""
        ...

    def lock_data(self, worker_id: str, at: datetime | None) -> None:
        """Lock; a locked worker keeps the first instant. None unlocks."""
        ...

    def forget_identity(self, worker_id: str) -> None:
        """Remove lock, name, ID number and person; the bare account stays."""
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


class PersonIndex(Protocol):
    """Blind index of identities: the same ID number gives the same id, which nobody can turn back."""

    def person_id(self, id_number: str) -> str: ...

    def worker_id(self, openid: str) -> str: ...

    def device_id(self, device: str) -> str: ...

    def account_id(self, account_no: str) -> str:
        """Finds the same bank account again without showing it."""
        ...
