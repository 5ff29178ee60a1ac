"""Work that the table does not list: asked by a company, answered by an underwriter, remembered for that company."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from daycover import crockford
from daycover.cover import occupation as occupations
from daycover.cover.answers import OccupationAnswersError
from daycover.cover.occupation import (
    OCCUPATION_TABLES,
    Occupation,
    OccupationRefusedError,
    OccupationUnknownError,
)
from daycover.cover.occupation_referral import (
    ANSWER_WITHIN,
    WAITING_AT_ONCE,
    AnswerStated,
    ExclusionUnknownError,
    OccupationListedError,
    OccupationReferral,
    OccupationReferralAnsweredError,
    OccupationReferralNotFoundError,
    OccupationReferralStatus,
    OccupationReferralsWaitingError,
    OccupationVerdict,
    SeniorAnswerNeededError,
    StatedWork,
)
from daycover.cover.open_project import RunProjects
from daycover.cover.plan import PlanNotOfferedError
from daycover.cover.refer_occupation import AnswerOccupation, ReferOccupation
from daycover.cover.tariff import Found, ReadTariff
from daycover.cover.versions import Versions
from daycover.errors import ConcurrentChangeError
from daycover.projects.company import Company
from daycover.projects.project import Scene
from tests.support.builders import NOW, a_new_project
from tests.support.enrolled import enrol
from tests.support.fakes.cover import FakeOccupationReferrals
from tests.support.fakes.port import Clock
from tests.support.fakes.projects import FakeCompanies, FakeProjects
from tests.unit.cover.world import code_key

(TABLE,) = OCCUPATION_TABLES


def stated(**changes: Any) -> StatedWork:
    facts: dict[str, Any] = {
        "name": "琥珀打磨",
        "tasks": "手工打磨琥珀原石",
        "place": "室内工作台",
        "scene": Scene.MANUFACTURING,
        "tools": "砂纸、小型磨机",
        "height_m": 0,
        "certificates": "不需要",
    }
    return StatedWork(**facts | changes)


def accepted(**changes: Any) -> AnswerStated:
    facts: dict[str, Any] = {
        "verdict": OccupationVerdict.ACCEPT,
        "reason_zh": "手持小型磨机,与手工装配相近,粉尘略多",
        "reason_en": "Small hand tools: like handicraft, with more dust",
        "occupation_class": 4,
        "name_zh": "琥珀打磨工",
        "name_en": "Amber polisher",
        "exclusions": ("EQUIPMENT_CERTIFICATE",),
    }
    return AnswerStated(**facts | changes)


REFUSAL = AnswerStated(
    verdict=OccupationVerdict.REFUSE, reason_zh="涉及爆炸物", reason_en="Explosives are involved"
)


def listed(code: str) -> AnswerStated:
    return AnswerStated(
        verdict=OccupationVerdict.LISTED,
        reason_zh="即手工装配",
        reason_en="It is handicraft",
        listed_code=code,
    )


class Desk:
    """A company and its rival, and the underwriters."""

    def __init__(self) -> None:
        self.now = Clock(NOW)
        self.referrals = FakeOccupationReferrals()
        companies = FakeCompanies()
        for company_id, name in (("C1", "浦江劳务"), ("C2", "另一家")):
            enrol(companies, Company(company_id=company_id, name=name, sub_mchid="1900000109"))
        self.refer = ReferOccupation(now=self.now, companies=companies, referrals=self.referrals)
        self.decide = AnswerOccupation(now=self.now, referrals=self.referrals)
        self.tariff = ReadTariff(now=self.now, referrals=self.referrals)
        ids = iter(range(1, 100))
        self.run = RunProjects(
            now=self.now,
            new_id=lambda now: crockford.encode(next(ids), 26),
            projects=FakeProjects(),
            companies=companies,
            master=lambda company_id, day: None,
            occupation_referrals=self.referrals,
            code_key=code_key,
        )

    def ask(self, company_id: str = "C1", **changes: Any) -> OccupationReferral:
        return self.refer(company_id, stated(**changes), "company", company_id)[0]

    def answer(self, referral: OccupationReferral, said: AnswerStated, by: str = "s-1") -> OccupationReferral:
        return self.decide(by, True, referral.company_id, referral.referral_id, said)

    def entry(self, **changes: Any) -> Occupation:
        entry = self.answer(self.ask(), accepted(**changes)).entry
        assert entry is not None
        return entry

    def open(self, code: str, company_id: str = "C1", plan_id: str = "T2", **changes: Any) -> Any:
        wanted = a_new_project(occupation_code=code, plan_id=plan_id, **changes)
        return self.run.create(company_id, wanted)

    def found(self, words: str, company_id: str | None = "C1") -> Found:
        return self.tariff.occupations(words, company_id)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def codes(found: Found) -> list[str]:
    return [priced.occupation.code for priced in found.rows]


# ---- asking ------------------------------------------------------------------------------------------


def test_referral_waits_with_a_time_when_nothing_was_found(desk: Desk) -> None:
    assert desk.found("琥珀雕花").unlisted is not None
    referral, is_new = desk.refer("C1", stated(), "provider", "P1")
    assert is_new
    assert (referral.status, referral.due_at) == (OccupationReferralStatus.WAITING, NOW + ANSWER_WITHIN)
    assert (referral.role, referral.subject, referral.company_name) == ("provider", "P1", "浦江劳务")
    assert desk.decide.waiting() == desk.refer.of("C1") == [referral]
    assert desk.refer.of("C2") == []


def test_answer_that_is_late_is_shown_and_never_a_refusal_when_nobody_answers(desk: Desk) -> None:
    referral = desk.ask()
    assert not referral.is_overdue(referral.due_at - timedelta(seconds=1))
    desk.now.advance(days=30)
    (still,) = desk.decide.waiting()
    assert still.is_overdue(desk.now())
    assert still.status is OccupationReferralStatus.WAITING
    assert not desk.answer(referral, accepted()).is_overdue(desk.now())


@pytest.mark.parametrize("words", ["琥珀打磨", "琥珀 打磨", " 琥珀打磨。"])
def test_open_referral_is_found_when_the_same_company_says_the_same_words(desk: Desk, words: str) -> None:
    first = desk.ask()
    assert desk.refer("C1", stated(name=words, tools="别的工具"), "company", "C1") == (first, False)
    assert len(desk.refer.of("C1")) == 1


def test_answer_is_found_when_the_same_words_are_said_after_it(desk: Desk) -> None:
    answered = desk.answer(desk.ask(), accepted())
    assert desk.refer("C1", stated(tools="别的工具"), "company", "C1") == (answered, False)


def test_companies_have_referrals_of_their_own_when_they_say_the_same(desk: Desk) -> None:
    first, second = desk.ask("C1"), desk.ask("C2")
    assert first.referral_id != second.referral_id
    assert desk.refer.of("C2") == [second]


def test_id_is_the_same_again_when_company_and_words_are() -> None:
    assert Desk().ask().referral_id == Desk().ask().referral_id


@pytest.mark.parametrize(
    ("words", "code"),
    [("搬砖", "SITE_LABOURER"), ("電焊工", "WELDER"), ("cook", "COOK"), ("保 安", "SECURITY_GUARD")],
)
def test_company_is_told_which_occupation_it_is_when_the_table_has_the_words(
    desk: Desk, words: str, code: str
) -> None:
    with pytest.raises(OccupationListedError) as error:
        desk.ask(name=words)
    assert error.value.facts["listed_code"] == code
    assert desk.decide.waiting() == []


def test_refused_work_may_be_asked_again_only_when_something_else_is_said_of_it(desk: Desk) -> None:
    refused = desk.answer(desk.ask(), REFUSAL)
    assert desk.refer("C1", stated(), "company", "C1") == (refused, False)
    again, is_new = desk.refer("C1", stated(tools="只用手工工具"), "company", "C1")
    assert is_new
    assert (again.work_id, again.number) == (refused.work_id, 2)
    assert desk.refer.of("C1") == [again, refused], "the refusal stays"


def test_company_may_not_flood_the_underwriters_when_many_wait(desk: Desk) -> None:
    for number in range(WAITING_AT_ONCE):
        desk.ask(name=f"新工种{number}号")
    with pytest.raises(OccupationReferralsWaitingError):
        desk.ask(name="再来一个")
    desk.ask("C2", name="另一家的")
    desk.answer(desk.decide.waiting()[0], REFUSAL)
    desk.ask(name="再来一个")


def test_first_of_two_that_ask_at_once_is_kept_when_they_race(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.ask()
    monkeypatch.setattr(desk.referrals, "latest", lambda company_id, work_id: None)
    assert desk.refer("C1", stated(tools="其他"), "company", "C1") == (first, False)


# ---- answering ---------------------------------------------------------------------------------------


def test_entry_is_priced_for_its_company_and_for_no_other_when_accepted(desk: Desk) -> None:
    entry = desk.entry()
    (priced,) = desk.found("琥珀打磨").rows
    assert priced.occupation == entry
    assert (entry.occupation_class, entry.name_en) == (4, "Amber polisher")
    assert priced.premium_fen_by_plan == {"T1": 60, "T2": 100, "T3": 140, "T4": 200}
    for words in ("琥珀打磨工", "琥 珀 打 磨", "amber polisher", entry.code):
        assert codes(desk.found(words))[0] == entry.code
    project = desk.open(entry.code)
    assert (project.occupation_code, project.premium_fen) == (entry.code, 100)
    assert [own.code for own in project.exclusions] == ["EQUIPMENT_CERTIFICATE"]
    for nobody in ("C2", None):
        assert entry.code not in codes(desk.found("琥珀打磨", nobody)) + codes(desk.found("", nobody))
    with pytest.raises(OccupationUnknownError):
        desk.open(entry.code, "C2")


def test_entry_is_among_all_when_nothing_is_said(desk: Desk) -> None:
    entry = desk.entry()
    assert codes(desk.found("")) == [entry.code, *(row.code for row in TABLE.occupations)]


@pytest.mark.parametrize(
    ("number", "offered", "missing"),
    [
        (1, {"T1": 30, "T2": 40, "T3": 50, "T4": 70}, []),
        (5, {"T1": 100, "T2": 160, "T3": 200}, ["T4"]),
    ],
)
def test_plans_are_those_of_the_class_when_an_entry_is_priced(
    desk: Desk, number: int, offered: dict[str, int], missing: list[str]
) -> None:
    entry = desk.entry(occupation_class=number)
    (priced,) = desk.found(entry.code).rows
    assert (priced.premium_fen_by_plan, priced.not_offered) == (offered, missing)
    if missing:
        with pytest.raises(PlanNotOfferedError):
            desk.open(entry.code, plan_id="T4")


def test_workers_are_decided_one_by_one_when_the_entry_is_referred(desk: Desk) -> None:
    entry = desk.entry(verdict=OccupationVerdict.REFER, occupation_class=6)
    project = desk.open(entry.code, plan_id="T1")
    assert (project.premium_fen, project.referred_work.code) == (150, entry.code)
    assert project.referred_work.reason_zh == accepted().reason_zh


def test_refusal_says_why_everywhere_when_work_is_refused(desk: Desk) -> None:
    entry = desk.answer(desk.ask(), REFUSAL).entry
    assert entry is not None
    (priced,) = desk.found("琥珀打磨").rows
    assert (priced.premium_fen_by_plan, priced.occupation.reason_zh) == ({}, "涉及爆炸物")
    with pytest.raises(OccupationRefusedError) as error:
        desk.open(entry.code)
    assert error.value.facts["reason_en"] == "Explosives are involved"


def test_newest_answer_holds_when_refused_work_is_asked_again(desk: Desk) -> None:
    desk.answer(desk.ask(), REFUSAL)
    again = desk.ask(tools="只用手工工具")
    entry = desk.answer(again, accepted()).entry
    assert entry is not None
    assert codes(desk.found("琥珀打磨")) == [entry.code]


def test_occupation_of_the_table_is_found_by_the_company_s_words_when_it_is_that_one(desk: Desk) -> None:
    answered = desk.answer(desk.ask(), listed("CRAFT_WORKER"))
    assert answered.entry is None
    assert codes(desk.found("琥珀打磨"))[0] == "CRAFT_WORKER"
    assert "CRAFT_WORKER" not in codes(desk.found("琥珀打磨", "C2"))
    with pytest.raises(OccupationUnknownError):
        desk.open(f"OWN_{answered.referral_id}")


def test_work_may_be_asked_again_when_a_later_table_drops_what_it_was_said_to_be(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the company finds nothing, and is given an answer that opens nothing, for ever."""
    answered = desk.answer(desk.ask(), listed("CRAFT_WORKER"))
    assert desk.refer("C1", stated(), "company", "C1") == (answered, False)
    rows = tuple(row for row in TABLE.occupations if row.code != "CRAFT_WORKER")
    later = TABLE.model_copy(update={"occupations": rows})
    monkeypatch.setattr(occupations, "OCCUPATION_TABLES", Versions(later))
    assert "CRAFT_WORKER" not in codes(desk.found("琥珀打磨"))
    again, is_new = desk.refer("C1", stated(), "company", "C1")
    assert (is_new, again.number) == (True, 2)
    entry = desk.answer(again, accepted()).entry
    assert entry is not None
    assert codes(desk.found("琥珀打磨")) == [entry.code]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (accepted(exclusions=("HANDSTANDS",)), ExclusionUnknownError),
        (accepted(name_zh="电焊工"), OccupationListedError),
        (listed("ASTRONAUT"), OccupationUnknownError),
    ],
)
def test_answer_is_refused_when_the_table_contradicts_it(
    desk: Desk, said: AnswerStated, error: type[Exception]
) -> None:
    referral = desk.ask()
    with pytest.raises(error):
        desk.answer(referral, said)
    assert desk.decide.waiting() == [referral]


