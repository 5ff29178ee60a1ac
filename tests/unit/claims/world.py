"""The world of claims and payouts in memory: small real implementations of their ports.

The stores pass the contract suite of `tests/functional/claims`. Every call passes `Steps`, where a test can
cut the caller off. The bank counts the money that left, whoever asks.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from daycover.claims.adjudication import Assessment
from daycover.claims.advance import advance_number
from daycover.claims.answer import AnswerClaim, AnswerKind
from daycover.claims.assess import AssessClaim
from daycover.claims.breaches import NoteBreaches
from daycover.claims.claim import (
    Accident,
    Claim,
    ClaimChange,
    ClaimExistsError,
    ClaimNotFoundError,
    HistoryEntry,
    Queue,
)
from daycover.claims.claimant import ManageOwnClaim
from daycover.claims.collect import CollectDocuments, CompleteDocuments
from daycover.claims.decide import AcknowledgeDecision, DecideClaim, Verdict
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.evidence import (
    Announcement,
    ClaimDocument,
    ContentType,
    DayFacts,
    DocumentNotFoundError,
    Facts,
    InvoiceFacts,
    InvoiceLine,
    Upload,
)
from daycover.claims.follow import FollowClaim
from daycover.claims.frequency import Dimension
from daycover.claims.judge import JudgeDocument
from daycover.claims.lifecycle import ClaimStepClosedError, Decision, sources
from daycover.claims.read import ReadClaims
from daycover.claims.report import LossNotice, LossNoticeNotFoundError, LossReport, ReportClaim
from daycover.claims.review import ReviewClaim
from daycover.claims.state_advance import AcknowledgeAdvance, StateAdvance
from daycover.claims.steps import Answer, Waits, WaitStep
from daycover.cover.policy import Policy, PolicyNotFoundError
from daycover.errors import ConcurrentChangeError
from daycover.identity.worker import Worker
from daycover.payouts.beneficiaries import Beneficiaries, StateBeneficiaries
from daycover.payouts.identity import PayeeIdentity
from daycover.payouts.pay import PayClaim, ReceiveNotice
from daycover.payouts.payee import STATED_IN, PayeeAccountTakenError, StatePayee
from daycover.payouts.payout import (
    INSURED,
    MOVES,
    Payout,
    PayoutNotFoundError,
    Posting,
    payout_number,
)
from daycover.payouts.prove_identity import ConfirmIdentity, ProveIdentity
from daycover.payouts.request_identity import IdentityWait, RequestIdentity
from daycover.payouts.transfer import (
    BankAccount,
    Channel,
    Transfer,
    TransferOrder,
    TransferRefusedError,
    TransferState,
    TransferUnknownError,
)
from tests.support.builders import (
    NOW,
    PERSON,
    WORKER,
    a_policy,
    a_project,
    a_worker,
    an_id_number,
)
from tests.unit.fakes import FakeIndex, FakePort, FakeProjects, FakeWorkCard, FakeWorkers, Steps

ACCIDENT_AT = NOW + timedelta(hours=2)
REPORTED_AT = NOW + timedelta(hours=3)
TOE = (ClaimType.MEDICAL, ClaimType.LOST_INCOME)
"""The injury of worked example 1: 3,200 yuan of bills and 14 days off give 358,000 fen on plan T2."""


class FakeClaims(FakePort):
    """Implements `claims.claim.Claims`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._claims: dict[str, Claim] = {}
        self._history: dict[str, list[HistoryEntry]] = {}
        self._assessments: dict[str, dict[int, Assessment]] = {}

    def get(self, claim_no: str) -> Claim:
        with self.call("claims.get"):
            if claim_no not in self._claims:
                raise ClaimNotFoundError
            return self._claims[claim_no]

    def add(self, claim: Claim, entry: HistoryEntry) -> None:
        with self.call("claims.add"):
            if claim.claim_no in self._claims:
                raise ClaimExistsError
            self._claims[claim.claim_no] = claim
            self._history[claim.claim_no] = [entry]

    def save(self, change: ClaimChange) -> None:
        with self.call("claims.save"):
            self.apply(change)

    def peek(self, claim_no: str) -> Claim:
        """Read within a call that holds more than the claim."""
        return self._claims[claim_no]

    def apply(self, change: ClaimChange) -> None:
        """Write a change within a call that holds more than the claim."""
        stored = self._claims[change.after.claim_no]
        if stored.version != change.before.version or stored.status not in sources(change.entry.event):
            raise ConcurrentChangeError
        self._claims[stored.claim_no] = change.after
        if (found := change.after.assessment) is not None:
            self._assessments.setdefault(stored.claim_no, {}).setdefault(found.version, found)
        self._history[stored.claim_no].append(change.entry)

    def list_of(self, person_id: str) -> list[Claim]:
        with self.call("claims.list_of"):
            return [claim for claim in self._claims.values() if claim.policy.person_id == person_id]

    def history(self, claim_no: str) -> list[HistoryEntry]:
        with self.call("claims.history"):
            return list(self._history.get(claim_no, ()))

    def assessments(self, claim_no: str) -> list[Assessment]:
        with self.call("claims.assessments"):
            return list(self._assessments.get(claim_no, {}).values())

    def overdue(self, now: datetime) -> list[Claim]:
        with self.call("claims.overdue"):
            return [c for c in self._claims.values() if c.next_clock is not None and c.next_clock <= now]

    def advances_due(self, now: datetime) -> list[Claim]:
        with self.call("claims.advances_due"):
            due = [(c.advance_since, c) for c in self._claims.values() if c.advance_since is not None]
            return [c for since, c in sorted(due, key=lambda pair: pair[0]) if since <= now]

    def waiting(self, queue: Queue) -> list[Claim]:
        with self.call("claims.waiting"):
            placed = [(c.place.due, c) for c in self._claims.values() if c.place and c.place.queue is queue]
            return [claim for _, claim in sorted(placed, key=lambda pair: pair[0])]


