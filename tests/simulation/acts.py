"""Everything that somebody may set out to do in a history; importing it makes it known."""

from tests.simulation import desk, gate, office
from tests.simulation.history import ACTS

__all__ = ["ACTS", "desk", "gate", "office"]
