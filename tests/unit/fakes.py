"""The world in memory: small real implementations of the ports of projects, identity, cover and books.

Each passes the contract suite of `tests/functional/cover`. Every call first passes `Steps`, where a test
can let another actor go on (interleavings) or cut the caller off (crashes).
"""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from daycover import crockford
from daycover.cover.archive import PAGE, Archived, ArchiveDamagedError
from daycover.cover.check_in import (
    CheckIn,
    CheckInExistsError,
    CheckInNotFoundError,
    CheckInStatus,
    Context,
)
from daycover.cover.evidence import Trace
from daycover.cover.policy import (
    Policy,
    PolicyExistsError,
    PolicyNotFoundError,
    PolicyStatus,
    locate,
    place_in_time,
)
from daycover.cover.presence import Visit
from daycover.cover.referral import Referral, ReferralNotFoundError
from daycover.cover.roster import CoverLine
from daycover.cover.signals import PAGE as FLAGGED_PAGE
from daycover.cover.signals import Flagged, FlaggedPage, Via
from daycover.cover.sweep import Sweep
from daycover.errors import ConcurrentChangeError
from daycover.identity.consent import Consent, ConsentAct, ConsentEntry, ConsentKind
from daycover.identity.work_card import (
    PRE_ORDER_SECONDS,
    Authentication,
    AuthenticationState,
    PreOrder,
    PreOrderToken,
    WorkCardRefusedError,
)
from daycover.identity.worker import Identity, Worker
from daycover.projects.company import Authorisation, Company, CompanyNotAuthorisedError, ProviderClient
from daycover.projects.project import Project, ProjectNotFoundError

NEAR_TTL = timedelta(hours=1)


class Crash(BaseException):
    """The process ends here; no `except Exception` may live on."""


class Steps:
    """Counts the calls to the outside and lets a test intervene before or after any of them."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.before: Callable[[str], None] = lambda name: None
        self.after: Callable[[str], None] = lambda name: None

    def crash_at(self, index: int, *, applied: bool) -> None:
        """Cut the caller off at call number `index`, before it takes effect or, if `applied`, after."""

        def strike(_: str) -> None:
            if len(self.calls) - 1 == index:
                raise Crash

        self.before, self.after = (lambda name: None, strike) if applied else (strike, lambda name: None)

    def calm(self) -> None:
        self.before = self.after = lambda name: None
        self.calls.clear()


class _Step:
    """`with` block of one call: the steps around it, the store's atomicity inside."""

    def __init__(self, port: "FakePort", name: str) -> None:
        self._port = port
        self._name = name

    def __enter__(self) -> None:
        self._port.steps.calls.append(self._name)
        self._port.steps.before(self._name)
        self._port.lock.acquire()

    def __exit__(self, kind: object, *_: object) -> None:
        self._port.lock.release()
        if kind is None:
            self._port.steps.after(self._name)


class FakePort:
    def __init__(self, steps: Steps | None = None) -> None:
        self.steps = steps or Steps()
        self.lock = threading.RLock()

    def call(self, name: str) -> _Step:
        return _Step(self, name)


