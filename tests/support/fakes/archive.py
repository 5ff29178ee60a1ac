"""The archive and its sweeper in memory. They pass the contract suite of `tests/functional/archive`."""

from collections.abc import Sequence

from daycover.cover.archive import PAGE, Archived, ArchiveDamagedError
from daycover.cover.policy import (
    Policy,
    locate,
    place_in_time,
)
from daycover.cover.sweep import Sweep
from daycover.errors import ConcurrentChangeError
from tests.support.fakes.port import FakePort, Steps


class FakeArchive(FakePort):
    """Implements `cover.archive.Archive`; `versions` holds every state that was ever written.

    An object whose number is in `damaged` is not what was written.
    """

    def __init__(self, *policies: Policy, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.damaged: set[str] = set()
        self.versions: dict[str, list[Policy]] = {policy.policy_no: [policy] for policy in policies}

    def add(self, policy: Policy) -> bool:
        with self.call("archive.add"):
            if policy.policy_no in self.versions:
                return False
            self.versions[policy.policy_no] = [policy]
            return True

    def replace(self, policy: Policy, version: str) -> None:
        with self.call("archive.replace"):
            if version != str(len(self.versions.get(policy.policy_no, ()))):
                raise ConcurrentChangeError
            self.versions[policy.policy_no].append(policy)

    def find(self, policy_no: str) -> Archived | None:
        locate(policy_no)
        with self.call("archive.find"):
            if policy_no.strip().upper() in self.damaged:
                raise ArchiveDamagedError(policy_no=policy_no)
            return self._archived(policy_no)

    def find_many(self, policy_nos: Sequence[str]) -> dict[str, Archived]:
        with self.call("archive.find_many"):
            found = {number: self._archived(number) for number in policy_nos if number not in self.damaged}
            return {number: archived for number, archived in found.items() if archived is not None}

    def list_numbers(self, person_id: str, *, below: int | None = None, limit: int = PAGE) -> list[str]:
        with self.call("archive.list_numbers"):
            mine = [number for number in self.versions if locate(number)[0] == person_id]
            older = [number for number in mine if below is None or place_in_time(number) < below]
            return sorted(older, key=place_in_time, reverse=True)[:limit]

    def all(self) -> dict[str, Policy]:
        return {number: versions[-1] for number, versions in self.versions.items()}

    def _archived(self, policy_no: str) -> Archived | None:
        versions = self.versions.get(policy_no.strip().upper())
        return None if versions is None else Archived(versions[-1], str(len(versions)))


class FakeSweeps(FakePort):
    """Implements `cover.sweep.Sweeps`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._sweeps: dict[tuple[int, int], Sweep] = {}

    def find(self, segment: int, segments: int) -> Sweep | None:
        with self.call("sweeps.find"):
            return self._sweeps.get((segment, segments))

    def save(self, sweep: Sweep) -> None:
        with self.call("sweeps.save"):
            stored = self._sweeps.get((sweep.segment, sweep.segments))
            if stored is not None and stored.version != sweep.version - 1:
                raise ConcurrentChangeError
            self._sweeps[sweep.segment, sweep.segments] = sweep
