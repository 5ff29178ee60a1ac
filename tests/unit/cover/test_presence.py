"""Who is on site uninsured, and why: what the foreman sees, at each step of a morning."""

import importlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.api.cover.roster import RosterView, roster_view
from daycover.china_time import CHINA
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.cover.presence import NEXT_STEPS, PRESENT_FOR, WHY_BY_ERROR, Visit, Why
from daycover.cover.roster import (
    COUNTED_FROM,
    UNINSURED_SHOWN,
    CountedProjects,
    ReadRoster,
    RecordCover,
    Roster,
    in_force,
    line_of,
    uninsured,
)
from daycover.errors import DaycoverError
from daycover.identity.work_card import WorkCardLimitError, WorkCardRefusedError, WorkCardUnavailableError
from daycover.projects.code import issue_token
from daycover.projects.project import Project
from tests.support.builders import (
    NOW,
    PROJECT,
    a_line,
    a_night_project,
    a_place,
    a_policy,
    a_project,
    an_id_number,
)
from tests.support.fakes.cover import FakeCoverLines, FakeEndedPolicies
from tests.unit.cover.world import ID_NUMBER, World, code_key

CHINESE = re.compile("[\u4e00-\u9fff]")


class Site:
    """A world, its stream, and the foreman's screen."""

    def __init__(self, project: Project | None = None, at: datetime = NOW) -> None:
        self.project = project or a_project()
        self.world = World(self.project, at=at)
        self.token, _ = issue_token(self.project, code_key)
        self.lines = FakeCoverLines()
        self.record = RecordCover(
            lines=self.lines,
            ended=FakeEndedPolicies(),
            counted=CountedProjects(self.world.projects),
            visits=self.world.visits,
        )
        self.read = ReadRoster(
            now=self.world.now,
            projects=self.world.run_projects,
            lines=self.lines,
            visits=self.world.visits,
            accounts=self.world.workers,
        )

    def roster(self) -> Roster:
        for policy in self.world.policies.all():
            self.record(policy.model_dump())
        return self.read(self.project.company_id, self.project.project_id)

    def view(self) -> RosterView:
        return roster_view(self.roster())

    def uninsured(self) -> list[tuple[str, str]]:
        return [(seen.name, seen.why) for seen in self.view().uninsured]

    def worker(self, openid: str = "o-1", *, consents: bool = True) -> str:
        return self.world.worker(openid, self.project, consents=consents)

    def preview(self, worker: str) -> None:
        self.world.preview_cover(worker, self.token)

    def begin(self, worker: str, **scan: Any) -> Any:
        return self.world.begin(worker, self.project, **scan)

    def queue(self, check_in: Any, attempt: int = 0) -> str:
        return self.world.complete_check_in(check_in.worker_id, check_in.check_in_id, attempt)

    def insure(self, worker: str) -> Policy:
        check_in = self.begin(worker)
        self.world.work_card.show_face(check_in.authenticate_number)
        issued = self.world.prove_check_in(worker, check_in.check_in_id)
        assert issued.policy is not None
        return issued.policy

    def void(self, policy: Policy) -> None:
        ending = Ending(
            at=self.world.now(),
            by="staff",
            actor="s-1",
            reason=EndReason.NO_CONSENT,
            refund_fen=policy.premium_fen,
        )
        ended = policy.model_copy(update={"status": PolicyStatus.VOIDED, "ended": ending})
        self.world.policies.end(ended)

    def refused(self, worker: str, **scan: Any) -> None:
        with pytest.raises(DaycoverError):
            self.world.scan(worker, self.project, **scan)


def test_morning_is_seen_step_by_step_when_a_new_worker_scans_until_they_are_covered() -> None:
    site = Site()
    worker = site.worker(consents=False)
    assert site.uninsured() == []
    site.preview(worker)
    assert site.uninsured() == [("未核验", "CONSENT_MISSING")]
    texts = site.world.preview_cover(worker, site.token).texts
    site.world.preview_cover.accept(worker, site.token, {text.kind: (text.sha256, NOW) for text in texts})
    assert site.uninsured() == [("未核验", "NOT_CHECKED_IN")]
    site.preview(worker)
    assert site.uninsured() == [("未核验", "NOT_VERIFIED")]
    check_in = site.begin(worker)
    assert site.queue(check_in) == "PENDING"
    assert site.uninsured() == [("未核验", "FACE_PENDING")]
    site.world.work_card.show_face(check_in.authenticate_number)
    site.world.prove_check_in(worker, check_in.check_in_id)
    assert site.uninsured() == []
    site.preview(worker)
    view = site.view()
    assert (view.count, view.uninsured, view.uninsured_count) == (1, [], 0)