class FakeNotices(FakePort):
    """Implements `claims.report.LossNotices`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._notices: dict[str, LossNotice] = {}

    def add(self, notice: LossNotice) -> None:
        with self.call("notices.add"):
            self._notices.setdefault(notice.report_no, notice)

    def get(self, report_no: str) -> LossNotice:
        with self.call("notices.get"):
            if report_no not in self._notices:
                raise LossNoticeNotFoundError
            return self._notices[report_no]

    def settle(self, notice: LossNotice) -> None:
        with self.call("notices.settle"):
            if self._notices[notice.report_no].claim_no is None:
                self._notices[notice.report_no] = notice

    def waiting(self) -> list[LossNotice]:
        with self.call("notices.waiting"):
            waiting = [notice for notice in self._notices.values() if notice.claim_no is None]
            return sorted(waiting, key=lambda notice: notice.due)


class FakeDocuments(FakePort):
    """Implements `claims.evidence.Documents`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._documents: dict[tuple[str, str], ClaimDocument] = {}
        self._invoices: dict[str, str] = {}
        self._files: dict[str, str] = {}

    def get(self, claim_no: str, document_id: str) -> ClaimDocument:
        with self.call("documents.get"):
            if (claim_no, document_id) not in self._documents:
                raise DocumentNotFoundError
            return self._documents[claim_no, document_id]

    def list_of(self, claim_no: str) -> list[ClaimDocument]:
        with self.call("documents.list_of"):
            mine = [document for (owner, _), document in self._documents.items() if owner == claim_no]
            return sorted(mine, key=lambda document: document.document_id)

    def announce(self, document: ClaimDocument) -> None:
        with self.call("documents.announce"):
            self._documents.setdefault((document.claim_no, document.document_id), document)

    def first_with_file(self, document: ClaimDocument) -> str:
        with self.call("documents.first_with_file"):
            holder = f"{document.claim_no}/{document.document_id}"
            return self._files.setdefault(document.announced.sha256, holder)

    def judge(self, document: ClaimDocument, before: DocumentStatus) -> None:
        with self.call("documents.judge"):
            key = (document.claim_no, document.document_id)
            if self._documents[key].status is not before:
                raise ConcurrentChangeError
            self._documents[key] = document

    def receive(self, document: ClaimDocument) -> str | None:
        with self.call("documents.receive"):
            key = (document.claim_no, document.document_id)
            holder = f"{document.claim_no}/{document.document_id}"
            other = holder
            if document.invoice_no is not None:
                other = self._invoices.setdefault(document.invoice_no, holder)
            duplicate_of = None if other == holder else other
            if self._documents[key].status is DocumentStatus.REQUIRED:
                self._documents[key] = document.model_copy(update={"duplicate_of": duplicate_of})
            return duplicate_of


