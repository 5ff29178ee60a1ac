"""Working days: by the notice of a year, by rule without one, and the alarm that says which year has none."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from daycover import loaded
from daycover.china_time import CHINA
from daycover.claims.breaches import NoteBreaches
from daycover.claims.calendar import CALENDARS, LUNAR, Calendar, missing_notice, statutory_days, working_day
from daycover.claims.claim import Claim, ClaimChange
from daycover.claims.clocks import service_level, working_time
from tests.support.fakes.tables import LoadedBeside
from tests.unit.claims.test_two_claims import C_TOE, Papers, stands
from tests.unit.claims.world import World

STATUTORY = {
    # eleven days: New Year, 初一 to 初三, 清明, 1 May, 端午, 中秋, 1 to 3 October
    2020: "0101 0125 0126 0127 0404 0501 0625 1001 1002 1003",  # 中秋 is 1 October
    2021: "0101 0212 0213 0214 0404 0501 0614 0921 1001 1002 1003",
    2022: "0101 0201 0202 0203 0405 0501 0603 0910 1001 1002 1003",
    2023: "0101 0122 0123 0124 0405 0501 0622 0929 1001 1002 1003",
    2024: "0101 0210 0211 0212 0404 0501 0610 0917 1001 1002 1003",
    # thirteen: 除夕 and 2 May with them
    2025: "0101 0128 0129 0130 0131 0404 0501 0502 0531 1001 1002 1003 1006",
    2026: "0101 0216 0217 0218 0219 0405 0501 0502 0619 0925 1001 1002 1003",
    2027: "0101 0205 0206 0207 0208 0405 0501 0502 0609 0915 1001 1002 1003",
}
MAKE_UP = {
    2020: "0119 0426 0509 0628 0927 1010",
    2021: "0207 0220 0425 0508 0918 0926 1009",
    2022: "0129 0130 0402 0424 0507 1008 1009",
    2023: "0128 0129 0423 0506 0625 1007 1008",
    2024: "0204 0218 0407 0428 0511 0914 0929 1012",
    2025: "0126 0208 0427 0928 1011",
    2026: "0104 0214 0228 0509 0920 1010",
}
DAYS_OFF_ON_WEEKDAYS = {
    # as the notices give them, days in lieu included
    2020: "0101 0124 0127 0128 0129 0130 0131 0406 0501 0504 0505 0625 0626 1001 1002 1005 1006 1007 1008",
    2021: "0101 0211 0212 0215 0216 0217 0405 0503 0504 0505 0614 0920 0921 1001 1004 1005 1006 1007",
    2022: "0103 0131 0201 0202 0203 0204 0404 0405 0502 0503 0504 0603 0912 1003 1004 1005 1006 1007",
    2023: "0102 0123 0124 0125 0126 0127 0405 0501 0502 0503 0622 0623 0929 1002 1003 1004 1005 1006",
    2024: "0101 0212 0213 0214 0215 0216 0404 0405 0501 0502 0503 0610 0916 0917 1001 1002 1003 1004 1007",
    2025: "0101 0128 0129 0130 0131 0203 0204 0404 0501 0502 0505 0602 1001 1002 1003 1006 1007 1008",
    2026: "0101 0102 0216 0217 0218 0219 0220 0223 0406 0501 0504 0505 0619 0925 1001 1002 1005 1006 1007",
}


def dates(year: int, written: str) -> set[date]:
    return {date(year, int(one[:2]), int(one[2:])) for one in written.split()}


def year_of(year: int) -> list[date]:
    return [
        date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]


@pytest.mark.parametrize("year", STATUTORY)
def test_statutory_days_are_those_of_the_law_in_every_year(year: int) -> None:
    assert statutory_days(year) == dates(year, STATUTORY[year])


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2027, 2, 6), (2028, 1, 26), (2029, 2, 13), (2030, 2, 3), (2033, 1, 31), (2050, 1, 23)],
)
def test_spring_festival_is_the_first_day_of_the_lunar_year(year: int, month: int, day: int) -> None:
    first = date(year, month, day)
    assert {first + timedelta(days=n) for n in (-1, 0, 1, 2)} <= statutory_days(year)
    assert first - timedelta(days=2) not in statutory_days(year)


def test_lunar_dates_keep_the_distances_of_the_lunar_year() -> None:
    """From New Year to 端午 lie four lunar months, from there to 中秋 three; a leap month may lie between."""
    for year in LUNAR:
        first, qingming, boat, moon = (date(year, int(one[:2]), int(one[2:])) for one in LUNAR[year])
        assert date(year, 1, 21) <= first <= date(year, 2, 21)
        assert qingming in {date(year, 4, 4), date(year, 4, 5)}
        # months of 29 and 30 days: four and four days, three and ten days, each with or without a leap month
        assert 121 <= (boat - first).days <= 124 or 150 <= (boat - first).days <= 154
        assert 97 <= (moon - boat).days <= 100 or 126 <= (moon - boat).days <= 130
    assert list(LUNAR) == list(range(2020, 2051))


@pytest.mark.parametrize("year", DAYS_OFF_ON_WEEKDAYS)
def test_every_day_of_a_published_year_is_as_the_notice_says(year: int) -> None:
    off = dates(year, DAYS_OFF_ON_WEEKDAYS[year])
    worked = dates(year, MAKE_UP[year])
    for day in year_of(year):
        expected = day in worked or (day.weekday() < 5 and day not in off)
        assert working_day(day) == (expected, True), day


def test_year_without_notice_has_weekends_and_statutory_days_and_says_so() -> None:
    off = [day for day in year_of(2027) if day.weekday() < 5 and not working_day(day).is_working]
    assert set(off) == {day for day in dates(2027, STATUTORY[2027]) if day.weekday() < 5}
    assert not any(working_day(day).is_working for day in year_of(2027) if day.weekday() >= 5)
    assert not any(working_day(day).is_published for day in year_of(2027))


def test_two_working_days_from_the_last_of_2026_end_on_5_january_2027() -> None:
    level = service_level(datetime(2026, 12, 31, 10, tzinfo=CHINA))
    assert level.due == datetime(2027, 1, 6, tzinfo=CHINA)  # the end of the 5th
    assert not level.holidays_known


def test_holidays_stand_beyond_the_lunar_table_as_far_as_the_solar_calendar_knows_them() -> None:
    assert statutory_days(2090) == dates(2090, "0101 0501 0502 1001 1002 1003")


# ---- the notice as operations load it --------------------------------------------------------------


def a_notice(year: int = 2027, **changes: Any) -> dict[str, Any]:
    """2027 as the rule has it, with the days around New Year as a notice may set them."""
    return {
        "version": str(year),
        "valid_from": f"{year}-01-01T00:00:00+08:00",
        "year": year,
        "source": "国务院办公厅关于2027年部分节假日安排的通知",
        "holidays": [
            {"festival": "NEW_YEAR", "first": "2027-01-01", "last": "2027-01-03"},
            {"festival": "SPRING_FESTIVAL", "first": "2027-02-05", "last": "2027-02-12"},
            {"festival": "QINGMING", "first": "2027-04-03", "last": "2027-04-05"},
            {"festival": "LABOUR_DAY", "first": "2027-05-01", "last": "2027-05-05"},
            {"festival": "DRAGON_BOAT", "first": "2027-06-09", "last": "2027-06-09"},
            {"festival": "MID_AUTUMN", "first": "2027-09-15", "last": "2027-09-15"},
            {"festival": "NATIONAL_DAY", "first": "2027-10-01", "last": "2027-10-07"},
        ],
        "working_days": ["2027-01-30", "2027-02-14"],
        **changes,
    }


def a_calendar(**changes: Any) -> Calendar:
    return Calendar.model_validate_json(json.dumps(a_notice(**changes)))


def load(notice: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded, "source", lambda: LoadedBeside({CALENDARS: [notice]}))


def changed(number: int, **changes: str) -> list[Any]:
    holidays = list(a_notice()["holidays"])
    holidays[number] = {**holidays[number], **changes}
    return holidays


@pytest.mark.parametrize(
    "changes",
    [
        {"holidays": changed(0, first="2027-01-02")},  # 1 January is missing
        {"holidays": changed(1, first="2027-02-06")},  # 除夕 is missing
        {"holidays": changed(2, last="2027-04-02")},  # ends before it begins
        {"holidays": changed(2, last="2027-05-01")},  # a slip: a month long
        {"holidays": changed(3, first="2027-04-05")},  # runs into the one before
        {"holidays": changed(6, last="2028-10-07")},
        {"holidays": []},
        {"working_days": ["2027-02-10"]},  # a holiday
        {"working_days": ["2027-02-16"]},  # a Tuesday
        {"working_days": ["2026-02-14"]},  # another year
        {"valid_from": "2026-01-01T00:00:00+08:00"},
        {"valid_from": "2026-12-31T15:59:59Z"},  # still 2026 in China
        {"valid_to": "2027-07-01T00:00:00+08:00"},  # from July on by rule, and no alarm
        {"valid_to": "2027-12-31T00:00:00+08:00"},
        {"valid_from": "9999-12-31T23:59:59Z"},
        {"valid_from": "0001-01-01T00:00:00+14:00"},
        {"year": 2026},
        {"source": ""},
        {"version": "2027 neu"},
        {"working_days": ["2027-02-14"], "unknown": 1},
    ],
    ids=lambda changes: json.dumps(changes)[:40],
)
def test_notice_is_refused_when_it_cannot_be_one(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_calendar(**changes)


def test_notice_may_end_with_its_year() -> None:
    assert a_calendar(valid_to="2028-01-01T00:00:00+08:00").valid_to is not None


def test_deadline_moves_to_its_place_when_the_notice_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By rule Wednesday, 10 February 2027 is a working day; the notice has it off."""
    complete = datetime(2027, 2, 4, 10, tzinfo=CHINA)
    by_rule = service_level(complete)
    load(a_calendar(), monkeypatch)
    by_notice = service_level(complete)
    assert by_rule.due == datetime(2027, 2, 11, tzinfo=CHINA)  # Tuesday, Wednesday
    assert by_notice.due == datetime(2027, 2, 16, tzinfo=CHINA)  # Sunday the 14th is made up, Monday
    assert (by_rule.holidays_known, by_notice.holidays_known) == (False, True)
    assert service_level(datetime(2026, 11, 27, 10, tzinfo=CHINA)).holidays_known  # 2026 is as it was


