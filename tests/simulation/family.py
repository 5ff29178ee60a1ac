"""What befalls a family: a worker dies or is disabled, and names beforehand who is paid if they die.

What relatives do about it stands in `kin.py`, what the insurer's staff do in `family_desk.py`.
"""

from datetime import datetime, timedelta
from random import Random

from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Accident
from daycover.claims.documents import ClaimType
from daycover.claims.report import LossReport
from daycover.cover.policy import Policy
from daycover.payouts.designation import Designated
from daycover.payouts.transfer import BankAccount
from tests.simulation.cast import Somebody
from tests.simulation.claimant import DAY, HOUR, claims_of, payouts_of, report
from tests.simulation.family_desk import staff_see_to, staff_see_to_the_disabled, void_under
from tests.simulation.gate import a_policy_of, an_account, ask_for_erasure
from tests.simulation.history import History, act
from tests.simulation.kin import (
    a_death,
    deaths_of,
    designated,
    family_of,
    relatives_see_to,
    report_death,
)
from tests.support.claims import an_accident


def an_instant_of(history: History, luck: Random, policy: Policy) -> datetime:
    """When something happened under a policy that has begun; often what a claim tells of already."""
    told = [
        claim.accident.occurred_at
        for claim_no, claim in sorted(history.watch.claims.items())
        if claim.policy.policy_no == policy.policy_no
    ]
    if told and luck.random() < 0.6:
        return luck.choice(told)
    last = min(history.world.now(), policy.period.end) - policy.period.start
    return policy.period.start + last * luck.random()


# ---- what happens ------------------------------------------------------------------------------------


@act(6)
def die(history: History, luck: Random) -> None:
    """A worker dies of an accident, perhaps one that was reported; relatives, a neighbour or the firm report it."""
    somebody = history.cast.somebody(luck)
    policy = a_policy_of(history, somebody, luck)
    if policy is None or policy.period.start >= history.world.now():
        return
    accident = an_accident(an_instant_of(history, luck, policy))
    types = luck.choice(
        (
            (ClaimType.DEATH,),
            (ClaimType.DEATH,),
            (ClaimType.DEATH, ClaimType.MEDICAL),
            (ClaimType.DEATH, ClaimType.AMBULANCE, ClaimType.MEDICAL),
            (ClaimType.SUDDEN_DEATH,),
        )
    )
    family = family_of(history, somebody)
    reporters = luck.choice((family[:1], family[:2], family[1:2], family[-1:], [], []))
    moment = luck.choice((0.0, luck.uniform(0, 2 * HOUR)))
    for reporter in reporters:
        own = Random(luck.random())
        after = moment + luck.choice((luck.random(), luck.uniform(0, HOUR)))
        history.later(
            after, "report a death", report_death, history, own, somebody, reporter, accident, types
        )
    if not reporters:
        history.later(
            moment, "take a notice of death", _take_notice, history, luck, somebody, policy, accident
        )
    mourn(history, luck, somebody)


def mourn(history: History, luck: Random, somebody: Somebody) -> None:
    """The family and the insurer see to a death for some days; and something may come in between."""
    at = 3.0 * HOUR
    for _ in range(luck.randint(6, 9)):
        own = Random(luck.random())
        at += luck.choice((luck.uniform(60, HOUR), luck.uniform(2 * HOUR, 14 * HOUR)))
        history.later(at, "a day of a family", see_to, history, own, somebody)
    if luck.random() < 0.25:
        own = Random(luck.random())
        history.later(luck.uniform(0, at), "something between", _disturb, history, own, somebody)


def see_to(history: History, luck: Random, somebody: Somebody) -> None:
    """One go through the death claims of a person, by the relatives and by staff."""
    for claim in deaths_of(history, somebody):
        relatives_see_to(history, luck, somebody, claim.claim_no)
        staff_see_to(history, luck, somebody, claim.claim_no)


def _take_notice(
    history: History, luck: Random, somebody: Somebody, policy: Policy, accident: Accident
) -> None:
    """The firm or a clerk takes the notice."""
    person_id = history.world.observer.index.person_id(somebody.id_number)
    said = LossReport(policy_no=None, accident=accident, claim_types=(ClaimType.DEATH,), contact="现场负责人")
    role, subject, company_id = luck.choice(
        (("company", policy.company_id, policy.company_id), ("staff", "int-1", None))
    )
    history.world.perform(
        subject,
        "take_loss_notice",
        lambda p: claims_of(p).report_claim.for_another(
            role, subject, person_id, said, company_id=company_id
        ),
    )


