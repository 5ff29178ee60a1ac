"""The template as data, read once for each process."""

from functools import cache
from typing import Any

import yaml  # type: ignore[import-untyped]

from tests.support.functions import ROOT

_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def template() -> dict[str, Any]:
    """Give the template, CloudFormation's short tags as `{"Tag": value}`."""
    return _read(lambda tag, value: {tag: value})


@cache
def plain_template() -> dict[str, Any]:
    """Give the template, a short tag as what it is applied to."""
    return _read(lambda _tag, value: value)


def _read(tagged: Any) -> dict[str, Any]:
    def construct(loader: Any, tag: str, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return tagged(tag, loader.construct_scalar(node))
        if isinstance(node, yaml.SequenceNode):
            return tagged(tag, loader.construct_sequence(node, deep=True))
        return tagged(tag, loader.construct_mapping(node, deep=True))

    loader: Any = type("Loader", (_FASTEST,), {})
    loader.add_multi_constructor("!", construct)
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(encoding="utf-8"), Loader=loader)
    return loaded
