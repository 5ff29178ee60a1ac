"""What finance and operations do beside claims: money in, limits, keys, and the insurer's moods."""

from datetime import timedelta
from random import Random

from daycover.china_time import china_day
from daycover.reporting.breaks import BreakStatus, Resolution
from daycover.reporting.rows import RowState
from daycover.wiring.books import BooksWiring
from daycover.wiring.reporting import ReportingWiring
from tests.simulation.cast import FINANCE
from tests.simulation.claimant import HOUR
from tests.simulation.history import History, act


@act(4)
def record_payment(history: History, luck: Random) -> None:
    """A company pays a day's statement; two members of finance record it."""
    world = history.world
    company_id = luck.choice(history.cast.company_ids)
    day = china_day(world.now()) - timedelta(days=luck.randint(1, 4))
    statement = world.observer.statements.latest(company_id, day)
    amount_fen = statement.premium_fen if statement else 70
    for who in luck.sample(FINANCE, luck.choice((1, 1, 2))):
        reference = f"PAY-{company_id}-{day}" if luck.random() < 0.8 else f"PAY-{who}"
        world.perform(
            who,
            "record_payment",
            lambda p, who=who, reference=reference: p.wired(BooksWiring).record_payment(  # type: ignore[misc]
                who, company_id, day, amount_fen, reference
            ),
        )


@act(2)
def pay_in_a_deposit(history: History, luck: Random) -> None:
    """A company pays in beforehand, or wants back what is left; the reference comes twice."""
    company_id, staff = luck.choice(history.cast.company_ids), luck.choice(FINANCE)
    fen, reference = luck.choice((70, 500, 100_000)), f"DEP-{luck.randint(1, 5)}"
    refund = luck.random() < 0.3
    for _ in range(luck.choice((1, 2))):
        history.world.perform(
            staff,
            "refund_deposit" if refund else "pay_in_deposit",
            lambda p: (
                p.wired(BooksWiring).keep_deposit.refund(staff, company_id, fen, reference)
                if refund
                else p.wired(BooksWiring).keep_deposit.pay_in(staff, company_id, fen, reference)
            ),
        )


@act(2)
def set_credit_limit(history: History, luck: Random) -> None:
    """Finance bounds what a company may owe: below it, or far above."""
    company_id, limit = luck.choice(history.cast.company_ids), luck.choice((0, 100, 1_000_000, None))
    history.world.perform(
        FINANCE[0],
        "set_credit_limit",
        lambda p: p.wired(BooksWiring).watch_credit.limit(company_id, limit),
    )


@act(2)
def rotate_a_secret(history: History, luck: Random) -> None:
    """Operations give the tokens' secret another value; containers learn of it when they look again."""
    history.world.secrets.put(history.world.config.token_secret, f"secret {luck.random()}")


@act(2)
def be_slow_to_answer(history: History, luck: Random) -> None:
    """The insurer takes rows without an answer for a while, or rejects some."""
    insurer = history.world.outside.insurer
    mood = luck.choice((RowState.PENDING, RowState.REJECTED))
    insurer.verdict = lambda row: mood
    history.later(luck.uniform(HOUR, 30 * HOUR), "answer again", insurer.answer_waiting)


@act(2)
def resolve_a_break(history: History, luck: Random) -> None:
    """Somebody looks into a break of the reconciliation and says what it was."""
    open_breaks = history.world.observer.breaks.list_by(BreakStatus.OPEN)[0]
    if open_breaks:
        chosen = luck.choice(list(open_breaks))
        history.world.perform(
            FINANCE[0],
            "resolve_break",
            lambda p: p.wired(ReportingWiring).resolve_break(
                FINANCE[0], chosen.break_id, luck.choice(list(Resolution)), "TICKET-1"
            ),
        )
