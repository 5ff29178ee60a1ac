"""Who may import whom, as `architecture.md` fixes it."""

import ast
import re
import sys
from graphlib import TopologicalSorter
from pathlib import Path

from tests.architecture.source import (
    HANDLERS,
    MODULES,
    PACKAGE,
    ROOT,
    imports_of,
    lines_of,
    name_of,
    of_each,
    package_of,
    tree_of,
)

CAPABILITIES: dict[str, set[str]] = {
    # each may import itself and what stands here, downwards only
    "projects": set(),
    "identity": set(),
    "cover": {"projects", "identity"},
    "claims": {"cover", "projects", "identity"},
    "payouts": {"claims", "cover", "projects", "identity"},
    "books": {"payouts", "claims", "cover", "projects", "identity"},
    "reporting": {"books", "payouts", "claims", "cover", "projects", "identity"},
}
LEAVES = {"errors", "crockford", "china_time", "text", "file_kind", "upload", "loaded"}
WIRE = {"wire"}
"""One HTTP exchange and the cipher port: for adapters, and for the sign-in of staff."""
ADAPTERS = {"store", "wechat", "bank", "insurer", "bills"}
THIRD_PARTY_OF_RULES = {"pydantic"}
EXTRA_THIRD_PARTY = {"projects/image.py": {"qrcode"}}
"""It draws the QR code, without I/O."""
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "shared", "manager", "data", "misc"}
WIRING = [path for path in MODULES if package_of(name_of(path)) == "wiring"]
WIRED_THROUGH = {
    "daycover.wiring.cloud",
    "daycover.wiring.stores",
    "daycover.wiring.book_stores",
    "daycover.wiring.adapters",
}
"""What capabilities' wiring is built on; a handler asks for use cases."""
LOADED_WITH_WIRING = {
    *WIRED_THROUGH,
    "daycover.loaded",
    "daycover.platform.config",
    "daycover.platform.clock",
}
OWN = [path for path in MODULES if package_of(name_of(path)) in CAPABILITIES]


def ids(path: Path) -> str:
    return str(path.relative_to(PACKAGE if PACKAGE in path.parents else ROOT))


@of_each(OWN, ids)
def test_rules_import_only_downwards_and_no_io_when_read(path: Path) -> None:
    package = package_of(name_of(path))
    allowed = CAPABILITIES[package] | {package} | LEAVES
    third_party = THIRD_PARTY_OF_RULES | EXTRA_THIRD_PARTY.get(ids(path), set())
    for found in imports_of(path):
        top = found.module.split(".")[0]
        where = f"{ids(path)}:{found.line} imports {found.module}"
        if top == "daycover":
            assert package_of(found.module) in allowed, where
        else:
            assert top in sys.stdlib_module_names or top in third_party, where


@of_each([p for p in MODULES if package_of(name_of(p)) in ADAPTERS], ids)
def test_adapters_know_rules_and_themselves_only_when_read(path: Path) -> None:
    own = package_of(name_of(path))
    allowed = set(CAPABILITIES) | LEAVES | WIRE | {own}
    for found in imports_of(path):
        if found.module.startswith("daycover."):
            assert package_of(found.module) in allowed, f"{ids(path)}:{found.line} imports {found.module}"


@of_each([p for p in MODULES if package_of(name_of(p)) == "platform"], ids)
def test_platform_knows_no_capability_and_no_adapter_when_read(path: Path) -> None:
    for found in imports_of(path):
        if found.module.startswith("daycover."):
            allowed = LEAVES | {"platform"} | (WIRE if ids(path) == "platform/staff.py" else set())
            assert package_of(found.module) in allowed, f"{ids(path)}:{found.line} {found.module}"


@of_each([p for p in MODULES if package_of(name_of(p)) in {"api", *LEAVES}], ids)
def test_views_know_no_adapter_and_leaves_know_nothing_when_read(path: Path) -> None:
    package = package_of(name_of(path))
    allowed = {package, *LEAVES} | (set(CAPABILITIES) | {"platform"} if package == "api" else set())
    if ids(path) == "api/payouts/wechat.py":
        allowed |= {"wechat"}  # this route is WeChat's callback and speaks WeChat's own form
    if ids(path) == "api/reporting/insurer.py":
        allowed |= {"insurer"}  # the insurer's callback, likewise
    for found in imports_of(path):
        if found.module.startswith("daycover."):
            assert package_of(found.module) in allowed, f"{ids(path)}:{found.line} imports {found.module}"
        else:
            top = found.module.split(".")[0]
            third_party = {"pydantic"} if package in {"api", "upload"} else set()
            assert top in sys.stdlib_module_names or top in third_party, f"{ids(path)}:{found.line}"


