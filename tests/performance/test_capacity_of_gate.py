"""What the gate board reads, counted: by projects and kilobytes, never by policies."""

import json
from datetime import timedelta
from typing import Any

import pytest

from daycover import crockford
from daycover.api.cover.gate import gate_view
from daycover.cover.gate import PROJECTS_A_PAGE, UNINSURED_A_PAGE, Gate
from daycover.cover.presence import Visit, Why
from daycover.cover.roster import COUNTED_FROM
from daycover.projects.project import Project
from daycover.wiring.gate import GateWiring
from tests.functional.cover.gate import Gate as AtGate
from tests.functional.cover.gate import whole_aws
from tests.support.builders import NOW, a_line, a_project
from tests.support.capacity import Bill, Meter
from tests.support.key_material import merchant_credentials

COMPANY = "C-GATE"
QUERIES_A_PROJECT = 5
"""Two days of covers, two of notes, the referrals; a third day of covers where cover began around midnight."""


class Company:
    """A company of some projects, on the real stores."""

    def __init__(self, gate: AtGate) -> None:
        self.adapters = gate.adapters
        self.gates = gate.adapters.wired(GateWiring)
        self.meter = Meter()
        self.meter.listen(gate.adapters.dynamodb)

    def opens(self, number: int, **changes: Any) -> Project:
        project = a_project(project_id=crockford.encode(100 + number, 26), company_id=COMPANY, **changes)
        self.adapters.projects.add(project)
        return project

    def insures(self, project: Project, people: int) -> None:
        for person in range(people):
            number = crockford.encode(person, 10)
            line = a_line(
                policy_no=f"{project.project_id}{number}",
                company_id=COMPANY,
                project_id=project.project_id,
                worker_id=f"in-{number}",
            )
            self.adapters.cover_lines.record(line)

    def sees(self, project: Project, people: int) -> None:
        for person in range(people):
            self.adapters.visits.record(
                Visit(
                    project_id=project.project_id,
                    worker_id=f"out-{person:04d}",
                    seen_at=NOW - timedelta(seconds=person),
                    why=Why.OUTSIDE_SITE,
                    name=f"王小{chr(0x4E00 + person)}",
                    consented=True,
                )
            )

    def looks(self, token: str | None = None) -> tuple[Gate, Bill]:
        self.gates.read_gate(COMPANY, token, in_clear=True)  # keys are opened once in a container
        self.meter.bill()
        found = self.gates.read_gate(COMPANY, token, in_clear=True)
        return found, self.meter.bill()


@pytest.fixture
def company() -> Company:
    return Company(AtGate(whole_aws(), merchant_credentials()))


def test_85_projects_are_four_answers_of_bounded_reads_when_the_board_is_read(company: Company) -> None:
    for number in range(1, 86):
        company.insures(company.opens(number), 4)
    token, pages = None, []
    while True:
        found, bill = company.looks(token)
        pages.append((len(found.projects), len(bill.calls), bill.read_units))
        assert found.projects_count == 85
        token = found.next_token
        if token is None:
            break
    assert [projects for projects, *_ in pages] == [25, 25, 25, 10]
    for projects, calls, units in pages:
        assert calls <= 2 + (QUERIES_A_PROJECT + 1) * projects
        assert units <= 0.5 * (85 + 3) + 0.5 * (QUERIES_A_PROJECT + 1) * projects
    assert sum(calls for _, calls, _ in pages) <= 85 * QUERIES_A_PROJECT + 12


def test_calls_are_the_same_and_units_are_kilobytes_when_a_project_insures_five_hundred(
    company: Company,
) -> None:
    project = company.opens(1, headcount=500)
    _, before = company.looks()
    company.insures(project, 480)
    found, after = company.looks()
    assert found.projects[0].covered == 480
    assert len(after.calls) == len(before.calls)
    assert after.read_units - before.read_units < 480 / 12, "not a read a policy: a dozen of them a unit"


def test_reads_do_not_grow_with_covers_when_a_project_is_counted(company: Company) -> None:
    project = company.opens(1, headcount=COUNTED_FROM)
    company.insures(project, 1)
    _, before = company.looks()
    company.insures(project, 60)
    found, after = company.looks()
    assert found.projects[0].covered == 60
    assert after.read_units == before.read_units


def test_five_hundred_are_named_in_one_answer_when_a_project_has_so_many_uninsured(company: Company) -> None:
    project = company.opens(1, headcount=500)
    company.sees(project, 500)
    found, bill = company.looks()
    assert sum(one.full_name is not None for one in gate_view(found).projects[0].uninsured) == 500
    assert bill.calls.count("BatchGetItem") == 1, (
        "what they typed stands in the notes; the projects are one call"
    )
    assert bill.read_units < 60
    assert len(json.dumps(gate_view(found).model_dump(mode="json"))) < 150_000


def test_answer_says_what_it_leaves_out_when_more_are_uninsured_than_it_lists(company: Company) -> None:
    for number in (1, 2):
        company.sees(company.opens(number), 600)
    found, _ = company.looks()
    first, second = gate_view(found).projects
    assert (len(first.uninsured), first.uninsured_count, first.is_truncated) == (600, 600, False)
    assert (len(second.uninsured), second.uninsured_count, second.is_truncated) == (400, 600, True)
    assert len(first.uninsured) + len(second.uninsured) == UNINSURED_A_PAGE
    assert [(one.why, one.people) for one in second.refusals] == [(Why.OUTSIDE_SITE, 600)]


def test_only_what_runs_is_on_the_board_when_projects_are_over_or_far_ahead(company: Company) -> None:
    today = NOW.date()
    company.opens(1)
    company.opens(2, starts_on=today + timedelta(days=9), ends_on=today + timedelta(days=12))
    company.opens(3, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=2))
    found, _ = company.looks()
    assert [one.project.project_id for one in found.projects] == [crockford.encode(101, 26)]
    assert found.projects_count == 1
    assert PROJECTS_A_PAGE == 25
