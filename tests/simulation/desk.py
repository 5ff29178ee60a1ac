"""What happens to a claim: the hurt report it and send papers, staff decide, money moves, comes back, is disputed."""

import hashlib
from collections.abc import Callable
from random import Random
from typing import Any

from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Accident, Actor, Claim
from daycover.claims.consents import CLAIM_TEXTS, Accepted, ClaimConsentKind
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import Announcement, DayFacts, Facts
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.report import LossReport, Reported
from daycover.claims.state_advance import CertainPart
from daycover.cover.policy import EndReason, Policy
from daycover.identity.consent import ConsentKind
from daycover.identity.document import IdDocumentType
from daycover.payouts.notice import ReceiveTransferNotice
from daycover.payouts.transfer import BankAccount, Channel, TransferState
from daycover.upload import ContentType
from daycover.wiring.claims import ClaimsWiring
from daycover.wiring.cover import CoverWiring
from daycover.wiring.payouts import PayoutsWiring
from tests.functional.claims.aws import BUCKET
from tests.simulation.cast import ADJUSTERS, FINANCE, SENIORS, Somebody
from tests.simulation.gate import a_policy_of, an_account, withdraw
from tests.simulation.history import History, act
from tests.simulation.processes import SimulatedAdapters
from tests.support.claims import a_checked_bill, receipt_facts
from tests.support.papers import a_jpeg

HOUR, DAY = 3_600, 86_400
PAPERS = (DocumentType.MEDICAL_RECORD, DocumentType.DIAGNOSIS, DocumentType.EXPENSE_LIST)
SMALL, MIDDLE, LARGE = 60_000, 320_000, 1_000_000
"""Bills in fen: what the machine approves, what it approves to somebody known, and what people decide."""
ANSWERABLE = {ClaimStatus.ACKNOWLEDGED}


def claims_of(process: SimulatedAdapters) -> ClaimsWiring:
    return process.wired(ClaimsWiring)


def payouts_of(process: SimulatedAdapters) -> PayoutsWiring:
    return process.wired(PayoutsWiring)


def a_claim(history: History, luck: Random) -> Claim | None:
    """A claim as it stands, read as the console reads it."""
    known = sorted(history.watch.claims)
    return history.watch.claims[luck.choice(known)] if known else None


def insured_of(history: History, claim: Claim) -> Somebody | None:
    index = history.world.observer.index
    return next(
        (one for one in history.cast.people if index.person_id(one.id_number) == claim.policy.person_id), None
    )


# ---- the hurt ----------------------------------------------------------------------------------------


@act(9)
def get_hurt(history: History, luck: Random) -> None:
    """An accident under a policy; it is reported soon or late, once, twice or by two phones."""
    somebody = history.cast.somebody(luck)
    policy = a_policy_of(history, somebody, luck)
    now = history.world.now()
    if policy is None or policy.period.start >= now:
        return
    last = min(now, policy.period.end) - policy.period.start
    occurred_at = policy.period.start + last * luck.random()
    types = luck.choice(
        (
            (ClaimType.MEDICAL,),
            (ClaimType.MEDICAL, ClaimType.HOSPITAL),
            (ClaimType.MEDICAL, ClaimType.LOST_INCOME),
        )
    )
    for _ in range(luck.choice((1, 1, 1, 2))):
        own = Random(luck.random())
        history.later(
            luck.uniform(0, 5) if luck.random() < 0.5 else luck.uniform(0, 12 * HOUR),
            "report an accident",
            report,
            history,
            own,
            somebody,
            policy,
            occurred_at,
            types,
        )


def report(
    history: History,
    luck: Random,
    somebody: Somebody,
    policy: Policy,
    occurred_at: Any,
    types: tuple[ClaimType, ...],
    attempt: int = 0,
) -> None:
    account = an_account(history, somebody, luck)
    if account is None:
        return
    openid, worker_id = account
    now = history.world.now()
    said = LossReport(
        policy_no=policy.policy_no if luck.random() < 0.7 else None,
        accident=Accident(
            occurred_at=occurred_at, place="三号分拣线", description="脚趾被传送带夹伤", injury="右脚拇趾骨折"
        ),
        claim_types=types,
        first_treated_at=None,
        consents=tuple(Accepted(text.kind, text.sha256, now) for text in CLAIM_TEXTS),
    )
    told = history.world.perform(openid, "report_claim", lambda p: claims_of(p).report_claim(worker_id, said))
    if told.is_unknown and attempt < 2:
        history.later(
            luck.uniform(1, 60),
            "report again",
            report,
            history,
            luck,
            somebody,
            policy,
            occurred_at,
            types,
            attempt + 1,
        )
    if isinstance(told.result, Reported) and told.result.claim is not None and told.result.is_new:
        follow(history, luck, somebody, account, told.result.claim)


