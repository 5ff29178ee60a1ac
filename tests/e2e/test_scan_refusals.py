"""What a worker meets who scans a code that is not, not yet or no longer good."""

import pytest

from tests.e2e.problems import assert_refused
from tests.support.world import World

pytestmark = pytest.mark.stack


def test_code_is_refused_when_expired(world: World) -> None:
    expired = world.old_screen_code()
    worker = world.worker()
    assert_refused(lambda language: worker.scan(expired, language), 410, "qr-token-expired")
    assert_refused(
        lambda language: worker.check_in(expired, world.site, language=language), 410, "qr-token-expired"
    )


@pytest.mark.parametrize("position", [0, 5, 24, 40, -1])
def test_code_is_refused_when_forged(world: World, position: int) -> None:
    characters = list(world.qr_token)
    characters[position] = "A" if characters[position] != "A" else "Q"
    worker = world.worker()
    forged = "".join(characters)
    assert_refused(lambda language: worker.scan(forged, language), 400, "qr-token-invalid")
    assert_refused(
        lambda language: worker.check_in(forged, world.site, language=language), 400, "qr-token-invalid"
    )


def test_code_is_refused_when_revoked(world: World) -> None:
    project, token = world.open_project()
    worker = world.worker()
    worker.scan(token).expect(200)
    world.provider.change_code(project, "REVOKE").expect(200)
    assert_refused(lambda language: worker.scan(token, language), 410, "qr-token-revoked")


def test_code_is_refused_when_replaced(world: World) -> None:
    project, token = world.open_project()
    world.provider.change_code(project, "ROTATE").expect(200)
    worker = world.worker()
    assert_refused(lambda language: worker.scan(token, language), 410, "qr-token-revoked")
    worker.scan(world.provider.qr_token(project)).expect(200)


def test_scan_is_refused_when_project_is_paused_and_welcome_when_reopened(world: World) -> None:
    project, token = world.open_project()
    worker = world.consenting_worker(token)
    world.provider.move_project(project, "PAUSED").expect(200)
    assert_refused(lambda language: worker.scan(token, language), 409, "project-not-open")
    assert_refused(
        lambda language: worker.check_in(token, project["site"], language=language), 409, "project-not-open"
    )
    world.provider.move_project(project, "OPEN").expect(200)
    assert worker.become_insured(token)["in_force"]
