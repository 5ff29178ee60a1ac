"""Names at the gate: whoever is at a company's gate is found by name there, and learnt of by nobody else."""

from datetime import timedelta

import pytest

from daycover.api.cover.roster import RosterView, phone_end, roster_view
from daycover.cover.presence import Why
from daycover.identity.consent import ConsentKind
from daycover.projects.code import issue_token
from daycover.projects.place import OutsideGeofenceError
from daycover.projects.project import Project
from tests.support.builders import NOW, a_place, a_project, an_id_number
from tests.unit.cover.test_presence import Site
from tests.unit.cover.world import ID_NUMBER, NAME, code_key

AWAY = a_place(latitude=31.3)
NAMESAKE = (NAME, an_id_number("19881111", order="021"))
ELSEWHERE = a_project(project_id="00000000000000000000000008", company_id="C2", company_name="其他劳务")


def in_clear(site: Site, project: Project | None = None) -> RosterView:
    here = project or site.project
    site.roster()
    return roster_view(site.read(here.company_id, here.project_id, in_clear=True))


def told(site: Site, project: Project | None = None) -> list[tuple[str | None, str]]:
    return [(seen.full_name, seen.why) for seen in in_clear(site, project).uninsured]


def scan(site: Site, worker: str, project: Project) -> None:
    site.world.preview_cover(worker, issue_token(project, code_key)[0])


def two_companies() -> Site:
    site = Site()
    site.world.projects.add(ELSEWHERE)
    return site


def test_refused_worker_is_named_as_they_typed_it_when_their_company_looks() -> None:
    site = Site()
    site.refused(site.worker(), place=AWAY, stated=("王 小 明", ID_NUMBER))
    assert told(site) == [("王 小 明", Why.OUTSIDE_SITE)]
    assert [seen.full_name for seen in site.view().uninsured] == [None], "whoever may not know is not told"


def test_name_stays_when_the_worker_scans_again_without_typing_it() -> None:
    site = Site()
    worker = site.worker()
    site.refused(worker, place=AWAY)
    site.world.now.advance(minutes=1)
    site.preview(worker)
    assert told(site) == [(NAME, Why.NOT_VERIFIED)]


def test_nothing_typed_is_kept_when_the_texts_were_not_accepted() -> None:
    site = Site()
    site.refused(site.worker(consents=False), phone="13800138000")
    (seen,) = in_clear(site).uninsured
    assert (seen.why, seen.full_name, seen.phone, seen.phone_end) == (Why.CONSENT_MISSING, None, None, None)


def test_pending_face_has_a_name_when_the_queue_tells_of_it() -> None:
    site = Site()
    check_in = site.begin(site.worker())
    site.queue(check_in)
    assert told(site) == [(NAME, Why.FACE_PENDING)]


def test_no_name_comes_back_when_consents_were_withdrawn_before_the_queue_came_round() -> None:
    site = Site()
    worker = site.worker()
    check_in = site.begin(worker)
    site.world.work_card.show_face(check_in.authenticate_number)
    site.world.withdraw(worker, list(ConsentKind), project_id=site.project.project_id)
    site.queue(check_in)
    assert told(site) == [(None, Why.CONSENT_MISSING)]


def test_two_of_one_name_are_two_when_both_are_refused() -> None:
    site = Site()
    site.refused(site.worker("o-1"), place=AWAY, phone="13800138000")
    site.world.now.advance(minutes=1)
    site.refused(site.worker("o-2"), place=AWAY, stated=NAMESAKE, phone="13900139999")
    assert [(seen.full_name, seen.phone_end) for seen in in_clear(site).uninsured] == [
        (NAME, "9999"),
        (NAME, "8000"),
    ]


def test_phone_is_noted_at_once_when_a_check_in_that_goes_on_brings_one() -> None:
    site = Site()
    site.begin(site.worker(), phone="13800138000")
    (seen,) = in_clear(site).uninsured
    assert (seen.why, seen.full_name, seen.phone, seen.phone_end) == (
        Why.FACE_PENDING,
        NAME,
        "13800138000",
        "8000",
    )
    (masked,) = site.view().uninsured
    assert (masked.phone, masked.phone_end) == (None, None)


@pytest.mark.parametrize(
    ("phone", "end"),
    [
        ("13800138000", "8000"),
        ("010-62345678", "5678"),
        ("010-62345678x99", "5678"),
        ("4008001234", "1234"),
        (None, None),
    ],
)
def test_end_of_a_phone_is_its_last_four_digits_when_shown(phone: str | None, end: str | None) -> None:
    assert phone_end(phone) == end


