"""The day's list as a numbered endorsement: numbers without a gap, corrections that say so, and who are too few."""

from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest

from daycover import crockford
from daycover.books.endorse import ReadMasterPolicy
from daycover.books.endorsement import Endorsement, endorsements_of_day
from daycover.books.journal import closing_time
from daycover.china_time import CHINA
from daycover.cover.master_policy import MasterPolicyNotFoundError
from daycover.cover.period import COVER, Period
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.cover.roster import line_of
from daycover.errors import ConcurrentChangeError
from tests.support.builders import NOW, a_policy
from tests.support.fakes.port import Crash
from tests.unit.books.desk import Desk

TODAY = date(2026, 11, 24)
TOMORROW = TODAY + timedelta(days=1)
LATER = TODAY + timedelta(days=2)


def insured(person: int, sequence: int = 1, at: datetime = NOW) -> Policy:
    return a_policy(at, sequence, person_id=crockford.encode(person, 20))


def ended(policy: Policy, status: PolicyStatus, at: datetime, refund_fen: int | None = None) -> Policy:
    """`refund_fen`: the whole premium unless given."""
    refund = policy.premium_fen if refund_fen is None else refund_fen
    ending = Ending(at=at, by="staff", actor="s-1", reason=EndReason.MISTAKE, refund_fen=refund)
    return policy.model_copy(update={"status": status, "ended": ending})


def a_desk(*policies: Policy) -> Desk:
    desk = Desk(NOW)
    desk.take_in(*map(line_of, policies))
    return desk


def closed(desk: Desk, day: date = TODAY) -> Endorsement | None:
    desk.now.at = max(desk.now.at, closing_time(day))
    desk.close("C1", day)
    return desk.endorsements.latest("C1", day)


def numbers(desk: Desk) -> list[tuple[int, date]]:
    found = desk.endorsements.newest("C1", 2026, None, 999)
    return [(each.number, each.day) for each in reversed(found)]


@pytest.mark.parametrize(
    ("policies", "listed", "too_few"),
    [
        ([insured(1)], 1, True),
        ([insured(1), insured(2)], 2, True),
        ([insured(1), insured(2), insured(3)], 3, False),
        ([insured(1), insured(1, 2), insured(2)], 3, True),
        ([insured(1), insured(2), ended(insured(3), PolicyStatus.CANCELLED, NOW)], 2, True),
        ([insured(1), insured(2), ended(insured(3), PolicyStatus.VOIDED, NOW)], 2, True),
        ([insured(1), insured(2), ended(insured(3), PolicyStatus.TERMINATED, NOW, 35)], 3, False),
        ([insured(1), insured(2), ended(insured(3), PolicyStatus.TERMINATED, NOW)], 2, True),
    ],
    ids=["one", "two", "three", "two with three", "cancelled", "void", "left early", "left before it began"],
)
def test_a_list_of_one_or_two_people_is_flagged_and_who_was_never_insured_does_not_count(
    policies: list[Policy], listed: int, too_few: bool
) -> None:
    endorsement = closed(a_desk(*policies))
    assert endorsement is not None
    assert (endorsement.number, endorsement.policies, endorsement.fewer_than_three) == (1, listed, too_few)
    assert endorsement.corrections == ()


def test_a_day_without_a_list_takes_no_number() -> None:
    desk = a_desk(ended(insured(1), PolicyStatus.CANCELLED, NOW))
    assert closed(desk) is None
    assert closed(desk, TOMORROW) is None
    assert numbers(desk) == []


def test_a_policy_is_on_the_list_of_its_day_of_issue_where_its_cover_begins_on_the_next() -> None:
    """Adjacent cover, and the last and the first second of a day in +08:00."""
    midnight = datetime(2026, 11, 25, tzinfo=CHINA)
    desk = a_desk()
    for number, at in enumerate(
        (midnight - timedelta(hours=1), midnight - timedelta(seconds=1), midnight), 1
    ):
        policy = insured(number, at=at)
        begins = Period(start=at + timedelta(minutes=90), end=at + timedelta(minutes=90) + COVER)
        desk.now.at = at
        desk.take_in(line_of(policy.model_copy(update={"period": begins})))
    first, second = closed(desk), closed(desk, TOMORROW)
    assert first is not None
    assert second is not None
    assert (first.policies, second.policies) == (2, 1)
    assert (first.fewer_than_three, second.fewer_than_three) == (True, True)


