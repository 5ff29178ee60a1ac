"""Claims, documents and workflows in memory. The stores pass the contract suite of `tests/functional/claims`."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from daycover.books.journal import Entry, Kind
from daycover.books.reserves import reserve_entries
from daycover.claims.adjudication import Assessment
from daycover.claims.bill import BillElements, BillPlatformUnavailableError, BillState, CheckedBill
from daycover.claims.claim import (
    ActorKind,
    Claim,
    ClaimChange,
    ClaimExistsError,
    ClaimNotFoundError,
    HistoryEntry,
    Queue,
    QueueEntry,
)
from daycover.claims.documents import DocumentStatus
from daycover.claims.evidence import ClaimDocument, DocumentNotFoundError
from daycover.claims.exposure import ExposureChange, PolicyExposure
from daycover.claims.frequency import Dimension
from daycover.claims.inform import Delivery, NoticeUnavailableError, ProgressNotice
from daycover.claims.lifecycle import sources
from daycover.claims.looks import Look
from daycover.claims.loss_notice import LossNotice, LossNoticeNotFoundError
from daycover.claims.notice import Notice
from daycover.claims.sheet import LossSheet
from daycover.claims.spending import Spending, Spent
from daycover.claims.steps import Answer
from daycover.cover.policy import Policy
from daycover.errors import ConcurrentChangeError
from daycover.file_kind import file_kind
from daycover.upload import Filed, Upload, UploadedFile
from tests.support.fakes.port import FakePort, Steps


class FakeExposures(FakePort):
    """Implements `claims.exposure.Exposures`; moved by `FakeClaims` together with the claim."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._exposures: dict[str, PolicyExposure] = {}

    def find(self, policy_nos: Iterable[str]) -> dict[str, PolicyExposure]:
        with self.call("exposures.find"):
            return {number: self._find(number) for number in policy_nos}

    def apply(self, change: ExposureChange) -> None:
        """Write a change within a call that holds more than the exposure."""
        if any(self._find(read.policy_no) != read for read in (change.before, *change.beside)):
            raise ConcurrentChangeError
        for other in change.beside:
            self._exposures[other.policy_no] = other.model_copy(update={"version": other.version + 1})
        self._exposures[change.after.policy_no] = change.after

    def _find(self, policy_no: str) -> PolicyExposure:
        return self._exposures.get(policy_no) or PolicyExposure(policy_no=policy_no)


class FakeSheets(FakePort):
    """Implements `claims.sheet.LossSheets`; written by `FakeClaims` together with the claim."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._sheets: dict[tuple[str, int], LossSheet] = {}

    def find(self, claim_no: str, version: int) -> LossSheet:
        with self.call("sheets.find"):
            return self._sheets[claim_no, version] if version else LossSheet(claim_no=claim_no)

    def versions(self, claim_no: str) -> list[LossSheet]:
        with self.call("sheets.versions"):
            return [sheet for (owner, _), sheet in sorted(self._sheets.items()) if owner == claim_no]

    def apply(self, sheet: LossSheet) -> None:
        """Write a new version within a call that holds more than the sheet."""
        if (sheet.claim_no, sheet.version) in self._sheets:
            raise ConcurrentChangeError
        self._sheets[sheet.claim_no, sheet.version] = sheet


class FakeBooks:
    """The journal of claims and payouts, written by their fakes together with what it is about."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def append(self, entries: Iterable[Entry]) -> None:
        """Raises ConcurrentChangeError for an entry that stands, as its condition does."""
        new = list(entries)
        if {entry.entry_id for entry in new} & {entry.entry_id for entry in self.entries}:
            raise ConcurrentChangeError
        self.entries += new

    @property
    def paid(self) -> list[str]:
        """The payouts whose money was posted as arrived."""
        return self._sources(Kind.PAYOUT_SUCCEEDED)

    @property
    def returned(self) -> list[str]:
        """The same of money that came back."""
        return self._sources(Kind.PAYOUT_BOUNCED)

    def _sources(self, kind: Kind) -> list[str]:
        return [entry.source_id for entry in self.entries if entry.kind is kind]


