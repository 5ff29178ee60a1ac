"""Everything that somebody may set out to do in a history; importing it makes it known."""

from tests.simulation import claimant, desk, family, gate, money, office, operations, underwriting
from tests.simulation.history import ACTS

__all__ = ["ACTS", "claimant", "desk", "family", "gate", "money", "office", "operations", "underwriting"]
