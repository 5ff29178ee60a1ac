"""What the hurt do: report an accident, send papers, look at their claim and answer."""

from random import Random
from typing import Any

from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Actor, Claim
from daycover.claims.consents import ClaimConsentKind
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.evidence import DayFacts, Facts
from daycover.claims.lifecycle import ClaimStatus
from daycover.claims.report import LossReport, Reported
from daycover.cover.policy import Policy
from daycover.payouts.transfer import BankAccount
from daycover.wiring.claims import ClaimsWiring
from daycover.wiring.payouts import PayoutsWiring
from tests.functional.claims.aws import BUCKET
from tests.simulation.cast import Somebody
from tests.simulation.gate import a_policy_of, an_account, proved_to_be
from tests.simulation.history import History, act
from tests.simulation.processes import SimulatedAdapters
from tests.support.claims import a_checked_bill, accepted, an_accident, an_announcement, receipt_facts
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
        accident=an_accident(occurred_at),
        claim_types=types,
        first_treated_at=None,
        consents=accepted(*ClaimConsentKind, at=now),
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
    if ClaimType.DISABILITY in claim.claim_types:
        papers.append((DocumentType.DISABILITY_APPRAISAL, None))
    for kind, facts in papers:
        send(history, account, claim_no, kind, facts)
    if luck.random() < 0.95:
        by = Actor.worker(account[1])

        def say_so() -> None:
            history.world.perform(
                account[0], "all_sent", lambda p: claims_of(p).collect_documents.all_sent(by, claim_no)
            )

        say_so()
        history.later(luck.uniform(60, 2 * HOUR), "all sent again", say_so)


def send(
    history: History,
    account: tuple[str, str],
    claim_no: str,
    kind: DocumentType,
    facts: Facts | None,
    copy: str = "",
    by: Actor | None = None,
) -> None:
    """Send one paper; `copy` tells one from another of its kind, `by` is a clerk who files it for the family."""
    openid, worker_id = account
    world, by = history.world, by or Actor.worker(worker_id)
    content = a_jpeg(f"{claim_no} {kind}{copy}")
    announced = an_announcement(kind, facts, content)
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
        bank = BankAccount(holder=somebody.name, account_no=somebody.account_no, bank_name="工商银行")
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
            was = proved_to_be(history, other[1])
            told = world.perform(
                other[0],
                "answer another's claim",
                lambda p: claims_of(p).answer_claim(other[1], claim_no, AnswerKind.ACCEPT, None),
            )
            if claim.policy.person_id not in {was, proved_to_be(history, other[1])}:
                history.watch.must_be_refused(told, "answering another person's claim")
