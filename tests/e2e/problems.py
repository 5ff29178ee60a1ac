"""How a refusal must look, in both languages."""

import re
from collections.abc import Callable
from typing import Any

from tests.support.http import Answer

PROBLEM_BASE = "https://daycover.cn/problems/"
_CHINESE = re.compile("[\u4e00-\u9fff]")


def assert_refused(ask: Callable[[str | None], Answer], status: int, slug: str) -> Any:
    """Ask without a language and in English; return the English problem document."""
    chinese, english = (_problem(ask(language), status, slug) for language in (None, "en"))
    for member in ("title", "detail"):
        assert _CHINESE.search(chinese[member]), f"{member} is Chinese by default: {chinese[member]}"
        assert not _CHINESE.search(english[member]), f"{member} is English on request: {english[member]}"
    return english


def _problem(answer: Answer, status: int, slug: str) -> Any:
    assert answer.status == status, f"{answer.status}: {answer.content[:400]!r}"
    assert answer.content_type.startswith("application/problem+json")
    problem = answer.body
    assert problem["type"] == PROBLEM_BASE + slug, problem["type"]
    assert problem["status"] == status
    assert problem["instance"]
    return problem
