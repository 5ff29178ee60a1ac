"""Everybody outside AWS, as the simulator plays them: WeChat's work card and wallet, the bank, the insurer.

The ports' fakes know what each of them does with a number that comes twice, a bill that waits, money that comes
back; here they keep the day that money moved, so that their own files of it can be asked for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from daycover.china_time import china_day
from daycover.claims.bill import BillPlatformUnavailableError
from daycover.claims.inform import NoticeUnavailableError
from daycover.identity.attempt import TOKEN_MARGIN
from daycover.identity.sign_in import MiniProgramUnavailableError
from daycover.identity.work_card import PRE_ORDER_SECONDS, PreOrder, WorkCardUnavailableError
from daycover.insurer.signature import InsurerCredentials
from daycover.payouts.reconcile import LineKind, Movement
from daycover.payouts.transfer import Channel, TransferState, TransferUnknownError
from daycover.reporting.rows import InsurerRetryError, InsurerUnknownError, ReportRow, RowAnswer
from tests.simulation.faults import Faults, Reached
from tests.support.fakes.claims import FakeBillPlatform, FakeMessages
from tests.support.fakes.identity import FakeWorkCard
from tests.support.fakes.payouts import FakeBank, FakeTransfers
from tests.support.fakes.reporting import FakeInsurer
from tests.support.insured import credentials_of
from tests.support.key_material import insurer_keys

LIVES = timedelta(seconds=PRE_ORDER_SECONDS) - TOKEN_MARGIN
"""Another number is asked for when too little is left of a token to show a face in."""


class Card(FakeWorkCard):
    """WeChat's work card, which remembers what was asked of it without need."""

    def __init__(self, now: Callable[[], datetime], clocks_differ: timedelta) -> None:
        """`clocks_differ`: by how much two processes may disagree whether a token still lives."""
        super().__init__(now)
        self._lives = LIVES - clocks_differ
        self.burnt: list[str] = []
        """Numbers that were taken while one of the same account and order still waited for its face."""
        self._at: dict[str, datetime] = {}
        self._ending: list[str] = []

    @contextmanager
    def given_up(self, openid: str) -> Iterator[None]:
        """The account's worker withdraws or asks for erasure: what waits for their face, or is begun meanwhile by
        somebody who does not know of it yet, never gets it."""
        self._give_up(openid)
        self._ending.append(openid)
        try:
            yield
        finally:
            self._ending.remove(openid)
            self._give_up(openid)

    def _give_up(self, openid: str) -> None:
        for number, order in self.orders.items():
            if order.openid == openid:
                self._at.pop(number, None)

    def _take(self, order: PreOrder) -> None:
        super()._take(order)
        now = self._now()
        if order.openid in self._ending:
            return
        for number, before in self.orders.items():
            waits = (
                number in self._at and now - self._at[number] < self._lives and number not in self._results
            )
            if waits and replace(before, authenticate_number="") == replace(order, authenticate_number=""):
                self.burnt.append(f"{order.authenticate_number} beside {number}")
        self._at[order.authenticate_number] = now


class Account:
    """What moved on our account at WeChat or the bank, line by line."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.lines: list[tuple[date, Movement]] = []
        self.held_back: set[date] = set()
        """Days whose file is not there yet."""

    def note(self, kind: LineKind, reference: str, amount_fen: int) -> None:
        serial = f"S{len(self.lines) + 1:08d}"
        self.lines.append((china_day(self._now()), Movement(kind, reference, serial, amount_fen)))

    def of_day(self, day: date) -> Sequence[Movement]:
        return [line for on, line in self.lines if on == day]

    def left_fen(self, reference: str) -> int:
        """What has left under a reference and not come back."""
        return sum(line.left_fen for _, line in self.lines if line.reference == reference)


class Accounted(FakeTransfers):
    """Transfers with the account that they leave from."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.account = Account(now)

    def finish(self, out_bill_no: str, state: TransferState = TransferState.SUCCESS) -> None:
        before = self.bills[out_bill_no].state
        super().finish(out_bill_no, state)
        bill = self.bills[out_bill_no]
        if bill.state is TransferState.SUCCESS and before is not TransferState.SUCCESS:
            self.account.note(LineKind.OUT, out_bill_no, bill.amount_fen or 0)

    def return_money(self, out_bill_no: str) -> None:
        super().return_money(out_bill_no)
        self.account.note(LineKind.RETURN, out_bill_no, self.bills[out_bill_no].amount_fen or 0)