def follow(
    history: History, luck: Random, somebody: Somebody, account: tuple[str, str], claim: Claim
) -> None:
    """What the insured sets out to do about a claim from here on."""
    bill = luck.choice((SMALL, SMALL, MIDDLE, LARGE))
    if luck.random() < 0.9:
        history.later(
            luck.uniform(60, 6 * HOUR),
            "send papers",
            send_papers,
            history,
            luck,
            somebody,
            account,
            claim,
            bill,
        )
    for day in range(luck.randint(2, 6)):
        own = Random(luck.random())
        history.later(
            luck.uniform(7 * HOUR, 30 * HOUR) + day * DAY,
            "look at the claim",
            look,
            history,
            own,
            somebody,
            account,
            claim.claim_no,
        )


def send_papers(
    history: History, luck: Random, somebody: Somebody, account: tuple[str, str], claim: Claim, bill_fen: int
) -> None:
    """Announce, upload and receive each paper; say that it is all."""
    claim_no = claim.claim_no
    # sometimes the same bill again, of another claim or of another phone
    name = f"{somebody.name}{luck.randint(1, 3)}" if luck.random() < 0.3 else claim_no
    receipt = receipt_facts(bill_fen, name)
    days = 14 if ClaimType.HOSPITAL in claim.claim_types else 0
    checked = a_checked_bill(receipt, days, accident_at=claim.accident.occurred_at, patient=somebody.name)
    history.world.outside.platform.put(checked)
    papers: list[tuple[DocumentType, Facts | None]] = [(kind, None) for kind in PAPERS]
    papers.append((DocumentType.INVOICE, receipt))
    if days:
        papers.append((DocumentType.ADMISSION_RECORD, DayFacts(days=days)))
    if ClaimType.LOST_INCOME in claim.claim_types:
        papers.append((DocumentType.SICK_LEAVE_CERTIFICATE, DayFacts(days=10)))
    for kind, facts in papers:
        send(history, luck, account, claim_no, kind, facts)
    if luck.random() < 0.95:
        by = Actor.worker(account[1])
        history.world.perform(
            account[0], "all_sent", lambda p: claims_of(p).collect_documents.all_sent(by, claim_no)
        )
        history.later(
            luck.uniform(60, 2 * HOUR),
            "all sent again",
            lambda: (
                history.world.perform(
                    account[0], "all_sent", lambda p: claims_of(p).collect_documents.all_sent(by, claim_no)
                )
                and None
            ),
        )


def send(
    history: History,
    luck: Random,
    account: tuple[str, str],
    claim_no: str,
    kind: DocumentType,
    facts: Facts | None,
) -> None:
    openid, worker_id = account
    world, by = history.world, Actor.worker(worker_id)
    content = a_jpeg(f"{claim_no} {kind}")
    announced = Announcement(
        doc_type=kind,
        content_type=ContentType.JPEG,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        facts=facts,
    )
    for _ in range(3):
        told = world.perform(
            openid, "add_document", lambda p: claims_of(p).collect_documents.announce(by, claim_no, announced)
        )
        if not told.is_ok:
            if told.is_unknown:
                continue
            return
        document = told.result.document
        world.services["s3"].put_object(Bucket=BUCKET, Key=document.object_key(), Body=content)
        received = world.perform(
            openid,
            "receive_document",
            lambda p, document=document: claims_of(p).collect_documents.receive(  # type: ignore[misc]
                by, claim_no, document.document_id
            ),
        )
        if not received.is_unknown:
            return


