"""The adapters against the simulators, which sign and verify with code of their own."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daycover.bills.platforms import BillPlatforms, bill_platforms
from daycover.bills.signed import BillCredentials, PlatformCredentials, SignedPlatform
from daycover.bills.tax import TaxPlatform
from daycover.claims.bill import (
    BilledItem,
    BillElements,
    BillFamily,
    BillKind,
    BillPlatformUnavailableError,
    BillState,
    CheckedBill,
    OtherPayment,
)
from tests.simulators.bill_platform import BillPlatformServer
from tests.simulators.credentials import PlatformKeys
from tests.simulators.faults import Fault
from tests.simulators.fiscal import FiscalServer
from tests.simulators.tax import TaxServer
from tests.support.bills import (
    PATIENT,
    a_fiscal_bill,
    a_tax_bill,
    an_inpatient_bill,
    fiscal_elements,
    fiscal_receipt,
    tax_elements,
    tax_invoice,
)

FISCAL_KEYS, TAX_KEYS = PlatformKeys("FIS-1", "f" * 64), PlatformKeys("TAX-1", "t" * 64)
CREDENTIALS = BillCredentials(
    fiscal=PlatformCredentials(app_id="FIS-1", key="f" * 64),
    tax=PlatformCredentials(app_id="TAX-1", key="t" * 64),
)


@pytest.fixture
def fiscal() -> Iterator[FiscalServer]:
    with FiscalServer(FISCAL_KEYS) as running:
        yield running


@pytest.fixture
def tax() -> Iterator[TaxServer]:
    with TaxServer(TAX_KEYS) as running:
        yield running


@pytest.fixture
def platforms(fiscal: FiscalServer, tax: TaxServer) -> BillPlatforms:
    return bill_platforms(CREDENTIALS, fiscal_url=fiscal.base_url, tax_url=tax.base_url + "/")


def arm(server: BillPlatformServer, kind: str, **settings: object) -> None:
    server.faults.arm(Fault.from_json({"kind": kind, **settings}))


def added_to(line: logging.LogRecord) -> dict[str, Any]:
    """What the product said beside the words: a record's own members (times, threads) are not its."""
    own = {*vars(logging.makeLogRecord({})), "message", "asctime"}
    return {name: value for name, value in vars(line).items() if name not in own}


def receipt(**changes: Any) -> dict[str, Any]:
    return fiscal_receipt(a_fiscal_bill()) | changes


# ---- what is said of a bill -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "bill",
    [
        a_fiscal_bill(),
        a_fiscal_bill(fiscal_elements(total_fen=1), cash_paid_fen=1),
        a_fiscal_bill(emergency=True, hospital_level=3),
        an_inpatient_bill(
            fund_paid_fen=900_000,
            account_paid_fen=50_000,
            self_paid_fen=12_345,
            others_paid=(
                OtherPayment(payer="大病保险", amount_fen=100_001),
                OtherPayment(payer="道路救助基金垫付", amount_fen=200_000),
            ),
        ),
        an_inpatient_bill(others_paid=(OtherPayment(payer="", amount_fen=7),)),
        a_fiscal_bill(
            items=(
                BilledItem(item="救护车费", amount_fen=20_000, kind=BillKind.AMBULANCE),
                BilledItem(item="手术费", amount_fen=300_000),
            )
        ),
    ],
)
def test_receipt_is_told_whole_when_it_is_genuine(
    fiscal: FiscalServer, platforms: BillPlatforms, bill: CheckedBill
) -> None:
    fiscal.register(fiscal_receipt(bill))
    assert platforms.check(bill.elements) == bill


@pytest.mark.parametrize("form", ["XML", "JSON"])
def test_invoice_is_told_whole_when_it_is_genuine(
    tax: TaxServer, platforms: BillPlatforms, form: str
) -> None:
    bill = a_tax_bill()
    tax.register(tax_invoice(bill, form=form))
    told = platforms.check(bill.elements)
    named = tuple(item.model_copy(update={"item": f"*医疗服务*{item.item}"}) for item in bill.items)
    assert told == bill.model_copy(update={"items": named})
    assert (told.patient, told.hospital_level, told.is_public) == (PATIENT, 1, False)