def test_other_company_learns_no_name_when_it_was_typed_to_the_first() -> None:
    site = two_companies()
    worker = site.worker()
    site.refused(worker, place=AWAY, phone="13800138000")
    scan(site, worker, ELSEWHERE)
    assert told(site, ELSEWHERE) == [(None, Why.CONSENT_MISSING)]
    assert told(site) == [(NAME, Why.OUTSIDE_SITE)]


def test_other_company_learns_no_name_when_it_was_proved_at_the_first_and_its_texts_are_not_accepted() -> (
    None
):
    site = two_companies()
    worker = site.worker()
    site.insure(worker)
    scan(site, worker, ELSEWHERE)
    assert told(site, ELSEWHERE) == [(None, Why.CONSENT_MISSING)]
    site.world.consent(worker, ELSEWHERE)
    site.world.now.advance(minutes=1)
    scan(site, worker, ELSEWHERE)
    assert told(site, ELSEWHERE) == [(NAME, Why.NOT_CHECKED_IN)], "now they are its insured to be"


def test_covered_are_named_when_their_company_looks_and_masked_for_everybody_else() -> None:
    site = Site()
    site.insure(site.worker())
    (entry,) = in_clear(site).in_force
    assert (entry.full_name, entry.insured_name) == (NAME, "王**")
    (masked,) = site.view().in_force
    assert (masked.full_name, masked.insured_name) == (None, "王**")


def test_no_account_is_opened_when_no_name_is_asked_for() -> None:
    site = Site()
    site.insure(site.worker())
    site.preview(site.worker("o-2"))
    site.world.steps.calm()
    site.view()
    assert "workers.names_of" not in site.world.steps.calls


def test_erasure_takes_every_name_along_and_leaves_the_other_s_when_two_share_one() -> None:
    site = two_companies()
    first, second = site.worker("o-1", consents=True), site.worker("o-2")
    site.world.consent(first, ELSEWHERE)
    site.refused(first, place=AWAY, phone="13800138000")
    site.world.now.advance(minutes=1)
    site.refused(second, place=AWAY, stated=NAMESAKE)
    site.world.erase.request(first)
    assert told(site) == [(NAME, Why.OUTSIDE_SITE), (None, Why.OUTSIDE_SITE)]
    assert [seen.phone for seen in in_clear(site).uninsured] == [None, None]


def test_insured_are_nameless_when_they_asked_for_erasure_and_named_when_they_took_it_back() -> None:
    site = Site()
    worker = site.worker()
    site.insure(worker)
    site.world.erase.request(worker)
    assert [entry.full_name for entry in in_clear(site).in_force] == [None]
    site.world.erase.withdraw(worker)
    assert [entry.full_name for entry in in_clear(site).in_force] == [NAME]


def test_withdrawal_takes_the_name_from_that_company_alone_when_consents_are_withdrawn() -> None:
    site = two_companies()
    worker = site.worker()
    site.world.consent(worker, ELSEWHERE)
    for project in (site.project, ELSEWHERE):
        site.world.now.advance(minutes=1)
        with pytest.raises(OutsideGeofenceError):
            site.world.scan(worker, project, place=AWAY)
    site.world.withdraw(worker, list(ConsentKind), project_id=ELSEWHERE.project_id)
    assert told(site, ELSEWHERE) == [(None, Why.OUTSIDE_SITE)]
    assert told(site) == [(NAME, Why.OUTSIDE_SITE)]


def test_name_is_gone_with_the_visit_when_the_shift_is_long_over() -> None:
    site = Site()
    site.refused(site.worker(), place=AWAY)
    site.world.now.at = NOW + timedelta(hours=13)
    assert told(site) == []


def test_name_and_phone_are_in_no_dump_and_no_log_line_when_a_visit_is_printed() -> None:
    site = Site()
    site.refused(site.worker(), place=AWAY, phone="13800138000")
    (visit,) = site.world.visits.of_project(site.project.project_id, [NOW.date()], in_clear=True)
    assert (visit.name, visit.phone) == (NAME, "13800138000")
    for text in (repr(visit), str(visit), visit.model_dump_json(), str(visit.model_dump())):
        assert NAME not in text
        assert "13800138000" not in text