def test_who_was_void_after_the_close_is_taken_off_by_the_next_number_and_the_day_is_then_too_few() -> None:
    desk = a_desk(insured(1), insured(2), insured(3))
    first = closed(desk)
    assert first is not None
    assert not first.fewer_than_three
    desk.now.at = NOW + timedelta(days=1)
    desk.take_in(line_of(ended(insured(3), PolicyStatus.VOIDED, desk.now())))
    second = closed(desk, TOMORROW)
    assert second is not None
    (corrected,) = second.corrections
    assert (second.number, second.policies, second.fewer_than_three) == (2, 0, False)
    assert (corrected.day, corrected.number, corrected.added, corrected.removed) == (TODAY, 1, 0, 1)
    assert corrected.fewer_than_three
    assert closed(desk) == first, "what was issued stays as it was"
    assert numbers(desk) == [(1, TODAY), (2, TOMORROW)]


def test_who_came_late_is_added_by_the_next_number_and_ends_the_flag_of_the_day() -> None:
    desk = a_desk(insured(1), insured(2))
    first = closed(desk)
    desk.take_in(line_of(insured(3)))
    second = closed(desk, TOMORROW)
    assert first is not None
    assert first.fewer_than_three
    assert second is not None
    (corrected,) = second.corrections
    assert (corrected.day, corrected.number, corrected.added, corrected.removed) == (TODAY, 1, 1, 0)
    assert not corrected.fewer_than_three


def test_leaving_early_takes_nobody_off_a_list_when_the_day_was_closed() -> None:
    desk = a_desk(insured(1), insured(2), insured(3))
    closed(desk)
    desk.now.at = NOW + timedelta(hours=20)
    desk.take_in(line_of(ended(insured(3), PolicyStatus.TERMINATED, desk.now(), 12)))
    assert closed(desk, TOMORROW) is None


def test_a_later_revision_is_the_next_number_and_replaces_the_first() -> None:
    desk = a_desk(insured(1))
    desk.close("C1", TODAY)
    desk.take_in(line_of(insured(2)), line_of(insured(3)))
    second = closed(desk)
    assert second is not None
    assert (second.number, second.revision, second.replaces, second.policies) == (2, 2, 1, 3)
    first, again = endorsements_of_day(desk.endorsements, "C1", TODAY)
    assert (first.number, first.fewer_than_three, again) == (1, True, second)
    assert first.list_sha256 != second.list_sha256


def calls_of_a_close() -> int:
    desk = a_desk(insured(1))
    desk.now.at = closing_time(TODAY)
    desk.steps.calm()
    desk.close("C1", TODAY)
    return len(desk.steps.calls)


@pytest.mark.parametrize("applied", [False, True])
def test_numbers_have_no_gap_and_no_double_when_a_close_dies_at_any_call(applied: bool) -> None:
    for index in range(calls_of_a_close()):
        desk = a_desk(insured(1), insured(2, at=NOW + timedelta(days=1)))
        desk.now.at = closing_time(TOMORROW)
        desk.steps.calm()
        desk.steps.crash_at(index, applied=applied)
        with pytest.raises(Crash):
            desk.close("C1", TODAY)
        desk.steps.calm()
        desk.restart()
        closed(desk, TOMORROW)
        closed(desk)
        closed(desk)
        assert sorted(number for number, _ in numbers(desk)) == [1, 2]
        assert {day for _, day in numbers(desk)} == {TODAY, TOMORROW}


