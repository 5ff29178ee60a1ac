"""`docs/problems.md` from the error classes: heading, status and titles from what callers meet, meaning and what
to do from the docstrings. `make problems` writes it."""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from daycover.errors import DaycoverError
from daycover.platform.problems import slug_of, status_of

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "problems.md"
PACKAGE = ROOT / "layers" / "daycover" / "python" / "daycover"
PREAMBLE = """\
# Problems

Every refusal is an `application/problem+json` document (RFC 9457): `type` is `https://daycover.cn/problems/` and
one of the slugs below, `instance` the id that the gateway gave the request (`x-amz-apigw-id`; it is the
`correlation_id` of our log lines). Facts of a problem stand beside them as members. 429 and 503 carry
`Retry-After`. Each section has the meaning (含义) and what to do (处理), in Chinese and English.

Written by `make problems` from the error classes; a class's docstring is its section.
"""
SECTIONS = {
    "Any request": ("platform.problems", "errors", "store", "upload"),
    "Access": ("platform", "identity.sign_in", "projects.company"),
    "Projects, scanning, checking in, policies": ("projects", "identity", "cover"),
    "Claims and payouts": ("claims", "payouts"),
    "Books and reporting": ("books", "reporting"),
}
"""The page's sections, each with the modules or packages whose errors it explains; the first that fits has them."""
PARTS = re.compile(
    r"(?P<meaning>.+?)\n\n(?:.+?\n\n)?What to do: (?P<remedy>.+?)\n含义:(?P<meaning_zh>.+?)\n处理:(?P<remedy_zh>.+)",
    re.DOTALL,
)


def error_classes() -> dict[str, type[DaycoverError]]:
    """Every error class of the layer by its name, module by module, as they stand in the source."""
    found: dict[str, type[DaycoverError]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        for name, item in vars(module).items():
            if (
                inspect.isclass(item)
                and issubclass(item, DaycoverError)
                and item.__module__ == module.__name__
            ):
                assert name not in found, f"two errors are called {name}"
                found[name] = item
    return found


def text() -> str:
    """Write the page."""
    lines = [PREAMBLE]
    classes = [item for item in error_classes().values() if item.kind is not None]
    for title, modules in SECTIONS.items():
        lines.append(f"## {title}\n")
        for module in modules:
            for item in classes:
                if _place_of(item) == (title, module):
                    lines += _section(item)
    return "\n".join(lines).rstrip("\n") + "\n"


def _place_of(item: type[DaycoverError]) -> tuple[str, str]:
    module = item.__module__.removeprefix("daycover.") + "."
    for title, modules in SECTIONS.items():
        for start in modules:
            if module.startswith(start + "."):
                return title, start
    raise AssertionError(f"no section for {item.__module__}")


def _section(item: type[DaycoverError]) -> Iterator[str]:
    found = PARTS.fullmatch(inspect.getdoc(item) or "")
    assert found is not None, f"{item.__name__} does not say what it means and what to do"
    said = {key: _joined(value) for key, value in found.groupdict().items()}
    yield f"### {slug_of(item)}\n"
    yield f"{status_of(item)} {item.title[0]} / {item.title[1]}\n"
    yield f"- 含义:{said['meaning_zh']}处理:{said['remedy_zh']}"
    yield f"- Meaning: {said['meaning']} What to do: {said['remedy']}\n"


def _joined(lines: str) -> str:
    """Undo the docstring's line breaks; Chinese has no blanks between words."""
    return re.sub(r"(?<=[\u3000-\uffef])\n|\n(?=[\u3000-\uffef])", "", lines).replace("\n", " ")


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
