"""The case reserve (未决赔款准备金) in the books: what a change of a claim adds to what it is expected to cost."""

from datetime import datetime

from daycover.books.journal import Account, Entry, Kind, Line, Risk, entry_at
from daycover.claims.claim import Claim
from daycover.claims.reserve import ultimate_fen


def reserve_entries(before: Claim | None, after: Claim, at: datetime) -> list[Entry]:
    """Give what a change of a claim posts, `before` None for a new one; nothing where it costs what it did.

    The entry is written with the change, so the entries of a claim sum to what it is expected to cost.
    """
    fen = ultimate_fen(after) - (ultimate_fen(before) if before is not None else 0)
    if not fen:
        return []
    policy = after.policy
    lines = Line(Account.RESERVE_CHANGE, fen), Line(Account.CASE_RESERVE, -fen)
    return [
        entry_at(
            after.claim_no,
            Kind.RESERVE_CHANGED,
            policy.company_id,
            lines,
            at,
            project_id=policy.project_id,
            version=after.version,
            risk=Risk(occupation_class=policy.occupation_class, plan_id=policy.plan_id),
        )
    ]