class FakeClaimMarks(FakePort):
    """Implements `claims.frequency.ClaimMarks`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._marks: dict[tuple[Dimension, str], set[tuple[date, str]]] = {}

    def mark(self, dimension: Dimension, id_: str, day: date, claim_no: str) -> None:
        with self.call("marks.mark"):
            self._marks.setdefault((dimension, id_), set()).add((day, claim_no))

    def count(self, dimension: Dimension, id_: str, since: date, most: int) -> int:
        with self.call("marks.count"):
            return min(most, sum(day >= since for day, _ in self._marks.get((dimension, id_), ())))


class FakeVault(FakePort):
    """Implements `claims.evidence.Vault`; `upload` is what the claimant's phone does."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._files: dict[str, bytes] = {}

    def upload_form(self, document: ClaimDocument) -> Upload:
        with self.call("vault.upload_form"):
            return Upload(url="https://bucket.example/", fields={"key": document.object_key})

    def upload(self, upload: Upload, content: bytes) -> None:
        self._files[upload.fields["key"]] = content

    def link(self, document: ClaimDocument) -> str:
        return f"https://bucket.example/{document.object_key}"

    def digest(self, document: ClaimDocument) -> tuple[int, str] | None:
        with self.call("vault.digest"):
            content = self._files.get(document.object_key)
            return None if content is None else (len(content), hashlib.sha256(content).hexdigest())


class FakeTokens(FakePort):
    """Implements `claims.steps.Tokens`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._tokens: dict[tuple[str, str], str] = {}

    def hold(self, owner: str, step: str, token: str) -> None:
        with self.call("tokens.hold"):
            self._tokens[owner, step] = token

    def find(self, owner: str, step: str) -> str | None:
        with self.call("tokens.find"):
            return self._tokens.get((owner, step))

    def drop(self, owner: str, step: str, token: str) -> None:
        with self.call("tokens.drop"):
            if self._tokens.get((owner, step)) == token:
                del self._tokens[owner, step]


class FakeWorkflows(FakePort):
    """Implements `claims.steps.Workflows`; remembers what was started and answered."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.claims: list[str] = []
        self.payouts: list[str] = []
        self.advances: list[tuple[str, int]] = []
        """Claim and number of the payouts that were started for an advance."""
        self.payees: list[str | None] = []
        self.answers: dict[str, Answer] = {}
        self.given_up: set[str] = set()
        """Tokens that nobody waits on any more."""

    def start_claim(self, claim_no: str, reopening: int = 0) -> None:
        with self.call("workflows.start_claim"):
            name = f"{claim_no}-R{reopening}" if reopening else claim_no
            if name not in self.claims:
                self.claims.append(name)

    def start_payout(
        self, claim_no: str, name: str, *, advance: int | None = None, payee: str | None = None
    ) -> str:
        with self.call("workflows.start_payout"):
            if name not in self.payouts:
                self.payouts.append(name)
                self.payees.append(payee)
                if advance is not None:
                    self.advances.append((claim_no, advance))
            return f"execution:{name}"

    def answer(self, token: str, output: Answer) -> bool:
        with self.call("workflows.answer"):
            self.answers.setdefault(token, output)
            return token not in self.given_up


