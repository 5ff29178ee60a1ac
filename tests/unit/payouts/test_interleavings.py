"""Three claims of one person on two policies that share a bill, and everybody acts in any order.

People decide, the insured answers, executions of Payout go on step by step beside each other, WeChat and the bank
do as they like, answers are lost, processes die, policies end, data is erased. Whatever comes of it is lawful or
refused; after every act the policies' limits hold and the money that left is the money that the claims know of.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from daycover.claims.adjudication import DAYS_PER_POLICY
from daycover.claims.answer import AnswerKind
from daycover.claims.attention import Attention
from daycover.claims.claim import Claim
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType, DocumentStatus
from daycover.claims.exposure import LUMP_SUMS, NOTHING_HELD
from daycover.claims.judge import DocumentVerdict
from daycover.claims.lifecycle import PAYING_DECISIONS, ClaimEvent, ClaimStatus, Decision
from daycover.claims.obligation import Obligation, ObligationState
from daycover.claims.round import Round
from daycover.claims.state_advance import CertainPart
from daycover.claims.steps import WaitStep
from daycover.cover.erase import EraseWorker
from daycover.cover.policy import Ending, EndReason, Policy, PolicyStatus
from daycover.cover.stop import StopApplications
from daycover.errors import DaycoverError
from daycover.identity.document import IdDocumentType
from daycover.payouts.outcome import Outcome
from daycover.payouts.transfer import BankAccount, Transfer, TransferState
from tests.support.builders import WORKER, a_policy
from tests.support.claims import ACCIDENT_AT
from tests.support.fakes.cover import FakePolicies, FakeReferrals, FakeVisits
from tests.support.fakes.identity import FakeErasures
from tests.support.fakes.payouts import SLOW, FakeTransfers
from tests.support.fakes.port import Crash
from tests.unit.claims.world import World

BILL_FEN = 1_000_000
MEDICAL_LIMIT_FEN, SUM_INSURED_FEN, DAILY_FEN = 3_000_000, 30_000_000, 10_000
"""Plan T2."""
ACCOUNT = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
OPEN_BILLS = frozenset(TransferState) - {
    TransferState.SUCCESS,
    TransferState.FAIL,
    TransferState.CANCELLED,
    TransferState.RETURNED,
}
AMOUNTS = (None, None, 90_000, 300_000, 300_000, 500_000, 902_000, 902_000, 2_900_000, 29_000_000, 29_000_000)
"""What adjusters decide, in fen; None: as assessed."""
ENDED = (PolicyStatus.VOIDED, PolicyStatus.CANCELLED, PolicyStatus.TERMINATED)


class Execution:
    """One run of the Payout definition, a state at a time."""

    def __init__(
        self, world: World, claim_no: str, obligation: int | None = None, advance: int | None = None
    ) -> None:
        self.world, self.claim_no, self.obligation, self.advance = world, claim_no, obligation, advance
        self.payout_id: str | None = None
        self.outcome = Outcome.RESERVED
        self.asked = 0
        self.state: Callable[[], Callable[[], object] | None] | None = self.reserve

    def go_on(self) -> None:
        if self.state is None:
            return
        state, self.state = self.state, None  # a process that dies here leaves no execution
        self.state = state()  # type: ignore[assignment]

    def reserve(self) -> Callable[[], object] | None:
        self.outcome, self.payout_id = self.world.pay.reserve(
            self.claim_no, obligation=self.obligation, advance=self.advance
        )
        return {
            Outcome.RESERVED: self.submit,
            Outcome.IDENTITY_REQUIRED: self.identify,
            Outcome.SUCCEEDED: self.post,
            Outcome.PAYEE_MISSING: self.record,
            Outcome.ADVANCE_PENDING: self.record,
        }.get(self.outcome)

    def identify(self) -> Callable[[], object] | None:
        assert self.payout_id is not None
        self.world.request_identity.hold(self.claim_no, self.payout_id, f"{self.payout_id}-identity")
        for staff_id in ("finance-1", "finance-2"):
            self.world.confirm_identity(staff_id, self.claim_no, IdDocumentType.RESIDENT_ID)
        return self.submit

    def submit(self) -> Callable[[], object] | None:
        assert self.payout_id is not None
        self.outcome = self.world.pay.submit(self.payout_id)
        return {
            Outcome.IDENTITY_REQUIRED: self.identify,
            Outcome.FAILED: self.record,
            Outcome.STOPPED: None,
            Outcome.SUCCEEDED: self.post,
        }.get(self.outcome, self.confirm)

    def confirm(self) -> Callable[[], object] | None:
        assert self.payout_id is not None
        self.asked += 1
        self.world.pay.hold(self.payout_id, f"{self.payout_id}-{self.asked}")
        self.outcome = self.world.pay.confirm(self.payout_id)
        if self.asked > 6 and self.outcome is not Outcome.SUCCEEDED:
            return self.record
        return {Outcome.SUCCEEDED: self.post, Outcome.FAILED: self.record, Outcome.NOT_SENT: self.submit}.get(
            self.outcome, self.confirm
        )

    def post(self) -> None:
        assert self.payout_id is not None
        self.world.pay.post(self.payout_id)

    def record(self) -> None:
        self.world.pay.record_failure(self.claim_no, self.outcome, self.payout_id, advance=self.advance)


class Scene:
    """The world, its three claims, and the acts by name; `choice` picks among what an act can do."""

    def __init__(self) -> None:
        first = a_policy()
        second = a_policy(sequence=2, company_id="C2")
        self.world = World(first, second, wallet_limit_fen=400_000)
        self.policies = [first.policy_no, second.policy_no]
        later = ACCIDENT_AT + timedelta(minutes=40)
        self.claims = [
            self.reported(first, "A1").claim_no,
            self.reported(first, "B1", occurred_at=later).claim_no,
            self.reported(second, "A1").claim_no,  # the same bill as the first
        ]
        for claim_no in self.claims:
            self.world.assess(claim_no)
        for claim_no in (self.claims[0], self.claims[2]):
            self.account(claim_no, 0)
        self.world.at += timedelta(days=61)  # advances are due
        referrals = FakeReferrals(self.world.steps)
        self.erasing = EraseWorker(
            now=lambda: self.world.at,
            workers=self.world.workers,
            consents=self.world.cover_consents,
            check_ins=self.world.check_ins,
            referrals=referrals,
            visits=FakeVisits(self.world.steps),
            vault=self.world.vault,
            policies=self.world.policies,
            designations=self.world.designations,
            reported_at=lambda worker_id, person_id: None,
            erasures=FakeErasures(self.world.steps),
            stop=StopApplications(
                now=lambda: self.world.at,
                workers=self.world.workers,
                check_ins=self.world.check_ins,
                referrals=referrals,
                policies=FakePolicies(steps=self.world.steps),
            ),
        )
        self.executions: list[Execution] = []
        self.started = 0
        self.sent: set[str] = set()
        self.stood: dict[str, Policy] = {}
        """The policies as they were when the act began: no call can see what ends them later."""
        self.begin()

    def reported(self, policy: Policy, invoice_no: str, **changes: Any) -> Claim:
        world = self.world
        claim = world.documented(
            bill_fen=BILL_FEN, invoice_no=invoice_no, policy_no=policy.policy_no, **changes
        )
        for document in world.documents.list_of(claim.claim_no):
            verdict = DocumentVerdict(DocumentStatus.ACCEPTED, "GENUINE", "原件无误")
            world.judge("S9", claim.claim_no, document.document_id, verdict)
        return claim

    def begin(self) -> None:
        self.stood = {policy_no: self.world.policies.get(policy_no) for policy_no in self.policies}
        self.world.steps.calm()

    def act(self, name: str, place: int, choice: int) -> None:
        self.world.at += timedelta(minutes=1)
        claim_no = self.claims[place]
        getattr(self, name)(claim_no, choice)

    # -- people

    def go_on(self, claim_no: str, choice: int) -> None:
        """Whatever comes next for the claim."""
        claim = self.world.claims.get(claim_no)
        if claim.status is ClaimStatus.IN_REVIEW:
            (self.decide if claim.round.referred_for else self.assess)(claim_no, choice)
        elif claim.status is ClaimStatus.DECIDED:
            self.acknowledge(claim_no, choice)
        elif claim.status is ClaimStatus.ACKNOWLEDGED:
            (self.accept if claim.decision in PAYING_DECISIONS else self.close)(claim_no, choice)
        elif claim.status in {ClaimStatus.DISPUTED, ClaimStatus.REOPENED}:
            self.resume(claim_no, choice)
        elif claim.status in {ClaimStatus.AGREED, ClaimStatus.PAYING}:
            going = [x for x in self.executions if x.claim_no == claim_no and x.state is not None]
            if claim.attention is Attention.PAYEE_MISSING and choice % 2:
                self.account(claim_no, choice)
            elif not going:
                self.world.trigger(claim_no)
            for _ in range(2):
                self.run(going, choice)
            if choice % 3:
                self.confirmed_by_user(claim_no, choice)
        elif claim.status is ClaimStatus.PAID:
            self.close(claim_no, choice)
        else:
            self.reopen(claim_no, choice)

    def assess(self, claim_no: str, choice: int) -> None:
        self.world.assess(claim_no)

    def decide(self, claim_no: str, choice: int) -> None:
        amount = AMOUNTS[choice % len(AMOUNTS)]
        decision = Decision.APPROVED if amount is None else Decision.PARTIAL
        if choice % 13 == 12:
            decision, amount = Decision.DECLINED, 0
        benefits = None
        if amount and choice % 3 == 0:
            medical = min(amount, 700_000)
            benefits = {ClaimType.MEDICAL: medical, ClaimType.DISABILITY: amount - medical}
        verdict = Verdict(decision, amount, "WITHIN_TERMS", "单据齐全", benefits)
        self.world.decide("S1", claim_no, verdict)

    def acknowledge(self, claim_no: str, choice: int) -> None:
        self.world.acknowledge("S2", claim_no, True, None)

    def send_back(self, claim_no: str, choice: int) -> None:
        self.world.acknowledge("S2", claim_no, False, "再看看")

    def accept(self, claim_no: str, choice: int) -> None:
        self.world.answer(WORKER, claim_no, AnswerKind.ACCEPT, None)

    def dispute(self, claim_no: str, choice: int) -> None:
        self.world.answer(WORKER, claim_no, AnswerKind.DISPUTE, "少算了")

    def resume(self, claim_no: str, choice: int) -> None:
        self.world.open_step(claim_no, WaitStep.DECISION)

    def state_advance(self, claim_no: str, choice: int) -> None:
        amount = (90_000, 358_000, 500_000, 902_000)[choice % 4]
        self.world.state_advance("S1", claim_no, CertainPart(amount, "CERTAIN_PART", "已核实"))
        if choice % 3:
            self.acknowledge_advance(claim_no, choice)

    def advance(self, claim_no: str, choice: int) -> None:
        """An advance that nothing disturbs, up to the money, or nearly."""
        self.state_advance(claim_no, 3 * choice + 1)
        self.collect()
        going = [x for x in self.executions if x.claim_no == claim_no and x.advance is not None]
        for _ in range(2 + choice % 4):
            self.run(going[-1:], 0)
            self.confirmed_by_user(claim_no, 0)

    def acknowledge_advance(self, claim_no: str, choice: int) -> None:
        advances = self.world.claims.get(claim_no).round.advances
        if advances:
            self.world.acknowledge_advance("S2", claim_no, advances[-1].number, choice % 5 != 0, None)

    def withdraw(self, claim_no: str, choice: int) -> None:
        self.world.own.withdraw(WORKER, claim_no, "不要了")

    def reopen(self, claim_no: str, choice: int) -> None:
        self.world.review.reopen("S1", claim_no, "NEW_BILLS", "又收到票据")

    def close(self, claim_no: str, choice: int) -> None:
        self.world.follow.close(claim_no)

    def account(self, claim_no: str, choice: int) -> None:
        self.world.state_payee(WORKER, claim_no, ACCOUNT)

    # -- payments

    def pay(self, claim_no: str, choice: int) -> None:
        """The claim's own workflow, or finance, starts Payout."""
        owed = [o.number for r in self.world.claims.get(claim_no).rounds for o in r.obligations]
        number = owed[choice % len(owed)] if owed and choice % 2 else None
        self.world.trigger(claim_no, number)

    def step(self, claim_no: str, choice: int) -> None:
        """One of the executions goes on by one state."""
        self.run([execution for execution in self.executions if execution.state is not None], choice)

    def run(self, going: list[Execution], choice: int) -> None:
        if going:
            execution = going[choice % len(going)]
            try:
                execution.go_on()
            except DaycoverError:
                self.world.pay.record_failure(
                    execution.claim_no, Outcome.ERROR, execution.payout_id, advance=execution.advance
                )

    def take_back(self, claim_no: str, choice: int) -> None:
        if (number := self._bill(choice, frozenset(TransferState))) is not None:
            self.world.pay.take_back(number)

    def slow(self, claim_no: str, choice: int) -> None:
        self.world.bank.slow = SLOW if choice % 2 else ()

    def lose(self, claim_no: str, choice: int) -> None:
        lost = ({"submit"}, {"find"}, {"cancel"}, {"submit", "find"}, set(), set())[choice % 6]
        for bank in (self.world.bank, self.world.real_bank):
            bank.lost_replies = lost

    def refuse(self, claim_no: str, choice: int) -> None:
        code = ("NOT_ENOUGH", "FREQUENCY_LIMITED", "SYSTEM_ERROR", "NO_AUTH")[choice % 4]
        self.world.bank.refuse_next(code)

    def confirmed_by_user(self, claim_no: str, choice: int) -> None:
        """The insured confirms in WeChat; the bank pays."""
        self._finish(choice, TransferState.SUCCESS)

    def fails(self, claim_no: str, choice: int) -> None:
        self._finish(choice, (TransferState.FAIL, TransferState.CANCELLED)[choice % 2])

    def bounce(self, claim_no: str, choice: int) -> None:
        """The bank sends money back, and tells."""
        number = self._bill(choice, frozenset({TransferState.SUCCESS}))
        if number in self.world.real_bank.bills:
            self.world.real_bank.return_money(number)
        if number is not None:
            self.world.pay.bounce(number)

    def _finish(self, choice: int, state: TransferState) -> None:
        number = self._bill(choice, OPEN_BILLS)
        if number is not None:
            self._holder(number).finish(number, state)

    def _bill(self, choice: int, states: frozenset[TransferState]) -> str | None:
        numbers = [number for number, bill in self.bills() if bill.state in states]
        return numbers[choice % len(numbers)] if numbers else None

    def _holder(self, number: str) -> FakeTransfers:
        return self.world.bank if number in self.world.bank.bills else self.world.real_bank

    def bills(self) -> list[tuple[str, Transfer]]:
        return [*self.world.bank.bills.items(), *self.world.real_bank.bills.items()]

    # -- policies

    def end_policy(self, claim_no: str, choice: int) -> None:
        """The policy of the claim ends, perhaps only after the accident; news of it come later."""
        policy = self.world.policies.get(self.world.claims.get(claim_no).policy.policy_no)
        if policy.status is PolicyStatus.ISSUED:
            status = ENDED[choice % 3]
            at = ACCIDENT_AT + timedelta(hours=1 if choice % 2 else -1)
            ended = Ending(at=at, by="staff", actor="U1", reason=EndReason.MISTAKE, refund_fen=0)
            self.world.policies.put(policy.model_copy(update={"status": status, "ended": ended}))

    def flag(self, claim_no: str, choice: int) -> None:
        """The stream brings the news."""
        self.world.flag(self.world.claims.get(claim_no).policy.policy_no)

    def void(self, claim_no: str, choice: int) -> None:
        """It ends, and everybody hears at once."""
        self.end_policy(claim_no, choice)
        self.flag(claim_no, choice)

    # -- personal data

    def erase(self, claim_no: str, choice: int) -> None:
        """The insured asks for their data to be erased, or takes that back: claims and money go on."""
        (self.erasing.withdraw if choice % 4 == 3 else self.erasing.request)(WORKER)

    # -- what must hold

    def collect(self) -> None:
        """Take up the executions that were started."""
        flows = self.world.workflows
        for name, obligation in list(zip(flows.payouts, flows.obligations, strict=True))[self.started :]:
            claim_no, _, rest = name.partition("-")
            advance = int(rest[1:]) if rest.startswith("A") else None
            self.executions.append(Execution(self.world, claim_no.partition("P")[0], obligation, advance))
        self.started = len(flows.payouts)

    def owed(self) -> Iterator[tuple[Claim, Round, Obligation]]:
        for claim_no in self.claims:
            claim = self.world.claims.get(claim_no)
            for owing in claim.rounds:
                for obligation in owing.obligations:
                    yield claim, owing, obligation

    def check(self) -> None:
        self.check_limits()
        self.check_money()
        self.check_books()
        self.check_sent()

    def check_limits(self) -> None:
        exposures = self.world.exposures.find(self.policies)
        for policy_no in self.policies:
            claims = [c for c in map(self.world.claims.get, self.claims) if c.policy.policy_no == policy_no]
            held = NOTHING_HELD
            for claim in claims:
                held = held.plus(claim.holding)
                for owing in claim.rounds:
                    decided = owing.amount_fen or 0 if owing.stands else 0
                    assert owing.taken_fen <= owing.holding.fen
                    assert decided <= owing.holding.fen
                    unsent = [o.amount_fen for o in owing.obligations if o.state is ObligationState.OWED]
                    if unsent and owing.stands and owing is claim.round:
                        assert owing.taken_fen + sum(unsent) <= decided
            assert held == exposures[policy_no].held
            assert held.of(ClaimType.MEDICAL).fen <= MEDICAL_LIMIT_FEN
            assert held.of(*LUMP_SUMS).fen <= SUM_INSURED_FEN
            days = held.of(ClaimType.LOST_INCOME)
            assert days.days <= DAYS_PER_POLICY
            assert days.fen <= days.days * DAILY_FEN
        on_bills: Counter[str] = Counter()
        for exposure in exposures.values():
            on_bills.update(exposure.held.bills)
        assert all(fen <= BILL_FEN for fen in on_bills.values()), on_bills

    def check_money(self) -> None:
        """Each obligation has one payment that pays it or may, and no bill pays what no claim knows of."""
        bills = dict(self.bills())
        live: Counter[tuple[str, int]] = Counter()
        known = {(c.claim_no, o.number): o for c, _, o in self.owed()}
        for number, bill in bills.items():
            payout = self.world.payouts.get(number)
            key = payout.claim_no, payout.obligation
            assert bill.amount_fen == payout.amount_fen
            if bill.state in OPEN_BILLS or bill.state is TransferState.SUCCESS:
                live[key] += 1
                assert known[key].is_taken, (number, bill.state, known[key].state)
                assert known[key].payout_id == number
                assert known[key].amount_fen == bill.amount_fen
        assert not [key for key, count in live.items() if count > 1]
        for obligation in known.values():
            if obligation.state is ObligationState.PAID:
                assert obligation.payout_id is not None
                bill = bills[obligation.payout_id]
                assert bill.state in {TransferState.SUCCESS, TransferState.RETURNED}
                assert obligation.payout_id in self.world.books.paid
        left = sum(b.amount_fen or 0 for b in bills.values() if b.state is TransferState.SUCCESS)
        assert left == self.world.bank.paid_fen + self.world.real_bank.paid_fen

    def check_books(self) -> None:
        """Incurred is paid and reserved, whatever happened in whatever order."""
        self.world.check_books()
        for claim in map(self.world.claims.get, self.claims):
            events = {line.version: line.event for line in self.world.claims.history(claim.claim_no)}
            for entry in self.world.books.entries:
                if entry.source_id == claim.claim_no:
                    assert events[entry.version] in RESERVING, "its function may not write the journal"

    def check_sent(self) -> None:
        """What was sent since the last act rests on a policy that stands and on two people, or the machine."""
        for number in {number for number, _ in self.bills()} - self.sent:
            self.sent.add(number)
            payout = self.world.payouts.get(number)
            claim = self.world.claims.get(payout.claim_no)
            policy = self.stood[claim.policy.policy_no]
            ended = policy.ended
            assert policy.status is PolicyStatus.ISSUED or (
                policy.status is PolicyStatus.TERMINATED
                and ended is not None
                and claim.accident.occurred_at < ended.at
            )
            owing = claim.round_of(payout.obligation)
            if payout.advance is None:
                assert owing.stands
                assert owing.agreed_at is not None
                assert (owing.decided_by, owing.acknowledged_by) in {("S1", "S2"), (None, None)}
            else:
                assert owing.advance(payout.advance).acknowledged_by == "S2"

    def run_out(self) -> None:
        """Everybody does their part until nothing moves: the rest of what stands agreed is paid."""
        world = self.world
        self.begin()
        for bank in (world.bank, world.real_bank):
            bank.lost_replies, bank._refused_next = set(), []
        world.bank.slow = ()
        for _ in range(12):
            for number, bill in self.bills():
                if bill.state is TransferState.RETURNED:
                    world.pay.bounce(number)  # the bank tells until it is heard
            for claim_no in self.claims:
                for act in (self.account, self.flag):
                    try:
                        act(claim_no, 0)
                    except DaycoverError:
                        pass
            open_ = [
                Execution(world, claim.claim_no, obligation.number)
                for claim, _, obligation in self.owed()
                if obligation.state in {ObligationState.OWED, ObligationState.RESERVED}
            ]
            unpaid = [
                Execution(world, claim_no)
                for claim_no in self.claims
                if world.claims.get(claim_no).status in {ClaimStatus.AGREED, ClaimStatus.PAYING}
            ]
            if not open_ and not unpaid:
                break
            self.ran_out([*open_, *unpaid])

    def ran_out(self, executions: list[Execution]) -> None:
        """Let executions go on side by side while whoever must confirm does."""
        while any(execution.state is not None for execution in executions):
            for execution in executions:
                self.world.at += timedelta(seconds=20)
                try:
                    execution.go_on()
                except DaycoverError:
                    pass
            self.check()
            self.check_packages()
            for number, bill in self.bills():
                if bill.state in OPEN_BILLS:
                    self._holder(number).finish(number)

    def check_packages(self) -> None:
        """A bill that waits for its payee has a package in the payout, or the next question says: submit again."""
        for number, bill in self.world.bank.bills.items():
            payout = self.world.payouts.get(number)
            if bill.state is TransferState.WAIT_USER_CONFIRM and payout.package_info is None:
                assert not payout.is_final
                assert self.world.pay.confirm(number) is Outcome.NOT_SENT
                assert self.world.pay.submit(number) in {Outcome.PENDING, Outcome.FAILED, Outcome.STOPPED}
                waits = self.world.bank.bills[number].state is TransferState.WAIT_USER_CONFIRM
                assert not waits or self.world.payouts.get(number).package_info is not None

    def check_settled(self) -> None:
        """Nothing is owed, under way or forgotten where the policy stands and the decision is agreed."""
        self.check()
        left = {number for number, bill in self.bills() if bill.state is TransferState.SUCCESS}
        assert left <= {o.payout_id for _, _, o in self.owed() if o.state is ObligationState.PAID}
        assert left <= set(self.world.books.paid) - set(self.world.books.returned)
        for claim, owing, obligation in self.owed():
            status = self.world.policies.get(claim.policy.policy_no).status
            if status is owing.policy_status is PolicyStatus.ISSUED and obligation.advance is not None:
                settled = {ObligationState.PAID, ObligationState.LAPSED}
                assert obligation.state in settled, (claim.status, obligation)
        for claim in map(self.world.claims.get, self.claims):
            policy = self.world.policies.get(claim.policy.policy_no)
            if policy.status is PolicyStatus.ISSUED:
                assert claim.status not in {ClaimStatus.AGREED, ClaimStatus.PAYING}, (
                    claim.claim_no,
                    claim.status,
                )
            if claim.status in {ClaimStatus.PAID, ClaimStatus.CLOSED} and claim.decision in PAYING_DECISIONS:
                paid = sum(o.amount_fen for o in claim.round.obligations if o.state is ObligationState.PAID)
                assert paid == max(claim.amount_fen or 0, claim.round.paid_in_advance_fen)
                if claim.status is ClaimStatus.CLOSED:
                    assert claim.advance_excess_fen == paid - (claim.amount_fen or 0)


