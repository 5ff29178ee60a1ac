"""Cover that people decide about, and what anybody may ask of a certificate: referrals from the request to the policy,
with everything that may come between, and credentials that are verified long after.
"""

from datetime import timedelta
from random import Random

from daycover.cover.certify import Verification
from daycover.cover.decide_referral import SiteDecline
from daycover.cover.policy import EndReason, PolicyStatus
from daycover.cover.referral import Document, Referral, ReferralReason
from daycover.identity.consent import ConsentKind
from daycover.identity.document import IdDocumentType
from daycover.projects.roles import OperatorRole
from daycover.wiring.cover import CoverWiring
from tests.simulation.cast import PROVIDER, Clerk, Somebody, open_project, wanted_project
from tests.simulation.claimant import HOUR
from tests.simulation.gate import (
    an_account,
    ask_for_erasure,
    cancel_of,
    proved_to_be,
    void_of,
    withdraw,
)
from tests.simulation.history import History, act
from tests.simulation.operations import in_the_name_of
from tests.simulation.seen import Answered

DECIDERS = ("uw-1", "uw-2")
REFERRED_WORK = "ROOFER"
"""An occupation about each of whose workers an underwriter decides."""


# ---- referrals ---------------------------------------------------------------------------------------


@act(1)
def open_referred_project(history: History, luck: Random) -> None:
    """A company opens a project whose work is referred: the machine insures nobody there."""
    company_id = luck.choice(history.cast.company_ids)
    days = timedelta(days=history.script.days).days
    wanted = wanted_project(luck, history.world.observer, days=days)
    wanted = wanted.model_copy(update={"occupation_code": REFERRED_WORK, "plan_id": "T1"})
    history.world.perform(
        company_id, "open_referred_project", lambda p: open_project(history.cast, p, company_id, wanted)
    )


@act(12)
def ask_people(history: History, luck: Random) -> None:
    """A worker asks for people, who look at each other's part, and perhaps thinks better of it meanwhile."""
    somebody = history.cast.somebody(luck)
    account = an_account(history, somebody, luck)
    if account is None:
        return
    company_id, project_id = luck.choice(history.cast.projects)
    referral = referred(history, luck, somebody, account, history.cast.codes[project_id][-1])
    if referral is None:
        return
    number = referral.referral_id
    history.watch.seen.referrals.append((referral.company_id, referral.project_id, number))
    at = luck.uniform(5, 600)
    own = Random(luck.random())
    if luck.random() < 0.9:
        history.later(at, "see the person", on_site, history, own, referral)
    decided = at + luck.choice((0.0, luck.uniform(1, 300), luck.uniform(1, 2_000)))
    for _ in range(luck.choice((1, 1, 2, 2, 3))):  # two of the staff have it on their screen
        moment = decided + luck.choice((0.0, luck.random(), luck.uniform(0, HOUR)))
        history.later(moment, "decide", decide, history, Random(luck.random()), number)
    if luck.random() < 0.2:
        history.later(decided + luck.random(), "decline", on_site, history, own, referral, 1.0)
    between = luck.choice((decided, decided + luck.uniform(0, 2), luck.uniform(0, decided)))
    match luck.choice(("", "", "", "withdraw", "erase", "cancel", "erase later")):
        case "withdraw":
            where = {"project_id": project_id} if luck.random() < 0.5 else {"company_id": company_id}
            history.later(between, "withdraw", withdraw, history, account, list(ConsentKind), where)
        case "erase":
            history.later(between, "erase", ask_for_erasure, history, own, account)
        case "erase later":
            moment = decided + luck.uniform(0, 40 * HOUR)
            history.later(moment, "erase", ask_for_erasure, history, own, account)
        case "cancel":
            history.later(between, "cancel", cancel_of, history, own, somebody)


def referred(
    history: History, luck: Random, somebody: Somebody, account: tuple[str, str], code: str
) -> Referral | None:
    """Consent where that is missing, and ask; None where it was refused or nothing was heard."""
    (openid, worker_id), world = account, history.world
    preview = world.perform(
        openid, "preview_cover", lambda p: p.wired(CoverWiring).preview_cover(worker_id, code)
    )
    if not preview.is_ok:
        return None
    if not preview.result.is_complete:
        accepted = {text.kind: (text.sha256, world.now()) for text in preview.result.texts}
        world.perform(
            openid,
            "give_consents",
            lambda p: p.wired(CoverWiring).preview_cover.accept(worker_id, code, accepted),
        )
    other = history.cast.somebody(luck) if luck.random() < 0.05 else somebody
    shown = Document(type=IdDocumentType.RESIDENT_ID, name=other.name, number=other.id_number)
    reason = luck.choice(
        (
            ReferralReason.FACE_DECLINED,
            ReferralReason.FACE_FAILED,
            ReferralReason.AGE_EDGE,
            ReferralReason.OCCUPATION_CLASS,
        )
    )
    if luck.random() < 0.6:
        reason = ReferralReason.FACE_DECLINED
    for _ in range(2):  # whoever hears nothing asks again
        told = world.perform(
            openid,
            "ask_referral",
            lambda p: p.wired(CoverWiring).ask_referral(worker_id, code, reason, shown),
        )
        if not told.is_unknown:
            break
    return told.result if isinstance(told.result, Referral) else None


