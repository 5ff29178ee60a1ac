"""Search what keeps a record of a run for personal data: log files, log groups, workflow histories."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.devstack.stack import Stack
from tests.support.people import Person


@dataclass
class Search:
    """What was read and what was found. Findings say where and whose, never the value itself."""

    places: int = 0
    lines: int = 0
    characters: int = 0
    findings: list[str] = field(default_factory=list)

    def read(self, place: str, lines: Iterable[str], wanted: re.Pattern[str], whose: dict[str, str]) -> None:
        self.places += 1
        for line in lines:
            self.lines += 1
            self.characters += len(line)
            self.findings += [f"{whose[found]} in {place}" for found in set(wanted.findall(line))]


def values_of(people: Iterable[Person]) -> dict[str, str]:
    """Map each personal value, in every form in which a log could hold it, to what it is."""
    whose = {}
    for person in people:
        for kind in ("name", "id_number", "phone", "openid"):
            value = str(getattr(person, kind))
            for form in (value, json.dumps(value)[1:-1], quote(value)):
                whose[form] = f"{kind} of somebody with an ID number ending in {person.id_number[-3:]}"
    return whose


def search_records(stack: Stack, people: Iterable[Person], *more_files: Path) -> Search:
    """Search log files, CloudWatch log groups and Step Functions histories of a stack."""
    whose = values_of(people)
    wanted = re.compile("|".join(map(re.escape, sorted(whose, key=len, reverse=True))))
    search = Search()
    for file in [*sorted((stack.directory / "logs").rglob("*")), *more_files]:
        if file.is_file():
            search.read(file.name, file.read_text(errors="replace").splitlines(), wanted, whose)
    for group, lines in _log_groups(stack.boto3_client("logs")):
        search.read(group, lines, wanted, whose)
    for execution, lines in _histories(stack.boto3_client("stepfunctions")):
        search.read(execution, lines, wanted, whose)
    return search


def _log_groups(logs: Any) -> Iterator[tuple[str, list[str]]]:
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            yield name, [event["message"] for events in pages for event in events["events"]]


def _histories(step_functions: Any) -> Iterator[tuple[str, list[str]]]:
    for machines in step_functions.get_paginator("list_state_machines").paginate():
        for machine in machines["stateMachines"]:
            arn = machine["stateMachineArn"]
            for page in step_functions.get_paginator("list_executions").paginate(stateMachineArn=arn):
                for execution in page["executions"]:
                    pages = step_functions.get_paginator("get_execution_history").paginate(
                        executionArn=execution["executionArn"]
                    )
                    name = f"history of {machine['name']}:{execution['name']}"
                    yield (
                        name,
                        [json.dumps(event, default=str) for events in pages for event in events["events"]],
                    )
