"""Check-ins, policies and what follows from them in memory.

Each passes the contract suite of `tests/functional/cover`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from daycover.china_time import china_day
from daycover.cover.application import ApplicationDocument
from daycover.cover.check_in import (
    CheckIn,
    CheckInExistsError,
    CheckInNotFoundError,
    CheckInStatus,
    Context,
)
from daycover.cover.evidence import Trace
from daycover.cover.occupation_referral import LISTED, OccupationReferral
from daycover.cover.policy import (
    Chain,
    Policy,
    PolicyExistsError,
    PolicyNotFoundError,
    PolicyStatus,
    Stop,
    locate,
)
from daycover.cover.presence import Visit
from daycover.cover.referral import MOST_DOCUMENTS, Referral, ReferralNotFoundError
from daycover.cover.referral_file import ReferralLook
from daycover.cover.roster import CoverLine, LinePage
from daycover.cover.signals import PAGE as FLAGGED_PAGE
from daycover.cover.signals import Flagged, FlaggedPage, Via
from daycover.cover.site_offer import Spot
from daycover.errors import ConcurrentChangeError
from daycover.identity.attempt import Attempt
from daycover.projects.place import Point
from tests.support.fakes.identity import FakeConsents, FakeWorkers
from tests.support.fakes.port import FakePort, Steps

NEAR_TTL = timedelta(hours=1)


class FakeCheckIns(FakePort):
    """Implements `cover.check_in.CheckIns`."""

    def __init__(self, workers: FakeWorkers, consents: FakeConsents, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._workers = workers
        self._consents = consents
        self._check_ins: dict[tuple[str, str], CheckIn] = {}

    def context(self, worker_id: str, project_id: str, plan_key: str) -> Context:
        with self.call("check_ins.context"):
            worker = self._workers._workers[worker_id]
            return Context(worker, self._consents.of(worker_id, project_id, plan_key))

    def add(self, check_in: CheckIn) -> None:
        with self.call("check_ins.add"):
            key = (check_in.worker_id, check_in.check_in_id)
            if key in self._check_ins:
                raise CheckInExistsError
            self._check_ins[key] = check_in

    def ask_again(self, check_in: CheckIn, before: CheckIn) -> None:
        with self.call("check_ins.ask_again"):
            key = (check_in.worker_id, check_in.check_in_id)
            stands = self._check_ins.get(key)
            if stands is None or stands.status is not CheckInStatus.STARTED:
                raise CheckInExistsError
            if (stands.asks, stands.pre_order) != (before.asks, before.pre_order):
                raise CheckInExistsError
            self._check_ins[key] = check_in

    def unanswered(self, check_in: CheckIn) -> None:
        with self.call("check_ins.unanswered"):
            every = set(CheckInStatus)
            self._move(check_in, every, "pre_order", "may_be_known", asks=check_in.asks)

    def pre_ordered(self, check_in: CheckIn) -> None:
        with self.call("check_ins.pre_ordered"):
            members = ("status", "pre_order", "token", "token_ends_at")
            self._move(check_in, {CheckInStatus.STARTED}, *members, asks=check_in.asks)

    def get(self, worker_id: str, check_in_id: str) -> CheckIn:
        with self.call("check_ins.get"):
            if (worker_id, check_in_id) not in self._check_ins:
                raise CheckInNotFoundError
            return self._check_ins[worker_id, check_in_id]

    def of_day(self, worker_id: str, day: str) -> list[CheckIn]:
        with self.call("check_ins.of_day"):
            mine = [key for key in self._check_ins if key[0] == worker_id and key[1].startswith(f"{day}-")]
            return [self._check_ins[key] for key in sorted(mine)]

    def attempts_of_day(self, worker_id: str, day: str) -> list[Attempt]:
        names = set(Attempt.model_fields) - {"token"}
        return [Attempt.model_validate(c.model_dump(include=names)) for c in self.of_day(worker_id, day)]

    def delete_before(self, worker_id: str, day: str, *, issued: bool) -> int:
        with self.call("check_ins.delete_before"):
            old = [
                key
                for key, check_in in self._check_ins.items()
                if key[0] == worker_id and key[1] < day and (issued or check_in.policy_no is None)
            ]
            for key in old:
                del self._check_ins[key]
            return len(old)

    def settle(self, check_in: CheckIn) -> CheckIn:
        with self.call("check_ins.settle"):
            open_ones = {CheckInStatus.STARTED, CheckInStatus.PRE_ORDERED}
            settled = check_in.model_copy(update={"token": None})
            self._move(settled, open_ones, "status", "policy_no", "failed_reason", "token")
            return self._check_ins.get((check_in.worker_id, check_in.check_in_id), check_in)

    def all(self) -> list[CheckIn]:
        return list(self._check_ins.values())

    def trail(self, worker_id: str, limit: int) -> list[tuple[Trace, str]]:
        with self.call("check_ins.trail"):
            mine = sorted((key for key in self._check_ins if key[0] == worker_id), reverse=True)[:limit]
            found = [self._check_ins[key] for key in mine]
            return [
                (
                    Trace(
                        id=f"{worker_id}/{check_in.check_in_id}",
                        worker_id=worker_id,
                        at=check_in.at,
                        device_id=check_in.device.id,
                    ),
                    check_in.project_id,
                )
                for check_in in found
            ]

    def weigh(self, check_in: CheckIn) -> None:
        with self.call("check_ins.weigh"):
            key = (check_in.worker_id, check_in.check_in_id)
            self._check_ins[key] = self._check_ins[key].model_copy(update={"signals": check_in.signals})

    def _move(
        self, check_in: CheckIn, may_come_from: set[CheckInStatus], *members: str, asks: int | None = None
    ) -> None:
        key = (check_in.worker_id, check_in.check_in_id)
        stored = self._check_ins.get(key)
        if stored is not None and stored.status in may_come_from and asks in {None, stored.asks}:
            changes = {member: getattr(check_in, member) for member in members}
            self._check_ins[key] = stored.model_copy(update=changes)


class FakeSightings(FakePort):
    """Implements `cover.signals.Sightings`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._seen: dict[tuple[Via, str], dict[str, Trace]] = {}

    def record(self, via: Via, id_: str, trace: Trace) -> None:
        with self.call("sightings.record"):
            workers = self._seen.setdefault((via, id_), {})
            known = workers.get(trace.worker_id)
            if known is None or known.at < trace.at:
                workers[trace.worker_id] = Trace(id=trace.id, worker_id=trace.worker_id, at=trace.at)

    def of(self, via: Via, id_: str) -> list[Trace]:
        with self.call("sightings.of"):
            return [trace for _, trace in sorted(self._seen.get((via, id_), {}).items())]


