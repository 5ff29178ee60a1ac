"""The bill (医疗票据): by what it is known, and what its platform says of it.

Two families: the medical fee receipt (医疗收费电子票据) of public hospitals, which the fiscal receipt platform
knows by five elements, and the digital invoice (数电票) of private clinics, pharmacies and ambulances, which the
tax authority's platform knows. A bill is its number, anywhere: the same one comes as XML, OFD, PDF, picture and
paper. Amounts in fen, dates as printed (+08:00).
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple, Protocol

from pydantic import BaseModel, Field

from daycover.errors import DaycoverError, ErrorKind
from daycover.file_kind import FileKind

Fen = Annotated[int, Field(ge=0, le=1_000_000_000)]


class BillFamily(StrEnum):
    FISCAL = "FISCAL"  # 医疗收费电子票据
    TAX = "TAX"  # 数电票及更早的电子发票


class BillState(StrEnum):
    """What the platform says of a bill. GENUINE alone proves anything."""

    GENUINE = "GENUINE"
    UNKNOWN = "UNKNOWN"  # 查无此票
    ALTERED = "ALTERED"  # 号码存在,其他要素不一致
    REVERSED = "REVERSED"  # 已冲红
    VOID = "VOID"  # 已作废
    EXCHANGED = "EXCHANGED"  # 已换开纸质票据: the paper counts


class BillFault(StrEnum):
    """Why nothing, or not all, was read from a file."""

    HOSTILE = "HOSTILE"
    """DTD, entities, depth, thousands of elements, a bomb: made to harm whoever reads it."""
    UNREADABLE = "UNREADABLE"
    """It says that it is XML, OFD or PDF and is not, or is damaged."""
    SUMS_DIFFER = "SUMS_DIFFER"
    """Amount and tax do not give the total within 0.01, or the lines do not give the sum."""


class BillElements(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """What a platform is asked by. `code` is empty for a digital invoice of 20 digits; `check_code` where the
    bill has none. Letters and digits only.
    """

    family: BillFamily
    code: str = Field(default="", pattern=r"^[0-9A-Z]{0,12}$")
    number: str = Field(pattern=r"^[0-9A-Z]{6,20}$")
    check_code: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,20}$", repr=False)
    total_fen: Fen
    issued_on: date

    @property
    def bill_no(self) -> str:
        """The bill's identity: code and number."""
        return self.code + self.number


class BillKind(StrEnum):
    """Which benefit a line may be refunded by: what an ambulance cost is no medical expense."""

    MEDICAL = "MEDICAL"
    AMBULANCE = "AMBULANCE"


class BilledItem(BaseModel, frozen=True, defer_build=True):
    """One fee class or item of a bill."""

    item: str = Field(min_length=1, max_length=100, repr=False)
    amount_fen: Fen
    kind: BillKind = BillKind.MEDICAL


class OtherPayment(BaseModel, frozen=True, defer_build=True):
    """What somebody else than the insurance fund and the patient paid, as the platform names it (大病保险, 医疗救助,
    其他保险, 道路救助基金垫付 …)."""

    payer: str = Field(max_length=60)
    amount_fen: Fen


class CheckedBill(BaseModel, frozen=True, defer_build=True, hide_input_in_errors=True):
    """A platform's answer. Beyond `state` all is what the platform says, never what a file or a person said; for
    an UNKNOWN or ALTERED bill there is nothing.

    Identity of a medical fee receipt: total = fund + others + account + cash, and self-paid (自费) is a part of
    cash. Money of the personal account is the person's own. A digital invoice has no payments of others.
    """

    elements: BillElements
    """By which it was asked."""
    state: BillState
    related_no: str | None = None
    """The red one, or the paper it was exchanged for."""
    patient: str | None = Field(default=None, repr=False)
    hospital: str | None = Field(default=None, repr=False)
    hospital_level: int | None = Field(default=None, ge=1, le=3)
    """1 to 3 where the platform's words for the institution say so (三级, 二级, 一级, 社区卫生服务中心 …)."""
    is_public: bool = False
    """Public hospitals issue the finance ministry's receipts."""
    emergency: bool = False
    treated_on: date | None = None
    admitted_on: date | None = None
    discharged_on: date | None = None
    hospital_days: int | None = Field(default=None, ge=0, le=3660)
    items: tuple[BilledItem, ...] = Field(default=(), repr=False)
    total_fen: Fen = 0
    fund_paid_fen: Fen = 0
    """医保统筹基金支付."""
    others_paid: tuple[OtherPayment, ...] = ()
    """其他支付: with its details, or as one amount without a name."""
    account_paid_fen: Fen = 0
    """个人账户支付."""
    cash_paid_fen: Fen = 0
    """个人现金支付."""
    self_paid_fen: Fen = 0
    """个人自费, outside the social-insurance list."""

    @property
    def bill_no(self) -> str:
        return self.elements.bill_no

    @property
    def is_genuine(self) -> bool:
        return self.state is BillState.GENUINE


class ReadFile(NamedTuple):
    """What a file says: every bill in it (an XML or a ZIP may hold several), and what was wrong with it."""

    bills: tuple[BillElements, ...] = ()
    faults: tuple[BillFault, ...] = ()


class BillPlatformUnavailableError(DaycoverError):
    """The platform that knows the bill does not answer now; nothing is known of the bill yet.

    What to do: Ask again later.
    含义:票据查验平台暂时没有应答,该票据的真伪尚不清楚。
    处理:稍后再查。
    """

    kind = ErrorKind.UNAVAILABLE
    retry_after = 60
    title = "票据查验平台暂不可用", "The bills' platform does not answer"
    detail = "请稍后再试。", "Try again later."


class BillPlatform(Protocol):
    """The platforms behind one port: whichever knows the family is asked."""

    def check(self, elements: BillElements) -> CheckedBill:
        """Ask by the elements. An unknown bill is an answer. Raises BillPlatformUnavailableError."""
        ...


class BillReader(Protocol):
    def __call__(self, content: bytes, kind: FileKind) -> ReadFile:
        """Read the bills out of a file; nothing in it makes this raise or takes more than bounded memory and time."""
        ...
