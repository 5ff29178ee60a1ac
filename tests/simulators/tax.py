"""The tax authority's platform: digital invoices by number, date and total; older ones by their check code too."""

import json
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from tests.simulators.bill_platform import Bill, BillPlatformServer

_TAIL = 6
"""Characters of an older invoice's check code that the authority asks for."""


class TaxServer(BillPlatformServer):
    """Gives the invoice in its own XML; `{"form": "JSON"}` beside a registered invoice gives JSON."""

    name = "tax"
    path = "/v1/invoices/verify"

    def number_of(self, bill: Bill) -> str:
        known = bill["TaxSupervisionInfo"]
        return str(known.get("InvoiceCode", "")) + str(known["InvoiceNumber"])

    def number_asked(self, question: dict[str, str]) -> str:
        return question["InvoiceCode"] + question["InvoiceNumber"]

    def agrees(self, bill: Bill, question: dict[str, str]) -> bool:
        basic = bill["EInvoiceData"]["BasicInformation"]
        if basic["RequestTime"][:10] != question["RequestTime"]:
            return False
        sums = {basic["TotalTax-includedAmount"]}
        if code := bill.get("CheckCode", ""):
            sums.add(basic["TotalAmWithoutTax"])
            if code[-_TAIL:] != question["CheckCode"][-_TAIL:]:
                return False
        return question["TotalTax-includedAmount"] in {amount.lstrip("-") for amount in sums}

    def written(self, bill: Bill) -> bytes:
        shown = {name: value for name, value in bill.items() if name not in {"CheckCode", "form"}}
        if bill.get("form") == "JSON":
            return json.dumps(shown, ensure_ascii=False).encode()
        root = Element("EInvoice")
        _grow(root, shown)
        return bytes(tostring(root, encoding="utf-8", xml_declaration=True))

    def changed(self, bill: Bill, change: str, other: str) -> Bill:
        states = {"reverse": "红冲", "void": "作废"}
        supervision = bill["TaxSupervisionInfo"] | {"InvoiceStatus": states[change]}
        if other:
            supervision |= {"RedInvoiceNumber": other}
        return bill | {"TaxSupervisionInfo": supervision}


def _grow(element: Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            for one in part if isinstance(part, list) else [part]:
                _grow(SubElement(element, name), one)
    else:
        element.text = str(value)