class FakeFlaggedCheckIns(FakePort):
    """Implements `cover.signals.FlaggedCheckIns`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._lines: dict[tuple[str, str, str], Flagged] = {}

    def put(self, line: Flagged) -> None:
        with self.call("flagged.put"):
            key = (line.project_id, line.check_in_id, line.worker_id)
            known = self._lines.get(key)
            if known is None or known.score <= line.score:
                self._lines[key] = line

    def list_of(self, project_id: str, token: str | None) -> FlaggedPage:
        with self.call("flagged.list_of"):
            mine = sorted((key for key in self._lines if key[0] == project_id), reverse=True)
            start = int(token or 0)
            page = [self._lines[key] for key in mine[start : start + FLAGGED_PAGE]]
            more = start + FLAGGED_PAGE < len(mine)
            return FlaggedPage(page, str(start + FLAGGED_PAGE) if more else None)


class FakeVisits(FakePort):
    """Implements `cover.presence.Visits`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._visits: dict[tuple[str, date, str], Visit] = {}

    def record(self, visit: Visit) -> None:
        with self.call("visits.record"):
            key = (visit.project_id, visit.day, visit.worker_id)
            known = self._visits.get(key)
            if known is None:
                self._visits[key] = visit
            elif known.seen_at <= visit.seen_at:
                stays = ("insured_name", "name", "phone", "consented")
                told = {what: getattr(visit, what) or getattr(known, what) for what in stays}
                self._visits[key] = visit.model_copy(update=told)

    def forget(self, project_id: str, worker_id: str, until: datetime) -> None:
        with self.call("visits.forget"):
            for day in {china_day(until), china_day(until - timedelta(hours=1))}:
                known = self._visits.get((project_id, day, worker_id))
                if known is not None and known.seen_at <= until:
                    del self._visits[project_id, day, worker_id]

    def unname(self, worker_id: str, project_ids: Iterable[str], today: date) -> None:
        with self.call("visits.unname"):
            gone = {"insured_name": None, "name": None, "phone": None, "consented": False}
            for key, visit in self._visits.items():
                if key[0] in project_ids and key[2] == worker_id and key[1] <= today:
                    self._visits[key] = visit.model_copy(update=gone)

    def of_project(
        self, project_id: str, days: Iterable[date], limit: int | None = None, *, in_clear: bool = False
    ) -> list[Visit]:
        sealed = {} if in_clear else {"name": None, "phone": None}
        with self.call("visits.of_project"):
            return [
                visit.model_copy(update=sealed)
                for day in days
                for visit in [
                    visit for key, visit in sorted(self._visits.items()) if key[:2] == (project_id, day)
                ][:limit]
            ]