class FakeClaims(FakePort):
    """Implements `claims.claim.Claims`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self.exposures = FakeExposures(steps)
        self.sheets = FakeSheets(steps)
        self.spending = FakeSpending(steps)
        self.books = FakeBooks()
        self._claims: dict[str, Claim] = {}
        self._history: dict[str, list[HistoryEntry]] = {}
        self._assessments: dict[str, dict[int, Assessment]] = {}
        self._notices: dict[str, list[Notice]] = {}

    def get(self, claim_no: str) -> Claim:
        with self.call("claims.get"):
            if claim_no not in self._claims:
                raise ClaimNotFoundError
            return self._claims[claim_no]

    def add(self, claim: Claim, entry: HistoryEntry) -> None:
        with self.call("claims.add"):
            if claim.claim_no in self._claims:
                raise ClaimExistsError
            self.books.append(reserve_entries(None, claim, entry.at))
            self._claims[claim.claim_no] = claim
            self._history[claim.claim_no] = [entry]

    def save(self, change: ClaimChange) -> None:
        with self.call("claims.save"):
            self.apply(change)

    def all(self) -> list[Claim]:
        """Every claim that there is, for a test."""
        return list(self._claims.values())

    def peek(self, claim_no: str) -> Claim:
        """Read within a call that holds more than the claim."""
        return self._claims[claim_no]

    def apply(self, change: ClaimChange) -> None:
        """Write a change within a call that holds more than the claim."""
        stored = self._claims[change.after.claim_no]
        if stored.version != change.before.version or stored.status not in sources(change.entry.event):
            raise ConcurrentChangeError
        if change.spending is not None:
            self.spending.check(change.spending)
        if change.exposure is not None:
            self.exposures.apply(change.exposure)
        self.books.append(reserve_entries(change.before, change.after, change.entry.at))
        if change.spending is not None:
            self.spending.add(change.spending)
        if change.sheet is not None:
            self.sheets.apply(change.sheet)
        self._claims[stored.claim_no] = change.after
        if (found := change.after.assessment) is not None:
            self._assessments.setdefault(stored.claim_no, {}).setdefault(found.version, found)
        if change.notice is not None:
            self._notices.setdefault(stored.claim_no, []).append(change.notice)
        self._history[stored.claim_no].append(change.entry)

    def list_of(self, person_id: str) -> list[Claim]:
        with self.call("claims.list_of"):
            return [claim for claim in self._claims.values() if claim.policy.person_id == person_id]

    def entries(self, queue: Queue, most: int) -> list[QueueEntry]:
        with self.call("claims.entries"):
            found = [
                QueueEntry(c.claim_no, due, c.status, c.claim_types, c.assignee)
                for c in self._claims.values()
                if (due := _due_in(c, queue)) is not None
            ]
            return sorted(found, key=lambda entry: (entry.due, entry.number))[:most]

    def clocked(self, most: int) -> list[str]:
        with self.call("claims.clocked"):
            return [c.claim_no for c in self._claims.values() if c.next_clock is not None][:most]

    def many(self, claim_nos: Iterable[str]) -> list[Claim]:
        with self.call("claims.many"):
            return [self._claims[number] for number in claim_nos if number in self._claims]

    def represented_by(self, worker_id: str) -> list[Claim]:
        with self.call("claims.represented_by"):
            return [c for c in self._claims.values() if c.represented_by(worker_id) is not None]

    def history(self, claim_no: str) -> list[HistoryEntry]:
        with self.call("claims.history"):
            return list(self._history.get(claim_no, ()))

    def assessments(self, claim_no: str) -> list[Assessment]:
        with self.call("claims.assessments"):
            return list(self._assessments.get(claim_no, {}).values())

    def overdue(self, now: datetime, *, beyond: int = 0) -> list[Claim]:
        with self.call("claims.overdue"):
            due = [(c.next_clock, c) for c in self._claims.values() if c.next_clock is not None]
            ordered = sorted((pair for pair in due if pair[0] <= now), key=lambda pair: pair[0])
            return [claim for _, claim in ordered][: 100 + beyond]

    def notices(self, claim_no: str) -> list[Notice]:
        with self.call("claims.notices"):
            return list(self._notices.get(claim_no, ()))


def _due_in(claim: Claim, queue: Queue) -> datetime | None:
    if queue is Queue.ADVANCE:
        return claim.advance_since
    if queue is Queue.NOTICE:
        return claim.notice_due
    if queue is Queue.REPRESENTATIVE:
        return claim.representative_since
    return claim.place.due if claim.place and claim.place.queue is queue else None


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

    def of_worker(self, worker_id: str, person_id: str | None) -> list[LossNotice]:
        with self.call("notices.of_worker"):
            mine = [
                notice
                for notice in self._notices.values()
                if (notice.reported_by is ActorKind.WORKER and notice.reporter_id == worker_id)
                or (person_id is not None and notice.person_id == person_id)
            ]
            return sorted(mine, key=lambda notice: notice.reported_at, reverse=True)

    def last_reported_at(self, worker_id: str, person_id: str | None) -> datetime | None:
        return max((notice.reported_at for notice in self.of_worker(worker_id, person_id)), default=None)

    def waiting(self) -> list[LossNotice]:
        """Every one that waits for staff, by due time: for tests to look at."""
        waiting = [notice for notice in self._notices.values() if notice.claim_no is None]
        return sorted(waiting, key=lambda notice: notice.due)

    def entries(self, most: int) -> list[QueueEntry]:
        with self.call("notices.entries"):
            return [
                QueueEntry(notice.report_no, notice.due, claim_types=notice.claim_types)
                for notice in self.waiting()[:most]
            ]

    def many(self, report_nos: Iterable[str]) -> list[LossNotice]:
        with self.call("notices.many"):
            return [self._notices[number] for number in report_nos if number in self._notices]


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

    def first_with_file(self, document: ClaimDocument, page: int = 0) -> str:
        with self.call("documents.first_with_file"):
            return self._files.setdefault(document.announced.pages[page].sha256, document.reference)

    def first_with_bill(self, bill_no: str, holder: str) -> str:
        with self.call("documents.first_with_bill"):
            return self._invoices.setdefault(bill_no, holder)

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


class FakeBillPlatform(FakePort):
    """Implements `claims.bill.BillPlatform`: it knows the bills that it was told of, by all their elements."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._known: dict[str, CheckedBill] = {}
        self.is_down = False
        self.is_forgetful = False
        """Whether it finds no bill at all."""

    def put(self, bill: CheckedBill) -> None:
        self._known[bill.bill_no] = bill

    def reverse(self) -> None:
        """Every bill is reversed by its hospital."""
        for bill_no, known in self._known.items():
            reversed_ = {"state": BillState.REVERSED, "related_no": "RED" + bill_no}
            self._known[bill_no] = CheckedBill(elements=known.elements, **reversed_)

    def check(self, elements: BillElements) -> CheckedBill:
        with self.call("platform.check"):
            if self.is_down:
                raise BillPlatformUnavailableError
            known = None if self.is_forgetful else self._known.get(elements.bill_no)
            if known is None:
                return CheckedBill(elements=elements, state=BillState.UNKNOWN)
            if known.elements != elements:
                return CheckedBill(elements=elements, state=BillState.ALTERED)
            return known


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


