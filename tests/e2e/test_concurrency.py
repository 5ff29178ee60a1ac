"""Many at the same moment: one worker's fifty phones, ten workers at one gate."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TypeVar

import pytest
from urllib3.exceptions import HTTPError

from tests.devstack.seed import CHINA
from tests.support.clocks import AT_THE_GATE, function_clocks
from tests.support.http import Answer
from tests.support.waiting import eventually
from tests.support.world import World

pytestmark = pytest.mark.stack
_T = TypeVar("_T")
BUSY = {429, 502, 503, 504}
"""What an overloaded laptop may answer instead; asking again is what a phone does then."""


def side_by_side(times: int, act: Callable[[int], _T], *, at_once: int | None = None) -> list[_T]:
    with ThreadPoolExecutor(at_once or times) as threads:
        return list(threads.map(act, range(times)))


def persistently(ask: Callable[[], Answer]) -> Answer:
    def try_once() -> Answer | None:
        try:
            answer = ask()
        except HTTPError:  # the connection broke: the phone does not know what became of its request
            return None
        return None if answer.status in BUSY else answer

    answer = eventually(try_once, lambda seen: seen is not None, "an answer", seconds=300)
    assert answer is not None
    return answer


def test_fifty_parallel_check_ins_of_one_worker_give_one_policy(world: World) -> None:
    worker = world.consenting_worker()
    check_ins = side_by_side(50, lambda _: persistently(lambda: worker.check_in(world.qr_token, world.site)))
    assert {answer.status for answer in check_ins} == {201}
    attempts = {answer.body["check_in_id"] for answer in check_ins}
    assert len(attempts) == 1, "parallel scans share one pre-order"
    [check_in_id] = attempts
    world.simulated.show_face(check_ins[0].body["work_card"]["authenticate_number"])
    issued = side_by_side(50, lambda _: persistently(lambda: worker.fetch_policy(check_in_id)))
    assert {answer.status for answer in issued} <= {200, 201}
    assert len({answer.body["policy_no"] for answer in issued}) == 1
    assert len(worker.policies()) == 1


def test_parallel_check_ins_of_one_worker_on_many_phones_give_one_policy(world: World) -> None:
    """Each phone walks the whole way by itself, so that issuing races with checking in again."""
    worker = world.consenting_worker()

    def walk(_: int) -> Answer:
        checked_in = persistently(lambda: worker.check_in(world.qr_token, world.site)).expect(200, 201)
        if checked_in["status"] == "COVERED":
            return worker.api.get("/v1/policies")
        number = checked_in["work_card"]["authenticate_number"]
        try:
            world.simulated.show_face(number)
        except Exception:  # another phone's face was faster
            pass
        return persistently(lambda: worker.fetch_policy(checked_in["check_in_id"]))

    assert all(answer.status < 300 for answer in side_by_side(12, walk))
    assert len(worker.policies()) == 1


def test_ten_workers_at_once_get_ten_policies(world: World) -> None:
    workers = [world.worker() for _ in range(10)]
    policies = side_by_side(10, lambda number: workers[number].become_insured(world.qr_token))
    assert len({policy["policy_no"] for policy in policies}) == 10
    assert all(len(worker.policies()) == 1 for worker in workers)
    numbers = {policy["policy_no"] for policy in policies}

    def on_roster() -> set[str]:
        roster = world.provider.roster(world.project).expect(200)
        return {line["policy_no"] for line in roster["in_force"]}

    eventually(on_roster, lambda seen: numbers <= seen, "the roster shows all ten")


def test_two_hundred_requests_across_midnight_give_twenty_workers_one_policy_each(world: World) -> None:
    """Check-ins of 23:57 race at 00:00 +08:00 with new ones of the next day, on the deployed stack's shifted clock.

    Forty are under way at any moment: the local engine runs a process for each, and a laptop has few cores.
    """
    workers_count, phones = 20, 10
    with shifted_clock(world, before_midnight=timedelta(minutes=3)) as set_clock:
        workers = [world.consenting_worker() for _ in range(workers_count)]
        evening = [
            persistently(partial(worker.check_in, world.qr_token, world.site)).expect(201)
            for worker in workers
        ]
        for checked_in in evening:
            world.simulated.show_face(checked_in["work_card"]["authenticate_number"])
        set_clock(timedelta(seconds=1))

        def walk(number: int) -> tuple[str, str]:
            """Odd phones ask for the policy of the evening's check-in, even ones check in again."""
            phone, index = divmod(number, workers_count)
            worker, checked_in = workers[index], evening[index]
            if phone % 2 == 0:
                checked_in = persistently(lambda: worker.check_in(world.qr_token, world.site)).expect(
                    200, 201
                )
                if checked_in["status"] == "COVERED":
                    return "", str(checked_in["policy"]["policy_no"])
                with suppress(Exception):  # another phone's face was faster
                    world.simulated.show_face(checked_in["work_card"]["authenticate_number"])
            issued = persistently(lambda: worker.fetch_policy(checked_in["check_in_id"]))
            return str(checked_in["check_in_id"])[:8], str(issued.expect(200, 201)["policy_no"])

        outcomes = side_by_side(workers_count * phones, walk, at_once=40)
        policies = [worker.policies() for worker in workers]
    assert [len(mine) for mine in policies] == [1] * workers_count
    assert {policy_no for _, policy_no in outcomes} == {mine[0]["policy_no"] for mine in policies}
    assert len({day for day, _ in outcomes if day}) == 2, "the check-ins did not straddle midnight"
    for [policy] in policies:
        start, end = (datetime.fromisoformat(policy[name]) for name in ("start", "end"))
        assert end - start == timedelta(hours=24)


@contextmanager
def shifted_clock(world: World, before_midnight: timedelta) -> Iterator[Callable[[timedelta], None]]:
    """Set the clock of the functions on a check-in's way (test stacks may), and set it back afterwards."""
    with function_clocks(
        world.stack, *AT_THE_GATE, "AuthorizeRequestFunction", "ReadPoliciesFunction"
    ) as set_ahead:

        def set_clock(before: timedelta) -> None:
            now = datetime.now(UTC).astimezone(CHINA)
            midnight = datetime.combine(now.date() + timedelta(days=1), time(), CHINA)
            set_ahead(midnight - before - now)

        set_clock(before_midnight)
        yield set_clock
