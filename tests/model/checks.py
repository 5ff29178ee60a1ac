"""What spin is asked about the models, and the defect that each claim must notice: `python -m tests.model.checks`.

Every search is exhaustive: all interleavings of the processes, no hashing away of states.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.model.transitions import MODELS, Machine, moves

SECONDS = 300
MEGABYTES = 1200
"""Of one search; the largest takes about a third."""


class NoSpinError(Exception):
    """There is no spin, or no C compiler for what it writes; the text says what to install."""


class Check(NamedTuple):
    """One question: a claim of a model, in one of its settings, perhaps with a defect planted."""

    machine: Machine
    claim: str | None
    """None: that no process is left where it may not end."""
    defines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return " ".join([self.machine, self.claim or "no_invalid_end", *self.defines])


class Found(NamedTuple):
    """What one search came to."""

    errors: int
    states: int
    depth: int
    seconds: float


ALL = "all_that_holds"
HOLD = (
    Check("policy", ALL, ("WITH_STAFF",)),
    Check("policy", ALL, ("WITH_EMPLOYER",)),
    Check("policy", ALL, ("WITH_STOP",)),
    Check("policy", None, ("WITH_STAFF",)),
    Check("payout", ALL),
    Check("payout", ALL, ("WITH_RETURN",)),
    Check("payout", ALL, ("WITH_END",)),
    Check("payout", "every_execution_ends", ("BESIDE",)),
    Check("payout", None, ("WITH_END",)),
)
"""What must be found without an error."""
PLANTED = (
    Check("policy", "no_overlap", ("PLANT_NO_CONDITION",)),
    Check("policy", "no_overlap", ("PLANT_FROM_NOW",)),
    Check("policy", "one_policy_a_check_in", ("WITH_STAFF", "PLANT_NO_OWN")),
    Check("policy", "nothing_after_a_stop", ("WITH_STOP", "PLANT_NO_STOP")),
    Check("policy", "never_backdated", ("PLANT_FROM_CHECK_IN",)),
    Check("policy", "withdrawn_consent_covers_nothing", ("WITH_STOP", "PLANT_NO_PLACE")),
    Check("policy", "adjacent_cover_falls_with_its_neighbour", ("WITH_STAFF", "PLANT_NO_NEIGHBOUR")),
    Check("policy", "adjacent_cover_falls_with_its_neighbour", ("WITH_STAFF", "PLANT_VOID_ALONE")),
    Check("policy", "voidance_takes_nothing_else", ("WITH_STAFF", "PLANT_VOID_ALL")),
    Check("payout", "money_leaves_once", ("PLANT_NEW_NUMBER",)),
    Check("payout", "money_leaves_once", ("PLANT_LOST_IS_FAILED",)),
    Check("payout", "paid_is_one_posting", ("WITH_RETURN", "PLANT_BOUNCE_ALONE")),
    Check("payout", "each_number_is_posted_or_bounced", ("PLANT_ENTRY_APART",)),
    Check("payout", "no_money_behind_a_failure", ("WITH_END", "PLANT_NO_CALL_IN_FLIGHT")),
    Check("payout", "no_money_behind_a_failure", ("WITH_END", "PLANT_CREATED_WAS_NEVER_SENT")),
    Check("payout", "no_money_behind_a_failure", ("WITH_END", "PLANT_NO_VERSION")),
    Check("payout", "a_new_number_follows_an_end", ("PLANT_LOST_IS_FAILED",)),
    Check("payout", "every_end_is_recorded", ("PLANT_FAILURE_FORGOTTEN",)),
    Check("payout", "every_execution_ends", ("BESIDE", "PLANT_ASKS_FOR_EVER")),
)
"""What must be found with one: the model without a rule of the product."""
LIVE = frozenset({"every_execution_ends"})
"""Claims about what happens in the end, of processes that each go on sooner or later (weak fairness)."""
SETTING = {
    ("policy", "CANCELLED"): "WITH_STAFF",
    ("policy", "VOIDED"): "WITH_STAFF",
    ("policy", "TERMINATED"): "WITH_STOP",
}
SETTING |= {("payout", "BOUNCED"): "WITH_RETURN"}
"""Where a move into a state is made, if not in a model's plain setting."""


def probes() -> list[Check]:
    """One check for each row of the tables: an error means that the model makes this move."""
    found = []
    for machine in MODELS:
        for before, after in sorted(moves(machine).steps):
            setting = SETTING.get((machine, after))
            if (machine, before) == (
                "payout",
                "CREATED",
            ):  # only what was refused and taken up was sent before
                setting = {"FAILED": "WITH_END", "UNKNOWN": None}.get(after, "THRICE")
            settings = (setting,) if setting else ()
            found.append(Check(machine, None, (*settings, f"FROM={before}", f"TO={after}")))
    return found


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise NoSpinError(
            "the models are checked by spin and gcc: on Debian run `apt-get install spin gcc libc6-dev`"
        )
    return path


@contextmanager
def _searcher(check: Check) -> Iterator[Path]:
    """The program that searches a model: spin writes it in C."""
    spin, gcc = _program("spin"), _program("gcc")
    options = [f"-D{name}" for name in check.defines]
    kind = [] if check.claim in LIVE else ["-DSAFETY"]
    kind += ["-DNOCLAIM"] if check.claim is None else []
    with tempfile.TemporaryDirectory(prefix="model-") as directory:
        folder = Path(directory)
        shutil.copy(MODELS[check.machine], folder / "model.pml")
        _run([spin, *options, "-a", "model.pml"], folder)
        _run([gcc, "-w", "-O0", *kind, "-DCOLLAPSE", f"-DMEMLIM={MEGABYTES}", "-o", "pan", "pan.c"], folder)
        yield folder


def _run(command: Sequence[str], folder: Path) -> str:
    ran = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    said = ran.stdout + ran.stderr
    if ran.returncode or "syntax error" in said:
        raise RuntimeError(f"{' '.join(command)}: {said[-2000:]}")
    return said


def search(check: Check) -> Found:
    """Go through every state. Raises NoSpinError, RuntimeError where the search did not come to its end."""
    with _searcher(check) as folder:
        claim = [] if check.claim is None else ["-N", check.claim]
        live = ["-a", "-f"] if check.claim in LIVE else []
        said = _run(["./pan", "-m100000", "-n", *live, *claim], folder)
    errors, states = re.search(r"errors: (\d+)", said), re.search(r"([\d.e+]+) states, stored", said)
    depth, seconds = re.search(r"depth reached (\d+)", said), re.search(r"elapsed time ([\d.e-]+) sec", said)
    if not (errors and states and depth and seconds) or "max search depth too small" in said:
        raise RuntimeError(f"{check.name}: {said[-2000:]}")
    found = Found(int(errors[1]), int(float(states[1])), int(depth[1]), float(seconds[1]))
    if not found.errors and "Search not completed" in said:
        raise RuntimeError(f"{check.name}: the search was cut off: {said[-2000:]}")
    return found


def main() -> int:
    """Search all, say what each came to, and give 1 where something is not as it must be."""
    wrong = 0
    try:
        for check, must_fail in [(c, False) for c in HOLD] + [(c, True) for c in (*PLANTED, *probes())]:
            found = search(check)
            good = bool(found.errors) is must_fail
            wrong += not good
            print(
                f"{'ok' if good else 'WRONG':5} {check.name:78} {found.states:9,} states, depth {found.depth:4}, "
                f"errors {found.errors}, {found.seconds:5.1f} s",
                flush=True,
            )
    except NoSpinError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