def test_known_worker_has_a_masked_name_when_seen_without_cover() -> None:
    site = Site()
    worker = site.worker()
    site.world.cover(worker, site.project)
    site.world.now.advance(hours=25)
    site.preview(worker)
    assert site.uninsured() == [("王**", "EXPIRED")]
    site.world.now.advance(seconds=1)
    site.refused(worker, place=a_place(latitude=31.3, fixed_at=site.world.now()), stated=None)
    assert site.uninsured() == [("王**", "OUTSIDE_SITE")]


def test_cover_that_ends_on_site_is_seen_when_the_scan_was_hours_ago() -> None:
    site = Site()
    worker = site.worker()
    policy = site.world.cover(worker, site.project)
    site.world.now.at = policy.period.end - timedelta(hours=3)
    site.preview(worker)
    assert site.uninsured() == []
    site.world.now.at = policy.period.end
    assert site.uninsured() == [("王**", "EXPIRED")]


REFUSED: list[tuple[dict[str, Any], Why]] = [
    ({"place": a_place(latitude=31.3)}, Why.OUTSIDE_SITE),
    ({"stated": None}, Why.NOT_VERIFIED),
    ({"stated": ("王小明", "110105199003070021")}, Why.ID_REFUSED),
    ({"stated": ("王小明", an_id_number("20110101"))}, Why.AGE_REFUSED),
    ({"stated": ("王小明", an_id_number("19560101"))}, Why.AGE_REFUSED),
]


@pytest.mark.parametrize(("scan", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_refusal_is_noted_with_its_reason_when_a_check_in_does_not_begin(
    scan: dict[str, Any], why: Why
) -> None:
    site = Site()
    site.refused(site.worker(), **scan)
    assert site.uninsured() == [("未核验", why)]


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (WorkCardUnavailableError(), Why.WORK_CARD_DOWN),
        (WorkCardRefusedError(code="NO_AUTH"), Why.WORK_CARD_REFUSED),
        (WorkCardLimitError(), Why.WORK_CARD_LIMIT),
    ],
)
def test_work_card_is_named_when_it_stands_in_the_way(refusal: Exception, why: Why) -> None:
    site = Site()
    site.world.work_card.refusal = refusal
    site.refused(site.worker())
    assert site.uninsured() == [("未核验", why)]


def test_consent_and_credit_are_named_when_they_stand_in_the_way() -> None:
    site = Site()
    site.refused(site.worker(consents=False))
    assert site.uninsured() == [("未核验", Why.CONSENT_MISSING)]
    blocked = Site(a_project(credit_blocked=True))
    blocked.refused(blocked.worker())
    assert blocked.uninsured() == [("未核验", Why.COVER_BLOCKED)]


def test_early_worker_is_told_apart_from_a_late_one_when_the_shift_has_not_opened() -> None:
    site = Site(a_night_project(), at=datetime(2026, 11, 24, 17, 59, 59, tzinfo=CHINA))
    worker = site.worker()
    site.preview(worker)
    assert site.uninsured() == [("未核验", Why.TOO_EARLY)]
    site.refused(worker)
    assert site.uninsured() == [("未核验", Why.TOO_EARLY)]
    site.world.now.advance(seconds=1)
    site.preview(worker)
    assert site.uninsured() == [("未核验", Why.NOT_VERIFIED)]


def failed(reason: str) -> Callable[[Site, Any], None]:
    return lambda site, check_in: site.world.work_card.show_face(check_in.authenticate_number, failed=reason)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (failed("VERIFY_FACE_FAILED"), Why.FACE_FAILED),
        (failed("INCONSISTENT_REAL_NAME"), Why.NAME_MISMATCH),
        (lambda site, _: site.world.now.advance(minutes=7), Why.CHECK_IN_EXPIRED),
    ],
)
def test_outcome_is_noted_when_the_work_card_does_not_confirm(
    happens: Callable[[Site, Any], None], why: Why
) -> None:
    site = Site()
    check_in = site.begin(site.worker())  # never scanned first: the queue brings them up
    assert site.uninsured() == []
    happens(site, check_in)
    site.queue(check_in)
    assert site.uninsured() == [("未核验", why)]
    assert [visit.seen_at for visit in site.roster().uninsured] == [check_in.at]


