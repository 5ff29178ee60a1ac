"""Every call of the suites of the running stack against the deployed roles. The last file by name: all have called."""

import warnings
from pathlib import Path

import pytest

from tests.conftest import ON_ITS_OWN, ON_THE_STACK
from tests.devstack.stack import Stack
from tests.support.functions import ROOT
from tests.support.granted import Verdict, judged
from tests.support.unused_grants import complaints, entries, outdated

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def verdict(stack: Stack) -> Verdict:
    return judged(stack)


def test_role_allows_every_call_that_its_function_or_machine_made(verdict: Verdict) -> None:
    assert verdict.used, "nothing was recorded"
    assert [str(call) for call in verdict.denied] == []


def test_grant_is_used_or_explained_when_all_suites_of_the_stack_ran(
    request: pytest.FixtureRequest, verdict: Verdict
) -> None:
    if missing := left_out(request.session):
        pytest.skip(f"grants are counted over all suites of the running stack, without {missing}")
    assert list(complaints(entries(), verdict)) == []
    for one in outdated(entries(), verdict):
        warnings.warn(one, stacklevel=1)


def left_out(session: pytest.Session) -> list[str]:
    """What this session doesn't run of the suites; a part of a file is not told from the whole but by options."""
    narrowed = [
        name for name in ("keyword", "markexpr", "deselect", "lf") if session.config.getoption(name, None)
    ]
    ran = {item.nodeid.split("::", 1)[0] for item in session.items}
    files = (path for folder in ON_THE_STACK for path in Path(ROOT, folder).rglob("test_*.py"))
    names = {str(path.relative_to(ROOT)) for path in files} - {ON_ITS_OWN}
    parts = [argument for argument in session.config.args if "::" in argument]
    return [*narrowed, *parts, *sorted(names - ran)]
