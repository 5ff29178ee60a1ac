"""The fund-flow bill: read from the simulator's real wire format, and not believed where anything is off."""

import gzip
import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from daycover.payouts.reconcile import FundFlowDamagedError, FundFlowUnavailableError, LineKind, Movement
from daycover.wechat.client import WechatPayClient, WechatRefusedError, WechatUnknownError
from daycover.wechat.credentials import MerchantCredentials
from daycover.wechat.fund_flow import WalletFundFlow, read_bill, unpack
from tests.simulators.clock import BEIJING
from tests.simulators.credentials import Credentials
from tests.simulators.faults import Fault
from tests.simulators.fund_flow import Flow, write_bill
from tests.simulators.wechat_pay import WeChatPayServer
from tests.support.key_material import merchant_credentials

AT = datetime(2026, 11, 24, 20, 0, tzinfo=BEIJING)
FLOWS = (
    Flow(AT, "1330000001", "CL1P1", 358_000),
    Flow(AT, "1330000002", "FEE1", 60, name="扣除手续费"),
    Flow(AT, "1330000003", "CL2P1", 5, is_out=False),
)
BILL = write_bill(FLOWS, "1900000109")
DAY = 86_400


@pytest.fixture(scope="module")
def credentials() -> Credentials:
    return merchant_credentials()


@pytest.fixture
def server(credentials: Credentials) -> Iterator[WeChatPayServer]:
    with WeChatPayServer(credentials) as running:
        yield running


def flows_of(server: WeChatPayServer, credentials: Credentials) -> WalletFundFlow:
    merchant = MerchantCredentials.model_validate(credentials.merchant_json())
    return WalletFundFlow(WechatPayClient(merchant, base_url=server.base_url))


def booked(server: WeChatPayServer) -> date:
    """Book the flows now and let a day go by; gives the day that the bill is of."""
    for flow in FLOWS:
        server.fund_flow.book(flow.__class__(server.clock.now(), *list(vars(flow).values())[1:]))
    day = server.clock.today()
    server.clock.shift_to(1.5 * DAY)
    return day


def test_transfers_are_read_when_the_bill_holds(server: WeChatPayServer, credentials: Credentials) -> None:
    day = booked(server)
    found = flows_of(server, credentials).of_day(day)
    assert found == [
        Movement(LineKind.OUT, "CL1P1", "1330000001", 358_000),
        Movement(LineKind.RETURN, "CL2P1", "1330000003", 5),
    ]
    assert flows_of(server, credentials).of_day(day - timedelta(days=3)) == [], "a day without movements"


def test_bill_is_unavailable_when_it_is_not_made_yet(
    server: WeChatPayServer, credentials: Credentials
) -> None:
    with pytest.raises(FundFlowUnavailableError):
        flows_of(server, credentials).of_day(server.clock.today())


@pytest.mark.parametrize("kind", ["unsigned", "lost_reply"])
def test_bill_is_unavailable_when_the_link_is_not_proven(
    kind: str, server: WeChatPayServer, credentials: Credentials
) -> None:
    day = booked(server)
    server.faults.arm(Fault.from_json({"kind": kind}))
    with pytest.raises(FundFlowUnavailableError):
        flows_of(server, credentials).of_day(day)


def test_link_is_not_followed_when_it_leads_elsewhere(
    server: WeChatPayServer, credentials: Credentials
) -> None:
    merchant = MerchantCredentials.model_validate(credentials.merchant_json())
    client = WechatPayClient(merchant, base_url=server.base_url)
    for url in ("https://evil.example/v3/x", server.base_url + ".evil.example/x", server.base_url):
        with pytest.raises(WechatUnknownError):
            client.download(url)
    with pytest.raises(WechatRefusedError):
        client.download(server.base_url + "/v3/billdownload/file?token=expired")


