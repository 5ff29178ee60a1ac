"""Whatever ends cover may come between any two calls of whatever begins it: voidance, erasure, withdrawal."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import partial
from itertools import count, pairwise

import pytest

from daycover.china_time import china_day
from daycover.cover.check_in import CheckInStatus
from daycover.cover.erase import Erasure, ErasureStatus
from daycover.cover.issue import ConsentWithdrawnError, DataErasedError
from daycover.cover.lifecycle import Author, Event, end
from daycover.cover.policy import EndReason, Policy, PolicyStatus, Stop, StopReason
from daycover.cover.referral import ReferralReason, ReferralStatus
from daycover.cover.underwriting import AgeOutOfRangeError
from daycover.cover.void import VoidPolicy
from daycover.cover.withdraw import Withdrawal
from daycover.errors import ConcurrentChangeError, DaycoverError
from daycover.identity.consent import ConsentKind
from daycover.identity.document import IdDocumentType
from daycover.identity.work_card import WorkCardUnavailableError
from daycover.identity.worker import NameMismatchError, PersonalDataLockedError
from daycover.payouts.beneficiary import Relation
from daycover.payouts.designation import (
    Designate,
    Designated,
    Designation,
    DesignationNeedsIdentityError,
)
from daycover.projects.project import Project
from tests.support.builders import NOW, PROJECT, a_night_project, a_project, an_id_number
from tests.unit.cover.interleaving import Schedules, interleave
from tests.unit.cover.referral_desk import Desk, resident
from tests.unit.cover.world import ID_NUMBER, NAME, World

SCHEDULES = 250
STAFF = Author("staff", "s-1")
Act = Callable[[World, str], object]


def erase(world: World, worker: str) -> object:
    return world.erase.request(worker)


def withdraw(world: World, worker: str) -> object:
    return world.withdraw(worker, list(ConsentKind), project_id=PROJECT)


def first_time(world: World) -> str:
    return world.worker()


def known(world: World) -> str:
    """A worker whose person the work card proved two days ago."""
    worker = world.worker()
    world.cover(worker)
    world.now.advance(days=2)
    return worker


def come_and_go(world: World, worker: str, project: Project | None = None) -> None:
    """From the scan to the policy, and once more from the queue; refusals are an answer."""
    try:
        check_in = world.scan(worker, project)
    except DaycoverError:
        return
    if isinstance(check_in, Policy):
        return
    world.work_card.show_face(check_in.authenticate_number)
    for ask in (world.prove_check_in, partial(world.complete_check_in, attempt=0)):
        try:
            ask(worker, check_in.check_in_id)
        except DaycoverError:
            pass  # an answer to the app; the queue's message comes back by itself


def numbers(world: World) -> set[str]:
    return {policy.policy_no for policy in world.policies.all()}


def end_and_note(world: World, worker: str, act: Act, left: list[set[str]]) -> None:
    """End it, and note which policies there are at that moment."""
    act(world, worker)
    left.append(numbers(world))


def queue_gives_up(world: World, worker: str) -> None:
    """The last message about every check-in comes, after all that a face could still be shown for."""
    world.now.advance(minutes=10)
    for check_in in world.check_ins.all():
        world.complete_check_in(worker, check_in.check_in_id, 7)


def nothing_is_left_of_it(world: World, worker: str, act: Act, before: set[str]) -> None:
    """What every end leaves, whenever it came and however the application went on."""
    fresh = [policy for policy in world.policies.all() if policy.policy_no not in before]
    seen = {policy.policy_no for policy in world.read_policies.all_of(worker)}
    stored = world.workers.get(worker)
    stops = world.policies.chain(world.index.person_id(ID_NUMBER), world.now()).stops
    for policy in fresh:
        assert policy.policy_no in seen, "a policy that its owner cannot see"
        if act is withdraw:
            assert policy.status is PolicyStatus.TERMINATED, "cover that rests on no consent"
        assert all(policy.sequence < stop.sequence for stop in stops if stop.worker_id == worker)
    if act is erase and not fresh and not before:
        assert (stored.person_id, stored.name, stored.id_number) == (None, None, None)
        assert stored.locked_at is None
    if act is erase and (fresh or before):
        assert stored.locked_at is not None
    for check_in in world.check_ins.all():
        assert check_in.status not in {CheckInStatus.STARTED, CheckInStatus.PRE_ORDERED}
        own = [p for p in fresh if p.check_in_id == check_in.check_in_id and p.worker_id == worker]
        if own:
            assert (check_in.status, check_in.policy_no) == (CheckInStatus.ISSUED, own[0].policy_no)


@pytest.mark.parametrize("act", [erase, withdraw])
@pytest.mark.parametrize("who", [first_time, known])
def test_nothing_is_issued_after_it_when_the_end_comes_at_any_call_of_the_journey(
    act: Act, who: Callable[[World], str]
) -> None:
    for index in count():
        world = World()
        worker = who(world)
        before = numbers(world)
        world.steps.calm()
        left: list[set[str]] = []
        world.steps.interrupt_at(index, partial(end_and_note, world, worker, act, left))
        come_and_go(world, worker)
        world.steps.calm()
        if not left:
            break  # fewer calls than `index`: every place was tried
        assert [numbers(world)] == left
        queue_gives_up(world, worker)
        nothing_is_left_of_it(world, worker, act, before)
    assert index > 12


@pytest.mark.parametrize("act", [erase, withdraw])
@pytest.mark.parametrize("who", [first_time, known])
def test_nothing_is_left_when_both_go_on_call_by_call(act: Act, who: Callable[[World], str]) -> None:
    for seed in range(SCHEDULES):
        world = World()
        worker = who(world)
        before = numbers(world)
        choose = random.Random(seed).choice
        interleave(world.steps, [partial(come_and_go, world, worker), partial(act, world, worker)], choose)
        queue_gives_up(world, worker)
        nothing_is_left_of_it(world, worker, act, before)


def test_nobody_is_left_behind_when_the_day_after_an_erasure_has_come() -> None:
    world = World()
    worker = world.worker()
    check_in = world.face(worker)
    erasure = world.erase.request(worker)
    assert erasure.status is ErasureStatus.DELETED
    assert erasure.finished_on is not None
    with pytest.raises(DataErasedError):
        world.prove_check_in(worker, check_in.check_in_id)
    world.now.advance(days=1)
    world.erase.run_due()
    assert world.check_ins.all() == []
    assert world.erasures.due(erasure.finished_on) == []


def test_worker_who_erased_is_insured_anew_when_they_come_again() -> None:
    world = World()
    worker = world.worker()
    old = world.face(worker)
    world.erase.request(worker)
    world.now.advance(seconds=5)
    world.consent(worker, a_project())
    policy = world.cover(worker)
    assert world.read_policies.all_of(worker) == [policy]
    with pytest.raises(DataErasedError):
        world.prove_check_in(worker, old.check_in_id)
    world.now.advance(days=1)
    world.erase.run_due()
    assert [c.policy_no for c in world.check_ins.all()] == [policy.policy_no]
    assert world.workers.get(worker).name == NAME


def test_data_is_kept_when_the_worker_reported_a_loss_without_a_policy() -> None:
    world = World()
    worker = world.worker()
    world.reported_at = NOW
    erasure = world.erase.request(worker)
    assert erasure.status is ErasureStatus.LOCKED
    with pytest.raises(PersonalDataLockedError):
        world.scan(worker)


def test_designation_goes_when_nothing_else_must_be_kept() -> None:
    world = World()
    worker = world.worker()
    person = world.index.person_id(ID_NUMBER)
    world.workers.bind(worker, world.begin(worker).identity, NOW)
    world.designations.add(Designation(person_id=person, version=1))
    world.erase.request(worker)
    assert world.designations.list_of(person) == []


def test_another_account_of_the_person_is_insured_when_one_withdrew() -> None:
    world = World()
    one, two = world.worker("o-1"), world.worker("o-2")
    check_in = world.face(one)
    withdraw(world, one)
    policy = world.cover(two)
    assert policy.sequence == 2  # the stop has the first place
    with pytest.raises(ConsentWithdrawnError):
        world.prove_check_in(one, check_in.check_in_id)


@pytest.mark.parametrize("act", [erase, withdraw])
@pytest.mark.parametrize("begun_after", [False, True])
def test_colleague_s_cover_goes_on_when_it_was_their_name_that_an_account_stated_before_it_ended(
    act: Act, begun_after: bool
) -> None:
    world = World()
    stranger, colleague = world.worker("o-1"), world.worker("o-2")
    if not begun_after:
        world.begin(stranger)
    policy = world.cover(colleague)
    world.now.advance(minutes=5)
    if begun_after:
        world.begin(stranger)
    answer = act(world, stranger)
    assert world.policies.get(policy.policy_no).in_force(world.now())
    if isinstance(answer, Withdrawal):
        assert answer.ended == []  # nor is it told about them
    if isinstance(answer, Erasure):
        assert answer.status is ErasureStatus.DELETED


@pytest.mark.parametrize("act", [erase, withdraw])
def test_colleague_s_chain_takes_one_stop_when_an_account_that_stated_their_name_ends_again_and_again(
    act: Act,
) -> None:
    world = World()
    stranger, colleague = world.worker("o-1"), world.worker("o-2")
    world.begin(stranger)
    policy = world.cover(colleague)
    for _ in range(20):
        act(world, stranger)
        world.now.advance(seconds=5)
    chain = world.policies.chain(policy.person_id, world.now())
    assert len(chain.stops) == 1


def test_withdrawal_ends_the_rest_when_staff_void_one_policy_meanwhile() -> None:
    world, worker, first = near_its_end()
    second = world.cover(worker)

    def void_both() -> None:
        for policy in (first, second):
            world.policies.end(end(policy, Event.VOID, EndReason.IDENTITY_THEFT, STAFF, world.now()))

    world.steps.interrupt_at("policies.end", void_both)
    answer = world.withdraw(worker, list(ConsentKind), project_id=PROJECT)
    assert answer.ended == []
    assert {policy.status for policy in world.policies.all()} == {PolicyStatus.VOIDED}


def test_other_project_goes_on_when_consent_to_one_is_withdrawn() -> None:
    other = a_project(project_id="00000000000000000000000008", company_id="C2")
    world = World(a_project(), other)
    worker = world.worker("o-1", a_project(), other)
    here = world.face(worker)
    withdraw(world, worker)
    assert world.cover(worker, other).project_id == other.project_id
    with pytest.raises(ConsentWithdrawnError):
        world.prove_check_in(worker, here.check_in_id)


def test_policy_is_refused_when_the_account_is_somebody_else_s() -> None:
    world = World()
    worker = world.worker()
    world.cover(worker)
    world.now.advance(days=2)
    stated = ("李四", an_id_number(order="013"))
    with pytest.raises(NameMismatchError):
        world.scan(worker, stated=stated)
    another = world.begin(world.worker("o-2"), stated=stated).identity
    check_in = world.face(worker)  # begun, say, before the first proof bound the account
    world.check_ins.delete_before(worker, "20991231", issued=False)
    world.check_ins.add(check_in.model_copy(update={"identity": another, "is_proved": False}))
    with pytest.raises(NameMismatchError):
        world.prove_check_in(worker, check_in.check_in_id)
    with pytest.raises(NameMismatchError):  # told the same again
        world.prove_check_in(worker, check_in.check_in_id)
    assert len(world.policies.all()) == 1


def near_its_end() -> tuple[World, str, Policy]:
    world = World()
    worker = world.worker()
    first = world.cover(worker)
    world.now.at = first.period.end - timedelta(minutes=60)
    return world, worker, first


def void(world: World, policy: Policy) -> Policy:
    return VoidPolicy(
        now=world.now,
        policies=world.policies,
        archive=world.archive,
        end_policies=world.end_policies,
    )("s-1", policy.policy_no, EndReason.IDENTITY_THEFT)


def test_no_cover_rests_on_a_void_one_when_it_is_voided_while_adjacent_cover_is_issued() -> None:
    schedules = Schedules()
    tried = outcomes = 0
    for _ in schedules:
        world, worker, first = near_its_end()
        check_in = world.face(worker)
        interleave(
            world.steps,
            [partial(world.prove_check_in, worker, check_in.check_in_id), partial(void, world, first)],
            schedules.choose,
            only="policies",
        )
        standing = [p for p in world.policies.all() if p.status is PolicyStatus.ISSUED]
        for policy in standing:
            assert policy.period.start == policy.issued_at, "cover that waits for the end of a void one"
        outcomes |= 1 << len(standing)
        tried += 1
    assert tried > 5
    assert outcomes == 0b11  # voided before it read: cover from now; after: both are void


def test_adjacent_cover_is_refused_by_the_put_when_its_neighbour_has_ended() -> None:
    world, worker, first = near_its_end()
    check_in = world.face(worker)
    world.steps.interrupt_at("policies.add", partial(void, world, first))
    policy = world.prove_check_in(worker, check_in.check_in_id).policy
    assert policy is not None
    assert policy.period.start == world.now()


def test_age_is_read_at_the_start_of_cover_when_it_adjoins_cover_in_force() -> None:
    sixty_six_tomorrow = an_id_number("19601125")
    world = World()
    worker = world.worker()
    first = world.cover(worker, stated=(NAME, sixty_six_tomorrow))
    assert china_day(first.period.end) == date(2026, 11, 25)
    world.now.at = first.period.end - timedelta(minutes=121)
    assert world.scan(worker, stated=(NAME, sixty_six_tomorrow)) == first
    world.now.advance(minutes=2)
    with pytest.raises(AgeOutOfRangeError):  # told before a face is shown
        world.scan(worker, stated=(NAME, sixty_six_tomorrow))


def test_age_is_read_at_the_start_of_cover_when_the_face_comes_after_midnight() -> None:
    sixty_six_tomorrow = an_id_number("19601125")
    world = World(a_night_project())
    world.now.at = datetime(2026, 11, 24, 15, 58, tzinfo=UTC)  # 23:58 in China
    worker = world.worker("o-1", a_night_project())
    check_in = world.face(worker, a_night_project(), stated=(NAME, sixty_six_tomorrow))
    world.now.advance(minutes=3)
    for _ in range(2):
        with pytest.raises(AgeOutOfRangeError):
            world.prove_check_in(worker, check_in.check_in_id)
    assert world.policies.all() == []


def test_stop_is_a_place_of_the_chain_when_policies_come_before_and_after() -> None:
    world = World()
    worker = world.worker()
    first = world.cover(worker)
    withdraw(world, worker)
    world.now.advance(seconds=2)
    world.consent(worker, a_project())
    second = world.cover(worker)
    chain = world.policies.chain(first.person_id, world.now())
    assert [policy.sequence for policy in chain.policies] == [3, 1]
    assert [stop.sequence for stop in chain.stops] == [2]
    assert second.policy_no != first.policy_no
    assert all(one.sequence > two.sequence for one, two in pairwise(chain.policies))


@pytest.mark.parametrize("act", [erase, withdraw])
@pytest.mark.parametrize("who", [first_time, known])
def test_end_stops_what_stands_there_when_its_clock_is_behind(act: Act, who: Callable[[World], str]) -> None:
    world = World()
    worker = who(world)
    before = numbers(world)
    check_in = world.face(worker)

    def end_by_another_clock() -> None:
        world.now.advance(minutes=-3)
        act(world, worker)
        world.now.advance(minutes=3)

    world.steps.calm()
    world.steps.interrupt_at("policies.add", end_by_another_clock)
    with suppress(DaycoverError):
        world.prove_check_in(worker, check_in.check_in_id)
    nothing_is_left_of_it(world, worker, act, before)


def test_stop_holds_only_what_was_asked_before_by_that_account() -> None:
    stop = Stop(
        person_id="P",
        sequence=2,
        worker_id="W",
        reason=StopReason.CONSENT_WITHDRAWN,
        project_ids=frozenset({PROJECT}),
        at=NOW,
    )
    assert stop.holds("W", PROJECT, NOW)
    assert not stop.holds("W", PROJECT, NOW + timedelta(seconds=2))
    assert not stop.holds("V", PROJECT, NOW)
    assert not stop.holds("W", "other", NOW)
    assert stop.model_copy(update={"project_ids": None}).holds("W", "other", NOW)


@pytest.mark.parametrize("act", [None, erase, withdraw])
@pytest.mark.parametrize("who", [first_time, known])
def test_outage_at_any_call_burns_no_attempt_and_hides_no_end(
    act: Act | None, who: Callable[[World], str]
) -> None:
    """WeChat is out from any call on, then an end comes or none, then WeChat is back and the worker scans again."""
    out = WorkCardUnavailableError(may_have_counted=False)
    for index in count():
        world = World()
        worker = who(world)
        before = numbers(world)
        orders = len(world.work_card.orders)
        world.steps.calm()
        world.steps.interrupt_at(index, partial(setattr, world.work_card, "refusal", out))
        come_and_go(world, worker)
        world.steps.calm()
        if world.work_card.refusal is None:
            break
        if act is not None:
            act(world, worker)
        world.work_card.refusal = None
        world.now.advance(minutes=1)
        if act is None:
            come_and_go(world, worker)
            fresh = [policy for policy in world.policies.all() if policy.policy_no not in before]
            assert [policy.in_force(world.now()) for policy in fresh] == [True]
            assert len(world.work_card.orders) == orders + 1, "an attempt was burnt"
        else:
            queue_gives_up(world, worker)
            nothing_is_left_of_it(world, worker, act, before)
    assert index > 10


def come_back(world: World, worker: str) -> None:
    """The owner's other phone takes the request back, consents and applies again."""
    world.now.advance(seconds=2)
    world.erase.withdraw(worker)
    project = world.projects.get(PROJECT)
    world.consent(worker, project)
    come_and_go(world, worker, project)


