"""Simulators of the outside world: servers that speak its wire formats, keep its limits, can fail."""

from tests.simulators.suite import Simulators

__all__ = ["Simulators"]
