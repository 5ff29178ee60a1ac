"""What the people of a journey do, each by themselves; nobody here draws lots."""

from datetime import timedelta
from typing import Any

from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Actor
from daycover.claims.collect import Announced
from daycover.claims.consents import ClaimConsentKind
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.evidence import Facts
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.report import LossReport, Reported
from daycover.cover.check_in import CheckIn, Device
from daycover.cover.policy import EndReason, Policy
from daycover.identity.consent import ConsentKind
from daycover.payouts.transfer import BankAccount, Channel, TransferState
from daycover.projects.place import Place
from daycover.wiring.access import AccessWiring
from daycover.wiring.cover import CoverWiring
from tests.functional.claims.aws import BUCKET
from tests.simulation.cast import SITE
from tests.simulation.claimant import HOUR, PAPERS, claims_of, payouts_of
from tests.simulation.processes import SimulatedAdapters
from tests.simulation.stage import AGAIN, COMPANY, Stage
from tests.support.claims import a_checked_bill, accepted, an_accident, an_announcement, receipt_facts
from tests.support.papers import a_jpeg

PENDING = {TransferState.ACCEPTED, TransferState.PROCESSING, TransferState.WAIT_USER_CONFIRM}


# ---- the gate ----------------------------------------------------------------------------------------


def _cover(process: SimulatedAdapters) -> CoverWiring:
    return process.wired(CoverWiring)


def arrive(stage: Stage, *, app_comes_back: bool = True) -> None:
    """Sign in, consent, check in, show a face, ask for the policy."""
    openid = stage.openid

    def signed_in(worker_id: str) -> None:
        stage.person.worker_ids[openid] = worker_id
        consent(stage, app_comes_back)

    stage.ask(openid, "sign_in_worker", lambda p: p.wired(AccessWiring).sign_in_worker(openid), signed_in)


def consent(stage: Stage, app_comes_back: bool) -> None:
    worker_id, code, now = stage.worker_id, stage.code, stage.world.now()
    shown = _cover(stage.world.observer).preview_cover(worker_id, code)
    accepted = {text.kind: (text.sha256, now) for text in shown.texts}
    stage.ask(
        stage.openid,
        "give_consents",
        lambda p: _cover(p).preview_cover.accept(worker_id, code, accepted),
        lambda _: check_in(stage, app_comes_back),
    )


def check_in(stage: Stage, app_comes_back: bool = True) -> None:
    def start(process: SimulatedAdapters) -> Any:
        now = stage.world.now()
        place = Place(latitude=SITE.latitude, longitude=SITE.longitude, accuracy_m=15.0, fixed_at=now)
        device = Device(id=stage.openid, time=now)
        stated = stage.person.name, stage.person.id_number
        return _cover(process).start_check_in(stage.worker_id, stage.code, stated, place, device)

    def started(found: Any) -> None:
        if (
            isinstance(found, CheckIn) and found.token is None
        ):  # "another scan is asking": the app waits and looks
            stage.later(AGAIN, "scan again", check_in, stage, app_comes_back)
        elif isinstance(found, CheckIn):
            stage.later(10, "show a face", show_face, stage, found, app_comes_back)

    stage.ask(stage.openid, "start_check_in", start, started)


def show_face(stage: Stage, started: CheckIn, app_comes_back: bool) -> None:
    stage.world.outside.card.show_face(started.authenticate_number)
    if app_comes_back:
        stage.later(3, "ask for the policy", issue, stage, started.check_in_id)


def issue(stage: Stage, check_in_id: str) -> None:
    worker_id = stage.worker_id
    stage.ask(stage.openid, "issue_policy", lambda p: _cover(p).prove_check_in(worker_id, check_in_id))


def latest_policy(stage: Stage) -> Policy:
    return stage.watch.policies_of(stage.person)[-1]


def cancel(stage: Stage) -> None:
    worker_id, number = stage.worker_id, latest_policy(stage).policy_no
    stage.ask(
        stage.openid,
        "cancel_policy",
        lambda p: _cover(p).cancel_policy.by_worker(worker_id, number, EndReason.NOT_NEEDED),
    )


def void(stage: Stage) -> None:
    number = latest_policy(stage).policy_no
    stage.ask(
        "uw-1", "void_policy", lambda p: _cover(p).void_policy("uw-1", number, EndReason.IDENTITY_THEFT)
    )


def withdraw(stage: Stage) -> None:
    worker_id, asked = stage.worker_id, stage.world.now()
    stage.ask(
        stage.openid,
        "withdraw_consents",
        lambda p: _cover(p).withdraw_consents(worker_id, list(ConsentKind), company_id=COMPANY),
        lambda _: stage.watch.withdrawn(worker_id, {"company_id": COMPANY}, asked),
    )


def erase(stage: Stage) -> None:
    worker_id, asked = stage.worker_id, stage.world.now()
    stage.ask(
        stage.openid,
        "erase_worker",
        lambda p: _cover(p).erase_worker.request(worker_id),
        lambda _: stage.watch.erased(worker_id, asked),
    )


def take_erasure_back(stage: Stage) -> None:
    worker_id = stage.worker_id
    stage.watch.erasures.pop(worker_id, None)
    stage.ask(stage.openid, "withdraw_erasure", lambda p: _cover(p).erase_worker.withdraw(worker_id))