class FakePayouts(FakePort):
    """Implements `payouts.payout.Payouts`."""

    def __init__(self, claims: FakeClaims, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._claims = claims
        self._payouts: dict[str, Payout] = {}
        self._notes: dict[str, dict[str, datetime]] = {}
        self.postings: dict[str, Posting] = {}
        self.reversals: dict[str, Posting] = {}

    def get(self, payout_id: str) -> Payout:
        payout = self.find(payout_id)
        if payout is None:
            raise PayoutNotFoundError
        return payout

    def find(self, payout_id: str) -> Payout | None:
        with self.call("payouts.find"):
            return self._payouts.get(payout_id)

    def latest(self, claim_no: str, attempt: int) -> Payout | None:
        return self.find(payout_number(claim_no, attempt))

    def of_advance(self, claim_no: str, number: int, attempt: int) -> Payout | None:
        return self.find(advance_number(claim_no, number, attempt))

    def reserve(self, payout: Payout, change: ClaimChange) -> None:
        with self.call("payouts.reserve"):
            if payout.payout_id in self._payouts:
                raise ConcurrentChangeError
            self._claims.apply(change)
            self._payouts[payout.payout_id] = payout

    def save(self, payout: Payout, before: Payout) -> None:
        with self.call("payouts.save"):
            stored = self._payouts[payout.payout_id]
            if stored.version != before.version or payout.state not in MOVES[stored.state]:
                raise ConcurrentChangeError
            self._payouts[payout.payout_id] = payout

    def post(self, payout: Payout, change: ClaimChange, posting: Posting) -> None:
        with self.call("payouts.post"):
            if payout.payout_id in self.postings:
                raise ConcurrentChangeError
            self._claims.apply(change)
            self.postings[payout.payout_id] = posting

    def bounce(self, payout: Payout, before: Payout, change: ClaimChange, reversal: Posting) -> None:
        with self.call("payouts.bounce"):
            stored = self._payouts[payout.payout_id]
            if stored != before or payout.payout_id in self.reversals:
                raise ConcurrentChangeError
            self._claims.apply(change)
            self._payouts[payout.payout_id] = payout
            self.reversals[payout.payout_id] = reversal

    def note(self, payout_id: str, event_id: str, state: str, at: datetime) -> None:
        with self.call("payouts.note"):
            self._notes.setdefault(payout_id, {}).setdefault(event_id, at)

    def noted_since(self, payout_id: str, at: datetime | None) -> bool:
        with self.call("payouts.noted_since"):
            return any(at is None or noted >= at for noted in self._notes.get(payout_id, {}).values())


class FakeBank(FakePort):
    """Implements `payouts.transfer.Transfers`: one bill per number, whatever happens to the answers."""

    def __init__(
        self, steps: Steps | None = None, first_state: TransferState = TransferState.WAIT_USER_CONFIRM
    ) -> None:
        super().__init__(steps)
        self.bills: dict[str, Transfer] = {}
        self.paid_fen = 0
        self.openids: set[str] = set()
        self.lost_replies: set[str] = set()
        """Calls (`submit`, `find`) whose effect happens and whose answer does not arrive."""
        self.refuses: str | None = None
        self.first_state = first_state
        self.accounts: list[BankAccount | None] = []

    def submit(self, order: TransferOrder) -> Transfer:
        with self.call("bank.submit"):
            bill = self.bills.get(order.out_bill_no)
            if bill is None:
                if self.refuses:
                    raise TransferRefusedError(code=self.refuses)
                self.openids.add(order.openid)
                self.accounts.append(order.account)
                bill = Transfer(
                    out_bill_no=order.out_bill_no,
                    state=self.first_state,
                    amount_fen=order.amount_fen,
                    transfer_bill_no=f"W{order.out_bill_no}",
                    package_info="package",
                )
                self.bills[order.out_bill_no] = bill
            if "submit" in self.lost_replies:
                raise TransferUnknownError
            return bill

    def find(self, out_bill_no: str) -> Transfer | None:
        with self.call("bank.find"):
            if "find" in self.lost_replies:
                raise TransferUnknownError
            return self.bills.get(out_bill_no)

    def finish(self, out_bill_no: str, state: TransferState = TransferState.SUCCESS) -> None:
        """The insured confirms in WeChat (or does not)."""
        bill = self.bills[out_bill_no]
        if bill.state is self.first_state:
            fail = None if state is TransferState.SUCCESS else "OVERDUE_CLOSE"
            self.bills[out_bill_no] = Transfer(
                out_bill_no, state, bill.amount_fen, bill.transfer_bill_no, fail_reason=fail
            )
            if state is TransferState.SUCCESS:
                self.paid_fen += bill.amount_fen or 0

    def return_money(self, out_bill_no: str) -> None:
        """The payee's bank sends settled money back."""
        bill = self.bills[out_bill_no]
        assert bill.state is TransferState.SUCCESS
        self.bills[out_bill_no] = replace(bill, state=TransferState.RETURNED, fail_reason="ACCOUNT_CLOSED")
        self.paid_fen -= bill.amount_fen or 0


class FakeAccounts(FakePort):
    """Implements `payouts.payout.PayeeAccounts`."""

    def __init__(self, claims: FakeClaims, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._claims = claims
        self._accounts: dict[str, BankAccount] = {}
        self.persons: dict[str, str] = {}

    def find(self, claim_no: str) -> BankAccount | None:
        with self.call("accounts.find"):
            return self._accounts.get(claim_no)

    def state(self, claim: Claim, account: BankAccount, account_id: str) -> None:
        with self.call("accounts.state"):
            stored = self._claims.peek(claim.claim_no)
            if stored.status not in STATED_IN or stored.paying_advance is not None:
                raise ClaimStepClosedError(claim_status=stored.status.value)
            if self.persons.setdefault(account_id, claim.policy.person_id) != claim.policy.person_id:
                raise PayeeAccountTakenError
            self._accounts[claim.claim_no] = account


class FakeIdentities(FakePort):
    """Implements `payouts.identity.Identities`."""

    def __init__(self, claims: FakeClaims, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._claims = claims
        self._identities: dict[tuple[str, str], PayeeIdentity] = {}

    def find(self, claim_no: str, payee: str = INSURED) -> PayeeIdentity:
        with self.call("identities.find"):
            empty = PayeeIdentity(claim_no=claim_no, payee=payee)
            return self._identities.get((claim_no, payee), empty)

    def save(self, identity: PayeeIdentity, change: ClaimChange | None = None) -> None:
        with self.call("identities.save"):
            key = (identity.claim_no, identity.payee)
            stored = self._identities.get(key)
            if identity.version != (stored.version if stored else 0) + 1:
                raise ConcurrentChangeError
            if change is not None:
                self._claims.apply(change)
            self._identities[key] = identity


class FakeBeneficiaries(FakePort):
    """Implements `payouts.beneficiaries.BeneficiaryStore`."""

    def __init__(self, claims: FakeClaims, accounts: FakeAccounts, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._claims = claims
        self._persons = accounts.persons
        self._stated: dict[str, Beneficiaries] = {}

    def find(self, claim_no: str) -> Beneficiaries:
        with self.call("beneficiaries.find"):
            return self._stated.get(claim_no, Beneficiaries(claim_no=claim_no))

    def state(self, beneficiaries: Beneficiaries, change: ClaimChange, owners: Mapping[str, str]) -> None:
        with self.call("beneficiaries.state"):
            if any(self._persons.get(account, person) != person for account, person in owners.items()):
                raise PayeeAccountTakenError
            self._put(beneficiaries, change)
            self._persons.update(owners)

    def confirm(self, beneficiaries: Beneficiaries, change: ClaimChange) -> None:
        with self.call("beneficiaries.confirm"):
            self._put(beneficiaries, change)

    def _put(self, beneficiaries: Beneficiaries, change: ClaimChange) -> None:
        stored = self._stated.get(beneficiaries.claim_no)
        if beneficiaries.version != (stored.version if stored else 0) + 1:
            raise ConcurrentChangeError
        self._claims.apply(change)
        self._stated[beneficiaries.claim_no] = beneficiaries


class FakeAccountIndex(FakeIndex):
    """Knows the insured's own number."""

    def person_id(self, id_number: str) -> str:
        return PERSON if id_number == an_id_number() else hashlib.sha256(id_number.encode()).hexdigest()


class FakePolicyReader(FakePort):
    """Implements `cover.policy.KeptPolicies`."""

    def __init__(self, *policies: Policy, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._policies = {policy.policy_no: policy for policy in policies}

    def get(self, policy_no: str) -> Policy:
        with self.call("policies.get"):
            if policy_no not in self._policies:
                raise PolicyNotFoundError
            return self._policies[policy_no]

    def list_of(self, person_id: str, before: str | None = None) -> list[Policy]:
        with self.call("policies.list_of"):
            return [policy for policy in self._policies.values() if policy.person_id == person_id]

    def covering(self, person_id: str, instant: datetime) -> list[Policy]:
        with self.call("policies.covering"):
            mine = [policy for policy in self._policies.values() if policy.person_id == person_id]
            return [policy for policy in mine if policy.period.covers(instant)]


class FakeBooks:
    """Implements `payouts.pay.Books`; remembers each payout in the state in which it was posted."""

    def __init__(self) -> None:
        self.posted: list[Payout] = []

    def record(self, payout: Payout, claim: Claim) -> None:
        self.posted.append(payout)


class World:
    """Everything wired as `daycover.wiring` does it, with a clock that stands still until it is moved."""

    def __init__(
        self, *policies: Policy, workers: tuple[Worker, ...] = (), wallet_limit_fen: int = 2_000_000
    ) -> None:
        self.at = REPORTED_AT
        self.steps = Steps()
        self.policy = policies[0] if policies else a_policy()
        self.workers = FakeWorkers(*(workers or (insured(),)))
        self.policies = FakePolicyReader(*(policies or (self.policy,)), steps=self.steps)
        self.claims = FakeClaims(self.steps)
        self.notices = FakeNotices(self.steps)
        self.documents = FakeDocuments(self.steps)
        self.vault = FakeVault(self.steps)
        self.tokens = FakeTokens(self.steps)
        self.workflows = FakeWorkflows(self.steps)
        self.payouts = FakePayouts(self.claims, self.steps)
        self.bank = FakeBank(self.steps)
        self.real_bank = FakeBank(self.steps, first_state=TransferState.PROCESSING)
        self.accounts = FakeAccounts(self.claims, self.steps)
        self.identities = FakeIdentities(self.claims, self.steps)
        self.beneficiaries = FakeBeneficiaries(self.claims, self.accounts, self.steps)
        now: Callable[[], datetime] = lambda: self.at  # noqa: E731
        waits = Waits(tokens=self.tokens, workflows=self.workflows)
        self.marks = FakeClaimMarks(self.steps)
        self.assess = AssessClaim(claims=self.claims, documents=self.documents, marks=self.marks, now=now)
        complete = CompleteDocuments(
            claims=self.claims,
            documents=self.documents,
            waits=waits,
            assess_again=self.assess.again,
            now=now,
        )
        self.report = ReportClaim(
            claims=self.claims,
            notices=self.notices,
            policies=self.policies,
            reporters=self.workers,
            workflows=self.workflows,
            now=now,
        )
        self.collect = CollectDocuments(
            claims=self.claims,
            documents=self.documents,
            vault=self.vault,
            reporters=self.workers,
            complete=complete,
            now=now,
        )
        self.follow = FollowClaim(claims=self.claims, waits=waits, complete=complete, now=now)
        self.review = ReviewClaim(
            claims=self.claims, documents=self.documents, workflows=self.workflows, now=now
        )
        self.own = ManageOwnClaim(claims=self.claims, reporters=self.workers, waits=waits, now=now)
        self.note_breaches = NoteBreaches(claims=self.claims, now=now)
        self.judge = JudgeDocument(
            claims=self.claims, documents=self.documents, assess=self.assess, complete=complete, now=now
        )
        self.decide = DecideClaim(claims=self.claims, waits=waits, now=now)
        self.acknowledge = AcknowledgeDecision(claims=self.claims, waits=waits, now=now)
        self.answer = AnswerClaim(claims=self.claims, reporters=self.workers, waits=waits, now=now)
        self.read = ReadClaims(
            claims=self.claims,
            notices=self.notices,
            documents=self.documents,
            payouts=self.payouts,
            reporters=self.workers,
            now=now,
        )
        self.state_advance = StateAdvance(claims=self.claims, supported=self.assess.supported_fen, now=now)
        self.acknowledge_advance = AcknowledgeAdvance(
            claims=self.claims, supported=self.assess.supported_fen, workflows=self.workflows, now=now
        )
        self.books = FakeBooks()
        self.pay = PayClaim(
            books=self.books,
            claims=self.claims,
            payouts=self.payouts,
            transfers=lambda channel: self.bank if channel is Channel.WALLET else self.real_bank,
            payees=self.workers,
            accounts=self.accounts,
            identities=self.identities,
            heirs=self.beneficiaries,
            wallet_limit_fen=wallet_limit_fen,
            tokens=self.tokens,
            waits=waits,
            workflows=self.workflows,
            now=now,
        )
        self.state_payee = StatePayee(
            claims=self.claims,
            reporters=self.workers,
            payees=self.workers,
            accounts=self.accounts,
            index=FakeAccountIndex(),
            pay_again=self.pay.trigger,
        )
        self.receive_notice = ReceiveNotice(payouts=self.payouts, pay=self.pay, now=now)
        self.work_card = FakeWorkCard(now, self.steps)
        wait = IdentityWait(tokens=self.tokens, workflows=self.workflows, pay_again=self.pay.trigger_again)
        self.request_identity = RequestIdentity(
            claims=self.claims, payouts=self.payouts, identities=self.identities, wait=wait, now=now
        )
        self.state_beneficiaries = StateBeneficiaries(
            claims=self.claims,
            beneficiaries=self.beneficiaries,
            documents=self.documents,
            payouts=self.payouts,
            projects=FakeProjects(a_project()),
            index=FakeAccountIndex(),
            pay_again=self.pay.trigger,
            now=now,
        )
        self.prove_identity = ProveIdentity(
            claims=self.claims,
            identities=self.identities,
            workers=self.workers,
            projects=FakeProjects(a_project()),
            work_card=lambda: self.work_card,
            wait=wait,
            now=now,
        )
        self.confirm_identity = ConfirmIdentity(
            claims=self.claims, identities=self.identities, wait=wait, now=now
        )

    def open_step(self, claim_no: str, step: WaitStep, token: str | None = None) -> None:
        self.follow.open_step(claim_no, step, token or f"token-{step}")

    def reported(self, **changes: Any) -> Claim:
        """A claim that has its checklist."""
        claim = self.report(WORKER, a_report(**changes)).claim
        assert claim is not None
        return self.follow.register(claim.claim_no)

    def send(
        self, claim: Claim, doc_type: DocumentType, facts: Facts | None = None, content: bytes = b"scan"
    ) -> ClaimDocument:
        """The claimant announces, uploads and confirms one document."""
        announced = self.collect.announce(WORKER, claim.claim_no, an_announcement(doc_type, facts, content))
        self.vault.upload(announced.upload, content)
        return self.collect.receive(WORKER, claim.claim_no, announced.document.document_id).document

    def documented(
        self, *, bill_fen: int = 320_000, days: int = 14, invoice_no: str = "A1", **changes: Any
    ) -> Claim:
        """A claim for a toe injury whose documents are complete."""
        claim = self.reported(**changes)
        self.send(claim, DocumentType.MEDICAL_RECORD)
        self.send(claim, DocumentType.DIAGNOSIS)
        self.send(claim, DocumentType.INVOICE, an_invoice(bill_fen, invoice_no))
        self.send(claim, DocumentType.EXPENSE_LIST)
        self.send(claim, DocumentType.SICK_LEAVE_CERTIFICATE, DayFacts(days=days))
        return self.claims.get(claim.claim_no)

    def agreed(self, **changes: Any) -> Claim:
        """A claim that the machine approved and the worker accepted."""
        claim = self.documented(**changes)
        assert self.assess(claim.claim_no).outcome == "AUTO_APPROVED"
        return self.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)

    def agreed_large(self, amount_fen: int = 1_500_000) -> Claim:
        """A claim that two people approved at a large sum and the worker accepted."""
        claim = self.referred()
        verdict = Verdict(Decision.APPROVED, amount_fen, "WITHIN_TERMS", "单据齐全")
        self.decide("adjuster-1", claim.claim_no, verdict)
        self.acknowledge("senior-1", claim.claim_no, True, None)
        return self.answer(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)

    def referred(self, **changes: Any) -> Claim:
        """A claim that is too large for the machine."""
        claim = self.documented(bill_fen=1_000_000, **changes)
        assert self.assess(claim.claim_no).outcome == "REFERRED"
        return self.claims.get(claim.claim_no)


def insured(**changes: Any) -> Worker:
    return a_worker(person_id=PERSON, name="王小明", id_number=an_id_number(), **changes)


def an_accident(occurred_at: datetime = ACCIDENT_AT) -> Accident:
    return Accident(
        occurred_at=occurred_at, place="三号分拣线", description="脚趾被传送带夹伤", injury="右脚拇趾骨折"
    )


def a_report(
    occurred_at: datetime = ACCIDENT_AT,
    claim_types: tuple[ClaimType, ...] = TOE,
    policy_no: str | None = None,
    first_treated_at: datetime | None = None,
) -> LossReport:
    return LossReport(
        policy_no=policy_no,
        accident=an_accident(occurred_at),
        claim_types=claim_types,
        first_treated_at=first_treated_at,
    )


def an_invoice(
    amount_fen: int = 320_000, invoice_no: str = "A1", hospital: str | None = None
) -> InvoiceFacts:
    line = InvoiceLine(item="清创缝合", amount_fen=amount_fen)
    return InvoiceFacts(invoice_no=invoice_no, lines=(line,), hospital=hospital)


def an_announcement(
    doc_type: DocumentType = DocumentType.DIAGNOSIS, facts: Facts | None = None, content: bytes = b"scan"
) -> Announcement:
    return Announcement(
        doc_type=doc_type,
        content_type=ContentType.JPEG,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        facts=facts,
    )