@pytest.mark.parametrize("company_id", ["C2", "C9"])
def test_referral_is_not_found_when_it_is_another_company_s(desk: Desk, company_id: str) -> None:
    referral = desk.ask()
    with pytest.raises(OccupationReferralNotFoundError):
        desk.decide("s-1", True, company_id, referral.referral_id, accepted())


@pytest.mark.parametrize(("number", "needed"), [(4, False), (5, True), (6, True)])
def test_senior_answers_when_the_class_is_high(desk: Desk, number: int, needed: bool) -> None:
    referral = desk.ask()
    verdict = OccupationVerdict.REFER if number == 6 else OccupationVerdict.ACCEPT
    said = accepted(occupation_class=number, verdict=verdict)
    if needed:
        with pytest.raises(SeniorAnswerNeededError):
            desk.decide("s-1", False, "C1", referral.referral_id, said)
        assert desk.decide.waiting() == [referral]
    assert desk.decide("s-1", needed, "C1", referral.referral_id, said).answer is not None


def test_first_answer_stands_when_two_people_answer(desk: Desk) -> None:
    referral = desk.ask()
    first = desk.answer(referral, accepted(), by="s-1")
    for by, said in (("s-2", accepted()), ("s-2", REFUSAL), ("s-1", REFUSAL)):
        with pytest.raises(OccupationReferralAnsweredError):
            desk.answer(referral, said, by=by)
    assert first.answer is not None
    assert (first.answer.staff_id, first.answer.at, first.answer.version) == ("s-1", NOW, "2026-11-24")
    desk.now.advance(hours=1)
    assert desk.answer(referral, accepted(), by="s-1") == first, "a repetition changes nothing"
    assert desk.decide.waiting() == []


