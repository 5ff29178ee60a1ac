"""Loading a table: two persons, no overlap, no edit of what was approved, and containers that learn of it in time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daycover import loaded
from daycover.claims.calendar import CALENDARS
from daycover.cover.known_tables import REFRESHED, RETRIED, KnownTables, TableUnreadableError
from daycover.cover.load_tables import (
    FURTHEST,
    LEAD,
    LoadTables,
    TableApprovedBySamePersonError,
    TableStatus,
    TableUnknownError,
    TableVersionExistsError,
    TableVersionNotFoundError,
    TableVersionOverlapsError,
    TableVersionSettledError,
    TableVersionTimeError,
)
from daycover.cover.occupation import OCCUPATION_TABLES
from daycover.cover.plan import PLAN_VERSIONS, PlanUnknownError, PlanVersion, plan, plan_on_sale
from daycover.cover.underwriting import terms_for
from daycover.cover.versions import DatedTable, Version, read_versions
from daycover.errors import ConcurrentChangeError
from tests.support.builders import NOW
from tests.support.fakes.port import Clock
from tests.support.fakes.tables import FakeTables
from tests.unit.claims.test_calendar import a_calendar

TOMORROW = NOW + timedelta(days=1)


def a_tariff(
    version: str = "2026-12", begins: datetime = TOMORROW, *, dearer: int = 20, **changes: Any
) -> PlanVersion:
    """The packaged tariff, every premium higher by `dearer` fen."""
    (packaged,) = PLAN_VERSIONS
    content = packaged.model_dump(mode="json") | {"version": version, "valid_from": begins, **changes}
    for tier in content["plans"]:
        tier["premium_fen_by_class"] = {
            number: min(200, fen + dearer) for number, fen in tier["premium_fen_by_class"].items()
        }
    return PlanVersion.model_validate(content)


def held(container: KnownTables, table: DatedTable[Any], at: datetime) -> str:
    version = container.at(table, at)
    assert isinstance(version, Version)
    return version.version


class Office:
    """Operations, and containers that read what they loaded."""

    def __init__(self) -> None:
        self.now = Clock(NOW)
        self.stored = FakeTables()
        self.told: list[str] = []
        tables = {table.name: table for table in (PLAN_VERSIONS, OCCUPATION_TABLES, CALENDARS)}
        self.load = LoadTables(now=self.now, tables=tables, stored=self.stored)

    def container(self) -> KnownTables:
        return KnownTables(
            now=self.now, contents=self.stored, unreadable=lambda table, _error: self.told.append(table)
        )

    def loaded(self, version: Version | None = None, table: str = "plans") -> None:
        chosen = version or a_tariff()
        self.load.propose(table, chosen, "s-1")
        self.load.approve(table, chosen.version, "s-2")


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def serving(office: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[[KnownTables], None]:
    """Let rules ask a container."""

    def serve(container: KnownTables) -> None:
        monkeypatch.setattr(loaded, "source", lambda: container)

    return serve


# ---- two persons -----------------------------------------------------------------------------------


def test_version_holds_when_one_has_proposed_and_another_approved(office: Office) -> None:
    proposed = office.load.propose("plans", a_tariff(), "s-1")
    assert (proposed.status, proposed.proposed_by, proposed.settled_by) == (TableStatus.PROPOSED, "s-1", None)
    assert held(office.container(), PLAN_VERSIONS, TOMORROW) == "2026-11"
    approved = office.load.approve("plans", "2026-12", "s-2")
    assert (approved.status, approved.settled_by, approved.settled_at) == (TableStatus.APPROVED, "s-2", NOW)
    found = office.container().at(PLAN_VERSIONS, TOMORROW)
    assert found == a_tariff()
    assert office.load.read("plans", "2026-12") == (approved, found)


def test_version_is_not_approved_by_whoever_proposed_it(office: Office) -> None:
    office.load.propose("plans", a_tariff(), "s-1")
    with pytest.raises(TableApprovedBySamePersonError):
        office.load.approve("plans", "2026-12", "s-1")
    assert office.stored.stored_index.entries == ()


def test_names_that_lead_nowhere_are_said_to(office: Office) -> None:
    with pytest.raises(TableUnknownError):
        office.load.propose("premiums", a_tariff(), "s-1")
    with pytest.raises(TableUnknownError):
        office.load.approve("premiums", "2026-12", "s-1")
    for act in (office.load.approve, office.load.withdraw):
        with pytest.raises(TableVersionNotFoundError):
            act("plans", "2026-11", "s-1")  # the packaged one is nobody's to change
    with pytest.raises(TableVersionNotFoundError):
        office.load.read("plans", "2026-12")


# ---- never overlapping, never edited ----------------------------------------------------------------


def test_approved_version_is_never_changed(office: Office) -> None:
    office.loaded()
    with pytest.raises(TableVersionExistsError):
        office.load.propose("plans", a_tariff(dearer=1), "s-1")
    with pytest.raises(TableVersionExistsError):
        office.load.propose("plans", a_tariff("2026-11", TOMORROW), "s-1")
    with pytest.raises(TableVersionSettledError):
        office.load.approve("plans", "2026-12", "s-3")
    assert office.container().get(PLAN_VERSIONS, "2026-12") == a_tariff()


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(microseconds=-1), timedelta(hours=-5)], ids=str)
def test_version_is_refused_when_it_does_not_begin_after_every_other(
    office: Office, apart: timedelta
) -> None:
    office.loaded()
    with pytest.raises(TableVersionOverlapsError):
        office.load.propose("plans", a_tariff("2026-13", TOMORROW + apart), "s-1")


def test_version_is_refused_when_the_one_before_has_a_later_end_of_its_own(office: Office) -> None:
    ends = TOMORROW + timedelta(days=30)
    office.loaded(a_tariff(valid_to=ends))
    with pytest.raises(TableVersionOverlapsError):
        office.load.propose("plans", a_tariff("2026-13", ends - timedelta(seconds=1)), "s-1")
    office.loaded(a_tariff("2026-13", ends))
    assert held(office.container(), PLAN_VERSIONS, ends) == "2026-13"


def test_overlap_is_found_at_approval_when_another_was_approved_since(office: Office) -> None:
    office.load.propose("plans", a_tariff("early", TOMORROW), "s-1")
    office.loaded(a_tariff("late", TOMORROW + timedelta(days=9)))
    with pytest.raises(TableVersionOverlapsError):
        office.load.approve("plans", "early", "s-2")


@pytest.mark.parametrize(
    ("begins", "fits"),
    [
        (NOW + LEAD, True),
        (NOW + LEAD - timedelta(seconds=1), False),
        (NOW - timedelta(days=1), False),
        (NOW + FURTHEST, True),
        (NOW + FURTHEST + timedelta(seconds=1), False),
        (datetime(2199, 12, 31, 23, tzinfo=UTC), False),
    ],
)
def test_version_begins_between_an_hour_and_400_days_ahead(
    office: Office, begins: datetime, fits: bool
) -> None:
    if fits:
        office.load.propose("plans", a_tariff(begins=begins), "s-1")
        return
    with pytest.raises(TableVersionTimeError):
        office.load.propose("plans", a_tariff(begins=begins), "s-1")


def test_proposal_is_too_late_when_it_waited_until_the_last_hour(office: Office) -> None:
    office.load.propose("plans", a_tariff(), "s-1")
    office.now.at = TOMORROW - LEAD + timedelta(seconds=1)
    with pytest.raises(TableVersionTimeError):
        office.load.approve("plans", "2026-12", "s-2")


def test_version_is_withdrawn_until_an_hour_before_it_begins(office: Office) -> None:
    office.loaded()
    container = office.container()
    assert held(container, PLAN_VERSIONS, TOMORROW) == "2026-12"
    office.now.at = TOMORROW - LEAD
    withdrawn = office.load.withdraw("plans", "2026-12", "s-1")
    assert withdrawn.status is TableStatus.WITHDRAWN
    assert container.at(PLAN_VERSIONS, TOMORROW) == next(iter(PLAN_VERSIONS))
    with pytest.raises(TableVersionSettledError):
        office.load.withdraw("plans", "2026-12", "s-1")
    with pytest.raises(TableVersionExistsError):
        office.load.propose("plans", a_tariff(), "s-1")


def test_version_that_is_about_to_hold_is_not_withdrawn(office: Office) -> None:
    office.loaded()
    office.now.at = TOMORROW - LEAD + timedelta(seconds=1)
    with pytest.raises(TableVersionSettledError):
        office.load.withdraw("plans", "2026-12", "s-1")
    assert held(office.container(), PLAN_VERSIONS, TOMORROW) == "2026-12"


def test_proposal_is_withdrawn_at_any_time_and_never_approved_then(office: Office) -> None:
    office.load.propose("plans", a_tariff(), "s-1")
    office.now.at = TOMORROW + timedelta(days=1)
    office.load.withdraw("plans", "2026-12", "s-1")
    with pytest.raises(TableVersionSettledError):
        office.load.approve("plans", "2026-12", "s-2")


# ---- races -----------------------------------------------------------------------------------------


def test_one_of_two_approvals_at_once_wins_and_the_index_holds_it_once(office: Office) -> None:
    office.load.propose("plans", a_tariff(), "s-1")
    office.stored.steps.interrupt_at("settle", lambda: office.load.approve("plans", "2026-12", "s-3"))
    with pytest.raises(ConcurrentChangeError):
        office.load.approve("plans", "2026-12", "s-2")
    assert [entry.version for entry in office.stored.stored_index.entries] == ["2026-12"]
    assert office.stored.versions["plans", "2026-12"].settled_by == "s-3"


def test_two_versions_that_overlap_are_not_both_approved_at_once(office: Office) -> None:
    office.load.propose("plans", a_tariff("one"), "s-1")
    office.load.propose("plans", a_tariff("two"), "s-1")
    office.stored.steps.interrupt_at("settle", lambda: office.load.approve("plans", "two", "s-2"))
    with pytest.raises(ConcurrentChangeError):
        office.load.approve("plans", "one", "s-2")
    assert [entry.version for entry in office.stored.stored_index.entries] == ["two"]


def test_one_of_two_proposals_of_one_name_wins(office: Office) -> None:
    office.stored.steps.interrupt_at("add", lambda: office.load.propose("plans", a_tariff(dearer=1), "s-3"))
    with pytest.raises(TableVersionExistsError):
        office.load.propose("plans", a_tariff(), "s-1")
    assert office.load.read("plans", "2026-12")[1] == a_tariff(dearer=1)


def test_withdrawal_and_approval_at_once_leave_one_of_them(office: Office) -> None:
    office.load.propose("plans", a_tariff(), "s-1")
    office.stored.steps.interrupt_at("settle", lambda: office.load.withdraw("plans", "2026-12", "s-1"))
    with pytest.raises(ConcurrentChangeError):
        office.load.approve("plans", "2026-12", "s-2")
    assert office.stored.stored_index.entries == ()


# ---- a calendar, late ------------------------------------------------------------------------------


def test_notice_is_loaded_late_when_its_year_had_none(office: Office) -> None:
    office.now.at = datetime(2027, 1, 20, tzinfo=UTC)
    office.loaded(a_calendar(), "calendar")
    assert office.container().at(CALENDARS, datetime(2027, 1, 2, tzinfo=UTC)) == a_calendar()
    assert held(office.container(), CALENDARS, datetime(2026, 12, 30, tzinfo=UTC)) == "2026"


def test_amended_notice_holds_from_an_hour_ahead_and_never_backwards(office: Office) -> None:
    office.loaded(a_calendar(), "calendar")
    office.now.at = datetime(2027, 1, 26, tzinfo=UTC)
    with pytest.raises(TableVersionTimeError):
        office.load.propose(
            "calendar", a_calendar(version="2027-b", valid_from="2027-01-25T00:00:00+08:00"), "s-1"
        )
    office.loaded(a_calendar(version="2027-b", valid_from="2027-01-28T00:00:00+08:00"), "calendar")
    container = office.container()
    assert held(container, CALENDARS, datetime(2027, 1, 27, tzinfo=UTC)) == "2027"
    assert held(container, CALENDARS, datetime(2027, 1, 28, tzinfo=UTC)) == "2027-b"


# ---- what containers know --------------------------------------------------------------------------


def test_running_container_prices_by_the_new_version_from_its_first_instant(
    office: Office, serving: Callable[[KnownTables], None]
) -> None:
    container = office.container()
    serving(container)
    assert terms_for("PARCEL_SORTER", "T2", NOW).premium_fen == plan_on_sale("T2", NOW).premium_fen(3)
    office.now.at = TOMORROW - LEAD
    office.loaded()
    office.now.at = TOMORROW - timedelta(microseconds=1)
    old = plan_on_sale("T2", office.now())
    office.now.at = TOMORROW
    new = plan_on_sale("T2", office.now())
    assert (old.version, new.version) == ("2026-11", "2026-12")
    assert terms_for("PARCEL_SORTER", "T2", TOMORROW).premium_fen == old.premium_fen(3) + 20
    assert plan("T2", "2026-11") == old  # what was issued keeps its version
    assert plan("T2", "2026-12") == new
    assert container.at(PLAN_VERSIONS, NOW) is container.at(PLAN_VERSIONS, NOW)
    assert office.told == []


def test_container_reads_the_index_once_in_five_minutes_and_a_content_once(office: Office) -> None:
    office.loaded()
    container = office.container()
    office.stored.steps.calm()
    for _ in range(100):
        container.at(PLAN_VERSIONS, TOMORROW)
        container.at(PLAN_VERSIONS, NOW)
        container.at(OCCUPATION_TABLES, NOW)
        container.get(PLAN_VERSIONS, "2026-11")
    assert office.stored.steps.calls == ["index", "content"]
    office.stored.steps.calm()
    office.now.at += REFRESHED - timedelta(seconds=1)
    container.at(PLAN_VERSIONS, NOW)
    assert office.stored.steps.calls == []
    office.now.at += timedelta(seconds=1)
    for _ in range(100):
        container.at(PLAN_VERSIONS, TOMORROW)
        container.at(OCCUPATION_TABLES, NOW)
    assert office.stored.steps.calls == ["index"]


def test_content_is_not_read_by_a_container_that_asks_for_other_tables(office: Office) -> None:
    office.loaded()
    container = office.container()
    office.stored.steps.calm()
    container.at(CALENDARS, NOW)
    assert office.stored.steps.calls == ["index"]


def test_last_known_serves_when_the_index_cannot_be_read(office: Office) -> None:
    office.loaded()
    container = office.container()
    container.at(PLAN_VERSIONS, NOW)
    office.stored.down = True
    office.now.at = TOMORROW + timedelta(days=1)
    assert container.at(PLAN_VERSIONS, office.now()) == a_tariff()
    assert container.get(PLAN_VERSIONS, "2026-12") == a_tariff()
    assert office.told == ["index"]
    office.now.at += RETRIED
    container.at(PLAN_VERSIONS, office.now())
    assert office.told == ["index", "index"]


def test_new_container_sells_by_what_is_packaged_when_nothing_can_be_read(office: Office) -> None:
    office.loaded()
    office.stored.down = True
    office.now.at = TOMORROW
    container = office.container()
    assert container.at(PLAN_VERSIONS, TOMORROW) == next(iter(PLAN_VERSIONS))
    with pytest.raises(TableUnreadableError):
        container.get(
            PLAN_VERSIONS, "2026-12"
        )  # but reads nothing by another version than it was issued under
    assert container.get(PLAN_VERSIONS, "2026-11") == next(iter(PLAN_VERSIONS))


def gone(office: Office) -> None:
    del office.stored.contents["plans", "2026-12"]


def cut_short(office: Office) -> None:
    office.stored.contents["plans", "2026-12"] = office.stored.contents["plans", "2026-12"][:-100]


def edited(office: Office) -> None:
    office.stored.contents["plans", "2026-12"] = a_tariff(dearer=1).model_dump_json()


@pytest.mark.parametrize("damage", [gone, cut_short, edited])
def test_version_before_serves_when_the_one_that_holds_cannot_be_read(
    office: Office, damage: Callable[[Office], None]
) -> None:
    office.loaded()
    good = office.stored.contents["plans", "2026-12"]
    damage(office)
    container = office.container()
    assert held(container, PLAN_VERSIONS, NOW) == "2026-11"
    assert office.told == ["plans"]  # a day before it matters
    office.now.at = TOMORROW
    assert held(container, PLAN_VERSIONS, TOMORROW) == "2026-11"
    with pytest.raises(TableUnreadableError):
        container.get(PLAN_VERSIONS, "2026-12")
    assert office.told == ["plans", "plans"]  # tried again, and once in thirty seconds alone
    office.stored.contents["plans", "2026-12"] = good
    office.now.at += RETRIED
    assert container.at(PLAN_VERSIONS, TOMORROW) == a_tariff()


def test_nothing_is_on_sale_when_the_tariff_has_ended_and_none_follows(
    office: Office, serving: Callable[[KnownTables], None]
) -> None:
    ends = TOMORROW + timedelta(days=1)
    office.loaded(a_tariff(valid_to=ends))
    serving(office.container())
    assert plan_on_sale("T2", ends - timedelta(seconds=1)).version == "2026-12"
    with pytest.raises(PlanUnknownError):
        plan_on_sale("T2", ends)


def test_policy_of_a_version_is_read_at_once_by_a_container_that_has_not_heard_of_it(
    office: Office, serving: Callable[[KnownTables], None]
) -> None:
    container = office.container()
    serving(container)
    container.at(PLAN_VERSIONS, NOW)
    office.loaded()
    office.now.at += RETRIED
    assert plan("T2", "2026-12").version == "2026-12"
    with pytest.raises(PlanUnknownError):
        plan("T2", "2031-01")


def test_loaded_version_is_kept_when_a_release_packages_one_of_its_name_or_runs_into_it(
    office: Office, tmp_path: Any
) -> None:
    office.loaded()
    (packaged,) = PLAN_VERSIONS
    (tmp_path / "plans.2026-11.json").write_text(packaged.model_dump_json())
    (tmp_path / "plans.2026-12.json").write_text(a_tariff(dearer=1).model_dump_json())
    released = type(PLAN_VERSIONS)("plans", PlanVersion, tmp_path)
    assert len(list(read_versions("plans", PlanVersion, tmp_path))) == 2
    assert office.container().at(released, TOMORROW) == a_tariff()
    assert office.told == []
    (tmp_path / "plans.2026-12.json").unlink()
    (tmp_path / "plans.new.json").write_text(a_tariff("new", dearer=1).model_dump_json())
    released = type(PLAN_VERSIONS)("plans", PlanVersion, tmp_path)
    container = office.container()
    assert container.at(released, TOMORROW) == a_tariff()
    assert held(container, released, NOW) == "2026-11"
    assert office.told == ["plans"]


def test_list_shows_every_version_with_its_place_in_time(office: Office) -> None:
    office.loaded()
    office.load.propose("plans", a_tariff("2027-01", TOMORROW + timedelta(days=30)), "s-2")
    plans = [one for one in office.load.list_all() if one.table == "plans"]
    assert [(one.version, one.status, one.valid_to) for one in plans] == [
        ("2026-11", TableStatus.PACKAGED, TOMORROW),
        ("2026-12", TableStatus.APPROVED, None),
        ("2027-01", TableStatus.PROPOSED, None),
    ]
    calendars = [one for one in office.load.list_all() if one.table == "calendar"]
    assert [one.version for one in calendars] == [str(year) for year in range(2020, 2027)]