def test_older_invoice_is_known_by_its_check_code_and_either_amount(
    tax: TaxServer, platforms: BillPlatforms
) -> None:
    elements = tax_elements(code="013002200211", number="81532753", check_code="49753264642677383169")
    wire = tax_invoice(a_tax_bill(elements))
    basic = wire["EInvoiceData"]["BasicInformation"]
    basic |= {"TotalAmWithoutTax": "3200.00", "TotalTaxAm": "96.00", "TotalTax-includedAmount": "3296.00"}
    wire["EInvoiceData"]["IssuItemInformation"] = [
        {"ItemName": "*医疗器械*拐杖", "Amount": "3200.00", "ComTaxAm": "96.00"}
    ]
    tax.register(wire)
    told = platforms.check(elements)
    assert (told.state, told.total_fen, told.items[0].amount_fen) == (BillState.GENUINE, 329_600, 329_600)
    whole = elements.model_copy(update={"total_fen": 329_600})
    assert platforms.check(whole).state is BillState.GENUINE
    other = elements.model_copy(update={"check_code": "49753264642677383160"})
    assert platforms.check(other) == CheckedBill(elements=other, state=BillState.ALTERED)


@pytest.mark.parametrize("elements", [fiscal_elements(), tax_elements()])
def test_nothing_is_told_of_a_bill_when_nobody_knows_it(
    platforms: BillPlatforms, elements: BillElements
) -> None:
    assert platforms.check(elements) == CheckedBill(elements=elements, state=BillState.UNKNOWN)


@pytest.mark.parametrize(
    "changed",
    [{"total_fen": 320_001}, {"check_code": "a1b2c4"}, {"issued_on": datetime(2026, 8, 16).date()}],
)
def test_nothing_is_told_of_a_receipt_when_an_element_differs(
    fiscal: FiscalServer, platforms: BillPlatforms, changed: dict[str, Any]
) -> None:
    fiscal.register(receipt())
    elements = fiscal_elements(**changed)
    assert platforms.check(elements) == CheckedBill(elements=elements, state=BillState.ALTERED)


def test_nothing_is_told_of_an_invoice_when_an_element_differs(
    tax: TaxServer, platforms: BillPlatforms
) -> None:
    tax.register(tax_invoice(a_tax_bill()))
    for elements in (tax_elements(total_fen=1), tax_elements(issued_on=datetime(2026, 8, 16).date())):
        assert platforms.check(elements) == CheckedBill(elements=elements, state=BillState.ALTERED)


@pytest.mark.parametrize(
    ("change", "state", "related"),
    [
        ("reverse", BillState.REVERSED, "330601260099999999"),
        ("void", BillState.VOID, None),
        ("exchange", BillState.EXCHANGED, "0099999999"),
    ],
)
def test_receipt_that_pays_nothing_is_told_with_its_state(
    fiscal: FiscalServer, platforms: BillPlatforms, change: str, state: BillState, related: str | None
) -> None:
    bill = a_fiscal_bill()
    fiscal.register(fiscal_receipt(bill))
    fiscal.change(bill.bill_no, change, "0099999999")
    told = platforms.check(bill.elements)
    assert (told.state, told.related_no, told.is_genuine) == (state, related, False)
    assert told.patient == PATIENT


@pytest.mark.parametrize(("change", "state"), [("reverse", BillState.REVERSED), ("void", BillState.VOID)])
def test_invoice_that_pays_nothing_is_told_with_its_state(
    tax: TaxServer, platforms: BillPlatforms, change: str, state: BillState
) -> None:
    bill = a_tax_bill()
    tax.register(tax_invoice(bill))
    tax.change(bill.bill_no, change)
    assert platforms.check(bill.elements).state is state


def test_red_letter_itself_is_reversed(tax: TaxServer, platforms: BillPlatforms) -> None:
    wire = tax_invoice(a_tax_bill())
    wire["EInvoiceData"]["BasicInformation"] |= {
        "TotalAmWithoutTax": "-3200.00",
        "TotalTax-includedAmount": "-3200.00",
    }
    tax.register(wire)
    assert platforms.check(tax_elements()).state is BillState.REVERSED