class FakeRefusedPlaces(FakePort):
    """Implements `cover.site_offer.RefusedPlaces`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._spots: dict[tuple[str, date], dict[Point, int]] = {}
        self._counted: set[tuple[str, date, str]] = set()

    def count(self, project_id: str, day: date, worker_id: str, spot: Point) -> None:
        with self.call("refused.count"):
            if (project_id, day, worker_id) in self._counted:
                return
            self._counted.add((project_id, day, worker_id))
            spots = self._spots.setdefault((project_id, day), {})
            spots[spot] = spots.get(spot, 0) + 1

    def spots(self, project_id: str, day: date) -> list[Spot]:
        with self.call("refused.spots"):
            return [Spot(*spot, workers) for spot, workers in self._spots.get((project_id, day), {}).items()]


class FakePolicies(FakePort):
    """Implements `cover.policy.Policies`. `forget` is what TTL does, in no particular order."""

    def __init__(self, *policies: Policy, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._places = {(policy.person_id, policy.sequence): policy for policy in policies}
        self.returned: dict[str, Policy] = {}
        """Put back beside the chain, by number."""
        self._stops: dict[tuple[str, int], Stop] = {}

    def chain(self, person_id: str, now: datetime) -> Chain:
        with self.call("policies.chain"):
            stops = [stop for stop in self._stops.values() if stop.person_id == person_id]
            return Chain(self._of(person_id), sorted(stops, key=lambda stop: stop.sequence, reverse=True))

    def recent(self, person_id: str, now: datetime) -> list[Policy]:
        with self.call("policies.recent"):
            return self._of(person_id)

    def add(self, policy: Policy, latest: Policy | Stop | None, neighbour: Policy | None = None) -> None:
        with self.call("policies.add"):
            self._check_next(policy, policy.issued_at, latest)
            if neighbour is not None:
                stands = self._places.get((neighbour.person_id, neighbour.sequence))
                if stands is None or (stands.policy_no, stands.status) != (
                    neighbour.policy_no,
                    PolicyStatus.ISSUED,
                ):
                    raise PolicyExistsError
            self._places[policy.person_id, policy.sequence] = policy

    def stop(self, stop: Stop, latest: Policy | Stop | None) -> None:
        with self.call("policies.stop"):
            self._check_next(stop, stop.at, latest)
            self._stops[stop.person_id, stop.sequence] = stop

    def _check_next(self, place: Policy | Stop, at: datetime, latest: Policy | Stop | None) -> None:
        where = (place.person_id, place.sequence)
        if where in self._places or where in self._stops:
            raise PolicyExistsError
        if latest is None or latest.forgotten_at - at >= NEAR_TTL:
            return
        stands: Policy | Stop | None
        before = (latest.person_id, latest.sequence)
        stands = self._places.get(before) or self._stops.get(before)
        told = (stands.policy_no,) if isinstance(stands, Policy) else stands
        expected = (latest.policy_no,) if isinstance(latest, Policy) else latest
        if told != expected:
            raise PolicyExistsError

    def end(self, policy: Policy) -> None:
        with self.call("policies.end"):
            stands = self._places.get((policy.person_id, policy.sequence))
            if (
                stands is None
                or stands.policy_no != policy.policy_no
                or stands.status is not PolicyStatus.ISSUED
            ):
                raise ConcurrentChangeError
            changes = {"status": policy.status, "ended": policy.ended}
            self._places[policy.person_id, policy.sequence] = stands.model_copy(update=changes)

    def put_back(self, policy: Policy) -> None:
        with self.call("policies.put_back"):
            if policy.policy_no in self.returned:
                raise ConcurrentChangeError
            self.returned[policy.policy_no] = policy

    def get(self, policy_no: str) -> Policy:
        with self.call("policies.get"):
            number = policy_no.strip().upper()
            for policy in (self._places.get(locate(policy_no)), self.returned.get(number)):
                if policy is not None and policy.policy_no == number:
                    return policy
            raise PolicyNotFoundError

    def list_of(self, person_id: str) -> list[Policy]:
        with self.call("policies.list_of"):
            return self._of(person_id)

    def issued_between(
        self, segment: int, segments: int, since: datetime, until: datetime, token: str | None
    ) -> tuple[list[Policy], str | None]:
        """Three places a page; a place belongs to the segment that its sequence leads to."""
        with self.call("policies.issued_between"):
            every = sorted([*self._places.values(), *self.returned.values()], key=_place)
            places = [policy for policy in every if policy.sequence % segments == segment]
            start = int(token or 0)
            page = places[start : start + 3]
            wanted = [
                policy
                for policy in page
                if policy.issued_at < until
                and (policy.issued_at >= since or policy.status is not PolicyStatus.ISSUED)
            ]
            return wanted, str(start + 3) if start + 3 < len(places) else None

    def forget(self, place: Policy | Stop) -> None:
        self._places.pop((place.person_id, place.sequence), None)
        self._stops.pop((place.person_id, place.sequence), None)

    def all(self) -> list[Policy]:
        return list(self._places.values())

    def _of(self, person_id: str) -> list[Policy]:
        mine = [policy for policy in self._places.values() if policy.person_id == person_id]
        return sorted(mine, key=lambda policy: policy.sequence, reverse=True)


def _place(policy: Policy) -> tuple[str, int]:
    return policy.person_id, policy.sequence


class FakeReferralLooks(FakePort):
    """Implements `cover.referral_file.ReferralLooks`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._looks: dict[tuple[str, str, str, str | None], ReferralLook] = {}

    def add(self, look: ReferralLook) -> None:
        with self.call("referral_looks.add"):
            self._looks.setdefault((look.referral_id, look.request_id, look.what, look.document_id), look)

    def list_of(self, referral_id: str) -> list[ReferralLook]:
        with self.call("referral_looks.list_of"):
            found = [look for look in self._looks.values() if look.referral_id == referral_id]
            return sorted(found, key=lambda look: look.at, reverse=True)


