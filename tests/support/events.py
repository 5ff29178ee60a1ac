"""Event files: `{{name}}` in their text stands for what only a running system knows (`events/README.md`).

As a command it fills one in: `python -m tests.support.events FILE qr_token=… > filled.json`.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PLACE = re.compile(r"\{\{([a-z0-9_.]+)\}\}", re.IGNORECASE)


def read_event(path: Path, values: Mapping[str, str]) -> Any:
    """Give the event with every placeholder filled. Raises KeyError naming one that has no value."""
    return json.loads(_PLACE.sub(lambda match: values[match[1]], path.read_text(encoding="utf-8")))


def placeholders(path: Path) -> set[str]:
    return set(_PLACE.findall(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    stated = dict(argument.split("=", 1) for argument in sys.argv[2:])
    json.dump(read_event(Path(sys.argv[1]), stated), sys.stdout, ensure_ascii=False, indent=2)
