"""The bank adapter against the simulated bank over HTTP, and against answers that it never gives."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from urllib3.exceptions import ProtocolError

from daycover.bank.client import BankClient
from daycover.bank.credentials import BankCredentials
from daycover.bank.signature import sign_answer
from daycover.bank.statements import BankDayStatements, read_statement
from daycover.bank.transfers import BankTransfers
from daycover.payouts.reconcile import BankStatementDamagedError, BankStatementUnavailableError, LineKind
from daycover.payouts.transfer import (
    BankAccount,
    TransferOrder,
    TransferRefusedError,
    TransferState,
    TransferUnknownError,
)
from tests.simulators.bank import BankServer
from tests.simulators.clock import BEIJING
from tests.simulators.credentials import BankKeys, load_or_make_bank_keys
from tests.simulators.faults import Fault
from tests.support.replies import Reply
from tests.unit.wechat.wire import FakePool

KEYS = BankKeys("DAYCOVER", "s" * 64, "6217000010001234567")
ACCOUNT = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
ORDER = TransferOrder(
    out_bill_no="CL1P1",
    openid="o-worker",
    name="王小明",
    amount_fen=2_500_000,
    remark="日结保理赔款",
    claim_no="CL1",
    account=ACCOUNT,
)


@pytest.fixture
def server() -> Iterator[BankServer]:
    with BankServer(KEYS, settle_seconds=3600) as server:
        yield server


def credentials(**changes: str) -> BankCredentials:
    known = {"client_id": KEYS.client_id, "secret": KEYS.secret, "debit_account": KEYS.debit_account}
    return BankCredentials.model_validate(known | changes)


def transfers(server: BankServer, **changes: str) -> BankTransfers:
    return BankTransfers(BankClient(credentials(**changes), server.base_url))


def arm(server: BankServer, kind: str, **details: Any) -> None:
    server.faults.arm(Fault.from_json({"kind": kind, "path_prefix": "/v1", **details}))


def test_secret_file_of_the_simulator_is_what_the_product_reads(tmp_path: Path) -> None:
    keys = load_or_make_bank_keys(tmp_path)
    read = BankCredentials.model_validate_json((tmp_path / "bank.json").read_text(encoding="utf-8"))
    assert (read.client_id, read.secret.get_secret_value()) == (keys.client_id, keys.secret)
    assert load_or_make_bank_keys(tmp_path) == keys
    assert keys.secret not in repr(read)


def test_money_leaves_once_when_the_same_instruction_is_sent_again(server: BankServer) -> None:
    bank = transfers(server)
    first = bank.submit(ORDER)
    assert (first.state, first.amount_fen) == (TransferState.PROCESSING, ORDER.amount_fen)
    assert bank.submit(ORDER) == first
    server.settle(ORDER.out_bill_no)
    found = bank.find(ORDER.out_bill_no)
    assert found is not None
    assert found.state is TransferState.SUCCESS
    assert bank.submit(ORDER) == found
    assert server.left_fen == ORDER.amount_fen


def test_bill_is_final_when_the_bank_rejects_the_account(server: BankServer) -> None:
    server.reject_account(ACCOUNT.account_no, "ACCOUNT_NAME_DIFFERS")
    rejected = transfers(server).submit(ORDER)
    assert (rejected.state, rejected.fail_reason) == (TransferState.FAIL, "ACCOUNT_NAME_DIFFERS")
    assert rejected.transfer_bill_no is not None, "a bill exists, so the next attempt has a new number"
    assert transfers(server).submit(ORDER) == rejected
    assert server.left_fen == 0


def test_first_instruction_stands_when_the_reference_comes_with_another_amount(server: BankServer) -> None:
    bank = transfers(server)
    bank.submit(ORDER)
    again = bank.submit(replace(ORDER, amount_fen=1))
    assert again.amount_fen == ORDER.amount_fen
    assert len(server.payments) == 1


@pytest.mark.parametrize("status", [400, 403])
def test_transfer_is_refused_when_no_bill_exists(server: BankServer, status: int) -> None:
    arm(server, "status", status=status, code="INVALID", method="POST")
    with pytest.raises(TransferRefusedError) as refused:
        transfers(server).submit(ORDER)
    assert refused.value.facts == {"code": "INVALID"}
    assert server.payments == []


def test_refusal_is_not_believed_when_an_earlier_instruction_had_arrived(server: BankServer) -> None:
    bank = transfers(server)
    arm(server, "lost_reply", method="POST")
    with pytest.raises(TransferUnknownError):
        bank.submit(ORDER)
    arm(server, "status", status=403, code="CLIENT_BLOCKED", method="POST")
    assert bank.submit(ORDER).state is TransferState.PROCESSING


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lost_reply"},
        {"kind": "unsigned"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429, "code": "TOO_MANY"},
    ],
)
@pytest.mark.parametrize("call", ["submit", "find"])
def test_result_is_unknown_and_asking_resolves_it_when_the_answer_fails(
    server: BankServer, fault: dict[str, Any], call: str
) -> None:
    bank = transfers(server)
    if call == "find":
        bank.submit(ORDER)
    arm(server, **fault)
    with pytest.raises(TransferUnknownError):
        bank.submit(ORDER) if call == "submit" else bank.find(ORDER.out_bill_no)
    if bank.find(ORDER.out_bill_no) is None:
        bank.submit(ORDER)
    server.settle(ORDER.out_bill_no)
    assert server.left_fen == ORDER.amount_fen


def test_payment_is_not_known_when_the_bank_itself_says_so(server: BankServer) -> None:
    assert transfers(server).find("CL1P9") is None
    assert transfers(server).cancel("CL1P9") is None


def test_payment_is_only_found_when_it_shall_be_taken_back(server: BankServer) -> None:
    bank = transfers(server)
    instructed = bank.submit(ORDER)
    assert bank.cancel(ORDER.out_bill_no) == instructed
    arm(server, "lost_reply")
    with pytest.raises(TransferUnknownError):
        bank.cancel(ORDER.out_bill_no)
    server.settle(ORDER.out_bill_no)
    assert server.left_fen == ORDER.amount_fen


def test_nothing_is_believed_when_a_gateway_answers_in_the_bank_s_place() -> None:
    body = b'{"code":"NOT_FOUND"}'
    forged = sign_answer(KEYS.secret, nonce="another", status=404, body=body)
    for headers in ({}, {"Bank-Signature": forged}, {"Bank-Signature": "né"}):
        pool = FakePool(Reply(404, body, headers))
        client = BankClient(credentials(), "https://bank.example", pool=pool, nonce=lambda: "n1")
        with pytest.raises(TransferUnknownError):
            BankTransfers(client).find("CL1P1")


def test_result_is_unknown_when_the_connection_is_cut() -> None:
    client = BankClient(credentials(), "https://bank.example", pool=FakePool(ProtocolError("cut")))
    with pytest.raises(TransferUnknownError):
        BankTransfers(client).submit(ORDER)


@pytest.mark.parametrize("wrong", [{"secret": "t" * 64}, {"client_id": "NOBODY"}])
def test_request_is_refused_when_it_is_not_ours(server: BankServer, wrong: dict[str, str]) -> None:
    with pytest.raises((TransferRefusedError, TransferUnknownError)):
        transfers(server, **wrong).submit(ORDER)
    assert server.payments == []


def test_request_is_refused_when_it_is_replayed_or_old(server: BankServer) -> None:
    repeated = BankTransfers(BankClient(credentials(), server.base_url, nonce=lambda: "the-same"))
    repeated.submit(ORDER)
    with pytest.raises(TransferUnknownError):
        repeated.find(ORDER.out_bill_no)
    old = datetime.now(UTC) - timedelta(minutes=6)
    with pytest.raises(TransferUnknownError):
        BankTransfers(BankClient(credentials(), server.base_url, clock=lambda: old)).find(ORDER.out_bill_no)


def test_statement_gives_what_left_and_what_came_back(server: BankServer) -> None:
    bank, day = transfers(server), datetime.now(BEIJING).date()
    statements = BankDayStatements(BankClient(credentials(), server.base_url))
    assert statements.of_day(day) == []
    bank.submit(ORDER)
    bank.submit(replace(ORDER, out_bill_no="CL2P1", amount_fen=3_000_000))
    server.settle("CL1P1")
    server.settle("CL2P1")
    server.return_money("CL1P1")
    lines = statements.of_day(day)
    assert [(line.kind, line.reference) for line in lines] == [
        (LineKind.OUT, "CL1P1"),
        (LineKind.OUT, "CL2P1"),
        (LineKind.RETURN, "CL1P1"),
    ]
    assert sum(line.left_fen for line in lines) == server.left_fen == 3_000_000
    found = bank.find("CL1P1")
    assert found is not None
    assert found.state is TransferState.RETURNED


def test_statement_is_unavailable_when_the_bank_does_not_answer(server: BankServer) -> None:
    arm(server, "lost_reply")
    with pytest.raises(BankStatementUnavailableError):
        BankDayStatements(BankClient(credentials(), server.base_url)).of_day(datetime.now(BEIJING).date())


CONTENT = b"kind,reference,bank_serial,amount_fen\nOUT,CL1P1,B1,5\nRETURN,CL2P1,B2,3\n"


def signed(content: bytes, sums: str = "2,2") -> bytes:
    return content + f"TRAILER,{sums},{hashlib.sha256(content).hexdigest()}\n".encode()


GOOD = signed(CONTENT)


def test_statement_is_read_when_its_trailer_holds() -> None:
    assert [line.left_fen for line in read_statement(GOOD)] == [5, -3]
    odd = read_statement(signed(CONTENT.replace(b"B1", "B\u2028\x85\x1c1".encode())))
    assert [line.left_fen for line in odd] == [5, -3]


@pytest.mark.parametrize("fen", ["５", "٥", "0_5", " 5", "+5", "5.0", "9" * 5000, "5" + "\x00"])
def test_nothing_of_a_statement_is_believed_when_an_amount_is_no_digits(fen: str) -> None:
    with pytest.raises(BankStatementDamagedError):
        read_statement(signed(CONTENT.replace(b",5\n", f",{fen}\n".encode())))
    with pytest.raises(BankStatementDamagedError):
        read_statement(signed(CONTENT, f"2,{fen.replace('5', '2')}"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        CONTENT,
        GOOD.replace(b"CL1P1", b"CL9P1"),
        GOOD.replace(b",5\n", b",6\n"),
        GOOD.replace(b"TRAILER,2,2", b"TRAILER,3,2"),
        GOOD.replace(b"TRAILER,2,2", b"TRAILER,2,9"),
        GOOD.replace(b"OUT,CL1P1,B1,5\n", b""),
        GOOD.replace(b"OUT", b"LOST"),
        GOOD[:-20],
    ],
)
def test_nothing_of_a_statement_is_believed_when_it_was_damaged(content: bytes) -> None:
    with pytest.raises(BankStatementDamagedError):
        read_statement(content)
