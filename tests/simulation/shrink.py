"""Make a failing history small: leave out what it does not need to fail in the same way (delta debugging, ddmin)."""

from collections.abc import Callable

from tests.simulation.history import Outcome, Script, played


def fails_by(outcome: Outcome) -> str | None:
    """The invariant that a history broke first."""
    return outcome.violations[0].invariant if outcome.violations else None


def shrunk(
    script: Script, play: Callable[[Script], Outcome] = played, most: int = 400
) -> tuple[Script, Outcome]:
    """Give the smallest script found, in `most` plays, that breaks the same invariant first, and its outcome.

    Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002.
    """
    outcome = play(script)
    wanted = fails_by(outcome)
    if wanted is None:
        raise ValueError(f"seed {script.seed} breaks nothing")
    plays, parts = 1, 2
    while len(script.acts) > 1 and plays < most:
        numbers = [act.number for act in script.acts]
        size = max(1, len(numbers) // parts)
        for start in range(0, len(numbers), size):
            smaller = script.without(numbers[start : start + size])
            plays += 1
            tried = play(smaller)
            if fails_by(tried) == wanted:
                script, outcome, parts = smaller, tried, max(parts - 1, 2)
                break
            if plays >= most:
                break
        else:
            if size == 1:
                break
            parts = min(parts * 2, len(numbers))
    return script, outcome
