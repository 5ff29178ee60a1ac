"""Where each dialect of a bill's XML says what a platform is asked by, and the elements made of it.

Fiscal receipts (医疗收费电子票据) write their names in any case; those of the digital invoice (数电票) differ by
case alone (`TotalTax-includedAmount` is the invoice's, `TotaltaxIncludedAmount` a line's) and are taken as they are.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element  # nosec B405 # a type; defusedxml parses

from pydantic import ValidationError

from daycover.bills.markup import name_of, text_of, within
from daycover.bills.printed import day, fen, number, yuan
from daycover.claims.bill import BillElements, BillFamily, BillFault, ReadFile

ROOTS = frozenset({"einvoice", "发票", "电子发票", "电子票据", "医疗收费电子票据"})
"""One invoice each, in lower case."""
DIGITAL_LENGTH = 20
"""Of the number of a digital invoice, which has no code."""
TOLERANCE_FEN = 1
"""What rounding may make of sums (0.01 yuan)."""


class _Dialect(NamedTuple):
    """Names in the order of preference; `parent/name` before the name alone."""

    family: BillFamily
    number: tuple[str, ...]
    code: tuple[str, ...]
    check_code: tuple[str, ...]
    total: tuple[str, ...]
    issued: tuple[str, ...]
    net: tuple[str, ...] = ()
    tax: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    """Amounts of the single lines, which give `net`, or the total where there is none."""
    any_case: bool = False


DIALECTS = (
    _Dialect(
        BillFamily.FISCAL,
        number=("einvoicenumber", "电子票据号码", "票据号码"),
        code=("einvoicecode", "电子票据代码", "票据代码"),
        check_code=("randomnumber", "校验码"),
        total=("totalamount", "金额合计", "合计金额", "总金额"),
        issued=("issuedate", "开票日期"),
        line=("itemamount",),
        any_case=True,
    ),
    _Dialect(
        BillFamily.TAX,
        number=("TaxSupervisionInfo/InvoiceNumber", "InvoiceNumber"),
        code=("TaxSupervisionInfo/InvoiceCode", "InvoiceCode"),
        check_code=("CheckCode",),
        total=("BasicInformation/TotalTax-includedAmount", "TotalTax-includedAmount"),
        issued=("BasicInformation/RequestTime", "RequestTime", "TaxSupervisionInfo/IssueTime", "IssueTime"),
        net=("BasicInformation/TotalAmWithoutTax", "TotalAmWithoutTax"),
        tax=("BasicInformation/TotalTaxAm", "TotalTaxAm"),
        line=("IssuItemInformation/Amount",),
    ),
    _Dialect(
        BillFamily.TAX,
        number=("数电票号码", "数电发票号码", "发票号码"),
        code=("发票代码",),
        check_code=("校验码", "发票校验码"),
        total=("价税合计小写", "价税合计_小写", "价税合计"),
        issued=("开票日期",),
        net=("合计金额", "金额合计", "不含税金额"),
        tax=("合计税额", "税额合计"),
    ),
    _Dialect(
        BillFamily.TAX,
        number=("FPHM",),
        code=("FPDM",),
        check_code=("JYM",),
        total=("JSHJXX", "JSHJ"),
        issued=("KPRQ",),
        net=("HJJE",),
        tax=("HJSE",),
    ),
)
_NUMBERS = frozenset(name.rpartition("/")[2] for dialect in DIALECTS for name in dialect.number)

Record = dict[str, list[str]]
"""What one invoice says: name, and parent/name, to the texts in their order."""


def bills_in(root: Element) -> ReadFile:
    """Give every bill of a document, each once, and what is wrong with its sums."""
    bills: list[BillElements] = []
    faults: set[BillFault] = set()
    for element in _invoices(root):
        record = record_of(element)
        for dialect in DIALECTS:
            elements = _elements(dialect, record)
            if elements is not None:
                bills.append(elements)
                if not _adds_up(dialect, record, elements.total_fen):
                    faults.add(BillFault.SUMS_DIFFER)
                break
    return ReadFile(each_once(bills), tuple(sorted(faults)))


def each_once(bills: Iterable[BillElements]) -> tuple[BillElements, ...]:
    """Give each bill once. The same number with another amount or date is another: whoever reads on is alarmed."""
    return tuple({(bill.bill_no, bill.total_fen, bill.issued_on): bill for bill in bills}.values())


def record_of(element: Element) -> Record:
    """Give what an invoice's subtree says, without the signature's own names."""
    record: Record = {}
    for parent in within(element):
        above = _key(parent)
        for child in parent:
            name, text = _key(child), text_of(child)
            if text:
                record.setdefault(name, []).append(text)
                record.setdefault(f"{above}/{name}", []).append(text)
    return record


def elements(
    family: BillFamily,
    *,
    code: str | None,
    number_text: str | None,
    check_code: str | None,
    total: str | None,
    issued: str | None,
) -> BillElements | None:
    """Make elements of printed values; None where one is missing or impossible.

    A red letter (negative total) is asked for by its amount without the sign: its platform says what it is.
    """
    total_fen, issued_on = fen(total), day(issued)
    if total_fen is None or issued_on is None:
        return None
    bill = number(number_text).upper()
    try:
        return BillElements(
            family=family,
            code="" if len(bill) == DIGITAL_LENGTH else number(code).upper(),
            number=bill,
            check_code=number(check_code),
            total_fen=abs(total_fen),
            issued_on=issued_on,
        )
    except ValidationError:
        return None


def _key(element: Element) -> str:
    """An element's name; for the custom data of an OFD that which it says it is."""
    name = name_of(element)
    return element.get("Name", name) if name == "CustomData" else name


