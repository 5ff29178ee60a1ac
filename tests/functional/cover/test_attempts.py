"""Pre-orders through the handlers, on the real adapter and WeChat's own rules: what an outage leaves of a day."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from daycover.china_time import seconds_left_of_day
from daycover.identity.attempt import STARTING, PreOrderState
from daycover.identity.work_card import (
    AuthenticationState,
    PreOrder,
    WorkCard,
    WorkCardLimitError,
    WorkCardRefusedError,
)
from tests.functional.cover.gate import Gate
from tests.simulators.payroll_card import Duplicates
from tests.support.builders import WORKER, an_id_number
from tests.support.events import read_event
from tests.support.fakes.identity import Duplicates as FakeDuplicates
from tests.support.fakes.identity import FakeWorkCard
from tests.support.functions import event_file
from tests.support.work_card import OPENID, Card


@pytest.fixture
def known(gate: Gate, card: Card) -> Gate:
    """A worker whom the card has proved before stands at the gate."""
    gate.known()
    gate.adapters.__dict__["work_card"] = card.adapter
    return gate


def scan(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> tuple[int, Any, str | None]:
    """Status, body and `Retry-After` of a scan."""
    event = read_event(event_file("check_in", "known_person.201"), gate.values)
    answer = gate.invoke("check_in", event, monkeypatch)
    (after,) = answer["multiValueHeaders"].get("Retry-After", [None])
    return answer["statusCode"], json.loads(answer["body"]), after


def attempts(gate: Gate) -> list[Any]:
    return gate.adapters.check_ins.of_day(WORKER, "20261124")


@pytest.mark.parametrize("side", ["fake", "simulated"])
@pytest.mark.parametrize("duplicates", Duplicates)
def test_fake_and_simulated_card_answer_a_repeated_number_alike(
    side: str, duplicates: Duplicates, card: Card
) -> None:
    work_card: WorkCard = card.adapter
    if side == "fake":
        work_card = fake = FakeWorkCard(lambda: datetime.now(UTC))
        fake.duplicates = FakeDuplicates(duplicates)
    card.server.payroll_card.set_duplicates(duplicates)
    order = PreOrder("N1", OPENID, "1900000109", "双十一分拣", "东方物流", "王小明", an_id_number())
    with pytest.raises(WorkCardRefusedError) as unknown:
        work_card.authentication("N1", "1900000109")
    assert unknown.value.facts == {"code": "RESOURCE_NOT_EXISTS"}
    first = work_card.pre_order(order)
    if duplicates is Duplicates.REFUSED:
        with pytest.raises(WorkCardRefusedError):
            work_card.pre_order(order)
    else:
        assert (work_card.pre_order(order).token == first.token) is (duplicates is Duplicates.SAME)
    assert work_card.authentication("N1", "1900000109").state is AuthenticationState.PROCESSING
    for number in range(2, 21):
        work_card.pre_order(replace(order, authenticate_number=f"N{number}"))
    with pytest.raises(WorkCardLimitError):
        work_card.pre_order(replace(order, authenticate_number="N21"))


Arm = Callable[[Card], None]
OUTAGES: dict[str, tuple[Arm, PreOrderState]] = {
    "server fault": (lambda card: card.arm("status", 3, status=500), PreOrderState.UNANSWERED),
    "gateway": (lambda card: card.arm("status", 3, status=502, code="x"), PreOrderState.UNANSWERED),
    "too many calls": (
        lambda card: card.arm("status", 3, status=429, code="FREQUENCY_LIMIT_EXCEED"),
        PreOrderState.NOT_COUNTED,
    ),
}


@pytest.mark.parametrize("duplicates", Duplicates)
@pytest.mark.parametrize("name", OUTAGES)
def test_outage_without_effect_uses_up_nothing_and_makes_one_item(
    name: str, duplicates: Duplicates, known: Gate, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm, state = OUTAGES[name]
    card.server.payroll_card.set_duplicates(duplicates)
    arm(card)
    refused = [scan(known, monkeypatch) for _ in range(3)]
    assert [(status, after) for status, _, after in refused] == [(503, "3"), (503, "6"), (503, "12")]
    assert "不会多占用次数" in refused[0][1]["detail"]
    (attempt,) = attempts(known)
    # asked three times in vain, WeChat says that it does not know the number
    assert attempt.pre_order is state
    assert card.counted == {"counted": 0, "over_the_limit": 0}
    status, body, _ = scan(known, monkeypatch)
    assert (status, body["check_in_id"], body["status"]) == (201, "20261124-01", "PRE_ORDERED")
    assert body["work_card"]["token"]
    assert card.counted == {"counted": 1, "over_the_limit": 0}


def test_unreachable_card_uses_up_nothing(known: Gate, card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    card.move_to("http://127.0.0.1:9")
    for _ in range(30):
        assert scan(known, monkeypatch)[0] == 503
    (attempt,) = attempts(known)
    assert attempt.pre_order is PreOrderState.NOT_COUNTED
    card.move_to(card.server.base_url)
    for number in range(1, 21):
        status, body, _ = scan(known, monkeypatch)
        assert (status, body.get("check_in_id")) == (201, f"20261124-{number:02d}"), body
        known.now.advance(minutes=6)
    status, body, after = scan(known, monkeypatch)
    assert (status, body["type"].split("/")[-1]) == (429, "work-card-limit")
    assert after == str(seconds_left_of_day(known.now()))
    assert card.counted == {"counted": 20, "over_the_limit": 0}


@pytest.mark.parametrize("kind", ["lost_reply", "unsigned", "signtest"])
@pytest.mark.parametrize(
    ("duplicates", "counted"), [(Duplicates.SAME, 1), (Duplicates.FRESH, 1), (Duplicates.REFUSED, 2)]
)
def test_lost_answer_goes_on_under_its_number(
    kind: str,
    duplicates: Duplicates,
    counted: int,
    known: Gate,
    card: Card,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card.server.payroll_card.set_duplicates(duplicates)
    card.arm(kind)
    assert scan(known, monkeypatch)[0] == 503
    assert card.counted["counted"] == 1
    status, body, _ = scan(known, monkeypatch)
    assert (status, body["check_in_id"]) == (201, f"20261124-{counted:02d}")
    assert card.counted == {"counted": counted, "over_the_limit": 0}
    card.server.payroll_card.show_face(
        body["work_card"]["authenticate_number"], recognised=True, press_done=True
    )
    issued = known.cover.prove_check_in(WORKER, body["check_in_id"])
    assert issued.policy is not None


@pytest.mark.parametrize("duplicates", Duplicates)
def test_attempt_goes_on_when_the_process_died_while_it_asked(
    duplicates: Duplicates, known: Gate, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    card.server.payroll_card.set_duplicates(duplicates)

    class Died(BaseException):
        pass

    def dies(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(type(known.adapters.check_ins), "pre_ordered", dies)
        with pytest.raises(Died):
            scan(known, monkeypatch)
    status, body, _ = scan(known, monkeypatch)
    assert (status, body["status"], body["work_card"]["token"]) == (201, "STARTED", None)
    known.now.advance(seconds=STARTING.total_seconds())
    status, body, _ = scan(known, monkeypatch)
    assert status == 201
    assert body["work_card"]["token"]
    assert card.counted["counted"] == (2 if duplicates is Duplicates.REFUSED else 1)


def test_day_ends_with_wechat_s_when_it_counted_more_than_we_know(
    known: Gate, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another product on the same account."""
    card.arm("status", 5, status=429, code="FREQUENCY_LIMITED")
    for _ in range(5):
        status, _, after = scan(known, monkeypatch)
        assert (status, after) == (429, str(seconds_left_of_day(known.now())))
    assert len(attempts(known)) == 1
    assert scan(known, monkeypatch)[0] == 201


def test_face_is_asked_for_no_more_when_five_failed(
    known: Gate, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, body, _ = scan(known, monkeypatch)
    number = body["work_card"]["authenticate_number"]
    for _ in range(5):
        card.server.payroll_card.show_face(number, recognised=False, press_done=True)
    with pytest.raises(Exception, match="FaceCheckFailedError"):
        known.cover.prove_check_in(WORKER, body["check_in_id"])
    status, problem, after = scan(known, monkeypatch)
    assert (status, problem["type"].split("/")[-1]) == (429, "faces-used-up")
    assert "人工核验" in problem["detail"]
    assert after == str(seconds_left_of_day(known.now()))
    assert card.counted == {"counted": 1, "over_the_limit": 0}
