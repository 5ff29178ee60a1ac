"""The simulated work card, the real adapter that leads to it, and what goes wrong between the two."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daycover.wechat.client import WechatPayClient
from daycover.wechat.payroll_card import PayrollCard
from daycover.wire import Patience
from tests.simulators.credentials import load_or_make_credentials
from tests.simulators.faults import Fault
from tests.simulators.people import Company, Person
from tests.simulators.wechat_pay import WeChatPayServer
from tests.support.builders import an_id_number
from tests.support.key_material import read_credentials

OPENID = "o-worker"
PRE_ORDER = "/v3/payroll-card/authentications/pre-order-with-auth"


class Card:
    """The simulated WeChat Pay, and the real adapter that the handlers reach it by."""

    def __init__(self, server: WeChatPayServer) -> None:
        self.server = server
        merchant = read_credentials(server.credentials)
        self.client = WechatPayClient(merchant, base_url=server.base_url, patience=Patience(2, 2))
        self.adapter = PayrollCard(self.client)

    def move_to(self, base_url: str) -> None:
        """Let the adapter, which the wiring keeps, call elsewhere."""
        self.client._base_url = base_url

    def arm(self, kind: str, times: int = 1, **details: Any) -> None:
        """Let the next pre-orders fail."""
        fault = {"kind": kind, "times": times, "path_prefix": PRE_ORDER, **details}
        self.server.faults.arm(Fault.from_json(fault))

    @property
    def counted(self) -> dict[str, int]:
        return self.server.payroll_card.count_pre_orders(OPENID)


@pytest.fixture
def card(key_files: Path) -> Iterator[Card]:
    """WeChat Pay, which knows the worker and the company of the builders."""
    with WeChatPayServer(load_or_make_credentials(key_files)) as server:
        server.people.seed_person(Person(OPENID, "王小明", an_id_number()))
        server.people.seed_company(Company("1900000109", True, frozenset()))
        yield Card(server)