class FakeProjects(FakePort):
    """Implements `projects.project.Projects`."""

    def __init__(self, *projects: Project, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._projects = {project.project_id: project for project in projects}

    def get(self, project_id: str, *, strong: bool = False) -> Project:
        with self.call("projects.get"):
            if project_id not in self._projects:
                raise ProjectNotFoundError
            return self._projects[project_id]

    def add(self, project: Project) -> None:
        with self.call("projects.add"):
            if project.project_id in self._projects:
                raise ConcurrentChangeError
            self._projects[project.project_id] = project

    def save(self, project: Project) -> None:
        with self.call("projects.save"):
            stored = self._projects.get(project.project_id)
            if stored is None or stored.version != project.version - 1:
                raise ConcurrentChangeError
            self._projects[project.project_id] = project

    def set_credit_block(self, project_id: str, *, blocked: bool) -> None:
        with self.call("projects.set_credit_block"):
            stored = self._projects[project_id]
            changes = {"credit_blocked": blocked, "version": stored.version + 1}
            self._projects[project_id] = stored.model_copy(update=changes)

    def list_of(self, company_id: str) -> list[Project]:
        with self.call("projects.list_of"):
            mine = [project for project in self._projects.values() if project.company_id == company_id]
            return sorted(mine, key=lambda project: project.project_id)


class FakeCompanies(FakePort):
    """Implements `projects.company.Companies`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._companies: dict[str, Company] = {}
        self._clients: dict[str, ProviderClient] = {}
        self._authorisations: dict[tuple[str, str], Authorisation] = {}

    def get(self, company_id: str) -> Company:
        with self.call("companies.get"):
            if company_id not in self._companies:
                raise CompanyNotAuthorisedError
            return self._companies[company_id]

    def add(self, company: Company) -> None:
        with self.call("companies.add"):
            if company.company_id in self._companies:
                raise ConcurrentChangeError
            self._companies[company.company_id] = company

    def find_client(self, provider_id: str) -> ProviderClient | None:
        with self.call("companies.find_client"):
            return self._clients.get(provider_id)

    def register_client(self, client: ProviderClient) -> None:
        with self.call("companies.register_client"):
            self._clients[client.provider_id] = client

    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None:
        with self.call("companies.find_authorisation"):
            return self._authorisations.get((provider_id, company_id))

    def authorise(self, authorisation: Authorisation) -> None:
        with self.call("companies.authorise"):
            self._authorisations[authorisation.provider_id, authorisation.company_id] = authorisation

    def set_credit_limit(self, company_id: str, limit_fen: int | None) -> None:
        with self.call("companies.set_credit_limit"):
            changed = self._companies[company_id].model_copy(update={"credit_limit_fen": limit_fen})
            self._companies[company_id] = changed

    def set_credit_block(self, company_id: str, *, blocked: bool) -> None:
        with self.call("companies.set_credit_block"):
            changed = self._companies[company_id].model_copy(update={"credit_blocked": blocked})
            self._companies[company_id] = changed

    def list_page(self, token: str | None, limit: int) -> tuple[list[str], str | None]:
        with self.call("companies.list_page"):
            later = [company_id for company_id in sorted(self._companies) if company_id > (token or "")]
            return later[:limit], later[limit - 1] if len(later) > limit else None

    def list_all(self) -> list[str]:
        with self.call("companies.list_all"):
            return sorted(self._companies)


class FakeWorkers(FakePort):
    """Implements `identity.worker.Workers`."""

    def __init__(self, *workers: Worker, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._workers = {worker.worker_id: worker for worker in workers}

    def get(self, worker_id: str) -> Worker:
        with self.call("workers.get"):
            return self._workers[worker_id]

    def find(self, worker_id: str) -> Worker | None:
        with self.call("workers.find"):
            return self._workers.get(worker_id)

    def add(self, worker: Worker) -> None:
        with self.call("workers.add"):
            self._workers.setdefault(worker.worker_id, worker)

    def bind(self, worker_id: str, identity: Identity) -> None:
        with self.call("workers.bind"):
            worker = self._workers[worker_id]
            if worker.person_id is None:
                self._workers[worker_id] = worker.model_copy(update=dict(identity))

    def lock_data(self, worker_id: str, at: datetime | None) -> None:
        with self.call("workers.lock_data"):
            worker = self._workers[worker_id]
            locked = None if at is None else worker.locked_at or at
            self._workers[worker_id] = worker.model_copy(update={"locked_at": locked})

    def forget_identity(self, worker_id: str) -> None:
        with self.call("workers.forget_identity"):
            gone = dict.fromkeys(("person_id", "name", "id_number", "locked_at"))
            self._workers[worker_id] = self._workers[worker_id].model_copy(update=gone)


class FakeErasures(FakePort):
    """Implements `cover.erase.Erasures`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._waiting: set[tuple[date, str]] = set()

    def schedule(self, worker_id: str, due: date) -> None:
        with self.call("erasures.schedule"):
            self._waiting.add((due, worker_id))

    def due(self, day: date) -> list[tuple[date, str]]:
        with self.call("erasures.due"):
            return sorted(entry for entry in self._waiting if entry[0] <= day)

    def done(self, worker_id: str, due: date) -> None:
        with self.call("erasures.done"):
            self._waiting.discard((due, worker_id))


class FakeConsents(FakePort):
    """Implements `identity.consent.Consents`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._consents: dict[tuple[str, str, str], dict[str, Consent]] = {}
        self._history: list[tuple[str, ConsentEntry]] = []

    def add(self, worker_id: str, project_id: str, plan: str, consents: Sequence[Consent]) -> None:
        with self.call("consents.add"):
            mine = self._consents.setdefault((worker_id, project_id, plan), {})
            for consent in consents:
                earlier = mine.get(consent.kind)
                if earlier is None or earlier.sha256 != consent.sha256:
                    mine[consent.kind] = consent
                    line = (ConsentAct.GIVEN, consent.accepted_at)
                    self._history.append((worker_id, _entry(project_id, plan, consent, *line)))

    def withdraw(
        self, worker_id: str, project_id: str, kinds: Collection[ConsentKind], now: datetime
    ) -> list[ConsentEntry]:
        with self.call("consents.withdraw"):
            withdrawn = [
                _entry(project_id, plan, mine.pop(kind), ConsentAct.WITHDRAWN, now)
                for (worker, project, plan), mine in sorted(self._consents.items(), key=lambda pair: pair[0])
                for kind in sorted(set(mine) & set(kinds))
                if (worker, project) == (worker_id, project_id)
            ]
            self._history += [(worker_id, entry) for entry in withdrawn]
            return withdrawn

    def delete_all(self, worker_id: str) -> int:
        with self.call("consents.delete_all"):
            places = {(e.project_id, e.plan, e.kind) for worker, e in self._history if worker == worker_id}
            self._history = [entry for entry in self._history if entry[0] != worker_id]
            self._consents = {key: mine for key, mine in self._consents.items() if key[0] != worker_id}
            return len(places)

    def projects_of(self, worker_id: str) -> set[str]:
        with self.call("consents.projects_of"):
            return {entry.project_id for worker, entry in self._history if worker == worker_id}

    def history(self, worker_id: str, token: str | None = None) -> tuple[list[ConsentEntry], str | None]:
        with self.call("consents.history"):
            mine = [entry for worker, entry in self._history if worker == worker_id]
            return sorted(mine, key=lambda entry: (entry.project_id, entry.plan, entry.kind)), None

    def of(self, worker_id: str, project_id: str, plan: str) -> list[Consent]:
        return list(self._consents.get((worker_id, project_id, plan), {}).values())


def _entry(project_id: str, plan: str, consent: Consent, act: ConsentAct, at: datetime) -> ConsentEntry:
    return ConsentEntry(
        project_id=project_id,
        plan=plan,
        kind=consent.kind,
        act=act,
        at=at,
        version=consent.version,
        sha256=consent.sha256,
    )


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

    def latest(self, worker_id: str, day: str) -> CheckIn | None:
        with self.call("check_ins.latest"):
            mine = [key for key in self._check_ins if key[0] == worker_id and key[1].startswith(f"{day}-")]
            return self._check_ins[max(mine)] if mine else None

    def add(self, check_in: CheckIn) -> None:
        with self.call("check_ins.add"):
            key = (check_in.worker_id, check_in.check_in_id)
            if key in self._check_ins:
                raise CheckInExistsError(self._check_ins[key])
            self._check_ins[key] = check_in

    def pre_ordered(self, check_in: CheckIn) -> None:
        with self.call("check_ins.pre_ordered"):
            self._move(check_in, {CheckInStatus.STARTED}, "status", "token", "token_ends_at")

    def get(self, worker_id: str, check_in_id: str) -> CheckIn:
        with self.call("check_ins.get"):
            if (worker_id, check_in_id) not in self._check_ins:
                raise CheckInNotFoundError
            return self._check_ins[worker_id, check_in_id]

    def of_day(self, worker_id: str, day: str) -> list[CheckIn]:
        with self.call("check_ins.of_day"):
            mine = [key for key in self._check_ins if key[0] == worker_id and key[1].startswith(f"{day}-")]
            return [self._check_ins[key] for key in sorted(mine)]

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
            self._move(check_in, open_ones, "status", "policy_no", "failed_reason")
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

    def _move(self, check_in: CheckIn, may_come_from: set[CheckInStatus], *members: str) -> None:
        key = (check_in.worker_id, check_in.check_in_id)
        stored = self._check_ins.get(key)
        if stored is not None and stored.status in may_come_from:
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
                name = visit.insured_name or known.insured_name
                self._visits[key] = visit.model_copy(update={"insured_name": name})

    def of_project(self, project_id: str, days: Iterable[date]) -> list[Visit]:
        wanted = set(days)
        with self.call("visits.of_project"):
            return [
                visit
                for key, visit in sorted(self._visits.items())
                if key[0] == project_id and key[1] in wanted
            ]


class FakePolicies(FakePort):
    """Implements `cover.policy.Policies`. `forget` is what TTL does, in no particular order."""

    def __init__(self, *policies: Policy, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._places = {(policy.person_id, policy.sequence): policy for policy in policies}

    def recent(self, person_id: str, now: datetime) -> list[Policy]:
        with self.call("policies.recent"):
            return self._of(person_id)

    def add(self, policy: Policy, latest: Policy | None) -> None:
        with self.call("policies.add"):
            if (policy.person_id, policy.sequence) in self._places:
                raise PolicyExistsError
            if latest is not None and latest.forgotten_at - policy.issued_at < NEAR_TTL:
                stands = self._places.get((latest.person_id, latest.sequence))
                if stands is None or stands.policy_no != latest.policy_no:
                    raise PolicyExistsError
            self._places[policy.person_id, policy.sequence] = policy

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

    def get(self, policy_no: str) -> Policy:
        with self.call("policies.get"):
            policy = self._places.get(locate(policy_no))
            if policy is None or policy.policy_no != policy_no.strip().upper():
                raise PolicyNotFoundError
            return policy

    def list_of(self, person_id: str) -> list[Policy]:
        with self.call("policies.list_of"):
            return self._of(person_id)

    def issued_between(
        self, segment: int, segments: int, since: datetime, until: datetime, token: str | None
    ) -> tuple[list[Policy], str | None]:
        """Three places a page; a place belongs to the segment that its sequence leads to."""
        with self.call("policies.issued_between"):
            places = [place for place in sorted(self._places) if place[1] % segments == segment]
            start = int(token or 0)
            page = [self._places[place] for place in places[start : start + 3]]
            wanted = [
                policy
                for policy in page
                if policy.issued_at < until
                and (policy.issued_at >= since or policy.status is not PolicyStatus.ISSUED)
            ]
            return wanted, str(start + 3) if start + 3 < len(places) else None

    def forget(self, policy: Policy) -> None:
        self._places.pop((policy.person_id, policy.sequence), None)

    def all(self) -> list[Policy]:
        return list(self._places.values())

    def _of(self, person_id: str) -> list[Policy]:
        mine = [policy for policy in self._places.values() if policy.person_id == person_id]
        return sorted(mine, key=lambda policy: policy.sequence, reverse=True)


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

    def of_project(self, project_id: str) -> list[Referral]:
        with self.call("referrals.of_project"):
            return [r for r in reversed(self._referrals.values()) if r.project_id == project_id]

    def waiting(self) -> list[Referral]:
        with self.call("referrals.waiting"):
            return [self._referrals[number] for number in self._queue]

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
                self._queue.remove(referral.referral_id)

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


class FakeReminders(FakePort):
    """Implements `cover.check_in.Reminders`; `due` holds what was asked for."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.due: list[tuple[str, str, int]] = []

    def ask_later(self, worker_id: str, check_in_id: str, attempt: int) -> None:
        with self.call("reminders.ask_later"):
            self.due.append((worker_id, check_in_id, attempt))


class FakeWorkCard(FakePort):
    """Implements `identity.work_card.WorkCard`; `show_face` is what the worker does in WeChat."""

    def __init__(self, now: Callable[[], datetime], steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._now = now
        self.orders: dict[str, PreOrder] = {}
        self._results: dict[str, Authentication] = {}
        self.refusal: Exception | None = None

    def pre_order(self, order: PreOrder) -> PreOrderToken:
        with self.call("work_card.pre_order"):
            if self.refusal is not None:
                raise self.refusal
            self.orders[order.authenticate_number] = order
            return PreOrderToken(order.authenticate_number, f"token-{len(self.orders)}", PRE_ORDER_SECONDS)

    def authentication(self, authenticate_number: str, sub_mchid: str) -> Authentication:
        with self.call("work_card.authentication"):
            if self.refusal is not None:
                raise self.refusal
            if authenticate_number in self._results:
                return self._results[authenticate_number]
            order = self.orders.get(authenticate_number)
            if order is None:
                raise WorkCardRefusedError(code="RESOURCE_NOT_EXISTS")
            return Authentication(authenticate_number, AuthenticationState.PROCESSING, order.openid)

    def show_face(self, authenticate_number: str, *, failed: str | None = None, openid: str = "") -> None:
        state = AuthenticationState.FAILED if failed else AuthenticationState.SUCCESS
        order = self.orders[authenticate_number]
        self._results[authenticate_number] = Authentication(
            authenticate_number, state, openid or order.openid, None if failed else self._now(), failed
        )


class FakeIndex:
    """Implements `identity.worker.PersonIndex` with a plain hash."""

    def person_id(self, id_number: str) -> str:
        return _hashed(id_number.upper())

    def worker_id(self, openid: str) -> str:
        return _hashed("openid:" + openid)

    def device_id(self, device: str) -> str:
        return _hashed("device:" + device)

    def account_id(self, account_no: str) -> str:
        return _hashed("account:" + account_no)


def _hashed(text: str) -> str:
    return crockford.encode(int.from_bytes(hashlib.sha256(text.encode()).digest()[:13], "big"), 20)


class Clock:
    """A clock that moves only when told."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **step: float) -> None:
        self.at += timedelta(**step)
