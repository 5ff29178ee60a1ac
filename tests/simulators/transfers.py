"""The rules of merchant transfer (商家转账) in scene 1004, insurance claims (保险理赔).

After the pages "发起转账", "商户单号查询转账单", "微信单号查询转账单", "撤销转账", "转账场景报备信息".
"""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulators.clock import SimulatorClock, print_instant
from tests.simulators.credentials import Credentials
from tests.simulators.fields import Fields
from tests.simulators.http_server import JsonObject, SimulatedError
from tests.simulators.people import People
from tests.simulators.rate_limit import RateLimit
from tests.simulators.signing import seal_field

INSURANCE_CLAIM_SCENE = "1004"
INSURANCE_CLAIM_REPORT = frozenset({"保险产品备案编号", "保险名称", "保险操作单号"})
INSURANCE_CLAIM_PERCEPTION = "保险理赔款"

LOWEST_AMOUNT_FEN = 10
NAME_ALLOWED_FROM_FEN = 30
NAME_REQUIRED_FROM_FEN = 200_000
RED_PACKET_LIMIT_FEN = 20_000

CONFIRM_WINDOW = timedelta(hours=24)
QUERY_WINDOW = timedelta(days=30)

CREATIONS_PER_SECOND = 100
QUERIES_PER_SECOND = 100
CANCELS_PER_SECOND = 20

ACCEPTED = "ACCEPTED"
PROCESSING = "PROCESSING"
WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
TRANSFERING = "TRANSFERING"  # WeChat's spelling
CANCELING = "CANCELING"
SUCCESS = "SUCCESS"
FAIL = "FAIL"
CANCELLED = "CANCELLED"
FINAL_STATES = frozenset({SUCCESS, FAIL, CANCELLED})
UNCONFIRMED = frozenset({ACCEPTED, PROCESSING, WAIT_USER_CONFIRM})
"""States before the user's tap: the merchant may cancel, and WeChat Pay closes the bill after 24 hours."""
SLOW = (ACCEPTED, PROCESSING)

REFUSALS = {
    "NOT_ENOUGH": (403, "资金不足"),
    "NO_AUTH": (403, "商户无权限"),
    "FREQUENCY_LIMITED": (429, "频率超限"),
    "SYSTEM_ERROR": (500, "系统错误"),
}
"""What an order can be answered with on demand, without any effect: status and message by code."""

BILL_NO_PATTERN = "[0-9A-Za-z]+"


@dataclass(frozen=True)
class TransferOrder:
    """What the merchant asked for, with the name decrypted, so that two orders can be compared."""

    appid: str
    out_bill_no: str
    transfer_scene_id: str
    openid: str
    user_name: str | None
    transfer_amount: int
    transfer_remark: str
    notify_url: str | None
    user_recv_perception: str
    report: tuple[tuple[str, str], ...]
    user_recv_style: str


@dataclass
class Bill:
    """One transfer bill (转账单)."""

    order: TransferOrder
    transfer_bill_no: str
    created_at: datetime
    updated_at: datetime
    state: str = WAIT_USER_CONFIRM
    fail_reason: str | None = None
    ahead: list[str] = field(default_factory=list)
    """The states that are still to come before the user is asked."""
    packages: list[str] = field(default_factory=list)
    """Every `package_info` that was given, also in answers that were lost."""


@dataclass(frozen=True)
class Debit:
    """One movement out of the merchant's account; append-only."""

    out_bill_no: str
    amount_fen: int


