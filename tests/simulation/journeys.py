"""The journeys whose operations are attacked, each in calm weather: what happens, and what everybody does again.

Nobody here draws lots: a journey is the same every time, but for what a crash makes of it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any, NamedTuple

from daycover.china_time import china_day
from daycover.claims.answer import AnswerKind
from daycover.claims.claim import Accident, Actor, Claim
from daycover.claims.consents import CLAIM_TEXTS, Accepted
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentType
from daycover.claims.lifecycle import ClaimStatus, Decision
from daycover.claims.report import LossReport, Reported
from daycover.cover.check_in import CheckIn, Device
from daycover.cover.open_project import NewProject
from daycover.cover.policy import EndReason, Policy
from daycover.identity.consent import ConsentKind
from daycover.payouts.transfer import BankAccount, Channel, TransferState
from daycover.projects.company import Authorisation, Company
from daycover.projects.contract import Contract
from daycover.projects.place import Place
from daycover.projects.project import Scene, Shift
from daycover.reporting.breaks import BreakStatus
from daycover.reporting.rows import RowState
from daycover.wiring.access import AccessWiring
from daycover.wiring.cover import CoverWiring
from tests.functional.claims.aws import OPERATIONS
from tests.simulation.cast import PROVIDER, SITE, Cast, Somebody, made_up_people, open_project
from tests.simulation.desk import PAPERS, claims_of, payouts_of, send
from tests.simulation.invariants import Watch
from tests.simulation.processes import SimulatedAdapters
from tests.simulation.world import World
from tests.support.claims import a_checked_bill, receipt_facts
from tests.support.enrolled import a_provider, enrol

START = datetime(2026, 12, 1, 1, tzinfo=UTC)
"""Nine in the morning at the gate."""
AGAIN = 7.0
"""Seconds after which somebody without an answer asks again."""
PATIENCE = 4
MINUTE, HOUR, DAY = 60, 3_600, 86_400
COMPANY = "C1"
PENDING = {TransferState.ACCEPTED, TransferState.PROCESSING, TransferState.WAIT_USER_CONFIRM}

Asked = Callable[[SimulatedAdapters], Any]


class Stage:
    """One person, one company with a project, and what they set out to do; stands for a history to its acts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cast: Cast = made_up_people(Random("crash"), 1)
        self.person: Somebody = self.cast.people[0]
        self.openid = self.person.openids[0]
        self.watch = Watch(world, self.cast)
        self.refused: Counter[tuple[str, str]] = Counter()
        """What somebody who asked again was refused, or at once."""
        observer = world.observer
        contract = Contract(
            valid_from=china_day(START), insurer="PAIC", due_days=10, commission_bps=500, partitions=1
        )
        company = Company(company_id=COMPANY, name="甲劳务", sub_mchid="1900000101", contracts=(contract,))
        by_provider = Authorisation(provider_id=PROVIDER, company_id=COMPANY, granted_at=START)
        self.cast.company_ids.append(COMPANY)
        enrol(observer.companies, a_provider(PROVIDER), company, by_provider, at=START)
        open_project(self.cast, observer, COMPANY, _wanted())

    @property
    def worker_id(self) -> str:
        return self.person.worker_ids[self.openid]

    @property
    def code(self) -> str:
        return self.cast.codes[self.cast.projects[0][1]][-1]

    def at(self, seconds: float, doing: Callable[..., object], *of: object, **named: object) -> None:
        """Plan what somebody does, so long after the beginning."""
        act = partial(doing, self, *of, **named)
        self.world.agenda.at(START + timedelta(seconds=seconds), doing.__name__, act)

    def later(self, seconds: float, name: str, doing: Callable[..., object], *of: object) -> None:
        self.world.agenda.after(timedelta(seconds=seconds), name, partial(doing, *of))

    def ask(
        self,
        who: str,
        what: str,
        act: Asked,
        then: Callable[[Any], object] = lambda result: None,
        again: int = 0,
    ) -> None:
        """Ask something, and once more after a while where there was no answer; `then` is told the result."""
        told = self.world.perform(who, what, act)
        if told.is_ok:
            then(told.result)
        elif told.is_unknown and again < PATIENCE:
            self.later(AGAIN, f"{what} again", self.ask, who, what, act, then, again + 1)
        elif told.refusal is not None:
            self.refused[what, type(told.refusal).__name__] += 1

    @property
    def claim(self) -> Claim | None:
        """The one there is."""
        return next((self.world.observer.claims.get(number) for number in sorted(self.watch.claims)), None)


