"""What company and worker both read of a project: its shift, and whether the machine may insure its work."""

from typing import Any

from daycover.cover.occupation import Acceptance, work_to_refer
from daycover.platform.http import View
from daycover.projects.project import Project, Shift


class ShiftView(View):
    starts_at: str
    ends_at: str
    crosses_midnight: bool


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
