"""The tax authority's platform: what it says of a digital invoice, in the invoice's own XML or as JSON of its names."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement  # nosec B405 # nothing is parsed

from daycover.bills.dialects import TOLERANCE_FEN, Record, record_of
from daycover.bills.institution import PlatformLine, is_emergency, items_of, kind_of, level_of
from daycover.bills.markup import HostileMarkupError, UnreadableMarkupError, name_of, parse, within
from daycover.bills.printed import day, fen, number, yuan
from daycover.bills.signed import InconsistentAnswerError, SignedPlatform
from daycover.claims.bill import BilledItem, BillElements, BillState, CheckedBill

PATH = "/v1/invoices/verify"
STATES = {
    "正常": BillState.GENUINE,
    "0": BillState.GENUINE,
    "作废": BillState.VOID,
    "2": BillState.VOID,
    "红冲": BillState.REVERSED,
    "全额红冲": BillState.REVERSED,
    "3": BillState.REVERSED,
    "部分红冲": BillState.REVERSED,
    "7": BillState.REVERSED,
}
"""A part taken back leaves an invoice that is not the one which was paid: a person looks."""
_TREATED = re.compile(r"就诊(?:日期|时间)\s?[::]?\s?([0-9年月日./ -]{8,12})")
_MOST_DEPTH = 12


class TaxPlatform:
    """The port for digital invoices and the electronic ones before them."""

    def __init__(self, line: SignedPlatform) -> None:
        self._line = line

    def check(self, elements: BillElements) -> CheckedBill:
        """Ask by number, date and total, of an older invoice by its check code too.

        Raises BillPlatformUnavailableError.
        """
        question = {
            "InvoiceCode": elements.code,
            "InvoiceNumber": elements.number,
            "CheckCode": elements.check_code,
            "TotalTax-includedAmount": yuan(elements.total_fen),
            "RequestTime": elements.issued_on.isoformat(),
        }
        return self._line.check(elements, question, _checked)


def _document(content: bytes) -> Element:
    """Give the answer's tree, whichever way it was written. Raises InconsistentAnswerError, ValueError."""
    if content.lstrip()[:1] == b"<":
        try:
            return parse(content)
        except (HostileMarkupError, UnreadableMarkupError):
            raise InconsistentAnswerError("FIELDS") from None
    root = Element("EInvoice")
    _grow(root, json.loads(content, parse_float=Decimal, parse_int=Decimal), _MOST_DEPTH)
    return root


def _grow(element: Element, value: object, depth: int) -> None:
    if depth == 0:
        raise InconsistentAnswerError("DEPTH")
    if isinstance(value, dict):
        for name, part in value.items():
            for one in part if isinstance(part, list) else [part]:
                _grow(SubElement(element, str(name)), one, depth - 1)
    elif value is not None:
        element.text = str(value)


def _checked(elements: BillElements, content: bytes) -> CheckedBill:
    """Raises InconsistentAnswerError, ValueError, RecursionError."""
    root = _document(content)
    said = record_of(root)
    total = fen(_first(said, "BasicInformation/TotalTax-includedAmount"))
    net, tax = fen(_first(said, "TotalAmWithoutTax")), fen(_first(said, "TotalTaxAm")) or 0
    if total is None:
        raise InconsistentAnswerError("TOTAL")
    if number(_first(said, "TaxSupervisionInfo/InvoiceNumber")).upper() != elements.number:
        raise InconsistentAnswerError("ANOTHER_BILL")
    # the QR code of an older invoice has the amount without tax
    asked = {abs(total)} | ({abs(net)} if elements.code and net is not None else set())
    if elements.total_fen not in asked or day(_first(said, "RequestTime")) != elements.issued_on:
        raise InconsistentAnswerError("ANOTHER_BILL")
    if net is not None and abs(net + tax - total) > TOLERANCE_FEN:
        raise InconsistentAnswerError("TAX")
    state = STATES.get(_first(said, "InvoiceStatus") or "")
    if state is None:
        raise InconsistentAnswerError("STATE")
    if total < 0:
        # the red letter itself was asked for: it pays nobody anything
        return CheckedBill(elements=elements, state=BillState.REVERSED)
    seller, remark = _first(said, "SellerName"), _first(said, "Remark")
    items = _items(root, total)
    treated = _TREATED.search(remark or "")
    return CheckedBill(
        elements=elements,
        state=state,
        related_no=_first(said, "RedInvoiceNumber"),
        patient=_first(said, "BuyerName"),
        hospital=seller,
        hospital_level=level_of(None, seller),
        emergency=is_emergency(remark, *(item.item for item in items)),
        treated_on=day(treated[1]) if treated else None,
        items=items,
        total_fen=total,
        cash_paid_fen=total,
    )


def _items(root: Element, total: int) -> tuple[BilledItem, ...]:
    """The lines with their tax; a fen that rounding left over goes to the first."""
    lines = [_line(record_of(part)) for part in _parts(root, "IssuItemInformation")]
    over = total - sum(line.amount_fen for line in lines)
    if not lines or abs(over) > TOLERANCE_FEN:
        raise InconsistentAnswerError("ITEMS")
    lines[0] = lines[0]._replace(amount_fen=lines[0].amount_fen + over)
    return items_of(lines)


def _line(said: Record) -> PlatformLine:
    whole = fen(_first(said, "TotaltaxIncludedAmount"))
    if whole is None:
        net = fen(_first(said, "Amount"))
        if net is None:
            raise InconsistentAnswerError("ITEMS")
        whole = net + (fen(_first(said, "ComTaxAm")) or 0)
    item = _first(said, "ItemName") or ""
    return PlatformLine(item, whole, kind_of(item))


def _parts(root: Element, name: str) -> Iterator[Element]:
    return (element for element in within(root) if name_of(element) == name)


def _first(said: Record, name: str) -> str | None:
    return said[name][0] if said.get(name) else None