class FakeLooks(FakePort):
    """Implements `claims.looks.Looks`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._looks: dict[tuple[str, str, str, str | None], Look] = {}

    def add(self, look: Look) -> None:
        with self.call("looks.add"):
            self._looks.setdefault((look.number, look.request_id, look.what, look.document_id), look)

    def list_of(self, number: str) -> list[Look]:
        with self.call("looks.list_of"):
            found = [look for look in self._looks.values() if look.number == number]
            return sorted(found, key=lambda look: look.at, reverse=True)


class FakeAsked(FakePort):
    """Implements `claims.represent.Asked`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._asked: dict[tuple[str, date], int] = {}

    def by_account(self, worker_id: str, day: date) -> int:
        with self.call("asked.by_account"):
            return self._add(f"WORKER#{worker_id}", day)

    def of_claim(self, claim_no: str, day: date) -> int:
        with self.call("asked.of_claim"):
            return self._add(f"CLAIM#{claim_no}", day)

    def _add(self, of: str, day: date) -> int:
        self._asked[of, day] = self._asked.get((of, day), 0) + 1
        return self._asked[of, day]


class FakePhones(FakePort):
    """Implements `claims.frequency.Phones`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._phones: dict[tuple[str, str], str] = {}

    def put(self, worker_id: str, check_in_id: str, phone: str) -> None:
        """What a check-in leaves."""
        self._phones[worker_id, check_in_id] = phone

    def of(self, policy: Policy) -> str | None:
        with self.call("phones.of"):
            return self._phones.get((policy.worker_id, policy.check_in_id))


class FakeSpending(FakePort):
    """Implements `claims.spending.AutomaticSpending`; `add` stands for the writes of an approval."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._spent: dict[tuple[str, str, date], int] = {}

    def spent(self, day: date, project_id: str, company_id: str) -> Spent:
        with self.call("spending.spent"):
            return Spent(*(self._spent.get(key, 0) for key in self._keys(day, project_id, company_id)))

    def add(self, spending: Spending) -> None:
        """Within a call that holds more. Raises as `check`."""
        self._spent |= self.check(spending)

    def check(self, spending: Spending) -> dict[tuple[str, str, date], int]:
        """Give the sums as they would be. Raises ConcurrentChangeError above a cap."""
        keys = self._keys(spending.day, spending.project_id, spending.company_id)
        caps = (spending.cap_project_fen, spending.cap_company_fen, spending.cap_all_fen)
        sums = [self._spent.get(key, 0) + spending.amount_fen for key in keys]
        if any(total > cap for total, cap in zip(sums, caps, strict=True)):
            raise ConcurrentChangeError
        return dict(zip(keys, sums, strict=True))

    @staticmethod
    def _keys(day: date, project_id: str, company_id: str) -> tuple[tuple[str, str, date], ...]:
        return ("PROJECT", project_id, day), ("COMPANY", company_id, day), ("ALL", "", day)


