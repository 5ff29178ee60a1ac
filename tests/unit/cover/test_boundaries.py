"""The boundary tests of the domain reference, section 11, as far as cover goes: 1 to 8, 15 and 17.

Each stands here once and whole, through the real use cases on the in-memory world, in the reference's order and
words. The rules' own edges are tested where the rules are; 9 to 14 and 16 are of claims and payouts.
"""

import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from daycover.books.credit import CreditLevel
from daycover.books.journal import Account, closing_time
from daycover.claims.claim import Accident
from daycover.claims.documents import ClaimType
from daycover.claims.loss_notice import NoticeStatus
from daycover.claims.report import AccidentOutsideCoverError, LossReport, ReportClaim, Reported
from daycover.cover.archive import HotChange, KeepPolicies, PolicyChange, PolicyFinder
from daycover.cover.certify import IssueCertificate, VerifyCertificate
from daycover.cover.check_in import CheckInStatus
from daycover.cover.decline import decline_words
from daycover.cover.erase import ErasureStatus, PurgeLocations
from daycover.cover.issue import CheckInExpiredError
from daycover.cover.occupation import OccupationReferredError
from daycover.cover.policy import Policy, PolicyStatus
from daycover.cover.presence import Why
from daycover.cover.prove import FaceCheckFailedError
from daycover.cover.referral import ReferralClosedError, ReferralReason, ReferralStatus
from daycover.cover.roster import ReadRoster, line_of
from daycover.identity.consent import ConsentKind, ConsentMissingError
from daycover.identity.work_card import PreOrder, WorkCardLimitError
from daycover.identity.worker import PersonalDataLockedError
from daycover.platform.security import DayCipher
from daycover.platform.signing import Ed25519Key, verify_ed25519
from daycover.projects.code import issue_token
from daycover.projects.company import Company
from daycover.projects.project import CoverNotAvailableError, Project, ProjectNotOpenError, ProjectStatus
from tests.support.builders import (
    NOW,
    PROJECT,
    a_check_in,
    a_new_project,
    a_night_project,
    a_project,
    an_id_number,
    an_identity,
)
from tests.support.claims import LIMITS
from tests.support.enrolled import enrol
from tests.support.fakes.claims import FakeClaims, FakeNotices, FakeWorkflows
from tests.support.fakes.cover import FakeCoverLines
from tests.support.ledger import balances
from tests.unit.books.desk import Desk as MoneyDesk
from tests.unit.cover.referral_desk import Desk, resident
from tests.unit.cover.test_certificate import FakeCertificateKeys
from tests.unit.cover.world import ID_NUMBER, World, code_key

SECOND = timedelta(seconds=1)
SOMEBODY_ELSE = ("李大伟", an_id_number("19920412"))


