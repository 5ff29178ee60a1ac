"""How people become operators of a company, sign in, and lose it again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.act_for import Authorisations, is_granted
from daycover.projects.company import Company, OidcClient
from daycover.projects.enrol import invitation_id_of, new_invitation
from daycover.projects.operator import (
    Invitation,
    InvitationInvalidError,
    NoOperatorError,
    Operator,
    OperatorExistsError,
    OperatorNotFoundError,
    Operators,
    OwnAccessError,
    SignInWay,
)
from daycover.projects.provider import Provider, secret_hash
from daycover.projects.roles import OperatorRole


class NoSignInError(DaycoverError):
    """Neither the company nor the provider has an issuer of its own, or there is none of that name.

    What to do: Sign in by WeChat, or have the issuer enrolled.
    含义:该公司或服务商没有登记统一登录,或编号不存在。
    处理:用微信登录,或先登记统一登录。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有可用的统一登录", "There is no such sign-in"
    detail = "请用微信登录,或核对编号。", "Sign in by WeChat, or check the id."


class OperatorProof(NamedTuple):
    """Who somebody is, to WeChat or to an issuer. `vouched_by` is the provider whose issuer it was."""

    operator_id: str
    way: SignInWay
    vouched_by: str | None = None


class Membership(NamedTuple):
    company: Company
    operator: Operator


class Enrolled(Protocol):
    """What is read of companies and providers."""

    def find_company(self, company_id: str) -> Company | None: ...
    def find_provider(self, provider_id: str) -> Provider | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSignIn:
    """Where the people of a company or of a provider sign in."""

    enrolled: Enrolled

    def __call__(self, *, company_id: str | None, provider_id: str | None) -> OidcClient:
        """Raises NoSignInError, the same for what does not exist."""
        found: Company | Provider | None = None
        if company_id is not None:
            found = self.enrolled.find_company(company_id)
        elif provider_id is not None:
            found = self.enrolled.find_provider(provider_id)
        if found is None or found.oidc is None:
            raise NoSignInError
        return found.oidc


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInOperator:
    """Let somebody in whose identity is proved, with an invitation the first time."""

    now: Callable[[], datetime]
    operators: Operators
    enrolled: Enrolled
    authorisations: Authorisations

    def accept(self, proof: OperatorProof, token: str, name: str) -> Membership:
        """Use an invitation up. `name`: the person's, as they state it.

        Whoever was removed comes back by a new invitation, under the same id. Raises InvitationInvalidError,
        OperatorExistsError, ConcurrentChangeError.
        """
        now, (company_id, _, secret) = self.now(), token.partition(".")
        sha256 = secret_hash(secret)
        found = self.operators.find_invitation(company_id, invitation_id_of(sha256))
        company = self.enrolled.find_company(company_id)
        if found is None or company is None or not found.opened_by(sha256, now):
            raise InvitationInvalidError
        if proof.vouched_by is not None and not is_granted(self.authorisations, proof.vouched_by, company_id):
            raise InvitationInvalidError
        before = self.operators.find(company_id, proof.operator_id)
        if before is not None and before.is_active:
            raise OperatorExistsError
        joined = Operator(
            company_id=company_id,
            operator_id=proof.operator_id,
            roles=found.roles,
            name=name,
            way=proof.way,
            vouched_by=proof.vouched_by,
            invited_by=found.invited_by,
            joined_at=now,
            revision=before.revision + 1 if before else 1,
        )
        accepted = found.model_copy(update={"accepted_at": now, "accepted_by": proof.operator_id})
        self.operators.join(joined, accepted)
        return Membership(company, joined)

    def companies_of(self, proof: OperatorProof) -> list[Membership]:
        """Give where somebody is an operator now, by company id. Raises NoOperatorError where it is nowhere."""
        found = []
        for company_id in sorted(self.operators.companies_of(proof.operator_id)):
            operator = self.operators.find(company_id, proof.operator_id)
            company = self.enrolled.find_company(company_id)
            if operator is not None and operator.is_active and company is not None:
                found.append(Membership(company, operator))
        if not found:
            raise NoOperatorError
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageOperators:
    """What an owner does about the people of their company. Every change holds only while they still are an owner."""

    now: Callable[[], datetime]
    operators: Operators

    def list_of(self, company_id: str) -> tuple[list[Operator], list[Invitation]]:
        """Give everybody, and the invitations that are open."""
        now = self.now()
        waiting = [one for one in self.operators.invitations_of(company_id) if one.is_open(now)]
        return self.operators.list_of(company_id), waiting

    def invite(self, company_id: str, roles: tuple[OperatorRole, ...], owner: str) -> tuple[Invitation, str]:
        """Give an invitation and the token that opens it, which is shown this once. Raises ConcurrentChangeError."""
        invitation, token = new_invitation(company_id, roles, owner, self.now())
        self.operators.invite(invitation, owner)
        return invitation, token

    def withdraw(self, company_id: str, invitation_id: str) -> Invitation:
        """Take an invitation back; again changes nothing. Raises InvitationInvalidError for one that was used."""
        found = self.operators.find_invitation(company_id, invitation_id)
        if found is None or found.accepted_at is not None:
            raise InvitationInvalidError
        if found.withdrawn_at is not None:
            return found
        withdrawn = found.model_copy(update={"withdrawn_at": self.now()})
        self.operators.withdraw(withdrawn)
        return withdrawn

    def change_roles(
        self, company_id: str, operator_id: str, roles: tuple[OperatorRole, ...], owner: str
    ) -> Operator:
        """Raises OwnAccessError, OperatorNotFoundError, ConcurrentChangeError."""
        operator = self._other(company_id, operator_id, owner)
        if operator.roles == roles:
            return operator
        changed = operator.with_roles(roles)
        self.operators.change(changed, owner)
        return changed

    def remove(self, company_id: str, operator_id: str, owner: str) -> Operator:
        """Let somebody in no longer, from their next request on.

        Raises OwnAccessError, OperatorNotFoundError, ConcurrentChangeError.
        """
        removed = self._other(company_id, operator_id, owner).removed(owner, self.now())
        self.operators.change(removed, owner)
        return removed

    def _other(self, company_id: str, operator_id: str, owner: str) -> Operator:
        if operator_id == owner:
            raise OwnAccessError
        found = self.operators.find(company_id, operator_id)
        if found is None or not found.is_active:
            raise OperatorNotFoundError
        return found
