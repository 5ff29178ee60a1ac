"""Workers, consents and the work card in memory. The stores pass the contract suite of `tests/functional/cover`."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum

from daycover import crockford
from daycover.china_time import china_day
from daycover.errors import ConcurrentChangeError
from daycover.identity.attempt import PRE_ORDERS_PER_DAY
from daycover.identity.consent import Consent, ConsentAct, ConsentEntry, ConsentKind
from daycover.identity.work_card import (
    PRE_ORDER_SECONDS,
    Authentication,
    AuthenticationState,
    PreOrder,
    PreOrderToken,
    WorkCardLimitError,
    WorkCardRefusedError,
)
from daycover.identity.worker import Identity, PayeeChecks, Worker
from tests.support.builders import (
    PERSON,
    an_id_number,
)
from tests.support.fakes.port import FakePort, Steps


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

    def names_of(self, worker_ids: Iterable[str]) -> dict[str, str]:
        with self.call("workers.names_of"):
            asked = [self._workers[worker_id] for worker_id in worker_ids if worker_id in self._workers]
            return {
                one.worker_id: one.name for one in asked if one.name is not None and one.locked_at is None
            }

    def add(self, worker: Worker) -> None:
        with self.call("workers.add"):
            self._workers.setdefault(worker.worker_id, worker)

    def bind(self, worker_id: str, identity: Identity, asked_at: datetime) -> None:
        with self.call("workers.bind"):
            worker = self._workers[worker_id]
            if worker.person_id is None and not worker.is_erased_since(asked_at):
                self._workers[worker_id] = worker.model_copy(update=dict(identity))

    def lock_data(self, worker_id: str, at: datetime | None) -> None:
        with self.call("workers.lock_data"):
            worker = self._workers[worker_id]
            locked = None if at is None else worker.locked_at or at
            changes = {"locked_at": locked, "erased_at": at or worker.erased_at}
            self._workers[worker_id] = worker.model_copy(update=changes)

    def forget_identity(self, worker_id: str, erased_at: datetime) -> None:
        with self.call("workers.forget_identity"):
            worker = self._workers[worker_id]
            if worker.locked_at is None or worker.erased_at != erased_at:
                raise ConcurrentChangeError
            gone = dict.fromkeys((*Identity.model_fields, "locked_at", "payee_checks"))
            self._workers[worker_id] = worker.model_copy(update=gone)


class FakePayeeChecks(FakePort):
    """Implements `identity.worker.PayeeCheckNotes` on the workers of a `FakeWorkers`."""

    def __init__(self, workers: FakeWorkers, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._workers = workers

    def note(self, worker_id: str, day: str, number: str, reason: str) -> None:
        with self.call("payee_checks.note"):
            known = self._of(worker_id)
            if known is None or known.day <= day:
                others = known.checks if known is not None and known.day == day else {}
                self._put(worker_id, PayeeChecks(day=day, checks=others | {number: reason}))

    def forget(self, worker_id: str, day: str, number: str) -> None:
        with self.call("payee_checks.forget"):
            known = self._of(worker_id)
            if known is not None and known.day == day:
                left = {key: reason for key, reason in known.checks.items() if key != number}
                self._put(worker_id, PayeeChecks(day=day, checks=left))

    def _of(self, worker_id: str) -> PayeeChecks | None:
        return self._workers._workers[worker_id].payee_checks

    def _put(self, worker_id: str, checks: PayeeChecks) -> None:
        worker = self._workers._workers[worker_id]
        self._workers._workers[worker_id] = worker.model_copy(update={"payee_checks": checks})


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


class Duplicates(StrEnum):
    """What WeChat makes of a number that comes twice; it documents nothing."""

    SAME = "SAME"
    FRESH = "FRESH"
    REFUSED = "REFUSED"


class FakeFailures(FakePort):
    """Implements `identity.door.Failures`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._counts: dict[tuple[str, datetime], int] = {}

    def counted(self, names: Sequence[str], window: datetime) -> Sequence[int]:
        with self.call("failures.counted"):
            return [self._counts.get((name, window), 0) for name in names]

    def count(self, names: Sequence[str], window: datetime) -> None:
        with self.call("failures.count"):
            for name in names:
                self._counts[name, window] = self._counts.get((name, window), 0) + 1


class FakeSpentTokens(FakePort):
    """Implements `identity.sign_in.SpentTokens`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._spent: set[str] = set()

    def spend(self, token_id: str, at: datetime) -> bool:
        del at
        with self.call("spent_tokens.spend"):
            is_new = token_id not in self._spent
            self._spent.add(token_id)
            return is_new


class FakeWorkCard(FakePort):
    """Implements `identity.work_card.WorkCard`; `show_face` is what the worker does in WeChat.

    Counts as WeChat does: each number once, 20 an account and +08:00 day. `refusal` is raised before anything
    happens; `lost` is what is raised after the pre-order had its effect, `dumb` by every question about a result.
    """

    def __init__(self, now: Callable[[], datetime], steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._now = now
        self.orders: dict[str, PreOrder] = {}
        self.taken: dict[str, tuple[str, date]] = {}
        """By number the account and day that it counts for."""
        self.over_the_limit = 0
        """How often it was asked for more than a day has."""
        self._tokens: dict[str, str] = {}
        self._results: dict[str, Authentication] = {}
        self.duplicates = Duplicates.SAME
        self.refusal: Exception | None = None
        self.lost: Exception | None = None
        self.dumb: Exception | None = None

    def pre_order(self, order: PreOrder) -> PreOrderToken:
        with self.call("work_card.pre_order"):
            if self.refusal is not None:
                raise self.refusal
            number = order.authenticate_number
            if number in self.taken:
                assert self.orders[number] == order, "the same number with other words"
                if self.duplicates is Duplicates.REFUSED:
                    raise WorkCardRefusedError(code="INVALID_REQUEST")
                if self.duplicates is Duplicates.FRESH:
                    self._tokens[number] += "-again"
            else:
                self._take(order)
            if self.lost is not None:
                raise self.lost
            return PreOrderToken(number, self._tokens[number], PRE_ORDER_SECONDS)

    def _take(self, order: PreOrder) -> None:
        day = (order.openid, china_day(self._now()))
        if self.counted(*day) >= PRE_ORDERS_PER_DAY:
            self.over_the_limit += 1
            raise WorkCardLimitError
        self.taken[order.authenticate_number] = day
        self.orders[order.authenticate_number] = order
        self._tokens[order.authenticate_number] = f"token-{len(self.orders)}"

    def counted(self, openid: str, day: date) -> int:
        """How many of an account's pre-orders of a +08:00 day WeChat has counted."""
        return list(self.taken.values()).count((openid, day))

    def authentication(self, authenticate_number: str, sub_mchid: str) -> Authentication:
        with self.call("work_card.authentication"):
            if self.refusal is not None:
                raise self.refusal
            if self.dumb is not None:
                raise self.dumb
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


class FakeAccountIndex(FakeIndex):
    """Knows the insured's own number."""

    def person_id(self, id_number: str) -> str:
        return PERSON if id_number == an_id_number() else hashlib.sha256(id_number.encode()).hexdigest()