@of_each(HANDLERS, ids)
def test_handler_imports_only_composition_platform_and_models_when_read(path: Path) -> None:
    for found in imports_of(path):
        top, where = found.module.split(".")[0], f"{ids(path)}:{found.line} imports {found.module}"
        if top == "daycover":
            assert package_of(found.module) in {"wiring", "platform", "api"}, where
            assert found.module not in {"daycover.platform.config", *WIRED_THROUGH}, where
        else:
            assert top in sys.stdlib_module_names, where


@of_each(HANDLERS, ids)
def test_handler_is_small_and_decides_nothing_when_read(path: Path) -> None:
    assert len(lines_of(path)) <= 60
    tree = tree_of(path)
    assert ast.get_docstring(tree), "says in a sentence what it is for"
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            assert path.parent.name == "authorize_request", f"{ids(path)}:{node.lineno} has try/except"


@of_each(WIRING, ids)
def test_wiring_loads_nothing_before_a_use_case_is_built_when_imported(path: Path) -> None:
    """What stands at its top is loaded by every handler."""
    for found in imports_of(path):
        if not found.is_inner and not found.is_typing:
            top, where = found.module.split(".")[0], f"{ids(path)}:{found.line} imports {found.module}"
            assert top in sys.stdlib_module_names or found.module in LOADED_WITH_WIRING, where


@of_each([p for p in MODULES + HANDLERS if p not in WIRING], ids)
def test_import_stands_at_the_top_when_no_cost_is_given(path: Path) -> None:
    lines = lines_of(path)
    for found in imports_of(path):
        if found.is_inner:
            assert "noqa: PLC0415" in lines[found.line - 1], f"{ids(path)}:{found.line}"
            assert lines[found.line - 2].lstrip().startswith("#"), "its cost stands in a comment above"


def test_modules_have_no_cycle_when_imported() -> None:
    graph = {
        name_of(path): {
            found.module
            for found in imports_of(path)
            if found.module.startswith("daycover.") and not found.is_inner and not found.is_typing
        }
        for path in MODULES
    }
    TopologicalSorter(graph).prepare()  # raises CycleError naming the cycle


@of_each(MODULES + HANDLERS, ids)
def test_environment_is_read_in_one_module_when_at_all(path: Path) -> None:
    if ids(path) == "platform/config.py":
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"environ", "getenv"}, f"{ids(path)}:{node.lineno}"
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            assert not {alias.name for alias in node.names} & {"environ", "getenv"}, (
                f"{ids(path)}:{node.lineno}"
            )


KEY_TEXT = re.compile(r"^[A-Z]+#|#[A-Z]+#|^(claims|statements|policies)/")
BUILT_ELSEWHERE = {"claims/evidence.py"}
"""The object key of an upload, which its form names; no other module may join."""
KEYLESS = [
    path for path in MODULES if str(path.relative_to(PACKAGE)) not in {"store/keys.py", *BUILT_ELSEWHERE}
]


@of_each(KEYLESS, ids)
def test_key_strings_are_built_in_one_module_when_at_all(path: Path) -> None:
    docstrings = {
        id(node.value)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            assert not KEY_TEXT.search(node.value), f"{ids(path)}:{node.lineno} {node.value!r}"


@of_each(MODULES + HANDLERS, ids)
def test_name_says_something_when_chosen(path: Path) -> None:
    parts = {
        part for name in (path.stem, *path.relative_to(ROOT).parts) for part in [name.removesuffix(".py")]
    }
    assert not parts & BANNED_NAMES
    assert path.name in {"__init__.py"} or ast.get_docstring(tree_of(path)), f"{ids(path)} has no docstring"


def test_every_package_is_known_when_a_new_one_appears() -> None:
    known = set(CAPABILITIES) | ADAPTERS | LEAVES | WIRE | {"platform", "api", "wiring", ""}
    assert {package_of(name_of(path)) for path in MODULES} <= known


@of_each(MODULES + HANDLERS, ids)
def test_syntax_is_that_of_python_3_11_when_parsed(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 11))


CLOUD = {"boto3", "botocore"}


@of_each([p for p in MODULES if ids(p) != "store/boto.py"], ids)
def test_boto3_is_known_in_one_module_and_loaded_on_use_when_at_all(path: Path) -> None:
    for found in imports_of(path):
        assert found.module.split(".")[0] not in CLOUD, f"{ids(path)}:{found.line} imports {found.module}"


def test_boto3_costs_nothing_when_its_module_is_imported() -> None:
    for found in imports_of(PACKAGE / "store" / "boto.py"):
        assert found.is_inner or found.module.split(".")[0] not in CLOUD, f"line {found.line}"


def test_wire_knows_nothing_of_us_when_imported() -> None:
    for found in imports_of(PACKAGE / "wire.py"):
        top = found.module.split(".")[0]
        assert top in sys.stdlib_module_names or top == "urllib3", f"line {found.line} imports {found.module}"
