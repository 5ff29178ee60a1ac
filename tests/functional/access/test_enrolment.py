"""Enrolment and operators on the fake and on the real store: two of everything, and somebody in between."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

import pytest

from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.projects.act_for import ActFor
from daycover.projects.company import Company, CompanyNotAuthorisedError
from daycover.projects.contract import Contract, ContractStartsTooEarlyError
from daycover.projects.enrol import (
    AlreadyEnrolledError,
    Approved,
    CompanyFacts,
    Enrol,
    Enrolments,
    Proposal,
    ProposalApprovedBySamePersonError,
    ProposalContent,
    ProposalKind,
    ProposalSettledError,
    ProposalStatus,
)
from daycover.projects.operator import (
    INVITATION_LIFE,
    InvitationInvalidError,
    NoOperatorError,
    OperatorExistsError,
    OperatorNotFoundError,
    OperatorRoleError,
    Operators,
    OwnAccessError,
    SignInWay,
)
from daycover.projects.operators import ManageOperators, OperatorProof, SignInOperator
from daycover.projects.provider import CredentialNotFoundError, TooManyCredentialsError
from daycover.projects.roles import OperatorRole
from daycover.store.companies import StoredCompanies
from daycover.store.enrolments import StoredEnrolments
from daycover.store.operators import StoredOperators
from tests.functional.claims.aws import cipher, local_aws, operations_table
from tests.support.back_office import made_up_credit_code
from tests.support.builders import NOW
from tests.support.fakes.port import Clock
from tests.support.fakes.projects import FakeCompanies, FakeOperators

ONE, TWO = "s-one", "s-two"
MEI, TAO, XIA = (OperatorProof(name, SignInWay.WECHAT) for name in ("mei", "tao", "xia"))


def facts(company_id: str = "C1", **changes: object) -> CompanyFacts:
    stated = CompanyFacts(
        name="宁波千帆劳务有限公司",
        credit_code=made_up_credit_code(company_id),
        address="宁波市北仑区明州路1号",
        sub_mchid="1900008123",
        credit_limit_fen=5_000_000,
        contract=a_contract(NOW.date()),
    )
    return stated.model_copy(update=changes)


def a_contract(valid_from: date, **changes: object) -> Contract:
    contract = Contract(
        valid_from=valid_from, insurer="pingan-pc", plans=("T1",), due_days=10, commission_bps=500
    )
    return contract.model_copy(update=changes)


@dataclass
class Office:
    """The staff and the companies' people, on one store."""

    stored: Enrolments
    operators: Operators
    act_for: ActFor
    clock: Clock

    def __post_init__(self) -> None:
        ids = count(1)
        self.enrol = Enrol(now=self.clock, new_id=lambda now: f"N{next(ids):04d}", stored=self.stored)
        self.sign_in = SignInOperator(
            now=self.clock, operators=self.operators, enrolled=self.stored, authorisations=self.stored
        )
        self.people = ManageOperators(now=self.clock, operators=self.operators)

    def propose(self, kind: ProposalKind, **content: object) -> Proposal:
        return self.enrol.propose(ProposalContent.model_validate({"kind": kind, **content}), ONE)

    def enrolled(self, kind: ProposalKind, **content: object) -> Approved:
        return self.enrol.approve(self.propose(kind, **content).proposal_id, TWO)

    def company(self, company_id: str = "C1", **changes: object) -> None:
        self.enrolled(
            ProposalKind.REGISTER_COMPANY, company_id=company_id, company=facts(company_id, **changes)
        )

    def provider(self, provider_id: str = "P1") -> None:
        self.enrolled(ProposalKind.REGISTER_PROVIDER, provider_id=provider_id, name="灵工通")

    def authorise(self, provider_id: str = "P1", company_id: str = "C1") -> None:
        self.enrolled(ProposalKind.AUTHORISE_PROVIDER, provider_id=provider_id, company_id=company_id)

    def owner(self, proof: OperatorProof, company_id: str = "C1") -> None:
        token = self.enrolled(ProposalKind.INVITE_OWNER, company_id=company_id).invitation
        assert token is not None
        self.sign_in.accept(proof, token, "郑海棠")

    def invite(self, owner: OperatorProof, *roles: OperatorRole, company_id: str = "C1") -> str:
        return self.people.invite(company_id, roles, owner.operator_id)[1]

    def may(self, proof: OperatorProof, *roles: OperatorRole, company_id: str = "C1") -> None:
        self.act_for(Person(proof.operator_id), company_id, roles)