def _wanted() -> NewProject:
    today = china_day(START)
    return NewProject(
        name="冷链仓库分拣",
        employer_name="北仑冷链物流园",
        site=SITE,
        scene=Scene.LOGISTICS,
        occupation_code="PARCEL_SORTER",
        plan_id="T2",
        shift=Shift(starts_at=time(0), ends_at=time(0)),
        starts_on=today,
        ends_on=today + timedelta(days=30),
        headcount=30,
    )


# ---- outcomes ----------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """What must be the same whether or not a process died: no numbers and no times of day."""

    policies: Mapping[Any, int]
    claims: Mapping[Any, int]
    payouts: Mapping[Any, int]
    money_fen: Mapping[str, int]
    statements: Mapping[Any, Any]
    reported: Mapping[Any, int]
    journal: Mapping[Any, int]
    breaks: Mapping[Any, int]
    worker: Any

    def differences(self, other: "Outcome") -> Iterator[tuple[str, Any, Any]]:
        for name, mine, its in zip(self._fields, self, other, strict=True):
            if mine != its:
                yield name, mine, its


def outcome_of(stage: Stage) -> Outcome:
    world, watch = stage.world, stage.watch
    observer, outside = world.observer, world.outside
    days = [china_day(START) + timedelta(days=n) for n in range((world.now() - START).days + 1)]
    claims = [observer.claims.get(number) for number in watch.claims]
    statements = {day: observer.statements.latest(COMPANY, day) for day in days}
    journal: Counter[Any] = Counter()
    for day in days:
        for entry in observer.journal.of_day(COMPANY, day):
            journal[entry.kind.value] += entry.receivable_fen
    return Outcome(
        policies=Counter(
            (p.status.value, p.premium_fen, p.ended and (p.ended.reason.value, p.ended.refund_fen))
            for p in watch.policies.values()
        ),
        claims=Counter(
            (
                c.status.value,
                str(c.attention),
                tuple((o.state.value, o.amount_fen) for r in c.rounds for o in r.obligations),
            )
            for c in claims
        ),
        payouts=Counter((p.state.value, p.amount_fen, p.channel.value) for p in watch.payouts.values()),
        money_fen={
            channel.value: sum(line.left_fen for _, line in outside.account(channel).lines)
            for channel in Channel
        },
        statements={day: found and found.premium_fen for day, found in statements.items()},
        reported=Counter(state.value for state in outside.insurer.rows.values()),
        journal=journal,
        breaks=Counter(found.difference.kind.value for found in _breaks(watch)),
        worker=_worker(stage),
    )


def _breaks(watch: Watch) -> Sequence[Any]:
    return [one for status in BreakStatus for one in watch.world.observer.breaks.list_by(status)[0]]


def _worker(stage: Stage) -> Any:
    """What is kept of the account: whether it is locked, erased, known by name, and how many items of each kind."""
    worker = stage.world.observer.workers.find(stage.worker_id)
    if worker is None:
        return None
    kinds: Counter[str] = Counter()
    for item in stage.world.dynamodb.everything(OPERATIONS):
        if item["pk"]["S"] == f"WORKER#{stage.worker_id}":
            kinds[item["sk"]["S"].partition("#")[0]] += 1
    is_known = worker.name is not None
    return worker.locked_at is not None, worker.erased_at is not None, is_known, dict(kinds)


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
    accident = Accident(
        occurred_at=now - timedelta(minutes=30),
        place="三号分拣线",
        description="脚趾被传送带夹伤",
        injury="右脚拇趾骨折",
    )
    said = LossReport(
        policy_no=latest_policy(stage).policy_no,
        accident=accident,
        claim_types=(ClaimType.MEDICAL,),
        first_treated_at=None,
        consents=tuple(Accepted(text.kind, text.sha256, now) for text in CLAIM_TEXTS),
    )

    def reported(found: Reported) -> None:
        stage.later(HOUR, "send papers", send_papers, stage, bill_fen)

    stage.ask(stage.openid, "report_claim", lambda p: claims_of(p).report_claim(worker_id, said), reported)


