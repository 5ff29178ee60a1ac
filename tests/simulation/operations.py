"""What changes who may act for a company: providers lose their authorisation and get it again, contracts follow each
other, operators are invited, moved and removed; and what each of them asks for meanwhile.

Everything that somebody does in a company's name passes the gate of its routes first: `ActFor`, then the deed.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from daycover.china_time import china_day
from daycover.cover.policy import EndReason
from daycover.projects.contract import Billing, Contract
from daycover.projects.deed import Deed
from daycover.projects.enrol import Enrol, ProposalContent, ProposalKind
from daycover.projects.operator import SignInWay
from daycover.projects.operators import ManageOperators, OperatorProof
from daycover.projects.project import ProjectStatus
from daycover.projects.roles import OperatorRole
from daycover.wiring.access import AccessWiring
from daycover.wiring.cover import CoverWiring
from daycover.wiring.projects import ProjectsWiring
from tests.simulation.cast import PROVIDER, Clerk
from tests.simulation.claimant import HOUR
from tests.simulation.history import History, act
from tests.simulation.processes import SimulatedAdapters
from tests.simulation.seen import Access
from tests.simulation.world import Told

PROVIDERS = (PROVIDER, "SP2")
ENROLLERS = ("enrol-1", "enrol-2", "enrol-3")
PEOPLE = ("op-1", "op-2", "op-3", "op-4")
"""WeChat accounts of people who may become operators."""
NAMES = dict(zip(PEOPLE, ("郑海棠", "施未央", "燕归南", "步惊秋"), strict=True))


# ---- the gate ----------------------------------------------------------------------------------------


def needed(clerk: Clerk, company_id: str, roles: tuple[OperatorRole, ...] = ()) -> tuple[Access, ...]:
    """Give the accesses without which somebody may not act, each of them alone."""
    if clerk.role == "operator":
        return (company_id, clerk.subject), *((company_id, clerk.subject, role) for role in roles[:1])
    provider_id = clerk.subject if clerk.role == "provider" else clerk.provider_id
    return () if provider_id is None else ((company_id, provider_id),)


def in_the_name_of(
    history: History,
    clerk: Clerk,
    company_id: str,
    what: str,
    doing: Callable[[SimulatedAdapters], Any],
    roles: tuple[OperatorRole, ...] = (),
) -> Told:
    """Do something for a company as its routes do; whoever lost access before they asked must be refused."""
    seen = history.watch.seen
    number, gone = seen.begin(needed(clerk, company_id, roles))

    def asked(process: SimulatedAdapters) -> Any:
        access = process.wired(AccessWiring)
        access.act_for(clerk, company_id, roles)
        deed = Deed(
            company_id=company_id,
            request_id=number,
            at=process.now(),
            role=clerk.role,
            subject=clerk.subject,
            provider_id=clerk.provider_id,
            operation=what,
            about={},
        )
        access.deeds.add(deed)
        return doing(process)

    told = history.world.perform(clerk.subject, what, asked)
    if gone and seen.is_still_gone(gone):
        history.watch.must_be_refused(told, f"{what} by {clerk.subject}, who may no longer")
    return told


def do_something(
    history: History, luck: Random, clerk: Clerk, company_id: str, roles: tuple[OperatorRole, ...] = ()
) -> None:
    """One of the things that people do in a company's name."""
    projects = [project for company, project in history.cast.projects if company == company_id]
    if not projects:
        return
    project_id = luck.choice(projects)
    match luck.choice(("pause", "open", "open", "rotate", "cancel")):
        case "cancel":
            policies = [one for one in history.watch.policies.values() if one.company_id == company_id]
            if policies:
                number = luck.choice(policies[-3:]).policy_no
                reason = EndReason.SHIFT_CANCELLED
                in_the_name_of(
                    history,
                    clerk,
                    company_id,
                    "cancel_policy",
                    lambda p: p.wired(CoverWiring).cancel_policy.by_company(
                        clerk, company_id, number, reason
                    ),
                    roles,
                )
        case "rotate":
            told = in_the_name_of(
                history,
                clerk,
                company_id,
                "rotate_code",
                lambda p: _rotated(p, company_id, project_id),
                roles,
            )
            if told.is_ok:
                history.cast.codes[project_id].append(told.result)
        case word:
            status = ProjectStatus.PAUSED if word == "pause" else ProjectStatus.OPEN
            in_the_name_of(
                history,
                clerk,
                company_id,
                f"{word}_project",
                lambda p: p.wired(ProjectsWiring).run_projects.move(company_id, project_id, status),
                roles,
            )
            if status is ProjectStatus.PAUSED:  # else nobody would get cover there any more
                history.later(
                    luck.uniform(60, HOUR),
                    "open again",
                    _open_again,
                    history,
                    company_id,
                    project_id,
                )


def _rotated(process: SimulatedAdapters, company_id: str, project_id: str) -> str:
    run = process.wired(ProjectsWiring).run_projects
    run.rotate_code(company_id, project_id)
    return run.code(company_id, project_id)[0]


