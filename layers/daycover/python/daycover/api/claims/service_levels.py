"""How quickly claims are paid, by month, and for the insurer how many of them by machine."""

from typing import Self

from daycover.claims.due import Clock
from daycover.claims.service import ServiceLevels
from daycover.platform.http import View


class ServiceLevelsView(View):
    """`in_time_bps`: share paid within two working days of complete documents. `breaches`: legal clocks that ran out.

    Hours are working time, 24 a working day.
    """

    month: str
    claims_paid: int
    paid_in_time: int
    in_time_bps: int | None
    median_hours: float | None
    p90_hours: float | None
    breaches: dict[Clock, int]

    @classmethod
    def of(cls, levels: ServiceLevels) -> Self:
        return cls(**{name: getattr(levels, name) for name in cls.model_fields})


class InsurerServiceLevelsView(ServiceLevelsView):
    """`decisions` came to stand in the month, `automatic` of them the machine's; `overturned` are those of the
    machine that people have decided otherwise since. Shares in basis points, null where there is no whole.
    """

    decisions: int
    automatic: int
    automatic_bps: int | None
    overturned: int
    overturned_bps: int | None