def send_papers(stage: Stage, bill_fen: int) -> None:
    claim, account = stage.claim, (stage.openid, stage.worker_id)
    assert claim is not None
    receipt = receipt_facts(bill_fen, "A1")
    bill = a_checked_bill(receipt, accident_at=claim.accident.occurred_at, patient=stage.person.name)
    stage.world.outside.platform.put(bill)
    for kind in PAPERS:
        send(stage, Random(0), account, claim.claim_no, kind, None)
    send(stage, Random(0), account, claim.claim_no, DocumentType.INVOICE, receipt)
    by, number = Actor.worker(stage.worker_id), claim.claim_no
    stage.ask(stage.openid, "all_sent", lambda p: claims_of(p).collect_documents.all_sent(by, number))


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


# ---- journeys ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Journey:
    """`operations` are attacked: use cases by what is asked, functions by their names."""

    name: str
    operations: frozenset[str]
    plan: Callable[[Stage], None]
    days: float


JOURNEYS: dict[str, Journey] = {}


def journey(days: float, *operations: str) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    def known(plan: Callable[[Stage], None]) -> Callable[[Stage], None]:
        JOURNEYS[plan.__name__] = Journey(plan.__name__, frozenset(operations), plan, days)
        return plan

    return known


DAY_AND_NIGHT = 1.7
"""Days from nine in the morning until the day is closed, reconciled and reported, and a while more."""
FOLLOWING = "record_cover", "archive_policy", "report_to_insurer"
"""What follows from a policy's being written, or its end."""


@journey(
    1 + DAY_AND_NIGHT,
    "sign_in_worker",
    "give_consents",
    "start_check_in",
    "issue_policy",
    "complete_check_in",
    *FOLLOWING,
)
def issue_a_policy(stage: Stage) -> None:
    """A first day of cover, and the next one bought before it ends."""
    stage.at(0, arrive)
    stage.at(23 * HOUR, check_in)


@journey(DAY_AND_NIGHT, "start_check_in", "complete_check_in", *FOLLOWING)
def issue_without_the_app(stage: Stage) -> None:
    """The app never comes back: the queue asks the work card."""
    stage.at(0, arrive, app_comes_back=False)


CLAIM = (
    "report_claim",
    "add_document",
    "receive_document",
    "all_sent",
    "register_claim",
    "open_claim_step",
    "verify_bills",
    "assess_claim",
    "answer_claim",
    "follow_claims",
    "inform_worker",
)
PAYOUT = (
    "reserve_payout",
    "submit_payout",
    "hold_payout",
    "confirm_payout",
    "post_payout",
    "receive_transfer_notice",
    "close_claim",
)
SMALL, LARGE = 60_000, 400_000
"""Bills in fen that the machine approves, and that people decide."""


def hurt(stage: Stage, bill_fen: int, **looks: Any) -> None:
    stage.at(0, arrive)
    stage.at(HOUR, report, bill_fen)
    for half_hours in range(5, 12):
        stage.at(half_hours * HOUR / 2, look_after, **looks)


@journey(DAY_AND_NIGHT, *CLAIM)
def claim_decided_by_the_machine(stage: Stage) -> None:
    hurt(stage, SMALL)
    stage.at(6 * HOUR, move_money)


@journey(DAY_AND_NIGHT, *CLAIM, "decide_claim", "acknowledge_decision")
def claim_decided_by_people(stage: Stage) -> None:
    hurt(stage, LARGE)
    stage.at(6 * HOUR, move_money)


@journey(
    DAY_AND_NIGHT, "decide_claim", "acknowledge_decision", "notify_refusal", "close_claim", "inform_worker"
)
def claim_refused(stage: Stage) -> None:
    hurt(stage, LARGE, decision=Decision.DECLINED)


@journey(DAY_AND_NIGHT, *PAYOUT)
def payout(stage: Stage) -> None:
    """Paid to the wallet; the insured confirms in WeChat the same evening."""
    hurt(stage, SMALL)
    stage.at(6 * HOUR, move_money)
    stage.at(7 * HOUR, move_money)


