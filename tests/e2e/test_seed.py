"""The seeded day must be believable, and usable at whatever time somebody starts the stack."""

from datetime import UTC, datetime, time, timedelta

import pytest

from daycover.identity.age import age_on
from daycover.identity.document import IdDocumentType, id_document
from daycover.projects.project import EARLY, Shift
from tests.devstack.seed import CHINA, OVER_SIXTY, PERMIT_HOLDER, WORKERS, seeded_projects
from tests.support.clocks import INTO_THE_SHIFT

MIDNIGHT = datetime(2026, 11, 24, tzinfo=CHINA)


def takes_check_ins(shift: Shift, moment: datetime) -> bool:
    periods = [shift.on(moment.date() + timedelta(days=step)) for step in (-1, 0, 1)]
    return any(start - EARLY <= moment < end for start, end in periods)


@pytest.mark.parametrize("minutes", range(0, 1440, 10))
def test_every_project_takes_check_ins_when_the_stack_starts_at_any_time(minutes: int) -> None:
    now = MIDNIGHT + timedelta(minutes=minutes)
    shifts = [
        Shift(**{name: time.fromisoformat(value) for name, value in project.wanted["shift"].items()})
        for project in seeded_projects(now.astimezone(UTC))
    ]
    for shift in shifts:
        for moment in (now, now + timedelta(minutes=10)):  # a journey takes a minute or two
            assert takes_check_ins(shift, moment), (shift, moment)
    assert takes_check_ins(shifts[0], now - INTO_THE_SHIFT), "those who will be hurt came then"
    assert [shift.ends_at <= shift.starts_at for shift in shifts] == [True, False, False, False, False]


def test_workers_are_of_working_age_with_genuine_numbers_and_all_different() -> None:
    today = datetime.now(UTC).astimezone(CHINA).date()
    for worker in WORKERS:
        shown = id_document(IdDocumentType.RESIDENT_ID, worker.id_number, today)
        permit = IdDocumentType.HK_MO_TW_RESIDENCE_PERMIT
        expected = permit if worker is PERMIT_HOLDER else IdDocumentType.RESIDENT_ID
        assert (shown.type, shown.number) == (expected, worker.id_number)
        born = shown.birth_date or today
        assert 18 <= age_on(born, today) <= 65
        assert (age_on(born, today) > 60) is (worker is OVER_SIXTY)
    for kind in ("name", "id_number", "phone", "openid"):
        assert len({getattr(worker, kind) for worker in WORKERS}) == len(WORKERS)