def test_new_year_that_begins_in_december_is_known_by_the_notice_of_the_year_it_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As in 2018: Monday 31 December off, Saturday 29 made up. Here 2027-12-31, a Friday, by a notice of 2028."""
    monkeypatch.setattr("daycover.claims.calendar.statutory_days", lambda _year: frozenset())
    notice = Calendar(
        version="2028",
        valid_from=datetime(2028, 1, 1, tzinfo=CHINA),
        year=2028,
        source="-",
        holidays=({"festival": "NEW_YEAR", "first": "2027-12-31", "last": "2028-01-02"},),
        working_days=(date(2027, 12, 26),),
    )
    load(notice, monkeypatch)
    assert working_day(date(2027, 12, 31)) == (False, True)
    assert working_day(date(2027, 12, 26)) == (True, True)
    assert working_day(date(2027, 12, 30)) == (True, False)


@pytest.mark.parametrize(
    ("now", "missing"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=CHINA), None),
        (datetime(2026, 12, 1, tzinfo=CHINA), 2027),
        (datetime(2026, 12, 31, 12, tzinfo=CHINA), 2027),
        (datetime(2027, 1, 1, tzinfo=CHINA), 2027),
        (datetime(2027, 7, 1, tzinfo=CHINA), 2027),
        (datetime(2025, 12, 1, tzinfo=CHINA), None),
    ],
)
def test_notice_is_missing_from_december_on_and_while_its_year_runs(
    now: datetime, missing: int | None
) -> None:
    assert missing_notice(now.astimezone(UTC)) == missing


def test_no_notice_is_missing_when_next_year_was_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    load(a_calendar(), monkeypatch)
    assert missing_notice(datetime(2026, 12, 1, tzinfo=CHINA)) is None
    assert missing_notice(datetime(2027, 12, 1, tzinfo=CHINA)) == 2028


# ---- counting --------------------------------------------------------------------------------------

instants = st.datetimes(datetime(2020, 1, 1), datetime(2052, 1, 1), timezones=st.just(UTC))


@given(instants, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_later_papers_are_never_due_earlier(first: datetime, apart: timedelta) -> None:
    assert service_level(first).due <= service_level(first + apart).due


@given(instants)
def test_two_working_days_lie_between_complete_papers_and_the_due_time(complete: datetime) -> None:
    due = service_level(complete).due
    assert timedelta(days=2) <= working_time(complete, due) <= timedelta(days=3)
    assert complete < due <= complete + timedelta(days=13)


# ---- clocks that a notice put off ------------------------------------------------------------------


class Head:
    """`claims.claim.Claims` as far as clocks go, one claim a page, by the due time that each was placed by."""

    def __init__(self, *claims: Claim) -> None:
        self.claims = {claim.claim_no: claim for claim in claims}

    def overdue(self, now: datetime, *, beyond: int = 0) -> list[Claim]:
        due = [(claim.next_clock, claim) for claim in self.claims.values() if claim.next_clock is not None]
        ordered = sorted((pair for pair in due if pair[0] <= now), key=lambda pair: pair[0])
        return [claim for _, claim in ordered][: 1 + beyond]

    def get(self, claim_no: str) -> Claim:
        return self.claims[claim_no]

    def save(self, change: ClaimChange) -> None:
        self.claims[change.after.claim_no] = change.after


def test_breach_behind_claims_that_a_notice_put_off_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both were placed at Wednesday, 10 February by rule; the notice has that day off, and the third is overdue."""
    world = World()
    known = stands(world, Papers(world)(*C_TOE, bill_fen=320_000))
    complete = datetime(2027, 2, 4, 10, tzinfo=CHINA)
    placed = service_level(complete).due

    def in_review(number: str, complete_at: datetime, placed_at: datetime) -> Claim:
        round_ = known.round.model_copy(
            update={"documents_complete_at": complete_at, "received_at": complete_at}
        )
        changed = {"claim_no": number, "rounds": (round_,), "next_clock": placed_at}
        return known.model_copy(update=changed)

    late = complete - timedelta(days=2)
    claims = Head(
        in_review("A", complete, placed - timedelta(seconds=2)),
        in_review("B", complete, placed - timedelta(seconds=1)),
        in_review("C", late, placed),
    )
    load(a_calendar(), monkeypatch)
    note = NoteBreaches(claims=claims, now=lambda: placed + timedelta(hours=1))  # type: ignore[arg-type]
    assert [breach.partition(":")[0] for breach in note()] == ["C/SERVICE_LEVEL"]
    assert note() == []
    assert not claims.get("A").round.breaches
