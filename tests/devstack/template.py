"""Read what the local stack needs to know of a SAM template, without expanding it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]


def _any_tag(loader: Any, _suffix: str, node: Any) -> Any:
    """Read a short tag of CloudFormation as a plain value: nothing here needs to resolve it."""
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


_Loader: Any = type("_Loader", (yaml.SafeLoader,), {})
_Loader.add_multi_constructor("!", _any_tag)


def _read(template: Path) -> dict[str, Any]:
    loaded = yaml.load(template.read_text(encoding="utf-8"), Loader=_Loader)
    assert isinstance(loaded, dict)
    return loaded


def parameter_names(template: Path) -> set[str]:
    return set(_read(template).get("Parameters", {}))


def expiry_attributes(template: Path) -> dict[str, str]:
    """Return the TTL attribute of each table, by logical id; the engine ignores it at deploy (P4)."""
    attributes = {}
    for name, resource in _read(template)["Resources"].items():
        expiry = resource.get("Properties", {}).get("TimeToLiveSpecification", {})
        if expiry.get("Enabled"):
            attributes[name] = str(expiry["AttributeName"])
    return attributes


def gateway_responses(template: Path) -> dict[str, dict[str, Any]]:
    """Return the API's own error answers by type, as `put_gateway_response` takes them."""
    answers: dict[str, dict[str, Any]] = {}
    for resource in _read(template)["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Api":
            continue
        for name, answer in resource["Properties"].get("GatewayResponses", {}).items():
            headers = answer.get("ResponseParameters", {}).get("Headers", {})
            answers[name] = {
                "responseTemplates": answer.get("ResponseTemplates", {}),
                "responseParameters": {
                    f"gatewayresponse.header.{key}": text for key, text in headers.items()
                },
            }
            if "StatusCode" in answer:
                answers[name]["statusCode"] = str(answer["StatusCode"])
    return answers


def layers_with_requirements(template: Path) -> Iterator[tuple[str, Path]]:
    """Yield logical id and requirement file of each layer that `sam build` fills with packages."""
    for name, resource in _read(template)["Resources"].items():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            requirements = template.parent / resource["Properties"]["ContentUri"] / "requirements.txt"
            if requirements.exists():
                yield name, requirements