@act(4)
def become_disabled(history: History, luck: Random) -> None:
    """An accident leaves a worker disabled; they report it themselves, and perhaps die of it later."""
    somebody = history.cast.somebody(luck)
    policy = a_policy_of(history, somebody, luck)
    if policy is None or policy.period.start >= history.world.now():
        return
    occurred_at = an_instant_of(history, luck, policy)
    types = luck.choice(
        ((ClaimType.DISABILITY,), (ClaimType.DISABILITY, ClaimType.MEDICAL, ClaimType.HOSPITAL))
    )
    report(history, luck, somebody, policy, occurred_at, types)
    for day in range(luck.randint(2, 5)):
        own = Random(luck.random())
        after = luck.uniform(8 * HOUR, 20 * HOUR) + day * DAY / 2
        history.later(after, "see to the disabled", staff_see_to_the_disabled, history, own, somebody)
    if luck.random() < 0.6:
        accident = an_accident(occurred_at + timedelta(minutes=luck.choice((0, 1, 400))))
        family, own = family_of(history, somebody), Random(luck.random())
        of = history, own, somebody, luck.choice(family[:2]), accident, (ClaimType.DEATH,)
        history.later(luck.uniform(HOUR, 3 * DAY), "report a death", report_death, *of)
        mourn(history, Random(luck.random()), somebody)


@act(4)
def see_to_a_death(history: History, luck: Random) -> None:
    """Family and staff take a death claim up out of turn, perhaps while others are at it."""
    found = a_death(history, luck)
    if found is not None:
        see_to(history, luck, found[0])


# ---- what the insured want while they live -----------------------------------------------------------


@act(5)
def designate(history: History, luck: Random) -> None:
    """The insured name who is paid if they die, change it, withdraw it, or name whom they may not."""
    somebody = history.cast.somebody(luck)
    account = an_account(history, somebody, luck)
    if account is None:
        return
    openid, worker_id = account
    world = history.world
    read = world.perform(openid, "read_designation", lambda p: payouts_of(p).designate.read(worker_id))
    if not read.is_ok:
        return
    people = designated(luck, family_of(history, somebody))
    _state_designation(history, account, read.result.version, people)
    if luck.random() < 0.3:  # the finger slips, or another phone states others, on what was read before
        again = people if luck.random() < 0.5 else designated(luck, family_of(history, somebody))
        _state_designation(history, account, read.result.version, again)


def _state_designation(
    history: History, account: tuple[str, str], version: int, people: tuple[Designated, ...]
) -> None:
    history.world.perform(
        account[0], "designate", lambda p: payouts_of(p).designate(account[1], version, people)
    )


@act(4)
def be_refused_by_the_bank(history: History, luck: Random) -> None:
    """For a while the bank refuses what comes, before it makes a bill of it."""
    outside = history.world.outside.bank
    outside.refuses = luck.choice(("ACCOUNT_ERROR", "NAME_MISMATCH"))
    history.later(luck.uniform(HOUR, 20 * HOUR), "take it again", setattr, outside, "refuses", None)


@act(4)
def use_a_dead_persons_phone(history: History, luck: Random) -> None:
    """Somebody holds the phone of the dead: they answer, name an account, withdraw the claim or designate."""
    found = a_death(history, luck)
    account = an_account(history, found[0], luck) if found is not None else None
    if found is None or account is None:
        return
    somebody, claim = found
    openid, worker_id = account
    world, claim_no = history.world, claim.claim_no
    match luck.choice(("answer", "answer", "account", "withdraw", "designate")):
        case "answer":
            told = world.perform(
                openid,
                "answer with a dead person's phone",
                lambda p: claims_of(p).answer_claim(worker_id, claim_no, AnswerKind.ACCEPT, None),
            )
            history.watch.must_be_refused(told, "an answer from a dead person's phone")
        case "account":
            bank = BankAccount(holder=somebody.name, account_no="6222020000000000001", bank_name="工商银行")
            world.perform(
                openid,
                "state_payee of the dead",
                lambda p: payouts_of(p).state_payee(worker_id, claim_no, bank),
            )
        case "withdraw":
            if luck.random() < 0.3:
                world.perform(
                    openid,
                    "withdraw with a dead person's phone",
                    lambda p: claims_of(p).manage_own_claim.withdraw(worker_id, claim_no, "没有死"),
                )
        case "designate":
            designate(history, luck)


def _disturb(history: History, luck: Random, somebody: Somebody) -> None:
    """In the middle of it the account is erased, or the policy voided, or it all is reported once more."""
    deaths = deaths_of(history, somebody)
    match luck.choice(("erase", "erase", "void", "report")):
        case "erase":
            account = an_account(history, somebody, luck)
            if account is not None:
                ask_for_erasure(history, luck, account)
        case "void" if deaths:
            void_under(history, luck, luck.choice(deaths))
        case "report" if deaths:
            claim, reporter = luck.choice(deaths), luck.choice(family_of(history, somebody))
            accident = an_accident(claim.accident.occurred_at + timedelta(minutes=luck.choice((0, 1, 20))))
            report_death(history, luck, somebody, reporter, accident, (ClaimType.DEATH,))