def proved_only(world: World) -> str:
    """A worker who was proved and never insured."""
    worker = world.worker()
    world.workers.bind(worker, world.begin(worker).identity, world.now())
    return worker


def long_ago(world: World) -> str:
    """A worker whose retention ends today, and whose request of then waits for it."""
    project = world.projects.get(PROJECT)
    world.projects.save(
        project.model_copy(update={"ends_on": date(2037, 1, 1), "version": project.version + 1})
    )
    worker = world.worker()
    policy = world.cover(worker)
    world.archive.add(policy)
    world.erase.request(worker)
    world.policies.forget(policy)
    world.now.at = datetime(2036, 11, 26, 1, tzinfo=UTC)
    return worker


def run_due(world: World, _: str) -> object:
    return world.erase.run_due()


@pytest.mark.parametrize(
    ("who", "act"), [(first_time, erase), (proved_only, erase), (known, erase), (long_ago, run_due)]
)
def test_owner_sees_every_policy_when_they_come_back_while_their_data_is_being_erased(
    who: Callable[[World], str], act: Act
) -> None:
    insured = 0
    for index in count():
        world = World()
        worker = who(world)
        before = numbers(world)
        world.steps.calm()
        world.steps.interrupt_at(index, partial(come_back, world, worker))
        try:
            act(world, worker)
        except ConcurrentChangeError:
            pass  # an answer to the phone that asked: the other one has taken it back
        if len(world.steps.calls) <= index:
            break
        world.steps.calm()
        fresh = numbers(world) - before
        seen = {policy.policy_no for policy in world.read_policies.all_of(worker)}
        assert fresh <= seen, index
        insured += len(fresh)
        stored = world.workers.get(worker)
        if fresh and stored.locked_at is None:
            assert stored.name == NAME
    assert index > 5
    assert insured > 0