def _open_again(history: History, company_id: str, project_id: str) -> None:
    history.world.perform(
        company_id,
        "open",
        lambda p: p.wired(ProjectsWiring).run_projects.move(company_id, project_id, ProjectStatus.OPEN),
    )


# ---- providers ---------------------------------------------------------------------------------------


@act(6)
def change_providers(history: History, luck: Random) -> None:
    """A company takes its provider's authorisation away, and gives it or another's back, while clerks go on."""
    company_id = luck.choice(history.cast.company_ids)
    provider_id = luck.choice(PROVIDERS)
    clerks = Clerk("provider", provider_id), Clerk("company", company_id, provider_id)
    after = luck.uniform(1, 30)
    history.later(after, "withdraw authorisation", withdraw_authorisation, history, provider_id, company_id)
    for _ in range(luck.randint(2, 6)):
        at = luck.choice((after, luck.uniform(0, 60), luck.uniform(60, 2 * HOUR)))
        own = Random(luck.random())
        history.later(at, "act for", do_something, history, own, luck.choice(clerks), company_id)
    if luck.random() < 0.8:
        again = luck.choice(PROVIDERS)
        at = luck.choice((after, luck.uniform(30, 4 * HOUR)))
        history.later(at, "authorise", authorise, history, Random(luck.random()), again, company_id)


def withdraw_authorisation(history: History, provider_id: str, company_id: str) -> None:
    access, seen = (company_id, provider_id), history.watch.seen
    before = seen.gifts(access)
    told = history.world.perform(
        ENROLLERS[0],
        "withdraw_authorisation",
        lambda p: _enrol(p).withdraw_authorisation(provider_id, company_id),
    )
    if told.is_ok:
        seen.took(access, before)


def authorise(history: History, luck: Random, provider_id: str, company_id: str) -> None:
    """Let a provider act for a company; one that nobody enrolled yet is enrolled first."""
    if provider_id != PROVIDER:
        enrolled = ProposalContent(
            kind=ProposalKind.REGISTER_PROVIDER, provider_id=provider_id, name="另一服务商"
        )
        by_two(history, luck, enrolled)
    content = ProposalContent(
        kind=ProposalKind.AUTHORISE_PROVIDER, provider_id=provider_id, company_id=company_id
    )
    by_two(history, luck, content, (company_id, provider_id))


def by_two(history: History, luck: Random, content: ProposalContent, *gives: Access) -> list[Told]:
    """Propose and approve, by two people; at times the first tries alone, or two approve in one moment."""
    world, watch = history.world, history.watch
    proposer, *others = luck.sample(ENROLLERS, 3)
    proposed = world.perform(
        proposer, f"propose {content.kind}", lambda p: _enrol(p).propose(content, proposer)
    )
    if not proposed.is_ok:
        return []
    number = proposed.result.proposal_id
    if luck.random() < 0.2:
        told = world.perform(proposer, "approve one's own", lambda p: _enrol(p).approve(number, proposer))
        watch.must_be_refused(told, f"approving one's own proposal {number}")
    answers: list[Told] = []

    def approve(by: str) -> None:
        with watch.seen.giving(*gives):
            answers.append(
                world.perform(by, f"approve {content.kind}", lambda p: _enrol(p).approve(number, by))
            )

    if luck.random() < 0.3:
        history.later(luck.random(), "approve too", approve, others[1])
    if luck.random() < 0.15:
        history.later(
            luck.random(),
            "withdraw proposal",
            lambda: (
                world.perform(others[1], "withdraw_proposal", lambda p: _enrol(p).withdraw(number, others[1]))
                and None
            ),
        )
    world.agenda.sleep(luck.choice((0.0, luck.random())))
    approve(others[0])
    if answers[-1].is_unknown and luck.random() < 0.7:  # they ask again, or find that it was done
        approve(others[0])
    return answers


def _enrol(process: SimulatedAdapters) -> Enrol:
    return process.wired(AccessWiring).enrol


# ---- contracts ---------------------------------------------------------------------------------------


@act(3)
def change_contract(history: History, luck: Random) -> None:
    """A company's contract is renewed on other terms, from one of the next days on."""
    company_id = luck.choice(history.cast.company_ids)
    contract = Contract(
        valid_from=china_day(history.world.now()) + timedelta(days=luck.choice((0, 1, 1, 1, 2))),
        insurer="PAIC",
        plans=luck.choice((None, None, ("T1", "T2"), ("T2",))),
        due_days=luck.choice((5, 10, 30)),
        commission_bps=luck.choice((0, 500, 1_250)),
        billing=Billing.PREPAID if luck.random() < 0.2 else Billing.CREDIT,
        partitions=luck.choice((1, 2, 3)),
    )
    content = ProposalContent(kind=ProposalKind.CHANGE_CONTRACT, company_id=company_id, contract=contract)
    by_two(history, luck, content)


# ---- operators ---------------------------------------------------------------------------------------


