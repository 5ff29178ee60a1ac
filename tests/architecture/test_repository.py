"""The repository as a whole: shape, requirements, nobody's machine."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

TOP_LEVEL = {
    "template.yaml", "pyproject.toml", "functions", "layers", "events", "tests", "README.md",
    "Makefile", "samconfig.toml", "docs", "LICENSE",
}  # fmt: skip
REQUIREMENTS = [*ROOT.glob("layers/*/requirements*.txt"), *ROOT.glob("tests/requirements/*.txt")]
HOMES = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/[a-z][\w.-]*|/tmp/[a-z]+/v-|[A-Z]:\\Users\\")


def tracked() -> list[Path]:
    """Every file that a commit would hold."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in found.stdout.splitlines() if (ROOT / name).is_file()]


def test_top_level_is_the_fixed_one_when_listed() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_requirements_are_pinned_and_hashed_when_installed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    assert wanted
    assert all("==" in line for line in wanted)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_no_registry_is_named_when_requirements_are_read() -> None:
    for path in tracked():
        if path.suffix in {".txt", ".in", ".toml", ".cfg"} or path.name == "Makefile":
            text = path.read_text(encoding="utf-8")
            assert not re.search(
                r"--(extra-)?index-url|--find-links|--trusted-host|files\.pythonhosted", text
            ), path


def test_no_machine_of_a_developer_is_named_when_files_are_read() -> None:
    for path in tracked():
        if path.suffix in {".png", ".ico", ".woff2", ".gz", ".zip"}:
            continue
        if path == Path(__file__):
            continue
        found = HOMES.search(path.read_text(encoding="utf-8", errors="replace"))
        assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"


def test_no_secret_is_committed_when_files_are_read() -> None:
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not re.search(r"-----BEGIN (RSA |EC )?PRIVATE KEY-----\n[A-Za-z0-9+/]{40}", text), path
        assert not re.search(r"\bAKIA[0-9A-Z]{16}\b", text), path


def test_tests_say_behaviour_and_condition_when_named() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.M):
            assert len(name) > 15, f"{path.name}: {name}"
