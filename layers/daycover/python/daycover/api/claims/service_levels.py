"""How quickly claims are paid, by month."""

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
    def of(cls, levels: ServiceLevels) -> "ServiceLevelsView":
        return cls(**dict(levels))
