"""The fiscal receipt platform (财政电子票据): what it says of a medical fee receipt (`docs/bills.md`)."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from daycover.bills.institution import PlatformLine, is_emergency, is_public, items_of, kind_of, level_of
from daycover.bills.printed import day, fen, yuan
from daycover.bills.signed import InconsistentAnswerError, SignedPlatform
from daycover.claims.bill import BillElements, BillKind, BillState, CheckedBill, OtherPayment

PATH = "/v1/einvoice/verify"


def _fen(value: object) -> int:
    """Decimal yuan in a string; a JSON number may have gone through a float on its way."""
    amount = fen(value) if isinstance(value, str) else None
    if amount is None:
        raise ValueError("no amount")
    return amount


def _day(value: object) -> date | None:
    if value in (None, ""):
        return None
    found = day(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("no date")
    return found


def _flag(value: object) -> bool:
    if value in ("1", "true", "是", True):
        return True
    if value in (None, "", "0", "false", "否", False):
        return False
    raise ValueError("no flag")


def _count(value: object) -> Any:
    return None if value == "" else value


Amount = Annotated[int, BeforeValidator(_fen)]
Day = Annotated[date | None, BeforeValidator(_day)]
Flag = Annotated[bool, BeforeValidator(_flag)]


class _Part(BaseModel, defer_build=True):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class _Other(_Part):
    payName: str = Field(default="", max_length=60)  # noqa: N815 - the wire's
    payAmount: Amount  # noqa: N815 - the wire's


class _Class(_Part):
    itemName: str  # noqa: N815 - the wire's
    itemAmount: Amount  # noqa: N815 - the wire's


class _Single(_Part):
    auxItemRelatedName: str = ""  # noqa: N815 - the wire's
    auxItemName: str  # noqa: N815 - the wire's
    auxItemAmount: Amount  # noqa: N815 - the wire's


class _Receipt(_Part):
    """Under the wire's own names where they are ours too."""

    code: str = Field(alias="EInvoiceCode")
    number: str = Field(alias="EInvoiceNumber")
    total: Amount = Field(alias="totalAmount")
    issued: Day = Field(alias="issueDate")
    hospital: str | None = Field(default=None, alias="invoicingPartyName", repr=False)
    patient: str | None = Field(default=None, alias="payerPartyName", repr=False)
    institution: str | None = Field(default=None, alias="orgType")
    visit: str | None = Field(default=None, alias="medicalType")
    department: str | None = Field(default=None, alias="departmentName")
    treated: Day = Field(default=None, alias="medicalDate")
    admitted: Day = Field(default=None, alias="inHospitalDate")
    discharged: Day = Field(default=None, alias="outHospitalDate")
    days: Annotated[int | None, BeforeValidator(_count)] = Field(default=None, alias="hospitalDay")
    fund: Amount = Field(default=0, alias="fundPayAmount")
    other: Amount = Field(default=0, alias="otherPayAmount")
    others: tuple[_Other, ...] = Field(default=(), alias="otherPayDetails")
    account: Amount = Field(default=0, alias="accountPayAmount")
    cash: Amount = Field(alias="ownPayAmount")
    self_paid: Amount = Field(default=0, alias="selfpaymentCost")
    classes: tuple[_Class, ...] = Field(default=(), alias="itemList")
    singles: tuple[_Single, ...] = Field(default=(), alias="auxItemList")
    reversal: Flag = False
    exchanged: Flag = Field(default=False, alias="exchangePaper")
    voided: Flag = False
    related_code: str = Field(default="", alias="relatedInvoiceCode")
    related_number: str = Field(default="", alias="relatedInvoiceNumber")
    paper_code: str = Field(default="", alias="paperInvoiceCode")
    paper_number: str = Field(default="", alias="paperInvoiceNumber")


