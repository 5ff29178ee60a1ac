"""Engine states as they were right after a deploy, so that an unchanged template needs no second one.

A stack always runs on a restored state, on its first start too: a first and a second start cannot differ.
What is seeded afterwards never gets into a snapshot.
"""

import os
import shutil
import tempfile
from pathlib import Path

from tests.devstack.layout import LOCAL

_DIRECTORY = LOCAL / "snapshots"
_KEEP = 6


def restore(name: str, state: Path) -> bool:
    """Replace an engine's state by the snapshot, or by nothing; tell whether there was one."""
    shutil.rmtree(state, ignore_errors=True)
    snapshot = _DIRECTORY / name
    if not snapshot.exists():
        return False
    shutil.copytree(snapshot, state)
    os.utime(snapshot)
    return True


def take(name: str, state: Path) -> None:
    """Keep a stopped engine's state under this name, and only the latest few."""
    _DIRECTORY.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".", dir=_DIRECTORY))
    shutil.copytree(state, fresh, dirs_exist_ok=True)
    discard(name)
    fresh.rename(_DIRECTORY / name)
    by_age = sorted(_DIRECTORY.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[_KEEP:]:
        shutil.rmtree(old, ignore_errors=True)


def discard(name: str) -> None:
    shutil.rmtree(_DIRECTORY / name, ignore_errors=True)