def test_later_scan_stays_when_the_queue_comes_round_afterwards() -> None:
    site = Site()
    worker = site.worker()
    check_in = site.begin(worker)
    site.world.now.advance(minutes=7)
    site.preview(worker)
    site.queue(check_in)
    assert site.uninsured() == [("未核验", Why.NOT_VERIFIED)]


def test_night_shift_is_followed_across_midnight_and_forgotten_when_it_is_long_over() -> None:
    site = Site(a_night_project(), at=datetime(2026, 11, 24, 23, 50, tzinfo=CHINA))
    site.preview(site.worker())
    site.world.now.at += PRESENT_FOR
    assert site.uninsured() == [("未核验", Why.NOT_VERIFIED)]
    site.world.now.at += timedelta(microseconds=1)
    assert site.uninsured() == []


def test_worker_is_listed_once_as_last_seen_when_seen_on_both_sides_of_midnight() -> None:
    site = Site(a_night_project(), at=datetime(2026, 11, 24, 23, 59, tzinfo=CHINA))
    worker = site.worker(consents=False)
    site.preview(worker)
    site.world.now.advance(minutes=2)
    site.world.consent(worker, site.project)
    site.preview(worker)
    assert site.uninsured() == [("未核验", Why.NOT_VERIFIED)]


def test_success_writes_no_visit_when_a_check_in_begins_and_is_issued() -> None:
    site = Site()
    worker = site.worker()
    site.world.steps.calm()
    site.world.cover(worker, site.project)
    assert "visits.record" not in site.world.steps.calls


def test_scan_writes_one_note_when_repeated() -> None:
    site = Site()
    worker = site.worker()
    site.world.steps.calm()
    site.preview(worker)
    assert site.world.steps.calls == ["projects.get", "check_ins.context", "visits.record"]


def test_locked_worker_is_nameless_when_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site()
    worker = site.worker()
    site.world.cover(worker, site.project)
    stored = site.world.workers._workers
    stored[worker] = stored[worker].model_copy(update={"locked_at": NOW})
    site.world.now.advance(hours=25)
    site.preview(worker)
    (visit,) = site.world.visits.of_project(PROJECT, [site.world.now().astimezone(CHINA).date()])
    assert (visit.insured_name, visit.why) == (None, Why.NOT_VERIFIED)


def test_under_insuring_is_an_alert_when_a_shift_runs_with_fewer_policies_than_heads() -> None:
    site = Site(a_project(headcount=1))
    assert (site.view().under_insured, site.view().uninsured_places) == (True, 1)
    site.world.cover(site.worker(), site.project)
    assert (site.view().under_insured, site.view().uninsured_places) == (False, 0)
    night = Site(a_night_project(headcount=1))
    assert (night.view().under_insured, night.view().uninsured_places) == (False, 1)  # 08:30: nobody works


def test_list_is_bounded_and_the_count_is_not_when_a_thousand_are_uninsured() -> None:
    visits = [
        Visit(project_id=PROJECT, worker_id=f"w{n}", seen_at=NOW + timedelta(seconds=n), why=Why.NOT_VERIFIED)
        for n in range(1000)
    ]
    late = NOW + timedelta(hours=1)
    view = roster_view(Roster(a_project(), [], uninsured(visits, [], late), on_shift=True, insured=0))
    assert (len(view.uninsured), view.uninsured_count) == (UNINSURED_SHOWN, 1000)
    assert view.uninsured[0].last_seen == NOW + timedelta(seconds=999)


moments = st.integers(-30 * 3600, 0).map(lambda seconds: NOW + timedelta(seconds=seconds))
people = st.sampled_from(["w1", "w2", "w3"])
seen = st.lists(st.tuples(people, moments), max_size=8)
policies = st.lists(st.tuples(people, moments, st.sampled_from(PolicyStatus)), max_size=6)


