"""Every form of a bill is read into the same elements, and the traps of each form."""

import io
import sys
import zipfile
from datetime import date

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from daycover.bills.read import read_bills
from daycover.claims.bill import BillElements, BillFault, ReadFile
from daycover.file_kind import FileKind, file_kind
from tests.support.bills import (
    HOSPITAL,
    SIGNATURE,
    a_heic,
    a_pdf_page,
    a_photo,
    a_scan,
    an_ofd,
    code_of,
    fiscal_elements,
    fiscal_pdf,
    fiscal_xml,
    tax_elements,
    tax_pdf,
    tax_xml,
    tax_xml_chinese,
    tax_xml_pinyin,
)
from tests.support.papers import a_jpeg, a_pdf, a_png

FISCAL, TAX = fiscal_elements(), tax_elements()
OLDER = tax_elements(code="013002200211", number="81532753", check_code="49753264642677383169")
"""A 电子普通发票 as there were before the digital invoice."""


def read(content: bytes) -> ReadFile:
    """Read a file as what it is."""
    kind = file_kind(content)
    assert kind is not None
    return read_bills(content, kind)


@pytest.mark.parametrize(
    ("content", "bill"),
    [
        (fiscal_xml(), FISCAL),
        (tax_xml(), TAX),
        (tax_xml_chinese(), TAX),
        (tax_xml_pinyin(), TAX),
        (an_ofd(fiscal_xml()), FISCAL),
        (an_ofd(tax_xml()), TAX),
        (fiscal_pdf(), FISCAL),
        (fiscal_pdf(embedded=False), FISCAL),
        (tax_pdf(), TAX),
        (tax_pdf(embedded=False), TAX),
        (a_pdf_page("发票", an_ofd(tax_xml()), "invoice.ofd"), TAX),
        (a_photo(code_of(FISCAL)), FISCAL),
        (a_photo(code_of(FISCAL, as_link=False)), FISCAL),
        (a_photo(code_of(FISCAL), form="PNG"), FISCAL),
        (a_photo(code_of(TAX)), TAX),
        (a_photo(code_of(OLDER)), OLDER),
        (a_photo(code_of(FISCAL), turned=200), FISCAL),
        (a_photo(code_of(FISCAL), width=3_000, height=4_000, turned=7), FISCAL),
        (a_scan(code_of(FISCAL)), FISCAL),
        (a_scan(code_of(FISCAL), width=4_960, height=7_016), FISCAL),
        (a_scan(code_of(FISCAL), mode="1"), FISCAL),
    ],
)
def test_bill_is_read_in_every_form(content: bytes, bill: BillElements) -> None:
    assert read(content) == ReadFile((bill,))


@pytest.mark.parametrize("content", [a_jpeg("病历"), a_png("病历"), a_pdf("病历"), an_ofd(), b"<a><b/></a>"])
def test_paper_that_is_no_bill_has_none_and_no_fault(content: bytes) -> None:
    assert read(content) == ReadFile()


def test_heic_is_known_and_not_read() -> None:
    assert file_kind(a_heic()) is FileKind.HEIC
    assert read(a_heic()) == ReadFile(faults=(BillFault.UNREADABLE,))


def test_picture_has_no_code_where_the_runtime_is_too_old_to_read_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(
        sys.modules, "zxingcpp", None
    )  # what Python keeps of a module that is not to be found
    assert read(a_photo(code_of(FISCAL))) == read(a_scan(code_of(FISCAL))) == ReadFile()
    assert read(fiscal_pdf(embedded=False)) == ReadFile((FISCAL,))


# ---- several in one file --------------------------------------------------------------------------

OTHER = tax_elements(number="26332000000123456790", total_fen=8_800)


def test_every_invoice_of_a_file_is_read() -> None:
    assert read(tax_xml_pinyin(TAX, OTHER)).bills == (TAX, OTHER)
    assert read(an_ofd(fiscal_xml(), tax_xml(OTHER))).bills == (FISCAL, OTHER)
    assert read(a_photo(code_of(FISCAL), code_of(TAX))).bills in {(FISCAL, TAX), (TAX, FISCAL)}
    body = b"".join(text.partition(b"?>")[2] for text in (fiscal_xml(), tax_xml(OTHER)))
    assert read(b"<Bills>" + body + b"</Bills>").bills == (FISCAL, OTHER)


