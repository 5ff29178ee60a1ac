"""Secrets: how long a value serves, what a failure or an empty value changes, and the rotation of the token key."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from daycover.platform.secrets import (
    DOUBTED,
    FAILED,
    LIFE,
    LOOKS,
    SERVES,
    SecretReader,
    StoredTokenKeys,
)
from daycover.platform.security import AccessTokens, TokenInvalidError
from tests.support.builders import NOW

SECRET = "token-secret"


class Clock:
    """Seconds, and the instant that belongs to them."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def instant(self) -> object:
        return NOW + timedelta(seconds=self.seconds)


class FakeSecrets:
    """Implements `platform.secrets.Secrets` with the two stages that `put-secret-value` moves."""

    def __init__(self, *values: str) -> None:
        self.values = list(values)
        self.calls = 0
        self.is_down = False

    def put(self, value: str) -> None:
        self.values.append(value)

    def current(self, secret_id: str) -> str:
        self._called()
        return self.values[-1]

    def previous(self, secret_id: str) -> str | None:
        self._called()
        return self.values[-2] if len(self.values) > 1 else None

    def _called(self) -> None:
        self.calls += 1
        if self.is_down:
            raise ConnectionError


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_secret_is_read_once_in_its_life_and_keys_differ_by_purpose(clock: Clock) -> None:
    stored = FakeSecrets("a")
    secrets = SecretReader(stored, clock)
    keys = {secrets.key(name, purpose) for name in ("s", "t") for purpose in ("a", "b")}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 2, "of the value and the purpose alone"
    assert stored.calls == 2
    clock.seconds = LIFE - 1
    secrets.text("s")
    assert stored.calls == 2
    stored.put("b")
    clock.seconds = LIFE
    assert secrets.text("s") == "b"
    assert (stored.calls, secrets.changes) == (3, 1)


@pytest.mark.parametrize("empty", ["{}", "", " {}\n"])
def test_what_nobody_has_filled_in_is_read_again_within_seconds(empty: str, clock: Clock) -> None:
    stored = FakeSecrets(empty)
    secrets = SecretReader(stored, clock)
    assert secrets.text("s") == empty
    stored.put("filled in")
    clock.seconds = DOUBTED
    assert secrets.text("s") == "filled in"
    clock.seconds = DOUBTED + LIFE - 1
    assert secrets.text("s") == "filled in"
    assert stored.calls == 2


def test_good_value_serves_on_when_it_is_emptied_by_mistake(clock: Clock) -> None:
    stored = FakeSecrets("good")
    secrets = SecretReader(stored, clock)
    secrets.text("s")
    stored.put("{}")
    clock.seconds = LIFE
    assert secrets.text("s") == "good"
    stored.put("better")
    clock.seconds += FAILED
    assert secrets.text("s") == "better"


def test_what_makes_no_credentials_is_read_again_within_seconds(clock: Clock) -> None:
    stored = FakeSecrets('{"half": 1}')
    secrets = SecretReader(stored, clock)
    secrets.text("s")
    secrets.doubt("s")
    stored.put('{"whole": 1}')
    clock.seconds = DOUBTED
    assert secrets.text("s") == '{"whole": 1}'


def test_last_good_value_serves_while_the_service_fails_and_not_for_ever(clock: Clock) -> None:
    stored = FakeSecrets("good")
    secrets = SecretReader(stored, clock)
    secrets.text("s")
    stored.is_down = True
    clock.seconds = LIFE
    assert secrets.text("s") == secrets.text("s") == "good"
    assert stored.calls == 2, "a service that is down is not asked with every request"
    clock.seconds = SERVES - 1
    assert secrets.text("s") == "good"
    clock.seconds = SERVES + FAILED
    with pytest.raises(ConnectionError):
        secrets.text("s")
    stored.is_down = False
    assert secrets.text("s") == "good"


def test_failure_is_seen_when_there_never_was_a_good_value(clock: Clock) -> None:
    stored = FakeSecrets("{}")
    secrets = SecretReader(stored, clock)
    secrets.text("s")
    stored.is_down = True
    clock.seconds = LIFE
    with pytest.raises(ConnectionError):
        secrets.text("s")


class Container:
    """A function's container: what it has read, and its tokens."""

    def __init__(self, stored: FakeSecrets, clock: Clock) -> None:
        self.tokens = AccessTokens(StoredTokenKeys(SecretReader(stored, clock), SECRET, clock), clock.instant)

    def sign(self, life: timedelta = timedelta(hours=12)) -> str:
        return self.tokens.issue("worker", "w-1", life)[0]

    def takes(self, token: str) -> bool:
        with suppress(TokenInvalidError):
            self.tokens.verify(token)
            return True
        return False


def test_no_call_is_made_for_a_token_when_its_key_is_known(clock: Clock) -> None:
    stored = FakeSecrets("one")
    container = Container(stored, clock)
    token = container.sign()
    for _ in range(100):
        assert container.takes(token)
    assert stored.calls == 1