_E = ClaimEvent
RESERVING = frozenset(
    {
        _E.REGISTERED, _E.REPORTED_AGAIN, _E.BENEFITS_ADDED, _E.REFERRED, _E.REASSESSED, _E.AUTO_APPROVED,
        _E.DECIDED, _E.ACKNOWLEDGED, _E.SENT_BACK, _E.DISPUTED, _E.REVIEW_RESUMED, _E.WITHDRAWN, _E.REOPENED,
        _E.POLICY_ENDED, _E.ADVANCE_ACKNOWLEDGED, _E.PAYOUT_FAILED, _E.PAYOUT_UNRESOLVED, _E.ADVANCE_FAILED,
        _E.PAYOUT_RESERVED, _E.ADVANCE_BOUNCED, _E.PAYOUT_BOUNCED, _E.ADVANCE_RESERVED,
    }
)  # fmt: skip
"""The events that may change what a claim is expected to cost: their functions may post it (`put_journal`)."""
COMMON = ("go_on",) * 40 + ("step",) * 12 + ("confirmed_by_user",) * 6
RARE = (
    "assess", "decide", "acknowledge", "send_back", "accept", "dispute", "resume", "state_advance",
    "state_advance", "advance", "advance", "advance", "advance", "acknowledge_advance", "withdraw", "reopen", "close",
    "account", "account", "pay", "pay", "take_back", "slow", "slow", "lose", "refuse", "refuse", "fails",
    "fails", "bounce", "bounce", "bounce", "end_policy", "flag", "void", "erase",
)  # fmt: skip
Act = tuple[str, int, int]
Death = tuple[int, bool]
Meanwhile = tuple[int, Act]
Move = tuple[Act, Death | Meanwhile | None]
act = st.tuples(st.sampled_from(COMMON + RARE), st.integers(0, 2), st.integers(0, 59))
"""An act, the claim, and what is chosen."""
cut = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    st.none(),
    st.tuples(st.integers(0, 15), st.booleans()),
    st.tuples(st.integers(0, 15), act),
)
"""The call of an act at which its process dies, or before which somebody else acts."""
STORIES: tuple[tuple[tuple[Act, Act | None], ...], ...] = (
    (),
    (  # more was advanced than is decided, and comes back
        (("advance", 0, 2), None),
        (("decide", 0, 4), None),
        (("acknowledge", 0, 0), None),
        (("accept", 0, 0), None),
        (("go_on", 0, 1), None),
        (("step", 0, 0), None),
        (("bounce", 0, 0), None),
    ),
    (  # two claims want more of one policy than it has
        (("decide", 0, 10), None),
        (("decide", 1, 10), None),
        (("acknowledge", 0, 0), ("acknowledge", 1, 0)),
    ),
    (  # two policies refund one bill
        (("decide", 0, 1), None),
        (("decide", 2, 1), None),
        (("acknowledge", 0, 0), ("acknowledge", 2, 0)),
    ),
    (  # a policy is voided between two calls of sending its money
        (("decide", 0, 3), None),
        (("acknowledge", 0, 0), None),
        (("accept", 0, 0), None),
        (("go_on", 0, 3), None),
        (("step", 0, 0), None),
        (("step", 0, 0), ("void", 0, 0)),
    ),
    (  # a policy ends before its money is sent, and the news come late
        (("decide", 0, 3), None),
        (("acknowledge", 0, 0), None),
        (("accept", 0, 0), None),
        (("go_on", 0, 3), None),
        (("step", 0, 0), None),
        (("end_policy", 0, 0), None),
        (("step", 0, 0), ("flag", 0, 0)),
    ),
)
"""What goes before, with what comes between: courses that chance alone seldom finds."""