@given(seen, policies)
def test_everybody_seen_lately_is_insured_or_listed_once_when_lines_and_visits_are_compared(
    seen: list[tuple[str, datetime]], policies: list[tuple[str, datetime, PolicyStatus]]
) -> None:
    visits = [
        Visit(project_id=PROJECT, worker_id=worker, seen_at=at, why=Why.NOT_VERIFIED) for worker, at in seen
    ]
    lines = [
        line_of(a_policy(start, number, worker_id=worker)).model_copy(update={"status": status})
        for number, (worker, start, status) in enumerate(policies, start=1)
    ]
    insured = {line.worker_id for line in in_force(lines, NOW)}
    listed = [visit.worker_id for visit in uninsured(visits, lines, NOW)]
    lately = {worker for worker, at in seen if NOW - at <= PRESENT_FOR}
    assert len(listed) == len(set(listed))
    assert set(listed) == lately - insured


def test_ended_policy_is_told_apart_from_an_expired_one_when_listed() -> None:
    visit = Visit(project_id=PROJECT, worker_id=a_policy().worker_id, seen_at=NOW, why=Why.NOT_CHECKED_IN)
    ended = a_line().model_copy(update={"status": PolicyStatus.TERMINATED})
    (found,) = uninsured([visit], [ended], NOW)
    assert (found.why, found.insured_name) == (Why.POLICY_ENDED, "王**")


@pytest.mark.parametrize("why", Why)
def test_next_step_is_given_in_both_languages_when_somebody_is_uninsured(why: Why) -> None:
    chinese, english = NEXT_STEPS[why]
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    assert set(NEXT_STEPS) == set(Why)


@pytest.mark.parametrize("name", WHY_BY_ERROR)
def test_refusal_is_one_of_ours_when_it_has_a_reason(name: str) -> None:
    modules = ("cover.check_in", "cover.start_check_in", "cover.issue", "cover.prove", "cover.occupation",
               "cover.underwriting", "identity.consent", "identity.document", "identity.work_card",
               "identity.worker", "projects.place", "projects.project")  # fmt: skip
    found = [getattr(importlib.import_module(f"daycover.{module}"), name, None) for module in modules]
    assert any(isinstance(item, type) and issubclass(item, DaycoverError) for item in found)


def test_nobody_s_id_number_is_in_a_visit_when_noted() -> None:
    site = Site()
    site.refused(site.worker(), place=a_place(latitude=31.3))
    (visit,) = site.roster().uninsured
    assert ID_NUMBER not in visit.model_dump_json()
    assert "王小明" not in visit.model_dump_json()


# ---- a project that is counted -----------------------------------------------------------------------


def counted_site() -> Site:
    return Site(a_project(headcount=COUNTED_FROM))


def test_counted_roster_shows_what_a_small_one_does_when_workers_come_and_are_voided() -> None:
    """Two workers: one insured and then voided, one only seen; the same day on a small project tells the same."""
    told = []
    for site in (Site(a_project(headcount=COUNTED_FROM - 1)), counted_site()):
        story: list[list[object]] = []
        first, second = site.worker("o-1"), site.worker("o-2")
        for worker in (first, second):
            site.preview(worker)
        story.append([*site.uninsured()])
        policy = site.insure(first)
        view = site.view()
        story.append([view.count, len(view.in_force), *site.uninsured()])
        site.void(policy)
        for _ in range(2):  # a replay changes nothing
            view = site.view()
        story.append([view.count, len(view.in_force), *site.uninsured()])
        told.append(story)
    assert told[0] == told[1]
    assert told[1][1][:2] == [1, 1]
    assert told[1][2][:2] == [0, 0]


def test_counted_cover_counts_until_its_last_minute_is_over() -> None:
    site = counted_site()
    policy = site.insure(site.worker())
    site.roster()
    for moment, count in (
        (policy.period.start, 1),
        (policy.period.end - timedelta(seconds=1), 1),
        (policy.period.end + timedelta(minutes=1), 0),
    ):
        site.world.now.at = moment
        assert site.roster().insured == count


def test_figures_of_a_counted_project_read_no_line_when_none_is_asked_for() -> None:
    site = counted_site()
    site.insure(site.worker())
    site.roster()
    site.lines.steps.calm()
    roster = site.read(site.project.company_id, site.project.project_id, 0)
    assert (roster.insured, roster.in_force, roster.next_token) == (1, [], None)
    assert not {"lines.of_project", "lines.page"} & set(site.lines.steps.calls)
