"""Bodies and answers of operators: their sign-in, and what an owner does about the people of a company."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from daycover.api.fields import Id, Opaque, PersonName
from daycover.platform.http import Body, View
from daycover.projects.deed import Deed
from daycover.projects.operator import Invitation, Operator, SignInWay
from daycover.projects.operators import Membership
from daycover.projects.roles import OperatorRole

LoginCode = Annotated[Opaque, StringConstraints(min_length=1, max_length=128)]
Token = Annotated[Opaque, StringConstraints(min_length=1, max_length=200)]
Roles = Annotated[list[OperatorRole], Field(min_length=1, max_length=len(OperatorRole))]


class IssuedCodeBody(Body):
    """What the issuer of a company or provider sent the browser back with (authorization code with PKCE)."""

    company_id: Id | None = None
    provider_id: Id | None = None
    """Whose issuer it is: exactly one of the two."""
    code: Annotated[Opaque, StringConstraints(min_length=1, max_length=2048)]
    code_verifier: Annotated[Opaque, StringConstraints(pattern=r"^[0-9A-Za-z._~-]{43,128}$")]
    nonce: Annotated[Opaque, StringConstraints(pattern=r"^[0-9A-Za-z_-]{22,128}$")]
    redirect_uri: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,500}$")]
    """Of the desk, as it was in the request for the code: the issuer compares them."""

    @model_validator(mode="after")
    def _is_somebody_s(self) -> Self:
        if (self.company_id is None) == (self.provider_id is None):
            raise ValueError("填写公司或服务商其中之一", "name a company or a provider, one of them")
        return self


class AcceptanceBody(Body):
    """Accept an invitation with this sign-in. `name`: the person's own."""

    invitation: Token
    name: PersonName


class OperatorSignIn(Body):
    """`login_code` of the mini program, or what an issuer gave: exactly one of the two."""

    login_code: LoginCode | None = None
    oidc: IssuedCodeBody | None = None
    acceptance: AcceptanceBody | None = None

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if (self.login_code is None) == (self.oidc is None):
            raise ValueError("用微信或统一登录其中一种", "sign in by WeChat or by an issuer, one of them")
        return self


class MembershipView(View):
    company_id: str
    company_name: str
    roles: list[OperatorRole]

    @classmethod
    def of(cls, membership: Membership) -> "MembershipView":
        company, operator = membership
        return cls(company_id=company.company_id, company_name=company.name, roles=list(operator.roles))


class OperatorSession(View):
    """`companies`: where the person is an operator now."""

    access_token: str
    expires_at: datetime
    operator_id: str
    companies: list[MembershipView]


class SignInWayView(View):
    """Where the browser goes: an authorization endpoint (OpenID Connect), and what it calls us there."""

    authorization_endpoint: str
    client_id: str


class OperatorView(View):
    operator_id: str
    name: str | None
    roles: list[OperatorRole]
    way: SignInWay
    vouched_by: str | None
    invited_by: str
    joined_at: datetime
    removed_at: datetime | None
    removed_by: str | None

    @classmethod
    def of(cls, operator: Operator) -> "OperatorView":
        return cls.model_validate(operator.model_dump(exclude={"company_id", "revision"}))


class InvitationView(View):
    invitation_id: str
    roles: list[OperatorRole]
    invited_by: str
    invited_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> "InvitationView":
        return cls(
            invitation_id=invitation.invitation_id,
            roles=list(invitation.roles),
            invited_by=invitation.invited_by,
            invited_at=invitation.invited_at,
            ends_at=invitation.ends,
        )


class OperatorsView(View):
    """Everybody who ever was an operator, and the invitations that are open."""

    operators: list[OperatorView]
    invitations: list[InvitationView]

    @classmethod
    def of(cls, operators: list[Operator], invitations: list[Invitation]) -> "OperatorsView":
        return cls(
            operators=[OperatorView.of(one) for one in operators],
            invitations=[InvitationView.of(one) for one in invitations],
        )


class RolesBody(Body):
    roles: Roles

    def stated(self) -> tuple[OperatorRole, ...]:
        return tuple(role for role in OperatorRole if role in self.roles)


class InvitedView(View):
    """`token` is shown this once and kept nowhere; whoever holds it may accept."""

    invitation: InvitationView
    token: str


class DeedView(View):
    at: datetime
    role: str
    subject: str
    provider_id: str | None
    operation: str
    about: dict[str, str]

    @classmethod
    def of(cls, deed: Deed) -> "DeedView":
        return cls(**deed.model_dump(exclude={"company_id", "request_id"}))


class DeedsView(View):
    deeds: list[DeedView]
    next_page: str | None

    @classmethod
    def of(cls, deeds: list[Deed], token: str | None) -> "DeedsView":
        return cls(deeds=[DeedView.of(one) for one in deeds], next_page=token)
