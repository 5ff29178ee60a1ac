"""Pins against advisories in OSV's form, as `make audit` compares them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.audit import Advisories, audit, main, read
from tests.support.sbom import Pin


def advisory(*events: dict[str, str], **changes: Any) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": "PyPI", "name": "Some_Package"},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
    }
    affected |= changes.pop("affected", {})
    return {"id": "PYSEC-1", "modified": "2026-11-01T00:00:00Z", "affected": [affected]} | changes


def is_found(version: str, *advisories: dict[str, Any]) -> bool:
    pin = Pin("some-package", version, ())
    return bool(list(audit(Advisories(advisories), {"requirements.txt": [pin]})))


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.0", False), ("1.1", True), ("1.9.9", True), ("2.0", False), ("2.0rc1", True), ("3.1", True)],
)
def test_version_is_found_when_it_stands_in_a_range(version: str, expected: bool) -> None:
    events = [{"introduced": "1.1"}, {"fixed": "2.0"}, {"introduced": "3.0"}]
    assert is_found(version, advisory(*events)) is expected
    assert is_found(version, advisory(*reversed(events))) is expected


@pytest.mark.parametrize(("version", "expected"), [("0.1", True), ("1.4", True), ("1.4.1", False)])
def test_last_affected_version_is_found_and_the_next_is_not(version: str, expected: bool) -> None:
    assert is_found(version, advisory({"introduced": "0"}, {"last_affected": "1.4"})) is expected


def test_version_is_found_when_it_is_listed_however_it_is_written() -> None:
    listed = advisory(affected={"ranges": [], "versions": ["nonsense", "1.0.0"]})
    assert is_found("1.0", listed)
    assert not is_found("1.0.1", listed)


def test_withdrawn_advisory_and_one_of_another_ecosystem_count_for_nothing() -> None:
    events = [{"introduced": "0"}]
    assert is_found("1.0", advisory(*events))
    assert not is_found("1.0", advisory(*events, withdrawn="2026-01-01T00:00:00Z"))
    elsewhere = {"package": {"ecosystem": "npm", "name": "some-package"}}
    assert not is_found("1.0", advisory(*events, affected=elsewhere))


def test_directory_is_read_in_both_forms_and_what_is_no_advisory_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "vulns").mkdir()
    (tmp_path / "PYSEC-1.json").write_text(json.dumps(advisory({"introduced": "0"})))
    (tmp_path / "vulns" / "PYSEC-2.yaml").write_text(
        "id: PYSEC-2\nmodified: 2026-11-02T00:00:00Z\naffected:\n- package: {ecosystem: PyPI, name: x}\n"
    )
    (tmp_path / "package.json").write_text('{"name": "no advisory"}')
    found = Advisories(read(tmp_path))
    assert (found.count, found.packages, found.newest) == (2, 2, "2026-11-02")


def test_version_is_a_text_when_yaml_could_take_it_for_a_number(tmp_path: Path) -> None:
    (tmp_path / "PYSEC-3.yaml").write_text(
        "id: PYSEC-3\naffected:\n- package: {ecosystem: PyPI, name: some-package}\n"
        "  ranges:\n  - type: GIT\n    events: [{introduced: '0'}]\n"
        "  - type: ECOSYSTEM\n    events: [{introduced: 2.0.0}, {fixed: 2.0.7}, {introduced: 0}, {fixed: 1.10}]\n"
    )
    (found,) = map(dict, read(tmp_path))
    assert [is_found(version, found) for version in ("1.9", "1.10", "2.0.6", "2.0.7")] == [
        True,
        False,
        True,
        False,
    ]


def test_nothing_is_called_clean_when_there_is_no_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([], [str(tmp_path)], [str(tmp_path / "missing")]):
        assert main(arguments) == 2
        assert "no advisories" in capsys.readouterr().out


def test_pin_of_ours_fails_the_audit_when_an_advisory_speaks_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "PYSEC-1.json"
    file.write_text(json.dumps(advisory({"introduced": "0"})))
    assert main([str(tmp_path)]) == 0
    assert "no pin is spoken of" in capsys.readouterr().out
    named = {"package": {"ecosystem": "PyPI", "name": "PyJWT"}}
    file.write_text(json.dumps(advisory({"introduced": "0"}, affected=named)))
    assert main([str(tmp_path)]) == 1
    assert "layers/dependencies/requirements.txt: pyjwt" in capsys.readouterr().out
