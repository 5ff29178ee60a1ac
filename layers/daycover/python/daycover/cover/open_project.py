"""Creating and running a project. It stands here, not in `projects`, because a project may only open
when its occupation is insurable under its plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel, Field

from daycover.china_time import china_day
from daycover.cover.answers import check_answers
from daycover.cover.occupation import OWN, Answer, occupation, table_at
from daycover.cover.occupation_referral import OccupationReferrals, own_occupation
from daycover.cover.underwriting import terms_of_row
from daycover.projects.code import (
    CodeForm,
    CodeKey,
    CodeToken,
    check_generation,
    issue_scene_token,
    issue_screen_token,
    issue_token,
)
from daycover.projects.company import Companies
from daycover.projects.place import Site
from daycover.projects.project import (
    Project,
    ProjectNotFoundError,
    Projects,
    ProjectStatus,
    Scene,
    Shift,
)


class NewProject(BaseModel, frozen=True, defer_build=True):
    """What an operator states about a project."""

    name: str
    employer_name: str
    site: Site
    scene: Scene
    occupation_code: str
    plan_id: str
    shift: Shift
    starts_on: date
    ends_on: date
    headcount: int
    answers: Mapping[str, Answer] = Field(default_factory=dict)
    """To the questions of the occupation's family, by their codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProjects:
    """Open, move, pause, close; show, rotate and revoke the QR code. Each project belongs to one company."""

    now: Callable[[], datetime]
    new_id: Callable[[datetime], str]
    projects: Projects
    companies: Companies
    occupation_referrals: OccupationReferrals
    master: Callable[[str, date], object]
    """Draws the company's master policy of a day up, where it has none."""
    code_key: CodeKey

    def create(self, company_id: str, wanted: NewProject) -> Project:
        """Store a project, open at once because every guard for opening has been checked.

        One whose occupation is to be referred opens too: it remembers why, and an underwriter decides about
        each of its workers. Raises OccupationUnknownError, OccupationListedError, OccupationRefusedError,
        PlanUnknownError, PlanNotOfferedError, PlanNotInContractError, OccupationAnswersError,
        OccupationDoesNotFitError, SiteAbroadError, ProjectNotRunningError when its last shift is over,
        ConcurrentChangeError when new cover of its company is blocked or free again at this moment.
        """
        wanted.site.check_in_china()
        now, code = self.now(), wanted.occupation_code
        table = table_at(now)
        if code.startswith(OWN):
            row = own_occupation(table, self.occupation_referrals, company_id, code)
        else:
            row = occupation(code, now)
        terms = terms_of_row(row, wanted.plan_id, now)
        answered = check_answers(table, row, wanted.answers)
        company = self.companies.get(company_id, strong=True)
        company.check_sold(wanted.plan_id, china_day(now))
        project = Project(
            project_id=self.new_id(now),
            company_id=company_id,
            company_name=company.name,
            sub_mchid=company.sub_mchid,
            occupation_zh=row.name_zh,
            occupation_en=row.name_en,
            occupation_class=terms.occupation_class,
            premium_fen=terms.premium_fen,
            referred_work=terms.referred_work,
            status=ProjectStatus.OPEN,
            created_at=now,
            credit_blocked=company.credit_blocked,
            answered=answered,
            exclusions=row.exclusions,
            **wanted.model_dump(exclude={"answers"}),
        )
        project.check_not_over(now)
        self.projects.add(project)
        self.master(company_id, china_day(now))
        return project

    def get(self, company_id: str, project_id: str) -> Project:
        """Raises ProjectNotFoundError, also for a project of another company.

        Read strongly: whoever rotates a code and prints at once must not print the revoked one.
        """
        project = self.projects.get(project_id, strong=True)
        if project.company_id != company_id:
            raise ProjectNotFoundError
        return project

    def list_of(self, company_id: str) -> list[Project]:
        return self.projects.list_of(company_id)

    def move(self, company_id: str, project_id: str, status: ProjectStatus) -> Project:
        """Raises ProjectNotFoundError, ProjectTransitionError, ProjectNotRunningError, ConcurrentChangeError."""
        project = self.get(company_id, project_id).moved_to(status)
        if status is ProjectStatus.OPEN:
            project.check_not_over(self.now())
        return self._save(project)

    def move_site(self, company_id: str, project_id: str, site: Site) -> Project:
        """Put the site elsewhere.

        Raises ProjectNotFoundError, ProjectTransitionError, ConcurrentChangeError, SiteAbroadError.
        """
        site.check_in_china()
        return self._save(self.get(company_id, project_id).with_site(site))

    def rotate_code(self, company_id: str, project_id: str) -> Project:
        return self._save(self.get(company_id, project_id).with_next_code())

    def revoke_code(self, company_id: str, project_id: str) -> Project:
        return self._save(self.get(company_id, project_id).with_code_revoked())

    def code(
        self, company_id: str, project_id: str, form: CodeForm = CodeForm.POSTER
    ) -> tuple[str, CodeToken]:
        """Give the token of the current QR code in one form.

        Raises QrTokenRevokedError: a code that no scan accepts is not handed out to be printed.
        """
        project = self.get(company_id, project_id)
        if form is CodeForm.SCREEN:
            token, code = issue_screen_token(project, self.code_key, self.now())
        elif form is CodeForm.SCENE:
            token, code = issue_scene_token(project, self.code_key)
        else:
            token, code = issue_token(project, self.code_key)
        check_generation(code, project)
        return token, code

    def _save(self, project: Project) -> Project:
        self.projects.save(project)
        return project