class Wallet(Accounted):
    """WeChat's transfers to wallets."""


class Bank(Accounted, FakeBank):
    """The bank's transfers to accounts."""


class Insurer(FakeInsurer):
    """The insurer, who remembers what each row that it took says of the premium."""

    def __init__(self) -> None:
        super().__init__()
        self.premium: dict[str, int] = {}
        """By row id, in fen."""

    def send(self, rows: Sequence[ReportRow]) -> Sequence[RowAnswer]:
        answers = super().send(rows)
        for row in rows:
            self.premium.setdefault(row.row_id, row.amount_fen)
        return answers

    def premium_of(self, policy_no: str) -> int:
        """Of a policy, what went back included, in fen."""
        return sum(fen for row_id, fen in self.premium.items() if row_id.startswith(f"{policy_no}-"))


class MiniProgram:
    """WeChat's side of `wx.login`: a code of ours is the account it stands for."""

    def openid_of(self, login_code: str) -> str:
        return login_code


class Outside:
    """All of them, and the way that the product's adapters reach them."""

    def __init__(self, now: Callable[[], datetime], faults: Faults, clocks_differ: timedelta) -> None:
        self.card = Card(now, clocks_differ)
        self.wallet, self.bank = Wallet(now), Bank(now)
        self.insurer = Insurer()
        self.messages = FakeMessages()
        self.platform = FakeBillPlatform()
        self._faults = faults

    @cached_property
    def mini_program(self) -> Any:
        return self._reached(
            "login", MiniProgram(), MiniProgramUnavailableError, MiniProgramUnavailableError, "openid_of"
        )

    @cached_property
    def work_card(self) -> Any:
        return self._reached(
            "card",
            self.card,
            WorkCardUnavailableError,
            WorkCardUnavailableError,
            "pre_order",
            "authentication",
        )

    @cached_property
    def _transfers(self) -> Mapping[Channel, Any]:
        calls = "submit", "find", "cancel"
        return {
            channel: self._reached(name, port, TransferUnknownError, TransferUnknownError, *calls)
            for channel, name, port in (
                (Channel.WALLET, "wallet", self.wallet),
                (Channel.BANK, "bank", self.bank),
            )
        }

    def transfers(self, channel: Channel) -> Any:
        return self._transfers[channel]

    def account(self, channel: Channel) -> Account:
        return (self.wallet if channel is Channel.WALLET else self.bank).account

    @cached_property
    def insurer_reports(self) -> Any:
        return self._reached(
            "insurer", self.insurer, InsurerRetryError, InsurerUnknownError, "send", "ask", "announce"
        )

    @cached_property
    def progress_notices(self) -> Any:
        return self._reached(
            "messages", self.messages, NoticeUnavailableError, NoticeUnavailableError, "send"
        )

    @cached_property
    def bill_platform(self) -> Any:
        return self._reached(
            "platform", self.platform, BillPlatformUnavailableError, BillPlatformUnavailableError, "check"
        )

    @cached_property
    def insurer_credentials(self) -> InsurerCredentials:
        return credentials_of(insurer_keys())

    def _reached(
        self,
        name: str,
        port: Any,
        unreached: Callable[[], Exception],
        lost: Callable[[], Exception],
        *calls: str,
    ) -> Reached:
        return Reached(name, port, self._faults, unreached, lost, frozenset(calls))
