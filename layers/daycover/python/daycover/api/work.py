"""The work that somebody is insured for, as those who decide about them read it."""

from daycover.platform.http import View
from daycover.projects.project import Project


class WorkView(View):
    """What the insured was to do, where (WGS-84), and for whom."""

    project_id: str
    name: str
    company_name: str
    employer_name: str
    occupation_zh: str
    occupation_en: str
    occupation_class: int
    latitude: float
    longitude: float
    radius_m: int

    @classmethod
    def of(cls, project: Project | None) -> "WorkView | None":
        """Give None for a project that is no longer known."""
        if project is None:
            return None
        facts = {name: value for name, value in project if name in cls.model_fields}
        site = project.site
        return cls(**facts, latitude=site.latitude, longitude=site.longitude, radius_m=site.radius_m)
