"""Operators (操作员): the people of a labour company who use the desk, each by a sign-in of their own.

An owner invites; who accepts proves themselves by WeChat or by an OpenID Connect issuer of the company or of a provider
that the company has authorised. A person is one operator, in however many companies, with roles in each.
"""

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, Field

from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.roles import OperatorRole

INVITATION_LIFE = timedelta(days=7)


class OperatorNotFoundError(DaycoverError):
    """The company has no such operator.

    What to do: Read the list of operators and take the id from it.
    含义:该公司没有这位操作员。
    处理:读取操作员列表,使用其中的编号。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有这位操作员", "No such operator"


class OperatorRoleError(DaycoverError):
    """The operator's roles in this company do not cover it.

    What to do: Ask an owner of the company.
    含义:您在该公司的岗位不能进行此操作。
    处理:请公司负责人办理或调整岗位。
    """

    kind = ErrorKind.FORBIDDEN
    title = "您的岗位不能进行此操作", "Your role does not cover this"
    detail = "请公司负责人办理或调整您的岗位。", "Ask an owner of the company."


class OwnAccessError(DaycoverError):
    """Owners change the access of others, never their own: so a company always keeps an owner.

    What to do: Have another owner do it.
    含义:负责人不能更改或移除自己,以保证公司始终有负责人。
    处理:请另一位负责人办理。
    """

    kind = ErrorKind.CONFLICT
    title = "不能更改自己的岗位", "You cannot change your own access"
    detail = "请另一位负责人办理。", "Another owner must do it."


class InvitationInvalidError(DaycoverError):
    """The invitation is unknown, used, withdrawn or older than seven days.

    What to do: Ask for another invitation.
    含义:邀请不存在、已使用、已撤回或已超过七天。
    处理:请重新发出邀请。
    """

    kind = ErrorKind.CONFLICT
    title = "邀请已失效", "The invitation is not valid"
    detail = (
        "邀请七天内有效,只能使用一次,请对方重新邀请。",
        "An invitation works once, within seven days. Ask for another.",
    )


class OperatorExistsError(DaycoverError):
    """This person is an operator of the company already; the invitation stays as it is.

    What to do: Sign in without the invitation; an owner changes roles.
    含义:您已是该公司的操作员,邀请未被使用。
    处理:直接登录;岗位由负责人调整。
    """

    kind = ErrorKind.CONFLICT
    title = "您已是该公司的操作员", "You are an operator of this company already"
    detail = "请直接登录;岗位由公司负责人调整。", "Sign in without it; an owner changes roles."


class NoOperatorError(DaycoverError):
    """Whoever signed in is no operator of any company.

    What to do: Ask an owner of the company for an invitation.
    含义:您还不是任何公司的操作员。
    处理:请公司负责人发出邀请。
    """

    kind = ErrorKind.FORBIDDEN
    title = "您还不是任何公司的操作员", "You are no operator of any company"
    detail = (
        "请公司负责人发出邀请,并打开邀请链接登录。",
        "Ask an owner for an invitation and sign in by its link.",
    )


class SignInWay(StrEnum):
    WECHAT = "WECHAT"
    OIDC = "OIDC"


class Operator(BaseModel, frozen=True, defer_build=True):
    """A person in a company. `name` is as they stated it, sealed at rest and read for lists only.

    `vouched_by` is the provider whose issuer proved them: when the company takes its authorisation back, its people
    are out with it.
    """

    company_id: str
    operator_id: str
    roles: tuple[OperatorRole, ...]
    name: str | None = Field(default=None, repr=False)
    way: SignInWay
    vouched_by: str | None = None
    invited_by: str
    joined_at: datetime
    removed_at: datetime | None = None
    removed_by: str | None = None
    revision: int = 1

    @property
    def is_active(self) -> bool:
        return self.removed_at is None

    def has(self, *roles: OperatorRole) -> bool:
        return self.is_active and (
            OperatorRole.OWNER in self.roles or any(role in self.roles for role in roles)
        )

    def with_roles(self, roles: tuple[OperatorRole, ...]) -> "Operator":
        return self.model_copy(update={"roles": roles, "revision": self.revision + 1})

    def removed(self, by: str, at: datetime) -> "Operator":
        return self.model_copy(update={"removed_at": at, "removed_by": by, "revision": self.revision + 1})


class Invitation(BaseModel, frozen=True, defer_build=True):
    """Lets one person become an operator of a company; whoever holds its token. Only the token's hash is kept.

    `invited_by` is an operator's id, or a member of the staff's for a first owner.
    """

    company_id: str
    invitation_id: str
    sha256: str = Field(repr=False)
    roles: tuple[OperatorRole, ...]
    invited_by: str
    invited_at: datetime
    withdrawn_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None

    @property
    def ends(self) -> datetime:
        return self.invited_at + INVITATION_LIFE

    def is_open(self, now: datetime) -> bool:
        return self.withdrawn_at is None and self.accepted_at is None and now < self.ends

    def opened_by(self, sha256: str, now: datetime) -> bool:
        return hmac.compare_digest(self.sha256, sha256) and self.is_open(now)


class Operators(Protocol):
    """Where operators and invitations are kept."""

    def find(self, company_id: str, operator_id: str) -> Operator | None:
        """What holds now, without the name: whoever is removed is out with their next request."""
        ...

    def list_of(self, company_id: str) -> list[Operator]:
        """Everybody, those who were removed too."""
        ...

    def companies_of(self, operator_id: str) -> list[str]:
        """Ids of the companies that somebody ever joined."""
        ...

    def change(self, changed: Operator, owner: str) -> None:
        """Store the next revision, if `owner` still is an active owner in that instant.

        Raises ConcurrentChangeError.
        """
        ...

    def join(self, joined: Operator, invitation: Invitation) -> None:
        """Use an invitation up and let its operator in, both or neither. `invitation`: as accepted.

        Raises InvitationInvalidError when it was used or withdrawn since, ConcurrentChangeError when the operator is
        not what was read.
        """
        ...

    def invite(self, invitation: Invitation, owner: str) -> None:
        """Keep an invitation, if `owner` still is an active owner. Raises ConcurrentChangeError."""
        ...

    def find_invitation(self, company_id: str, invitation_id: str) -> Invitation | None: ...

    def invitations_of(self, company_id: str) -> list[Invitation]: ...

    def withdraw(self, invitation: Invitation) -> None:
        """Store that an invitation was withdrawn, unless it was used. Raises ConcurrentChangeError."""
        ...
