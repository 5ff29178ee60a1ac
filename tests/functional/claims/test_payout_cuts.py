"""Kill the process between any two steps of a payout, lose any reply, repeat any callback: one payment.

Everything but AWS and the outside world is real: the definition, the handlers, the wiring, the
WeChat and bank adapters over HTTP. The simulators' own ledgers count the money that left.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from urllib3 import PoolManager

from daycover.bank.client import BankClient
from daycover.bank.credentials import BankCredentials
from daycover.books.journal import Entry, Kind
from daycover.china_time import china_day
from daycover.claims.claim import Actor, Claim
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus
from daycover.claims.record import opening, record
from daycover.claims.steps import Answer
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiary import Beneficiaries, Beneficiary, Relation
from daycover.payouts.payout import PayoutState, payout_number
from daycover.payouts.transfer import BankAccount, Channel
from daycover.platform.config import Config
from daycover.platform.security import BlindIndex
from daycover.wechat.client import WechatPayClient
from daycover.wechat.credentials import MerchantCredentials
from daycover.wiring.adapters import Adapters
from daycover.wiring.payouts import PayoutsWiring
from tests.functional.claims.aws import empty_operations_table
from tests.functional.claims.test_transfer_notices import an_event
from tests.functional.claims.walk import CutClient, CutPool, Cuts, Walk
from tests.simulators.faults import REPLY_FAULTS, Fault
from tests.simulators.people import Company, Person
from tests.simulators.signing import signature_headers
from tests.simulators.suite import Simulators
from tests.support.builders import NOW, a_policy, a_project, a_worker, an_id_number, an_identity
from tests.support.fakes.claims import FakeWorkflows
from tests.support.fakes.port import Crash
from tests.support.key_material import read_credentials
from tests.unit.claims.world import World

NAME = "王小明"
SMALL_FEN, LARGE_FEN, BANK_FEN = 358_000, 1_500_000, 3_000_000
"""For the wallet; for the wallet after an identity check; for the bank after one."""
SHARED_FEN = 700_001
FAULTS = ("lost_reply", "status", "unsigned")


class CutWorkflows(FakeWorkflows):
    def __init__(self) -> None:
        super().__init__()
        self.cuts = Cuts()

    def answer(self, token: str, output: Answer) -> bool:
        answered = super().answer
        return bool(self.cuts.around("send_task_success", lambda: answered(token, output)))


class Process(Adapters):
    """One life of the functions' process: its adapters, with every write and call within reach."""

    def __init__(self, outside: "Outside", cuts: Cuts) -> None:
        super().__init__(outside.config, lambda: datetime.now(UTC) + outside.ahead)
        self._outside = outside
        self._cuts = cuts
        outside.workflows.cuts = cuts

    def client(self, service: str, **limits: Any) -> Any:
        if service not in self._outside.clients:
            self._outside.clients[service] = super().client(service, **limits)
        return CutClient(self._outside.clients[service], self._cuts)

    @cached_property
    def workflows(self) -> CutWorkflows:  # type: ignore[override]
        return self._outside.workflows

    @cached_property
    def index(self) -> BlindIndex:
        return BlindIndex(b"index")

    @cached_property
    def merchant(self) -> MerchantCredentials:
        return self._outside.merchant

    @cached_property
    def wechat_pay(self) -> WechatPayClient:
        pool = CutPool(PoolManager(), self._cuts)
        return WechatPayClient(
            self.merchant, pool=pool, base_url=self._outside.simulators.wechat_pay.base_url
        )

    @cached_property
    def bank(self) -> BankClient:
        pool = CutPool(PoolManager(), self._cuts)
        return BankClient(self._outside.bank_keys, self._outside.simulators.bank.base_url, pool=pool)


