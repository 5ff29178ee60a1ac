"""What an operator or service provider may not do."""

from typing import Any

import pytest

from tests.devstack.seed import HENGXIN
from tests.e2e.problems import assert_refused
from tests.support.world import COMPANY, World, wanted_project

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"occupation_code": "DEMOLITION"}, 422, "occupation-refused"),
        ({"occupation_code": "LONG_HAUL_TRUCK_DRIVER"}, 422, "plan-not-offered"),
        ({"occupation_code": "ASTRONAUT"}, 422, "occupation-unknown"),
        ({"plan_id": "T9"}, 422, "plan-unknown"),
        ({"occupation_code": "TRUCK_DRIVER", "plan_id": "T4"}, 422, "plan-not-offered"),
    ],
)
def test_project_is_refused_with_a_reason_when_it_cannot_be_insured(
    world: World, change: dict[str, Any], status: int, slug: str
) -> None:
    assert_refused(
        lambda language: world.provider.create_project(
            COMPANY.company_id, wanted_project() | change, language
        ),
        status,
        slug,
    )


def test_provider_is_refused_when_the_company_has_not_authorised_it(world: World) -> None:
    stranger = world.stranger
    path = f"/v1/companies/{COMPANY.company_id}"
    project = f"{path}/projects/{world.project['project_id']}"
    for ask in (
        lambda language: stranger.create_project(COMPANY.company_id, wanted_project(), language),
        lambda language: stranger.api.speaking(language).get(f"{path}/projects"),
        lambda language: stranger.api.speaking(language).get(f"{project}/roster"),
        lambda language: stranger.api.speaking(language).get(f"{project}/qr-code?format=json"),
        lambda language: stranger.api.speaking(language).post(f"{project}/status", {"status": "PAUSED"}),
        lambda language: stranger.statement(COMPANY.company_id, "2026-11-01", language),
    ):
        assert_refused(ask, 403, "company-not-authorised")
    assert stranger.sign_in(COMPANY.company_id).status == 403


def test_company_token_is_refused_when_it_asks_for_another_company(world: World) -> None:
    limited = world.api.post(
        "/v1/tokens",
        {
            "client_id": world.provider.client_id,
            "client_secret": world.provider.client_secret,
            "company_id": COMPANY.company_id,
        },
    ).expect(200)
    desk = world.api.with_token(limited["access_token"])
    desk.get(f"/v1/companies/{COMPANY.company_id}/projects").expect(200)
    assert_refused(
        lambda language: desk.speaking(language).get(f"/v1/companies/{HENGXIN.company_id}/projects"),
        403,
        "company-not-authorised",
    )


def test_project_is_not_found_when_it_is_another_companys(world: World) -> None:
    unknown = f"/v1/companies/{COMPANY.company_id}/projects/01ARZ3NDEKTSV4RRFFQ69G5FAV/roster"
    assert_refused(
        lambda language: world.provider.api.speaking(language).get(unknown), 404, "project-not-found"
    )


def test_transition_is_refused_when_the_project_is_closed(world: World) -> None:
    project, _ = world.open_project()
    world.provider.move_project(project, "CLOSED").expect(200)
    path = f"/v1/companies/{COMPANY.company_id}/projects/{project['project_id']}/status"
    assert_refused(
        lambda language: world.provider.api.speaking(language).post(path, {"status": "OPEN"}),
        409,
        "project-transition",
    )


def test_statement_is_not_found_when_the_day_was_never_closed(world: World) -> None:
    assert_refused(
        lambda language: world.provider.statement(COMPANY.company_id, "2026-01-01", language),
        404,
        "statement-not-found",
    )
