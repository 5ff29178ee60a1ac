"""One account's day at the work card: check-ins and payee checks in any order, with outages at any moment.

No attempt is burnt by our own fault or WeChat's, WeChat is never asked for a 21st, and no number goes with other
words (the fake card asserts that of every repetition).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from daycover import crockford
from daycover.china_time import CHINA, china_day, seconds_left_of_day
from daycover.cover.check_in import CheckIn, CheckInStatus
from daycover.cover.disclosure import plan_key
from daycover.cover.issue import CheckInExpiredError, IssuePolicy
from daycover.cover.prove import ProveCheckIn
from daycover.cover.start_check_in import StartCheckIn
from daycover.errors import DaycoverError
from daycover.identity.attempt import (
    LONGEST_PAUSE,
    LONGEST_SPACE,
    PRE_ORDERS_PER_DAY,
    STARTING,
    TOO_MANY_FACES,
    PreOrderState,
    day_key,
)
from daycover.identity.work_card import (
    FacesUsedUpError,
    WorkCardLimitError,
    WorkCardRefusedError,
    WorkCardUnavailableError,
)
from daycover.payouts.identity import CheckStatus, IdentityChecksUsedUpError, IdentityCheckUnavailableError
from daycover.payouts.prove_identity import CHECKS_PER_DAY
from daycover.projects.code import issue_token
from daycover.projects.project import Project, Shift
from tests.support.builders import WORKER, a_device, a_place, a_plan, a_project, consents_for
from tests.support.fakes.cover import FakePolicies, FakeRefusedPlaces, FakeReminders, FakeVisits
from tests.support.fakes.identity import Duplicates, FakeAccountIndex
from tests.support.fakes.port import Crash
from tests.support.fakes.projects import FakeProjects
from tests.unit.claims.world import World
from tests.unit.cover.interleaving import Schedules, interleave
from tests.unit.cover.world import code_key

WHOLE = {"scan": PRE_ORDERS_PER_DAY, "prove": CHECKS_PER_DAY}
"""What a day has of each."""
ALL_DAY = Shift.model_validate({"starts_at": "08:00", "ends_at": "08:00"})
PROJECTS = [
    a_project(shift=ALL_DAY, ends_on=date(2027, 3, 31)),
    a_project(project_id=crockford.encode(8, 26), name="别的项目", shift=ALL_DAY, ends_on=date(2027, 3, 31)),
]
LOST = WorkCardUnavailableError(may_have_counted=True)
FAULT = WorkCardUnavailableError(may_have_counted=True, answered=True)
UNREACHED = WorkCardUnavailableError(may_have_counted=False)


class Day:
    """The world of claims with a payout that waits for its payee, and a gate beside it on the same card."""

    def __init__(self, duplicates: Duplicates = Duplicates.SAME) -> None:
        self.world = world = World()
        self.claim = world.agreed_large(1_500_000)
        number = world.pay.reserve(self.claim.claim_no).payout_id
        world.request_identity.hold(self.claim.claim_no, str(number), "wait-1")
        self.card = world.work_card
        self.card.duplicates = duplicates
        self.projects = FakeProjects(*PROJECTS)
        self.policies = FakePolicies(steps=world.steps)
        for project in PROJECTS:
            key = plan_key(a_plan(project.plan_id))
            consents = consents_for(project, world.at)
            world.cover_consents.add(WORKER, project.project_id, key, consents)
        now = self.now
        self.start_check_in = StartCheckIn(
            now=now,
            projects=self.projects,
            code_key=code_key,
            check_ins=world.check_ins,
            policies=self.policies,
            index=FakeAccountIndex(),
            work_card=self.card,
            reminders=FakeReminders(world.steps),
            visits=FakeVisits(steps=world.steps),
            refused=FakeRefusedPlaces(steps=world.steps),
        )
        self.prove_check_in = ProveCheckIn(
            now=now,
            check_ins=world.check_ins,
            policies=self.policies,
            work_card=self.card,
            issue_policy=IssuePolicy(
                now=now,
                policies=self.policies,
                workers=world.workers,
                applicant=world.check_ins.context,
            ),
        )

    def now(self) -> datetime:
        return self.world.at

    def wait(self, **step: float) -> None:
        self.world.at += timedelta(**step)

    def scan(self, project: Project = PROJECTS[0]) -> CheckIn:
        token, _ = issue_token(project, code_key)
        place, device = a_place(fixed_at=self.now()), a_device(self.now())
        outcome = self.start_check_in(WORKER, token, None, place, device)
        assert isinstance(outcome, CheckIn)
        return outcome

    def prove(self) -> Any:
        return self.world.prove_identity.start(WORKER, self.claim.claim_no).check

    def begin(self, start: str) -> Callable[[], Any]:
        return {"scan": self.scan, "prove": self.prove}[start]

    def succeed(self, begin: Callable[[], Any], times: int) -> None:
        """Let WeChat count so many: each gets its token, which nobody uses."""
        for _ in range(times):
            assert begin().token is not None
            self.wait(minutes=6)

    @property
    def today(self) -> list[CheckIn]:
        return self.world.check_ins.of_day(WORKER, day_key(self.now()))

    @property
    def counted(self) -> int:
        """By WeChat, today."""
        return self.card.counted("o-worker", china_day(self.now()))


def outage(day: Day, kind: str) -> None:
    """unreached: no connection; silent: no answer and no effect; lost, fault: the order has its effect, and then no
    answer or a server fault comes, while results can be asked for or (dumb) not.
    """
    day.card.refusal = {"unreached": UNREACHED, "silent": LOST}.get(kind)
    effect = {"lost": LOST, "lost and dumb": LOST, "fault": FAULT, "fault and dumb": FAULT}
    day.card.lost = effect.get(kind)
    day.card.dumb = LOST if kind.endswith("dumb") else None


OUTAGES = ("unreached", "silent", "lost", "lost and dumb", "fault", "fault and dumb")


@pytest.mark.parametrize("duplicates", Duplicates)
@pytest.mark.parametrize("kind", OUTAGES)
@pytest.mark.parametrize("start", ["scan", "prove"])
def test_all_that_wechat_has_not_counted_is_left_when_an_outage_lasted_an_hour(
    start: str, kind: str, duplicates: Duplicates
) -> None:
    day = Day(duplicates)
    begin = day.begin(start)
    outage(day, kind)
    # WeChat itself says that numbers are gone, or speaks and gives no token: it counts on, within bounds
    goes_on_counting = kind == "fault" or (kind == "lost" and duplicates is Duplicates.REFUSED)
    waits = []
    for _ in range(100):
        with pytest.raises((WorkCardUnavailableError, IdentityCheckUnavailableError)) as refused:
            begin()
        assert refused.value.retry_after is not None
        waits.append(refused.value.retry_after)
        day.wait(seconds=36)
    checks = day.world.identities.find(day.claim.claim_no).checks
    attempts = day.today if start == "scan" else checks
    if not goes_on_counting:
        assert waits[:7] == [3, 6, 12, 24, 48, 60, 60]
        assert len(attempts) == 1, "an outage makes one item, however often it is scanned"
    assert max(waits) <= (LONGEST_SPACE if goes_on_counting else LONGEST_PAUSE)
    assert day.counted <= (9 if goes_on_counting else 1)
    spent = day.counted
    outage(day, "over")
    day.wait(minutes=11)
    held: set[str] = set()
    limit = WorkCardLimitError if start == "scan" else IdentityChecksUsedUpError
    whole = WHOLE[start]
    given_up = sum(attempt.pre_order is PreOrderState.COUNTED for attempt in attempts)
    lost = spent if duplicates is Duplicates.REFUSED else given_up
    assert lost == 0 or goes_on_counting or duplicates is Duplicates.REFUSED
    while len(held) < whole - lost:
        held.add(begin().authenticate_number)
        day.wait(minutes=5)
    with pytest.raises(limit) as used_up:
        begin()
    assert used_up.value.retry_after == seconds_left_of_day(day.now())
    assert (day.counted, day.card.over_the_limit) == (whole, 0)


@pytest.mark.parametrize("kind", OUTAGES)
def test_number_of_one_project_is_never_used_for_another(kind: str) -> None:
    day = Day()
    outage(day, kind)
    for number in range(20):
        with pytest.raises(WorkCardUnavailableError):
            day.scan(PROJECTS[number % 2])
    assert len(day.today) == 2 or kind == "fault"
    outage(day, "over")
    day.wait(minutes=11)
    first, second = (day.scan(project) for project in PROJECTS)
    assert first.project_id != second.project_id
    assert first.authenticate_number != second.authenticate_number
    assert day.card.over_the_limit == 0


def test_number_is_given_up_uncounted_when_the_project_changed_its_name_meanwhile() -> None:
    day = Day()
    outage(day, "unreached")
    with pytest.raises(WorkCardUnavailableError):
        day.scan()
    outage(day, "over")
    day.projects.save(PROJECTS[0].model_copy(update={"name": "新名字", "version": PROJECTS[0].version + 1}))
    assert day.scan().check_in_id.endswith("-02")
    assert [attempt.may_have_counted for attempt in day.today] == [False, True]


@pytest.mark.parametrize("start", ["scan", "prove"])
def test_numbers_given_up_in_an_outage_cost_nothing_when_they_never_reached_wechat(start: str) -> None:
    day = Day()
    begin = day.begin(start)
    projects = (day.projects, day.world.prove_identity.projects)
    outage(day, "unreached")
    for number in range(1, 26):  # each name is another order, so each number is another item
        for known in projects:
            version = known.get(PROJECTS[0].project_id).version + 1
            renamed = PROJECTS[0].model_copy(update={"name": f"第{number}个名字", "version": version})
            known.save(renamed)
        with pytest.raises((WorkCardUnavailableError, IdentityCheckUnavailableError)):
            begin()
    outage(day, "over")
    day.succeed(begin, WHOLE[start])
    with pytest.raises((WorkCardLimitError, IdentityChecksUsedUpError)):
        begin()
    assert day.card.over_the_limit == 0


def test_attempt_asked_for_again_holds_what_the_later_scan_brought() -> None:
    day = Day()
    outage(day, "lost")
    with pytest.raises(WorkCardUnavailableError):
        day.scan()
    (before,) = day.today
    outage(day, "over")
    day.wait(hours=3)
    again = day.scan()
    assert (again.check_in_id, again.at) == (before.check_in_id, day.now())
    assert again.place is not None
    assert again.place.fixed_at == day.now()
    day.card.show_face(again.authenticate_number)
    policy = day.prove_check_in(WORKER, again.check_in_id).policy
    assert policy is not None, "two hours of proof begin with the scan whose face was shown"
    assert day.world.check_ins.get(WORKER, again.check_in_id).status is CheckInStatus.ISSUED


@pytest.mark.parametrize("start", ["scan", "prove"])
def test_phone_that_waits_is_told_to_begin_again_when_the_one_that_asked_is_gone(start: str) -> None:
    day = Day()
    begin = day.begin(start)
    day.world.steps.crash_at("work_card.pre_order", applied=False)
    with pytest.raises(Crash):
        begin()
    day.world.steps.calm()
    waiting = begin()
    assert waiting.token is None

    def is_pending() -> bool:
        if start == "prove":
            check = day.world.prove_identity.result(WORKER, day.claim.claim_no, "1").check
            return check is not None and check.status is CheckStatus.STARTED
        try:
            return day.prove_check_in(WORKER, waiting.check_in_id).policy is None
        except CheckInExpiredError:
            return False

    day.wait(seconds=STARTING.total_seconds() - 1)
    assert is_pending()
    day.wait(seconds=1)
    assert not is_pending(), "nobody would ever show a face"
    assert begin().authenticate_number == waiting.authenticate_number


def test_queue_never_gives_up_a_number_whose_token_never_came() -> None:
    day = Day()
    outage(day, "lost")
    with pytest.raises(WorkCardUnavailableError):
        day.scan()
    (attempt,) = day.today
    day.wait(hours=1)
    with pytest.raises(DaycoverError, match="CheckInExpiredError"):
        day.prove_check_in(WORKER, attempt.check_in_id)
    outage(day, "over")
    assert day.scan().check_in_id == attempt.check_in_id


def test_number_is_given_up_uncounted_when_consent_was_withdrawn_meanwhile() -> None:
    day = Day()
    outage(day, "unreached")
    with pytest.raises(WorkCardUnavailableError):
        day.scan()
    (attempt,) = day.today
    withdrawn = {"status": CheckInStatus.FAILED, "failed_reason": "CONSENT_WITHDRAWN"}
    day.world.check_ins.settle(attempt.model_copy(update=withdrawn))
    outage(day, "over")
    assert day.scan().check_in_id.endswith("-02")
    assert [attempt.may_have_counted for attempt in day.today] == [False, True]


@pytest.mark.parametrize("start", ["scan", "prove"])
@pytest.mark.parametrize("kind", ["unreached", "lost and dumb"])
def test_new_day_begins_with_all_of_its_own_when_the_last_attempt_of_the_old_one_was_lost(
    start: str, kind: str
) -> None:
    day = Day()
    begin = day.begin(start)
    day.world.at = datetime(2026, 11, 24, 23, 59, 59, tzinfo=CHINA)
    outage(day, kind)
    with pytest.raises((WorkCardUnavailableError, IdentityCheckUnavailableError)):
        begin()
    before = day.counted
    outage(day, "over")
    day.wait(seconds=1)
    day.succeed(begin, WHOLE[start])
    with pytest.raises((WorkCardLimitError, IdentityChecksUsedUpError)):
        begin()
    assert (before, day.card.over_the_limit) == (0 if kind == "unreached" else 1, 0)


def test_refusal_for_good_uses_up_nothing_however_often_it_is_repeated() -> None:
    day = Day()
    day.card.refusal = WorkCardRefusedError(code="NO_AUTH")
    for _ in range(100):
        with pytest.raises(WorkCardRefusedError):
            day.scan()
    day.card.refusal = None
    (attempt,) = day.today
    assert attempt.pre_order is PreOrderState.NOT_COUNTED
    assert day.scan().check_in_id == attempt.check_in_id


def test_payouts_never_cost_a_check_in_and_wechat_is_asked_for_no_more_than_twenty() -> None:
    day = Day()
    day.succeed(day.prove, CHECKS_PER_DAY)
    with pytest.raises(IdentityChecksUsedUpError):
        day.prove()
    day.succeed(day.scan, PRE_ORDERS_PER_DAY - CHECKS_PER_DAY)
    with pytest.raises(WorkCardLimitError):
        day.scan()
    assert (day.counted, day.card.over_the_limit) == (PRE_ORDERS_PER_DAY, 0)


def test_payee_is_sent_to_people_before_wechat_is_asked_when_check_ins_used_the_day_up() -> None:
    day = Day()
    day.succeed(day.scan, PRE_ORDERS_PER_DAY)
    with pytest.raises(IdentityChecksUsedUpError):
        day.prove()
    assert day.card.over_the_limit == 0
    day.wait(days=1)
    assert day.prove().token is not None


@pytest.mark.parametrize("first", ["scan", "prove"])
def test_neither_is_begun_when_five_faces_failed_at_the_other(first: str) -> None:
    day = Day()
    if first == "scan":
        attempt = day.scan()
        day.card.show_face(attempt.authenticate_number, failed=TOO_MANY_FACES)
        with pytest.raises(DaycoverError, match="FaceCheckFailedError"):
            day.prove_check_in(WORKER, attempt.check_in_id)
    else:
        check = day.prove()
        day.card.show_face(check.authenticate_number, failed=TOO_MANY_FACES)
        result = day.world.prove_identity.result(WORKER, day.claim.claim_no, str(check.number)).check
        assert result is not None
        assert result.status is CheckStatus.FAILED
    with pytest.raises(FacesUsedUpError) as refused:
        day.scan()
    with pytest.raises(IdentityChecksUsedUpError) as used_up:
        day.prove()
    assert refused.value.retry_after == used_up.value.retry_after
    assert day.counted == 1
    day.wait(days=1)
    assert day.scan().token is not None
    assert day.prove().token is not None


@pytest.mark.parametrize("kind", ["unreached", "lost and dumb", "cut off"])
@pytest.mark.parametrize("start", ["scan", "prove"])
def test_two_phones_ask_once_when_they_go_on_with_one_attempt_in_every_way(start: str, kind: str) -> None:
    schedules = Schedules()
    for _ in schedules:
        day = Day()
        begin = day.begin(start)
        outage(day, kind)
        if kind == "cut off":
            day.world.steps.crash_at("work_card.pre_order", applied=False)
        with pytest.raises((DaycoverError, Crash)):
            begin()
        day.world.steps.calm()
        outage(day, "over")
        day.wait(seconds=STARTING.total_seconds())
        store = "check_ins." if start == "scan" else "identities."
        both = interleave(day.world.steps, [begin] * 2, schedules.choose, only=store)
        assert len({attempt.authenticate_number for attempt in both}) == 1
        assert {attempt.token for attempt in both} - {None} == {"token-1"}
        assert day.world.steps.calls.count("work_card.pre_order") == 1
        assert day.counted == 1
        day.world.steps.calm()


@pytest.mark.parametrize("duplicates", Duplicates)
@pytest.mark.parametrize("start", ["scan", "prove"])
def test_one_attempt_at_most_is_lost_when_the_process_dies_between_any_two_calls(
    start: str, duplicates: Duplicates
) -> None:
    for applied in (False, True):
        for index in range(100):
            day = Day(duplicates)
            begin = day.begin(start)
            day.world.steps.calm()
            day.world.steps.crash_at(index, applied=applied)
            try:
                begin()
                break
            except Crash:
                day.world.steps.calm()
            day.wait(seconds=STARTING.total_seconds())
            assert begin().token is not None
            assert day.counted == 1 or (duplicates is Duplicates.REFUSED and day.counted == 2)
        assert index > 3


class OneAccount(RuleBasedStateMachine):
    """Anything an account does in some days, in any weather."""

    @initialize(duplicates=st.sampled_from(list(Duplicates)))
    def begin(self, duplicates: Duplicates) -> None:
        self.day = Day(duplicates)

    @rule(project=st.sampled_from(PROJECTS))
    def scan(self, project: Project) -> None:
        self._try(lambda: self.day.scan(project))

    @rule()
    def prove(self) -> None:
        self._try(self.day.prove)

    @rule(start=st.sampled_from(["scan", "prove"]), index=st.integers(0, 9), applied=st.booleans())
    def die(self, start: str, index: int, applied: bool) -> None:
        self.day.world.steps.calm()
        self.day.world.steps.crash_at(index, applied=applied)
        try:
            self._try(self.day.begin(start))
        except Crash:
            pass
        finally:
            self.day.world.steps.calm()

    def _try(self, begin: Callable[[], Any]) -> None:
        day = self.day
        try:
            begin()
        except (WorkCardLimitError, IdentityChecksUsedUpError) as refusal:
            checks = day.world.workers.get(WORKER).payee_checks
            payee = len(checks.checks) if checks is not None and checks.day == day_key(day.now()) else 0
            lost = [a for a in day.today if a.token is None and a.may_have_counted]
            is_share = isinstance(refusal, IdentityChecksUsedUpError) and payee >= CHECKS_PER_DAY
            assert is_share or day.counted + len(lost) + payee >= PRE_ORDERS_PER_DAY
        except (WorkCardUnavailableError, IdentityCheckUnavailableError):
            pass  # the weather, or what was lost in it before

    @rule(kind=st.sampled_from([*OUTAGES, "over", "over", "over"]))
    def change_the_weather(self, kind: str) -> None:
        outage(self.day, kind)

    @rule(seconds=st.sampled_from([1, 5, 20, 60, 271, 301, 400, 3600, 6 * 3600]))
    def wait(self, seconds: int) -> None:
        self.day.wait(seconds=seconds)

    @invariant()
    def wechat_is_never_asked_for_more_than_it_grants(self) -> None:
        if not hasattr(self, "day"):
            return
        assert self.day.card.over_the_limit == 0
        numbers = [attempt.authenticate_number for attempt in self.day.today]
        assert len(numbers) == len(set(numbers))
        for attempt in self.day.today:
            if attempt.authenticate_number in self.day.card.taken:
                assert attempt.may_have_counted, "WeChat counted what we do not"


OneAccount.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_wechat_is_never_asked_for_a_21st_whatever_happens_in_any_order = OneAccount.TestCase