class FakeReferrals(FakePort):
    """Implements `cover.referral.Referrals`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._referrals: dict[str, Referral] = {}
        self._queue: list[str] = []

    def add(self, referral: Referral) -> None:
        with self.call("referrals.add"):
            assert referral.referral_id not in self._referrals
            self._referrals[referral.referral_id] = referral

    def get(self, referral_id: str) -> Referral:
        with self.call("referrals.get"):
            if referral_id not in self._referrals:
                raise ReferralNotFoundError
            return self._referrals[referral_id]

    def of_worker(self, worker_id: str) -> list[Referral]:
        with self.call("referrals.of_worker"):
            return [r for r in reversed(self._referrals.values()) if r.worker_id == worker_id]

    def list_before(self, worker_id: str, day: date, *, issued: bool) -> list[Referral]:
        with self.call("referrals.list_before"):
            return [
                r
                for r in self._referrals.values()
                if r.worker_id == worker_id and china_day(r.at) < day and (issued or r.policy_no is None)
            ]

    def delete(self, referral: Referral) -> None:
        with self.call("referrals.delete"):
            self._referrals.pop(referral.referral_id, None)
            self._queue = [number for number in self._queue if number != referral.referral_id]

    def add_document(self, referral_id: str, document: ApplicationDocument) -> None:
        with self.call("referrals.add_document"):
            if len(self._referrals[referral_id].documents) >= MOST_DOCUMENTS:
                raise ConcurrentChangeError
            self._set_document(referral_id, document)

    def receive_document(self, referral_id: str, document: ApplicationDocument) -> None:
        with self.call("referrals.receive_document"):
            known = self._referrals[referral_id].documents
            if all(other.document_id != document.document_id for other in known):
                raise ConcurrentChangeError
            self._set_document(referral_id, document)

    def _set_document(self, referral_id: str, document: ApplicationDocument) -> None:
        referral = self._referrals[referral_id]
        if referral.decided is not None:
            raise ConcurrentChangeError
        documents = {known.document_id: known for known in referral.documents}
        documents[document.document_id] = document
        changes = {"documents": tuple(documents.values())}
        self._referrals[referral_id] = referral.model_copy(update=changes)

    def of_project(self, project_id: str) -> list[Referral]:
        with self.call("referrals.of_project"):
            return [r for r in reversed(self._referrals.values()) if r.project_id == project_id]

    def open_of(self, project_id: str, since: datetime) -> list[Referral]:
        with self.call("referrals.open_of"):
            mine = [r for r in reversed(self._referrals.values()) if r.project_id == project_id]
            return [r for r in mine if r.at >= since]

    def waiting(self, since: datetime) -> list[Referral]:
        with self.call("referrals.waiting"):
            found = [self._referrals[number] for number in self._queue]
            older = [r for r in found if r.at < since]
            return [*older[-LISTED:], *(r for r in found if r.at >= since)]

    def confirm(self, referral: Referral) -> None:
        with self.call("referrals.confirm"):
            stands = self._referrals[referral.referral_id]
            if stands.confirmed is not None or stands.decided is not None:
                raise ConcurrentChangeError
            self._referrals[referral.referral_id] = referral
            self._queue.append(referral.referral_id)

    def decide(self, referral: Referral) -> None:
        with self.call("referrals.decide"):
            if self._referrals[referral.referral_id].decided is not None:
                raise ConcurrentChangeError
            self._referrals[referral.referral_id] = referral
            if referral.decided is not None and not referral.decided.approved:
                self._queue = [number for number in self._queue if number != referral.referral_id]

    def issued(self, referral: Referral) -> None:
        with self.call("referrals.issued"):
            self._change(referral, policy_no=referral.policy_no, not_issued_for=None)
            if referral.referral_id in self._queue:
                self._queue.remove(referral.referral_id)

    def not_issued(self, referral: Referral) -> None:
        with self.call("referrals.not_issued"):
            if self._referrals[referral.referral_id].policy_no is None:
                self._change(referral, not_issued_for=referral.not_issued_for)

    def _change(self, referral: Referral, **changes: str | None) -> None:
        stands = self._referrals[referral.referral_id]
        self._referrals[referral.referral_id] = stands.model_copy(update=changes)


class FakeOccupationReferrals(FakePort):
    """Implements `cover.occupation_referral.OccupationReferrals`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._referrals: dict[tuple[str, str], OccupationReferral] = {}

    def add(self, referral: OccupationReferral) -> None:
        with self.call("occupation_referrals.add"):
            key = (referral.company_id, referral.referral_id)
            if key in self._referrals:
                raise ConcurrentChangeError
            self._referrals[key] = referral

    def find(self, company_id: str, referral_id: str) -> OccupationReferral | None:
        with self.call("occupation_referrals.find"):
            return self._referrals.get((company_id, referral_id))

    def latest(self, company_id: str, work_id: str) -> OccupationReferral | None:
        with self.call("occupation_referrals.latest"):
            mine = [key for key in self._referrals if key[0] == company_id and key[1].startswith(work_id)]
            return self._referrals[max(mine)] if mine else None

    def of_company(self, company_id: str) -> list[OccupationReferral]:
        with self.call("occupation_referrals.of_company"):
            mine = [r for r in self._referrals.values() if r.company_id == company_id]
            return sorted(mine, key=lambda r: (r.asked_at, r.referral_id), reverse=True)

    def waiting(self) -> list[OccupationReferral]:
        with self.call("occupation_referrals.waiting"):
            open_ones = [r for r in self._referrals.values() if r.answer is None]
            return sorted(open_ones, key=lambda r: (r.due_at, r.company_id, r.referral_id))[:LISTED]

    def answer(self, referral: OccupationReferral) -> None:
        with self.call("occupation_referrals.answer"):
            key = (referral.company_id, referral.referral_id)
            if key not in self._referrals or self._referrals[key].answer is not None:
                raise ConcurrentChangeError
            self._referrals[key] = referral


