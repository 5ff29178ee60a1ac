"""The template as CloudFormation gets it: the include put in its place, then SAM's own transform.

The translator is the SAM CLI's, so this file runs there as well, as a program: it imports the standard library alone
and reaches the rest by name.
"""

import hashlib
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.devstack.layout import LOCAL, ROOT, SAM, TEMPLATE

REGION = "cn-northwest-1"
_CACHE = LOCAL / "expanded"


def expanded(bucket: str = "code", **parameters: str) -> dict[str, Any]:
    """Give the expanded template; it is made anew when the template, the routes or SAM have changed.

    `bucket`: where layers were uploaded to, so that another one is another build; `parameters` beside their defaults.
    """
    read = (TEMPLATE, ROOT / "functions" / "routes.json", SAM.requirements, Path(__file__))
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in read)).hexdigest()
    asked = json.dumps([bucket, parameters], sort_keys=True)
    file = _CACHE / f"{digest}.{hashlib.sha256(asked.encode()).hexdigest()[:8]}.json"
    if not file.exists():
        command = [str(SAM.python), "-m", "tests.support.expansion", asked]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        _CACHE.mkdir(parents=True, exist_ok=True)
        for old in _CACHE.glob("*.json"):
            if not old.name.startswith(digest):
                old.unlink(missing_ok=True)
        file.write_text(done.stdout, encoding="utf-8")
    template: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return template


def _included(node: Any) -> Any:
    if isinstance(node, dict):
        if (transform := node.get("Fn::Transform")) is not None:
            return json.loads((ROOT / transform["Parameters"]["Location"]).read_text(encoding="utf-8"))
        return {name: _included(value) for name, value in node.items()}
    return [_included(value) for value in node] if isinstance(node, list) else node


def _uploaded(resource: dict[str, Any], bucket: str) -> dict[str, Any]:
    """Point local code at a bucket, as `sam deploy` does before anything is expanded."""
    properties = resource.get("Properties", {})
    for name in ("CodeUri", "ContentUri", "DefinitionUri"):
        if name in properties:
            properties[name] = f"s3://{bucket if name == 'ContentUri' else 'code'}/{properties[name]}"
    return resource


def _translate(bucket: str, overrides: dict[str, str]) -> dict[str, Any]:
    parse = importlib.import_module("samcli.yamlhelper").yaml_parse
    translator = importlib.import_module("samtranslator.translator.translator").Translator(
        {
            "AWSLambdaBasicExecutionRole": "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        },
        importlib.import_module("samtranslator.parser.parser").Parser(),
        boto_session=importlib.import_module("boto3").session.Session(region_name=REGION),
    )
    template = _included(json.loads(json.dumps(parse(TEMPLATE.read_text(encoding="utf-8")))))
    template["Resources"] = {name: _uploaded(item, bucket) for name, item in template["Resources"].items()}
    parameters = {name: item.get("Default", "") for name, item in template["Parameters"].items()} | overrides
    translated: dict[str, Any] = translator.translate(template, parameters)
    return translated


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_translate(*json.loads(sys.argv[1]))))