# ---- claims ------------------------------------------------------------------------------------------


def report(stage: Stage, bill_fen: int) -> None:
    """Report an accident of half an hour ago; send the papers an hour later."""
    worker_id, now = stage.worker_id, stage.world.now()
    said = LossReport(
        policy_no=latest_policy(stage).policy_no,
        accident=an_accident(now - timedelta(minutes=30)),
        claim_types=(ClaimType.MEDICAL,),
        first_treated_at=None,
        consents=accepted(*ClaimConsentKind, at=now),
    )

    def reported(found: Reported) -> None:
        stage.later(HOUR, "send papers", send_papers, stage, bill_fen)

    stage.ask(stage.openid, "report_claim", lambda p: claims_of(p).report_claim(worker_id, said), reported)


def send_papers(stage: Stage, bill_fen: int) -> None:
    claim = stage.claim
    assert claim is not None
    receipt = receipt_facts(bill_fen, "A1")
    bill = a_checked_bill(receipt, accident_at=claim.accident.occurred_at, patient=stage.person.name)
    stage.world.outside.platform.put(bill)
    papers: list[tuple[DocumentType, Facts | None]] = [(kind, None) for kind in PAPERS]
    send_next(stage, claim.claim_no, [*papers, (DocumentType.INVOICE, receipt)])


def send_next(stage: Stage, claim_no: str, papers: list[tuple[DocumentType, Facts | None]]) -> None:
    """Announce, upload and confirm one paper after the other; then say that it is all."""
    by, openid = Actor.worker(stage.worker_id), stage.openid
    if not papers:
        stage.ask(openid, "all_sent", lambda p: claims_of(p).collect_documents.all_sent(by, claim_no))
        return
    kind, facts = papers[0]
    content = a_jpeg(f"{claim_no} {kind}")
    announced = an_announcement(kind, facts, content)

    def upload(known: Announced) -> None:
        document = known.document
        stage.world.services["s3"].put_object(Bucket=BUCKET, Key=document.object_key(), Body=content)
        stage.ask(
            openid,
            "receive_document",
            lambda p: claims_of(p).collect_documents.receive(by, claim_no, document.document_id),
            lambda _: send_next(stage, claim_no, papers[1:]),
        )

    stage.ask(
        openid,
        "add_document",
        lambda p: claims_of(p).collect_documents.announce(by, claim_no, announced),
        upload,
    )


def look_after(stage: Stage, decision: Decision = Decision.APPROVED) -> None:
    """What staff and the insured see about the claim every hour, and do."""
    claim, worker_id = stage.claim, stage.worker_id
    if claim is None:
        return
    number = claim.claim_no
    match claim.status:
        case ClaimStatus.IN_REVIEW:
            verdict = Verdict(decision, None, "WITHIN_TERMS", "单据齐全")
            stage.ask("adj-1", "decide_claim", lambda p: claims_of(p).decide_claim("adj-1", number, verdict))
        case ClaimStatus.DECIDED:
            stage.ask(
                "sen-1",
                "acknowledge_decision",
                lambda p: claims_of(p).acknowledge_decision("sen-1", number, True, None),
            )
        case ClaimStatus.ACKNOWLEDGED:
            stage.ask(
                stage.openid,
                "answer_claim",
                lambda p: claims_of(p).answer_claim(worker_id, number, AnswerKind.ACCEPT, None),
            )


def state_account(stage: Stage) -> None:
    worker_id, claim = stage.worker_id, stage.claim
    assert claim is not None
    number = claim.claim_no
    account = BankAccount(holder=stage.person.name, account_no="6222000012345678", bank_name="工商银行")
    stage.ask(stage.openid, "state_payee", lambda p: payouts_of(p).state_payee(worker_id, number, account))


# ---- money -------------------------------------------------------------------------------------------


def move_money(stage: Stage, state: TransferState = TransferState.SUCCESS) -> None:
    """Users confirm (or let it lapse) and the bank settles what waits; WeChat tells of it."""
    for channel in Channel:
        outside = _outside(stage, channel)
        for number in sorted(outside.bills):
            if outside.bills[number].state in PENDING:
                outside.finish(number, state)
                if channel is Channel.WALLET:
                    tell(stage, number)


def tell(stage: Stage, number: str) -> None:
    said = stage.world.outside.wallet.bills[number].state.value
    stage.ask(
        "wechat",
        "receive_transfer_notice",
        lambda p: payouts_of(p).receive_transfer_notice.receive(number, f"EV-{number}-{said}", said),
    )


def send_back(stage: Stage) -> None:
    """The payee's bank returns everything that was paid."""
    for channel in Channel:
        outside = _outside(stage, channel)
        for number in sorted(outside.bills):
            if outside.bills[number].state is TransferState.SUCCESS:
                outside.return_money(number)


def _outside(stage: Stage, channel: Channel) -> Any:
    return stage.world.outside.wallet if channel is Channel.WALLET else stage.world.outside.bank


def pay_again(stage: Stage) -> None:
    claim = stage.claim
    assert claim is not None
    number = claim.claim_no
    stage.ask("fin-1", "trigger_payout", lambda p: payouts_of(p).trigger_payout(number))


# ---- the insurer -------------------------------------------------------------------------------------


def answer_rows(stage: Stage) -> None:
    stage.world.outside.insurer.answer_waiting()
