"""Versions of a table: no two at once, none edited, and what was issued is read as it was issued."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from daycover.api.cover.policy_files import PolicyFileView
from daycover.cover import plan as plans
from daycover.cover.plan import PlanVersion
from daycover.cover.terms import TermsReference, reference
from daycover.cover.versions import TABLES, OverlappingVersionsError, Version, Versions, read_versions
from daycover.identity.consent import ConsentMissingError
from daycover.projects.code import issue_token
from tests.support.builders import NOW, a_project
from tests.unit.cover.world import World, code_key

START = datetime(2026, 1, 1, tzinfo=UTC)
days = st.integers(0, 60)
spans = st.lists(st.tuples(days, st.integers(1, 20) | st.none()), min_size=1, max_size=5)


def a_version(name: str, first: int, length: int | None) -> Version:
    ends = None if length is None else START + timedelta(days=first + length)
    return Version(version=name, valid_from=START + timedelta(days=first), valid_to=ends)


@given(spans)
def test_versions_are_taken_when_and_only_when_no_two_hold_at_once(
    spans: list[tuple[int, int | None]],
) -> None:
    versions = [a_version(str(number), *span) for number, span in enumerate(spans)]
    instants = [START + timedelta(days=day) for day in range(90)]
    begun = [version.valid_from for version in versions]
    # what has no end of its own ends where the next begins, so two clash by an end, or by one beginning
    with_end = [version for version in versions if version.valid_to is not None]
    clash = len(set(begun)) < len(begun) or any(
        one.holds(at) for at in begun for one in with_end if at > one.valid_from
    )
    if clash:
        with pytest.raises(OverlappingVersionsError):
            Versions(*versions)
        return
    taken = Versions(*versions)
    for at in instants:
        latest = max(
            (one for one in versions if one.valid_from <= at), key=lambda one: one.valid_from, default=None
        )
        expected = latest if latest is not None and latest.holds(at) else None
        found = taken.at(at)
        assert (found and found.version) == (expected and expected.version)
        assert sum(version.holds(at) for version in taken) == (found is not None)


def test_versions_are_refused_when_two_bear_one_name() -> None:
    with pytest.raises(OverlappingVersionsError):
        Versions(a_version("a", 0, 1), a_version("a", 2, 1))


def test_next_version_holds_from_its_first_instant_when_the_one_before_ends() -> None:
    taken = Versions(a_version("new", 10, None), a_version("old", 0, 10))
    edge = START + timedelta(days=10)
    assert taken.at(edge - timedelta(microseconds=1)) == taken.get("old")
    assert taken.at(edge) == taken.get("new")
    assert taken.at(START - timedelta(microseconds=1)) is None
    assert taken.get("older") is None


def written(directory: Path, version: str, **changes: Any) -> None:
    read = json.loads((TABLES / "plans.2026-11.json").read_text(encoding="utf-8"))
    (directory / f"plans.{version}.json").write_text(json.dumps(read | {"version": version} | changes))


def test_two_overlapping_files_are_refused_when_read(tmp_path: Path) -> None:
    written(tmp_path, "2026-11")
    written(tmp_path, "2027-01", valid_from="2027-01-01T00:00:00+08:00")
    old, new = read_versions("plans", PlanVersion, tmp_path)
    assert (old.version, old.valid_to, new.version) == ("2026-11", new.valid_from, "2027-01")
    written(tmp_path, "2026-11", valid_to="2027-01-01T00:00:00+08:00")
    assert len(list(read_versions("plans", PlanVersion, tmp_path))) == 2
    written(tmp_path, "2027-01", valid_from="2026-12-31T23:59:59+08:00")
    with pytest.raises(OverlappingVersionsError):
        read_versions("plans", PlanVersion, tmp_path)


@pytest.mark.parametrize(
    "premiums",
    [{"1": 29}, {"1": 201}, {"0": 40}, {"7": 40}, {"1": 50, "2": 40}, {"1": 200}, {"1": 40.5}],
    ids=str,
)
def test_tariff_is_refused_when_a_premium_is_out_of_bounds_or_falls(
    tmp_path: Path, premiums: dict[str, float]
) -> None:
    plans = json.loads((TABLES / "plans.2026-11.json").read_text(encoding="utf-8"))["plans"]
    plans[0]["premium_fen_by_class"] = premiums
    written(tmp_path, "x", plans=plans)
    with pytest.raises(ValidationError):
        read_versions("plans", PlanVersion, tmp_path)


def test_every_table_says_its_version_in_its_name_when_packaged() -> None:
    files = list(TABLES.iterdir())
    assert {path.name.split(".")[0] for path in files} == {"plans", "occupations", "terms"}
    for path in files:
        assert path.name.split(".")[1:] == [json.loads(path.read_text(encoding="utf-8"))["version"], "json"]


def a_reference(version: str) -> TermsReference:
    return reference(version, "", "https://daycover.example")


# ---- a tariff change -------------------------------------------------------------------------------


@pytest.fixture
def dearer_from_tomorrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Tomorrow the plans cost more and pay more; give the instant."""
    change = NOW.replace(hour=16, minute=0)  # midnight in China
    written(tmp_path, "2026-11", valid_to=change.isoformat())
    tiers = json.loads((TABLES / "plans.2026-11.json").read_text(encoding="utf-8"))["plans"]
    for tier in tiers:
        tier["premium_fen_by_class"] = {
            number: min(200, fen + 20) for number, fen in tier["premium_fen_by_class"].items()
        }
        tier["benefits"]["medical_limit_fen"] += 1
    written(tmp_path, "2026-12", valid_from=change.isoformat(), plans=tiers)
    monkeypatch.setattr(plans, "PLAN_VERSIONS", read_versions("plans", PlanVersion, tmp_path))
    return change


def test_policy_keeps_its_version_and_price_when_the_tariff_has_changed(
    dearer_from_tomorrow: datetime,
) -> None:
    project = a_project(shift=a_project().shift.model_copy(update={"ends_at": a_project().shift.starts_at}))
    world = World(project)
    worker = world.worker("o-1", project)
    old = world.cover(worker, project)
    world.now.at = dearer_from_tomorrow + timedelta(hours=12)
    with pytest.raises(ConsentMissingError):
        world.scan(worker, project)  # other texts, other consents
    token, _ = issue_token(project, code_key)
    shown = world.preview_cover(worker, token)
    assert (shown.plan.version, shown.premium_fen) == ("2026-12", 90)
    accepted = {text.kind: (text.sha256, world.now()) for text in shown.texts}
    world.preview_cover.accept(worker, token, accepted)
    new = world.cover(worker, project)
    assert (old.plan_version, old.premium_fen) == ("2026-11", 70)
    assert (new.plan_version, new.premium_fen) == ("2026-12", 90)
    files = [PolicyFileView.with_terms(policy, project, world.now(), a_reference) for policy in (old, new)]
    limits = [file.plan.benefits.medical_limit_fen for file in files]
    assert limits == [3_000_000, 3_000_001]
