"""A round without a decision: what becomes of its fields when a decision no longer stands."""

from typing import Any

from daycover.claims.lifecycle import Decision

UNDECIDED: dict[str, Any] = {
    "decision": Decision.PENDING,
    "amount_fen": None,
    "granted": (),
    "decided_by": None,
    "decided_at": None,
    "acknowledged_by": None,
    "acknowledged_at": None,
    "agreed_heirs": (),
}
"""The history keeps what was decided."""
