"""`tests/e2e/unused_grants.toml`: grants that the suites of the running stack never use, and why each is given."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from tests.support.functions import ROOT
from tests.support.granted import Held, Verdict
from tests.support.policies import Grant

FILE = ROOT / "tests" / "e2e" / "unused_grants.toml"
ALL = "*"

Entry = Mapping[str, Any]


def entries(file: Path = FILE) -> list[Entry]:
    found: list[Entry] = tomllib.loads(file.read_text(encoding="utf-8"))["unused"]
    return found


def complaints(explained: Sequence[Entry], verdict: Verdict) -> Iterator[str]:
    """Say which grant is unused without a reason, and which reasons have lost their grant or stand twice."""
    held = verdict.unused | verdict.used
    times = Counter(one for entry in explained for one in _meant(entry, held))
    for one in sorted(verdict.unused - set(times)):
        yield f"never used and not explained: {one}"
    for one in sorted(set(times) - held):
        yield f"explained, and not granted: {one}"
    for one in sorted(one for one, count in times.items() if count > 1):
        yield f"explained twice: {one}"


def outdated(explained: Sequence[Entry], verdict: Verdict) -> Iterator[str]:
    """Say which grants were used although their reason says that none of the suites does; a retry may do that."""
    held = verdict.unused | verdict.used
    always = {one for entry in explained if not entry.get("by_chance") for one in _meant(entry, held)}
    for one in sorted(always & verdict.used):
        yield f"explained as never used, and used: {one}"


def _meant(entry: Entry, held: Set[Held]) -> Iterator[Held]:
    """An entry names the roles of each grant; `*` is every grant of a role."""
    for text, roles in entry["grants"].items():
        if text == ALL:
            yield from (one for one in held if one.role in roles)
        else:
            yield from (Held(role, Grant(*text.split(" "))) for role in roles)