CHILD = Designated(
    name="王小红",
    document_type=IdDocumentType.RESIDENT_ID,
    document_number=an_id_number(order="013"),
    relation=Relation.CHILD,
    share=Fraction(1),
)


def state_child(designate: Designate, worker: str) -> str:
    try:
        designate(worker, 0, (CHILD,))
    except DesignationNeedsIdentityError:
        return "refused"
    return "stated"


def test_nobody_s_designation_is_left_when_it_is_stated_while_their_data_is_being_erased() -> None:
    schedules = Schedules()
    outcomes = set()
    for _ in schedules:
        world = World()
        worker = proved_only(world)
        designate = Designate(
            designations=world.designations, workers=world.workers, index=world.index, now=world.now
        )
        answers = interleave(
            world.steps,
            [partial(state_child, designate, worker), partial(erase, world, worker)],
            schedules.choose,
            only="designations",
        )
        outcomes.add(answers[0])
        assert world.designations.list_of(world.index.person_id(ID_NUMBER)) == []
    assert "stated" in outcomes


def take_back(world: World, worker: str) -> object:
    world.erase.request(worker)
    return world.erase.withdraw(worker)


def erase_twice(world: World, worker: str) -> object:
    world.erase.request(worker)
    return world.erase.request(worker)


@pytest.mark.parametrize("act", [erase, withdraw, take_back, erase_twice])
@pytest.mark.parametrize("is_known", [False, True])
def test_no_referral_becomes_cover_after_an_end_when_it_is_decided_at_the_same_moment(
    act: Act, is_known: bool
) -> None:
    """Also when a colleague of the underwriter repeats the approval, and a check-in of another phone goes on."""
    for seed in range(SCHEDULES // 5):
        desk = Desk()
        world, worker = desk.world, desk.worker
        if is_known:
            world.cover(worker)
            world.now.advance(days=2)
        before = numbers(world)
        referral = desk.confirm(desk.ask(resident(ID_NUMBER), ReferralReason.FACE_DECLINED))
        left: list[set[str]] = []
        end_it = partial(end_and_note, world, worker, act, left)

        def decide(desk: Desk = desk, number: str = referral.referral_id) -> None:
            for staff_id in ("s-1", "s-2"):
                try:
                    desk.decide(staff_id, number, True, "SEEN")
                except DaycoverError:
                    pass  # an answer to the underwriter

        choose = random.Random(seed).choice
        interleave(world.steps, [decide, end_it, partial(come_and_go, world, worker)], choose)
        decide()
        queue_gives_up(world, worker)
        after = numbers(world)
        assert [after] == left or act is take_back
        assert after - before <= {policy.policy_no for policy in world.read_policies.all_of(worker)}
        if act is withdraw:
            assert not any(world.policies.get(number).in_force(world.now()) for number in after)
        stored = desk.referrals.get(referral.referral_id)
        assert stored.policy_no is None or stored.policy_no in after
        if stored.policy_no is None:
            assert stored.status(world.now()) is not ReferralStatus.APPROVED