@pytest.mark.parametrize("is_warm", [True, False])
def test_tokens_of_both_keys_are_taken_when_the_secret_was_just_rotated(is_warm: bool, clock: Clock) -> None:
    stored = FakeSecrets("one")
    container = Container(stored, clock)
    before = Container(stored, clock).sign()
    if is_warm:
        assert container.takes(before)
    stored.put("two")
    after = Container(stored, clock).sign()
    assert before.split(".")[0] != after.split(".")[0]
    for token in (after, before, after) if is_warm else (before, after, before):
        assert container.takes(token)
    assert stored.calls <= 5


def test_key_that_was_retired_twice_is_taken_by_nobody_after_five_minutes(clock: Clock) -> None:
    stored = FakeSecrets("one")
    warm = Container(stored, clock)
    token = warm.sign(timedelta(days=2))
    stored.put("two")
    clock.seconds += LIFE
    assert warm.takes(token)
    stored.put("three")
    assert not Container(stored, clock).takes(token)
    clock.seconds += LIFE
    assert not warm.takes(token)


def test_both_rotations_of_five_minutes_leave_no_old_key_when_one_was_missed(clock: Clock) -> None:
    stored = FakeSecrets("one")
    warm = Container(stored, clock)
    token = warm.sign()
    stored.put("two")
    stored.put("three")
    clock.seconds += LIFE
    assert not warm.takes(token)


def test_invented_keys_cause_no_more_than_a_look_in_five_seconds(clock: Clock) -> None:
    stored = FakeSecrets("one")
    container = Container(stored, clock)
    token = container.sign()
    invented = [Container(FakeSecrets(f"invented {n}"), clock).sign() for n in range(50)]
    assert not any(container.takes(one) for one in invented)
    assert stored.calls == 3
    clock.seconds += LOOKS
    assert not any(container.takes(one) for one in invented)
    assert stored.calls == 5
    assert container.takes(token)
    clock.seconds = LIFE - 1
    assert not container.takes(invented[0])
    stored.put("two")
    clock.seconds = LIFE  # the key before is looked for at once, whoever was looked for a moment ago
    assert container.takes(token)


def test_nobody_is_signed_out_when_the_service_fails_while_a_key_is_looked_for(clock: Clock) -> None:
    stored = FakeSecrets("one")
    container = Container(stored, clock)
    token = container.sign()
    stored.put("two")
    after = Container(stored, clock).sign()
    stored.is_down = True
    for _ in range(2):
        with pytest.raises(ConnectionError):
            container.takes(after)
    assert container.takes(token)
    stored.is_down = False
    clock.seconds += LOOKS
    assert container.takes(after)


class Rush:
    """Containers in threads that sign and verify each other's tokens all the time."""

    LIFE_SECONDS = 3_600
    THREADS = 6

    def __init__(self, stored: FakeSecrets, clock: Clock) -> None:
        self.clock = clock
        self.containers = [Container(stored, clock) for _ in range(self.THREADS)]
        self.tokens: list[tuple[float, str]] = []
        self.refused: list[tuple[float, float]] = []
        self.errors: list[BaseException] = []
        self.verified = 0
        self._ready = threading.Barrier(self.THREADS + 1)

    def _work(self, container: Container, moments: int) -> None:
        try:
            for _ in range(moments):
                self._ready.wait()  # the clock stands while a moment is worked on
                now = self.clock.seconds
                for _ in range(10):
                    self.tokens.append((now, container.sign(timedelta(seconds=self.LIFE_SECONDS))))
                for issued, token in self.tokens[-200:] + self.tokens[:: max(1, len(self.tokens) // 200)]:
                    if issued + self.LIFE_SECONDS > now:
                        self.verified += 1
                        if not container.takes(token):
                            self.refused.append((issued, now))
                self._ready.wait()
        except BaseException as error:
            self.errors.append(error)
            self._ready.abort()

    def moments(self, moments: int) -> Iterator[int]:
        """Run; between two moments, in which all threads work, the caller moves clock and secret."""
        threads = [
            threading.Thread(target=self._work, args=(container, moments)) for container in self.containers
        ]
        for thread in threads:
            thread.start()
        with suppress(threading.BrokenBarrierError):
            for moment in range(moments):
                yield moment
                self._ready.wait()
                self._ready.wait()
        for thread in threads:
            thread.join()


def test_rotation_under_load_refuses_no_token_within_its_life(clock: Clock) -> None:
    stored = FakeSecrets("one")
    rush = Rush(stored, clock)
    first = ""
    for moment in rush.moments(40):
        clock.seconds += 150
        if moment in (4, 34):  # more than a token's life and a secret's apart
            first = first or Container(stored, clock).sign(timedelta(days=30))
            stored.put(f"value {moment}")
    assert rush.errors == []
    assert rush.refused == []
    assert rush.verified > 10_000
    assert len({token.split(".")[0] for _, token in rush.tokens}) == 3
    clock.seconds += LIFE
    assert not any(container.takes(first) for container in rush.containers), "retired twice"
