"""From the scanned code to the pre-order: every refusal, one attempt per scan, evidence and no proof."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from daycover import crockford
from daycover.china_time import CHINA
from daycover.cover.check_in import POLL_DELAYS, CheckInStatus, patience_at
from daycover.cover.start_check_in import IdentityRequiredError
from daycover.cover.underwriting import AgeOutOfRangeError
from daycover.identity.attempt import STARTING, TOKEN_MARGIN
from daycover.identity.consent import ConsentKind, ConsentMissingError, ConsentTextChangedError
from daycover.identity.resident_id import ResidentIdError
from daycover.identity.work_card import ANSWER_MARGIN, PRE_ORDER_SECONDS
from daycover.projects.code import QrTokenExpiredError, QrTokenInvalidError, QrTokenRevokedError, issue_token
from daycover.projects.place import OutsideGeofenceError
from daycover.projects.project import (
    CheckInTooEarlyError,
    ProjectNotFoundError,
    ProjectNotOpenError,
    ProjectNotRunningError,
    ProjectStatus,
)
from tests.support.builders import NOW, a_device, a_place, a_project, an_id_number
from tests.support.fakes.port import Crash
from tests.unit.cover.interleaving import Schedules, interleave
from tests.unit.cover.world import ID_NUMBER, NAME, World, code_key

PROJECT = a_project()


def test_pre_order_names_project_employer_and_person_when_a_worker_checks_in() -> None:
    world = World()
    check_in = world.begin(world.worker())
    order = world.work_card.orders[check_in.authenticate_number]
    assert (order.name, order.id_number, order.openid) == (NAME, ID_NUMBER, "o-1")
    assert (order.sub_mchid, order.project_name, order.employer_name) == (
        PROJECT.sub_mchid, PROJECT.name, PROJECT.employer_name)  # fmt: skip
    assert check_in.status is CheckInStatus.PRE_ORDERED
    assert check_in.check_in_id == "20261124-01"
    assert check_in.authenticate_number.isalnum()
    assert len(check_in.authenticate_number) <= 64
    assert check_in.token_ends_at == NOW + timedelta(seconds=PRE_ORDER_SECONDS)
    assert len(set(check_in.consents)) == len(ConsentKind)
    assert world.reminders.due == [(check_in.worker_id, check_in.check_in_id, 0)]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"status": ProjectStatus.PAUSED}, ProjectNotOpenError),
        ({"status": ProjectStatus.CLOSED}, ProjectNotOpenError),
        ({"key_version": 2}, QrTokenRevokedError),
        ({"code_revoked": True}, QrTokenRevokedError),
        ({"starts_on": date(2026, 11, 25)}, CheckInTooEarlyError),
    ],
)
def test_scan_is_refused_when_the_project_does_not_take_it(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    world = World(a_project(**changes))
    with pytest.raises(error):
        world.scan(world.worker())  # with the code of the unchanged project
    assert world.work_card.orders == {}


@pytest.mark.parametrize(
    ("now", "error"),
    [
        (datetime(2026, 11, 24, 5, 59, tzinfo=CHINA), CheckInTooEarlyError),
        (datetime(2026, 11, 30, 18, 0, tzinfo=CHINA), ProjectNotRunningError),
        (datetime(2026, 11, 30, 20, 0, tzinfo=CHINA), QrTokenExpiredError),
    ],
)
def test_scan_is_refused_when_the_time_is_wrong(now: datetime, error: type[Exception]) -> None:
    world = World(at=now)
    with pytest.raises(error):
        world.scan(world.worker())


def test_scan_is_refused_when_the_code_is_not_ours_or_names_no_project() -> None:
    world = World()
    worker = world.worker()
    with pytest.raises(QrTokenInvalidError):
        world.start_check_in(worker, "A" * 52, None, None, a_device())
    stray, _ = issue_token(a_project(project_id=crockford.encode(99, 26)), code_key)
    with pytest.raises(ProjectNotFoundError):
        world.start_check_in(worker, stray, None, None, a_device())


@pytest.mark.parametrize(
    ("stated", "error"),
    [
        (None, IdentityRequiredError),
        ((NAME, "110105199003070021"), ResidentIdError),
        ((NAME, an_id_number("20110101")), AgeOutOfRangeError),
        ((NAME, an_id_number("19560101")), AgeOutOfRangeError),
    ],
)
def test_check_in_is_refused_when_the_stated_identity_does_not_do(
    stated: tuple[str, str] | None, error: type[Exception]
) -> None:
    world = World()
    with pytest.raises(error):
        world.scan(world.worker(), stated=stated)
    assert world.check_ins.all() == []


def test_check_in_is_refused_when_any_consent_is_missing() -> None:
    world = World()
    with pytest.raises(ConsentMissingError):
        world.scan(world.worker(consents=False))
    assert world.check_ins.all() == []
    assert world.work_card.orders == {}


def test_consents_are_taken_when_their_texts_were_shown() -> None:
    world = World()
    worker = world.worker(consents=False)
    token, _ = issue_token(PROJECT, code_key)
    shown = world.preview_cover(worker, token)
    assert not any(shown.is_given(text) for text in shown.texts)
    world.preview_cover.accept(worker, token, {text.kind: (text.sha256, NOW) for text in shown.texts})
    again = world.preview_cover(worker, token)
    assert all(again.is_given(text) for text in again.texts)
    world.begin(worker)


def test_scan_says_until_when_the_worker_is_covered_here_and_nowhere_else() -> None:
    here, there = a_project(), a_project(project_id=crockford.encode(9, 26))
    world = World(here, there)
    worker, stranger = world.worker("o-1", here, there), world.worker("o-2", here)
    token, _ = issue_token(here, code_key)
    other, _ = issue_token(there, code_key)
    assert world.preview_cover(worker, token).cover is None
    policy = world.cover(worker, here)
    shown = world.preview_cover(worker, token)
    assert (shown.cover, shown.renewable) == (policy, False)
    assert world.preview_cover(worker, other).cover is None
    assert world.preview_cover(stranger, token).cover is None


def test_scan_offers_the_next_cover_in_the_last_two_hours_and_shows_it_once_it_is_bought() -> None:
    world = World()
    worker = world.worker()
    token, _ = issue_token(PROJECT, code_key)
    first = world.cover(worker)
    for left, renewable in ((timedelta(minutes=121), False), (timedelta(minutes=120), True)):
        world.now.at = first.period.end - left
        shown = world.preview_cover(worker, token)
        assert (shown.cover, shown.renewable) == (first, renewable)
    following = world.cover(worker)
    shown = world.preview_cover(worker, token)
    assert (shown.cover, shown.renewable) == (following, False), "it begins when the first one ends"
    world.now.at = following.period.end
    assert world.preview_cover(worker, token).cover is None


def test_consents_are_refused_when_the_hash_is_of_an_older_text() -> None:
    world = World()
    token, _ = issue_token(PROJECT, code_key)
    with pytest.raises(ConsentTextChangedError):
        world.preview_cover.accept(world.worker(), token, {ConsentKind.SUM_INSURED: ("0" * 64, NOW)})


def test_check_in_is_refused_when_outside_the_fence() -> None:
    world = World()
    with pytest.raises(OutsideGeofenceError):
        world.scan(world.worker(), place=a_place(latitude=31.3))
    assert world.work_card.orders == {}


def test_check_in_is_taken_with_a_signal_when_the_phone_gives_no_position() -> None:
    world = World()
    token, _ = issue_token(PROJECT, code_key)
    outcome = world.start_check_in(world.worker(), token, (NAME, ID_NUMBER), None, a_device())
    assert [signal.code for signal in outcome.signals] == ["NO_POSITION"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fix_age", "skew", "found"),
    [
        (120, 0, ()),
        (121, 0, ("STALE_POSITION",)),
        (0, 120, ()),
        (0, 121, ("DEVICE_CLOCK_SKEW",)),
        (0, -121, ("DEVICE_CLOCK_SKEW",)),
        (500, 500, ("STALE_POSITION", "DEVICE_CLOCK_SKEW")),
    ],
)
def test_oddities_are_signals_when_beyond_two_minutes(
    fix_age: int, skew: int, found: tuple[str, ...]
) -> None:
    world = World()
    place = a_place(fixed_at=NOW - timedelta(seconds=fix_age))
    check_in = world.begin(world.worker(), place=place, device=a_device(NOW + timedelta(seconds=skew)))
    assert tuple(signal.code for signal in check_in.signals) == found


def test_second_scan_goes_on_with_the_open_attempt_when_its_token_still_lives() -> None:
    world = World()
    worker = world.worker()
    first = world.begin(worker)
    world.now.at = first.token_ends_at - TOKEN_MARGIN - timedelta(seconds=1)
    assert world.begin(worker) == first
    world.now.advance(seconds=1)
    second = world.begin(worker)
    assert second.check_in_id == "20261124-02"
    assert len(world.work_card.orders) == 2


def test_second_scan_goes_on_under_the_number_when_the_first_was_cut_off_before_the_answer() -> None:
    world = World()
    worker = world.worker()
    world.steps.crash_at("work_card.pre_order", applied=False)
    with pytest.raises(Crash):
        world.begin(worker)
    world.steps.calm()
    assert world.begin(worker).status is CheckInStatus.STARTED  # perhaps still being asked
    world.now.advance(seconds=STARTING.total_seconds())
    again = world.begin(worker)
    assert (again.check_in_id, again.status) == ("20261124-01", CheckInStatus.PRE_ORDERED)
    assert again.at == world.now()


def test_attempts_count_anew_when_a_new_china_day_begins() -> None:
    project = a_project(shift=PROJECT.shift.model_copy(update={"ends_at": PROJECT.shift.starts_at}))
    world = World(project, at=datetime(2026, 11, 24, 23, 59, tzinfo=CHINA))
    worker = world.worker("o-1", project)
    assert world.begin(worker, project).check_in_id == "20261124-01"
    world.now.advance(minutes=6)
    assert world.begin(worker, project).check_in_id == "20261125-01"


def test_parallel_scans_share_one_attempt_when_interleaved_in_every_way() -> None:
    schedules = Schedules()
    for _ in schedules:
        world = World()
        worker = world.worker()
        results = interleave(
            world.steps, [partial(world.begin, worker)] * 2, schedules.choose, only="check_ins."
        )
        assert len(world.work_card.orders) == 1
        assert {result.check_in_id for result in results} == {"20261124-01"}


def test_parallel_scans_of_two_projects_each_get_their_own_when_interleaved_in_every_way() -> None:
    projects = [PROJECT, a_project(project_id=crockford.encode(8, 26))]
    schedules = Schedules()
    for _ in schedules:
        world = World(*projects)
        worker = world.worker("o-1", *projects)
        results = interleave(
            world.steps,
            [partial(world.begin, worker, project) for project in projects],
            schedules.choose,
            only="check_ins.",
        )
        assert [result.project_id for result in results] == [project.project_id for project in projects]
        assert len(world.work_card.orders) == 2


def test_check_in_can_be_finished_or_repeated_when_the_process_dies_between_any_two_calls() -> None:
    for applied in (False, True):
        index = 0
        while True:
            world = World()
            worker = world.worker()
            world.steps.calm()
            world.steps.crash_at(index, applied=applied)
            try:
                world.begin(worker)
                break
            except Crash:
                world.steps.calm()
            world.now.advance(seconds=20)
            world.cover(worker)
            assert len(world.policies.all()) == 1
            index += 1
        assert index >= 6


def test_worker_with_the_token_is_never_forgotten_when_the_process_dies_after_the_pre_order() -> None:
    world = World()
    worker = world.worker()
    world.steps.crash_at("check_ins.pre_ordered", applied=False)
    with pytest.raises(Crash):
        world.begin(worker)
    world.steps.calm()
    ((_, check_in_id, attempt),) = world.reminders.due
    world.work_card.show_face(world.check_ins.get(worker, check_in_id).authenticate_number)
    assert world.complete_check_in(worker, check_in_id, attempt) == "ISSUED"


# ---- the queue ---------------------------------------------------------------------------------------


def test_queue_issues_when_the_app_never_came_back() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    assert world.complete_check_in(worker, check_in.check_in_id, 0) == "ISSUED"
    assert len(world.policies.all()) == 1


def test_queue_asks_until_the_token_is_over_when_the_face_never_comes() -> None:
    world = World()
    worker = world.worker()
    check_in = world.begin(worker)
    outcomes = []
    while world.reminders.due:
        _, check_in_id, attempt = world.reminders.due.pop()
        world.now.advance(seconds=POLL_DELAYS[attempt])
        outcomes.append(world.complete_check_in(worker, check_in_id, attempt))
    assert outcomes[-1] == "CheckInExpiredError"
    assert set(outcomes[:-1]) == {"PENDING"}
    assert world.check_ins.get(worker, check_in.check_in_id).status is CheckInStatus.EXPIRED


def test_queue_leaves_the_first_45_seconds_to_the_app_when_a_token_is_out() -> None:
    assert POLL_DELAYS[0] == 45
    assert list(POLL_DELAYS) == sorted(POLL_DELAYS)


@pytest.mark.parametrize(
    ("age", "pause"), [(0, 2), (1.9, 2), (2, 3), (4.9, 3), (5, 5), (10, 8), (18, 8), (290, 8)]
)
def test_app_is_told_to_come_back_ever_later_when_the_face_is_awaited(age: float, pause: int) -> None:
    assert patience_at(timedelta(seconds=age)) == pause


def test_face_of_ten_seconds_costs_two_questions_in_vain_when_the_app_obeys() -> None:
    world = World()
    worker = world.worker()
    check_in = world.begin(worker)
    world.now.advance(seconds=2)  # the way to the card's page
    told, asked = [], timedelta(seconds=2)
    while True:
        if asked >= timedelta(seconds=10):
            world.work_card.show_face(check_in.authenticate_number)
        answer = world.prove_check_in(worker, check_in.check_in_id)
        if answer.policy is not None:
            break
        told.append(answer.ask_again_after)
        asked += timedelta(seconds=answer.ask_again_after)
        world.now.advance(seconds=answer.ask_again_after)
    assert told == [3, 5]


def test_polling_outlasts_the_token_when_all_delays_are_added() -> None:
    assert sum(POLL_DELAYS) > PRE_ORDER_SECONDS + ANSWER_MARGIN.total_seconds()
    assert max(POLL_DELAYS) <= 900  # SQS's longest delay


def test_queue_gives_up_on_the_message_when_the_check_in_is_unknown() -> None:
    assert World().complete_check_in("nobody", "20261124-01", 0) == "CheckInNotFoundError"
