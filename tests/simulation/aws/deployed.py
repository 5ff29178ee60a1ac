"""The product's own state machines and queues, as template.yaml deploys them."""

import json
from collections.abc import Mapping
from typing import Any

from tests.simulation.aws.sqs import Queues
from tests.simulation.aws.states import StateMachines
from tests.support.functions import ROOT
from tests.support.template import template

PARTITION = "aws"


def name_of(logical_id: str) -> str:
    """Machines and functions have their logical ids as names here: `PayoutStateMachine`."""
    return logical_id


def deploy_machines(machines: StateMachines) -> dict[str, str]:
    """Deploy every machine of the template; gives their ARNs by logical id."""
    deployed: dict[str, str] = {}
    for logical_id, resource in template()["Resources"].items():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            said = resource["Properties"]
            text = (ROOT / said["DefinitionUri"]).read_text(encoding="utf-8")
            substitutions = {
                name: _filled(value, machines) for name, value in said["DefinitionSubstitutions"].items()
            }
            deployed[logical_id] = machines.deploy(name_of(logical_id), json.loads(text), substitutions)
    return deployed


def _filled(value: Mapping[str, Any], machines: StateMachines) -> str:
    match value:
        case {"GetAtt": str(attribute)}:
            logical_id, _, what = attribute.partition(".")
            if what == "Arn":
                return f"arn:{PARTITION}:lambda:us-east-1:000000000000:function:{name_of(logical_id)}"
        case {"Ref": str(logical_id)}:
            return machines.arn_of(name_of(logical_id))
        case {"Sub": str(text)}:
            return text.replace("${AWS::Partition}", PARTITION)
    raise NotImplementedError(f"{value}")


def create_queues(queues: Queues) -> dict[str, str]:
    """Create every queue of the template; gives their URLs by logical id, which is their name here."""
    created: dict[str, str] = {}
    for logical_id, resource in template()["Resources"].items():
        if resource["Type"] == "AWS::SQS::Queue":
            said = resource["Properties"]
            redrive = said.get("RedrivePolicy", {})
            if unknown := said.keys() - _QUEUE:
                raise NotImplementedError(f"{logical_id}: {sorted(unknown)}")
            times = {name: said[long] for name, long in _TIMES.items() if long in said}
            dead = redrive["deadLetterTargetArn"]["GetAtt"].partition(".")[0] if redrive else None
            created[logical_id] = queues.create(
                logical_id, most_receives=redrive.get("maxReceiveCount"), dead=dead, **times
            )
    return created


_TIMES = {"visibility": "VisibilityTimeout", "retention": "MessageRetentionPeriod"}
_QUEUE = {*_TIMES.values(), "RedrivePolicy", "SqsManagedSseEnabled"}
