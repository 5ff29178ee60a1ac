"""What each duty of staff may do, for their pages: `functions/web/static/duties.js`. `make duties` writes it."""

import json
from pathlib import Path

from daycover.api.duties import ALLOWED
from daycover.platform.callers import Duty

SCRIPT = Path(__file__).parents[2] / "functions" / "web" / "static" / "duties.js"
PREAMBLE = """\
// Which duties may do what, by operation. Written by `make duties` from daycover/api/duties.py.

export const MAY = {
"""


def operation_id(function: str) -> str:
    """`decide_claim` → `decideClaim`, as a client would name it."""
    first, *others = function.split("_")
    return first + "".join(word.capitalize() for word in others)


def may() -> dict[str, tuple[Duty, ...]]:
    """Operations of staff → the duties that let one do them."""
    return {
        operation_id(function): allowed.duties or tuple(Duty)
        for function, allowed in ALLOWED.items()
        if "staff" in allowed.roles
    }


def text() -> str:
    lines = [f"  {operation}: {json.dumps(duties)},\n" for operation, duties in may().items()]
    return PREAMBLE + "".join(lines) + "};\n"


if __name__ == "__main__":
    SCRIPT.write_text(text(), encoding="utf-8")
