"""Weighing after the check-in: what is kept, for whom, and that it never costs a worker their cover."""

from datetime import timedelta

import pytest

from daycover import crockford
from daycover.cover.check_in import CheckIn
from daycover.cover.signals import PAGE as FLAGGED_PAGE
from daycover.cover.signals import ReadSignals
from daycover.projects.code import issue_screen_token
from daycover.projects.place import Site
from daycover.projects.project import ProjectNotFoundError
from tests.support.builders import NOW, PROJECT, SITE, a_device, a_place, a_project, a_site, an_id_number
from tests.support.fakes.cover import FakePolicies
from tests.unit.cover.world import World, code_key

FAR = a_site(SITE.latitude + 5)
ELSEWHERE = a_project(project_id=crockford.encode(8, 26), site=FAR)


def finished(world: World, check_in: CheckIn, *, outcome: str = "ISSUED") -> list[str]:
    """Let the queue come round; give the codes that were found."""
    assert world.complete_check_in(check_in.worker_id, check_in.check_in_id, 0) == outcome
    return [signal.code for signal in world.check_ins.get(check_in.worker_id, check_in.check_in_id).signals]


def test_nothing_is_listed_when_a_check_in_is_as_it_should_be() -> None:
    world = World()
    worker = world.worker()
    assert finished(world, world.face(worker)) == []
    assert world.flagged.list_of(PROJECT, None).lines == []


def test_worker_is_insured_all_the_same_when_every_soft_signal_is_there() -> None:
    world = World(a_project(occupation_class=2), ELSEWHERE)
    world.cover(world.worker("o-1", ELSEWHERE), ELSEWHERE, place=a_place(latitude=FAR.latitude))
    world.now.advance(minutes=1)
    for number in range(3):
        other = world.worker(f"o-{number + 2}")
        stated = (f"工友{number}", an_id_number(order=f"{number:03d}"))
        finished(world, world.face(other, stated=stated))
    worker = world.worker("o-9")
    place = a_place(fixed_at=NOW - timedelta(hours=1), accuracy_m=0.5, is_mock=True)
    check_in = world.face(worker, place=place, device=a_device(NOW - timedelta(hours=1)))
    found = finished(world, check_in)
    assert set(found) >= {"MOCK_POSITION", "STALE_POSITION", "IMPOSSIBLE_ACCURACY", "DEVICE_SHARED",
                          "DEVICE_CLOCK_SKEW", "TWO_PLACES", "DEVICE_BURST", "CLASS_BELOW_SCENE"}  # fmt: skip
    (line,) = [line for line in world.flagged.list_of(PROJECT, None).lines if line.worker_id == worker]
    assert line.score == 100
    assert line.insured_name == "王**"
    assert line.status == "ISSUED"
    assert line.policy_no is not None


def test_phone_is_known_by_its_hash_when_stored() -> None:
    world = World()
    check_in = world.begin(world.worker())
    assert check_in.device.id == world.index.device_id("phone-1") != "phone-1"


def test_teleport_is_found_across_midnight_when_the_day_before_was_far_away() -> None:
    world = World(a_project(), ELSEWHERE, at=NOW)
    worker = world.worker("o-1", a_project(), ELSEWHERE)
    world.begin(worker, ELSEWHERE, place=a_place(latitude=FAR.latitude))
    world.now.advance(minutes=40)
    found = finished(world, world.face(worker))
    assert found == ["TELEPORT"]
    world.now.advance(days=1)
    assert "TELEPORT" not in finished(world, world.face(worker))


@pytest.mark.parametrize("moved", [a_site(radius_m=50), a_site(SITE.latitude + 0.03, radius_m=50)])
def test_nobody_is_outside_when_the_site_was_moved_before_the_face_was_shown(moved: Site) -> None:
    project = a_project(site=a_site(radius_m=1000))
    world = World(project)
    check_in = world.face(
        world.worker("o-1", project), project, place=a_place(latitude=SITE.latitude + 0.008)
    )
    world.projects.save(project.with_site(moved))
    assert finished(world, check_in) == []