def test_each_day_has_one_number_when_two_close_it_or_its_neighbour_at_any_moment() -> None:
    """Another run closes the same day, or the next one, before any call of this one."""
    calls = calls_of_a_close()
    for other in (TODAY, TOMORROW):
        for index in range(calls):
            desk = a_desk(insured(1), insured(2, at=NOW + timedelta(days=1)))
            desk.now.at = closing_time(TOMORROW)
            desk.steps.calm()
            desk.steps.interrupt_at(index, partial(desk.close, "C1", other))
            try:
                desk.close("C1", TODAY)
            except ConcurrentChangeError:
                desk.close("C1", TODAY)
            desk.close("C1", TOMORROW)
            found = numbers(desk)
            assert [number for number, _ in found] == [1, 2]
            assert {day for _, day in found} == {TODAY, TOMORROW}


def test_an_older_revision_never_follows_a_newer_one_when_its_run_was_slow() -> None:
    desk = a_desk(insured(1))
    first = desk.close("C1", TODAY)
    desk.take_in(line_of(insured(2)))
    desk.close("C1", TODAY)
    latest = desk.endorsements.latest("C1", TODAY)
    assert desk.endorse(first) == latest
    assert [number for number, _ in numbers(desk)] == [1, 2]


def test_numbers_begin_anew_with_the_year_and_a_correction_names_the_master_policy_of_its_day() -> None:
    last = date(2026, 12, 31)
    eve = datetime(2026, 12, 31, 10, tzinfo=CHINA)
    desk = a_desk()
    desk.now.at = eve
    desk.take_in(line_of(insured(1, at=eve)))
    closed(desk, last)
    desk.now.at = eve + timedelta(days=1)
    desk.take_in(line_of(ended(insured(1, at=eve), PolicyStatus.VOIDED, desk.now())))
    new_year = closed(desk, date(2027, 1, 1))
    assert new_year is not None
    assert (new_year.master_no, new_year.number) == ("DM-PAIC-2027-C1", 1)
    (corrected,) = new_year.corrections
    assert (corrected.master_no, corrected.number) == ("DM-PAIC-2026-C1", 1)
    assert not corrected.fewer_than_three, "nobody is left on it"


def test_master_policy_is_read_with_its_endorsements_by_page() -> None:
    desk = a_desk()
    read = ReadMasterPolicy(masters=desk.masters, endorsements=desk.endorsements)
    with pytest.raises(MasterPolicyNotFoundError):
        read("C1", 2026)
    start = datetime(2026, 10, 1, 10, tzinfo=CHINA)
    for number in range(33):
        at = start + timedelta(days=number)
        desk.now.at = at
        desk.take_in(line_of(insured(number + 1, at=at)))
        closed(desk, at.date())
    page = read("C1", 2026)
    assert page.master.number == page.endorsements[0].master_no == "DM-PAIC-2026-C1"
    assert (page.master.policyholder, page.master.starts_on) == ("浦江劳务", start.date())
    assert ([each.number for each in page.endorsements], page.next) == (list(range(33, 2, -1)), 3)
    rest = read("C1", 2026, page.next)
    assert ([each.number for each in rest.endorsements], rest.next) == ([2, 1], None)
    assert all(later.number == earlier.number + 1 for later, earlier in pairwise(page.endorsements))


def test_every_list_lies_within_its_master_policy_when_the_new_year_s_are_closed_in_any_order() -> None:
    desk = a_desk(insured(1))
    closed(desk)
    for number in (2, 3):
        at = datetime(2027, 1, number - 1, 9, tzinfo=CHINA)
        desk.now.at = at
        desk.take_in(line_of(insured(number, at=at)))
    for day in (date(2027, 1, 2), date(2027, 1, 1)):
        endorsement = closed(desk, day)
        assert endorsement is not None
        master = desk.masters.find("C1", 2027)
        assert master is not None
        assert (endorsement.master_no, master.starts_on) == (master.number, date(2027, 1, 1))
        assert master.starts_on <= endorsement.day <= master.ends_on