@dataclass
class Outside:
    """AWS, WeChat, the bank and the insured: what outlives every process."""

    config: Config
    simulators: Simulators
    merchant: MerchantCredentials
    bank_keys: BankCredentials
    monkeypatch: pytest.MonkeyPatch
    notices: list[bytes]
    workflows: CutWorkflows
    clients: dict[str, Any] = field(default_factory=dict)
    """Making one costs as much as a whole payout."""
    ahead: timedelta = timedelta()
    claims: int = 0

    def agreed(self, amount_fen: int) -> Claim:
        """A claim that is to be paid, of an insured nobody has met before."""
        self.claims += 1
        self.ahead = timedelta()  # a callback signed more than five minutes ago is refused
        empty_operations_table()
        number = f"{self.claims:04d}"
        openid, worker_id, person_id = f"o-{number}", f"W{number}", f"{self.claims:020d}"
        self.simulators.people.seed_person(Person(openid, NAME, an_id_number()))
        process = Process(self, Cuts())
        process.projects.add(a_project())
        process.workers.add(a_worker(worker_id=worker_id, openid=openid))
        identity = an_identity(name=NAME, person_id=person_id)
        process.workers.bind(worker_id, identity, NOW)
        template = World().agreed_large(amount_fen)
        policy = a_policy(worker_id=worker_id, person_id=person_id)
        process.policies.add(policy, None)
        claim = template.model_copy(update={"claim_no": f"CL{self.claims:024d}", "policy": policy})
        process.claims.add(claim, opening(claim, Actor.worker(worker_id)))
        if amount_fen == BANK_FEN:
            account = BankAccount(NAME, f"622202123456{number}", "工商银行")
            process.wired(PayoutsWiring).state_payee(worker_id, claim.claim_no, account)
        return claim

    def bequeathed(self, amount_fen: int) -> Claim:
        """The same of an insured who died, with two confirmed beneficiaries."""
        claim = self.agreed(amount_fen)
        process, died = Process(self, Cuts()), claim.model_copy(update={"claim_types": (ClaimType.DEATH,)})
        change = record(died, ClaimEvent.BENEFICIARIES_STATED, at=died.reported_at, by=Actor.staff("S1"))
        people = [
            Beneficiary(
                name=f"家属{place}",
                document_type=IdDocumentType.RESIDENT_ID,
                document_number=an_id_number(order=f"{place:03d}"),
                relation=Relation.CHILD,
                share=share,
                account_no=f"62220212{self.claims:04d}{place}",
                bank_name="工商银行",
            )
            for place, share in ((1, Fraction(3, 5)), (2, Fraction(2, 5)))
        ]
        confirmed = Beneficiaries(
            claim_no=claim.claim_no, version=1, people=tuple(people), stated_by="S1", confirmed_by="S2"
        )
        process.beneficiaries.state(confirmed, change._replace(before=claim), {})
        return change.after

    def walk(self, claim: Claim, cuts: Cuts, obligation: int | None = None) -> Walk:
        """Start Payout in a process of its own."""
        process = Process(self, cuts)

        def meanwhile(state: str) -> None:
            if state == "AwaitIdentity":
                self.show_face(process, claim)
            else:
                self.move_money(walk, claim)

        walk = Walk(claim.claim_no, process, self.monkeypatch, meanwhile, obligation)
        return walk

    def show_face(self, process: Process, claim: Claim) -> None:
        worker_id = claim.policy.worker_id
        prove = process.wired(PayoutsWiring).prove_identity
        check = prove.start(worker_id, claim.claim_no).check
        if check is not None:
            card = self.simulators.wechat_pay.payroll_card
            card.show_face(f"{claim.claim_no}I{check.number}", recognised=True, press_done=False)
            prove.result(worker_id, claim.claim_no, str(check.number))

    def move_money(self, walk: Walk, claim: Claim) -> None:
        """The insured confirms, the bank settles, and every callback comes twice."""
        wechat_pay, bank = self.simulators.wechat_pay, self.simulators.bank
        for bill in self.simulators.bills:
            number = bill.order.out_bill_no
            if number.startswith(claim.claim_no) and bill.state == "WAIT_USER_CONFIRM":
                wechat_pay.transfers.confirm(number)
        for payment in bank.payments:
            if payment.reference.startswith(claim.claim_no):
                bank.settle(payment.reference)
        for body in self.notices * 2:
            headers = signature_headers(self.simulators.credentials, body)
            response = walk.call("receive_transfer_notice", an_event(body, headers, binary=True))
            assert response["statusCode"] == 204

    def lives_through(self, claim: Claim, cuts: Cuts, *obligations: int | None) -> bool:
        """Walk until the end or the cut; whether the process lived."""
        try:
            for obligation in obligations or (None,):
                self.walk(claim, cuts, obligation).run()
        except Crash:
            return False
        finally:
            self.ahead += timedelta(seconds=20)
        return True

    def assert_paid_once(self, claim: Claim, said: str) -> None:
        """Our records, and what WeChat and the bank say left."""
        self.notices.clear()
        process, number = Process(self, Cuts()), payout_number(claim.claim_no, 1)
        stored, payout = process.claims.get(claim.claim_no), process.payouts.get(number)
        assert (stored.status, payout.state) == (ClaimStatus.PAID, PayoutState.SUCCEEDED), said
        assert stored.payouts == 1, said
        debits = [
            (debit.out_bill_no, debit.amount_fen)
            for debit in self.simulators.wechat_pay.transfers.list_debits()
            if debit.out_bill_no.startswith(claim.claim_no)
        ]
        debits += [
            (payment.reference, payment.amount_fen)
            for payment in self.simulators.bank.payments
            if payment.reference.startswith(claim.claim_no) and payment.status == "SETTLED"
        ]
        assert debits == [(number, claim.amount_fen)], said
        channel = Channel.BANK if claim.amount_fen == BANK_FEN else Channel.WALLET
        assert payout.channel is channel, said
        entries = [e for e in booked(process, claim) if e.kind is Kind.PAYOUT_SUCCEEDED]
        assert [e.source_id for e in entries] == [number], said

    def assert_shares_paid(self, claim: Claim, said: str) -> None:
        """The bank's own record has each beneficiary's share once, and the wallet nothing."""
        left = [p for p in self.simulators.bank.payments if p.reference.startswith(claim.claim_no)]
        assert {payment.status for payment in left} == {"SETTLED"}, said
        process = Process(self, Cuts())
        payees = {process.payouts.get(p.reference).payee: p.amount_fen for p in left}
        assert (len(left), payees) == (2, {"B1": 420_001, "B2": 280_000}), said
        assert process.claims.get(claim.claim_no).status is ClaimStatus.PAID, said
        assert not any(bill.order.out_bill_no.startswith(claim.claim_no) for bill in self.simulators.bills)