# ---- what the words mean --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "level", "is_public"),
    [
        ({"orgType": "三级甲等综合医院"}, 3, True),
        ({"orgType": "三甲"}, 3, True),
        ({"orgType": "二级专科医院"}, 2, True),
        ({"orgType": "一级医院"}, 1, True),
        ({"orgType": "社区卫生服务中心"}, 1, True),
        ({"orgType": "乡镇卫生院"}, 1, True),
        ({"orgType": "门诊部"}, 1, True),
        ({"orgType": "综合医院"}, None, True),
        ({"orgType": "", "invoicingPartyName": "白杨街道社区卫生服务中心"}, 1, True),
        ({"orgType": "综合医院", "invoicingPartyName": "市第一人民医院门诊部"}, None, True),
        ({"orgType": "民营二级医院"}, 2, False),
        ({"orgType": "营利性医院"}, None, False),
        ({"orgType": "非营利性二级医院"}, 2, True),
    ],
)
def test_institution_is_of_the_level_that_its_words_say(
    fiscal: FiscalServer, platforms: BillPlatforms, words: dict[str, str], level: int | None, is_public: bool
) -> None:
    fiscal.register(receipt(**words))
    told = platforms.check(fiscal_elements())
    assert (told.hospital_level, told.is_public) == (level, is_public)


@pytest.mark.parametrize(
    ("words", "emergency"),
    [
        ({"medicalType": "急诊"}, True),
        ({"medicalType": "1", "departmentName": "急诊外科"}, True),
        ({"medicalType": "门急诊"}, False),
        ({"medicalType": "门(急)诊"}, False),
        ({"medicalType": "非急诊"}, False),
        ({"medicalType": "1", "departmentName": "骨科"}, False),
    ],
)
def test_emergency_is_what_the_words_say(
    fiscal: FiscalServer, platforms: BillPlatforms, words: dict[str, str], emergency: bool
) -> None:
    fiscal.register(receipt(**words))
    assert platforms.check(fiscal_elements()).emergency is emergency


def test_ambulance_is_told_apart_when_only_a_single_item_names_it(
    fiscal: FiscalServer, platforms: BillPlatforms
) -> None:
    singles = [
        {"auxItemRelatedName": "其他费", "auxItemName": "救护车出车费", "auxItemAmount": "180.50"},
        {"auxItemRelatedName": "其他费", "auxItemName": "病历工本费", "auxItemAmount": "1.00"},
    ]
    classes = [
        {"itemName": "其他费", "itemAmount": "181.50"},
        {"itemName": "治疗费", "itemAmount": "3018.50"},
    ]
    fiscal.register(receipt(itemList=classes, auxItemList=singles))
    told = [(item.item, item.amount_fen, item.kind) for item in platforms.check(fiscal_elements()).items]
    assert told == [
        ("救护车出车费", 18_050, BillKind.AMBULANCE),
        ("其他费", 100, BillKind.MEDICAL),
        ("治疗费", 301_850, BillKind.MEDICAL),
    ]


def test_ambulance_invoice_has_ambulance_lines(tax: TaxServer, platforms: BillPlatforms) -> None:
    lines = (BilledItem(item="院前急救转运", amount_fen=320_000, kind=BillKind.AMBULANCE),)
    bill = a_tax_bill(items=lines, hospital="杭州急救中心")
    tax.register(tax_invoice(bill))
    assert [item.kind for item in platforms.check(bill.elements).items] == [BillKind.AMBULANCE]


def test_discount_is_taken_from_the_line_before_it(fiscal: FiscalServer, platforms: BillPlatforms) -> None:
    lines = [("检查费", "3000.00"), ("西药费", "300.00"), ("退费", "-400.00"), ("治疗费", "300.00")]
    classes = [{"itemName": name, "itemAmount": amount} for name, amount in lines]
    fiscal.register(receipt(itemList=classes))
    told = [(item.item, item.amount_fen) for item in platforms.check(fiscal_elements()).items]
    assert told == [("检查费", 290_000), ("治疗费", 30_000)]


