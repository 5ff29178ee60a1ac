"""`python -m tests.devstack run [--once]` and `python -m tests.devstack invoke FUNCTION EVENT_FILE`."""

import argparse
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from tests.devstack import memory
from tests.devstack.invoke import invoke, sam_invoke
from tests.devstack.layout import JOURNEY_FILE, LOCAL, STACK_FILE, TEMPLATE, DevstackError
from tests.devstack.ports import DEFAULT_PORT, Ports, require_free
from tests.devstack.progress import Progress
from tests.devstack.report import Report
from tests.devstack.restore import drill
from tests.devstack.running import running_stack
from tests.devstack.stack import Stack
from tests.devstack.watch import Recovery

_INTERRUPTED = 130
_RESTARTS = 3

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    """Begin to stop; what comes while we stop must not leave the stopping half done."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def run(template: Path, stack_name: str, region: str, *, once: bool) -> int:
    """Bring everything up, play the journey, stay until told to stop; return 1 if a step failed.

    Raises DevstackError when the local AWS has died and does not come back.
    """
    progress = Progress()
    ports = _ports()
    require_free(ports)
    report = Report(progress)
    recovery = Recovery(_RESTARTS)
    with (
        running_stack(
            directory=LOCAL,
            ports=ports,
            template=template,
            stack_name=stack_name,
            region=region,
            progress=progress,
            recovery=recovery,
        ) as stack,
        _announced(stack),
    ):
        _play(stack, report, progress)
        if not once:
            _show(stack, report)
            with suppress(KeyboardInterrupt):
                recovery.gave_up.wait()
        if recovery.gave_up.is_set():
            raise DevstackError(recovery.reason)
    return 0 if report.ok else 1


def restore_drill() -> int:
    """Lose the tables of a fresh stack that has played the journey, restore them, and compare."""
    progress = Progress()
    report = Report(progress)
    with running_stack(progress=progress) as stack:
        _seed_and_play(stack, report)
        if not report.ok:
            raise DevstackError("the journey failed, so that there is nothing to compare a restore with")
        with progress.phase("restore drill"):
            found = drill(stack, datetime.now(UTC))
    for line in found:
        print(f"  {line}")
    return 0


def _ports() -> Ports:
    value = os.environ.get("PORT", "") or str(DEFAULT_PORT)
    if not value.isdecimal() or not 1024 <= int(value) <= 65000:
        raise DevstackError(f"PORT={value} is no port between 1024 and 65000")
    return Ports.starting_at(int(value))


@contextmanager
def _announced(stack: Stack) -> Iterator[None]:
    """Let other processes, `make invoke` among them, find the stack while it is up."""
    stack.write(STACK_FILE)
    try:
        yield
    finally:
        STACK_FILE.unlink(missing_ok=True)


def _play(stack: Stack, report: Report, progress: Progress) -> None:
    """Fill in secrets, seed, play the journey; what fails is a failed step and the stack stays to look at."""
    try:
        _seed_and_play(stack, report)
        _measure_memory(report, progress)
    except Exception as error:
        if report.ok:  # between two steps: then none of them stands for it
            report.fail("journey", error)
        progress.say(traceback.format_exc())
    finally:
        report.write(JOURNEY_FILE)
        progress.say(f"journey written to {JOURNEY_FILE.relative_to(LOCAL.parent)}")


def _seed_and_play(stack: Stack, report: Report) -> None:
    # by name: they import the product, and a product that does not import is a failed step too
    seed = importlib.import_module("tests.devstack.seed")
    journey = importlib.import_module("tests.devstack.journey")
    with report.step("secrets"):
        seed.prepare(stack)
    with report.step("seed"):
        seed.seed(stack)
    journey.run(stack, report)


def _measure_memory(report: Report, progress: Progress) -> None:
    """Say what all that we started holds, ourselves and the front door included."""
    held = memory.held_by(os.getpid())
    progress.say(f"memory after the journey: {held}")
    report.figure(
        "memory_after_journey",
        {
            "gigabytes": held.gigabytes,
            "bound": memory.BOUND_GB,
            "processes": held.processes,
            "measure": "proportional shares" if held.is_shared_out else "resident sets",
        },
    )


def _show(stack: Stack, report: Report) -> None:
    print("\nOpen and try:")
    lines = [
        ("API and pages", stack.base_url),
        ("the same over https", stack.https_url),
        ("local AWS", stack.engine_url),
    ]
    for title, line in [*lines, *report.hints]:
        print(f"  {title}\n      {line}")
    print("\nCtrl-C stops everything.", flush=True)


def main() -> int:
    """Parse the command line and turn every expected failure into one line."""
    parser = argparse.ArgumentParser(prog="python -m tests.devstack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run_command = commands.add_parser("run", help="start the local stack and play the journey")
    run_command.add_argument("--once", action="store_true", help="stop after the journey")
    run_command.add_argument("--template", type=Path, default=TEMPLATE)
    run_command.add_argument("--stack-name", default="daycover")
    run_command.add_argument("--region", default="us-east-1")
    for name, text in (
        ("invoke", "run one handler on one event"),
        ("sam-invoke", "run one function on one event in a container, by `sam local invoke`"),
    ):
        invoke_command = commands.add_parser(name, help=text)
        invoke_command.add_argument("function")
        invoke_command.add_argument("event", type=Path)
    commands.add_parser("restore-drill", help="lose the tables of a fresh stack and restore them")
    arguments = parser.parse_args()
    for number in _SIGNALS:
        signal.signal(number, _on_signal)
    try:
        if arguments.command == "invoke":
            return invoke(arguments.function, arguments.event)
        if arguments.command == "sam-invoke":
            return sam_invoke(arguments.function, arguments.event)
        if arguments.command == "restore-drill":
            return restore_drill()
        return run(arguments.template, arguments.stack_name, arguments.region, once=arguments.once)
    except DevstackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
