"""What end-to-end tests, the seeded day and the journey play with: people, HTTP clients, the simulators."""

import sys
from pathlib import Path

_PRODUCT = str(Path(__file__).resolve().parents[2] / "layers" / "daycover" / "python")
if _PRODUCT not in sys.path:
    # `python -m tests.devstack` has no pytest that would set it
    sys.path.append(_PRODUCT)