@st.composite
def courses(draw: st.DrawFn) -> list[Move]:
    story = [
        (what, (draw(st.integers(0, 11)), between) if between is not None else None)
        for what, between in draw(st.sampled_from(STORIES))
    ]
    return story + draw(st.lists(st.tuples(act, cut), min_size=40, max_size=90))


def interrupted(scene: Scene, by: Death | Meanwhile) -> None:
    """Arm what comes between."""
    steps, (index, what) = scene.world.steps, by
    if isinstance(what, bool):
        steps.crash_at(index, applied=what)
        return

    def meanwhile() -> None:
        try:
            scene.act(*what)
        except DaycoverError:
            pass
        scene.check_sent()

    steps.interrupt_at(index, meanwhile)


def played(moves: list[Move]) -> Scene:
    scene = Scene()
    for what, by in moves:
        scene.begin()
        if by is not None:
            interrupted(scene, by)
        try:
            scene.act(*what)
        except (DaycoverError, Crash):
            pass  # refused, or cut off; both leave what is checked here
        scene.world.steps.calm()
        scene.collect()
        scene.check()
    return scene


GAVE_BACK: list[Move] = [
    (("state_advance", 1, 31), None),
    (("go_on", 1, 13), None),
    (("go_on", 1, 1), (3, ("go_on", 1, 4))),
]
"""Two people let one decision stand at once: the claim takes up what it holds between the reads of the other."""


@example(GAVE_BACK)
@settings(max_examples=100)
@given(courses())
def test_limits_and_money_hold_when_everybody_acts_in_any_order(moves: list[Move]) -> None:
    scene = played(moves)
    scene.run_out()
    scene.check_settled()