def test_invoice_that_stands_twice_is_one() -> None:
    assert read(an_ofd(fiscal_xml(), fiscal_xml())).bills == (FISCAL,)
    assert read(tax_xml_pinyin(TAX, TAX)).bills == (TAX,)


def test_same_number_with_another_amount_is_not_dropped_in_silence() -> None:
    other = tax_elements(total_fen=1)
    assert read(tax_xml_pinyin(TAX, other)).bills == (TAX, other)


def test_each_page_of_a_pdf_is_a_bill_of_its_own() -> None:
    writer = PdfWriter()
    for content in (fiscal_pdf(embedded=False), tax_pdf(OTHER, embedded=False)):
        writer.append(io.BytesIO(content))
    written = io.BytesIO()
    writer.write(written)
    assert read(written.getvalue()).bills == (FISCAL, OTHER)


def test_page_counts_beside_what_is_attached_when_its_number_is_another() -> None:
    misprinted = fiscal_elements(total_fen=1)
    writer = PdfWriter(clone_from=io.BytesIO(fiscal_pdf()))
    for content in (tax_pdf(OTHER, embedded=False), fiscal_pdf(misprinted, embedded=False)):
        writer.append(io.BytesIO(content))
    written = io.BytesIO()
    writer.write(written)
    assert read(written.getvalue()).bills == (FISCAL, OTHER)


def test_damaged_page_hides_no_other() -> None:
    writer = PdfWriter()
    for content in (tax_pdf(embedded=False), fiscal_pdf(embedded=False)):
        writer.append(io.BytesIO(content))
    strange = DecodedStreamObject()
    strange.set_data(b"packed in no known way")
    strange[NameObject("/Filter")] = NameObject("/Nonsense")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(strange)
    written = io.BytesIO()
    writer.write(written)
    assert read(written.getvalue()) == ReadFile((FISCAL,))
    writer.remove_page(1)
    alone = io.BytesIO()
    writer.write(alone)
    assert read(alone.getvalue()) == ReadFile(faults=(BillFault.UNREADABLE,))


# ---- the traps of the digital invoice -------------------------------------------------------------


def test_total_is_the_invoices_and_not_a_lines_when_names_differ_by_case() -> None:
    without = tax_xml().replace(b"TotalTax-includedAmount", b"Nothing")
    assert b"TotaltaxIncludedAmount" in without
    # amount and tax give it where the total is not there; a line's never does
    assert read(without).bills == (TAX,)
    assert read(without.replace(b"TotalAmWithoutTax", b"Nothing")).bills == ()


def test_date_of_issue_is_the_request_time_and_not_when_it_was_made() -> None:
    made_later = tax_xml().replace(b"<IssueTime>2026-08-15", b"<IssueTime>2026-08-17")
    assert made_later != tax_xml()
    assert read(made_later).bills == (TAX,)


def test_names_of_the_signature_are_left_out() -> None:
    assert SIGNATURE.encode() in fiscal_xml()
    assert read(fiscal_xml()).bills == (FISCAL,)
    assert read(b"<x>" + SIGNATURE.encode() + b"</x>").bills == ()


def test_number_of_another_invoice_in_it_is_not_its_own() -> None:
    red = tax_xml().replace(
        b"<AdditionalInformation>",
        b"<SpecificInformation><InvoiceNumber>26332000000000000001</InvoiceNumber></SpecificInformation>"
        b"<AdditionalInformation>",
    )
    assert read(red).bills == (TAX,)


def test_sums_that_differ_are_said_and_the_bill_is_read() -> None:
    other_total = tax_xml().replace(b"<TotalTax-includedAmount>3200.00", b"<TotalTax-includedAmount>3200.02")
    assert read(other_total) == ReadFile((tax_elements(total_fen=320_002),), (BillFault.SUMS_DIFFER,))
    one_fen = tax_xml().replace(b"<TotalTax-includedAmount>3200.00", b"<TotalTax-includedAmount>3200.01")
    assert read(one_fen) == ReadFile((tax_elements(total_fen=320_001),))
    lines = fiscal_xml().replace(b"<ItemAmount>800.00", b"<ItemAmount>801.00")
    assert read(lines) == ReadFile((FISCAL,), (BillFault.SUMS_DIFFER,))