def test_bill_is_read_when_it_has_a_mark_and_quotes() -> None:
    assert [line.left_fen for line in read_bill(b"\xef\xbb\xbf" + BILL)] == [358_000, -5]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        BILL[:-40],
        BILL.replace(b"`3580.00", b"`3580.01"),
        BILL.rpartition(b"`")[0] + b"`Infinity",
        BILL.replace(b"CL1P1", b"C" * 200_000),
        BILL.replace("业务凭证号".encode(), "备注二".encode()),
        BILL.replace("支出笔数".encode(), "笔数".encode()),
        b"\n".join(line for line in BILL.split(b"\n") if b"CL1P1" not in line),
    ],
)
def test_nothing_of_a_bill_is_believed_when_it_was_damaged(content: bytes) -> None:
    with pytest.raises(FundFlowDamagedError):
        read_bill(content)


SAMPLE = "\n".join(
    [
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,"
        "资金变更提交申请人,备注,业务凭证号",
        "`2018-02-01 04:21:23,`50000305742018020103387128253,`1900009231201802015884652186,`退款,`退款,`支出,"
        "`0.02,`0.17,`system,`缺货,`REF4200000068201801293084726067",
        "`2018-02-01 04:22:10,`50000305742018020103387128254,`1900009231201802015884652187,`商家转账,`商家转账,`支出,"
        "`3580.00,`0.15,`system,`,`CL1P1",
        "",
        "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额",
        "`2.0,`0.0,`0.00,`2.0,`3580.02",
        "",
    ]
)
"""The form of the sample on WeChat's page: full-width brackets, counts with a decimal, a blank line between blocks."""


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85"])
def test_line_is_whole_when_a_remark_holds_what_python_calls_a_line_end(sign: str) -> None:
    content = SAMPLE.replace("缺货", f"缺{sign}货").encode()
    assert read_bill(content) == read_bill(SAMPLE.encode())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_bill_is_read_when_it_has_the_form_of_wechats_own_sample(end: str, between: str) -> None:
    content = SAMPLE.replace("\n\n", f"\n{between}").replace("\n", end).encode()
    assert read_bill(content) == [Movement(LineKind.OUT, "CL1P1", "50000305742018020103387128254", 358_000)]
    assert read_bill(content.replace("（元）".encode(), "( 元 )".encode())) == read_bill(content)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("`3580.00", "`3580.005"),
        ("`3580.00", "`-3580.00"),
        ("`3580.00", "`三千五百八十"),
        ("`3580.00", "`３５８０.００"),
        ("`3580.00", "`3_580.00"),
        ("`3580.00", "`358E1"),
        ("`3580.00", "`Infinity"),
        ("`3580.00", "`NaN"),
        ("`支出,`3580.00", "`其他,`3580.00"),
        ("`CL1P1", "`CL1P1,`多一列"),
    ],
)
def test_line_is_a_matter_of_its_own_when_it_cannot_be_read(before: str, after: str) -> None:
    damaged = BILL.replace(before.encode(), after.encode(), 1)
    assert damaged != BILL
    assert read_bill(damaged) == [
        Movement(LineKind.RETURN, "CL2P1", "1330000003", 5),
        Movement(LineKind.UNREADABLE, "LINE-1", "", 0),
    ]


def test_nothing_of_a_bill_is_believed_when_its_sums_leave_no_room_for_an_unreadable_line() -> None:
    unreadable = BILL.replace(b"`3580.00", b"`x", 1)
    sums = BILL.splitlines()[-1]
    for wrong in (sums.replace(b"`3,", b"`4,", 1), sums.replace(b"`2,", b"`1,", 1)):
        assert wrong != sums
        with pytest.raises(FundFlowDamagedError):
            read_bill(unreadable.replace(sums, wrong))


def test_nothing_is_believed_when_hash_or_packing_is_off() -> None:
    sha1 = hashlib.sha1(BILL, usedforsecurity=False).hexdigest()
    assert unpack(gzip.compress(BILL), sha1.upper()) == BILL
    for packed, wanted in (
        (BILL, sha1),
        (gzip.compress(BILL)[:-4], sha1),
        (gzip.compress(BILL + b" "), sha1),
    ):
        with pytest.raises(FundFlowDamagedError):
            unpack(packed, wanted)
