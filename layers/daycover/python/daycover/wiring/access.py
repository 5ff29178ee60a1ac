"""Who may call: signing in, access tokens, and for whom a caller acts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.identity.access import SignInStaff, SignInWorker
    from daycover.identity.door import Door
    from daycover.platform.callers import Caller
    from daycover.platform.http import HttpApi
    from daycover.platform.security import AccessTokens
    from daycover.projects.client import SignInProvider
    from daycover.projects.company import ActFor


class AccessWiring(Wiring):
    @property
    def access_tokens(self) -> AccessTokens:
        return self._adapters.access_tokens

    def door(self, name: str) -> Door:
        """Give the entrance of this name, where failures to sign in are counted."""
        from daycover.identity.door import TOLERANCE, Door

        return Door(
            name=name,
            tolerance=TOLERANCE[name],
            failures=self._adapters.sign_in_failures,
            now=self._adapters.now,
        )

    @cached_property
    def sign_in_staff(self) -> SignInStaff:
        from daycover.identity.access import SignInStaff

        return SignInStaff(
            now=self._adapters.now, issuer=self._adapters.staff_issuer, spent=self._adapters.spent_tokens
        )

    @cached_property
    def act_for(self) -> ActFor:
        from daycover.projects.company import ActFor

        return ActFor(companies=self._adapters.companies)

    @cached_property
    def sign_in_provider(self) -> SignInProvider:
        from daycover.projects.client import SignInProvider

        return SignInProvider(companies=self._adapters.companies)

    @cached_property
    def sign_in_worker(self) -> SignInWorker:
        from daycover.identity.access import SignInWorker

        return SignInWorker(
            now=self._adapters.now,
            mini_program=self._adapters.mini_program,
            workers=self._adapters.workers,
            index=self._adapters.index,
        )


def access() -> AccessWiring:
    """Give what this container's functions of access can do."""
    return wired(AccessWiring)


def company_caller(api: HttpApi, company_id: str) -> Caller:
    """Give the caller, who may act for the company: the gate of every route of a company.

    Raises CompanyNotAuthorisedError.
    """
    access().act_for(api.caller, company_id)
    return api.caller


def company_named(api: HttpApi, company_id: str) -> str | None:
    """Give the company that a caller names or is, None where a provider or the staff name none.

    Raises CompanyNotAuthorisedError.
    """
    named = company_id or (api.caller.subject if api.caller.role == "company" else None)
    if named is not None:
        company_caller(api, named)
    return named