class FiscalPlatform:
    """The port for medical fee receipts."""

    def __init__(self, line: SignedPlatform) -> None:
        self._line = line

    def check(self, elements: BillElements) -> CheckedBill:
        """Ask by the five elements. Raises BillPlatformUnavailableError."""
        question = {
            "EInvoiceCode": elements.code,
            "EInvoiceNumber": elements.number,
            "RandomNumber": elements.check_code,
            "totalAmount": yuan(elements.total_fen),
            "issueDate": elements.issued_on.isoformat(),
        }
        return self._line.check(elements, question, _checked)


def _checked(elements: BillElements, content: bytes) -> CheckedBill:
    """Raises InconsistentAnswerError, ValidationError."""
    said = _Receipt.model_validate_json(content)
    if (said.code, said.number) != (elements.code, elements.number):
        raise InconsistentAnswerError("ANOTHER_BILL")
    if (said.total, said.issued) != (elements.total_fen, elements.issued_on):
        raise InconsistentAnswerError("ANOTHER_BILL")
    if said.total != said.fund + said.other + said.account + said.cash:
        raise InconsistentAnswerError("PAYMENTS")
    if said.self_paid > said.cash:
        raise InconsistentAnswerError("SELF_PAID")
    items = items_of(_lines(said))
    if sum(item.amount_fen for item in items) != said.total:
        raise InconsistentAnswerError("ITEMS")
    state, related = _state(said)
    return CheckedBill(
        elements=elements,
        state=state,
        related_no=related or None,
        patient=said.patient or None,
        hospital=said.hospital or None,
        hospital_level=level_of(said.institution, said.hospital),
        is_public=is_public(said.institution),
        emergency=is_emergency(said.visit, said.department),
        treated_on=said.treated,
        admitted_on=said.admitted,
        discharged_on=said.discharged,
        hospital_days=said.days,
        items=items,
        total_fen=said.total,
        fund_paid_fen=said.fund,
        others_paid=_others(said),
        account_paid_fen=said.account,
        cash_paid_fen=said.cash,
        self_paid_fen=said.self_paid,
    )


def _state(said: _Receipt) -> tuple[BillState, str]:
    if said.voided:
        return BillState.VOID, ""
    if said.reversal:
        return BillState.REVERSED, said.related_code + said.related_number
    if said.exchanged:
        return BillState.EXCHANGED, said.paper_code + said.paper_number
    return BillState.GENUINE, ""


def _lines(said: _Receipt) -> list[PlatformLine]:
    """The fee classes; of a class the ambulance's single items (清单) apart, which no class of its own has."""
    lines: list[PlatformLine] = []
    for fee in said.classes:
        kind, rest = kind_of(fee.itemName), fee.itemAmount
        if kind is BillKind.MEDICAL:
            for single in said.singles:
                apart = (
                    single.auxItemRelatedName == fee.itemName
                    and kind_of(single.auxItemName) is BillKind.AMBULANCE
                    and 0 < single.auxItemAmount <= rest
                )
                if apart:
                    lines.append(PlatformLine(single.auxItemName, single.auxItemAmount, BillKind.AMBULANCE))
                    rest -= single.auxItemAmount
        lines.append(PlatformLine(fee.itemName, rest, kind))
    if not said.classes:
        lines = [
            PlatformLine(single.auxItemName, single.auxItemAmount, kind_of(single.auxItemName))
            for single in said.singles
        ]
    return lines or [PlatformLine("医疗费", said.total, BillKind.MEDICAL)]


def _others(said: _Receipt) -> tuple[OtherPayment, ...]:
    """By name where the platform gives names; what they do not explain has none."""
    named = [
        OtherPayment(payer=part.payName, amount_fen=part.payAmount) for part in said.others if part.payAmount
    ]
    rest = said.other - sum(payment.amount_fen for payment in named)
    if rest < 0:
        raise InconsistentAnswerError("OTHERS")
    return (*named, OtherPayment(payer="", amount_fen=rest)) if rest else tuple(named)
