"""What is deployed that others wrote: `make sbom` writes docs/sbom.json, a CycloneDX bill of materials.

It follows from the pins of the dependencies' layer, and from what the installed packages say of their licence and
needs. The browsers' code is our own modules alone; boto3 comes with Lambda's runtime.
"""

import hashlib
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from importlib.metadata import metadata, requires
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.devstack.layout import ROOT, SCAN
from tests.support.template import template

FILE = ROOT / "docs" / "sbom.json"
DEPLOYED = ROOT / "layers" / "dependencies" / "requirements.txt"
PRODUCT = "pkg:generic/daycover"
LAMBDA = {
    "extra": "",
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.13.0",
    "python_version": "3.13",
    "sys_platform": "linux",
}
"""So that the document is the same whatever it is written on."""
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", re.M)


class Pin(NamedTuple):
    """One package as a requirement file fixes it."""

    name: str
    version: str
    sha256: tuple[str, ...]
    """Of every file that may be installed."""

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def pins_of(file: Path) -> list[Pin]:
    """Read the pins of a requirement file. Raises ValueError for a line that is none."""
    text = file.read_text(encoding="utf-8")
    pins = [
        Pin(canonicalize_name(name), version, tuple(re.findall("[0-9a-f]{64}", hashes)))
        for name, version, hashes in _PIN.findall(text)
    ]
    if len(pins) != len(re.findall(r"^[^\s#]", text, flags=re.M)) or not pins:
        raise ValueError(f"{file.name} has a line that is no pin")
    return pins


def document() -> dict[str, Any]:
    """Give the bill of materials; the same pins give the same text."""
    pins = pins_of(DEPLOYED)
    runtime = template()["Parameters"]["PythonRuntime"]["Default"]
    components = [
        *(_component(pin) for pin in pins),
        {
            "type": "platform",
            "bom-ref": "runtime",
            "name": "AWS Lambda runtime",
            "version": runtime,
            "description": "Brings Python, boto3 and botocore in the versions that AWS keeps there",
        },
        {
            "type": "application",
            "bom-ref": "web",
            "name": "daycover web faces",
            "description": "functions/web/static: our own modules, without third-party code and without a build step",
        },
    ]
    direct = [canonicalize_name(name) for name in _wanted()]
    refs = {pin.name: pin.purl for pin in pins}
    body = {
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": PRODUCT,
                "name": "daycover",
                "version": _own_version(),
            }
        },
        "components": components,
        "dependencies": [
            {"ref": PRODUCT, "dependsOn": sorted([*(refs[name] for name in direct), "runtime", "web"])},
            *(
                {"ref": pin.purl, "dependsOn": sorted(refs[n] for n in _needs(pin) if n in refs)}
                for pin in pins
            ),
        ],
    }
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    serial = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}"
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": serial, "version": 1}
    return head | body


def text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def _component(pin: Pin) -> dict[str, Any]:
    said = metadata(pin.name)
    if said["Version"] != pin.version:
        raise ValueError(f"{pin.name} {said['Version']} is installed, {pin.version} is deployed")
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": pin.purl,
        "name": pin.name,
        "version": pin.version,
        "purl": pin.purl,
        "hashes": [{"alg": "SHA-256", "content": one} for one in pin.sha256],
    }
    if licence := _licence(said):
        component["licenses"] = [licence]
    return component


def _licence(said: Any) -> dict[str, Any] | None:
    if expression := said.get("License-Expression"):
        return {"expression": expression}
    classes = [line for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    name = classes[0].rpartition(" :: ")[2] if classes else said.get("License")
    return {"license": {"name": name}} if name and len(name) < 80 else None


def _needs(pin: Pin) -> Iterator[str]:
    """What a package needs without extras, where it is deployed."""
    for line in requires(pin.name) or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(LAMBDA):
            yield canonicalize_name(requirement.name)


def _wanted() -> list[str]:
    lines = DEPLOYED.with_suffix(".in").read_text(encoding="utf-8").splitlines()
    return [Requirement(line).name for line in lines if line and not line.startswith("#")]


def _own_version() -> str:
    found = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), flags=re.M
    )
    assert found is not None
    return found[1]


VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(f"docs/sbom.json is no CycloneDX 1.6: {fault!r}" if fault else 0)
"""
"""Runs where checkov brings CycloneDX's own schema."""

if __name__ == "__main__":
    written = text()
    subprocess.run([str(SCAN.python), "-c", VALIDATE], input=written, text=True, check=True)
    FILE.write_text(written, encoding="utf-8")
    sys.stdout.write(f"{FILE.relative_to(ROOT)}: {len(pins_of(DEPLOYED))} packages\n")
