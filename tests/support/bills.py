"""Bills as files in every form, and what their platforms say of them.

`a_fiscal_bill` and `a_tax_bill` give the answer of a platform; `fiscal_receipt` and `tax_invoice` give the same in the
platform's wire form, for the simulators; the rest make real files of it.
"""

import io
import zipfile
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

import qrcode
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject

from daycover.claims.bill import (
    BilledItem,
    BillElements,
    BillFamily,
    BillKind,
    BillState,
    CheckedBill,
    OtherPayment,
)

PATIENT = "王小明"
HOSPITAL = "杭州市下沙人民医院"
CLINIC = "杭州康宁骨科诊所"
TREATED = date(2026, 8, 15)
TOTAL_FEN = 320_000
FISCAL_CODE = "33060126"
DIGITAL_NUMBER = "26332000000123456789"


def yuan(amount_fen: int) -> str:
    """Give an amount as a platform writes it."""
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02}"


def fiscal_elements(**changes: Any) -> BillElements:
    given: dict[str, Any] = {
        "family": BillFamily.FISCAL,
        "code": FISCAL_CODE,
        "number": "0012345678",
        "check_code": "a1b2c3",
        "total_fen": TOTAL_FEN,
        "issued_on": TREATED,
    }
    return BillElements(**(given | changes))


def tax_elements(**changes: Any) -> BillElements:
    given: dict[str, Any] = {
        "family": BillFamily.TAX,
        "number": DIGITAL_NUMBER,
        "total_fen": TOTAL_FEN,
        "issued_on": TREATED,
    }
    return BillElements(**(given | changes))


def a_fiscal_bill(
    elements: BillElements | None = None, *, treated_on: date = TREATED, **changes: Any
) -> CheckedBill:
    """Give what the platform says of an outpatient's receipt of a public hospital of the second level, all cash.

    With other payments give `cash_paid_fen` too, or it is what they leave of the total.
    """
    elements = elements or fiscal_elements(issued_on=treated_on)
    given: dict[str, Any] = {
        "elements": elements,
        "state": BillState.GENUINE,
        "patient": PATIENT,
        "hospital": HOSPITAL,
        "hospital_level": 2,
        "is_public": True,
        "treated_on": treated_on,
        "total_fen": elements.total_fen,
        "items": _two_items(elements.total_fen),
    }
    given |= changes
    others: tuple[OtherPayment, ...] = given.get("others_paid", ())
    paid = (
        given.get("fund_paid_fen", 0)
        + given.get("account_paid_fen", 0)
        + sum(other.amount_fen for other in others)
    )
    given.setdefault("cash_paid_fen", elements.total_fen - paid)
    return CheckedBill(**given)


def an_inpatient_bill(
    elements: BillElements | None = None, *, admitted_on: date = TREATED, days: int = 6, **changes: Any
) -> CheckedBill:
    """Give what the platform says of an inpatient's receipt: issued on the day of the discharge."""
    discharged_on = admitted_on + timedelta(days=days)
    elements = elements or fiscal_elements(number="0087654321", total_fen=1_850_000, issued_on=discharged_on)
    stay = {"admitted_on": admitted_on, "discharged_on": discharged_on, "hospital_days": days}
    return a_fiscal_bill(elements, treated_on=admitted_on, **(stay | changes))


def a_tax_bill(
    elements: BillElements | None = None, *, treated_on: date | None = TREATED, **changes: Any
) -> CheckedBill:
    """Give what the platform says of a private clinic's digital invoice; the buyer is the patient."""
    elements = elements or tax_elements(issued_on=treated_on or TREATED)
    given: dict[str, Any] = {
        "elements": elements,
        "state": BillState.GENUINE,
        "patient": PATIENT,
        "hospital": CLINIC,
        "hospital_level": 1,
        "treated_on": treated_on,
        "total_fen": elements.total_fen,
        "cash_paid_fen": elements.total_fen,
        "items": _two_items(elements.total_fen),
    }
    return CheckedBill(**(given | changes))


def _two_items(total_fen: int) -> tuple[BilledItem, ...]:
    """Two fee classes, or one where there is not enough for two."""
    first = total_fen // 4
    shared = (("检查费", first), ("治疗费", total_fen - first))
    return tuple(BilledItem(item=item, amount_fen=amount) for item, amount in shared if amount)


# ---- the platforms' wire forms --------------------------------------------------------------------


