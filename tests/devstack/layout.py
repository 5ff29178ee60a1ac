"""Where the local stack keeps its things; standard library only, because the first start has nothing else."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
LOGS = LOCAL / "logs"
TEMPLATE = ROOT / "template.yaml"
STACK_FILE = LOCAL / "stack.json"
JOURNEY_FILE = LOCAL / "journey.json"


class DevstackError(Exception):
    """A failure the developer can act on; its text is the one line they see."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment and the hashed requirement file that fills it."""

    name: str
    directory: Path
    requirements: Path

    @property
    def python(self) -> Path:
        return self.directory / "bin" / "python"

    def program(self, name: str) -> str:
        return str(self.directory / "bin" / name)


_REQUIREMENTS = ROOT / "tests" / "requirements"
DEVELOP = Environment("develop", ROOT / ".venv", _REQUIREMENTS / "develop.txt")
ENGINE = Environment("engine", LOCAL / "engine", _REQUIREMENTS / "engine.txt")
SAM = Environment("sam", LOCAL / "sam", _REQUIREMENTS / "sam.txt")
SCAN = Environment("scan", LOCAL / "scan", _REQUIREMENTS / "scan.txt")
ENVIRONMENTS = (DEVELOP, ENGINE, SAM, SCAN)
MUTATE = Environment("mutate", LOCAL / "mutate", _REQUIREMENTS / "mutate.txt")
"""For `make mutate` alone, which makes it."""


def last_line(log: Path) -> str:
    """Return the last line of a log that says something, for a one-line failure message."""
    if not log.exists():
        return "no output"
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "no output"