def test_other_payments_keep_what_their_details_do_not_explain(
    fiscal: FiscalServer, platforms: BillPlatforms
) -> None:
    details = [{"payName": "医疗救助", "payAmount": "100.00"}]
    paid = {"otherPayAmount": "150.00", "ownPayAmount": "3050.00", "otherPayDetails": details}
    fiscal.register(receipt(**paid))
    told = platforms.check(fiscal_elements())
    assert told.others_paid == (
        OtherPayment(payer="医疗救助", amount_fen=10_000),
        OtherPayment(payer="", amount_fen=5_000),
    )


# ---- no answer ------------------------------------------------------------------------------------

INCONSISTENT: dict[str, tuple[str, dict[str, Any]]] = {
    "payments": ("PAYMENTS", {"fundPayAmount": "0.01"}),
    "self-paid beyond cash": ("SELF_PAID", {"selfpaymentCost": "3200.01"}),
    "items": ("ITEMS", {"itemList": [{"itemName": "检查费", "itemAmount": "3199.99"}]}),
    "details beyond others": ("OTHERS", {"otherPayDetails": [{"payName": "大病保险", "payAmount": "1.00"}]}),
    "refund beyond lines": ("NEGATIVE_LINE", {"itemList": [{"itemName": "退费", "itemAmount": "-1.00"}]}),
    "amount as a number": ("FIELDS", {"ownPayAmount": 3200.0}),
    "part of a fen": ("FIELDS", {"ownPayAmount": "3200.001"}),
    "no amount": ("FIELDS", {"ownPayAmount": ""}),
    "no date": ("FIELDS", {"medicalDate": "昨天"}),
    "no flag": ("FIELDS", {"voided": "?"}),
    "days": ("FIELDS", {"hospitalDay": "-1"}),
}


@pytest.mark.parametrize("name", INCONSISTENT)
def test_answer_is_not_believed_when_it_cannot_be_true(
    fiscal: FiscalServer, platforms: BillPlatforms, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    why, changes = INCONSISTENT[name]
    fiscal.register(receipt(**changes))
    with caplog.at_level(logging.WARNING), pytest.raises(BillPlatformUnavailableError):
        platforms.check(fiscal_elements())
    (line,) = caplog.records
    assert line.getMessage() == "bill platform gives no answer"
    assert added_to(line) == {"platform": "FISCAL", "reason": "INCONSISTENT", "why": why}, (
        "and nothing of the bill"
    )


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("BasicInformation", {"TotalTaxAm": "0.02"}),
        ("BasicInformation", {"TotalTax-includedAmount": "*"}),
        ("IssuItemInformation", [{"ItemName": "x", "Amount": "1.00"}]),
        ("IssuItemInformation", []),
    ],
)
def test_invoice_is_not_believed_when_its_sums_differ(
    tax: TaxServer, platforms: BillPlatforms, part: str, changes: Any
) -> None:
    wire = tax_invoice(a_tax_bill())
    known = wire["EInvoiceData"][part]
    wire["EInvoiceData"][part] = known | changes if isinstance(changes, dict) else changes
    tax.agrees = lambda *_: True  # type: ignore[method-assign]
    tax.register(wire)
    with pytest.raises(BillPlatformUnavailableError):
        platforms.check(tax_elements())


