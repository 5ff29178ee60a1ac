"""Who may call: signing in, access tokens, and for whom a caller acts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from daycover.wiring.adapters import Wiring, wired

if TYPE_CHECKING:
    from daycover.api.access.operators import IssuedCodeBody, OperatorSignIn
    from daycover.identity.access import SignInStaff, SignInWorker
    from daycover.identity.door import Door
    from daycover.platform.callers import Caller
    from daycover.platform.http import HttpApi
    from daycover.platform.operator_issuer import OperatorIssuers
    from daycover.platform.security import AccessTokens
    from daycover.projects.act_for import ActFor
    from daycover.projects.client import SignInProvider
    from daycover.projects.company import Authorisation, Company
    from daycover.projects.enrol import Enrol
    from daycover.projects.operators import FindSignIn, ManageOperators, OperatorProof, SignInOperator
    from daycover.store.deeds import StoredDeeds
    from daycover.store.enrolments import StoredEnrolments


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
        from daycover.projects.act_for import ActFor

        return ActFor(authorisations=self._adapters.companies, operators=self._adapters.operators)

    @cached_property
    def sign_in_provider(self) -> SignInProvider:
        from daycover.projects.client import SignInProvider

        return SignInProvider(companies=self._adapters.companies, act_for=self.act_for)

    # ---- enrolment -------------------------------------------------------------------------------

    @cached_property
    def enrol(self) -> Enrol:
        from daycover.platform.ids import ulid
        from daycover.projects.enrol import Enrol

        return Enrol(now=self._adapters.now, new_id=ulid, stored=self._adapters.enrolments)

    @property
    def enrolments(self) -> StoredEnrolments:
        """What is proposed and enrolled, to be read."""
        return self._adapters.enrolments

    def enrolled_company(self, company_id: str) -> tuple[Company, list[Authorisation]]:
        """Raises CompanyNotAuthorisedError."""
        company = self._adapters.companies.get(company_id)
        return company, self._adapters.enrolments.authorisations_of(company_id)

    # ---- operators -------------------------------------------------------------------------------

    @cached_property
    def find_sign_in(self) -> FindSignIn:
        from daycover.projects.operators import FindSignIn

        return FindSignIn(enrolled=self._adapters.enrolments)

    @property
    def operator_issuers(self) -> OperatorIssuers:
        return self._adapters.operator_issuers

    @cached_property
    def sign_in_operator(self) -> SignInOperator:
        from daycover.projects.operators import SignInOperator

        return SignInOperator(
            now=self._adapters.now,
            operators=self._adapters.operators,
            enrolled=self._adapters.enrolments,
            authorisations=self._adapters.companies,
        )

    def proof_of(self, given: OperatorSignIn) -> OperatorProof:
        """Say who signs in. Raises what the two ways raise."""
        if given.oidc is None:
            return self._proof_by_wechat(given.login_code or "")
        said = given.oidc
        return self._proof_by_issuer(said)

    def _proof_by_wechat(self, login_code: str) -> OperatorProof:
        """Raises LoginCodeError, MiniProgramUnavailableError."""
        from daycover.projects.operator import SignInWay
        from daycover.projects.operators import OperatorProof

        openid = self._adapters.mini_program.openid_of(login_code)
        return OperatorProof(self._adapters.index.operator_id(f"wechat:{openid}"), SignInWay.WECHAT)

    def _proof_by_issuer(self, said: IssuedCodeBody) -> OperatorProof:
        """Raises NoSignInError, OperatorSignInError, OidcUnavailableError, OidcMisconfiguredError."""
        from daycover.projects.operator import SignInWay
        from daycover.projects.operators import OperatorProof

        client = self.find_sign_in(company_id=said.company_id, provider_id=said.provider_id)
        who = self._adapters.operator_issuers.proved(
            client, said.code, said.code_verifier, said.nonce, said.redirect_uri
        )
        return OperatorProof(self._adapters.index.operator_id(who), SignInWay.OIDC, said.provider_id)

    @cached_property
    def manage_operators(self) -> ManageOperators:
        from daycover.projects.operators import ManageOperators

        return ManageOperators(now=self._adapters.now, operators=self._adapters.operators)

    @property
    def deeds(self) -> StoredDeeds:
        return self._adapters.deeds

    def note_deed(self, api: HttpApi, company_id: str) -> None:
        """Keep who asks for what in a company's name."""
        from daycover.projects.deed import Deed

        caller = api.caller
        self._adapters.deeds.add(
            Deed(
                company_id=company_id,
                request_id=api.request_id,
                at=self._adapters.now(),
                role=caller.role,
                subject=caller.subject,
                provider_id=caller.provider_id,
                operation=api.route.run.__name__,
                about={name: given for name, given in api.path_parameters.items() if name != "company_id"},
            )
        )

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

    What changes something is noted with the person's name first, so that nothing is done by nobody. Raises
    CompanyNotAuthorisedError, OperatorRoleError.
    """
    from daycover.projects.roles import OperatorRole

    route = api.route
    assert route.allowed is not None, "an open route has no caller"
    access().act_for(
        api.caller, company_id, tuple(OperatorRole(role) for role in route.allowed.operator_roles)
    )
    if route.method != "GET":
        access().note_deed(api, company_id)
    return api.caller


def company_named(api: HttpApi, company_id: str) -> str | None:
    """Give the company that a caller names or is, None where a provider, an operator or the staff name none.

    Raises CompanyNotAuthorisedError, OperatorRoleError.
    """
    named = company_id or (api.caller.subject if api.caller.role == "company" else None)
    if named is not None:
        company_caller(api, named)
    return named