def read_order(fields: Fields, credentials: Credentials) -> TransferOrder:
    """Check the fields of "发起转账" for scene 1004; raises SimulatedError."""
    amount = fields.integer("transfer_amount")
    order = TransferOrder(
        appid=fields.text("appid", 32),
        out_bill_no=fields.text("out_bill_no", 32, BILL_NO_PATTERN),
        transfer_scene_id=fields.text("transfer_scene_id", 36),
        openid=fields.text("openid", 64),
        user_name=_read_name(fields, credentials, amount),
        transfer_amount=amount,
        transfer_remark=fields.text("transfer_remark", 32),
        notify_url=_read_notify_url(fields),
        user_recv_perception=fields.optional_text("user_recv_perception", 32) or INSURANCE_CLAIM_PERCEPTION,
        report=_read_report(fields),
        user_recv_style=_read_style(fields, amount),
    )
    if order.transfer_scene_id != INSURANCE_CLAIM_SCENE:
        raise SimulatedError(403, "NO_AUTH", "商户未开通该转账场景")
    if order.appid != credentials.appid:
        raise SimulatedError(400, "INVALID_REQUEST", "appid与商户号未绑定")
    if order.user_recv_perception != INSURANCE_CLAIM_PERCEPTION:
        raise SimulatedError(400, "INVALID_REQUEST", "user_recv_perception不在该转账场景允许的范围内")
    if amount < LOWEST_AMOUNT_FEN:
        raise SimulatedError(400, "INVALID_REQUEST", "转账金额低于单笔最低限额")
    return order


def _read_name(fields: Fields, credentials: Credentials, amount: int) -> str | None:
    if not fields.has("user_name"):
        if amount >= NAME_REQUIRED_FROM_FEN:
            raise fields.refuse("user_name", "is required from 2,000 yuan")
        return None
    if amount < NAME_ALLOWED_FROM_FEN:
        raise fields.refuse("user_name", "is not supported below 0.30 yuan")
    return fields.sealed("user_name", 1024, credentials.platform_key)


def _read_notify_url(fields: Fields) -> str | None:
    url = fields.optional_text("notify_url", 256)
    # Real WeChat Pay wants public HTTPS; plain HTTP is let through because everything here is on loopback.
    if url is not None and (not url.startswith(("https://", "http://")) or "?" in url or "#" in url):
        raise fields.refuse("notify_url", "must be a full URL without a query")
    return url


def _read_report(fields: Fields) -> tuple[tuple[str, str], ...]:
    entries = [Fields(entry) for entry in fields.objects("transfer_scene_report_infos")]
    report = [(entry.text("info_type", 15), entry.text("info_content", 32)) for entry in entries]
    if sorted(info_type for info_type, _ in report) != sorted(INSURANCE_CLAIM_REPORT):
        raise fields.refuse(
            "transfer_scene_report_infos", f"must be exactly {', '.join(sorted(INSURANCE_CLAIM_REPORT))}"
        )
    return tuple(sorted(report))


def _read_style(fields: Fields, amount: int) -> str:
    style = fields.object("user_recv_style")
    if style is None:
        return "CONFIRM_PAGE"
    kind = Fields(style).choice("type", ("CONFIRM_PAGE", "RED_PACKET"))
    if kind == "RED_PACKET" and amount > RED_PACKET_LIMIT_FEN:
        raise fields.refuse("user_recv_style", "RED_PACKET is for up to 200 yuan")
    return kind