def test_another_bill_is_no_answer(
    fiscal: FiscalServer, tax: TaxServer, platforms: BillPlatforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    for server, elements in ((fiscal, fiscal_elements()), (tax, tax_elements())):
        monkeypatch.setattr(server, "agrees", lambda *_: True)
        server.register(receipt() if server is fiscal else tax_invoice(a_tax_bill()))
        for changes in ({"total_fen": 1}, {"issued_on": datetime(2026, 8, 16).date()}):
            with pytest.raises(BillPlatformUnavailableError):
                platforms.check(elements.model_copy(update=changes))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"<html>", b"<!DOCTYPE x><x/>", b"{" * 5_000, b"\xff"]
)
def test_garbage_is_no_answer(
    fiscal: FiscalServer,
    tax: TaxServer,
    platforms: BillPlatforms,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for server, elements in ((fiscal, fiscal_elements()), (tax, tax_elements())):
        monkeypatch.setattr(server, "written", lambda _: content)
        server.register(receipt() if server is fiscal else tax_invoice(a_tax_bill()))
        with pytest.raises(BillPlatformUnavailableError):
            platforms.check(elements)


@pytest.mark.parametrize("elements", [fiscal_elements(), tax_elements()])
@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("lost_reply", {}),
        ("unsigned", {}),
        ("status", {"status": 500}),
        ("status", {"status": 503}),
        ("status", {"status": 429}),
        ("status", {"status": 404}),
    ],
)
def test_fault_says_nothing_of_the_bill(
    fiscal: FiscalServer,
    tax: TaxServer,
    platforms: BillPlatforms,
    elements: BillElements,
    kind: str,
    settings: dict[str, Any],
) -> None:
    server: BillPlatformServer = fiscal if elements.family is BillFamily.FISCAL else tax
    arm(server, kind, **settings)
    with pytest.raises(BillPlatformUnavailableError):
        platforms.check(elements)
    assert platforms.check(elements).state is BillState.UNKNOWN  # and it passes


def test_outage_ends(fiscal: FiscalServer, platforms: BillPlatforms) -> None:
    fiscal.set_outage(True)
    with pytest.raises(BillPlatformUnavailableError):
        platforms.check(fiscal_elements())
    fiscal.set_outage(False)
    assert platforms.check(fiscal_elements()).state is BillState.UNKNOWN


def test_nobody_listens(fiscal: FiscalServer, platforms: BillPlatforms) -> None:
    fiscal.stop()
    with pytest.raises(BillPlatformUnavailableError):
        platforms.check(fiscal_elements())


def test_more_calls_than_the_platform_takes_are_refused() -> None:
    with FiscalServer(FISCAL_KEYS, calls_a_second=1) as server:
        platforms = bill_platforms(CREDENTIALS, fiscal_url=server.base_url, tax_url=server.base_url)
        platforms.check(fiscal_elements())
        with pytest.raises(BillPlatformUnavailableError):
            platforms.check(fiscal_elements())


# ---- the signature --------------------------------------------------------------------------------


def line_of(server: TaxServer, **options: Any) -> TaxPlatform:
    credentials = options.pop("credentials", CREDENTIALS.tax)
    return TaxPlatform(
        SignedPlatform(BillFamily.TAX, credentials, server.base_url + "/v1/invoices/verify", **options)
    )


@pytest.mark.parametrize("off", [-301, 301])
def test_request_is_refused_when_its_time_is_five_minutes_off(tax: TaxServer, off: int) -> None:
    clock = datetime.now(UTC) + timedelta(seconds=off)
    with pytest.raises(BillPlatformUnavailableError):
        line_of(tax, clock=lambda: clock).check(tax_elements())
    assert not tax.questions


def test_request_is_refused_when_the_key_is_another_or_it_comes_twice(tax: TaxServer) -> None:
    other = PlatformCredentials(app_id="TAX-1", key="x" * 64)
    with pytest.raises(BillPlatformUnavailableError):
        line_of(tax, credentials=other).check(tax_elements())
    line = line_of(tax, nonce=lambda: "the same")
    line.check(tax_elements())
    with pytest.raises(BillPlatformUnavailableError):
        line.check(tax_elements())
    assert len(tax.questions) == 1


def test_answer_to_another_question_is_not_believed(tax: TaxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    tax.register(tax_invoice(a_tax_bill()))
    guard = tax.guard

    def forgets(request: Any) -> None:
        guard(request)
        tax._asked.nonce = "of another question"

    monkeypatch.setattr(tax, "guard", forgets)
    with pytest.raises(BillPlatformUnavailableError):
        line_of(tax).check(tax_elements())


def test_question_has_the_five_elements_and_no_more(fiscal: FiscalServer, platforms: BillPlatforms) -> None:
    platforms.check(fiscal_elements(total_fen=5))
    assert fiscal.questions == [
        {
            "EInvoiceCode": "33060126",
            "EInvoiceNumber": "0012345678",
            "RandomNumber": "a1b2c3",
            "totalAmount": "0.05",
            "issueDate": "2026-08-15",
        }
    ]
