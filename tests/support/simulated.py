"""The control plane of the simulators: what people do in WeChat, what goes wrong, what was paid."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from daycover.claims.bill import BillElements, BillFamily, CheckedBill
from tests.support.bills import fiscal_receipt, tax_invoice
from tests.support.http import Api, Trace
from tests.support.people import Person

TRANSFER_BILLS = "/v3/fund-app/mch-transfer/transfer-bills"


class Simulated:
    """Plays everybody outside: the worker's hands and face, WeChat's side of the money, the staff list."""

    def __init__(self, addresses: Mapping[str, str], trace: Trace | None = None) -> None:
        self.addresses = dict(addresses)
        self._servers = {
            name: Api(address, trace=trace, to=f"simulator {name}") for name, address in addresses.items()
        }
        self._pay = self._servers["wechat_pay"]
        self._mini_program = self._servers["mini_program"]
        self._oidc = self._servers["oidc"]

    def know_people(self, people: Iterable[Person]) -> None:
        """Let WeChat know who stands behind these accounts."""
        known = [
            {"openid": person.openid, "name": person.name, "id_number": person.id_number} for person in people
        ]
        self._pay.post("/_sim/people", known).expect(200)

    def authorise_companies(self, sub_mchids: Iterable[str]) -> None:
        """Let these labour companies have authorised the service provider's work card."""
        self._pay.post("/_sim/companies", [{"sub_mchid": number} for number in sub_mchids]).expect(200)

    def know_staff(self, members: Iterable[Mapping[str, Any]]) -> None:
        self._oidc.post("/_sim/staff", [dict(member) for member in members]).expect(200)

    def login_code(self, openid: str) -> str:
        """Play `wx.login`."""
        return str(self._mini_program.post("/_sim/login-codes", {"openid": openid}).expect(200)["code"])

    def show_face(self, authenticate_number: str, *, recognised: bool = True, press_done: bool = True) -> Any:
        """Play the face check in the card mini program; without `press_done` the app never comes back."""
        return self._pay.post(
            f"/_sim/authentications/{authenticate_number}/face",
            {"result": "success" if recognised else "failed", "press_done": press_done},
        ).expect(200)

    def set_duplicates(self, answer: str) -> None:
        """Let the work card answer a number that comes twice with SAME, FRESH or REFUSED."""
        self._pay.post("/_sim/pre-orders/duplicates", {"answer": answer}).expect(200)

    def pre_orders(self, openid: str) -> Any:
        """What WeChat counted of the account's day, and how often it was asked for more than that has."""
        return self._pay.get(f"/_sim/pre-orders/{openid}").expect(200)

    def id_token(self, sub: str, audience: str, *, expires_in: int = 3600) -> dict[str, str]:
        """Play a sign-in at the issuer; give what the console then sends: the token and its nonce."""
        nonce = token_urlsafe(32)
        body = {"sub": sub, "audience": audience, "expires_in": expires_in, "nonce": nonce}
        return {"id_token": self._oidc.post("/_sim/id-tokens", body).expect(200)["id_token"], "nonce": nonce}

    def authorization_code(self, sub: str, client_id: str, redirect_uri: str) -> dict[str, str]:
        """Play a browser at the issuer where somebody is signed in already; give what the desk then sends."""
        verifier, nonce = token_urlsafe(48), token_urlsafe(32)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "scope": "openid",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "prompt": "none",
            "login_hint": sub,
        }
        answer = self._oidc.get(f"/authorize?{urlencode(query)}")
        (code,) = parse_qs(urlsplit(answer.headers["location"]).query)["code"]
        return {"code": code, "code_verifier": verifier, "nonce": nonce, "redirect_uri": redirect_uri}

    def confirm_transfer(self, out_bill_no: str, package_info: str | None = None) -> Any:
        """Play the worker who taps "receive", on the page that `package_info` opens where it is given."""
        opened = {} if package_info is None else {"package_info": package_info}
        return self._pay.post(f"/_sim/transfers/{out_bill_no}/confirm", opened).expect(200)

    def set_balance(self, balance_fen: int) -> Any:
        """Set what is left in the merchant's account."""
        return self._pay.post("/_sim/balance", {"balance_fen": balance_fen}).expect(200)

    def fail_transfer(self, out_bill_no: str, reason: str) -> Any:
        return self._pay.post(f"/_sim/transfers/{out_bill_no}/fail", {"fail_reason": reason}).expect(200)

    def ledger(self) -> Any:
        """The merchant's account and every bill."""
        return self._pay.get("/_sim/ledger").expect(200)

    def move_money(self, out_bill_no: str, amount_fen: int) -> None:
        """Let money leave that no transfer of ours moved."""
        flow = {"out_bill_no": out_bill_no, "amount_fen": amount_fen}
        self._pay.post("/_sim/fund-flow", flow).expect(200)

    def omit_flow(self, out_bill_no: str) -> None:
        """Leave a transfer out of WeChat's fund-flow bill."""
        self._pay.post(f"/_sim/fund-flow/{out_bill_no}/omit").expect(200)

    def insurer_rows(self) -> dict[str, Any]:
        """What the insurer holds, by row id: the row, its state, and how often it was sent."""
        rows = self._servers["insurer"].get("/_sim/rows").expect(200)["rows"]
        return {row["row"]["row_id"]: row for row in rows}

    def insurer_files(self) -> Any:
        """The daily files that the insurer was told of, with its answers."""
        return self._servers["insurer"].get("/_sim/files").expect(200)["files"]

    def know_bill(self, bill: CheckedBill) -> None:
        """Let the bill's platform know it from now on, as it would say it."""
        wire = fiscal_receipt(bill) if bill.elements.family is BillFamily.FISCAL else tax_invoice(bill)
        self._platform(bill.elements.family).post("/_sim/bills", wire).expect(200)

    def change_bill(self, elements: BillElements, change: str, other: str = "") -> None:
        """Let a known bill be changed at its platform: `reverse`, `void`, or for a receipt `exchange`."""
        path = f"/_sim/bills/{elements.bill_no}/{change}"
        self._platform(elements.family).post(path, {"other": other}).expect(200)

    def set_bill_outage(self, family: BillFamily, out: bool) -> None:
        """Let a bill platform be down, or answer again."""
        self._platform(family).post("/_sim/outage", {"out": out}).expect(200)

    def _platform(self, family: BillFamily) -> Api:
        return self._servers["fiscal" if family is BillFamily.FISCAL else "tax"]

    def notices(self) -> Any:
        """Every callback that was sent, with the status it was answered with."""
        return self._pay.get("/_sim/notices").expect(200)

    def shift_pay_clock(self, seconds: float) -> None:
        """Set WeChat Pay's clock apart from real time; 0 is real time again."""
        self._pay.post("/_sim/clock", {"offset_seconds": seconds}).expect(200)

    def arm_pay_fault(self, kind: str, **details: Any) -> None:
        self._pay.post("/_sim/faults", {"kind": kind, **details}).expect(200)

    def clear_pay_faults(self) -> None:
        self._pay.send("DELETE", "/_sim/faults").expect(200)
