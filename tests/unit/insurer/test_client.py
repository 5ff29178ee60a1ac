"""The adapter against the simulator, which signs and verifies with code of its own."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import urllib3

from daycover.insurer.answers import AnswerForgedError, AnswerUnreadableError, open_answers
from daycover.insurer.client import InsurerClient
from daycover.insurer.signature import HEADER, InsurerSignatureError, sign, verify
from daycover.reporting.daily_file import EndorsementRow, FileState
from daycover.reporting.rows import (
    InsurerRefusedError,
    InsurerRetryError,
    InsurerUnknownError,
    ReportRow,
    RowState,
    rows_of,
)
from tests.simulators.credentials import InsurerKeys
from tests.simulators.faults import Fault
from tests.simulators.insurer import InsurerServer
from tests.support.builders import a_policy, an_endorsement, an_id_number
from tests.support.fakes.reporting import drawn_up
from tests.support.insured import NAME, credentials_of, named
from tests.support.key_material import insurer_keys

KEYS = insurer_keys()
CREDENTIALS = credentials_of(KEYS)


@pytest.fixture
def server() -> Iterator[InsurerServer]:
    with InsurerServer(KEYS) as running:
        yield running


@pytest.fixture
def client(server: InsurerServer) -> InsurerClient:
    return InsurerClient(CREDENTIALS, base_url=server.base_url)


def rows(count: int) -> list[ReportRow]:
    plain = [row for number in range(count) for row in rows_of(a_policy(sequence=number + 1))]
    return named(plain, CREDENTIALS)


def arm(server: InsurerServer, kind: str, **settings: object) -> None:
    server.faults.arm(Fault.from_json({"kind": kind, **settings}))


def test_rows_are_answered_rejected_or_left_open_when_sent(
    server: InsurerServer, client: InsurerClient
) -> None:
    good, bad, slow = rows(3)
    server.reject(bad.row_id, "NOT_INSURABLE")
    server.keep_silent(slow.row_id)
    answers = {answer.row_id: answer for answer in client.send([good, bad, slow])}
    assert answers.keys() == {good.row_id, bad.row_id}
    assert answers[bad.row_id][1:] == (RowState.REJECTED, "NOT_INSURABLE")
    states = [answer.state for answer in client.ask([good.row_id, slow.row_id, "never-sent"])]
    assert states == [RowState.ACKNOWLEDGED, RowState.PENDING, RowState.UNKNOWN]


def test_row_is_taken_once_when_the_reply_is_lost(server: InsurerServer, client: InsurerClient) -> None:
    arm(server, "lost_reply")
    wanted = rows(1)
    with pytest.raises(InsurerUnknownError):
        client.send(wanted)
    (answer,) = client.send(wanted)
    assert answer.state is RowState.ACKNOWLEDGED
    (known,) = server.rows().values()
    assert (known.times, known.state) == (2, "ACKNOWLEDGED")


def test_answer_is_not_believed_when_it_is_unsigned(server: InsurerServer, client: InsurerClient) -> None:
    arm(server, "unsigned")
    with pytest.raises(InsurerUnknownError):
        client.send(rows(1))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, InsurerRetryError),
        (401, InsurerRetryError),
        (503, InsurerUnknownError),
        (422, InsurerRefusedError),
    ],
)
def test_failure_has_its_kind_when_the_insurer_answers_with_a_status(
    server: InsurerServer, client: InsurerClient, status: int, error: type[Exception]
) -> None:
    arm(server, "status", status=status, code="ROW_MALFORMED")
    with pytest.raises(error):
        client.send(rows(1))


def test_nothing_happened_when_nobody_listens(server: InsurerServer) -> None:
    address = server.base_url
    server.stop()
    with pytest.raises(InsurerRetryError):
        InsurerClient(CREDENTIALS, base_url=address).send(rows(1))


@pytest.mark.parametrize("off", [-301, 301])
def test_request_is_refused_when_its_time_is_five_minutes_off(server: InsurerServer, off: int) -> None:
    clock = datetime.now(UTC) + timedelta(seconds=off)
    with pytest.raises(InsurerRetryError):
        InsurerClient(CREDENTIALS, base_url=server.base_url, clock=lambda: clock).send(rows(1))
    assert not server.rows()


def test_request_is_refused_when_the_key_is_another(server: InsurerServer) -> None:
    other = credentials_of(KEYS, key="x" * 64)
    with pytest.raises(InsurerRetryError):
        InsurerClient(other, base_url=server.base_url).send(rows(1))


def test_file_is_acknowledged_with_its_figures_and_refused_when_damaged(
    server: InsurerServer, client: InsurerClient
) -> None:
    file, lines = drawn_up("C1", rows(1)[0].day, rows(5))
    answer = client.announce(file, server.host("day", lines))
    assert answer[:3] == (FileState.ACKNOWLEDGED, 5, 350)
    damaged = client.announce(file, server.host("damaged", lines.replace(b"70", b"71", 1)))
    assert (damaged.state, damaged.reason) == (FileState.REFUSED, "HASH_DIFFERS")
    with pytest.raises(InsurerRefusedError):
        client.announce(file, f"{server.base_url}/_sim/hosted/nowhere")


def test_file_is_refused_when_an_endorsement_says_something_else_than_before(
    server: InsurerServer, client: InsurerClient
) -> None:
    day = rows(1)[0].day
    endorsement = an_endorsement(day=day, policies=2, fewer_than_three=True)
    file, lines = drawn_up("C1", day, [EndorsementRow.of(endorsement), *rows(2)])
    first = json.loads(lines.splitlines()[0])
    assert (first["kind"], first["row_id"]) == ("ENDORSEMENT", "DM-PAIC-2026-C1-000001")
    assert (first["endorsement"]["number"], first["endorsement"]["fewer_than_three"]) == (1, True)
    for _ in range(2):
        assert client.announce(file, server.host("day", lines))[:3] == (FileState.ACKNOWLEDGED, 3, 140)
    for changed, reason in (
        (endorsement.model_copy(update={"policies": 1}), "ENDORSEMENT_CHANGED"),
        (endorsement.model_copy(update={"number": 2, "fewer_than_three": False}), "ENDORSEMENT_FLAG_WRONG"),
    ):
        file, lines = drawn_up("C1", day, [EndorsementRow.of(changed), *rows(2)])
        assert client.announce(file, server.host("other", lines)).reason == reason


def test_late_answer_opens_when_signed_and_not_when_forged(
    server: InsurerServer, client: InsurerClient
) -> None:
    (row,) = rows(1)
    server.keep_silent("")
    client.send([row])
    server.decide(row.row_id, "ACKNOWLEDGED")
    body, signature = server.late_message([row.row_id])
    (answer,) = open_answers({HEADER.lower(): signature}, body, CREDENTIALS)
    assert (answer.row_id, answer.state) == (row.row_id, RowState.ACKNOWLEDGED)
    later = datetime.now(UTC) + timedelta(minutes=6)
    for headers, content, now in (
        ({}, body, None),
        ({HEADER: signature}, body + b" ", None),
        ({HEADER: signature}, body, later),
    ):
        with pytest.raises(AnswerForgedError):
            open_answers(headers, content, CREDENTIALS, now)


def test_signed_message_is_unreadable_when_its_shape_is_another() -> None:
    now = datetime.now(UTC)
    signed = sign(CREDENTIALS, method="POST", target="/v1/insurer/answers", body=b"[]", now=now, nonce="n")
    with pytest.raises(AnswerUnreadableError):
        open_answers({HEADER: signed}, b"[]", CREDENTIALS)


@pytest.mark.parametrize("part", ["method", "target", "body"])
def test_signature_covers_method_path_and_body_when_one_is_changed(part: str) -> None:
    now = datetime.now(UTC)
    message = {"method": "POST", "target": "/v1/report-batches", "body": b"{}"}
    headers = {HEADER: sign(CREDENTIALS, **message, now=now, nonce="n")}  # type: ignore[arg-type]
    verify(CREDENTIALS, headers, **message, now=now)  # type: ignore[arg-type]
    message[part] = b"{ }" if part == "body" else "/other"
    with pytest.raises(InsurerSignatureError):
        verify(CREDENTIALS, headers, **message, now=now)  # type: ignore[arg-type]


def test_simulator_posts_late_answers_as_often_as_told_when_asked(
    server: InsurerServer, client: InsurerClient
) -> None:
    with InsurerServer(KEYS) as inbox:
        (row,) = rows(1)
        server.keep_silent("")
        client.send([row])
        control = {"row_ids": [row.row_id], "url": f"{inbox.base_url}/v1/insurer/answers", "times": 2}
        reply = urllib3.request("POST", f"{server.base_url}/_sim/answers", json=control)
        assert reply.json() == {"statuses": [404, 404]}
    assert server.rows()[row.row_id].state == "ACKNOWLEDGED"


def test_insured_is_named_to_the_insurer_and_to_nobody_else(
    server: InsurerServer, client: InsurerClient
) -> None:
    (row,) = rows(1)
    assert row.cover is not None
    assert row.cover.insured is not None
    assert NAME not in row.model_dump_json()
    assert an_id_number() not in row.model_dump_json()
    client.send([row])
    (known,) = server.rows().values()
    identity = server.open(known.row["cover"]["insured"], row.row_id)
    assert (identity["name"], identity["document_no"]) == (NAME, an_id_number())
    assert identity["document_type"] == "RESIDENT_ID"
    assert identity["consent"]["kind"] == "SHARE_WITH_INSURER"
    assert "worker_id" not in known.row["cover"]


def test_row_is_rejected_when_its_insured_is_missing_moved_or_impossible(
    server: InsurerServer, client: InsurerClient
) -> None:
    plain = rows_of(a_policy())
    first, second = rows(2)
    assert first.cover is not None
    assert second.cover is not None
    moved = second.model_copy(
        update={"cover": second.cover.model_copy(update={"insured": first.cover.insured})}
    )
    (mistyped,) = named(rows_of(a_policy(sequence=3)), CREDENTIALS, id_number=an_id_number()[:-1] + "0")
    other = credentials_of(InsurerKeys("DAYCOVER-1", "k" * 64))
    (foreign,) = named(rows_of(a_policy(sequence=4)), other)
    answers = {answer.row_id: answer.reason for answer in client.send([*plain, moved, mistyped, foreign])}
    assert answers == {
        plain[0].row_id: "INSURED_MISSING",
        moved.row_id: "INSURED_UNREADABLE",
        mistyped.row_id: "ID_NUMBER_INVALID",
        foreign.row_id: "INSURED_UNREADABLE",
    }