def _invoices(root: Element) -> list[Element]:
    """Give the element of each invoice: the innermost roots, else the widest parts that hold one number."""
    whole = list(within(root))
    roots = [element for element in whole if name_of(element).lower() in ROOTS]
    if roots:
        outer = {id(parent) for parent, below in _pairs(roots) if below}
        return [element for element in roots if id(element) not in outer]
    parents = {id(child): element for element in whole for child in element}
    holding: dict[int, int] = {}
    numbers = [e for e in whole if _key(e) in _NUMBERS or _key(e).lower() in _NUMBERS]
    for found in numbers:
        above: Element | None = found
        while above is not None:
            holding[id(above)] = holding.get(id(above), 0) + 1
            above = parents.get(id(above))
    invoices = []
    for found in numbers:
        place = found
        while (wider := parents.get(id(place))) is not None and holding[id(wider)] == 1:
            place = wider
        # a number that stands alone among others has its parent for an invoice, which then is no whole one
        invoices.append(place if len(place) else parents.get(id(place), root))
    return invoices


def _pairs(roots: Iterable[Element]) -> Iterable[tuple[Element, bool]]:
    known = {id(element) for element in roots}
    for element in roots:
        yield element, any(id(below) in known for below in within(element) if below is not element)


def _elements(dialect: _Dialect, record: Record) -> BillElements | None:
    view = _view(dialect, record)
    if not _first(view, dialect.number):
        return None
    total = _first(view, dialect.total)
    if fen(total) is None:
        net, tax = fen(_first(view, dialect.net)), fen(_first(view, dialect.tax))
        if net is None:
            return None
        total = yuan(net + (tax or 0))
    return elements(
        dialect.family,
        code=_first(view, dialect.code),
        number_text=_first(view, dialect.number),
        check_code=_first(view, dialect.check_code),
        total=total,
        issued=_first(view, dialect.issued),
    )


def _adds_up(dialect: _Dialect, record: Record, total_fen: int) -> bool:
    """Whether amount and tax give the total and the lines give the amount, within a fen; `*` is no tax."""
    view = _view(dialect, record)
    net, tax = fen(_first(view, dialect.net)), fen(_first(view, dialect.tax))
    if net is not None and abs(abs(net + (tax or 0)) - total_fen) > TOLERANCE_FEN:
        return False
    texts = [text for name in dialect.line for text in view.get(name, [])]
    lines = [fen(text) for text in texts]
    known = [line for line in lines if line is not None]
    wanted = total_fen if net is None else abs(net)
    return not known or len(known) < len(lines) or abs(abs(sum(known)) - wanted) <= TOLERANCE_FEN


def _view(dialect: _Dialect, record: Record) -> Mapping[str, list[str]]:
    if not dialect.any_case:
        return record
    lowered: Record = {}
    for name, texts in record.items():
        if "/" not in name:
            lowered.setdefault(name.lower(), []).extend(texts)
    return lowered


def _first(view: Mapping[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((view[name][0] for name in names if view.get(name)), None)
