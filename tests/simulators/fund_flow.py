"""The fund-flow bill (资金账单) of the simulated merchant's account, after "申请资金账单" and "下载账单".

A day's bill exists from 9:00 +08:00 of the next day. The link lasts five minutes and its answer is unsigned.
"""

import gzip
import hashlib
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.simulators.clock import BEIJING, SimulatorClock
from tests.simulators.http_server import Answer, JsonObject, SimulatedError

FUND_FLOW_BILL = "/v3/bill/fundflowbill"
BILL_DOWNLOAD = "/v3/billdownload/file"
LINK_LASTS = timedelta(minutes=5)
MADE_FROM = time(9)
KEPT = timedelta(days=92)
PACKED = "application/x-gzip"
HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
SUMS_HEADER = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


@dataclass(frozen=True)
class Flow:
    """One movement; `name` is 商家转账 for what the transfer interface moved."""

    at: datetime
    bill_no: str
    voucher_no: str
    amount_fen: int
    is_out: bool = True
    name: str = "商家转账"


class FundFlow:
    """Movements of the account, their daily bills, and the links to them."""

    def __init__(self, clock: SimulatorClock, mchid: str) -> None:
        self._clock = clock
        self._mchid = mchid
        self._lock = threading.Lock()
        self._flows: list[Flow] = []
        self._omitted: set[str] = set()
        self._links: dict[str, tuple[datetime, bytes]] = {}

    def book(self, flow: Flow) -> None:
        with self._lock:
            self._flows.append(flow)

    def omit(self, voucher_no: str) -> None:
        """Leave a movement out of the bills, as if it had never happened."""
        with self._lock:
            self._omitted.add(voucher_no)

    def apply(self, query: dict[str, str], base_url: str) -> JsonObject:
        """Make the bill and a link to it ("申请资金账单")."""
        try:
            day = date.fromisoformat(query.get("bill_date", ""))
        except ValueError:
            raise SimulatedError(400, "PARAM_ERROR", "bill_date 格式错误") from None
        if query.get("account_type", "BASIC") not in {"BASIC", "OPERATION", "FEES"}:
            raise SimulatedError(400, "PARAM_ERROR", "account_type 不在枚举范围内")
        now = self._clock.now()
        if now.astimezone(BEIJING).date() - day > KEPT:
            raise SimulatedError(400, "INVALID_REQUEST", "仅支持三个月内的账单")
        if now < datetime.combine(day + timedelta(days=1), MADE_FROM, BEIJING):
            raise SimulatedError(400, "STATEMENT_CREATING", "账单生成中")
        flows = self._of_day(day) if query.get("account_type") == "OPERATION" else []
        if not flows:
            raise SimulatedError(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        content = write_bill(flows, self._mchid)
        token = secrets.token_urlsafe(48)
        with self._lock:
            packed = gzip.compress(content) if query.get("tar_type") == "GZIP" else content
            self._links[token] = (now + LINK_LASTS, packed)
        return {
            "hash_type": "SHA1",
            "hash_value": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
            "download_url": f"{base_url}{BILL_DOWNLOAD}?token={token}",
        }

    def download(self, token: str) -> Answer:
        """Give the file behind a link ("下载账单")."""
        with self._lock:
            ends_at, content = self._links.get(token, (None, b""))
        if ends_at is None or self._clock.now() > ends_at:
            raise SimulatedError(400, "PARAM_ERROR", "token 无效或已过期")
        return Answer(body=content, content_type=PACKED)

    def _of_day(self, day: date) -> list[Flow]:
        with self._lock:
            return [
                flow
                for flow in self._flows
                if flow.at.astimezone(BEIJING).date() == day and flow.voucher_no not in self._omitted
            ]


def write_bill(flows: Iterable[Flow], mchid: str) -> bytes:
    """Write a bill: yuan, and a backtick before every value so that Excel keeps it a text."""
    lines, sums = [HEADER], {True: [0, 0], False: [0, 0]}
    for number, flow in enumerate(flows):
        total = sums[flow.is_out]
        total[0], total[1] = total[0] + 1, total[1] + flow.amount_fen
        values = (
            flow.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            flow.bill_no,
            f"42000{number:023d}",
            flow.name,
            flow.name,
            "支出" if flow.is_out else "收入",
            yuan(flow.amount_fen),
            "10000000.00",
            f"{mchid}API",
            "日结保理赔款",
            flow.voucher_no,
        )
        lines.append(",".join("`" + value for value in values))
    (out_count, out_fen), (in_count, in_fen) = sums[True], sums[False]
    totals = (str(out_count + in_count), str(in_count), yuan(in_fen), str(out_count), yuan(out_fen))
    lines += [SUMS_HEADER, ",".join("`" + value for value in totals)]
    return ("\r\n".join(lines) + "\r\n").encode()


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