@act(2)
def invite_owners(history: History, luck: Random) -> None:
    """The staff invite an owner; they come by the invitation, or two people try the same one."""
    company_id = luck.choice(history.cast.company_ids)
    invite_owner(history, luck, ProposalContent(kind=ProposalKind.INVITE_OWNER, company_id=company_id))


def invite_owner(history: History, luck: Random, content: ProposalContent) -> None:
    for told in by_two(history, luck, content):
        if told.is_ok and told.result.invitation is not None:
            come_in(history, luck, content.company_id or "", told.result.invitation)


def come_in(history: History, luck: Random, company_id: str, token: str) -> None:
    for person in luck.sample(PEOPLE, luck.choice((1, 1, 2))):
        history.later(luck.random(), "join", join, history, company_id, person, token)


def operator_of(history: History, person: str) -> str:
    return history.world.observer.index.operator_id(f"wechat:{person}")


def join(history: History, company_id: str, person: str, token: str) -> None:
    operator_id, seen = operator_of(history, person), history.watch.seen
    proof = OperatorProof(operator_id, SignInWay.WECHAT)
    gives = [(company_id, operator_id), *((company_id, operator_id, role) for role in OperatorRole)]
    with seen.giving(*gives):
        told = history.world.perform(
            person,
            "accept_invitation",
            lambda p: p.wired(AccessWiring).sign_in_operator.accept(proof, token, NAMES[person]),
        )
    if told.is_ok and operator_id not in seen.operators.setdefault(company_id, []):
        seen.operators[company_id].append(operator_id)


@act(10)
def run_the_office(history: History, luck: Random) -> None:
    """Operators of a company work, while owners invite, move and remove them, or each other in one moment."""
    company_id = luck.choice(history.cast.company_ids)
    known = history.watch.seen.operators.get(company_id, [])
    if len(known) < 2:
        content = ProposalContent(kind=ProposalKind.INVITE_OWNER, company_id=company_id)
        for _ in range(2):
            invite_owner(history, luck, content)
        history.later(luck.uniform(60, HOUR), "run the office", run_the_office, history, luck)
        return
    first, second = luck.sample(known, 2) if len(known) > 1 else (known[0], known[0])
    each_other = luck.random() < 0.6
    after, what = luck.uniform(0, 60), luck.choice(("remove", "move")) if each_other else None
    for owner, other in ((first, second), (second, first)) if each_other else ((first, second),):
        own, at = Random(luck.random()), after + luck.choice((0.0, luck.random()))
        history.later(at, "manage", manage, history, own, company_id, owner, other, what)
    for _ in range(luck.randint(1, 4)):
        own, clerk = Random(luck.random()), Clerk("operator", luck.choice(known))
        at = luck.choice((after, luck.uniform(0, 90), luck.uniform(60, HOUR)))
        roles = (OperatorRole.OPERATOR,)
        history.later(at, "work", do_something, history, own, clerk, company_id, roles)


def manage(
    history: History, luck: Random, company_id: str, owner: str, other: str, what: str | None = None
) -> None:
    """What an owner does about another, or asks for without being one; the gate lets owners alone pass."""
    seen, clerk, roles = history.watch.seen, Clerk("operator", owner), (OperatorRole.OWNER,)

    def say(what: str, doing: Callable[[ManageOperators], Any]) -> Told:
        return in_the_name_of(
            history, clerk, company_id, what, lambda p: doing(p.wired(AccessWiring).manage_operators), roles
        )

    match what or luck.choice(("invite", "invite", "remove", "move", "move")):
        case "invite":
            wanted = (luck.choice((OperatorRole.OWNER, OperatorRole.OPERATOR, OperatorRole.FINANCE)),)
            told = say("invite_operator", lambda m: m.invite(company_id, wanted, owner))
            if told.is_ok:
                invitation, token = told.result
                come_in(history, luck, company_id, token)
                if luck.random() < 0.3:
                    history.later(
                        luck.random(),
                        "withdraw invitation",
                        say,
                        "withdraw_invitation",
                        lambda m: m.withdraw(company_id, invitation.invitation_id),
                    )
        case "remove":
            access = (company_id, other)
            before = seen.gifts(access)
            told = say("remove_operator", lambda m: m.remove(company_id, other, owner))
            if told.is_ok:
                seen.took(access, before)
        case _:
            wanted = luck.choice(((OperatorRole.OPERATOR,), (OperatorRole.FINANCE,), (OperatorRole.OWNER,)))
            roles_of = {role: (company_id, other, role) for role in OperatorRole}
            lost = (
                []
                if OperatorRole.OWNER in wanted
                else [access for role, access in roles_of.items() if role not in wanted]
            )
            gained = [access for access in roles_of.values() if access not in lost]
            numbers = {access: seen.gifts(access) for access in lost}
            with seen.giving(*gained):
                told = say("change_roles", lambda m: m.change_roles(company_id, other, wanted, owner))
            if told.is_ok:
                for taken, number in numbers.items():
                    seen.took(taken, number)