def fiscal_receipt(bill: CheckedBill) -> dict[str, Any]:
    """Give a receipt as the fiscal platform holds it."""
    words = {3: "三级综合医院", 2: "二级综合医院", 1: "社区卫生服务中心", None: "综合医院"}
    visit = "住院" if bill.admitted_on else "急诊" if bill.emergency else "门诊"
    receipt: dict[str, Any] = {
        "EInvoiceCode": bill.elements.code,
        "EInvoiceNumber": bill.elements.number,
        "RandomNumber": bill.elements.check_code,
        "issueDate": bill.elements.issued_on.isoformat(),
        "issueTime": "10:11:12",
        "totalAmount": yuan(bill.elements.total_fen),
        "invoicingPartyName": bill.hospital or "",
        "payerPartyName": bill.patient or "",
        "orgType": words[bill.hospital_level],
        "medicalType": visit,
        "medicalDate": _day(bill.treated_on),
        "inHospitalDate": _day(bill.admitted_on),
        "outHospitalDate": _day(bill.discharged_on),
        "hospitalDay": "" if bill.hospital_days is None else str(bill.hospital_days),
        "fundPayAmount": yuan(bill.fund_paid_fen),
        "otherPayAmount": yuan(sum(other.amount_fen for other in bill.others_paid)),
        "otherPayDetails": [
            {"payName": other.payer, "payAmount": yuan(other.amount_fen)}
            for other in bill.others_paid
            if other.payer
        ],
        "accountPayAmount": yuan(bill.account_paid_fen),
        "ownPayAmount": yuan(bill.cash_paid_fen),
        "selfpaymentAmount": "0.00",
        "selfpaymentCost": yuan(bill.self_paid_fen),
        "itemList": [{"itemName": item.item, "itemAmount": yuan(item.amount_fen)} for item in bill.items],
        "auxItemList": [],
        "reversal": "1" if bill.state is BillState.REVERSED else "0",
        "exchangePaper": "1" if bill.state is BillState.EXCHANGED else "0",
        "voided": "1" if bill.state is BillState.VOID else "0",
    }
    return receipt


def tax_invoice(bill: CheckedBill, *, form: str = "XML") -> dict[str, Any]:
    """Give an invoice as the tax authority's platform holds it; medical services are free of tax."""
    remark = f"就诊日期:{bill.treated_on}" if bill.treated_on else ""
    status = {BillState.REVERSED: "红冲", BillState.VOID: "作废"}.get(bill.state, "正常")
    supervision = {"InvoiceNumber": bill.elements.number, "IssueTime": f"{bill.elements.issued_on} 10:11:12"}
    if bill.elements.code:
        supervision["InvoiceCode"] = bill.elements.code
    return {
        "form": form,
        "CheckCode": bill.elements.check_code,
        "EInvoiceData": {
            "SellerInformation": {"SellerIdNum": "91330100MA2ABCDE0X", "SellerName": bill.hospital or ""},
            "BuyerInformation": {"BuyerName": bill.patient or ""},
            "BasicInformation": {
                "TotalAmWithoutTax": yuan(bill.elements.total_fen),
                "TotalTaxAm": "0.00",
                "TotalTax-includedAmount": yuan(bill.elements.total_fen),
                "RequestTime": f"{bill.elements.issued_on} 10:11:00",
            },
            "IssuItemInformation": [
                {
                    "ItemName": f"*医疗服务*{item.item}" if item.kind is BillKind.MEDICAL else item.item,
                    "Amount": yuan(item.amount_fen),
                    "TaxRate": "免税",
                    "ComTaxAm": "***",
                    "TotaltaxIncludedAmount": yuan(item.amount_fen),
                }
                for item in bill.items
            ],
            "AdditionalInformation": {"Remark": remark},
        },
        "TaxSupervisionInfo": supervision | {"InvoiceStatus": status},
    }


