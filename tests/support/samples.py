"""One example of each route for its document: the request of its first event file that succeeds, and the answer
that this file got.

Answers come from `docs/samples/answers.json`, which `make samples` writes: it runs the event files through their
handlers as the tests do, with this module as pytest's plugin.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.functions import HANDLERS, events_of

ROOT = Path(__file__).parents[2]
ANSWERS = ROOT / "docs" / "samples" / "answers.json"
BELIEVABLE: Mapping[str, str] = {
    "qr_token": "Aa7QdF0rNkmkXGQwZq4hCQAHAAEBn0JcYw3rD1uY",
    "referral_id": "01JDEXAMPLE0REFERRAL0000001",
    "break_id": "01JDEXAMPLE0BREAK0000000001",
    "sha256": "5d1f0c0e6f1d2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3",
    "invitation": "C1.5Qh0YkT3n8bW2mXr7cVj4sLpD9fGzA1eUoKiN6tBwHy",
    "invitation_id": "7K3M9QX2WP4TJN8RB5CD",
    "credential": "eyJhbGciOiJFZERTQSIsImtpZCI6ImMxIn0.eyJ…",
    "old_qr_token": "Aa7QdF0rNkmkXGQwZq4hCQAHAAEBn0JcYw3rD1uX",
}
"""What stands in a document for what only a running system knows; tokens and ids have their real form."""
LONG = 80
FEW = 2
"""A sample shows this many of a list."""
_SECRET = {
    "policy",
    "x-amz-credential",
    "x-amz-signature",
    "x-amz-security-token",
    "access_token",
    "client_secret",
    "invitation",
    "token",
}
_PLACE = re.compile(r"\{\{([a-zA-Z0-9_.]+)\}\}")
Key = tuple[str, str]
"""Method and path of a route."""


def request_of(key: Key) -> Any:
    """Give the body of the route's first event file that succeeds; None where it takes none."""
    for file in _successes().get(key, ()):
        body = json.loads(_filled(file))["body"]
        if body:
            return json.loads(body)
    return None


def answer_of(key: Key, status: int) -> Any:
    """Give what the first file of that status was answered, as JSON; None where it wasn't."""
    names = (_name_of(file) for file in _successes().get(key, ()) if file.name.endswith(f".{status}.json"))
    return next((recorded()[name] for name in names if name in recorded()), None)


@cache
def recorded() -> Mapping[str, Any]:
    """The answers by event file."""
    if not ANSWERS.exists():
        return {}
    found: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return found


@cache
def _successes() -> Mapping[Key, tuple[Path, ...]]:
    found: dict[Key, tuple[Path, ...]] = {}
    for file in events_of(*HANDLERS):
        status = file.name.split(".")[-2]
        if status.startswith("2") and status.isdecimal():
            event = json.loads(file.read_text(encoding="utf-8"))
            key = event["httpMethod"], event["resource"]
            found[key] = (*found.get(key, ()), file)
    return found


def _filled(file: Path) -> str:
    return _PLACE.sub(lambda match: BELIEVABLE[match[1].split(".")[0]], file.read_text(encoding="utf-8"))


def _name_of(file: Path) -> str:
    return str(file.relative_to(ROOT / "events"))


# ---- recording, as a plugin of pytest

_seen: dict[str, Any] = {}


def pytest_configure() -> None:
    """Keep what each event file is answered."""
    from daycover.platform.http import HttpApi  # noqa: PLC0415 - the plugin is loaded before pytest's paths are set

    resolve = HttpApi.resolve
    wanted = [(_asked_by(file), _name_of(file)) for files in _successes().values() for file in files]

    def kept(self: HttpApi, event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
        answer = resolve(self, event, _context)
        [kind] = answer["multiValueHeaders"].get("Content-Type", [""])
        if answer["statusCode"] < 300 and kind.startswith("application/json"):
            asked = _what_is_asked(event)
            for form, name in wanted:
                if name.endswith(f".{answer['statusCode']}.json") and form.fullmatch(asked):
                    _seen.setdefault(name, _shown(json.loads(answer["body"])))
        return answer

    HttpApi.resolve = kept  # type: ignore[method-assign]


def _asked_by(file: Path) -> re.Pattern[str]:
    """What an event file asks, with any value in place of its placeholders."""
    asked = _what_is_asked(json.loads(file.read_text(encoding="utf-8")))
    return re.compile(".+?".join(re.escape(part) for part in _PLACE.sub("\0", asked).split("\0")), re.DOTALL)


def _what_is_asked(event: Mapping[str, Any]) -> str:
    parts = [event[name] for name in ("httpMethod", "path", "queryStringParameters", "body")]
    caller = event["requestContext"].get("authorizer") or {}
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    parts += [caller.get("role"), caller.get("subject"), headers.get("idempotency-key")]
    return "\n".join(str(part) for part in parts)


def pytest_sessionfinish() -> None:
    """Write them down beside what earlier runs saw: the first of each route and status.

    An answer of the same shape stays as it stands: ids and signatures differ with each run.
    """
    old = recorded()
    known = {
        **_seen,
        **{name: old[name] for name in old if _shape(_seen.get(name, old[name])) == _shape(old[name])},
    }
    firsts: dict[tuple[Key, str], str] = {}
    for key, files in _successes().items():
        for file in files:
            if _name_of(file) in known:
                firsts.setdefault((key, file.name.split(".")[-2]), _name_of(file))
    ANSWERS.parent.mkdir(exist_ok=True)
    shown = {name: known[name] for name in sorted(firsts.values())}
    ANSWERS.write_text(json.dumps(shown, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return type(value).__name__


def _shown(value: Any, name: str = "") -> Any:
    """Shorten what nobody reads: signatures, tokens, the rest of long lists."""
    if isinstance(value, dict):
        return {key: _shown(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value[:FEW]]
    if isinstance(value, str) and name in _SECRET:
        return value[:8] + "…"
    if isinstance(value, str) and value.startswith("http") and "?" in value:
        return value.split("?")[0] + "?…"
    if isinstance(value, str) and len(value) > LONG and " " not in value and value.isascii():
        return value[:LONG] + "…"
    return value
