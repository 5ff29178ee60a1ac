"""The sheet for the gate (投保海报): a project's code with what a worker must know before scanning it."""

from dataclasses import dataclass

from daycover.cover.disclosure import HOTLINE, INSURER
from daycover.cover.open_project import RunProjects
from daycover.projects.image import poster_sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawPoster:
    """GET …/qr-code?format=sheet."""

    projects: RunProjects

    def __call__(self, link: str, company_id: str, project_id: str) -> bytes:
        """Draw the sheet as SVG. Raises ProjectNotFoundError."""
        return poster_sheet(link, self.projects.get(company_id, project_id), INSURER, HOTLINE)