class Claims:
    """Where accidents are reported, on the policies of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.notices = FakeNotices()
        self.report = ReportClaim(
            claims=FakeClaims(),
            notices=self.notices,
            policies=PolicyFinder(hot=world.policies, archive=world.archive),
            reporters=world.workers,
            workflows=FakeWorkflows(),
            thresholds=LIMITS.thresholds,
            now=world.now,
        )

    def loss(self, worker: str, at: datetime, policy: Policy | None = None) -> Reported:
        """Report an accident; the clock moves on to it where it must."""
        self._world.now.at = max(self._world.now(), at)
        accident = Accident(occurred_at=at, place="二号卸货口", description="货物滑落", injury="脚趾压伤")
        number = None if policy is None else policy.policy_no
        return self.report(
            worker, LossReport(policy_no=number, accident=accident, claim_types=(ClaimType.MEDICAL,))
        )

    def is_covered(self, worker: str, at: datetime, policy: Policy) -> bool:
        reported = self.loss(worker, at)
        return reported.claim is not None and reported.claim.policy == policy


# ---- 1 -----------------------------------------------------------------------------------------------


def test_boundary_1_loss_is_covered_from_the_start_until_just_before_the_end_when_checking_in_at_23_50() -> (
    None
):
    """Loss at `from` is covered, at `to` is not; 1 s before `from` it is flagged for a person."""
    start = datetime(2026, 11, 24, 15, 50, tzinfo=UTC)  # 23:50 in China
    world = World(a_night_project(), at=start)
    claims = Claims(world)
    worker = world.worker("o-1", a_night_project())
    policy = world.cover(worker, a_night_project())
    assert (policy.period.start, policy.period.end) == (start, start + timedelta(hours=24))

    assert claims.is_covered(worker, start, policy)
    assert claims.is_covered(worker, datetime(2026, 11, 24, 18, 0, tzinfo=UTC), policy), "02:00 next day"
    assert claims.is_covered(worker, datetime(2026, 11, 25, 15, 49, 59, tzinfo=UTC), policy), "23:49:59"

    for outside in (start - SECOND, start + timedelta(hours=24)):
        assert claims.loss(worker, outside).claim is None, "no policy covers it, so a person looks"
        with pytest.raises(AccidentOutsideCoverError) as refusal:
            claims.loss(worker, outside, policy)
        notice = claims.notices.get(str(refusal.value.facts["report_no"]))
        assert notice.status is NoticeStatus.UNMATCHED, "kept, not refused"
        if outside < start:
            flagged = claims.report.match("s-1", notice.report_no, policy.policy_no)
            assert "F1_BEFORE_START" in {signal.rule for signal in flagged.signals}


# ---- 2 -----------------------------------------------------------------------------------------------

PARALLEL = 50


@contextmanager
def all_at(world: World, call: str) -> Iterator[None]:
    """Let nobody make that call for the first time before all are about to: each has read the same past."""
    barrier, met = threading.Barrier(PARALLEL), threading.local()

    def meet(name: str) -> None:
        if name == call and not hasattr(met, "once"):
            met.once = True
            barrier.wait(timeout=10)

    world.steps.before = meet
    try:
        yield
    finally:
        world.steps.calm()


def test_boundary_2_one_policy_and_one_debit_result_when_scanned_twice_in_parallel_and_redelivered() -> None:
    """Scan twice in 1 s, 50 parallel scans, redelivered event: one policy, one ledger debit."""
    world = World()
    worker = world.worker()
    with all_at(world, "check_ins.add"), ThreadPoolExecutor(PARALLEL) as pool:
        scans = list(pool.map(lambda _: world.begin(worker), range(PARALLEL)))
    (attempt,) = world.check_ins.all()
    assert {scan.check_in_id for scan in scans} == {attempt.check_in_id}
    assert len(world.work_card.orders) == 1
    world.now.advance(seconds=1)
    assert world.begin(worker).check_in_id == attempt.check_in_id

    world.work_card.show_face(attempt.authenticate_number)
    with all_at(world, "policies.add"), ThreadPoolExecutor(PARALLEL) as pool:
        issued = list(
            pool.map(lambda _: world.prove_check_in(worker, attempt.check_in_id).policy, range(PARALLEL))
        )
    (policy,) = world.policies.all()
    assert issued == [policy] * PARALLEL
    world.now.advance(seconds=1)
    assert world.scan(worker) == policy
    assert world.complete_check_in(worker, attempt.check_in_id, 0) == "ISSUED"
    assert world.policies.all() == [policy]

    day = MoneyDesk(world.now())
    line = line_of(policy)
    day.take_in(line, line)
    day.take_in(line)
    day.restart()
    day.take_in(line)
    assert balances(day.journal.all())[Account.COMPANY_RECEIVABLE] == policy.premium_fen == 70
    assert len(list(day.journal.all())) == 1


# ---- 3 -----------------------------------------------------------------------------------------------


def test_boundary_3_cover_is_adjacent_when_scanned_119_minutes_before_the_end_and_the_same_at_121() -> None:
    """Scan at to-121 min returns the old policy; at to-119 min gives adjacent cover with no gap."""
    world = World()
    worker = world.worker()
    policy = world.cover(worker)
    world.now.at = policy.period.end - timedelta(minutes=121)
    assert world.scan(worker) == policy
    world.now.at = policy.period.end - timedelta(minutes=119)
    following = world.cover(worker)
    assert following.policy_no != policy.policy_no
    assert following.period.start == policy.period.end
    assert world.policies.all() == [policy, following]


# ---- 4 -----------------------------------------------------------------------------------------------


def pay(desk: MoneyDesk) -> None:
    day = NOW.date()
    desk.close("C1", day)
    desk.pay("s-9", "C1", day, 70, "BANK-1")


def top_up(desk: MoneyDesk) -> None:
    desk.watch.limit("C1", 1_000)


@pytest.mark.parametrize("release", [pay, top_up])
def test_boundary_4_policy_starts_at_the_release_and_covers_no_loss_before_when_premium_was_short(
    release: Callable[[MoneyDesk], None],
) -> None:
    """Premium short (for us: the credit block): the policy starts after the payment or top-up; a loss between
    check-in and then is not covered, but the foreman was alerted."""
    world = World()
    claims = Claims(world)
    money = MoneyDesk(NOW)
    money.projects, money.now = world.projects, world.now
    money.restart()
    money.companies.set_credit_limit("C1", 70)
    first, second = world.worker("o-1"), world.worker("o-2")
    money.take_in(line_of(world.cover(first)))

    world.now.advance(minutes=1)
    with pytest.raises(CoverNotAvailableError):
        world.scan(second, stated=SOMEBODY_ELSE)
    assert world.work_card.orders.keys() == {world.check_ins.all()[0].authenticate_number}
    assert money.watch.read("C1").level is CreditLevel.BLOCKED
    roster = ReadRoster(
        now=world.now,
        projects=world.run_projects,
        lines=FakeCoverLines(),
        visits=world.visits,
        accounts=world.workers,
    )("C1", PROJECT)
    assert roster.project.credit_blocked
    assert [(seen.worker_id, seen.why) for seen in roster.uninsured] == [(second, Why.COVER_BLOCKED)]

    hurt_at = world.now() + timedelta(minutes=9)
    world.now.at = max(closing_time(NOW.date()), NOW + timedelta(hours=23))
    release(money)
    policy = world.cover(second, stated=SOMEBODY_ELSE)
    assert policy.period.start == policy.issued_at == world.now()
    between = claims.loss(second, hurt_at)
    assert between.claim is None
    assert between.notice is not None, "kept for a person, never refused by itself"
    with pytest.raises(AccidentOutsideCoverError):
        claims.loss(second, hurt_at, policy)
    assert claims.is_covered(second, world.now(), policy)


# ---- 5 -----------------------------------------------------------------------------------------------


def approve(desk: Desk, reason: ReferralReason) -> Policy:
    """The way round the work card: ask, confirm on site, approve."""
    referral = desk.confirm(desk.ask(resident(ID_NUMBER), reason))
    assert desk.world.policies.all() == [], "asking alone insures nobody"
    _, issued = desk.decide("s-1", referral.referral_id, True, "DOCUMENT_SEEN")
    assert issued is not None
    assert issued.policy is not None
    return issued.policy


def test_boundary_5_a_new_attempt_begins_and_no_policy_exists_when_the_token_is_5_min_1_s_old() -> None:
    world = World()
    worker = world.worker()
    old = world.begin(worker)
    world.now.advance(minutes=5, seconds=1)
    assert world.prove_check_in(worker, old.check_in_id).policy is None
    again = world.begin(worker)
    assert again.check_in_id != old.check_in_id, "the fallback: scan again"
    world.now.advance(minutes=1)
    with pytest.raises(CheckInExpiredError):
        world.prove_check_in(worker, old.check_in_id)
    assert world.policies.all() == []


def test_boundary_5_people_stand_in_and_no_policy_exists_when_it_is_the_21st_pre_order() -> None:
    desk = Desk()
    for _ in range(20):
        desk.world.begin(desk.worker)
        desk.world.now.advance(minutes=5)
    with pytest.raises(WorkCardLimitError):
        desk.world.begin(desk.worker)
    assert len(desk.world.work_card.orders) == 20
    assert approve(desk, ReferralReason.PRE_ORDERS_USED_UP).issued_at == desk.world.now()


def test_boundary_5_people_stand_in_and_no_policy_exists_when_it_is_the_6th_face() -> None:
    desk = Desk()
    for _ in range(5):
        check_in = desk.world.begin(desk.worker)
        desk.world.work_card.show_face(check_in.authenticate_number, failed="FACE_RECOGNITION_FAILED")
        with pytest.raises(FaceCheckFailedError):
            desk.world.prove_check_in(desk.worker, check_in.check_in_id)
    desk.world.work_card.refusal = WorkCardLimitError()  # five failures lock the worker out for the day
    with pytest.raises(WorkCardLimitError):
        desk.world.begin(desk.worker)
    approve(desk, ReferralReason.FACE_FAILED)
    (referral,) = desk.ask_referral.of(desk.worker)
    assert referral.failed == 6


# ---- 6 -----------------------------------------------------------------------------------------------


def test_boundary_6_worker_is_authorised_anew_and_insured_when_scanning_another_company_s_code() -> None:
    """Authorised for company A, scans company B: re-authorise, not an error page."""
    here, there = (
        a_project(),
        a_project(project_id="0" * 25 + "8", company_id="C2", company_name="另一家", sub_mchid="1900000110"),
    )
    world = World(here, there)
    worker = world.worker("o-1", here)
    world.cover(worker, here)
    token, _ = issue_token(there, code_key)
    preview = world.preview_cover(worker, token)
    assert not any(preview.is_given(text) for text in preview.texts)
    accepted = {text.kind: (text.sha256, NOW) for text in preview.texts}
    assert set(accepted) == set(ConsentKind)
    world.preview_cover.accept(worker, token, accepted)
    check_in = world.begin(worker, there, stated=None)
    # one flow at the work card opens card, authorisation of this company and face check
    assert world.work_card.orders[check_in.authenticate_number].sub_mchid == "1900000110"
    world.work_card.show_face(check_in.authenticate_number)
    assert world.prove_check_in(worker, check_in.check_in_id).policy is not None
    assert {policy.company_id for policy in world.policies.all()} == {"C1", "C2"}


# ---- 7 -----------------------------------------------------------------------------------------------


def test_boundary_7_class_six_is_referred_and_declined_with_a_reason_when_nobody_answers() -> None:
    """Class 6: REFERRED, timeout, DECLINED with a reason visible to the worker."""
    desk = Desk()
    enrol(desk.world.companies, Company(company_id="C1", name="浦江劳务", sub_mchid="1900000109"))
    wanted = a_new_project(occupation_code="WORK_AT_HEIGHT", plan_id="T1")
    project: Project = desk.world.run_projects.create("C1", wanted)
    assert (project.status, project.occupation_class, project.premium_fen) == (ProjectStatus.OPEN, 6, 150)
    desk.project = project
    desk.world.consent(desk.worker, project)

    with pytest.raises(OccupationReferredError) as referred:
        desk.world.scan(desk.worker, project)
    assert desk.world.work_card.orders == {}
    referral = desk.ask(resident(ID_NUMBER), ReferralReason.OCCUPATION_CLASS)
    assert referral.status(desk.world.now()) is ReferralStatus.ASKED
    desk.world.now.advance(minutes=30)
    (seen,) = desk.ask_referral.of(desk.worker)
    assert seen.status(desk.world.now()) is ReferralStatus.DECLINED
    words = decline_words(seen, desk.world.now())
    assert words is not None
    assert str(referred.value.facts["reason_zh"]) in words.zh
    assert str(referred.value.facts["reason_en"]) in words.en
    with pytest.raises(ReferralClosedError):
        desk.decide("s-1", referral.referral_id, True, "TOO_LATE")
    assert desk.world.policies.all() == []


# ---- 8 -----------------------------------------------------------------------------------------------


def test_boundary_8_issue_is_refused_when_there_is_no_record_of_consent_to_the_death_benefit() -> None:
    world = World()
    worker = world.worker()
    world.consents.withdraw(worker, PROJECT, [ConsentKind.SUM_INSURED], world.now())
    with pytest.raises(ConsentMissingError) as refusal:
        world.begin(worker)
    assert "SUM_INSURED" in str(refusal.value.facts)
    # and where the gate was passed all the same, issuing looks again
    attempt = a_check_in(
        worker_id=worker,
        openid="o-1",
        consents=(),
        identity=an_identity(person_id=world.index.person_id(ID_NUMBER)),
    )
    world.check_ins.add(attempt)
    world.work_card.pre_order(
        PreOrder(
            authenticate_number=attempt.authenticate_number,
            openid=attempt.openid,
            sub_mchid=attempt.sub_mchid,
            project_name=a_project().name,
            employer_name=a_project().employer_name,
            name=attempt.identity.name,
            id_number=attempt.identity.id_number,
        )
    )
    world.work_card.show_face(attempt.authenticate_number)
    with pytest.raises(ConsentMissingError):
        world.prove_check_in(worker, attempt.check_in_id)
    assert world.policies.all() == []


# ---- 15 ----------------------------------------------------------------------------------------------


def test_boundary_15_certificates_and_claims_go_on_when_the_company_has_closed_its_account() -> None:
    """Company closes its account: the worker can still see every certificate and open a claim."""
    world = World()
    worker = world.worker()
    first = world.cover(worker)
    world.now.advance(hours=24)
    second = world.cover(worker)
    keep = KeepPolicies(archive=world.archive)
    keep.follow([HotChange(PolicyChange.INSERT, policy) for policy in (first, second)], world.now())
    for policy in (first, second):
        world.archive.close_day(policy.issued_at.date(), 0, 1)

    world.run_projects.move("C1", PROJECT, ProjectStatus.CLOSED)
    with pytest.raises(ProjectNotOpenError):
        world.scan(worker)
    world.projects._projects.clear()  # the company and its projects are gone, and so is the hot table
    for policy in (first, second):
        world.policies.forget(policy)

    assert world.read_policies.all_of(worker) == [second, first]
    key = Ed25519Key(bytes(32))
    certify = IssueCertificate(
        policies=world.read_policies, companies=world.companies, designated=lambda _: 0, key=key
    )
    published = FakeCertificateKeys(key)
    verify = VerifyCertificate(
        keys=published,
        verify_signature=verify_ed25519,
        policies=PolicyFinder(hot=world.policies, archive=world.archive),
        now=world.now,
    )
    for policy in (first, second):
        issued = certify(worker, policy.policy_no)
        assert issued.certificate.policy_no == policy.policy_no
        assert issued.policyholder is None  # the master policy names it
        assert verify(issued.credential).status is PolicyStatus.ISSUED
    claims = Claims(world)
    for policy in (first, second):
        assert claims.is_covered(worker, policy.period.start + timedelta(hours=1), policy)


# ---- 17 ----------------------------------------------------------------------------------------------


class Kms:
    """A key service that wraps by adding a byte."""

    def __init__(self) -> None:
        self._made = 0

    def call(self, operation: str, **request: str) -> dict[str, str]:
        if operation == "Decrypt":
            return {"Plaintext": b64encode(b64decode(request["CiphertextBlob"])[1:]).decode()}
        assert operation == "GenerateDataKey"
        self._made += 1
        key = bytes([self._made]) * 32
        return {
            name: b64encode(data).decode()
            for name, data in (("CiphertextBlob", b"w" + key), ("Plaintext", key))
        }


class Keys:
    """Implements both `DayKeys`: what seals positions and what forgets them."""

    def __init__(self) -> None:
        self._wrapped: dict[str, str] = {}

    def find(self, day: str) -> str | None:
        return self._wrapped.get(day)

    def add(self, day: str, wrapped: str) -> str:
        return self._wrapped.setdefault(day, wrapped)

    def delete_before(self, day: str) -> list[str]:
        old = sorted(known for known in self._wrapped if known < day)
        for known in old:
            del self._wrapped[known]
        return old


def test_boundary_17_data_is_locked_and_the_position_forgotten_when_erasure_is_asked_for_in_retention() -> (
    None
):
    """Erasure request during retention: data locked, not deleted; location purged on schedule."""
    world = World()
    worker = world.worker()
    policy = world.cover(worker)
    world.archive.add(policy)
    kms, keys = Kms(), Keys()
    (check_in,) = world.check_ins.all()
    assert check_in.place is not None
    sealed = DayCipher(kms, "key", keys).seal(check_in.place.model_dump_json(), worker, check_in.day)

    erasure = world.erase.request(worker)
    assert erasure.status is ErasureStatus.LOCKED
    assert (erasure.check_ins, erasure.consents) == (0, 0)
    assert world.workers.get(worker).name is not None
    assert world.check_ins.get(worker, check_in.check_in_id).status is CheckInStatus.ISSUED
    assert {entry.kind for entry in world.consents.history(worker)[0]} == set(ConsentKind)
    with pytest.raises(PersonalDataLockedError):
        world.scan(worker)
    assert world.read_policies.all_of(worker) == [policy]

    purge = PurgeLocations(now=world.now, delete_keys_before=keys.delete_before)
    for days in range(31):
        world.now.at = NOW + timedelta(days=days)
        assert purge() == []
        assert DayCipher(kms, "key", keys).open(sealed, worker, check_in.day) is not None
    world.now.at = NOW + timedelta(days=31)
    assert purge() == [check_in.day]
    assert DayCipher(kms, "key", keys).open(sealed, worker, check_in.day) is None
    assert check_in.distance_m == 0, "what the position proved stays"