def test_one_wins_when_two_people_answer_in_the_same_instant(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = desk.ask()
    store: Callable[[OccupationReferral], None] = desk.referrals.answer

    def beaten(answered: OccupationReferral) -> None:
        monkeypatch.setattr(desk.referrals, "answer", store)
        desk.answer(referral, REFUSAL, by="s-2")
        raise ConcurrentChangeError

    monkeypatch.setattr(desk.referrals, "answer", beaten)
    with pytest.raises(OccupationReferralAnsweredError):
        desk.answer(referral, accepted(), by="s-1")
    (stored,) = desk.refer.of("C1")
    assert stored.answer is not None
    assert stored.answer.staff_id == "s-2"


# ---- until the table lists it ------------------------------------------------------------------------


def list_from(desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, hours: int = 1) -> None:
    """From then on a version of the table holds that calls one of its rows so."""
    start = desk.now() + timedelta(hours=hours)
    row = Occupation(
        code="AMBER_POLISHER", name_zh="琥珀工", name_en="Amber worker", occupation_class=3, aliases=(name,)
    )
    rows = {"version": "2026-12", "valid_from": start, "occupations": (*TABLE.occupations, row)}
    earlier = TABLE.model_copy(update={"valid_to": start})
    monkeypatch.setattr(occupations, "OCCUPATION_TABLES", Versions(earlier, TABLE.model_copy(update=rows)))


@pytest.mark.parametrize("name", ["琥珀打磨", "琥珀 打磨", "琥珀打磨工"])
def test_entry_gives_way_for_new_projects_when_a_later_table_lists_the_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    entry = desk.entry()
    before = desk.open(entry.code)
    list_from(desk, monkeypatch, name)
    assert codes(desk.found("琥珀打磨")) == [entry.code], "not before it holds"
    desk.now.advance(hours=1)
    assert codes(desk.found(name)) == ["AMBER_POLISHER"]
    assert entry.code not in codes(desk.found(""))
    with pytest.raises(OccupationListedError) as error:
        desk.open(entry.code)
    assert error.value.facts["listed_code"] == "AMBER_POLISHER"
    with pytest.raises(OccupationListedError):
        desk.ask(name=name)
    assert desk.run.get("C1", before.project_id) == before, "what runs keeps what it was opened with"
    assert desk.open("AMBER_POLISHER").premium_fen == 70


def test_refusal_gives_way_as_well_when_a_later_table_lists_the_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.answer(desk.ask(), REFUSAL)
    list_from(desk, monkeypatch, "琥珀打磨", hours=0)
    assert codes(desk.found("琥珀打磨")) == ["AMBER_POLISHER"]


def test_entry_stays_when_a_later_table_lists_something_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = desk.entry()
    list_from(desk, monkeypatch, "翡翠打磨", hours=0)
    assert codes(desk.found("琥珀打磨"))[0] == entry.code
    assert desk.open(entry.code).occupation_code == entry.code


@pytest.mark.parametrize("code", ["OWN_", "OWN_X", "OWN_000000000000000G001"])
def test_code_is_unknown_when_no_referral_bears_it(desk: Desk, code: str) -> None:
    desk.entry()
    with pytest.raises(OccupationUnknownError):
        desk.open(code)


def test_code_is_unknown_while_nobody_has_answered(desk: Desk) -> None:
    with pytest.raises(OccupationUnknownError):
        desk.open(f"OWN_{desk.ask().referral_id}")


def test_answers_are_not_taken_when_an_entry_asks_nothing(desk: Desk) -> None:
    entry = desk.entry()
    with pytest.raises(OccupationAnswersError):
        desk.open(entry.code, answers={"HEIGHT": 1})
