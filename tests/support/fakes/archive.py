"""The archive and its sweeper in memory. They pass the contract suite of `tests/functional/archive`."""

from collections.abc import Sequence
from datetime import date

from daycover import crockford
from daycover.cover.archive import PAGE, Archived, ArchiveDamagedError
from daycover.cover.policy import (
    Policy,
    PolicyStatus,
    locate,
    place_in_time,
)
from daycover.cover.sweep import Sweep
from daycover.errors import ConcurrentChangeError
from tests.support.fakes.port import FakePort, Steps


class FakeArchive(FakePort):
    """Implements `cover.archive.Archive`; `versions` holds every state that was ever written alone, `batched` what
    came in batches, `indexed` the numbers of those that the index shows.

    An object whose number is in `damaged` is not what was written.
    """

    def __init__(self, *policies: Policy, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.damaged: set[str] = set()
        self.versions: dict[str, list[Policy]] = {policy.policy_no: [policy] for policy in policies}
        self.batched: dict[str, list[Policy]] = {}
        self.indexed: dict[str, Policy] = {}
        self.closed: set[tuple[date, int]] = set()

    def append(self, policies: Sequence[Policy]) -> None:
        with self.call("archive.append"):
            for policy in policies:
                known = self.batched.setdefault(policy.policy_no, [])
                if policy not in known:
                    known.append(policy)

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
            self.versions.setdefault(policy.policy_no, []).append(policy)

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

    def unkept(self, policies: Sequence[Policy]) -> set[str]:
        with self.call("archive.unkept"):
            return {policy.policy_no for policy in policies if not self._holds(policy)}

    def close_day(self, day: date, segment: int, segments: int) -> tuple[str, ...]:
        twice: list[str] = []
        with self.call("archive.close_day"):
            for number, policies in sorted(self.batched.items()):
                part = crockford.decode(number[2])
                if part % segments != segment or policies[0].issued_at.date() != day:
                    continue
                if (day, part) not in self.closed:
                    self.indexed[number] = policies[0]
                if len(policies) > 1:
                    twice.append(number)
            self.closed |= {(day, part) for part in range(segment, 32, segments)}
        return tuple(twice)

    def list_numbers(
        self, person_id: str, *, below: int | None = None, since: int = 0, limit: int = PAGE
    ) -> list[str]:
        with self.call("archive.list_numbers"):
            known = {*self.versions, *self.indexed}
            mine = [number for number in known if locate(number)[0] == person_id]
            wanted = [
                no
                for no in mine
                if since <= place_in_time(no) and (below is None or place_in_time(no) < below)
            ]
            return sorted(wanted, key=place_in_time, reverse=True)[:limit]

    def all(self) -> dict[str, Policy]:
        """What is archived, whether the index shows it yet or not."""
        batched = {number: policies[0] for number, policies in self.batched.items()}
        return batched | {number: versions[-1] for number, versions in self.versions.items()}

    def _holds(self, policy: Policy) -> bool:
        known = self._archived(policy.policy_no)
        is_shown = known is not None and known.policy == policy and policy.policy_no not in self.damaged
        is_batched = policy.status is PolicyStatus.ISSUED and policy in self.batched.get(policy.policy_no, ())
        return is_shown or is_batched

    def _archived(self, policy_no: str) -> Archived | None:
        number = policy_no.strip().upper()
        if number in self.versions:
            return Archived(self.versions[number][-1], str(len(self.versions[number])))
        return Archived(self.indexed[number], "0") if number in self.indexed else None


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
