"""Who may act for a labour company: its operators, and the service providers that it has authorised."""

from dataclasses import dataclass
from typing import Protocol

from daycover.projects.company import Authorisation, CompanyNotAuthorisedError
from daycover.projects.operator import Operator, OperatorRoleError
from daycover.projects.roles import OperatorRole


class Authorisations(Protocol):
    def find_authorisation(self, provider_id: str, company_id: str) -> Authorisation | None:
        """What holds now."""
        ...


class FindsOperators(Protocol):
    def find(self, company_id: str, operator_id: str) -> Operator | None:
        """What holds now."""
        ...


class CompanyActor(Protocol):
    """Who calls. `provider_id` is the provider that a company's token was obtained by, if one did."""

    @property
    def role(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def provider_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class ProviderActor:
    """A service provider in its own name."""

    subject: str
    role: str = "provider"
    provider_id: str | None = None


def is_granted(authorisations: Authorisations, provider_id: str, company_id: str) -> bool:
    """Whether a company lets a provider act for it now."""
    granted = authorisations.find_authorisation(provider_id, company_id)
    return granted is not None and granted.withdrawn_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFor:
    """The check that stands before everything that somebody does for a company."""

    authorisations: Authorisations
    operators: FindsOperators

    def __call__(self, actor: CompanyActor, company_id: str, roles: tuple[OperatorRole, ...] = ()) -> None:
        """Raise CompanyNotAuthorisedError unless the caller may act for the company, OperatorRoleError unless an
        operator has one of `roles` in it.

        Both are asked anew on each call, so that a withdrawal works at once: a provider acts for the companies that
        authorised it, with a token of its own or one limited to a company; an operator for those they are in.
        """
        if actor.role == "operator":
            self._check_operator(actor.subject, company_id, roles)
            return
        if actor.role == "company" and actor.subject == company_id:
            if actor.provider_id is None or self._is_granted(actor.provider_id, company_id):
                return
        elif actor.role == "provider" and self._is_granted(actor.subject, company_id):
            return
        raise CompanyNotAuthorisedError

    def _check_operator(self, operator_id: str, company_id: str, roles: tuple[OperatorRole, ...]) -> None:
        operator = self.operators.find(company_id, operator_id)
        if operator is None or not operator.is_active:
            raise CompanyNotAuthorisedError
        if operator.vouched_by is not None and not self._is_granted(operator.vouched_by, company_id):
            raise CompanyNotAuthorisedError
        if not operator.has(*roles):
            raise OperatorRoleError

    def _is_granted(self, provider_id: str, company_id: str) -> bool:
        return is_granted(self.authorisations, provider_id, company_id)
