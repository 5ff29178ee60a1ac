"""WeChat Pay's fund-flow bill (资金账单): every movement of a day on the account that transfers are paid from.

After the pages "申请资金账单" and "下载账单" of API v3. Yuan with two decimals, a backtick before every value, a
header, the movements, a header of sums and the sums; the hash is that of the unpacked file.
"""

import csv
import gzip
import hashlib
import re
import unicodedata
import zlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from http import HTTPStatus
from io import StringIO
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from daycover.payouts.reconcile import (
    FundFlowDamagedError,
    FundFlowUnavailableError,
    LineKind,
    MoneyFiles,
    Movement,
)
from daycover.wechat.client import WechatAnswer, WechatError, WechatPayClient, WechatRefusedError

PATH = "/v3/bill/fundflowbill"
ACCOUNT = "OPERATION"
"""Merchant transfers leave the operating account (运营账户)."""
TRANSFER = "商家转账"
"""What the bill calls our movements; fees, recharges and withdrawals have other names."""
OUT, IN = "支出", "收入"
NOTHING_MOVED = "NO_STATEMENT_EXIST"
HEADER = (
    "记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型",
    "收支金额(元)", "账户结余(元)", "资金变更提交申请人", "备注", "业务凭证号",
)  # fmt: skip
SUMS_HEADER = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,8})?")
"""Nothing else that Decimal takes: signs, exponents, Infinity, underscores, digits of other scripts."""
KINDS = {OUT: LineKind.OUT, IN: LineKind.RETURN}


class _HashType(StrEnum):
    SHA1 = "SHA1"


class _Link(WechatAnswer):
    hash_type: _HashType
    hash_value: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{40}$")]
    download_url: Annotated[str, StringConstraints(max_length=2048)]


class _Flow(NamedTuple):
    booked_at: str
    bill_no: str
    flow_no: str
    name: str
    kind: str
    direction: str
    yuan: str
    balance: str
    by: str
    remark: str
    voucher_no: str


class WalletFundFlow(MoneyFiles):
    """Implements `payouts.reconcile.MoneyFiles`. At most 3 calls a second; bills are kept three months."""

    def __init__(self, client: WechatPayClient) -> None:
        self._client = client

    def of_day(self, day: date) -> list[Movement]:
        """Fetch and prove the bill of one +08:00 day; a day on which nothing moved has none.

        Raises FundFlowUnavailableError, FundFlowDamagedError.
        """
        query = {"bill_date": day.isoformat(), "account_type": ACCOUNT, "tar_type": "GZIP"}
        try:
            link = self._client.request("GET", PATH, answer=_Link, query=query)
            packed = self._client.download(link.download_url)
        except WechatRefusedError as error:
            if error.status == HTTPStatus.BAD_REQUEST and error.code == NOTHING_MOVED:
                return []
            raise FundFlowUnavailableError(day=day.isoformat(), code=error.code) from error
        except WechatError as error:
            raise FundFlowUnavailableError(day=day.isoformat()) from error
        return read_bill(unpack(packed, link.hash_value))


def unpack(packed: bytes, sha1: str) -> bytes:
    """Give the bill as its hash proves it. Raises FundFlowDamagedError."""
    try:
        content = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        raise FundFlowDamagedError from None
    # SHA-1 is WeChat's choice; the link that carries it is signed
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != sha1.lower():
        raise FundFlowDamagedError
    return content


def read_bill(content: bytes) -> list[Movement]:
    """Read the transfers of a bill whose sums hold over all its movements. Raises FundFlowDamagedError.

    A line that cannot be read is a movement of its own kind, for a person: not the loss of a day. Then the sums
    must leave room for it.
    """
    try:
        # not `splitlines`, which ends a line at signs that a remark may hold
        lines = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""))
        # WeChat's own sample has blank lines between the blocks
        rows = [row for row in ([_plain(cell) for cell in line] for line in lines) if any(row)]
        (*flows, sums_header, sums), header = rows[1:], rows[0]
        stated = _Sums(_count(sums[0]), _count(sums[1]), _fen(sums[2]), _count(sums[3]), _fen(sums[4]))
    except (ValueError, IndexError, TypeError, csv.Error):
        raise FundFlowDamagedError from None
    if tuple(map(_title, header)) != HEADER or tuple(map(_title, sums_header)) != SUMS_HEADER:
        raise FundFlowDamagedError
    read, unreadable = _read_flows(flows)
    came = [fen for flow, fen in read if flow.direction == IN]
    left = [fen for flow, fen in read if flow.direction == OUT]
    counted = _Sums(len(flows), len(came), sum(came), len(left), sum(left))
    if not stated.leaves(counted, len(unreadable)):
        raise FundFlowDamagedError
    return [
        Movement(KINDS[flow.direction], flow.voucher_no, flow.bill_no, fen)
        for flow, fen in read
        if TRANSFER in (flow.name, flow.kind)
    ] + unreadable


class _Sums(NamedTuple):
    """Movements, and of each direction their number and fen."""

    movements: int
    came: int
    came_fen: int
    left: int
    left_fen: int

    def leaves(self, counted: "_Sums", unreadable: int) -> bool:
        """Whether what was stated is what was counted and, where lines could not be read, theirs."""
        missing = [stated - found for stated, found in zip(self, counted, strict=True)]
        if not unreadable:
            return not any(missing)
        return missing[0] == 0 and missing[1] + missing[3] == unreadable and min(missing) >= 0


def _read_flows(rows: Sequence[Sequence[str]]) -> tuple[list[tuple[_Flow, int]], list[Movement]]:
    read, unreadable = [], []
    for number, row in enumerate(rows, start=1):
        try:
            flow = _Flow(*row)
            if flow.direction not in KINDS:
                raise ValueError(number)
            read.append((flow, _fen(flow.yuan)))
        except (ValueError, TypeError):
            unreadable.append(Movement(LineKind.UNREADABLE, f"LINE-{number}", "", 0))
    return read, unreadable


def _title(cell: str) -> str:
    """A column's title, whichever brackets are around its unit."""
    return unicodedata.normalize("NFKC", cell).replace(" ", "")


def _count(text: str) -> int:
    """`20` and `20.0`, as WeChat writes both. Raises ValueError."""
    number = _number(text)
    if number != number.to_integral_value():
        raise ValueError(text)
    return int(number)


def _plain(cell: str) -> str:
    return cell.removeprefix("`").strip()


def _fen(yuan: str) -> int:
    """`1234.50` → 123450; nothing is rounded away. Raises ValueError."""
    fen = _number(yuan) * 100
    if fen != fen.to_integral_value():
        raise ValueError(yuan)
    return int(fen)


def _number(text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(text)
    return Decimal(text)