def test_refused_person_is_listed_when_the_name_is_not_the_account_s() -> None:
    world = World()
    check_in = world.begin(world.worker())
    world.work_card.show_face(check_in.authenticate_number, failed="INCONSISTENT_REAL_NAME")
    assert finished(world, check_in, outcome="NameMismatchError") == ["IDENTITY_MISMATCH"]
    assert [line.status for line in world.flagged.list_of(PROJECT, None).lines] == ["FAILED"]


def test_failed_face_is_listed_and_a_worker_who_walked_away_is_not() -> None:
    world = World()
    failed = world.begin(world.worker("o-1"))
    world.work_card.show_face(failed.authenticate_number, failed="VERIFY_FACE_FAILED")
    assert finished(world, failed, outcome="FaceCheckFailedError") == ["FACE_FAILED"]
    gone = world.begin(world.worker("o-2"), device=a_device())
    world.now.advance(minutes=7)
    assert "FACE_FAILED" not in finished(world, gone, outcome="CheckInExpiredError")


def test_screen_code_is_shared_when_more_people_used_it_than_can_stand_before_it() -> None:
    world = World()
    token, _ = issue_screen_token(a_project(), code_key, NOW)
    found: list[str] = []
    for number in range(31):
        worker = world.worker(f"o-{number}")
        device = a_device(NOW).model_copy(update={"id": f"phone-{number}"})
        stated = ("王小明", an_id_number(order=f"{number:03d}"))
        check_in = world.start_check_in(worker, token, stated, a_place(), device)
        assert isinstance(check_in, CheckIn)
        world.work_card.show_face(check_in.authenticate_number)
        found = finished(world, check_in)
    assert found == ["CODE_SHARED"]


def test_repeated_message_changes_nothing_when_it_was_weighed_before() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker, device=a_device(NOW - timedelta(hours=1)))
    finished(world, check_in)
    before = world.flagged.list_of(PROJECT, None), world.check_ins.all()
    world.steps.calm()
    finished(world, check_in)
    assert (world.flagged.list_of(PROJECT, None), world.check_ins.all()) == before
    assert "check_ins.weigh" not in world.steps.calls


def test_scan_path_has_no_call_of_weighing_when_a_worker_checks_in() -> None:
    world = World()
    worker = world.worker()
    world.steps.calm()
    world.begin(worker)
    assert world.steps.calls == [
        "projects.get", "check_ins.context", "check_ins.of_day", "check_ins.add",
        "work_card.pre_order", "reminders.ask_later", "check_ins.pre_ordered",
    ]  # fmt: skip


def test_weighing_is_asked_for_again_when_it_is_cut_off() -> None:
    world = World()
    check_in = world.face(world.worker(), device=a_device(NOW - timedelta(hours=1)))

    def down(name: str) -> None:
        if name == "flagged.put":
            raise ConnectionError

    world.steps.before = down
    with pytest.raises(ConnectionError):
        world.complete_check_in(check_in.worker_id, check_in.check_in_id, 0)
    world.steps.calm()
    assert len(world.policies.all()) == 1
    finished(world, check_in)
    assert len(world.flagged.list_of(PROJECT, None).lines) == 1


def test_staff_read_newest_first_page_by_page_when_there_are_many() -> None:
    world = World()
    read = ReadSignals(projects=world.projects, flagged=world.flagged)
    for number in range(FLAGGED_PAGE + 1):
        worker = world.worker(f"o-{number}")
        finished(world, world.face(worker, stated=("王小明", an_id_number(order=f"{number:03d}")),
                                   device=a_device(NOW - timedelta(hours=1))))  # fmt: skip
    first = read(PROJECT)
    assert len(first.lines) == FLAGGED_PAGE
    rest = read(PROJECT, first.next_token)
    assert len(rest.lines) == 1
    assert rest.next_token is None
    with pytest.raises(ProjectNotFoundError):
        read(crockford.encode(99, 26))


def test_policy_of_a_project_that_is_gone_says_nothing_when_places_are_compared() -> None:
    world = World(a_project(), ELSEWHERE)
    worker = world.worker("o-1", a_project(), ELSEWHERE)
    world.cover(worker, ELSEWHERE, place=a_place(latitude=FAR.latitude))
    world.projects._projects.pop(ELSEWHERE.project_id)
    assert isinstance(world.policies, FakePolicies)
    world.now.advance(minutes=5)
    assert finished(world, world.face(worker)) == []
