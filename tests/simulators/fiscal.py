"""The fiscal receipt platform (财政电子票据查验): medical fee receipts by five elements."""

import json

from tests.simulators.bill_platform import Bill, BillPlatformServer


class FiscalServer(BillPlatformServer):
    """Says all of a receipt to whoever has its five elements, and nothing to anybody else."""

    name = "fiscal"
    path = "/v1/einvoice/verify"

    def number_of(self, bill: Bill) -> str:
        return str(bill["EInvoiceCode"]) + str(bill["EInvoiceNumber"])

    def number_asked(self, question: dict[str, str]) -> str:
        return question["EInvoiceCode"] + question["EInvoiceNumber"]

    def agrees(self, bill: Bill, question: dict[str, str]) -> bool:
        return all(bill[name] == question[name] for name in ("RandomNumber", "totalAmount", "issueDate"))

    def written(self, bill: Bill) -> bytes:
        # the check code is what proves that the asker has the receipt: it is not told
        return json.dumps({k: v for k, v in bill.items() if k != "RandomNumber"}, ensure_ascii=False).encode()

    def changed(self, bill: Bill, change: str, other: str) -> Bill:
        match change:
            case "reverse":
                number = {"relatedInvoiceCode": bill["EInvoiceCode"], "relatedInvoiceNumber": other}
                return bill | {"reversal": "1"} | number
            case "exchange":
                return bill | {"exchangePaper": "1", "paperInvoiceNumber": other}
            case "void":
                return bill | {"voided": "1", "voidDate": bill["issueDate"], "voidReason": "开票有误"}
        raise ValueError(change)
