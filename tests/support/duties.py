"""What each duty of staff and each role at a company may do, for their pages. `make duties` writes the scripts."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from daycover.api.duties import ALLOWED
from daycover.platform.callers import Duty
from daycover.projects.roles import OperatorRole

STATIC = Path(__file__).parents[2] / "functions" / "web" / "static"
SCRIPT = STATIC / "duties.js"
DESK_SCRIPT = STATIC / "roles.js"
PREAMBLE = """\
// Which duties may do what, by operation. Written by `make duties` from daycover/api/duties.py.

export const MAY = {
"""
DESK_PREAMBLE = """\
// Which roles at a company may do what, by operation. Written by `make duties` from daycover/api/duties.py.

export const ROLE_MAY = {
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


def operators_may() -> dict[str, tuple[OperatorRole, ...]]:
    """Operations for a company → the roles that let an operator do them; an owner may do all of them."""
    return {
        operation_id(function): tuple(
            role for role in OperatorRole if role is OperatorRole.OWNER or role in allowed.operator_roles
        )
        for function, allowed in ALLOWED.items()
        if "operator" in allowed.roles
    }


def _script(preamble: str, allowed: Mapping[str, Iterable[str]]) -> str:
    lines = [f"  {operation}: {json.dumps(list(who))},\n" for operation, who in allowed.items()]
    return preamble + "".join(lines) + "};\n"


def text() -> str:
    return _script(PREAMBLE, may())


def desk_text() -> str:
    return _script(DESK_PREAMBLE, operators_may())


if __name__ == "__main__":
    SCRIPT.write_text(text(), encoding="utf-8")
    DESK_SCRIPT.write_text(desk_text(), encoding="utf-8")
