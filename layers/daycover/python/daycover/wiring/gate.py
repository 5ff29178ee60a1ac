"""What the company reads of its gates: apart from `cover`, so that what people wait for at a gate loads none of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.cover.gate import ReadGate
    from daycover.cover.roster import ReadRoster


class GateWiring(Wiring):
    @cached_property
    def read_roster(self) -> ReadRoster:
        from daycover.cover.roster import ReadRoster
        from daycover.wiring.projects import ProjectsWiring

        return ReadRoster(
            now=self._adapters.now,
            projects=self._adapters.wired(ProjectsWiring).run_projects,
            lines=self._adapters.cover_lines,
            visits=self._adapters.visits,
            accounts=self._adapters.workers,
        )

    @cached_property
    def read_gate(self) -> ReadGate:
        from daycover.cover.gate import ReadGate

        return ReadGate(
            now=self._adapters.now,
            projects=self._adapters.projects,
            roster=self.read_roster,
            referrals=self._adapters.referrals,
        )


def gates() -> GateWiring:
    """Give what this container can read of gates."""
    return wired(GateWiring)
