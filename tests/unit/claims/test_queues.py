"""Queues of staff: who has taken what, what is found in them, and a queue of thousands page by page."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from daycover.claims.assign import Assigner
from daycover.claims.claim import Claim, ClaimTakenError, Queue, QueueEntry
from daycover.claims.decide import Verdict
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.queues import MOST_WAITING, PAGE, Wanted
from daycover.errors import ConcurrentChangeError
from tests.support.claims import ACCIDENT_AT, a_notice
from tests.unit.claims.world import World

APPROVED = Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "属于责任范围")
WEI, LAN = Assigner("adjuster-wei"), Assigner("adjuster-lan")
SENIOR = Assigner("senior-lu", is_senior=True)


def referred(world: World, number: int = 0) -> Claim:
    return world.referred(invoice_no=f"N{number}", occurred_at=ACCIDENT_AT - timedelta(minutes=number))


def test_claim_is_taken_once_and_its_history_says_by_whom() -> None:
    world = World()
    claim = referred(world)
    for _ in range(2):
        taken = world.assign.hand_to(WEI, claim.claim_no, WEI.staff_id)
    assert taken.assignee == WEI.staff_id
    with pytest.raises(ClaimTakenError):
        world.assign.hand_to(LAN, claim.claim_no, LAN.staff_id)
    lines = [line for line in world.claims.history(claim.claim_no) if line.event is ClaimEvent.ASSIGNED]
    assert [(line.by.id, line.reason_code) for line in lines] == [(WEI.staff_id, WEI.staff_id)]


def test_one_of_two_is_told_who_has_it_when_both_take_it_at_once() -> None:
    world = World()
    claim = referred(world)
    read = world.claims.get

    def read_and_lose(claim_no: str) -> Claim:
        found = read(claim_no)
        world.claims.get = read  # type: ignore[method-assign]
        world.assign.hand_to(WEI, claim_no, WEI.staff_id)
        return found

    world.claims.get = read_and_lose  # type: ignore[method-assign]
    with pytest.raises(ClaimTakenError):
        world.assign.hand_to(LAN, claim.claim_no, LAN.staff_id)
    assert world.claims.get(claim.claim_no).assignee == WEI.staff_id


def test_change_of_something_else_is_no_colleague_when_both_write_at_once() -> None:
    world = World()
    claim = referred(world)
    read = world.claims.get

    def read_and_lose(claim_no: str) -> Claim:
        found = read(claim_no)
        world.claims.get = read  # type: ignore[method-assign]
        world.review.note("clerk-1", claim_no, "被保险人来电")
        return found

    world.claims.get = read_and_lose  # type: ignore[method-assign]
    with pytest.raises(ConcurrentChangeError):
        world.assign.hand_to(LAN, claim.claim_no, LAN.staff_id)


def test_claim_is_given_back_by_who_has_it_and_handed_over_by_a_senior() -> None:
    world = World()
    claim = referred(world)
    world.assign.hand_to(WEI, claim.claim_no, WEI.staff_id)
    with pytest.raises(ClaimTakenError):
        world.assign.give_back(LAN, claim.claim_no)
    assert world.assign.hand_to(SENIOR, claim.claim_no, LAN.staff_id).assignee == LAN.staff_id
    for _ in range(2):
        assert world.assign.give_back(LAN, claim.claim_no).assignee is None
    events = [line.event for line in world.claims.history(claim.claim_no)][-3:]
    assert events == [ClaimEvent.ASSIGNED, ClaimEvent.ASSIGNED, ClaimEvent.GIVEN_BACK]


def test_decided_claim_is_nobody_s_in_the_next_queue_and_the_same_person_s_when_sent_back() -> None:
    world = World()
    claim = world.decide("adjuster-1", referred(world).claim_no, APPROVED)
    world.assign.hand_to(WEI, claim.claim_no, WEI.staff_id)
    world.acknowledge("senior-9", claim.claim_no, False, "请核对票据")
    back = world.claims.get(claim.claim_no)
    assert back.assignee is None, "taken to acknowledge, not to decide"
    world.assign.hand_to(LAN, claim.claim_no, LAN.staff_id)
    assert world.queues.page(Queue.DECISION, Wanted(assignee=LAN.staff_id)).matched == 1


@pytest.mark.parametrize(
    ("wanted", "matched"),
    [
        (Wanted(), 2),
        (Wanted(benefit=ClaimType.MEDICAL), 2),
        (Wanted(benefit=ClaimType.DEATH), 0),
        (Wanted(status=ClaimStatus.IN_REVIEW), 2),
        (Wanted(status=ClaimStatus.DECIDED), 0),
        (Wanted(assignee=WEI.staff_id), 1),
        (Wanted(nobodys=True), 1),
        (Wanted(overdue=True), 0),
    ],
)
def test_queue_is_filtered_by_what_its_entries_tell(wanted: Wanted, matched: int) -> None:
    world = World()
    mine, _ = referred(world), referred(world, 1)
    world.assign.hand_to(WEI, mine.claim_no, WEI.staff_id)
    page = world.queues.page(Queue.DECISION, wanted)
    assert (page.waiting, page.matched, len(page.claims)) == (2, matched, matched)


def test_late_claims_are_counted_and_found_once_their_time_is_over() -> None:
    world = World()
    claim = referred(world)
    assert world.queues.counts()[Queue.DECISION] == (1, 0)
    assert claim.place is not None
    world.at = claim.place.due
    assert world.queues.counts()[Queue.DECISION] == (1, 1)
    assert world.queues.page(Queue.DECISION, Wanted(overdue=True)).matched == 1


def test_queue_of_thousands_reads_one_page_of_claims() -> None:
    world = World()
    claim = referred(world)
    for number in range(MOST_WAITING + 20):
        world.claims._claims[f"CL{number:024d}"] = claim.model_copy(update={"claim_no": f"CL{number:024d}"})
    read: list[int] = []
    many = world.claims.many

    def counted(claim_nos: Iterable[str]) -> list[Claim]:
        wanted = list(claim_nos)
        read.append(len(wanted))
        return many(wanted)

    world.claims.many = counted  # type: ignore[method-assign]
    page = world.queues.page(Queue.DECISION, page=3)
    assert (page.waiting, page.page, page.pages) == (MOST_WAITING, 3, MOST_WAITING // PAGE)
    assert read == [PAGE]
    assert world.queues.page(Queue.DECISION, page=999).page == MOST_WAITING // PAGE, (
        "beyond the last: the last"
    )


def test_notices_come_page_by_page_and_are_counted_whole_when_more_than_a_hundred_wait() -> None:
    world = World()
    for number in range(131):
        world.notices.add(a_notice(f"RN{number:03d}", hours=number))
    world.at = a_notice().due + timedelta(hours=60)
    assert world.queues.counts()[Queue.UNMATCHED] == (131, 61)
    pages = [world.queues.page(Queue.UNMATCHED, page=number) for number in (1, 2, 3)]
    assert [(len(page.notices), page.waiting, page.matched, page.pages) for page in pages] == [
        (50, 131, 131, 3),
        (50, 131, 131, 3),
        (31, 131, 131, 3),
    ]
    shown = [notice.report_no for page in pages for notice in page.notices]
    assert shown == [f"RN{number:03d}" for number in range(131)]
    late = world.queues.page(Queue.UNMATCHED, Wanted(overdue=True), 2)
    assert (late.matched, late.pages, len(late.notices)) == (61, 2, 11)
    assert world.queues.page(Queue.UNMATCHED, Wanted(benefit=ClaimType.DEATH)).matched == 0


def test_notice_is_read_when_its_older_entry_tells_nothing_of_benefits() -> None:
    world = World()
    notice = a_notice()
    world.notices.add(notice)
    world.notices.entries = lambda most: [QueueEntry(notice.report_no, notice.due)]  # type: ignore[method-assign]
    assert world.queues.page(Queue.UNMATCHED, Wanted(benefit=ClaimType.DEATH)).notices == []
    assert world.queues.page(Queue.UNMATCHED, Wanted(benefit=notice.claim_types[0])).notices == [notice]


@pytest.mark.parametrize("typed", ["{}", "{lower}", "{dashed}", "{part}", "{lower_part}"])
def test_claim_is_found_by_its_number_however_it_is_typed(typed: str) -> None:
    world = World()
    claim, _ = referred(world), referred(world, 1)
    number = claim.claim_no
    forms = {
        "lower": f" {number.lower()} ",
        "dashed": "-".join(number[at : at + 4] for at in range(0, len(number), 4)),
        "part": number[5:12],
        "lower_part": f"{number[5:9]} {number[9:12]}".lower(),
    }
    assert [found.claim_no for found in world.queues.search(typed.format(number, **forms))] == [number]


def test_claims_of_a_policy_are_found_by_its_number_and_nothing_by_three_characters() -> None:
    world = World()
    first, second = referred(world), referred(world, 1)
    found = world.queues.search(f"{first.policy.policy_no[:10]} {first.policy.policy_no[10:].lower()}")
    assert {claim.claim_no for claim in found} == {first.claim_no, second.claim_no}
    assert world.queues.search("CLN") == world.queues.search("ZZZZZZZZ") == []
