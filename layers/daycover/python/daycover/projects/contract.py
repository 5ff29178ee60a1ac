"""The contract between the insurer and a labour company (保险合作协议): what it may buy, and on which terms.

Contracts follow each other by day in +08:00. What was covered under one is settled under that one, for ever: a change
is a new contract from a later day on, never an edit.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from daycover.errors import DaycoverError, ErrorKind

MOST_PARTITIONS = 64
"""Of one company: 64 hold 32 million people a day, more than the largest payer of a nation would have."""
MOST_CONTRACTS = 200
"""Of one company; they stand in its profile, which every check-in reads: a change a quarter is 200 in 50 years."""


class ContractStartsTooEarlyError(DaycoverError):
    """A new contract begins tomorrow at the earliest, and after every other of the company.

    What to do: Choose a later first day.
    含义:新协议最早自次日起生效,并须晚于该公司已有的各份协议。
    处理:选择更晚的生效日期。
    """

    kind = ErrorKind.INVALID
    title = "协议生效日期过早", "The contract begins too early"
    detail = "最早可自 {earliest} 起生效。", "It may begin on {earliest} at the earliest."


class PlanNotInContractError(DaycoverError):
    """The company's contract does not sell this plan, or has not begun.

    What to do: Choose a plan of the contract, or have the contract changed.
    含义:该公司的合作协议不含此计划,或协议尚未生效。
    处理:选用协议内的计划,或变更协议。
    """

    kind = ErrorKind.INVALID
    title = "协议不含此计划", "The contract does not sell this plan"
    detail = (
        "请选用合作协议内的计划,或与保险公司变更协议。",
        "Choose a plan of your contract, or have it changed.",
    )


class Billing(StrEnum):
    """How a company pays its premium."""

    CREDIT = "CREDIT"
    """After the statement, within its due days; a credit limit may bound what it owes."""
    PREPAID = "PREPAID"
    """From a deposit that it paid in before; no new cover where nothing is left of it."""


class Contract(BaseModel, frozen=True, defer_build=True):
    """Terms from `valid_from` on, until the next contract begins."""

    valid_from: date
    """First day, in +08:00."""
    insurer: Annotated[str, Field(min_length=1, max_length=64)]
    """Id of the insurer (the risk carrier)."""
    plans: tuple[str, ...] | None = None
    """Ids of the plans that may be sold; None for every plan on sale."""
    due_days: Annotated[int, Field(ge=0, le=90)]
    """How many days after its day a statement is due."""
    commission_bps: Annotated[int, Field(ge=0, le=5_000)]
    """What the distributor keeps of a premium, in basis points."""
    billing: Billing = Billing.CREDIT
    partitions: Annotated[int, Field(ge=1, le=MOST_PARTITIONS)] = 1
    """Over how many partitions its days are spread: one for each 500,000 people a day (docs/scale.md).

    It stands in the contract because a day's contract never changes: whoever writes, repeats or reads a day finds
    the same number, for ever."""

    def sells(self, plan_id: str) -> bool:
        return self.plans is None or plan_id in self.plans


def contract_on(contracts: Sequence[Contract], day: date) -> Contract | None:
    """Give the contract that holds on a day in +08:00; None before the first."""
    return next((one for one in reversed(contracts) if one.valid_from <= day), None)
