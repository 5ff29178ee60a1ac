"""What became of a journey, to be compared with what would have become of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from daycover.china_time import china_day
from daycover.payouts.transfer import Channel
from tests.functional.claims.aws import OPERATIONS
from tests.simulation.stage import COMPANY, START, Stage
from tests.simulation.watch import breaks


class Outcome(NamedTuple):
    """What must be the same whether or not a process died: no numbers and no times of day."""

    policies: Mapping[Any, int]
    claims: Mapping[Any, int]
    payouts: Mapping[Any, int]
    money_fen: Mapping[str, int]
    statements: Mapping[Any, Any]
    reported: Mapping[Any, int]
    journal: Mapping[Any, int]
    breaks: Mapping[Any, int]
    worker: Any
    refused: frozenset[tuple[str, str]]
    """Who asks again after a crash is answered as they would have been, never refused."""

    def differences(self, other: "Outcome") -> Iterator[tuple[str, Any, Any]]:
        for name, mine, its in zip(self._fields, self, other, strict=True):
            if mine != its:
                yield name, mine, its


def outcome_of(stage: Stage) -> Outcome:
    world, watch = stage.world, stage.watch
    observer, outside = world.observer, world.outside
    days = [china_day(START) + timedelta(days=n) for n in range((world.now() - START).days + 1)]
    claims = [observer.claims.get(number) for number in watch.claims]
    statements = {day: observer.statements.latest(COMPANY, day) for day in days}
    journal: Counter[Any] = Counter()
    for day in days:
        for entry in observer.journal.of_day(COMPANY, day):
            journal[entry.kind.value] += entry.receivable_fen
    return Outcome(
        policies=Counter(
            (p.status.value, p.premium_fen, p.ended and (p.ended.reason.value, p.ended.refund_fen))
            for p in watch.policies.values()
        ),
        claims=Counter(
            (
                c.status.value,
                str(c.attention),
                tuple((o.state.value, o.amount_fen) for r in c.rounds for o in r.obligations),
            )
            for c in claims
        ),
        payouts=Counter((p.state.value, p.amount_fen, p.channel.value) for p in watch.payouts.values()),
        money_fen={
            channel.value: sum(line.left_fen for _, line in outside.account(channel).lines)
            for channel in Channel
        },
        statements={day: found and found.premium_fen for day, found in statements.items()},
        reported=Counter(state.value for state in outside.insurer.rows.values()),
        journal=journal,
        breaks=Counter(found.difference.kind.value for found in breaks(watch)),
        worker=_worker(stage),
        refused=frozenset(stage.refused),
    )


def _worker(stage: Stage) -> Any:
    """What is kept of the account: whether it is locked, erased, known by name, and how many items of each kind."""
    worker = stage.world.observer.workers.find(stage.worker_id)
    if worker is None:
        return None
    kinds: Counter[str] = Counter()
    for item in stage.world.dynamodb.everything(OPERATIONS):
        if item["pk"]["S"] == f"WORKER#{stage.worker_id}":
            kinds[item["sk"]["S"].partition("#")[0]] += 1
    is_known = worker.name is not None
    return worker.locked_at is not None, worker.erased_at is not None, is_known, dict(kinds)