def _day(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""


# ---- files ----------------------------------------------------------------------------------------

SIGNATURE = (
    "<Signature><SignedInfo><EInvoiceNumber>9999999999</EInvoiceNumber>"
    "<InvoiceNumber>99999999999999999999</InvoiceNumber><发票号码>99999999999999999999</发票号码>"
    "<FPHM>99999999999999999999</FPHM></SignedInfo></Signature>"
)
"""A signature's subtree, with names of its own that mislead."""


def fiscal_xml(elements: BillElements | None = None) -> bytes:
    """Give the fiscal receipt's XML, its signature before the content."""
    bill = elements or fiscal_elements()
    first = bill.total_fen // 4
    text = (
        f"<EInvoice>{SIGNATURE}<Header><EInvoiceTag>CZ-EI</EInvoiceTag><EInvoiceName>医疗门诊收费票据(电子)"
        f"</EInvoiceName><EInvoiceCode>{bill.code}</EInvoiceCode><EInvoiceNumber>{bill.number}</EInvoiceNumber>"
        f"<RandomNumber>{bill.check_code}</RandomNumber></Header><EInvoiceData><Main>"
        f"<InvoicingParty><InvoicingPartyName>{HOSPITAL}</InvoicingPartyName></InvoicingParty>"
        f"<PayerParty><PayerPartyName>{PATIENT}</PayerPartyName></PayerParty>"
        f"<TotalAmount>{yuan(bill.total_fen)}</TotalAmount><IssueDate>{_day(bill.issued_on)}</IssueDate>"
        f"<IssueTime>10:11:12</IssueTime></Main><Details>"
        f"<Item><ItemName>检查费</ItemName><ItemAmount>{yuan(first)}</ItemAmount></Item>"
        f"<Item><ItemName>治疗费</ItemName><ItemAmount>{yuan(bill.total_fen - first)}</ItemAmount></Item>"
        f"</Details></EInvoiceData></EInvoice>"
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def tax_xml(elements: BillElements | None = None) -> bytes:
    """Give the digital invoice's XML (`EInvoice`)."""
    bill = elements or tax_elements()
    invoice = tax_invoice(a_tax_bill(bill, treated_on=bill.issued_on))
    root = Element("EInvoice")
    _grow(root, {name: part for name, part in invoice.items() if name not in {"form", "CheckCode"}})
    signed = SubElement(SubElement(root, "XMLSignature"), "InvoiceNumber")
    signed.text = "99999999999999999999"
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def tax_xml_chinese(elements: BillElements | None = None) -> bytes:
    """Give the dialect with Chinese tags."""
    bill = elements or tax_elements()
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><电子发票>{SIGNATURE}<票面信息><发票号码>{bill.number}</发票号码>'
        f"<开票日期>{bill.issued_on:%Y年%m月%d日}</开票日期><购买方名称>{PATIENT}</购买方名称>"
        f"<销售方名称>{CLINIC}</销售方名称><合计金额>¥{bill.total_fen // 100:,}.{bill.total_fen % 100:02}</合计金额>"
        f"<合计税额>*</合计税额><价税合计>{yuan(bill.total_fen)}元</价税合计></票面信息></电子发票>"
    ).encode()


def tax_xml_pinyin(*bills: BillElements) -> bytes:
    """Give the dialect of pinyin initials, several invoices in one file."""
    parts = "".join(
        f"<FP><FPHM>{bill.number}</FPHM><KPRQ>{_day(bill.issued_on)}101112</KPRQ>"
        f"<HJJE>{yuan(bill.total_fen)}</HJJE><HJSE>0.00</HJSE><JSHJXX>{yuan(bill.total_fen)}</JSHJXX></FP>"
        for bill in bills or (tax_elements(),)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><business><body>{parts}</body></business>'.encode()


def an_ofd(*attached: bytes) -> bytes:
    """Give an OFD with these XML files attached; without any an OFD that is no bill."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("OFD.xml", '<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>')
        package.writestr("Doc_0/Document.xml", "<Document/>")
        for place, content in enumerate(attached):
            name = "original_invoice.xml" if not place else f"original_invoice_{place}.xml"
            package.writestr(f"Doc_0/Attachs/{name}", content)
    return written.getvalue()


def a_pdf_page(text: str, attached: bytes | None = None, name: str = "invoice.xml") -> bytes:
    """Give a PDF of one page that shows the text, in a font that says which characters it shows."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    shown = "".join(f"<{line.encode('utf-16-be').hex()}> Tj T*\n" for line in text.splitlines())
    content = DecodedStreamObject()
    content.set_data(f"BT /F1 12 Tf 14 TL 40 800 Td\n{shown}ET".encode())
    page[NameObject("/Contents")] = writer._add_object(content)
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): _font(writer, text)})}
    )
    if attached is not None:
        writer.add_attachment(name, attached)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _font(writer: PdfWriter, text: str) -> Any:
    """A composite font whose codes are UTF-16 and which says so (`ToUnicode`)."""
    unicode_map = DecodedStreamObject()
    known = sorted({ord(letter) for letter in text if ord(letter) < 0x10000})
    pairs = "".join(f"<{code:04x}> <{code:04x}>\n" for code in known)
    unicode_map.set_data(
        (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def\n"
            f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{len(known)} beginbfchar\n{pairs}endbfchar\n"
            "endcmap end end"
        ).encode()
    )
    descendant = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/CIDFontType2"),
            NameObject("/BaseFont"): NameObject("/SimSun"),
        }
    )

    return writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type0"),
                NameObject("/BaseFont"): NameObject("/SimSun"),
                NameObject("/Encoding"): NameObject("/Identity-H"),
                NameObject("/DescendantFonts"): ArrayObject([writer._add_object(descendant)]),
                NameObject("/ToUnicode"): writer._add_object(unicode_map),
            }
        )
    )


