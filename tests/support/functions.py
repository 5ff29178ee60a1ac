"""Where the functions and their event files stand, and a handler as Lambda loads it."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

from daycover.platform.routes import Route

ROOT = Path(__file__).parents[2]
HANDLERS = {path.parent.name: path for path in sorted((ROOT / "functions").glob("*/*/app.py"))}
"""`check_in` → `functions/cover/check_in/app.py`. No name is used by two capabilities."""


def capability_of(function: str) -> str:
    return HANDLERS[function].parents[1].name


def logical_id(function: str) -> str:
    """`check_in` → `CheckInFunction`."""
    return "".join(word.capitalize() for word in function.split("_")) + "Function"


def events_of(*functions: str) -> list[Path]:
    """Give the event files of some functions, in a stable order."""
    folders = (ROOT / "events" / capability_of(function) / function for function in functions)
    return [path for folder in folders for path in sorted(folder.glob("*.json"))]


def event_file(function: str, case: str) -> Path:
    """`check_in`, `valid.201` → `events/cover/check_in/valid.201.json`."""
    return ROOT / "events" / capability_of(function) / function / f"{case}.json"


def key_of(path: Path) -> str:
    """`events/cover/check_in/valid.201.json` → `check_in/valid`."""
    return f"{path.parent.name}/{path.name.split('.')[0]}"


def route_of(function: str, method: str, path: str) -> Route:
    """Give the route that a function answers at this method and path."""
    (route,) = (one for one in load(function).api.routes if (one.method, one.path) == (method, path))
    found: Route = route
    return found


@cache
def load(function: str) -> ModuleType:
    """Import the handler of a function once, as a container does."""
    spec = importlib.util.spec_from_file_location(f"functions_{function}", HANDLERS[function])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
