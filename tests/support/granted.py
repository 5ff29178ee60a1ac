"""What the deployed roles grant, against what functions and state machines asked for on a running stack."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.devstack.engine import CALLS
from tests.devstack.recorder import FUNCTION, MACHINE
from tests.devstack.stack import Stack
from tests.support.policies import Grant, Need, grants, used

Roles = Mapping[str, Sequence[Mapping[str, Any]]]
"""The statements of each function and state machine, by logical id."""
NAMED = {
    "AWS::DynamoDB::Table": "dynamodb:table/",
    "AWS::KMS::Key": "kms:key/",
    "AWS::Lambda::Function": "lambda:function:",
    "AWS::S3::Bucket": "s3:",
    "AWS::SecretsManager::Secret": "",
    "AWS::SQS::Queue": "sqs:",
    "AWS::StepFunctions::StateMachine": "",
}
"""What stands in an ARN before a resource's physical id; an empty text where that is the ARN itself."""


HOLDERS = {"AWS::Lambda::Function", "AWS::StepFunctions::StateMachine"}
"""Whose roles are judged: API Gateway and EventBridge Scheduler act under theirs inside the engine."""
REFUSED_ALIKE = {Need("s3:ListBucket", "DocumentsBucket")}
"""A document that isn't there may be told as 403: `store.documents` reads both answers as one."""
ABSENT = "-that-is-not-there"
"""Ends the name of a machine that `tests/workflows` has a copy start, to see it fail."""


class Held(NamedTuple):
    """A grant and who holds it."""

    role: str
    grant: Grant

    def __str__(self) -> str:
        return f"{self.role}: {' '.join(self.grant).removesuffix(' *')}"


class Call(NamedTuple):
    role: str
    need: Need

    def __str__(self) -> str:
        return f"{self.role}: {self.need.action} {self.need.resource} {' '.join(self.need.keys)}"


@dataclass
class Verdict:
    denied: list[Call] = field(default_factory=list)
    unused: set[Held] = field(default_factory=set)
    used: set[Held] = field(default_factory=set)


def judge(roles: Roles, calls: Iterable[Call]) -> Verdict:
    """Decide each call by its caller's role alone, as IAM does."""
    verdict = Verdict()
    for call in calls:
        met = {
            Held(call.role, grant) for statement in roles[call.role] for grant in used(statement, call.need)
        }
        if not met:
            verdict.denied.append(call)
        verdict.used |= met
    held = {Held(role, grant) for role, those in roles.items() for one in those for grant in grants(one)}
    verdict.unused = held - verdict.used
    return verdict


class Names:
    """The template's names for what is deployed: a test's copy of a state machine is known by its role."""

    def __init__(self, stack: Stack) -> None:
        self._logical: dict[str, str] = {}
        self.roles: dict[str, str] = {}
        self.holders: set[str] = set()
        pages = stack.boto3_client("cloudformation").get_paginator("list_stack_resources")
        for page in pages.paginate(StackName=stack.name):
            for resource in page["StackResourceSummaries"]:
                self._add(resource)
        self._add_machines(stack)
        self._pattern = re.compile("|".join(map(re.escape, sorted(self._logical, reverse=True))))

    def _add(self, resource: Mapping[str, str]) -> None:
        logical, physical = resource["LogicalResourceId"], resource["PhysicalResourceId"]
        kind = resource["ResourceType"]
        if kind == "AWS::IAM::Role":
            self.roles[physical] = logical.removesuffix("Role")
        if kind in HOLDERS:
            self.holders.add(logical)
        if kind in NAMED:
            name = physical.rpartition("/")[2] if kind == "AWS::SQS::Queue" else physical
            self._logical[NAMED[kind] + without_place(name)] = logical

    def _add_machines(self, stack: Stack) -> None:
        client = stack.boto3_client("stepfunctions")
        for page in client.get_paginator("list_state_machines").paginate():
            for machine in page["stateMachines"]:
                arn = machine["stateMachineArn"]
                role = client.describe_state_machine(stateMachineArn=arn)["roleArn"].rpartition("/")[2]
                self._logical[without_place(arn)] = self.roles[role]
        for name, logical in list(self._logical.items()):
            self._logical[name.replace(":stateMachine:", ":execution:")] = logical

    def __call__(self, resource: str) -> str:
        """Give a resource by its logical id, with what follows that in an ARN."""
        plain = without_place(resource)
        found = self._pattern.match(plain)
        return self._logical[found[0]] + plain[found.end() :] if found else plain


def without_place(arn: str) -> str:
    """`arn:aws:sqs:us-east-1:123456789012:q` → `sqs:q`."""
    parts = arn.split(":", 5)
    return f"{parts[2]}:{parts[5]}" if parts[0] == "arn" else arn


def deployed(stack: Stack, names: Names) -> dict[str, list[dict[str, Any]]]:
    """Read the roles that SAM made of the template; what AWS's own managed policies add is not ours to judge."""
    iam = stack.boto3_client("iam")
    roles: dict[str, list[dict[str, Any]]] = {}
    held = {role: holder for role, holder in names.roles.items() if holder in names.holders}
    for role, holder in held.items():
        statements = roles.setdefault(holder, [])
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                resources = statement["Resource"]
                listed = resources if isinstance(resources, list) else [resources]
                statements.append({**statement, "Resource": [names(one) for one in listed]})
    return roles


def judged(stack: Stack) -> Verdict:
    """Judge all that was asked for on this stack so far."""
    names = Names(stack)
    return judge(deployed(stack, names), recorded(stack, names))


def recorded(stack: Stack, names: Names) -> Iterator[Call]:
    """Give all that the stack's functions and machines asked for since it was brought up."""
    with (stack.directory / "aws" / CALLS).open(encoding="utf-8") as lines:
        for line in lines:
            caller, action, asked_for, keys = json.loads(line)
            if caller.startswith(FUNCTION):
                role = names(f"lambda:function:{caller.removeprefix(FUNCTION)}")
            else:
                role = names(caller.removeprefix(MACHINE))
            call = Call(role, Need(action, names(asked_for), tuple(keys)))
            if call.need not in REFUSED_ALIKE and not asked_for.endswith(ABSENT):
                yield call
