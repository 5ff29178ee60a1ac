"""Clocks of deployed functions, set apart from real time by the template's variable for test stacks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from tests.devstack.stack import Stack

AT_THE_GATE = (
    "SignInWorkerFunction",
    "PreviewCoverFunction",
    "GiveConsentsFunction",
    "CheckInFunction",
    "IssuePolicyFunction",
    "CompleteCheckInFunction",
)
"""Whatever looks at the clock between a worker's sign-in and their policy."""
INTO_THE_SHIFT = timedelta(hours=2)
"""How long the cover of a worker on shift has run: within an hour of its start, no accident is the machine's."""
SINCE_THE_ACCIDENT = timedelta(minutes=20)
"""How long ago a worker on shift was hurt when they report it."""


@contextmanager
def function_clocks(stack: Stack, *logical_ids: str) -> Iterator[Callable[[timedelta], None]]:
    """Give what sets the clocks of these functions ahead of real time, or behind; afterwards they are right."""
    functions = stack.boto3_client("lambda")
    updated = functions.get_waiter("function_updated_v2")
    names = [stack.resource_id(logical_id) for logical_id in logical_ids]
    variables = {
        name: functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        for name in names
    }

    def set_clocks(ahead: timedelta) -> None:
        offset = {"CLOCK_OFFSET_SECONDS": str(int(ahead.total_seconds()))}
        for name in names:
            changed = {"Variables": variables[name] | offset}
            functions.update_function_configuration(FunctionName=name, Environment=changed)
        for name in names:
            updated.wait(FunctionName=name)
            for alias in functions.list_aliases(FunctionName=name)[
                "Aliases"
            ]:  # the API invokes what it points at
                version = functions.publish_version(FunctionName=name)["Version"]
                functions.update_alias(FunctionName=name, Name=alias["Name"], FunctionVersion=version)

    try:
        yield set_clocks
    finally:
        set_clocks(timedelta())


@contextmanager
def when_the_shift_began(stack: Stack, ago: timedelta = INTO_THE_SHIFT) -> Iterator[None]:
    """Let whoever checks in now be insured as of then; their phones must be as late (`WorkerApp.behind`)."""
    with function_clocks(stack, *AT_THE_GATE) as set_clocks:
        set_clocks(-ago)
        yield
