"""Faults at a call: what has its effect and what has not, what is asked again, and what the caller is told."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from daycover.store.aws import ATTEMPTS, AwsError, StoreUnavailableError
from daycover.store.dynamodb import ConditionFailedError, Put, Table, Update
from daycover.store.keys import Key
from tests.simulation.agenda import Agenda
from tests.simulation.aws.dynamodb import DynamoDB
from tests.simulation.faults import (
    CALM,
    TRANSACTION,
    CalledBucket,
    CalledService,
    Fault,
    Faults,
    Rates,
    Reached,
    Strike,
    Unanswered,
)
from tests.support.fakes.port import Crash

START = datetime(2026, 12, 1, tzinfo=UTC)
KEY = Key("COUNTER", "one")


class Listed(Faults):
    """Faults in the order of a list, then none."""

    def __init__(self, *faults: Fault | None) -> None:
        super().__init__(Random(1), Agenda(START, Random(1)))
        self._listed = list(faults)

    def draw(self, name: str) -> Fault | None:
        return self._listed.pop(0) if self._listed else None


class Heard:
    """A service that keeps every request; what it refuses is in `refuses`."""

    def __init__(self, refuses: Exception | None = None) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self._refuses = refuses

    def call(self, operation: str, **request: Any) -> Any:
        self.requests.append((operation, request))
        if self._refuses is not None:
            raise self._refuses
        return {"number": len(self.requests)}

    def get_object(self, **request: Any) -> Any:
        return self.call("get_object", **request)

    def generate_presigned_url(self, **request: Any) -> Any:
        return self.call("generate_presigned_url", **request)


def asked(service: Any, *faults: Fault | None) -> CalledService:
    return CalledService("sqs", service, Listed(*faults))


def striking(point: int) -> tuple[Heard, CalledService, Strike]:
    service, faults = Heard(), Listed()
    strike = Strike(point)
    struck = Faults(faults.luck, faults.agenda, strike=strike)
    return service, CalledService("sqs", service, struck), strike


def send_three(client: CalledService) -> None:
    for number in range(3):
        client.call(f"Send{number}")


@pytest.mark.parametrize(("point", "effects"), [(0, 0), (1, 1), (2, 1), (3, 2), (5, 3)])
def test_strike_ends_the_process_before_or_after_one_call_s_effect(point: int, effects: int) -> None:
    service, client, strike = striking(point)
    with pytest.raises(Crash):
        send_three(client)
    assert (len(service.requests), strike.struck) == (effects, f"sqs.Send{point // 2}")


def test_strike_behind_the_last_call_ends_nothing() -> None:
    service, client, strike = striking(6)
    send_three(client)
    assert (len(service.requests), strike.struck) == (3, None)


def test_process_that_died_never_hears_of_a_refusal() -> None:
    service = Heard(AwsError("ConditionalCheckFailedException", 400))
    with pytest.raises(Crash):
        asked(service, Fault.CRASH_AFTER).call("Put")


def test_call_whose_answer_was_lost_is_made_again_with_the_same_request() -> None:
    service = Heard()
    answer = asked(service, Fault.LOST).call("Send", MessageBody="one", Token="t")
    assert answer == {"number": 2}
    assert service.requests == [("Send", {"MessageBody": "one", "Token": "t"})] * 2


@pytest.mark.parametrize(("fault", "effects"), [(Fault.LOST, ATTEMPTS), (Fault.UNREACHED, 0)])
def test_store_is_unavailable_when_no_attempt_was_answered(fault: Fault, effects: int) -> None:
    service = Heard()
    with pytest.raises(StoreUnavailableError):
        asked(service, *[fault] * ATTEMPTS).call("Send")
    assert len(service.requests) == effects


def test_refusal_is_told_and_not_asked_again() -> None:
    service = Heard(AwsError("ValidationException", 400))
    with pytest.raises(AwsError):
        asked(service).call("Send")
    assert len(service.requests) == 1


@pytest.mark.parametrize("several", [False, True])
def test_write_in_conflict_has_no_effect_and_is_unavailable(several: bool) -> None:
    dynamodb = DynamoDB(lambda: START, Random(1))
    dynamodb.create_table("t")
    table = Table(CalledService("dynamodb", dynamodb, Listed(Fault.CONFLICT)), "t")
    put = Put(KEY, {"number": 1})
    with pytest.raises(StoreUnavailableError):
        table.write(put) if several else table.put(put)
    assert table.get(KEY) is None


def test_only_writes_are_ever_in_conflict() -> None:
    faults = Faults(Random(1), Agenda(START, Random(1)), Rates(conflict=1))
    drawn: list[Fault | None] = []
    faults.agenda.after(
        timedelta(),
        "draws",
        lambda: drawn.extend(map(faults.draw, (TRANSACTION, "dynamodb.GetItem", "sqs.Send"))),
    )
    faults.agenda.run(START + timedelta(seconds=1), lambda _what: None)
    assert drawn == [Fault.CONFLICT, None, None]
    assert faults.counts == {Fault.CONFLICT: 1}


def test_store_is_unavailable_when_the_service_throttles() -> None:
    with pytest.raises(StoreUnavailableError):
        asked(Heard(AwsError("ThrottlingException", 400))).call("Send")


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.CRASH_AFTER])
def test_what_a_service_can_not_do_is_never_taken_for_weather(fault: Fault) -> None:
    with pytest.raises(NotImplementedError):
        asked(Heard(NotImplementedError("Send")), fault).call("Send")


def test_bucket_is_asked_again_likewise_and_signs_without_a_call() -> None:
    service = Heard()
    bucket = CalledBucket(service, Listed(Fault.LOST, None, Fault.CRASH_BEFORE))
    assert bucket.get_object(Key="k") == {"number": 2}
    assert bucket.generate_presigned_url(Key="k") == {"number": 3}
    with pytest.raises(Crash):
        bucket.get_object(Key="k")


# ---- what a lost answer means to each write ------------------------------------------------------------


def a_table(*faults: Fault | None) -> tuple[Table, Table]:
    """A table as a process reaches it, and as it is."""
    listed = Listed(*faults)
    table = DynamoDB(listed.agenda.now, Random(1))
    table.create_table("t")
    return Table(CalledService("dynamodb", table, listed), "t"), Table(table, "t")


ADD = Update(KEY, "ADD seen :one", {":one": 1}, condition="attribute_not_exists(pk) OR attribute_exists(pk)")


def test_transaction_has_one_effect_when_its_answer_was_lost() -> None:
    reached, real = a_table(Fault.LOST)
    reached.write(ADD)
    assert real.get(KEY, strong=True) == {"pk": "COUNTER", "sk": "one", "seen": 1}


def test_counter_without_a_token_counts_twice_when_its_answer_was_lost() -> None:
    reached, _ = a_table(Fault.LOST)
    assert reached.update(ADD)["seen"] == 2


def test_put_of_a_new_item_finds_itself_when_its_answer_was_lost() -> None:
    reached, _ = a_table(Fault.LOST)
    with pytest.raises(ConditionFailedError) as raised:
        reached.put(Put(KEY, {"n": 7}))
    assert raised.value.item == {"pk": "COUNTER", "sk": "one", "n": 7}


# ---- chance ------------------------------------------------------------------------------------------


def drawn(seed: int, rates: Rates, calls: int = 3000) -> list[Fault | None]:
    agenda, found = Agenda(START, Random(1)), list[Fault | None]()
    faults = Faults(Random(seed), agenda, rates)
    agenda.at(START, "draw", lambda: found.extend(faults.draw("sqs.Send") for _ in range(calls)))
    agenda.run(START)
    assert faults.counts == Counter(fault for fault in found if fault)
    return found


def test_seed_says_which_calls_are_struck_and_each_fault_as_often_as_its_rate() -> None:
    rates = Rates(crash=0.1, unreached=0.2, lost=0.3)
    found = drawn(1, rates)
    assert found == drawn(1, rates) != drawn(2, rates)
    counts = Counter(found)
    wanted = {
        Fault.CRASH_BEFORE: 0.05,
        Fault.CRASH_AFTER: 0.05,
        Fault.UNREACHED: 0.2,
        Fault.LOST: 0.3,
        None: 0.4,
    }
    assert counts.keys() == wanted.keys()
    assert all(abs(counts[fault] / len(found) - rate) < 0.02 for fault, rate in wanted.items())


def test_calm_draws_nothing_of_chance() -> None:
    assert set(drawn(1, CALM)) == {None}


def test_nothing_strikes_whoever_is_no_fiber() -> None:
    faults = Faults(Random(1), Agenda(START, Random(1)), Rates(crash=1.0))
    assert faults.draw("sqs.Send") is None


def test_service_that_is_out_answers_nothing_and_the_others_do() -> None:
    faults = Faults(Random(1), Agenda(START, Random(1)), out={"wechat"})
    assert (faults.draw("wechat.pay"), faults.draw("bank.pay")) == (Fault.UNREACHED, None)


def test_another_fiber_goes_on_at_a_call() -> None:
    agenda, said = Agenda(START, Random(1), interleaving=1.0), list[str]()
    client = CalledService("sqs", Heard(), Faults(Random(1), agenda))

    def act(name: str) -> Callable[[], None]:
        def calls() -> None:
            said.append(f"{name} begins")
            client.call("Send")
            said.append(f"{name} ends")

        return calls

    agenda.at(START, "a", act("a"))
    agenda.at(START, "b", act("b"))
    agenda.run(START + timedelta(minutes=1))
    assert said[:2] == ["a begins", "b begins"]
    assert sorted(said[2:]) == ["a ends", "b ends"]


# ---- ports of the outside ----------------------------------------------------------------------------


class Refused(Exception):
    pass


class Unknown(Exception):
    pass


class Bank:
    currency = "CNY"

    def __init__(self) -> None:
        self.paid: list[int] = []

    def pay(self, fen: int) -> str:
        self.paid.append(fen)
        return "accepted"

    def describe(self) -> str:
        return "a bank"


def reached(bank: Bank, *faults: Fault) -> Any:
    return Reached("bank", bank, Listed(*faults), Refused, Unknown, frozenset({"pay"}))


@pytest.mark.parametrize(
    ("fault", "error", "paid"), [(Fault.UNREACHED, Refused, []), (Fault.LOST, Unknown, [5])]
)
def test_port_tells_what_was_not_done_from_what_nobody_knows(
    fault: Fault, error: type[Exception], paid: list[int]
) -> None:
    bank = Bank()
    port = reached(bank, fault)
    with pytest.raises(error) as raised:
        port.pay(5)
    assert isinstance(raised.value.__cause__, Unanswered)
    assert bank.paid == paid
    assert (port.pay(6), bank.paid[-1]) == ("accepted", 6)


def test_port_is_struck_at_its_calls_only() -> None:
    port = reached(Bank(), Fault.CRASH_BEFORE)
    assert (port.currency, port.describe()) == ("CNY", "a bank")
    with pytest.raises(Crash):
        port.pay(5)
