"""What counts at WeChat, how a scan goes on, what is asked and what is answered, as tables."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.china_time import CHINA, seconds_left_of_day
from daycover.errors import DaycoverError
from daycover.identity.attempt import (
    ASKS_IN_VAIN,
    FIRST_SPACE,
    LONGEST_PAUSE,
    LONGEST_SPACE,
    LOST_FREELY,
    PRE_ORDERS_PER_DAY,
    STARTING,
    TOO_MANY_FACES,
    Attempt,
    DayUse,
    PreOrderState,
    ask,
    check_spacing,
    digest_of,
    pause_after,
    way_on,
)
from daycover.identity.work_card import (
    FacesUsedUpError,
    PreOrder,
    WorkCardLimitError,
    WorkCardRefusedError,
    WorkCardUnavailableError,
)
from daycover.identity.worker import PayeeChecks
from tests.support.builders import NOW
from tests.support.fakes.identity import Duplicates, FakeWorkCard
from tests.support.template import template

ORDER = PreOrder("N1", "o-1", "1900000109", "临港三号仓", "示例劳务", "张三", "11010519491231002X")
DIGEST = digest_of(ORDER.sub_mchid, ORDER.project_name, ORDER.employer_name)
ASKING, UNANSWERED = PreOrderState.ASKING, PreOrderState.UNANSWERED
NOT_COUNTED, COUNTED = PreOrderState.NOT_COUNTED, PreOrderState.COUNTED


class Open(Attempt):
    over: bool = False

    @property
    def is_open(self) -> bool:
        return not self.over


def an_attempt(**changes: Any) -> Open:
    facts = {"authenticate_number": "N1", "order_digest": DIGEST, "at": NOW, "token_ends_at": NOW}
    return Open(**facts | changes)


def test_words_are_the_same_only_when_every_one_is() -> None:
    assert digest_of("a", "bc") != digest_of("ab", "c")
    assert digest_of(ORDER.sub_mchid, ORDER.project_name, ORDER.employer_name) == DIGEST


# ---- what counts -------------------------------------------------------------------------------------

NEVER_CAME = WorkCardUnavailableError(may_have_counted=False)
LOST = WorkCardUnavailableError(may_have_counted=True)
FAULT = WorkCardUnavailableError(may_have_counted=True, answered=True)
NO_AUTH = WorkCardRefusedError(code="NO_AUTH")
LIMIT = WorkCardLimitError()


@pytest.mark.parametrize(
    ("error", "known_before", "state"),
    [
        (None, False, COUNTED),
        (None, True, COUNTED),
        (NEVER_CAME, False, NOT_COUNTED),
        (NEVER_CAME, True, UNANSWERED),
        (LOST, False, UNANSWERED),
        (LOST, True, UNANSWERED),
        (FAULT, False, UNANSWERED),
        (FAULT, True, UNANSWERED),
        (LIMIT, False, NOT_COUNTED),
        (LIMIT, True, UNANSWERED),
        (NO_AUTH, False, NOT_COUNTED),
        (NO_AUTH, True, NOT_COUNTED),  # asked about, and WeChat does not know the number
    ],
)
def test_outcome_counts_only_when_wechat_may_have_counted_it(
    error: DaycoverError | None, known_before: bool, state: PreOrderState
) -> None:
    card = Answering(error)
    attempt = an_attempt(may_be_known=known_before)
    answered = ask(card, ORDER, attempt, NOW)
    after = attempt.model_copy(update=answered.changes)
    assert after.pre_order is state
    assert after.may_have_counted is (state is not NOT_COUNTED)
    assert (answered.error is None) is (error is None)
    assert type(answered.error) is type(error)
    assert (after.token is None) is (error is not None)


class Answering(FakeWorkCard):
    """Refuses pre-orders alone; asked about a number, it knows none."""

    def __init__(self, error: DaycoverError | None) -> None:
        super().__init__(lambda: NOW)
        self.error = error

    def pre_order(self, order: PreOrder) -> Any:
        if self.error is not None:
            raise self.error
        return super().pre_order(order)


@pytest.mark.parametrize("duplicates", [Duplicates.SAME, Duplicates.FRESH])
def test_token_comes_under_the_same_number_when_its_answer_was_lost(duplicates: Duplicates) -> None:
    card = FakeWorkCard(lambda: NOW)
    card.duplicates, card.lost = duplicates, LOST
    first = an_attempt()
    first = first.model_copy(update=ask(card, ORDER, first, NOW).changes)
    card.lost = None
    again = first.model_copy(update=first.asked_again())
    answered = ask(card, ORDER, again, NOW)
    assert answered.error is None
    assert answered.changes["token"].startswith("token-1")
    assert card.counted("o-1", NOW.astimezone(CHINA).date()) == 1


def test_number_is_used_up_when_wechat_knows_it_and_gives_no_token() -> None:
    card = FakeWorkCard(lambda: NOW)
    card.duplicates = Duplicates.REFUSED
    card.pre_order(ORDER)
    answered = ask(card, ORDER, an_attempt(may_be_known=True, asks=2), NOW)
    assert answered == ({"pre_order": COUNTED}, None)


def test_number_stays_open_when_nobody_can_say_whether_wechat_knows_it() -> None:
    card = FakeWorkCard(lambda: NOW)
    card.duplicates, card.dumb = Duplicates.REFUSED, NEVER_CAME
    card.pre_order(ORDER)
    answered = ask(card, ORDER, an_attempt(may_be_known=True, asks=2), NOW)
    assert answered.changes == {"pre_order": UNANSWERED}
    assert isinstance(answered.error, WorkCardUnavailableError), (
        "a refusal would say that asking again is no use"
    )
    assert answered.error.retry_after == pause_after(2)


@pytest.mark.parametrize("is_answered", [False, True])
@pytest.mark.parametrize("asks", range(1, 6))
def test_number_that_wechat_knows_is_given_up_only_when_it_answered_often_without_a_token(
    asks: int, is_answered: bool
) -> None:
    """Else a number whose repetition is answered with a server fault for ever would be asked for for ever."""
    card = FakeWorkCard(lambda: NOW)
    card.pre_order(ORDER)
    card.lost = FAULT if is_answered else LOST
    answered = ask(card, ORDER, an_attempt(may_be_known=asks > 1, asks=asks), NOW)
    is_over = is_answered and asks >= ASKS_IN_VAIN
    assert answered.changes["pre_order"] is (COUNTED if is_over else UNANSWERED)
    assert (answered.error is None) is is_over


def test_number_is_not_given_up_when_nothing_answers_at_all() -> None:
    card = FakeWorkCard(lambda: NOW)
    card.refusal = FAULT
    answered = ask(card, ORDER, an_attempt(may_be_known=True, asks=50), NOW)
    assert answered.changes["pre_order"] is UNANSWERED


# ---- how long to wait --------------------------------------------------------------------------------


@pytest.mark.parametrize(("asks", "seconds"), [(1, 3), (2, 6), (3, 12), (4, 24), (5, 48), (6, 60), (100, 60)])
def test_wait_grows_with_the_outage_and_ends_at_a_minute(asks: int, seconds: int) -> None:
    assert pause_after(asks) == seconds <= LONGEST_PAUSE
    answered = ask(Answering(NEVER_CAME), ORDER, an_attempt(asks=asks), NOW)
    assert answered.error is not None
    assert answered.error.retry_after == seconds


@pytest.mark.parametrize(
    "error", [WorkCardUnavailableError(retry_after=77), WorkCardLimitError(retry_after=77)]
)
def test_wechat_s_own_wait_is_passed_on_when_it_says_one(error: DaycoverError) -> None:
    answered = ask(Answering(error), ORDER, an_attempt(), NOW)
    assert answered.error is not None
    assert answered.error.retry_after == 77


@pytest.mark.parametrize(
    ("local", "seconds"),
    [
        (datetime(2026, 11, 24, 0, 0, tzinfo=CHINA), 86_400),
        (datetime(2026, 11, 24, 8, 30, tzinfo=CHINA), 55_800),
        (datetime(2026, 11, 24, 23, 59, 59, tzinfo=CHINA), 1),
        (datetime(2026, 11, 24, 23, 59, 59, 999_999, tzinfo=CHINA), 1),
        (datetime(2026, 11, 24, 15, 59, tzinfo=CHINA), 28_860),
    ],
)
def test_day_ends_with_the_china_midnight_when_its_limit_is_reached(local: datetime, seconds: int) -> None:
    assert seconds_left_of_day(local) == seconds
    answered = ask(Answering(LIMIT), ORDER, an_attempt(), local)
    assert answered.error is not None
    assert answered.error.retry_after == seconds
    for use in (DayUse(PRE_ORDERS_PER_DAY, False), DayUse(0, True)):
        with pytest.raises((WorkCardLimitError, FacesUsedUpError)) as refused:
            use.check(local)
        assert refused.value.retry_after == seconds


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)))
def test_day_is_never_said_to_end_before_it_does(at: datetime) -> None:
    local = at.replace(tzinfo=CHINA)
    after = local + timedelta(seconds=seconds_left_of_day(local))
    assert after.date() == local.date() + timedelta(days=1)
    assert (after - timedelta(seconds=1)).date() == local.date()


# ---- the day's use -----------------------------------------------------------------------------------


def numbered(count: int, **changes: Any) -> list[Open]:
    return [an_attempt(authenticate_number=f"N{n}", **changes) for n in range(1, count + 1)]


PAYEE = PayeeChecks(day="20261124", checks={"C1I1": "", "C1I2": ""})


@pytest.mark.parametrize(
    ("attempts", "payee", "beside", "counted"),
    [
        ([], None, None, 0),
        (numbered(20), None, None, 20),
        (numbered(20), None, "N20", 19),
        (numbered(20, pre_order=NOT_COUNTED), None, None, 0),
        (numbered(20, pre_order=UNANSWERED), None, None, 20),
        (numbered(18, pre_order=COUNTED), PAYEE, None, 20),
        (numbered(18, pre_order=COUNTED), PAYEE, "C1I2", 19),
        (numbered(18), PAYEE.model_copy(update={"day": "20261123"}), None, 18),
    ],
)
def test_day_counts_check_ins_and_payee_checks_together(
    attempts: list[Open], payee: PayeeChecks | None, beside: str | None, counted: int
) -> None:
    use = DayUse.of(attempts, payee, NOW, beside=beside)
    assert use == (counted, False)
    if counted < PRE_ORDERS_PER_DAY:
        use.check(NOW)
    else:
        with pytest.raises(WorkCardLimitError):
            use.check(NOW)


def test_day_is_over_when_five_faces_failed_at_either() -> None:
    failed = an_attempt(over=True, failed_reason=TOO_MANY_FACES, pre_order=COUNTED)
    payee = PayeeChecks(day="20261124", checks={"C1I1": TOO_MANY_FACES})
    for use in (DayUse.of([failed], None, NOW), DayUse.of([], payee, NOW)):
        with pytest.raises(FacesUsedUpError):
            use.check(NOW)
    DayUse.of([], payee, NOW + timedelta(days=1)).check(NOW + timedelta(days=1))


# ---- how a scan goes on ------------------------------------------------------------------------------

TOKEN = {"token": "t", "pre_order": COUNTED, "token_ends_at": NOW + timedelta(seconds=300)}


@pytest.mark.parametrize(
    ("open_ones", "after", "number", "is_asked"),
    [
        ([], 0, None, True),
        ([an_attempt(**TOKEN)], 269, "N1", False),
        ([an_attempt(**TOKEN)], 270, None, True),
        ([an_attempt()], 19, "N1", False),
        ([an_attempt()], 20, "N1", True),
        ([an_attempt(pre_order=UNANSWERED)], 0, "N1", True),
        ([an_attempt(pre_order=UNANSWERED)], 3600, "N1", True),
        ([an_attempt(pre_order=NOT_COUNTED)], 0, "N1", True),
        ([an_attempt(pre_order=NOT_COUNTED, order_digest="other")], 0, None, True),
        ([an_attempt(pre_order=UNANSWERED, order_digest="other")], 0, None, True),
        ([an_attempt(pre_order=COUNTED)], 0, None, True),
        ([an_attempt(**TOKEN), an_attempt(authenticate_number="N2", pre_order=UNANSWERED)], 0, "N1", False),
        ([an_attempt(pre_order=UNANSWERED), an_attempt(authenticate_number="N2")], 0, "N2", False),
    ],
)
def test_way_on_is_the_open_attempt_s_when_it_has_one(
    open_ones: list[Open], after: int, number: str | None, is_asked: bool
) -> None:
    way = way_on(open_ones, DIGEST, NOW + timedelta(seconds=after))
    assert (way.attempt.authenticate_number if way.attempt else None, way.ask) == (number, is_asked)


def test_attempt_cannot_be_asked_for_again_before_whoever_asks_is_gone() -> None:
    for function in ("CheckInFunction", "CheckIdentityFunction"):
        assert template()["Resources"][function]["Properties"]["Timeout"] <= STARTING.total_seconds()


@pytest.mark.parametrize(("before", "known"), [(ASKING, True), (UNANSWERED, True), (NOT_COUNTED, False)])
def test_asking_again_remembers_what_wechat_may_know(before: PreOrderState, known: bool) -> None:
    again = an_attempt(pre_order=before, asks=2).asked_again()
    assert again == {"authenticate_number": "N1", "asks": 3, "may_be_known": known}
    assert an_attempt(pre_order=before, may_be_known=True).asked_again()["may_be_known"]


@pytest.mark.parametrize(
    ("lost", "after", "left"),
    [
        (LOST_FREELY - 1, 0, None),
        (LOST_FREELY, 0, FIRST_SPACE),
        (LOST_FREELY, FIRST_SPACE - 1, 1),
        (LOST_FREELY, FIRST_SPACE, None),
        (LOST_FREELY + 1, 0, 2 * FIRST_SPACE),
        (15, 0, LONGEST_SPACE),
    ],
)
def test_numbers_lost_one_after_another_are_spaced(lost: int, after: int, left: int | None) -> None:
    today, now = numbered(lost, pre_order=COUNTED), NOW + timedelta(seconds=after)
    if left is None:
        check_spacing(today, now)
    else:
        with pytest.raises(WorkCardUnavailableError) as refused:
            check_spacing(today, now)
        assert refused.value.retry_after == left
        assert refused.value.may_have_counted is False
    check_spacing([*today, an_attempt(**TOKEN)], now)
