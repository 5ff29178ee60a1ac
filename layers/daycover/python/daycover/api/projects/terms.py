"""What company and worker both read of a project: its shift, and whether the machine may insure its work."""

from typing import Any

from daycover.cover.occupation import Acceptance, work_to_refer
from daycover.platform.http import View
from daycover.projects.place import Datum, Point, Site, from_wgs84
from daycover.projects.project import Project, Shift


class ShiftView(View):
    starts_at: str
    ends_at: str
    crosses_midnight: bool


class PointView(View):
    latitude: float
    longitude: float


class SiteView(View):
    """As it was stated, in its datum; the same point as GPS gives it, and as `wx.openLocation` and 高德 take it."""

    datum: Datum
    latitude: float
    longitude: float
    radius_m: int
    wgs84: PointView
    gcj02: PointView

    @classmethod
    def of(cls, site: Site) -> "SiteView":
        return cls(
            **dict(site.stated),
            radius_m=site.radius_m,
            wgs84=_point(site, Datum.WGS84),
            gcj02=_point(site, Datum.GCJ02),
        )


def _point(site: Site, datum: Datum) -> PointView:
    """Six decimals are a tenth of a metre."""
    latitude, longitude = from_wgs84(Point(site.latitude, site.longitude), datum)
    return PointView(latitude=round(latitude, 6), longitude=round(longitude, 6))


def acceptance_of(project: Project) -> dict[str, Any]:
    """Whether the machine may insure the project's workers; the reasons are empty where it may."""
    referred = work_to_refer(project)
    if referred is None:
        return {"acceptance": Acceptance.ACCEPT, "reason_zh": "", "reason_en": ""}
    return {
        "acceptance": Acceptance.REFER,
        "reason_zh": referred.reason_zh,
        "reason_en": referred.reason_en,
    }


def shift_view(shift: Shift) -> ShiftView:
    return ShiftView(
        starts_at=f"{shift.starts_at:%H:%M}",
        ends_at=f"{shift.ends_at:%H:%M}",
        crosses_midnight=shift.ends_at <= shift.starts_at,
    )