def on_site(history: History, luck: Random, referral: Referral, declines: float = 0.1) -> None:
    """Somebody of the company, or of its provider, has seen the person, or says that nobody is there."""
    company_id, place = referral.company_id, (referral.company_id, referral.project_id, referral.referral_id)
    known = history.watch.seen.operators.get(company_id, [])
    clerks = [Clerk("provider", PROVIDER), Clerk("company", company_id, PROVIDER)]
    clerks += [Clerk("company", company_id)] * 2  # the company's own system, whoever its provider is
    clerks += [Clerk("operator", operator_id) for operator_id in known]
    roles = (OperatorRole.OPERATOR,)
    says_no = luck.random() < declines
    for clerk in luck.sample(clerks, luck.choice((1, 1, 2))):
        if says_no:
            in_the_name_of(
                history,
                clerk,
                company_id,
                "decline_referral",
                lambda p, clerk=clerk: p.wired(CoverWiring).confirm_referral.decline(  # type: ignore[misc]
                    *place, clerk.role, clerk.subject, because=SiteDecline.NOT_ON_SITE
                ),
                roles,
            )
        else:
            in_the_name_of(
                history,
                clerk,
                company_id,
                "confirm_referral",
                lambda p, clerk=clerk: p.wired(CoverWiring).confirm_referral(  # type: ignore[misc]
                    *place, clerk.role, clerk.subject
                ),
                roles,
            )


def decide(history: History, luck: Random, referral_id: str) -> None:
    """One of the staff approves or declines; who gets no answer repeats it, or a colleague does."""
    approves = luck.random() < 0.8
    for who in luck.sample(DECIDERS, 2):
        told = history.world.perform(
            who,
            "approve_referral" if approves else "decline_referral by staff",
            lambda p, who=who: p.wired(CoverWiring).decide_referral(  # type: ignore[misc]
                who, referral_id, approves, "DOCUMENT_SEEN"
            ),
        )
        if luck.random() < (0.2 if told.is_unknown else 0.8):
            return
        history.world.agenda.sleep(luck.uniform(0, 20))


@act(3)
def go_through_referrals(history: History, luck: Random) -> None:
    """The staff go through what waits for them, approvals that were cut off too."""
    for who in luck.sample(DECIDERS, luck.choice((1, 2))):
        waiting = history.world.perform(
            who, "waiting_referrals", lambda p: p.wired(CoverWiring).decide_referral.waiting()
        )
        for referral in waiting.result or ():
            history.later(
                luck.random(), "decide", decide, history, Random(luck.random()), referral.referral_id
            )


# ---- certificates ------------------------------------------------------------------------------------


@act(6)
def take_a_certificate(history: History, luck: Random) -> None:
    """A worker takes the certificate of a policy of theirs, or tries another's; whoever holds it verifies it."""
    somebody = history.cast.somebody(luck)
    account = an_account(history, somebody, luck)
    known = history.watch.policies_of(history.cast.somebody(luck) if luck.random() < 0.15 else somebody)
    if account is None or not known:
        return
    openid, worker_id = account
    policy, was = luck.choice(known[-3:]), proved_to_be(history, worker_id)
    told = history.world.perform(
        openid,
        "issue_certificate",
        lambda p: p.wired(CoverWiring).issue_certificate(worker_id, policy.policy_no),
    )
    if policy.person_id not in {was, proved_to_be(history, worker_id)}:
        history.watch.must_be_refused(told, "taking another person's certificate")
    if told.is_ok:
        credential = told.result.credential
        history.watch.seen.credentials.append((policy.policy_no, credential))
        for _ in range(luck.randint(1, 4)):
            seconds = luck.choice((luck.uniform(0, 60), luck.uniform(0, 30 * HOUR)))
            history.later(seconds, "verify", verify, history, policy.policy_no, credential)
        if luck.random() < 0.3:  # the paper says more than is true from then on
            of = history, policy.policy_no, EndReason.NO_INSURABLE_INTEREST
            history.later(luck.uniform(1, HOUR), "void", void_of, *of)


@act(6)
def verify_certificates(history: History, luck: Random) -> None:
    """An inspector verifies certificates that people hold, of cover that ends at this moment too."""
    held = history.watch.seen.credentials
    for policy_no, credential in luck.sample(held, min(len(held), luck.randint(1, 4))):
        verify(history, policy_no, credential)


def verify(history: History, policy_no: str, credential: str) -> None:
    watch, world = history.watch, history.world
    policy, begins = watch.policies[policy_no], world.now()
    told = world.perform(
        "anybody", "verify_certificate", lambda p: p.wired(CoverWiring).verify_certificate(credential)
    )
    if not isinstance(told.result, Verification):
        return
    differ, after = world.clocks_differ, watch.policies[policy_no]
    covers = (policy.period.start - differ, policy.period.end + differ)
    inner = (policy.period.start + differ, policy.period.end - differ)
    stood, stands = (one.status is PolicyStatus.ISSUED for one in (policy, after))
    watch.seen.answered.append(
        Answered(
            policy_no,
            told.result.in_force,
            may_be_in_force=stood and covers[0] <= world.now() and begins <= covers[1],
            must_be_in_force=stands and inner[0] <= begins and world.now() < inner[1],
        )
    )