@journey(DAY_AND_NIGHT, *PAYOUT, "record_payout_failure", "trigger_payout")
def payout_lapsed(stage: Stage) -> None:
    """Nobody confirms in time; finance pays once more."""
    hurt(stage, SMALL)
    stage.at(6 * HOUR, move_money, TransferState.FAIL)
    stage.at(8 * HOUR, pay_again)
    stage.at(9 * HOUR, move_money)
    stage.at(10 * HOUR, move_money)


@journey(2 + DAY_AND_NIGHT, *PAYOUT[:-2], "state_payee", "close_claim", "reconcile_wallet", "trigger_payout")
def payout_bounced(stage: Stage) -> None:
    """Paid to a bank account that turns out to be closed; finance pays again to the next."""
    hurt(stage, SMALL)
    stage.at(2.5 * HOUR, state_account)
    stage.at(6 * HOUR, move_money)
    stage.at(30 * HOUR, send_back)
    stage.at(52 * HOUR, pay_again)
    stage.at(54 * HOUR, move_money)
    stage.at(55 * HOUR, move_money)


@journey(1 + DAY_AND_NIGHT, "list_companies", "issue_statement")
def close_a_day(stage: Stage) -> None:
    """One policy billed and the next cancelled before it began."""
    stage.at(0, arrive)
    stage.at(23 * HOUR, check_in)
    stage.at(23.5 * HOUR, cancel)


@journey(
    1 + DAY_AND_NIGHT,
    "list_companies",
    "send_daily_file",
    "reconcile_company",
    "reconcile_wallet",
    "reconcile_bank",
)
def reconcile_a_day(stage: Stage) -> None:
    """A policy and a payout; the insurer answers its rows a day late."""
    stage.world.outside.insurer.verdict = lambda row: RowState.PENDING
    hurt(stage, SMALL)
    stage.at(6 * HOUR, move_money)
    stage.at(20 * HOUR, answer_rows)


def answer_rows(stage: Stage) -> None:
    insurer = stage.world.outside.insurer
    insurer.verdict = lambda row: RowState.ACKNOWLEDGED
    for row_id, state in insurer.rows.items():
        if state is RowState.PENDING:
            insurer.rows[row_id] = RowState.ACKNOWLEDGED


@journey(DAY_AND_NIGHT, "erase_worker", "complete_check_in", "purge_locations")
def erase_somebody_never_insured(stage: Stage) -> None:
    """Asked for while a check-in waits for its face."""
    stage.at(0, arrive, app_comes_back=False)
    stage.at(8, erase)


@journey(DAY_AND_NIGHT, "erase_worker", "withdraw_erasure", "purge_locations")
def erase_somebody_insured(stage: Stage) -> None:
    """Asked for under cover, taken back and asked for again."""
    stage.at(0, arrive)
    stage.at(2 * HOUR, erase)
    stage.at(3 * HOUR, take_erasure_back)
    stage.at(4 * HOUR, erase)


@journey(1 + DAY_AND_NIGHT, "withdraw_consents", *FOLLOWING)
def withdraw_consents(stage: Stage) -> None:
    """Withdrawn under cover, while the next day's check-in waits for its face."""
    stage.at(0, arrive)
    stage.at(23 * HOUR, check_in)
    stage.at(23 * HOUR + 5, withdraw)


@journey(DAY_AND_NIGHT, "void_policy", "flag_claims", *FOLLOWING)
def void_a_policy(stage: Stage) -> None:
    """Voided while a payout on it waits for its confirmation in WeChat."""
    hurt(stage, SMALL)
    stage.at(5 * HOUR, void)
    stage.at(6 * HOUR, move_money)


@journey(1 + DAY_AND_NIGHT, "cancel_policy", "flag_claims", *FOLLOWING)
def cancel_a_policy(stage: Stage) -> None:
    """Tomorrow's cover is bought and cancelled before it begins."""
    stage.at(0, arrive)
    stage.at(23 * HOUR, check_in)
    stage.at(23.5 * HOUR, cancel)
