"""Work projects of a company, and the code that hangs at the gate."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.cover.master_policy import DrawUpMasterPolicy
    from daycover.cover.open_project import RunProjects
    from daycover.cover.poster import DrawPoster
    from daycover.cover.site_offer import OfferSite
    from daycover.projects.listing import ListCompanies


class ProjectsWiring(Wiring):
    @cached_property
    def run_projects(self) -> RunProjects:
        from daycover.cover.open_project import RunProjects
        from daycover.platform.ids import ulid

        return RunProjects(
            now=self._adapters.now,
            new_id=ulid,
            projects=self._adapters.projects,
            companies=self._adapters.companies,
            occupation_referrals=self._adapters.occupation_referrals,
            master=self.draw_up_master_policy,
            code_key=self._adapters.code_key,
        )

    @cached_property
    def offer_site(self) -> OfferSite:
        from daycover.cover.site_offer import OfferSite

        return OfferSite(now=self._adapters.now, refused=self._adapters.refused_places)

    @cached_property
    def draw_up_master_policy(self) -> DrawUpMasterPolicy:
        from daycover.cover.master_policy import DrawUpMasterPolicy

        return DrawUpMasterPolicy(
            masters=self._adapters.master_policies,
            companies=self._adapters.companies,
            now=self._adapters.now,
        )

    @cached_property
    def list_companies(self) -> ListCompanies:
        from daycover.projects.listing import ListCompanies

        return ListCompanies(companies=self._adapters.companies)

    @cached_property
    def draw_poster(self) -> DrawPoster:
        from daycover.cover.poster import DrawPoster

        return DrawPoster(projects=self.run_projects)

    def draw_code(self, kind: str, link: str) -> bytes:
        # qrcode takes about a quarter as long to import as boto3, and few routes draw
        from daycover.projects.image import draw_code

        return draw_code(kind, link)

    def scan_link(self, token: str) -> str:
        from daycover.projects.code import scan_link

        return scan_link(self._adapters.config.public_url, token)


def projects() -> ProjectsWiring:
    """Give what this container's functions of projects can do."""
    return wired(ProjectsWiring)