class FakeVault(FakePort):
    """Implements `upload.Vault`; `upload` is what the claimant's phone does."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._files: dict[str, bytes] = {}

    def upload_form(self, document: Filed, page: int = 0) -> Upload:
        with self.call("vault.upload_form"):
            return Upload(url="https://bucket.example/", fields={"key": document.object_key(page)})

    def upload(self, upload: Upload, content: bytes) -> None:
        self._files[upload.fields["key"]] = content

    def link(self, document: Filed, page: int = 0) -> str:
        return f"https://bucket.example/{document.object_key(page)}"

    def read(self, document: Filed, page: int = 0) -> bytes | None:
        with self.call("vault.read"):
            return self._files.get(document.object_key(page))

    def digest(self, document: Filed, page: int = 0) -> UploadedFile | None:
        with self.call("vault.digest"):
            content = self._files.get(document.object_key(page))
            if content is None:
                return None
            return UploadedFile(len(content), hashlib.sha256(content).hexdigest(), file_kind(content))

    def delete(self, document: Filed) -> None:
        with self.call("vault.delete"):
            for page in range(len(document.pages)):
                self._files.pop(document.object_key(page), None)


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
        self.obligations: list[int | None] = []
        """The obligation that each payout was started for."""
        self.answers: dict[str, Answer] = {}
        self.given_up: set[str] = set()
        """Tokens that nobody waits on any more."""

    def start_claim(self, claim_no: str, reopening: int = 0) -> None:
        with self.call("workflows.start_claim"):
            name = f"{claim_no}-R{reopening}" if reopening else claim_no
            if name not in self.claims:
                self.claims.append(name)

    def start_payout(
        self, claim_no: str, name: str, *, obligation: int | None = None, advance: int | None = None
    ) -> str:
        with self.call("workflows.start_payout"):
            if name not in self.payouts:
                self.payouts.append(name)
                self.obligations.append(obligation)
                if advance is not None:
                    self.advances.append((claim_no, advance))
            return f"execution:{name}"

    def answer(self, token: str, output: Answer) -> bool:
        with self.call("workflows.answer"):
            self.answers.setdefault(token, output)
            return token not in self.given_up


class FakeDeliveries(FakePort):
    """Implements `claims.inform.Deliveries`."""

    def __init__(self, steps: Steps | None = None) -> None:
        super().__init__(steps)
        self._deliveries: dict[tuple[str, int], Delivery] = {}

    def find(self, claim_no: str, version: int) -> Delivery | None:
        with self.call("deliveries.find"):
            return self._deliveries.get((claim_no, version))

    def add(self, claim_no: str, version: int, delivery: Delivery, at: datetime) -> None:
        with self.call("deliveries.add"):
            self._deliveries.setdefault((claim_no, version), delivery)


class FakeMessages:
    """Implements `claims.inform.ProgressNotices`."""

    def __init__(self) -> None:
        self.sent: list[ProgressNotice] = []
        self.answer = Delivery.SENT
        self.silent = False

    def send(self, notice: ProgressNotice) -> Delivery:
        if self.silent:
            raise NoticeUnavailableError
        self.sent.append(notice)
        return self.answer
