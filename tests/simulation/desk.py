"""What the insurer's staff do about claims: review, decide, acknowledge, pay again, end a policy."""

from collections.abc import Callable
from random import Random

from daycover.claims.claim import Claim
from daycover.claims.decide import Verdict
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.state_advance import CertainPart
from daycover.cover.policy import EndReason
from daycover.identity.consent import ConsentKind
from daycover.identity.document import IdDocumentType
from daycover.payouts.obligations import PAYABLE
from tests.simulation.cast import ADJUSTERS, FINANCE, SENIORS
from tests.simulation.claimant import DAY, HOUR, a_claim, claims_of, insured_of, payouts_of
from tests.simulation.gate import an_account, void_of, withdraw
from tests.simulation.history import History, act
from tests.simulation.processes import SimulatedAdapters

# ---- staff -------------------------------------------------------------------------------------------


@act(9)
def work_at_the_desk(history: History, luck: Random) -> None:
    """For some days the staff go through the claims, one at a time or two of them at the same one."""
    for day in range(luck.randint(1, 5)):
        own = Random(luck.random())
        history.later(
            luck.uniform(0, 9 * HOUR) + day * DAY,
            "a day at the desk",
            _go_through,
            history,
            own,
        )


def _go_through(history: History, luck: Random) -> None:
    for claim_no in sorted(history.watch.claims):
        for _ in range(luck.choice((0, 1, 1, 2))):
            own = Random(luck.random())
            history.later(
                luck.choice((0.0, luck.uniform(0, HOUR))),
                "a claim at the desk",
                _handle,
                history,
                own,
                history.watch.claims[claim_no],
            )


def _handle(history: History, luck: Random, claim: Claim) -> None:
    """Do what the claim's status allows, or try what it does not."""
    staff = luck.choice(ADJUSTERS)
    world, number = history.world, claim.claim_no

    def say(who: str, what: str, doing: Callable[[SimulatedAdapters], object]) -> None:
        world.perform(who, what, doing)

    match claim.status:
        case ClaimStatus.IN_REVIEW | ClaimStatus.INVESTIGATING:
            _review(history, luck, claim, staff)
        case ClaimStatus.DECIDED:
            senior = luck.choice((*SENIORS, *ADJUSTERS))
            yes = luck.random() < 0.8
            say(
                senior,
                "acknowledge_decision",
                lambda p: claims_of(p).acknowledge_decision(senior, number, yes, None if yes else "再核一次"),
            )
        case ClaimStatus.CLOSED | ClaimStatus.WITHDRAWN if luck.random() < 0.6:
            say(
                staff,
                "reopen_claim",
                lambda p: claims_of(p).review_claim.reopen(staff, number, "NEW_PAPERS", "补交单据"),
            )
        case ClaimStatus.AWAITING_DOCS if luck.random() < 0.3:
            _judge(history, luck, claim, staff)
        case _:
            say(staff, "note_claim", lambda p: claims_of(p).review_claim.note(staff, number, "已电话联系"))


def _review(history: History, luck: Random, claim: Claim, staff: str) -> None:
    world, number = history.world, claim.claim_no
    done = luck.random()
    if done < 0.55:
        decision, amount = luck.choice(
            (
                (Decision.APPROVED, None),
                (Decision.APPROVED, None),
                (Decision.PARTIAL, 100_000),
                (Decision.DECLINED, None),
                (Decision.GOODWILL, 1_200_000),
            )
        )
        verdict = Verdict(decision, amount, "WITHIN_TERMS", "单据齐全")
        world.perform(staff, "decide_claim", lambda p: claims_of(p).decide_claim(staff, number, verdict))
        if luck.random() < 0.6:
            senior = luck.choice((*SENIORS, *ADJUSTERS))
            history.later(
                luck.uniform(1, 2 * HOUR),
                "acknowledge",
                lambda: (
                    world.perform(
                        senior,
                        "acknowledge_decision",
                        lambda p: claims_of(p).acknowledge_decision(senior, number, True, None),
                    )
                    and None
                ),
            )
    elif done < 0.7:
        wanted = (luck.choice((DocumentType.INVOICE, DocumentType.INJURY_PHOTO)),)
        world.perform(
            staff,
            "request_supplement",
            lambda p: claims_of(p).review_claim.request_supplement(staff, number, wanted, "请补交"),
        )
    elif done < 0.8:
        _judge(history, luck, claim, staff)
    elif done < 0.9:
        part = CertainPart(50_000, "CERTAIN_PART", "门诊费用已核实")
        world.perform(staff, "state_advance", lambda p: claims_of(p).state_advance(staff, number, part))
        senior = luck.choice((*SENIORS, *ADJUSTERS))
        number_of = len(claim.round.advances) + 1
        world.perform(
            senior,
            "acknowledge_advance",
            lambda p: claims_of(p).acknowledge_advance(senior, number, number_of, True, None),
        )
    elif claim.status is ClaimStatus.INVESTIGATING:
        world.perform(
            staff,
            "close_investigation",
            lambda p: claims_of(p).review_claim.close_investigation(staff, number, "DONE", "属实"),
        )
    else:
        world.perform(
            staff,
            "open_investigation",
            lambda p: claims_of(p).review_claim.open_investigation(staff, number, "DOUBT", "核实"),
        )


def _judge(history: History, luck: Random, claim: Claim, staff: str) -> None:
    documents = history.world.observer.documents.list_of(claim.claim_no)
    if documents:
        document = luck.choice(documents)
        status = luck.choice((DocumentStatus.ACCEPTED, DocumentStatus.ACCEPTED, DocumentStatus.REJECTED))
        verdict = DocumentVerdict(status, "GENUINE", "原件无误")
        history.world.perform(
            staff,
            "judge_document",
            lambda p: claims_of(p).judge_document(staff, claim.claim_no, document.document_id, verdict),
        )


@act(5)
def end_a_claimed_policy(history: History, luck: Random) -> None:
    """A policy is voided, or its insured withdraws, while one of its claims is under way."""
    claim = a_claim(history, luck)
    if claim is None:
        return
    number = claim.policy.policy_no
    if luck.random() < 0.5:
        void_of(history, number, EndReason.IDENTITY_THEFT)
        return
    somebody = insured_of(history, claim)
    account = an_account(history, somebody, luck) if somebody is not None else None
    if account is not None:
        withdraw(history, account, list(ConsentKind), {"project_id": claim.policy.project_id})


@act(6)
def work_at_finance(history: History, luck: Random) -> None:
    """For two days finance starts payments again, or two of them see a payee."""
    for _ in range(luck.randint(1, 5)):
        own = Random(luck.random())
        history.later(luck.uniform(0, 2 * DAY), "a claim at finance", _pay, history, own)


def _pay(history: History, luck: Random) -> None:
    paying = [claim for claim in history.watch.claims.values() if claim.status in PAYABLE]
    claim = luck.choice(paying) if paying and luck.random() < 0.8 else a_claim(history, luck)
    if claim is None:
        return
    staff, world = luck.choice(FINANCE), history.world
    if luck.random() < 0.6:
        for _ in range(luck.choice((1, 2))):
            world.perform(staff, "trigger_payout", lambda p: payouts_of(p).trigger_payout(claim.claim_no))
    else:
        for who in FINANCE:
            world.perform(
                who,
                "confirm_identity",
                lambda p, who=who: payouts_of(p).confirm_identity(  # type: ignore[misc]
                    who, claim.claim_no, IdDocumentType.RESIDENT_ID
                ),
            )