class FakeCoverLines(FakePort):
    """Implements `cover.roster.CoverLines`."""

    def __init__(self, *lines: CoverLine, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._lines = {line.policy_no: line for line in lines}

    def record(self, line: CoverLine) -> bool:
        with self.call("lines.record"):
            stands = self._lines.get(line.policy_no)
            if stands is not None and PolicyStatus.ISSUED is not stands.status:
                return False
            if stands is not None and PolicyStatus.ISSUED is line.status:
                return False
            self._lines[line.policy_no] = line
            return True

    def of_project(self, company_id: str, project_id: str, days: Iterable[date]) -> list[CoverLine]:
        wanted = set(days)
        with self.call("lines.of_project"):
            return [
                line
                for line in self._sorted()
                if (line.company_id, line.project_id) == (company_id, project_id) and line.day in wanted
            ]

    def page(
        self, company_id: str, project_id: str, days: Sequence[date], limit: int, token: str | None
    ) -> LinePage:
        with self.call("lines.page"):
            lines = [
                line
                for day in days
                for line in self._sorted()
                if (line.company_id, line.project_id, line.day) == (company_id, project_id, day)
            ]
            start = int(token or 0)
            more = start + limit < len(lines)
            return LinePage(lines[start : start + limit], str(start + limit) if more else None)

    def counts(self, company_id: str, project_id: str, days: Iterable[date]) -> dict[datetime, int]:
        wanted = set(days)
        with self.call("lines.counts"):
            return dict(
                Counter(
                    line.period.start.replace(second=0, microsecond=0)
                    for line in self._lines.values()
                    if (line.company_id, line.project_id) == (company_id, project_id)
                    and line.day in wanted
                    and line.status is PolicyStatus.ISSUED
                )
            )

    def of_day(self, company_id: str, day: date) -> Iterable[CoverLine]:
        with self.call("lines.of_day"):
            return [line for line in self._sorted() if (line.company_id, line.day) == (company_id, day)]

    def _sorted(self) -> list[CoverLine]:
        return sorted(self._lines.values(), key=lambda line: (line.project_id, line.policy_no))

    def missing(self, lines: Sequence[CoverLine]) -> list[CoverLine]:
        with self.call("lines.missing"):
            stored = {number: line.status for number, line in self._lines.items()}
            endings = set(PolicyStatus) - {PolicyStatus.ISSUED}
            return [line for line in lines if stored.get(line.policy_no) not in {line.status, *endings}]


class FakeReminders(FakePort):
    """Implements `cover.check_in.Reminders`; `due` holds what was asked for."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.due: list[tuple[str, str, int]] = []

    def ask_later(self, worker_id: str, check_in_id: str, attempt: int) -> None:
        with self.call("reminders.ask_later"):
            self.due.append((worker_id, check_in_id, attempt))


class FakeEndedPolicies(FakePort):
    """Implements `cover.ended.EndedPolicies`; `told` holds the numbers, as often as they came."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.told: list[str] = []

    def tell(self, policy_no: str) -> None:
        with self.call("ended_policies.tell"):
            self.told.append(policy_no)


class FakePolicyReader(FakePort):
    """Implements `cover.policy.KeptPolicies`."""

    def __init__(self, *policies: Policy, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._policies = {policy.policy_no: policy for policy in policies}

    def put(self, policy: Policy) -> None:
        """Let a policy stand as this one says."""
        self._policies[policy.policy_no] = policy

    def get(self, policy_no: str) -> Policy:
        with self.call("policies.get"):
            if policy_no not in self._policies:
                raise PolicyNotFoundError
            return self._policies[policy_no]

    def list_of(self, person_id: str, before: str | None = None) -> list[Policy]:
        with self.call("policies.list_of"):
            return [policy for policy in self._policies.values() if policy.person_id == person_id]

    def covering(self, person_id: str, instant: datetime) -> list[Policy]:
        with self.call("policies.covering"):
            mine = [policy for policy in self._policies.values() if policy.person_id == person_id]
            return [policy for policy in mine if policy.period.covers(instant)]
