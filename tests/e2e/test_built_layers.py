"""The layers as `sam build` made them for the running stack: compiled once, read on every cold start."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.devstack.sam import BUILD
from tests.devstack.stack import Stack

LAYERS = ("DaycoverLayer", "DependenciesLayer")
UNCHECKED_HASH = 0b01
"""PEP 552: named by the hash of the source, which nobody compares. Dates in an archive don't matter."""
IMPORT_ALL = """
import importlib, pkgutil, daycover
for module in pkgutil.walk_packages(daycover.__path__, "daycover."):
    importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def layers(stack: Stack) -> list[Path]:
    """Where the running stack was built."""
    return [BUILD / name / "python" for name in LAYERS]


def test_every_source_has_byte_code_of_this_interpreter_when_built(layers: list[Path]) -> None:
    for source in (path for layer in layers for path in layer.rglob("*.py")):
        code = Path(importlib.util.cache_from_source(str(source)))
        head = code.read_bytes()[:16]
        assert head[:4] == importlib.util.MAGIC_NUMBER, code
        assert int.from_bytes(head[4:8], "little") == UNCHECKED_HASH, code
        assert head[8:] == importlib.util.source_hash(source.read_bytes()), code


def test_nothing_is_compiled_again_when_imported_from_an_unpacked_archive(
    layers: list[Path], tmp_path: Path
) -> None:
    for layer in layers:  # without its dates, as an archive may come
        shutil.copytree(layer, tmp_path / "python", copy_function=shutil.copyfile, dirs_exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.pyc")}
    done = subprocess.run(
        [sys.executable, "-v", "-c", IMPORT_ALL],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "python"), "PYTHONDONTWRITEBYTECODE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    read = [line for line in done.stderr.splitlines() if line.startswith("# code object from")]
    ours = [line for line in read if str(tmp_path) in line]
    assert len(ours) > 300
    assert [line for line in ours if line.rstrip("'").endswith(".py")] == []
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.pyc")} == before


def test_layers_hold_what_is_deployed_and_no_more_when_built(layers: list[Path]) -> None:
    names = {path.name for layer in layers for path in layer.iterdir()}
    assert {"daycover", "pydantic", "cryptography"} <= names
    assert not {"boto3", "botocore", "bin"} & names
    assert [path for layer in layers for path in layer.rglob("tests")] == []
