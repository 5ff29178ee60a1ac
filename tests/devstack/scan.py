"""Look for known mistakes in the template: `python -m tests.devstack.scan`, which `make check` runs.

checkov reads the template as it is written and what SAM makes of it beside (roles, versions, the stage), offline: no
policy is fetched and nobody is called. What it finds and is meant stands in `accepted_findings.toml` with its reason.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from tests.devstack.layout import LOCAL, SCAN, TEMPLATE, DevstackError
from tests.support.expansion import expanded
from tests.support.template import template

ACCEPTED = Path(__file__).with_name("accepted_findings.toml")
MADE = LOCAL / "expanded" / "made-by-sam" / "template.json"


class Finding(NamedTuple):
    check: str
    resource: str
    """`AWS::S3::Bucket.ArchiveBucket`."""
    said: str


def made_by_sam() -> dict[str, Any]:
    """Give the resources that SAM's transform adds to those of the template."""
    written = template()["Resources"]
    found = expanded()["Resources"]
    return {"Resources": {name: item for name, item in found.items() if name not in written}}


def found_by_checkov(*files: Path) -> tuple[int, list[Finding]]:
    """Give how many checks passed, and what failed. Raises DevstackError where checkov itself did."""
    command = [SCAN.program("checkov"), "--framework", "cloudformation", "--skip-download", "--compact"]
    command += ["--quiet", "--soft-fail", "--output", "json"]
    for file in files:
        command += ["--file", str(file)]
    home = {"HOME": str(LOCAL), "PATH": "/usr/bin:/bin", "LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        command, capture_output=True, text=True, env=home, stdin=subprocess.DEVNULL, check=False
    )
    try:
        report = json.loads(done.stdout)
        passed, errors = report["summary"]["passed"], report["summary"]["parsing_errors"]
    except (ValueError, KeyError, TypeError) as error:
        raise DevstackError(f"checkov gave no report: {done.stderr[-500:]}") from error
    if errors or not passed:
        raise DevstackError(f"checkov could not read {', '.join(map(str, files))}")
    failed = report["results"]["failed_checks"]
    return passed, [Finding(one["check_id"], one["resource"], one["check_name"]) for one in failed]


def accepted() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))


def faults(findings: Iterable[Finding], meant: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say what was found and is not meant, and what is said to be meant and was not found."""
    unused = {(check, pattern) for check, entry in meant.items() for pattern in entry["resources"]}
    said = []
    for finding in findings:
        patterns = meant.get(finding.check, {}).get("resources", ())
        matching = {(finding.check, one) for one in patterns if fnmatchcase(finding.resource, one)}
        if not matching:
            said.append(f"{finding.check} {finding.resource}: {finding.said}")
        unused -= matching
    said += [
        f"{check} {pattern}: accepted in {ACCEPTED.name}, but not found" for check, pattern in sorted(unused)
    ]
    return said


def main() -> int:
    """Print what is wrong; 1 when anything is."""
    MADE.parent.mkdir(parents=True, exist_ok=True)
    MADE.write_text(json.dumps(made_by_sam(), indent=1), encoding="utf-8")
    try:
        passed, findings = found_by_checkov(TEMPLATE, MADE)
    except DevstackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    wrong = faults(findings, accepted())
    print(
        "\n".join([*wrong, f"checkov: {passed} checks passed, {len(findings)} findings, {len(wrong)} wrong"])
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
