"""Projects and companies in memory. They pass the contract suite of `tests/functional/cover`."""

from daycover.errors import ConcurrentChangeError
from daycover.projects.company import Authorisation, Company, CompanyNotAuthorisedError, ProviderClient
from daycover.projects.project import Project, ProjectNotFoundError
from tests.support.fakes.port import FakePort, Steps


class FakeProjects(FakePort):
    """Implements `projects.project.Projects`."""

    def __init__(self, *projects: Project, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._projects = {project.project_id: project for project in projects}

    def get(self, project_id: str, *, strong: bool = False) -> Project:
        with self.call("projects.get"):
            if project_id not in self._projects:
                raise ProjectNotFoundError
            return self._projects[project_id]

    def add(self, project: Project) -> None:
        with self.call("projects.add"):
            if project.project_id in self._projects:
                raise ConcurrentChangeError
            self._projects[project.project_id] = project

    def save(self, project: Project) -> None:
        with self.call("projects.save"):
            stored = self._projects.get(project.project_id)
            if stored is None or stored.version != project.version - 1:
                raise ConcurrentChangeError
            self._projects[project.project_id] = project

    def set_credit_block(self, project_id: str, *, blocked: bool) -> None:
        with self.call("projects.set_credit_block"):
            stored = self._projects[project_id]
            changes = {"credit_blocked": blocked, "version": stored.version + 1}
            self._projects[project_id] = stored.model_copy(update=changes)

    def list_of(self, company_id: str) -> list[Project]:
        with self.call("projects.list_of"):
            mine = [project for project in self._projects.values() if project.company_id == company_id]
            return sorted(mine, key=lambda project: project.project_id)


class FakeCompanies(FakePort):
    """Implements `projects.company.Companies`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._companies: dict[str, Company] = {}
        self._clients: dict[str, ProviderClient] = {}
        self._authorisations: dict[tuple[str, str], Authorisation] = {}

    def get(self, company_id: str) -> Company:
        with self.call("companies.get"):
            if company_id not in self._companies:
                raise CompanyNotAuthorisedError
            return self._companies[company_id]

    def add(self, company: Company) -> None:
        with self.call("companies.add"):
            if company.company_id in self._companies:
                raise ConcurrentChangeError
            self._companies[company.company_id] = company

    def find_client(self, provider_id: str) -> ProviderClient | None:
        with self.call("companies.find_client"):
            return self._clients.get(provider_id)

    def register_client(self, client: ProviderClient) -> None:
        with self.call("companies.register_client"):
            self._clients[client.provider_id] = client

    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None:
        with self.call("companies.find_authorisation"):
            return self._authorisations.get((provider_id, company_id))

    def authorise(self, authorisation: Authorisation) -> None:
        with self.call("companies.authorise"):
            self._authorisations[authorisation.provider_id, authorisation.company_id] = authorisation

    def set_credit_limit(self, company_id: str, limit_fen: int | None) -> None:
        with self.call("companies.set_credit_limit"):
            changed = self._companies[company_id].model_copy(update={"credit_limit_fen": limit_fen})
            self._companies[company_id] = changed

    def set_credit_block(self, company_id: str, *, blocked: bool) -> None:
        with self.call("companies.set_credit_block"):
            changed = self._companies[company_id].model_copy(update={"credit_blocked": blocked})
            self._companies[company_id] = changed

    def list_page(self, token: str | None, limit: int) -> tuple[list[str], str | None]:
        with self.call("companies.list_page"):
            later = [company_id for company_id in sorted(self._companies) if company_id > (token or "")]
            return later[:limit], later[limit - 1] if len(later) > limit else None