@dataclass(frozen=True)
class Person:
    subject: str
    role: str = "operator"
    provider_id: str | None = None


@pytest.fixture(params=["fake", "real"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    clock = Clock(NOW)
    if request.param == "fake":
        companies = FakeCompanies()
        operators = FakeOperators(companies)
        yield Office(companies, operators, ActFor(authorisations=companies, operators=operators), clock)
        return
    config, table = local_aws(), operations_table()
    real = StoredOperators(table, cipher(config))
    act_for = ActFor(authorisations=StoredCompanies(table), operators=real)
    yield Office(StoredEnrolments(table), real, act_for, clock)


# ---- four eyes -----------------------------------------------------------------------------------


def test_nothing_is_enrolled_before_another_person_approves(office: Office) -> None:
    proposal = office.propose(ProposalKind.REGISTER_PROVIDER, provider_id="P1", name="灵工通")
    assert office.stored.find_provider("P1") is None
    with pytest.raises(ProposalApprovedBySamePersonError):
        office.enrol.approve(proposal.proposal_id, ONE)
    assert office.stored.find_provider("P1") is None
    office.enrol.approve(proposal.proposal_id, TWO)
    assert office.stored.find_provider("P1") is not None


def test_store_itself_refuses_the_proposer_when_a_rule_forgot(office: Office) -> None:
    proposal = office.propose(ProposalKind.REGISTER_PROVIDER, provider_id="P1", name="灵工通")
    with pytest.raises(ConcurrentChangeError):
        office.stored.settle(proposal.settled(ProposalStatus.APPROVED, ONE, NOW))


def test_proposal_stands_once_when_the_answer_to_its_write_was_lost(office: Office) -> None:
    proposal = office.propose(ProposalKind.REGISTER_PROVIDER, provider_id="P1", name="灵工通")
    office.stored.add(proposal)
    assert office.stored.find(proposal.proposal_id) == proposal
    with pytest.raises(ConcurrentChangeError):
        office.stored.add(proposal.model_copy(update={"proposed_by": TWO}))
    assert office.stored.find(proposal.proposal_id) == proposal


@pytest.mark.parametrize("first", ["approve", "withdraw"])
@pytest.mark.parametrize("second", ["approve", "withdraw"])
def test_proposal_is_settled_once(office: Office, first: str, second: str) -> None:
    proposal_id = office.propose(ProposalKind.REGISTER_PROVIDER, provider_id="P1", name="灵").proposal_id
    getattr(office.enrol, first)(proposal_id, TWO)
    with pytest.raises(ProposalSettledError):
        getattr(office.enrol, second)(proposal_id, TWO)


def test_withdrawn_between_reading_and_writing_an_approval_brings_nothing_about(office: Office) -> None:
    proposal = office.propose(ProposalKind.REGISTER_PROVIDER, provider_id="P1", name="灵工通")
    office.stored.settle(proposal.settled(ProposalStatus.WITHDRAWN, ONE, NOW))
    new = ProposalContent(kind=ProposalKind.REGISTER_PROVIDER, provider_id="P1", name="灵工通")
    assert new == proposal.content
    with pytest.raises(DaycoverError):
        office.enrol.approve(proposal.proposal_id, TWO)
    assert office.stored.find_provider("P1") is None


def test_two_proposals_of_one_provider_give_one_provider(office: Office) -> None:
    first, second = (
        office.propose(ProposalKind.REGISTER_PROVIDER, provider_id="P1", name=name) for name in "甲乙"
    )
    office.enrol.approve(first.proposal_id, TWO)
    with pytest.raises(AlreadyEnrolledError):
        office.enrol.approve(second.proposal_id, TWO)
    found = office.stored.find_provider("P1")
    assert found is not None
    assert found.name == "甲"


def test_one_credit_code_is_one_company_s_whatever_it_is_called(office: Office) -> None:
    code = made_up_credit_code("C1")
    both = [
        office.propose(ProposalKind.REGISTER_COMPANY, company_id=company_id, company=facts(credit_code=code))
        for company_id in ("C1", "C2")
    ]
    office.enrol.approve(both[0].proposal_id, TWO)
    with pytest.raises(AlreadyEnrolledError):
        office.enrol.approve(both[1].proposal_id, TWO)
    with pytest.raises(
        AlreadyEnrolledError
    ):  # the store itself, when two approvals pass the question at once
        office.stored.settle(
            both[1].settled(ProposalStatus.APPROVED, TWO, NOW),
            Company(company_id="C2", name="同", sub_mchid="1", credit_code=code),
        )
    assert office.stored.find_company("C2") is None


# ---- client secrets ------------------------------------------------------------------------------


def test_secret_rotates_with_two_in_use_and_never_three(office: Office) -> None:
    office.provider()
    secrets = [office.enrolled(ProposalKind.ISSUE_CREDENTIAL, provider_id="P1") for _ in range(2)]
    assert secrets[0].client_secret != secrets[1].client_secret
    with pytest.raises(TooManyCredentialsError):
        office.propose(ProposalKind.ISSUE_CREDENTIAL, provider_id="P1")
    office.enrol.revoke_credential("P1", secrets[0].proposal.proposal_id, ONE)
    third = office.enrolled(ProposalKind.ISSUE_CREDENTIAL, provider_id="P1")
    provider = office.stored.find_provider("P1")
    assert provider is not None
    assert [one.credential_id for one in provider.in_use] == [
        secrets[1].proposal.proposal_id,
        third.proposal.proposal_id,
    ]
    assert third.client_secret is not None
    assert third.client_secret not in provider.model_dump_json()


def test_third_secret_is_refused_when_two_were_proposed_beside_it(office: Office) -> None:
    office.provider()
    proposals = [office.propose(ProposalKind.ISSUE_CREDENTIAL, provider_id="P1") for _ in range(3)]
    for proposal in proposals[:2]:
        office.enrol.approve(proposal.proposal_id, TWO)
    with pytest.raises(TooManyCredentialsError):
        office.enrol.approve(proposals[2].proposal_id, TWO)


def test_revoking_keeps_who_and_when_first_did_it(office: Office) -> None:
    office.provider()
    number = office.enrolled(ProposalKind.ISSUE_CREDENTIAL, provider_id="P1").proposal.proposal_id
    office.enrol.revoke_credential("P1", number, ONE)
    office.clock.at += timedelta(hours=1)
    (credential,) = office.enrol.revoke_credential("P1", number, TWO).credentials
    assert (credential.revoked_by, credential.revoked_at) == (ONE, NOW)
    with pytest.raises(CredentialNotFoundError):
        office.enrol.revoke_credential("P1", "N9999", ONE)


# ---- contracts -----------------------------------------------------------------------------------


def test_contract_holds_from_its_day_and_what_was_before_stays(office: Office) -> None:
    office.company()
    today = NOW.date()
    later = a_contract(today + timedelta(days=10), commission_bps=700)
    office.enrolled(ProposalKind.CHANGE_CONTRACT, company_id="C1", contract=later)
    company = office.stored.find_company("C1")
    assert company is not None
    rates = {
        days: one.commission_bps
        for days in (-1, 0, 9, 10, 400)
        if (one := company.contract_on(facts().contract.valid_from + timedelta(days=days)))
    }
    assert rates == {0: 500, 9: 500, 10: 700, 400: 700}


def test_contracts_approved_one_after_the_other_follow_each_other(office: Office) -> None:
    office.company()
    days = [NOW.date() + timedelta(days=number) for number in (5, 3)]
    first, second = (
        office.propose(ProposalKind.CHANGE_CONTRACT, company_id="C1", contract=a_contract(day))
        for day in days
    )
    office.enrol.approve(first.proposal_id, TWO)
    with pytest.raises(ContractStartsTooEarlyError):
        office.enrol.approve(second.proposal_id, TWO)


def test_contract_that_nobody_approved_until_its_day_is_refused(office: Office) -> None:
    office.company()
    proposal = office.propose(
        ProposalKind.CHANGE_CONTRACT, company_id="C1", contract=a_contract(NOW.date() + timedelta(days=2))
    )
    office.clock.at += timedelta(days=2)
    with pytest.raises(ContractStartsTooEarlyError):
        office.enrol.approve(proposal.proposal_id, TWO)


# ---- authorisations ------------------------------------------------------------------------------


def test_provider_is_authorised_taken_back_and_authorised_anew(office: Office) -> None:
    office.company()
    office.provider()
    office.authorise()
    with pytest.raises(AlreadyEnrolledError):
        office.propose(ProposalKind.AUTHORISE_PROVIDER, provider_id="P1", company_id="C1")
    first = office.enrol.withdraw_authorisation("P1", "C1")
    office.clock.at += timedelta(minutes=1)
    assert office.enrol.withdraw_authorisation("P1", "C1") == first
    office.authorise()
    (listed,) = office.stored.authorisations_of("C1")
    assert listed.withdrawn_at is None
    assert listed == office.stored.find_authorisation("P1", "C1")
    with pytest.raises(ConcurrentChangeError):  # a withdrawal of the grant before must not end this one
        office.stored.withdraw_authorisation(first)


# ---- operators -----------------------------------------------------------------------------------


def test_owner_invites_a_foreman_who_does_a_foreman_s_work_and_no_other(office: Office) -> None:
    office.company()
    office.company("C2")
    office.owner(MEI)
    joined = office.sign_in.accept(TAO, office.invite(MEI, OperatorRole.OPERATOR), "吴佳慧")
    assert (joined.company.company_id, joined.operator.invited_by) == ("C1", "mei")
    office.may(TAO, OperatorRole.OPERATOR)
    office.may(MEI, OperatorRole.FINANCE)
    with pytest.raises(OperatorRoleError):
        office.may(TAO, OperatorRole.FINANCE)
    for who in (TAO, MEI):
        with pytest.raises(CompanyNotAuthorisedError):
            office.may(who, OperatorRole.OPERATOR, company_id="C2")
    with pytest.raises(NoOperatorError):
        office.sign_in.companies_of(XIA)


def test_invitation_lets_one_person_in_once(office: Office) -> None:
    office.company()
    office.owner(MEI)
    token = office.invite(MEI, OperatorRole.OPERATOR)
    office.sign_in.accept(TAO, token, "吴佳慧")
    with pytest.raises(InvitationInvalidError):
        office.sign_in.accept(XIA, token, "夏雨荷")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda office, token: office.people.withdraw("C1", office.people.list_of("C1")[1][0].invitation_id),
        lambda office, token: setattr(office.clock, "at", office.clock.at + INVITATION_LIFE),
    ],
    ids=["withdrawn", "too old"],
)
def test_invitation_is_over_when_withdrawn_or_too_old(
    office: Office, spoil: Callable[[Office, str], None]
) -> None:
    office.company()
    office.owner(MEI)
    token = office.invite(MEI, OperatorRole.OPERATOR)
    spoil(office, token)
    with pytest.raises(InvitationInvalidError):
        office.sign_in.accept(TAO, token, "吴佳慧")