class Transfers:
    """Bills and the merchant's account.

    `finished` is called once per bill, outside the lock, when it reaches a final state, `paid` when money left;
    `later` runs the
    steps that WeChat Pay does on its own a moment after the user or the merchant acted.
    """

    def __init__(
        self,
        credentials: Credentials,
        people: People,
        clock: SimulatorClock,
        *,
        finished: Callable[[Bill], None],
        paid: Callable[[Bill], None] = lambda bill: None,
        later: Callable[[Callable[[], None]], None],
        balance_fen: int,
        single_limit_fen: int,
    ) -> None:
        self._credentials = credentials
        self._people = people
        self._clock = clock
        self._finished = finished
        self._paid = paid
        self._later = later
        self._single_limit_fen = single_limit_fen
        self._lock = threading.RLock()
        self._bills: dict[str, Bill] = {}
        self._debits: list[Debit] = []
        self._deposited_fen = balance_fen
        self._refusals: list[str] = []
        self._slow_bills = 0
        self._slow_states: tuple[str, ...] = ()
        self._creations = RateLimit(CREATIONS_PER_SECOND, 1)
        self._queries = RateLimit(QUERIES_PER_SECOND, 1)
        self._cancels = RateLimit(CANCELS_PER_SECOND, 1)

    # The interface

    def create(self, fields: Fields) -> JsonObject:
        """Create a bill, or return the one that this order already created ("发起转账").

        A bill that waits for the user gets a `package_info` of its own in every answer.
        """
        if not self._creations.admits(time.monotonic()):
            raise SimulatedError(429, "FREQUENCY_LIMITED", "频率超限")
        self._refuse_on_demand()
        order = read_order(fields, self._credentials)
        self.close_overdue()
        with self._lock:
            bill = self._bills.get(order.out_bill_no)
            if bill is None:
                bill = self._open(order)
                refused = bill.state == FAIL
            elif bill.order != order:
                raise SimulatedError(400, "INVALID_REQUEST", "商户单号已存在且参数不一致")
            else:
                self._go_on(bill, ordered_again=True)
                refused = False
            answer: JsonObject = {
                "out_bill_no": order.out_bill_no,
                "transfer_bill_no": bill.transfer_bill_no,
                "create_time": print_instant(bill.created_at),
                "state": bill.state,
            }
            if bill.fail_reason is not None:
                answer["fail_reason"] = bill.fail_reason
            if bill.state == WAIT_USER_CONFIRM:
                bill.packages.append(secrets.token_urlsafe(48))
                answer["package_info"] = bill.packages[-1]
        if refused:
            self._finished(bill)
        return answer

    def query_by_out_bill_no(self, out_bill_no: str) -> JsonObject:
        """Return a bill ("商户单号查询转账单"); the last 30 days only."""
        return self._query(lambda: self._bills.get(out_bill_no))

    def query_by_transfer_bill_no(self, transfer_bill_no: str) -> JsonObject:
        """Return a bill ("微信单号查询转账单"); the last 30 days only."""
        with self._lock:
            bills = list(self._bills.values())
        return self._query(lambda: next((b for b in bills if b.transfer_bill_no == transfer_bill_no), None))

    def cancel(self, out_bill_no: str) -> JsonObject:
        """Withdraw a bill that the user has not confirmed ("撤销转账"); the bill is closed a moment later."""
        if not self._cancels.admits(time.monotonic()):
            raise SimulatedError(429, "FREQUENCY_LIMIT_EXCEED", "频率超限")
        with self._lock:
            bill = self._bills.get(out_bill_no)
            if bill is None:
                raise SimulatedError(404, "NOT_FOUND", "记录不存在")
            if bill.state in UNCONFIRMED:
                self._move(bill, CANCELING)
                self._later(lambda: self._finish(bill, {CANCELING}, CANCELLED, "MCH_CANCEL"))
            elif bill.state not in (CANCELING, CANCELLED):
                raise SimulatedError(400, "INVALID_REQUEST", "当前状态不支持撤销")
            return {
                "out_bill_no": out_bill_no,
                "transfer_bill_no": bill.transfer_bill_no,
                "state": bill.state,
                "update_time": print_instant(bill.updated_at),
            }

    # What the user, the bank and time do

    def confirm(self, out_bill_no: str, package_info: str | None = None) -> JsonObject:
        """Let the user tap receive ("用户确认收款"); tapping again changes nothing.

        `package_info` is what the mini program opened the page with; without it, any that was given will do.
        """
        self.close_overdue()
        with self._lock:
            bill = self._known(out_bill_no)
            if package_info is not None and package_info not in bill.packages:
                raise SimulatedError(409, "CONFLICT", "no such package_info opens this bill")
            if bill.state == WAIT_USER_CONFIRM:
                self._move(bill, TRANSFERING)
                self._later(lambda: self._finish(bill, {TRANSFERING}, SUCCESS, None))
            elif bill.state not in (TRANSFERING, SUCCESS):
                raise SimulatedError(409, "CONFLICT", f"the bill is {bill.state}")
            return describe_in_ledger(bill)

    def fail(self, out_bill_no: str, fail_reason: str) -> JsonObject:
        """Let the transfer fail for a reason of the official list ("转账失败原因")."""
        with self._lock:
            bill = self._known(out_bill_no)
            if bill.state in FINAL_STATES:
                raise SimulatedError(409, "CONFLICT", f"the bill is {bill.state}")
            state = bill.state
        self._finish(bill, {state}, FAIL, fail_reason)
        with self._lock:
            return describe_in_ledger(bill)

    def close_overdue(self) -> None:
        """Close the bills that nobody confirmed within 24 hours."""
        with self._lock:
            overdue = [
                bill
                for bill in self._bills.values()
                if bill.state in UNCONFIRMED and self._clock.now() - bill.created_at >= CONFIRM_WINDOW
            ]
        for bill in overdue:
            self._finish(bill, UNCONFIRMED, CANCELLED, "OVERDUE_CLOSE")

    def refuse_next(self, code: str, times: int = 1) -> None:
        """Answer the next orders with a code of `REFUSALS`, without any effect."""
        if code not in REFUSALS or times < 1:
            raise SimulatedError(
                400, "PARAM_ERROR", f"code is one of {', '.join(REFUSALS)}, times at least 1"
            )
        with self._lock:
            self._refusals += [code] * times

    def slow_down(self, bills: int, states: Sequence[str] = SLOW) -> None:
        """Let the next new bills go through these states before they wait for the user; 0 bills ends it.

        ACCEPTED lasts until the same order comes again, PROCESSING until the next order or query.
        """
        if bills < 0 or not states or not set(states) <= set(SLOW):
            raise SimulatedError(
                400, "PARAM_ERROR", f"bills is not negative, states are of {', '.join(SLOW)}"
            )
        with self._lock:
            self._slow_bills, self._slow_states = bills, tuple(states)

    def set_balance(self, balance_fen: int) -> None:
        """Set what is left in the merchant's account."""
        with self._lock:
            self._deposited_fen = balance_fen + self.paid_out_fen()

    def paid_out_fen(self) -> int:
        """Return the sum of all debits."""
        with self._lock:
            return sum(debit.amount_fen for debit in self._debits)

    def ledger(self) -> JsonObject:
        """Return the account and all bills; `locked_fen` is what unfinished bills may still take."""
        self.close_overdue()
        with self._lock:
            paid_out = self.paid_out_fen()
            return {
                "paid_out_fen": paid_out,
                "balance_fen": self._deposited_fen - paid_out,
                "locked_fen": self._locked_fen(),
                "bills": [describe_in_ledger(bill) for bill in self._bills.values()],
            }

    def list_bills(self) -> list[Bill]:
        """Return the bills themselves, for tests in the same process."""
        with self._lock:
            return list(self._bills.values())

    def list_debits(self) -> list[Debit]:
        """Return what left the account, for tests in the same process."""
        with self._lock:
            return list(self._debits)

    # Steps

    def _open(self, order: TransferOrder) -> Bill:
        person = self._people.find_person(order.openid)
        if person is None:
            raise SimulatedError(400, "INVALID_REQUEST", "openid与appid不匹配")
        if order.transfer_amount > self._single_limit_fen:
            raise SimulatedError(400, "INVALID_REQUEST", "转账金额超过单笔限额")
        available = self._deposited_fen - self.paid_out_fen() - self._locked_fen()
        if order.transfer_amount > available:
            raise SimulatedError(403, "NOT_ENOUGH", "资金不足")
        now = self._clock.now()
        bill = Bill(
            order=order,
            transfer_bill_no=f"1330000{secrets.randbelow(10**25):025d}",
            created_at=now,
            updated_at=now,
        )
        if order.user_name not in (None, person.name):
            bill.state, bill.fail_reason = FAIL, "NAME_NOT_CORRECT"
        elif self._slow_bills:
            self._slow_bills -= 1
            bill.state, *bill.ahead = *self._slow_states, WAIT_USER_CONFIRM
        self._bills[order.out_bill_no] = bill
        return bill

    def _refuse_on_demand(self) -> None:
        with self._lock:
            code = self._refusals.pop(0) if self._refusals else None
        if code is not None:
            status, message = REFUSALS[code]
            raise SimulatedError(status, code, message)

    def _go_on(self, bill: Bill, *, ordered_again: bool) -> None:
        """Let a slow bill come to its next state."""
        if bill.state == PROCESSING or (bill.state == ACCEPTED and ordered_again):
            self._move(bill, bill.ahead.pop(0))

    def _finish(self, bill: Bill, expected: Collection[str], state: str, fail_reason: str | None) -> None:
        """Move a bill to a final state once; do nothing when another step was faster."""
        with self._lock:
            if bill.state not in expected:
                return
            if state == SUCCESS:
                self._debits.append(Debit(bill.order.out_bill_no, bill.order.transfer_amount))
            bill.fail_reason = fail_reason
            self._move(bill, state)
        if state == SUCCESS:
            self._paid(bill)
        self._finished(bill)

    def _move(self, bill: Bill, state: str) -> None:
        bill.state = state
        bill.updated_at = self._clock.now()

    def _locked_fen(self) -> int:
        return sum(
            bill.order.transfer_amount for bill in self._bills.values() if bill.state not in FINAL_STATES
        )

    def _known(self, out_bill_no: str) -> Bill:
        bill = self._bills.get(out_bill_no)
        if bill is None:
            raise SimulatedError(404, "NOT_FOUND", "no such bill")
        return bill

    def _query(self, find: Callable[[], Bill | None]) -> JsonObject:
        if not self._queries.admits(time.monotonic()):
            raise SimulatedError(429, "FREQUENCY_LIMITED", "频率超限")
        self.close_overdue()
        with self._lock:
            bill = find()
            if bill is not None and self._clock.now() - bill.created_at <= QUERY_WINDOW:
                self._go_on(bill, ordered_again=False)
                return self._describe(bill)
        raise SimulatedError(404, "NOT_FOUND", "记录不存在")

    def _describe(self, bill: Bill) -> JsonObject:
        described = describe_in_notice(bill, self._credentials.mchid)
        described["appid"] = bill.order.appid
        described["transfer_remark"] = bill.order.transfer_remark
        if bill.order.user_name is not None:
            described["user_name"] = seal_field(
                self._credentials.merchant_key.public_key(), bill.order.user_name
            )
        return described


def describe_in_notice(bill: Bill, mchid: str) -> JsonObject:
    """Return the fields of the decrypted callback ("商家转账回调通知")."""
    described: JsonObject = {
        "mch_id": mchid,
        "out_bill_no": bill.order.out_bill_no,
        "transfer_bill_no": bill.transfer_bill_no,
        "state": bill.state,
        "transfer_amount": bill.order.transfer_amount,
        "openid": bill.order.openid,
        "create_time": print_instant(bill.created_at),
        "update_time": print_instant(bill.updated_at),
    }
    if bill.fail_reason is not None:
        described["fail_reason"] = bill.fail_reason
    return described


def describe_in_ledger(bill: Bill) -> JsonObject:
    """Return a bill for the control plane; no name."""
    return {
        "out_bill_no": bill.order.out_bill_no,
        "transfer_bill_no": bill.transfer_bill_no,
        "state": bill.state,
        "fail_reason": bill.fail_reason,
        "transfer_amount": bill.order.transfer_amount,
        "openid": bill.order.openid,
        "package_info": bill.packages[-1] if bill.packages else None,
        "notify_url": bill.order.notify_url,
        "create_time": print_instant(bill.created_at),
        "update_time": print_instant(bill.updated_at),
    }
