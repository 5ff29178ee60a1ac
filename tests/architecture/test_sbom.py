"""docs/sbom.json says what is deployed that others wrote: the pins of the layer, and nothing in the browser."""

import json
import re
from pathlib import Path

import pytest

from tests.architecture.source import FUNCTIONS, ROOT
from tests.support.sbom import DEPLOYED, FILE, pins_of, text

BILL = json.loads(FILE.read_text(encoding="utf-8"))
STATIC = FUNCTIONS / "web" / "static"
OF_OTHERS = re.compile(r"""(?:src|href|action)=["']?(?:[a-z]+:)?//|<script(?![^>]*\bsrc=)|@import""")


def test_bill_is_what_the_pins_say() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run `make sbom`"


def test_bill_names_each_package_with_its_version_and_every_hash_that_may_be_installed() -> None:
    wanted: dict[str, set[str]] = {}
    for line in DEPLOYED.read_text(encoding="utf-8").splitlines():
        if "==" in line:
            name = line.split()[0]
            wanted[name] = set()
        else:
            wanted[name].add(line.split("sha256:")[1].split()[0])
    listed = {
        f"{one['name']}=={one['version']}": {found["content"] for found in one["hashes"]}
        for one in BILL["components"]
        if one["type"] == "library"
    }
    assert listed == wanted
    assert all(one.get("licenses") for one in BILL["components"] if one["type"] == "library")


def test_every_package_is_needed_by_the_product_or_by_another() -> None:
    needed = {ref for one in BILL["dependencies"] for ref in one["dependsOn"]}
    assert needed == {one["bom-ref"] for one in BILL["components"]}


def test_file_with_another_line_is_no_list_of_pins(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(DEPLOYED.read_text(encoding="utf-8") + "left-pad>=1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no pin"):
        pins_of(file)


def test_pages_load_nothing_of_others() -> None:
    """Nor do their scripts: tests/architecture/test_web.py reads what those import."""
    pages = [path for path in sorted(STATIC.iterdir()) if path.suffix in {".html", ".css"}]
    assert len(pages) > 5
    for path in pages:
        found = OF_OTHERS.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]}"