def test_token_of_one_company_opens_no_other(office: Office) -> None:
    office.company()
    office.company("C2")
    office.owner(MEI)
    token = office.invite(MEI, OperatorRole.OPERATOR)
    for forged in (token.replace("C1.", "C2."), token[:-1] + "x", "C1.", "", token + "x"):
        with pytest.raises(InvitationInvalidError):
            office.sign_in.accept(TAO, forged, "吴佳慧")


def test_whoever_is_in_already_keeps_the_invitation_for_somebody_else(office: Office) -> None:
    office.company()
    office.owner(MEI)
    token = office.invite(MEI, OperatorRole.OPERATOR)
    with pytest.raises(OperatorExistsError):
        office.sign_in.accept(MEI, token, "郑海棠")
    office.sign_in.accept(TAO, token, "吴佳慧")


def test_removed_operator_is_out_at_once_and_comes_back_by_invitation_alone(office: Office) -> None:
    office.company()
    office.owner(MEI)
    office.sign_in.accept(TAO, office.invite(MEI, OperatorRole.OPERATOR), "吴佳慧")
    office.people.remove("C1", "tao", "mei")
    with pytest.raises(CompanyNotAuthorisedError):
        office.may(TAO, OperatorRole.OPERATOR)
    with pytest.raises(OperatorNotFoundError):
        office.people.change_roles("C1", "tao", (OperatorRole.OWNER,), "mei")
    office.sign_in.accept(TAO, office.invite(MEI, OperatorRole.AUDITOR), "吴佳慧")
    office.may(TAO, OperatorRole.AUDITOR)
    with pytest.raises(OperatorRoleError):
        office.may(TAO, OperatorRole.OPERATOR)


