"""Occupations (职业/工种) and their classes: 1-6, referred or refused, always with a reason.

Table version 2026-11. Sources differ in places; where one trade stands in several classes the reason
says what decides.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel

from daycover.errors import DaycoverError

OCCUPATIONS_VERSION = "2026-11"


class OccupationUnknownError(DaycoverError):
    """The code is not in the table."""


class OccupationReferredError(DaycoverError):
    """An underwriter must decide; the reason is shown to worker and foreman."""


class OccupationRefusedError(DaycoverError):
    """The occupation is not insured; the reason is shown to worker and foreman."""


class Acceptance(StrEnum):
    ACCEPT = "ACCEPT"
    REFER = "REFER"
    REFUSE = "REFUSE"


class Occupation(BaseModel, frozen=True):
    """One row of the table."""

    code: str
    name_zh: str
    name_en: str
    occupation_class: int
    acceptance: Acceptance = Acceptance.ACCEPT
    reason_zh: str = ""
    reason_en: str = ""


def _row(code: str, name_zh: str, name_en: str, number: int, *decision: str) -> Occupation:
    acceptance, reason_zh, reason_en = decision or (Acceptance.ACCEPT, "", "")
    return Occupation(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        occupation_class=number,
        acceptance=Acceptance(acceptance),
        reason_zh=reason_zh,
        reason_en=reason_en,
    )


OCCUPATIONS: Mapping[str, Occupation] = MappingProxyType(
    {
        row.code: row
        for row in (
            _row("OFFICE_CLERK", "内勤文员", "Office clerk", 1),
            _row("RESTAURANT_SERVER", "餐饮服务员", "Restaurant server", 2),
            _row("HOTEL_ATTENDANT", "酒店服务员", "Hotel attendant", 2),
            _row("HOUSEKEEPER", "保洁员", "Housekeeper", 2),
            _row("GATE_GUARD", "门卫", "Gate guard", 2),
            _row("RETAIL_CLERK", "零售店员", "Retail clerk", 2),
            _row("EVENT_STAFF", "会展服务人员", "Event staff", 2),
            _row("PACKER", "打包工", "Packing worker", 3),
            _row("PARCEL_SORTER", "快递分拣员", "Parcel sorter", 3),
            _row("COOK", "厨师", "Cook", 3),
            _row("MACHINE_OPERATOR", "工厂机台操作工", "Factory machine operator", 4),
            _row("COURIER", "快递员", "Courier", 4),
            _row("RIDER", "外卖骑手", "Delivery rider", 4),
            _row("PORTER", "搬运工", "Porter", 4),
            _row("VAN_DRIVER", "轻型货车司机", "Light goods vehicle driver", 4),
            _row("TRUCK_DRIVER", "货车司机(4 吨及以上)", "Truck driver (4 t and above)", 5),
            _row(
                "LONG_HAUL_TRUCK_DRIVER", "长途货车司机", "Long-haul truck driver", 6, "REFER",
                "长途货运属于六类职业,须由核保员确认路线和车型",
                "Long-haul haulage is class 6: an underwriter must confirm route and vehicle",
            ),
            _row(
                "WORK_AT_HEIGHT", "高处作业(2 米以上)", "Work at height (2 m and above)", 6, "REFER",
                "高处作业须提供特种作业操作证,由核保员确认",
                "Work at height needs a special-operation certificate and an underwriter's approval",
            ),
            _row(
                "DEMOLITION", "拆除爆破作业", "Demolition and blasting", 6, "REFUSE",
                "拆除爆破作业不在本产品承保范围内",
                "Demolition and blasting are outside this product",
            ),
            _row(
                "UNDERGROUND_MINER", "井下矿工", "Underground miner", 6, "REFUSE",
                "井下作业不在本产品承保范围内",
                "Underground work is outside this product",
            ),
        )
    }
)  # fmt: skip


def occupation(code: str) -> Occupation:
    """Give the row of a code. Raises OccupationUnknownError."""
    try:
        return OCCUPATIONS[code]
    except KeyError:
        raise OccupationUnknownError(code=code) from None
