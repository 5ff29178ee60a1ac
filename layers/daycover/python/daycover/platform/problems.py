"""Errors as RFC 9457 problem documents, in Chinese or English.

One row per error class of the product; `docs/problems.md` explains each slug, and a test holds the
two and the classes together. `detail` may use the facts that the error carries.
"""

import re
from dataclasses import dataclass
from string import Formatter
from typing import Any

PROBLEM_BASE = "https://daycover.cn/problems/"
"""Type URIs are names; they need not resolve."""


@dataclass(frozen=True, slots=True)
class Problem:
    """How one error class looks from outside. `retry_after` in seconds, for 429 and 503 only.

    `counted_as` is the metric of what a person of ours must mend: each answer counts, and its log line has the
    stack.
    """

    status: int
    title_zh: str
    title_en: str
    detail_zh: str = ""
    detail_en: str = ""
    retry_after: int | None = None
    counted_as: str | None = None


def slug_of(error_class: type[BaseException] | str) -> str:
    """`ClaimWindowClosedError` → `claim-window-closed`."""
    name = error_class if isinstance(error_class, str) else error_class.__name__
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name.removesuffix("Error")).lower()


def problem_document(
    slug: str, problem: Problem, language: str, instance: str, facts: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Build the document. Facts stay readable to a machine as extension members."""
    facts = {key: _plain(value) for key, value in (facts or {}).items()}
    title, detail = (
        (problem.title_en, problem.detail_en) if language == "en" else (problem.title_zh, problem.detail_zh)
    )
    document: dict[str, Any] = {
        "type": PROBLEM_BASE + slug,
        "title": title,
        "status": problem.status,
        "detail": _fill(detail, facts) or title,
        "instance": instance,
    }
    return document | {key: value for key, value in facts.items() if key not in document}


def language_of(accept_language: str | None) -> str:
    """Choose `en` only where the client ranks it first; Chinese is the default."""
    ranked: list[tuple[float, str]] = []
    for part in (accept_language or "").split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        ranked.append((quality, tag.lower()[:2]))
    known = [entry for entry in ranked if entry[1] in {"zh", "en"} and entry[0] > 0]
    return max(known, key=lambda entry: entry[0])[1] if known else "zh"


def _fill(template: str, facts: dict[str, Any]) -> str:
    wanted = {name for _, name, _, _ in Formatter().parse(template) if name}
    return template.format(**facts) if wanted <= facts.keys() else ""


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None), dict)) else str(value)