def test_owner_never_takes_the_last_owner_away(office: Office) -> None:
    office.company()
    office.owner(MEI)
    office.owner(TAO)
    with pytest.raises(OwnAccessError):
        office.people.remove("C1", "mei", "mei")
    with pytest.raises(OwnAccessError):
        office.people.change_roles("C1", "mei", (OperatorRole.AUDITOR,), "mei")
    mei = office.operators.find("C1", "mei")
    assert mei is not None
    office.people.remove("C1", "tao", "mei")
    with pytest.raises(ConcurrentChangeError):  # tao had read mei as an owner before, and now writes
        office.operators.change(mei.removed("tao", NOW), "tao")
    office.may(MEI, OperatorRole.OPERATOR)


def test_owner_who_lost_it_meanwhile_invites_nobody(office: Office) -> None:
    office.company()
    office.owner(MEI)
    office.owner(TAO)
    office.people.change_roles("C1", "mei", (OperatorRole.AUDITOR,), "tao")
    with pytest.raises(ConcurrentChangeError):
        office.invite(MEI, OperatorRole.OWNER)


def test_people_whom_a_provider_vouches_for_are_out_with_it(office: Office) -> None:
    office.company()
    office.provider()
    office.owner(MEI)
    vouched = OperatorProof("lin", SignInWay.OIDC, "P1")
    token = office.invite(MEI, OperatorRole.OPERATOR)
    with pytest.raises(InvitationInvalidError):  # the company has not authorised this provider
        office.sign_in.accept(vouched, token, "林志远")
    office.authorise()
    office.sign_in.accept(vouched, token, "林志远")
    office.may(vouched, OperatorRole.OPERATOR)
    office.enrol.withdraw_authorisation("P1", "C1")
    with pytest.raises(CompanyNotAuthorisedError):
        office.may(vouched, OperatorRole.OPERATOR)
    office.may(MEI, OperatorRole.OPERATOR)


def test_one_person_works_for_two_companies_with_roles_in_each(office: Office) -> None:
    for company_id in ("C1", "C2"):
        office.company(company_id)
        office.owner(MEI, company_id)
    for company_id, role in (("C1", OperatorRole.OPERATOR), ("C2", OperatorRole.FINANCE)):
        office.sign_in.accept(TAO, office.invite(MEI, role, company_id=company_id), "吴佳慧")
    found = {one.company.company_id: one.operator.roles for one in office.sign_in.companies_of(TAO)}
    assert found == {"C1": (OperatorRole.OPERATOR,), "C2": (OperatorRole.FINANCE,)}
    with pytest.raises(OperatorRoleError):
        office.may(TAO, OperatorRole.FINANCE)
    office.may(TAO, OperatorRole.FINANCE, company_id="C2")