@pytest.fixture
def outside(aws: Config, key_files: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    with Simulators(key_files, settle_seconds=3600) as simulators:
        notices: list[bytes] = []
        wechat_pay = simulators.wechat_pay
        monkeypatch.setattr(wechat_pay.transfers, "_later", lambda step: step())

        def keep(_url: str, event_type: str, plaintext: Any, *, cause_path: str) -> None:
            notices.append(wechat_pay.notices._envelope(event_type, plaintext))

        monkeypatch.setattr(wechat_pay.notices, "send", keep)
        simulators.people.seed_company(Company(a_project().sub_mchid, True))
        bank = BankCredentials.model_validate_json((key_files / "bank.json").read_text(encoding="utf-8"))
        merchant = read_credentials(simulators.credentials)
        yield Outside(aws, simulators, merchant, bank, monkeypatch, notices, CutWorkflows())


@pytest.mark.parametrize("amount_fen", [SMALL_FEN, LARGE_FEN, BANK_FEN])
def test_money_leaves_once_when_the_process_dies_before_or_after_any_write_or_call(
    amount_fen: int, outside: Outside
) -> None:
    whole = Cuts()
    claim = outside.agreed(amount_fen)
    assert outside.lives_through(claim, whole)
    outside.assert_paid_once(claim, "no cut")
    assert {"TransactWriteItems", "PutItem"} <= set(whole.names)
    assert any(name.startswith(("POST /v1/payments", "POST /v3/fund-app")) for name in whole.names)
    for index, name in enumerate(whole.names):
        for applied in (False, True):
            said = f"cut {'after' if applied else 'before'} {index} {name} of {whole.names}"
            claim = outside.agreed(amount_fen)
            assert not outside.lives_through(claim, Cuts(index, applied=applied)), said
            assert outside.lives_through(claim, Cuts()), said
            outside.assert_paid_once(claim, said)


def test_each_share_leaves_once_when_the_process_dies_before_or_after_any_write_or_call(
    outside: Outside,
) -> None:
    executions = (None, 1, 2)
    whole = Cuts()
    claim = outside.bequeathed(SHARED_FEN)
    assert outside.lives_through(claim, whole, *executions)
    assert outside.workflows.obligations[-2:] == [1, 2]
    outside.assert_shares_paid(claim, "no cut")
    for index, name in enumerate(whole.names):
        for applied in (False, True):
            said = f"cut {'after' if applied else 'before'} {index} {name} of {whole.names}"
            claim = outside.bequeathed(SHARED_FEN)
            assert not outside.lives_through(claim, Cuts(index, applied=applied), *executions), said
            assert outside.lives_through(claim, Cuts(), *executions), said
            outside.assert_shares_paid(claim, said)


@pytest.mark.parametrize("amount_fen", [SMALL_FEN, BANK_FEN])
def test_money_leaves_once_when_any_two_replies_are_lost_and_the_process_dies_after_one(
    amount_fen: int, outside: Outside
) -> None:
    server = outside.simulators.bank if amount_fen == BANK_FEN else outside.simulators.wechat_pay
    take: Callable[..., Fault | None] = server.faults.take
    due: dict[int, str] = {}
    seen: list[str] = []

    def next_fault(kinds: Any, method: str | None, *paths: str) -> Fault | None:
        if kinds is not REPLY_FAULTS or "authentications" in paths[0]:
            return take(kinds, method, *paths)
        seen.append(paths[0])
        kind = due.get(len(seen) - 1)
        return Fault.from_json({"kind": kind, "status": 500}) if kind else None

    outside.monkeypatch.setattr(server.faults, "take", next_fault)
    for pair in combinations(range(3), 2):
        for kind in FAULTS:
            for cut in (None, 0, 1):
                due.clear()
                seen.clear()
                due.update(dict.fromkeys(pair, kind))
                said = f"{due} cut {cut}"
                claim = outside.agreed(amount_fen)
                first = CutsOfCalls(cut)
                assert outside.lives_through(claim, first) is not first.struck, said
                due.clear()
                outside.lives_through(claim, Cuts())
                outside.assert_paid_once(claim, said)


def booked(process: Process, claim: Claim) -> list[Entry]:
    """What the journal says of the claim's company around today."""
    today = china_day(process.now())
    days = (today - timedelta(days=1), today, today + timedelta(days=1))
    entries = [e for day in days for e in process.journal.of_day(claim.policy.company_id, day)]
    return [entry for entry in entries if entry.source_id.startswith(claim.claim_no)]


class CutsOfCalls(Cuts):
    """Strikes after the n-th call to WeChat or the bank, whose reply nobody reads any more."""

    def __init__(self, call: int | None) -> None:
        super().__init__()
        self.struck = False
        self._call = call

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        is_money = name.startswith(("GET /v1/payments", "POST /v1/payments", "GET /v3/fund", "POST /v3/fund"))
        calls = sum(1 for known in self.names if known.startswith("money"))
        self.names.append("money" if is_money else name)
        try:
            return call()
        finally:
            if is_money and calls == self._call:
                self.struck = True
                raise Crash