def test_tax_may_be_a_star_and_amounts_may_have_words() -> None:
    assert b"\xe5\x90\x88\xe8\xae\xa1\xe7\xa8\x8e\xe9\xa2\x9d>*<" in tax_xml_chinese()
    assert read(tax_xml_chinese()) == ReadFile((TAX,))


def test_red_letter_is_read_by_its_amount() -> None:
    red = tax_xml_pinyin().replace(b">3200.00<", b">-3200.00<")
    assert read(red) == ReadFile((TAX,))


def test_namespace_and_chinese_encoding_do_not_matter() -> None:
    spaced = tax_xml().replace(b"<EInvoice>", b'<EInvoice xmlns="urn:cn:einvoice">')
    assert read(spaced).bills == (TAX,)
    chinese = tax_xml_chinese().decode().replace("UTF-8", "GBK").replace("¥", "￥").encode("gbk")
    assert read(chinese).bills == (TAX,)


def test_ofd_says_it_in_its_custom_data_where_nothing_is_attached() -> None:
    names = {"发票号码": TAX.number, "开票日期": "2026年08月15日", "合计金额": "3200.00", "合计税额": "0.00"}
    fields = "".join(f'<ofd:CustomData Name="{name}">{text}</ofd:CustomData>' for name, text in names.items())
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        package.writestr("OFD.xml", f'<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016">{fields}</ofd:OFD>')
    assert read(written.getvalue()).bills == (TAX,)


# ---- the fiscal receipt ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "票据代码:33060126 票据号码:0012345678 校验码:a1b2c3 开票日期:2026年8月15日 (小写)¥3,200.00",
        "票 据 代 码: 33060126  票 据 号 码: 0012345678 校 验 码:a1b2c3 开票日期: 2026-08-15 小写: 3200.00元",
        "33060126,0012345678,a1b2c3,3200.00,20260815",
        "01,33060126,0012345678,a1b2c3,20260815,3200.00,",
        "33060126|0012345678|a1b2c3|2026-08-15|3200",
        "https://x.example/#/check?code=33060126&number=0012345678&random=a1b2c3&money=3200.00&date=20260815",
    ],
)
def test_code_of_a_receipt_is_read_in_each_way(text: str) -> None:
    assert read(a_photo(text)).bills == (FISCAL,)


def test_checksum_of_a_digital_invoices_code_is_no_check_code() -> None:
    assert read(a_photo(f"01,32,,{TAX.number},3200.00,20260815,74AE,")).bills == (TAX,)


@pytest.mark.parametrize(
    "text",
    [
        "https://fiscal.bills.example/e?EInvoiceCode=33060126&EInvoiceNumber=0012345678",
        "https://daycover.cn/s/abc",
        "01,32,,26332000000123456789,*,20260815,,",
        "01,32,,26332000000123456789,3200.00,20261315,,",
        "01,32,,1,3200.00,20260815,,",
        "wxp://f2f0abcdef",
        ",",
    ],
)
def test_code_that_lacks_an_element_is_no_bill(text: str) -> None:
    assert read(a_photo(text)) == ReadFile()


def test_receipt_and_its_tags_may_be_written_in_any_case_and_in_chinese() -> None:
    lowered = fiscal_xml().replace(b"IssueDate", b"issueDate").replace(b"TotalA", b"totalA")
    assert read(lowered).bills == (FISCAL,)
    chinese = (
        f"<电子票据><票据代码>33060126</票据代码><票据号码>0012345678</票据号码><校验码>a1b2c3</校验码>"
        f"<开票单位>{HOSPITAL}</开票单位><开票日期>2026-08-15 10:11:12</开票日期>"
        "<金额合计>3,200.00</金额合计></电子票据>"
    )
    assert read(chinese.encode()).bills == (FISCAL,)


def test_issue_day_is_the_days_of_the_paper() -> None:
    issued = date(2026, 12, 31)
    assert read(fiscal_xml(fiscal_elements(issued_on=issued))).bills[0].issued_on == issued


def test_picture_without_colours_or_with_transparency_is_read() -> None:
    for mode in ("L", "RGBA", "P", "1"):
        written = io.BytesIO()
        Image.open(io.BytesIO(a_photo(code_of(FISCAL)))).convert(mode).save(written, "PNG")
        assert read(written.getvalue()).bills == (FISCAL,), mode
