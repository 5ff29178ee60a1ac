"""What the journey did, step by step: shown while it runs, written to `.local/journey.json` at the end."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.devstack.progress import Progress


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


@dataclass
class Step:
    """One step; the journey fills in request and response (anything that JSON can hold) as it goes."""

    name: str
    ok: bool = False
    seconds: float = 0.0
    request: Any = None
    response: Any = None


class Report:
    """Collect steps, figures and the lines that tell a developer what to open and try."""

    def __init__(self, progress: Progress) -> None:
        self.steps: list[Step] = []
        self.figures: dict[str, Any] = {}
        self.hints: list[tuple[str, str]] = []
        self._progress = progress

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time one step; an exception makes it a failed one and ends the journey."""
        step = Step(name)
        self.steps.append(step)
        start = time.monotonic()
        try:
            yield step
            step.ok = True
        except Exception as error:
            if step.response is None:
                step.response = _text(error)
            raise
        finally:
            step.seconds = round(time.monotonic() - start, 3)
            self._progress.say(f"{'ok    ' if step.ok else 'FAILED'} {step.seconds:6.2f} s  {name}")

    def fail(self, name: str, error: Exception) -> None:
        """Record a failure that no step stands for."""
        self.steps.append(Step(name, response=_text(error)))
        self._progress.say(f"FAILED {name}: {_text(error)}")

    def figure(self, name: str, value: Any) -> None:
        """Record a measured or computed number of the journey."""
        self.figures[name] = value

    def hint(self, title: str, line: str) -> None:
        """Add a line to open or to copy into a shell, shown when the stack is up."""
        self.hints.append((title, line))

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)

    def write(self, file: Path) -> None:
        content = {"steps": [asdict(step) for step in self.steps], "figures": self.figures}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8"
        )
