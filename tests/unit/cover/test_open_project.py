"""Opening and running projects, and who may do so."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from daycover import crockford
from daycover.cover.answers import OccupationAnswersError, OccupationDoesNotFitError
from daycover.cover.disclosure import consent_texts
from daycover.cover.master_policy import DrawUpMasterPolicy
from daycover.cover.occupation import OccupationRefusedError
from daycover.cover.open_project import RunProjects
from daycover.cover.plan import PlanNotOfferedError
from daycover.projects.act_for import ActFor
from daycover.projects.client import SignInProvider
from daycover.projects.code import QrTokenRevokedError, check_generation, read_token
from daycover.projects.company import (
    Authorisation,
    ClientCredentialsError,
    Company,
    CompanyNotAuthorisedError,
)
from daycover.projects.project import ProjectNotFoundError, ProjectNotRunningError, ProjectStatus
from tests.support.builders import NOW, a_new_project, a_plan
from tests.support.enrolled import a_provider, enrol, withdraw
from tests.support.fakes.books import FakeMasterPolicies
from tests.support.fakes.cover import FakeOccupationReferrals
from tests.support.fakes.port import Clock
from tests.support.fakes.projects import FakeCompanies, FakeOperators, FakeProjects
from tests.unit.cover.world import code_key


@pytest.fixture
def companies() -> FakeCompanies:
    companies = FakeCompanies()
    enrol(
        companies,
        Company(company_id="C1", name="浦江劳务", sub_mchid="1900000109"),
        Company(company_id="C2", name="另一家", sub_mchid="1900000110"),
        a_provider("P1", "服务商", "s3cret"),
        Authorisation(provider_id="P1", company_id="C1", granted_at=NOW),
    )
    return companies


@pytest.fixture
def run(companies: FakeCompanies) -> RunProjects:
    ids = iter(range(1, 100))
    return RunProjects(
        now=Clock(NOW),
        new_id=lambda now: crockford.encode(next(ids), 26),
        projects=FakeProjects(),
        companies=companies,
        occupation_referrals=FakeOccupationReferrals(),
        master=lambda company_id, day: None,
        code_key=code_key,
    )


def test_project_is_open_and_priced_when_every_guard_holds(run: RunProjects) -> None:
    project = run.create("C1", a_new_project())
    assert project.status is ProjectStatus.OPEN
    assert (project.occupation_class, project.premium_fen) == (3, 70)
    assert (project.company_name, project.sub_mchid) == ("浦江劳务", "1900000109")
    assert run.list_of("C1") == [project]


def test_first_project_of_a_year_draws_the_master_policy_up_and_no_other_changes_it(
    run: RunProjects, companies: FakeCompanies
) -> None:
    masters, now = FakeMasterPolicies(), Clock(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    draw_up = DrawUpMasterPolicy(masters=masters, companies=companies, now=now)
    run = replace(run, now=now, master=draw_up)
    ends = {"ends_on": date(2027, 6, 1)}
    with pytest.raises(OccupationRefusedError):
        run.create("C1", a_new_project(occupation_code="DEMOLITION", **ends))
    assert masters.find("C1", 2026) is None
    run.create("C1", a_new_project(**ends))
    first = masters.find("C1", 2026)
    assert first is not None
    assert (first.number, first.policyholder) == ("DM-PAIC-2026-C1", "浦江劳务")
    assert (first.starts_on, first.ends_on) == (date(2026, 12, 31), date(2026, 12, 31))
    assert (first.terms, first.plan_versions) == ("2026-11", ("2026-11",))
    now.advance(minutes=1)  # midnight in China
    run.create("C1", a_new_project(**ends))
    run.create("C2", a_new_project(**ends))
    assert masters.find("C1", 2026) == first
    following, other = masters.find("C1", 2027), masters.find("C2", 2027)
    assert following is not None
    assert other is not None
    assert (following.number, other.number) == ("DM-PAIC-2027-C1", "DM-PAIC-2027-C2")
    assert (following.starts_on, following.ends_on) == (date(2027, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"occupation_code": "DEMOLITION"}, OccupationRefusedError),
        ({"occupation_code": "LONG_HAUL_TRUCK_DRIVER"}, PlanNotOfferedError),
        ({"occupation_code": "TRUCK_DRIVER", "plan_id": "T4"}, PlanNotOfferedError),
    ],
)
def test_project_is_refused_when_its_occupation_is_not_insurable(
    run: RunProjects, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        run.create("C1", a_new_project(**changes))
    assert run.list_of("C1") == []


def test_project_opens_and_remembers_why_when_its_workers_are_referred(run: RunProjects) -> None:
    project = run.create("C1", a_new_project(occupation_code="WORK_AT_HEIGHT", plan_id="T1"))
    assert (project.status, project.occupation_class, project.premium_fen) == (ProjectStatus.OPEN, 6, 150)
    assert project.referred_work is not None
    assert project.referred_work.code == "WORK_AT_HEIGHT"
    assert project.referred_work.reason_en.startswith("Work at height")
    assert run.get("C1", project.project_id) == project
    assert run.create("C1", a_new_project()).referred_work is None


def test_answers_are_kept_with_the_project_when_its_occupation_is_of_a_family(run: RunProjects) -> None:
    answers = {"TONNAGE": 4.5, "HAUL": 60}
    project = run.create("C1", a_new_project(occupation_code="TRUCK_DRIVER", answers=answers))
    kept = run.get("C1", project.project_id)
    assert [(one.code, one.answer, one.answer_en) for one in kept.answered] == [
        ("TONNAGE", 4.5, "4.5 t"),
        ("HAUL", 60, "60 km"),
    ]
    assert [own.code for own in kept.exclusions] == ["DRIVING_LICENCE"]
    assert run.create("C1", a_new_project()).answered == ()


def test_project_is_refused_and_told_the_occupation_when_the_answers_are_another_s(run: RunProjects) -> None:
    with pytest.raises(OccupationDoesNotFitError) as error:
        run.create("C1", a_new_project(occupation_code="VAN_DRIVER", answers={"TONNAGE": 4.5, "HAUL": 60}))
    assert error.value.facts["fitting_code"] == "TRUCK_DRIVER"
    with pytest.raises(OccupationAnswersError):
        run.create("C1", a_new_project(occupation_code="VAN_DRIVER"))
    assert run.list_of("C1") == []


def test_worker_is_shown_the_occupation_s_exclusions_before_consenting_when_it_has_some(
    run: RunProjects,
) -> None:
    project = run.create("C1", a_new_project(occupation_code="WELDER", answers={"CERTIFICATE": "YES"}))
    (own,) = project.exclusions
    terms, *_ = consent_texts(project, a_plan("T2"))
    assert own.text_zh in terms.text
    assert terms.sha256 != consent_texts(run.create("C1", a_new_project()), a_plan("T2"))[0].sha256


def test_project_is_not_found_when_it_belongs_to_another_company(run: RunProjects) -> None:
    project = run.create("C1", a_new_project())
    for ask in (run.get, run.code, run.rotate_code, run.revoke_code):
        with pytest.raises(ProjectNotFoundError):
            ask("C2", project.project_id)
    with pytest.raises(ProjectNotFoundError):
        run.move("C2", project.project_id, ProjectStatus.PAUSED)


def test_older_codes_are_refused_when_rotated(run: RunProjects) -> None:
    project = run.create("C1", a_new_project())
    token, _ = run.code("C1", project.project_id)
    rotated = run.rotate_code("C1", project.project_id)
    with pytest.raises(QrTokenRevokedError):
        check_generation(read_token(token, code_key, NOW), rotated)
    assert run.code("C1", project.project_id)[1].key_version == 2


def test_no_code_is_handed_out_when_it_is_revoked_until_it_is_rotated(run: RunProjects) -> None:
    project = run.create("C1", a_new_project())
    run.revoke_code("C1", project.project_id)
    with pytest.raises(QrTokenRevokedError):
        run.code("C1", project.project_id)
    run.rotate_code("C1", project.project_id)
    run.code("C1", project.project_id)


def act_for(companies: FakeCompanies) -> ActFor:
    return ActFor(authorisations=companies, operators=FakeOperators(companies))


@dataclass(frozen=True)
class Actor:
    role: str
    subject: str
    provider_id: str | None = None


def test_company_token_of_a_provider_stops_when_the_company_withdraws(companies: FakeCompanies) -> None:
    own, limited = Actor("company", "C1"), Actor("company", "C1", "P1")
    act_for(companies)(limited, "C1")
    withdraw(companies, Authorisation(provider_id="P1", company_id="C1", granted_at=NOW, withdrawn_at=NOW))
    with pytest.raises(CompanyNotAuthorisedError):
        act_for(companies)(limited, "C1")
    act_for(companies)(own, "C1")


@pytest.mark.parametrize(
    ("role", "subject", "company", "allowed"),
    [
        ("provider", "P1", "C1", True),
        ("provider", "P1", "C2", False),
        ("provider", "P2", "C1", False),
        ("company", "C1", "C1", True),
        ("company", "C1", "C2", False),
        ("worker", "C1", "C1", False),
        ("staff", "P1", "C1", False),
        ("", "", "", False),
    ],
)
def test_caller_acts_only_for_companies_that_allow_it_when_checked(
    companies: FakeCompanies, role: str, subject: str, company: str, allowed: bool
) -> None:
    if allowed:
        act_for(companies)(Actor(role, subject), company)
    else:
        with pytest.raises(CompanyNotAuthorisedError):
            act_for(companies)(Actor(role, subject), company)


def test_provider_is_refused_at_once_when_the_company_withdraws(companies: FakeCompanies) -> None:
    act_for(companies)(Actor("provider", "P1"), "C1")
    withdraw(companies, Authorisation(provider_id="P1", company_id="C1", granted_at=NOW, withdrawn_at=NOW))
    with pytest.raises(CompanyNotAuthorisedError):
        act_for(companies)(Actor("provider", "P1"), "C1")


def test_client_gets_the_role_it_asks_for_when_its_secret_is_right(companies: FakeCompanies) -> None:
    sign_in = SignInProvider(companies=companies, act_for=act_for(companies))
    assert sign_in("P1", "s3cret", None) == ("provider", "P1")
    assert sign_in("P1", "s3cret", "C1") == ("company", "C1")
    with pytest.raises(CompanyNotAuthorisedError):
        sign_in("P1", "s3cret", "C2")


@pytest.mark.parametrize(("client", "secret"), [("P1", "wrong"), ("P9", "s3cret"), ("P1", "")])
def test_client_is_refused_when_id_or_secret_is_wrong(
    companies: FakeCompanies, client: str, secret: str
) -> None:
    with pytest.raises(ClientCredentialsError):
        SignInProvider(companies=companies, act_for=act_for(companies))(client, secret, None)


def test_project_is_neither_created_nor_reopened_when_its_last_shift_is_over(run: RunProjects) -> None:
    with pytest.raises(ProjectNotRunningError):
        run.create("C1", a_new_project(starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 2)))
    assert run.list_of("C1") == []
