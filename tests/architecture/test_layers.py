"""The layers are compiled for the runtime and the architecture that the template's parameters say."""

import os
import re
import subprocess
from itertools import product
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, of_each, resources
from tests.support.template import template

LAYERS = resources("AWS::Serverless::LayerVersion")
TARGETS = ROOT / "layers" / "targets"


def allowed(parameter: str) -> list[str]:
    values: list[str] = template()["Parameters"][parameter]["AllowedValues"]
    return values


def test_every_choice_of_the_parameters_has_a_makefile_that_says_it() -> None:
    choices = list(product(allowed("PythonRuntime"), allowed("Architecture")))
    assert {path.name for path in TARGETS.iterdir()} == {
        f"{runtime}-{machine}" for runtime, machine in choices
    }
    for runtime, machine in choices:
        text = (TARGETS / f"{runtime}-{machine}" / "Makefile").read_text(encoding="utf-8")
        assert text == f"RUNTIME := {runtime}\nARCHITECTURE := {machine}\ninclude layer.mk\n"


@of_each(sorted(LAYERS))
def test_layer_is_built_by_its_own_recipe_for_the_stack_s_parameters(name: str) -> None:
    assert LAYERS[name]["Metadata"] == {
        "BuildMethod": "makefile",
        "BuildArchitecture": {"Ref": "Architecture"},
        "ContextPath": {"Sub": "layers/targets/${PythonRuntime}-${Architecture}"},
    }
    recipe = ROOT / LAYERS[name]["Properties"]["ContentUri"] / "layer.mk"
    assert f"\nbuild-{name}:\n" in recipe.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_build_says_what_is_missing_in_one_line_when_the_interpreter_is_not_there(
    name: str, tmp_path: Path
) -> None:
    makefile = TARGETS / "python3.13-arm64" / "Makefile"
    folder = ROOT / LAYERS[name]["Properties"]["ContentUri"]
    command = ["make", "--makefile", str(makefile), f"build-{name}", "RUNTIME=python3.99"]
    command.append(f"ARTIFACTS_DIR={tmp_path}")
    environment = {"PATH": os.environ["PATH"]}  # nothing of the make that runs the tests
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert "no python3.99 on the PATH" in line
    assert "sam build --use-container" in line
    assert list(tmp_path.iterdir()) == []


def test_boto3_comes_from_the_runtime_when_the_layer_is_installed() -> None:
    text = (ROOT / "layers" / "dependencies" / "requirements.txt").read_text(encoding="utf-8")
    assert not re.search(r"^(boto3|botocore|s3transfer)\b", text, flags=re.M | re.I)