def look(history: History, luck: Random, somebody: Somebody, account: tuple[str, str], claim_no: str) -> None:
    """Read one's claim and do what it offers."""
    openid, worker_id = account
    world = history.world
    claim = history.watch.claims.get(claim_no)
    if claim is None:
        return
    if claim.status in ANSWERABLE:
        answer = AnswerKind.ACCEPT if luck.random() < 0.8 else AnswerKind.DISPUTE
        reason = None if answer is AnswerKind.ACCEPT else "金额太少"
        for _ in range(luck.choice((1, 1, 2))):  # the finger slips
            world.perform(
                openid,
                "answer_claim",
                lambda p: claims_of(p).answer_claim(worker_id, claim_no, answer, reason),
            )
    elif luck.random() < 0.1:
        world.perform(
            openid,
            "withdraw_claim",
            lambda p: claims_of(p).manage_own_claim.withdraw(worker_id, claim_no, "不申请了"),
        )
    elif luck.random() < 0.3:
        bank = BankAccount(
            holder=somebody.name, account_no=f"62220000{somebody.id_number[-8:-1]}0", bank_name="工商银行"
        )
        world.perform(openid, "state_payee", lambda p: payouts_of(p).state_payee(worker_id, claim_no, bank))
    elif luck.random() < 0.1:
        kinds = [luck.choice(list(ClaimConsentKind))]
        world.perform(
            openid,
            "withdraw_claim_consents",
            lambda p: claims_of(p).consents.withdraw(worker_id, claim_no, kinds),
        )
    stranger = history.cast.somebody(luck)
    if stranger is not somebody and luck.random() < 0.1:
        other = an_account(history, stranger, luck)
        if other is not None:
            told = world.perform(
                other[0],
                "answer another's claim",
                lambda p: claims_of(p).answer_claim(other[1], claim_no, AnswerKind.ACCEPT, None),
            )
            history.watch.must_be_refused(told, "answering another person's claim")


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
        history.world.perform(
            "uw-1",
            "void_policy",
            lambda p: p.wired(CoverWiring).void_policy("uw-1", number, EndReason.IDENTITY_THEFT),
        )
        return
    somebody = insured_of(history, claim)
    account = an_account(history, somebody, luck) if somebody is not None else None
    if account is not None:
        withdraw(history, account, list(ConsentKind), {"project_id": claim.policy.project_id})


@act(6)
def work_at_finance(history: History, luck: Random) -> None:
    """Finance starts a payment again, or two see a payee."""
    claim = a_claim(history, luck)
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


# ---- money -------------------------------------------------------------------------------------------


@act(9)
def move_money(history: History, luck: Random) -> None:
    """For some days users confirm at WeChat and banks settle."""
    for _ in range(luck.randint(2, 8)):
        own = Random(luck.random())
        history.later(luck.uniform(0, 4 * DAY), "money moves", _move_money, history, own)


def _move_money(history: History, luck: Random) -> None:
    """WeChat's user confirms, lets it lapse, or the bank sends money back; notices come, twice or not at all."""
    world = history.world
    for channel in luck.sample(list(Channel), 2):
        outside = world.outside.wallet if channel is Channel.WALLET else world.outside.bank
        for number in sorted(outside.bills):
            bill = outside.bills[number]
            if bill.state in {
                TransferState.WAIT_USER_CONFIRM,
                TransferState.PROCESSING,
                TransferState.ACCEPTED,
            }:
                state = TransferState.SUCCESS if luck.random() < 0.8 else TransferState.FAIL
                outside.finish(number, state)
            elif bill.state is TransferState.SUCCESS and luck.random() < 0.15:
                outside.return_money(number)
            else:
                continue
            for _ in range(luck.choice((0, 1, 1, 2))):
                history.later(
                    luck.uniform(0, 600),
                    "notice",
                    _notice,
                    history,
                    number,
                )
            if luck.random() < 0.7:
                return


def _notice(history: History, number: str) -> None:
    """WeChat's notice, as the door hands it on once it has proved and read it."""
    bill = history.world.outside.wallet.bills.get(number)
    if bill is None:
        return  # the bank sends none
    history.world.perform(
        "wechat",
        "receive_transfer_notice",
        lambda p: _receive(payouts_of(p).receive_transfer_notice)(
            number, f"EV-{number}-{bill.state}", bill.state.value
        ),
    )


def _receive(door: ReceiveTransferNotice) -> Callable[[str, str, str], None]:
    return door.receive


@act(4)
def be_refused_by_wechat(history: History, luck: Random) -> None:
    """For a while the merchant's account is empty, or WeChat answers that it failed."""
    outside = history.world.outside.wallet
    outside.refuses = luck.choice(("NOT_ENOUGH", "SYSTEM_ERROR", "FREQUENCY_LIMITED", "NO_AUTH"))
    history.later(luck.uniform(60, 4 * HOUR), "answer again", setattr, outside, "refuses", None)


@act(3)
def be_out(history: History, luck: Random) -> None:
    """Somebody outside, or a service of AWS, answers nothing for a while."""
    out = history.world.faults.out
    name = luck.choice(
        ("card", "wallet", "bank", "insurer", "platform", "messages", "sqs", "states", "s3", "kms")
    )
    out.add(name)
    history.later(luck.uniform(30, 3 * HOUR), "answer again", out.discard, name)
