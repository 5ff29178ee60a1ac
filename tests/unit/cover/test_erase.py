"""Erasure deletes what nobody must keep, locks the rest until its time, and positions go by schedule."""

from datetime import UTC, date, datetime, timedelta

import pytest

from daycover.cover.erase import PLACES_KEPT, Erasure, ErasureStatus, PurgeLocations
from daycover.cover.policy import Policy
from daycover.identity.worker import PersonalDataLockedError
from tests.support.builders import NOW
from tests.support.fakes.port import Clock
from tests.unit.cover.world import World

ENDS = date(2036, 11, 25)


class Desk:
    def __init__(self) -> None:
        self.world = World()
        self.erase = self.world.erase

    def insured(self) -> tuple[str, Policy]:
        worker = self.world.worker()
        policy = self.world.cover(worker)
        self.world.archive.add(policy)
        return worker, policy


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_data_is_locked_and_kept_when_the_worker_was_insured(desk: Desk) -> None:
    worker, policy = desk.insured()
    erasure = desk.erase.request(worker)
    assert erasure == Erasure(ErasureStatus.LOCKED, ENDS, date(2026, 11, 25))
    assert desk.erase.request(worker) == erasure
    with pytest.raises(PersonalDataLockedError):
        desk.world.scan(worker)
    stored = desk.world.workers.get(worker)
    assert stored.name is not None
    assert stored.locked_at == NOW
    assert desk.world.consents.history(worker)[0]
    assert desk.world.policies.get(policy.policy_no).in_force(desk.world.now())
    assert desk.world.read_policies.all_of(worker) == [policy]


def test_failed_attempts_of_earlier_days_go_at_once_when_locked(desk: Desk) -> None:
    worker, _ = desk.insured()
    desk.world.now.advance(days=1)
    lost = desk.world.begin(worker)
    desk.world.now.advance(days=1)
    erasure = desk.erase.request(worker)
    assert erasure.check_ins == 1
    left = {check_in.check_in_id for check_in in desk.world.check_ins.all()}
    assert lost.check_in_id not in left
    assert len(left) == 1


def test_everything_goes_at_once_when_the_worker_was_never_insured(desk: Desk) -> None:
    worker = desk.world.worker()
    desk.world.begin(worker)
    desk.world.now.advance(days=1)
    assert desk.erase.request(worker) == Erasure(
        ErasureStatus.DELETED, None, date(2026, 11, 26), check_ins=1, consents=4
    )
    assert desk.world.check_ins.all() == []
    assert desk.world.consents.history(worker)[0] == []


def test_worker_is_insured_again_when_the_request_is_withdrawn(desk: Desk) -> None:
    worker, _ = desk.insured()
    desk.erase.request(worker)
    assert desk.erase.withdraw(worker).status is ErasureStatus.OPEN
    desk.world.now.advance(days=1, hours=1)
    desk.world.cover(worker)


def test_locked_data_is_deleted_when_its_retention_has_ended(desk: Desk) -> None:
    worker, policy = desk.insured()
    desk.erase.request(worker)
    desk.world.policies.forget(policy)
    desk.world.now.advance(days=1)
    assert desk.erase.run_due() == 1  # what was left of the day of the request
    desk.world.now.at = datetime(2036, 11, 24, 12, tzinfo=UTC)
    assert desk.erase.run_due() == 0
    desk.world.now.advance(days=1)
    assert desk.erase.run_due() == 1
    stored = desk.world.workers.get(worker)
    assert (stored.person_id, stored.name, stored.locked_at) == (None, None, None)
    assert desk.world.consents.history(worker)[0] == []
    assert desk.world.check_ins.all() == []
    assert desk.erase.run_due() == 0


def test_unlocked_data_stays_when_the_old_request_comes_due(desk: Desk) -> None:
    worker, _ = desk.insured()
    desk.erase.request(worker)
    desk.erase.withdraw(worker)
    desk.world.now.at = datetime(2036, 12, 1, tzinfo=UTC)
    assert desk.erase.run_due() == 2
    assert desk.world.workers.get(worker).name is not None


class Keys:
    def __init__(self) -> None:
        self.before = ""

    def delete_before(self, day: str) -> list[str]:
        self.before = day
        return []


def test_positions_are_forgotten_when_they_are_older_than_thirty_days() -> None:
    keys = Keys()
    PurgeLocations(now=Clock(NOW), delete_keys_before=keys.delete_before)()
    assert keys.before == "20261025"
    assert timedelta(days=30) == PLACES_KEPT