def fiscal_pdf(elements: BillElements | None = None, *, embedded: bool = True) -> bytes:
    """Give the fiscal receipt as PDF: with its XML attached, or with the words on the page alone."""
    bill = elements or fiscal_elements()
    words = (
        f"浙江省医疗门诊收费票据(电子)\n票据代码:{bill.code}   票据号码:{bill.number}\n"
        f"交款人:{PATIENT}   校验码:{bill.check_code}   开票日期:{bill.issued_on}\n"
        f"金额合计(大写)叁仟贰佰元整   (小写)¥{yuan(bill.total_fen)}\n"
    )
    return a_pdf_page(words, fiscal_xml(bill) if embedded else None)


def tax_pdf(elements: BillElements | None = None, *, embedded: bool = True) -> bytes:
    """Give the digital invoice as PDF, likewise."""
    bill = elements or tax_elements()
    words = (
        f"电子发票(普通发票)\n发票号码:{bill.number}\n开票日期:{bill.issued_on:%Y年%m月%d日}\n"
        f"名称:{PATIENT}\n价税合计(大写) 叁仟贰佰圆整 (小写)¥{yuan(bill.total_fen)}\n"
    )
    return a_pdf_page(words, tax_xml(bill) if embedded else None)


def code_of(bill: BillElements, *, as_link: bool = True) -> str:
    """Give the text of a bill's QR code."""
    if bill.family is BillFamily.TAX:
        kind = "10" if bill.code else "32"
        return (
            f"01,{kind},{bill.code},{bill.number},{yuan(bill.total_fen)},{_day(bill.issued_on)},"
            f"{bill.check_code},74AE,"
        )
    if as_link:
        query = {
            "EInvoiceCode": bill.code,
            "EInvoiceNumber": bill.number,
            "RandomNumber": bill.check_code,
            "totalAmount": yuan(bill.total_fen),
            "issueDate": _day(bill.issued_on),
        }
        return f"https://fiscal.bills.example/e?{urlencode(query)}"
    return ",".join((bill.code, bill.number, bill.check_code, yuan(bill.total_fen), _day(bill.issued_on)))


def a_photo(
    *codes: str, form: str = "JPEG", width: int = 1_200, height: int = 1_600, turned: float = 0.0
) -> bytes:
    """Give a photograph of a paper with these QR codes on it, one below the other, held a little askew."""
    paper = Image.new("RGB", (width, height), "#f4f1ea")
    for place, text in enumerate(codes):
        code = qrcode.QRCode(box_size=max(3, width // 300), border=4)
        code.add_data(text)
        stream = io.BytesIO()
        code.make_image().save(stream)
        paper.paste(Image.open(stream).convert("RGB"), (width // 12, height // 16 + place * height // 2))
    if turned:
        paper = paper.rotate(turned, fillcolor="#808080", expand=True)
    written = io.BytesIO()
    paper.save(written, form)
    return written.getvalue()


def a_scan(*codes: str, width: int = 1_200, height: int = 1_600, mode: str = "RGB") -> bytes:
    """Give a PDF whose one page is a picture, as scanners write it: in colours a JPEG, else packed otherwise."""
    written = io.BytesIO()
    Image.open(io.BytesIO(a_photo(*codes, width=width, height=height))).convert(mode).save(written, "PDF")
    return written.getvalue()


def a_heic() -> bytes:
    """Give the beginning of an iPhone's picture."""
    return b"\0\0\0\x24ftypheic\0\0\0\0mif1MiHEMiPrheic" + b"\0" * 8 + b"\0\0\0\x08mdat" + b"\x55" * 64


def _grow(element: Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            for one in part if isinstance(part, list) else [part]:
                _grow(SubElement(element, name), one)
    else:
        element.text = str(value)
