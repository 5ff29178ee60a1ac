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
        BILL.replace(b"`3580.00", b"`3580.005"),
        BILL.replace(b"`3580.00", b"`-3580.00"),
        BILL.replace("`支出".encode(), "`其他".encode()),
        BILL.replace("业务凭证号".encode(), "备注二".encode()),
        BILL.replace("支出笔数".encode(), "笔数".encode()),
        b"\n".join(line for line in BILL.split(b"\n") if b"CL1P1" not in line),
    ],
)
def test_nothing_of_a_bill_is_believed_when_it_was_damaged(content: bytes) -> None:
    with pytest.raises(FundFlowDamagedError):
        read_bill(content)


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
