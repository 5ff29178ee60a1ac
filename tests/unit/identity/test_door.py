"""Who fails too often from one place waits there, and nobody else does."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.identity.door import TOLERANCE, WINDOW, Door, TooManyAttemptsError
from daycover.identity.sign_in import LoginCodeError, MiniProgramUnavailableError
from tests.support.fakes.identity import FakeFailures
from tests.support.fakes.port import Clock

START = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
"""A window begins here."""
HERE, THERE = "203.0.113.7", "198.51.100.1"


@pytest.fixture
def now() -> Clock:
    return Clock(START + timedelta(seconds=90))


@pytest.fixture
def failures() -> FakeFailures:
    return FakeFailures()


@pytest.fixture
def door(now: Clock, failures: FakeFailures) -> Callable[[str], Door]:
    return lambda name: Door(name=name, tolerance=TOLERANCE[name], failures=failures, now=now)


def fail(
    door: Door, network: str = HERE, account: str = "", error: type[DaycoverError] = LoginCodeError
) -> None:
    with pytest.raises(error), door.opened(network, account):
        raise error


def succeed(door: Door, network: str = HERE, account: str = "") -> None:
    with door.opened(network, account):
        pass


def is_closed(door: Door, network: str = HERE, account: str = "") -> int:
    """Give the seconds to wait."""
    with pytest.raises(TooManyAttemptsError) as refused, door.opened(network, account):
        pytest.fail("let in")
    wait = refused.value.facts["retry_after_seconds"]
    assert isinstance(wait, int)
    return wait


@pytest.mark.parametrize(
    ("name", "account", "borne"), [("worker", "", 100), ("staff", "", 30), ("provider", "P1", 10)]
)
def test_door_closes_to_a_place_after_its_failures_and_tells_how_long(
    door: Callable[[str], Door], now: Clock, name: str, account: str, borne: int
) -> None:
    for _ in range(borne):
        fail(door(name), account=account)
    assert is_closed(door(name), account=account) == 210
    succeed(door(name), THERE, account)
    now.advance(seconds=209.5)
    assert is_closed(door(name), account=account) == 1
    now.advance(seconds=0.5)
    succeed(door(name), account=account)


def test_wait_is_true_when_it_is_waited_out(door: Callable[[str], Door], now: Clock) -> None:
    for _ in range(10):
        fail(door("provider"), account="P1")
    now.advance(microseconds=1)
    now.advance(seconds=is_closed(door("provider"), account="P1"))
    succeed(door("provider"), account="P1")


def test_owner_is_let_in_when_strangers_everywhere_guess_their_secret(door: Callable[[str], Door]) -> None:
    for number in range(1_000):
        with (
            suppress(LoginCodeError, TooManyAttemptsError),
            door("provider").opened(f"192.0.2.{number}", "P1"),
        ):
            raise LoginCodeError
    succeed(door("provider"), HERE, "P1")
    fail(door("provider"), HERE, "P1")  # mistyped once
    succeed(door("provider"), HERE, "P1")


def test_each_place_has_two_guesses_when_an_account_is_attacked_from_everywhere(
    door: Callable[[str], Door],
) -> None:
    for number in range(100):
        fail(door("provider"), f"192.0.2.{number}", "P1")
    for _ in range(2):
        fail(door("provider"), THERE, "P1")
    is_closed(door("provider"), THERE, "P1")
    succeed(door("provider"), THERE, "P2")


def test_place_has_no_more_guesses_when_it_tries_account_after_account(door: Callable[[str], Door]) -> None:
    for number in range(50):
        fail(door("provider"), account=f"P{number}")
    is_closed(door("provider"), account="P77")
    succeed(door("provider"), THERE, "P77")
    succeed(door("worker"))


def test_account_is_closed_to_one_place_when_another_account_is_tried_from_there(
    door: Callable[[str], Door],
) -> None:
    for _ in range(10):
        fail(door("provider"), account="P1")
    is_closed(door("provider"), account="P1")
    succeed(door("provider"), account="P2")


@pytest.mark.parametrize("error", [MiniProgramUnavailableError, ConcurrentChangeError])
def test_nothing_is_counted_when_it_was_not_who_they_are(
    door: Callable[[str], Door], failures: FakeFailures, error: type[DaycoverError]
) -> None:
    for _ in range(300):
        fail(door("worker"), error=error)
    succeed(door("worker"))
    assert "failures.count" not in failures.steps.calls


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.booleans(), st.integers(0, 120)), max_size=80))
def test_who_never_fails_is_never_kept_out(attempts: list[tuple[str, bool, int]]) -> None:
    now, failures = Clock(START), FakeFailures()
    door = Door(name="provider", tolerance=TOLERANCE["provider"], failures=failures, now=now)
    for network, is_right, wait in attempts:
        now.advance(seconds=wait)
        with suppress(LoginCodeError, TooManyAttemptsError), door.opened(network, "P1"):
            if not is_right:
                raise LoginCodeError
        succeed(door, "of the owner", "P1")


def test_patience_is_never_none_under_attack() -> None:
    for tolerance in TOLERANCE.values():
        assert (
            not tolerance.attacked
            or 1 <= tolerance.under_attack <= tolerance.of_caller <= tolerance.of_network
        )
    assert timedelta(days=1) % WINDOW == timedelta()
