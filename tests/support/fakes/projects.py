"""Projects and companies in memory. They pass the contract suite of `tests/functional/cover`."""

from typing import TypeVar

from daycover.errors import ConcurrentChangeError
from daycover.projects.company import Authorisation, Company, CompanyNotAuthorisedError
from daycover.projects.deed import Deed
from daycover.projects.enrol import AlreadyEnrolledError, Enrolled, Proposal, ProposalStatus
from daycover.projects.operator import Invitation, InvitationInvalidError, Operator
from daycover.projects.project import Project, ProjectNotFoundError
from daycover.projects.provider import Provider
from daycover.projects.roles import OperatorRole
from tests.support.fakes.port import FakePort, Steps

T = TypeVar("T", Provider, Company)


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

    def list_of(self, company_id: str, *, strong: bool = False) -> list[Project]:
        with self.call("projects.list_of"):
            mine = [project for project in self._projects.values() if project.company_id == company_id]
            return sorted(mine, key=lambda project: project.project_id)


class FakeCompanies(FakePort):
    """Implements `projects.company.Companies` and `projects.enrol.Enrolments`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._companies: dict[str, Company] = {}
        self._providers: dict[str, Provider] = {}
        self._authorisations: dict[tuple[str, str], Authorisation] = {}
        self._proposals: dict[str, Proposal] = {}
        self.invitations: dict[tuple[str, str], Invitation] = {}
        """Of companies and ids; `FakeOperators` takes them over."""

    def get(self, company_id: str, *, strong: bool = False) -> Company:
        with self.call("companies.get"):
            if company_id not in self._companies:
                raise CompanyNotAuthorisedError
            return self._companies[company_id]

    def find_provider(self, provider_id: str) -> Provider | None:
        with self.call("companies.find_provider"):
            return self._providers.get(provider_id)

    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None:
        with self.call("companies.find_authorisation"):
            return self._authorisations.get((provider_id, company_id))

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
            return _page(sorted(self._companies), token, limit)

    # ---- enrolment

    def add(self, proposal: Proposal) -> None:
        with self.call("enrolments.add"):
            if self._proposals.setdefault(proposal.proposal_id, proposal) != proposal:
                raise ConcurrentChangeError

    def find(self, proposal_id: str) -> Proposal | None:
        with self.call("enrolments.find"):
            return self._proposals.get(proposal_id)

    def list_proposals(self, token: str | None, limit: int) -> tuple[list[Proposal], str | None]:
        with self.call("enrolments.list_proposals"):
            ids = sorted(self._proposals, reverse=True)
            later = [one for one in ids if token is None or one < token]
            page, next_token = later[:limit], later[limit - 1] if len(later) > limit else None
            return [self._proposals[one] for one in page], next_token

    def settle(self, settled: Proposal, enrolled: Enrolled | None = None) -> None:
        with self.call("enrolments.settle"):
            before = self._proposals[settled.proposal_id]
            approves = settled.status is ProposalStatus.APPROVED
            if before.status is not ProposalStatus.PROPOSED or (
                approves and before.proposed_by == settled.settled_by
            ):
                raise ConcurrentChangeError
            if enrolled is not None:
                self._enrol(enrolled)
            self._proposals[settled.proposal_id] = settled

    def _enrol(self, enrolled: Enrolled) -> None:
        match enrolled:
            case Provider():
                self._replace(self._providers, enrolled.provider_id, enrolled)
            case Company():
                codes = {one.credit_code for one in self._companies.values()} - {None}
                if enrolled.revision == 1 and enrolled.credit_code in codes:
                    raise AlreadyEnrolledError
                if enrolled.revision > 1:
                    kept = self._companies[enrolled.company_id]
                    changes = {"contracts": enrolled.contracts, "revision": enrolled.revision}
                    if kept.revision != enrolled.revision - 1:
                        raise ConcurrentChangeError
                    self._companies[enrolled.company_id] = kept.model_copy(update=changes)
                else:
                    self._replace(self._companies, enrolled.company_id, enrolled)
            case Authorisation():
                key = enrolled.provider_id, enrolled.company_id
                standing = self._authorisations.get(key)
                if standing is not None and standing.withdrawn_at is None:
                    raise AlreadyEnrolledError
                self._authorisations[key] = enrolled
            case Invitation():
                self.invitations[enrolled.company_id, enrolled.invitation_id] = enrolled

    @staticmethod
    def _replace(kept: dict[str, T], key: str, revised: T) -> None:
        standing = kept.get(key)
        if revised.revision == 1 and standing is not None:
            raise AlreadyEnrolledError
        if revised.revision > 1 and (standing is None or standing.revision != revised.revision - 1):
            raise ConcurrentChangeError
        kept[key] = revised

    def save_provider(self, provider: Provider) -> None:
        with self.call("enrolments.save_provider"):
            self._replace(self._providers, provider.provider_id, provider)

    def find_company(self, company_id: str) -> Company | None:
        with self.call("enrolments.find_company"):
            return self._companies.get(company_id)

    def has_credit_code(self, credit_code: str) -> bool:
        with self.call("enrolments.has_credit_code"):
            return any(one.credit_code == credit_code for one in self._companies.values())

    def withdraw_authorisation(self, withdrawn: Authorisation) -> None:
        with self.call("enrolments.withdraw_authorisation"):
            key = withdrawn.provider_id, withdrawn.company_id
            standing = self._authorisations.get(key)
            if (
                standing is None
                or standing.withdrawn_at is not None
                or standing.granted_at != withdrawn.granted_at
            ):
                raise ConcurrentChangeError
            self._authorisations[key] = withdrawn

    def authorisations_of(self, company_id: str) -> list[Authorisation]:
        with self.call("enrolments.authorisations_of"):
            found = sorted(self._authorisations.items())
            return [one for (_, of), one in found if of == company_id]

    def list_providers(self, token: str | None, limit: int) -> tuple[list[Provider], str | None]:
        with self.call("enrolments.list_providers"):
            ids, next_token = _page(sorted(self._providers), token, limit)
            return [self._providers[one] for one in ids], next_token

    def list_companies(self, token: str | None, limit: int) -> tuple[list[Company], str | None]:
        with self.call("enrolments.list_companies"):
            ids, next_token = _page(sorted(self._companies), token, limit)
            return [self._companies[one] for one in ids], next_token


class FakeOperators(FakePort):
    """Implements `projects.operator.Operators`."""

    def __init__(self, companies: FakeCompanies | None = None, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._operators: dict[tuple[str, str], Operator] = {}
        self._invitations = companies.invitations if companies else {}

    def find(self, company_id: str, operator_id: str) -> Operator | None:
        with self.call("operators.find"):
            found = self._operators.get((company_id, operator_id))
            return None if found is None else found.model_copy(update={"name": None})

    def named(self, company_id: str, operator_id: str) -> Operator | None:
        with self.call("operators.named"):
            return self._operators.get((company_id, operator_id))

    def list_of(self, company_id: str) -> list[Operator]:
        with self.call("operators.list_of"):
            return [one for (of, _), one in sorted(self._operators.items()) if of == company_id]

    def companies_of(self, operator_id: str) -> list[str]:
        with self.call("operators.companies_of"):
            return sorted(of for of, one in self._operators if one == operator_id)

    def change(self, changed: Operator, owner: str) -> None:
        with self.call("operators.change"):
            self._check_owner(changed.company_id, owner)
            key = changed.company_id, changed.operator_id
            kept = self._operators.get(key)
            if kept is None or kept.revision != changed.revision - 1:
                raise ConcurrentChangeError
            self._operators[key] = changed.model_copy(update={"name": kept.name})

    def join(self, joined: Operator, invitation: Invitation) -> None:
        with self.call("operators.join"):
            self._check_unused(invitation, InvitationInvalidError)
            key = joined.company_id, joined.operator_id
            kept = self._operators.get(key)
            revision = 1 if kept is None else kept.revision + 1
            if joined.revision != revision or (kept is not None and kept.is_active):
                raise ConcurrentChangeError
            self._operators[key] = joined
            self._invitations[invitation.company_id, invitation.invitation_id] = invitation

    def invite(self, invitation: Invitation, owner: str) -> None:
        with self.call("operators.invite"):
            self._check_owner(invitation.company_id, owner)
            self._invitations[invitation.company_id, invitation.invitation_id] = invitation

    def find_invitation(self, company_id: str, invitation_id: str) -> Invitation | None:
        with self.call("operators.find_invitation"):
            return self._invitations.get((company_id, invitation_id))

    def invitations_of(self, company_id: str) -> list[Invitation]:
        with self.call("operators.invitations_of"):
            return [one for (of, _), one in sorted(self._invitations.items()) if of == company_id]

    def withdraw(self, invitation: Invitation) -> None:
        with self.call("operators.withdraw"):
            self._check_unused(invitation, ConcurrentChangeError)
            self._invitations[invitation.company_id, invitation.invitation_id] = invitation

    def _check_owner(self, company_id: str, operator_id: str) -> None:
        owner = self._operators.get((company_id, operator_id))
        if owner is None or not owner.is_active or OperatorRole.OWNER not in owner.roles:
            raise ConcurrentChangeError

    def _check_unused(self, invitation: Invitation, error: type[Exception]) -> None:
        kept = self._invitations.get((invitation.company_id, invitation.invitation_id))
        if kept is None or kept.accepted_at is not None or kept.withdrawn_at is not None:
            raise error


class FakeDeeds(FakePort):
    """Implements `projects.operators.Deeds`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._deeds: dict[tuple[str, str, str], Deed] = {}

    def add(self, deed: Deed) -> None:
        with self.call("deeds.add"):
            self._deeds.setdefault((deed.company_id, deed.at.isoformat(), deed.request_id), deed)

    def list_page(self, company_id: str, token: str | None, limit: int) -> tuple[list[Deed], str | None]:
        with self.call("deeds.list_page"):
            found = sorted((key, one) for key, one in self._deeds.items() if key[0] == company_id)
            newest = [one for _, one in reversed(found)]
            start = int(token or 0)
            more = str(start + limit) if len(newest) > start + limit else None
            return newest[start : start + limit], more


def _page(ids: list[str], token: str | None, limit: int) -> tuple[list[str], str | None]:
    later = [one for one in ids if one > (token or "")]
    return later[:limit], later[limit - 1] if len(later) > limit else None
