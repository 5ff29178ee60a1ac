"""What a day that still runs comes to, told from the sums that were kept while it ran."""

from datetime import date, datetime

from daycover.books.statement import ClassTotal, Statement
from daycover.books.sums import Sums


def running_statement(company_id: str, day: date, sums: Sums, now: datetime, due_days: int) -> Statement:
    """Draw up what a day comes to so far; revision 0 is no revision. What it comes to by project, what claims were
    paid and which earlier lists it corrects are known when it is closed."""
    # A batch whose premium and correction of one class come to nothing adds no premium to it, only its policies.
    classes = sorted({tuple(name.split("_", 2)[1:]) for name in sums if name.startswith(("fen_", "n_"))})
    return Statement(
        company_id=company_id,
        day=day,
        revision=0,
        policies=sums.get("policies", 0),
        lines=sums.get("lines", 0),
        premium_fen=sums.get("premium_fen", 0),
        corrections=sums.get("corrections", 0),
        corrections_fen=sums.get("corrections_fen", 0),
        projects=(),
        classes=tuple(
            ClassTotal(
                occupation_class=int(number),
                plan_id=plan_id,
                policies=sums.get(f"n_{number}_{plan_id}", 0),
                premium_fen=sums.get(f"fen_{number}_{plan_id}", 0),
            )
            for number, plan_id in classes
        ),
        insured=sums.get("insured", 0),
        issued_at=now,
        due_days=due_days,
    )
