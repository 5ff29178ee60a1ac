"""What mutmut made of one module: reads its workspace, and writes what survived. Runs inside mutmut's environment."""

import json
import sys
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

QUIET = {"killed", "timeout", "segfault"}


def change_of(name: str, path: Path) -> str:
    """The lines of a mutant's diff that say what it changes."""
    lines = str(get_diff_for_mutant(name, path=path)).splitlines()
    return "\n".join(
        line[0] + " " + line[1:].strip()
        for line in lines
        if line[:1] in {"+", "-"} and line[:3] not in {"+++", "---"}
    )


def main(arguments: list[str]) -> int:
    """Print the module's mutants as JSON: a list of [name, status, change]."""
    (module,) = arguments
    data = SourceFileMutationData(path=Path(module))
    data.load()
    found = []
    for name, code in data.exit_code_by_key.items():
        status = status_by_exit_code[code]
        found.append([name, status, "" if status in QUIET else change_of(name, Path(module))])
    json.dump(found, sys.stdout)
    return 0
