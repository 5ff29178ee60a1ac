"""Work that the table does not list: one contract for the fake and the real repository, and the real handlers."""

import json
from typing import Any

import pytest

from daycover.cover.occupation_referral import (
    LISTED,
    OccupationAnswer,
    OccupationReferral,
    OccupationVerdict,
    referral_id_of,
    work_id_of,
)
from daycover.cover.referral import Document, ReferralReason
from daycover.errors import ConcurrentChangeError
from daycover.identity.document import IdDocumentType
from daycover.projects.project import Answered, Exclusion
from tests.functional.cover.gate import Gate
from tests.functional.cover.stores import Store
from tests.support.builders import NOW, WORKER, a_referred_project, an_id_number, stated_work
from tests.support.events import read_event
from tests.support.functions import event_file


def a_referral(name: str = "琥珀打磨", number: int = 1, **changes: Any) -> OccupationReferral:
    facts: dict[str, Any] = {
        "company_id": "C1",
        "company_name": "浦江劳务",
        "statement": stated_work(name=name, height_m=0.75),
        "role": "company",
        "subject": "C1",
        "asked_at": NOW,
    } | changes
    number_of_it = referral_id_of(work_id_of(facts["company_id"], name), number)
    return OccupationReferral(referral_id=number_of_it, **facts)


def answered(referral: OccupationReferral, staff_id: str = "s-1") -> OccupationReferral:
    answer = OccupationAnswer(
        verdict=OccupationVerdict.ACCEPT,
        reason_zh="与手工装配相近",
        reason_en="Like handicraft",
        occupation_class=3,
        name_zh="琥珀打磨工",
        name_en="Amber polisher",
        exclusions=("HEIGHT_CERTIFICATE",),
        clauses=(Exclusion(code="HEIGHT_CERTIFICATE", text_zh="无证登高", text_en="Heights without"),),
        staff_id=staff_id,
        at=NOW,
    )
    return referral.model_copy(update={"answer": answer})


# ---- the contract ------------------------------------------------------------------------------------


def test_referral_comes_back_as_it_was_when_stored(store: Store) -> None:
    referral = a_referral()
    store.occupation_referrals.add(referral)
    assert store.occupation_referrals.find("C1", referral.referral_id) == referral
    assert store.occupation_referrals.latest("C1", referral.work_id) == referral
    assert store.occupation_referrals.of_company("C1") == store.occupation_referrals.waiting() == [referral]


def test_nothing_is_found_when_it_is_another_company_s(store: Store) -> None:
    referral = a_referral()
    store.occupation_referrals.add(referral)
    assert store.occupation_referrals.find("C2", referral.referral_id) is None
    assert store.occupation_referrals.latest("C2", referral.work_id) is None
    assert store.occupation_referrals.of_company("C2") == []


def test_second_of_one_id_is_refused_when_added(store: Store) -> None:
    store.occupation_referrals.add(a_referral())
    with pytest.raises(ConcurrentChangeError):
        store.occupation_referrals.add(a_referral(role="provider", subject="P1"))
    (kept,) = store.occupation_referrals.of_company("C1")
    assert kept == a_referral()


def test_newest_number_is_the_latest_when_one_name_was_asked_twice(store: Store) -> None:
    first, second = a_referral(), a_referral(number=2, asked_at=NOW.replace(hour=9))
    other = a_referral("翡翠打磨", asked_at=NOW.replace(hour=8))
    for referral in (first, second, other):
        store.occupation_referrals.add(referral)
    assert store.occupation_referrals.latest("C1", first.work_id) == second
    newest = sorted([first, second, other], key=lambda r: r.asked_at, reverse=True)
    assert store.occupation_referrals.of_company("C1") == newest


def test_answer_is_kept_and_nothing_waits_when_answered(store: Store) -> None:
    referral = a_referral()
    store.occupation_referrals.add(referral)
    store.occupation_referrals.answer(answered(referral))
    assert store.occupation_referrals.find("C1", referral.referral_id) == answered(referral)
    assert store.occupation_referrals.waiting() == []


def test_second_answer_is_refused_when_there_is_one(store: Store) -> None:
    referral = a_referral()
    store.occupation_referrals.add(referral)
    store.occupation_referrals.answer(answered(referral))
    with pytest.raises(ConcurrentChangeError):
        store.occupation_referrals.answer(answered(referral, "s-2"))
    assert store.occupation_referrals.find("C1", referral.referral_id) == answered(referral)


def test_answer_is_refused_when_nobody_asked(store: Store) -> None:
    with pytest.raises(ConcurrentChangeError):
        store.occupation_referrals.answer(answered(a_referral()))
    assert store.occupation_referrals.of_company("C1") == []


def test_first_due_come_first_when_many_wait(store: Store) -> None:
    many = [
        a_referral(f"工种{number}", asked_at=NOW.replace(minute=number), company_id=f"C{number % 2}")
        for number in range(LISTED + 5)
    ]
    for referral in reversed(many):
        store.occupation_referrals.add(referral)
    assert store.occupation_referrals.waiting() == many[:LISTED]


# ---- through the handlers ----------------------------------------------------------------------------


class Counter:
    """Calls the real handlers as companies and staff do."""

    def __init__(self, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = gate
        self._patch = monkeypatch

    def call(
        self,
        function: str,
        case: str,
        caller: dict[str, str],
        query: dict[str, str] | None = None,
        path: dict[str, str] | None = None,
        **changes: Any,
    ) -> tuple[int, Any]:
        """Send an event file as another caller, with members of its body changed."""
        event = read_event(event_file(function, case), self.gate.values)
        event["requestContext"]["authorizer"] = caller
        if changes:
            event["body"] = json.dumps(json.loads(event["body"]) | changes)
        if query is not None:
            event["queryStringParameters"] = query
            event["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()}
        if path is not None:
            event["pathParameters"] = path
            event["path"] = event["resource"].format(**path)
            event["requestContext"]["path"] = event["path"]
        outcome = self.gate.invoke(function, event, self._patch)
        return outcome["statusCode"], json.loads(outcome["body"])

    def as_company(self, company_id: str) -> dict[str, str]:
        return {"role": "company", "subject": company_id}

    def ask(
        self, company_id: str = "C1", caller: dict[str, str] | None = None, **changes: Any
    ) -> tuple[int, Any]:
        who = caller or self.as_company(company_id)
        return self.call("refer_occupation", "new.201", who, path={"company_id": company_id}, **changes)

    def answer(
        self, referral: Any, staff_id: str, roles: str = "senior_adjuster", **changes: Any
    ) -> tuple[int, Any]:
        path = {"company_id": referral["company_id"], "referral_id": referral["referral_id"]}
        staff = {"role": "staff", "subject": staff_id, "staff_roles": roles}
        return self.call("answer_occupation", "accept.200", staff, path=path, **changes)

    def search(self, words: str, company_id: str, **more: str) -> Any:
        query = {"query": words, **more}
        return self.call("read_tariff", "trucks.200", self.as_company(company_id), query=query)[1]

    def open(self, code: str, company_id: str, **changes: Any) -> tuple[int, Any]:
        path, who = {"company_id": company_id}, self.as_company(company_id)
        return self.call("create_project", "valid.201", who, path=path, occupation_code=code, **changes)


@pytest.fixture
def counter(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Counter:
    return Counter(gate, monkeypatch)


def test_company_opens_a_project_with_what_an_underwriter_answered_and_no_other_does(
    counter: Counter,
) -> None:
    assert counter.search("琥珀雕花", "C1")["unlisted"]["reason_zh"].endswith("确认后即可选用")
    status, asked = counter.ask()
    assert (status, asked["status"], asked["overdue"]) == (201, "WAITING", False)
    assert counter.ask(tools="别的工具") == (200, asked)
    status, said = counter.answer(asked, "s-1")
    code = said["answer"]["code"]
    assert (status, said["status"], said["answer"]["version"]) == (200, "ANSWERED", "2026-11-24")
    (mine,) = counter.search("琥珀打磨", "C1")["occupations"]
    assert (mine["code"], mine["occupation_class"], len(mine["plans"])) == (code, 4, 4)
    assert mine["exclusions"][0]["text_zh"].startswith("无有效特种设备作业人员证")
    assert code not in json.dumps(counter.search("琥珀打磨", "C2"))
    status, project = counter.open(code, "C1")
    assert (status, project["occupation_class"], project["premium_fen"]) == (201, 4, 100)
    assert project["exclusions"] == mine["exclusions"]
    status, refused = counter.open(code, "C2")
    assert (status, refused["type"].rpartition("/")[2]) == (422, "occupation-unknown")


def test_provider_acts_for_its_company_and_for_no_other(counter: Counter) -> None:
    provider = {"role": "provider", "subject": "P1"}
    status, asked = counter.ask("C1", provider)
    assert status == 201
    assert counter.ask("C2", provider)[0] == 403
    code = counter.answer(asked, "s-1")[1]["answer"]["code"]
    found = [
        counter.call("read_tariff", "trucks.200", provider, query={"query": "琥珀打磨", **more})
        for more in ({"company_id": "C1"}, {}, {"company_id": "C2"})
    ]
    assert [status for status, _ in found] == [200, 200, 403]
    assert found[0][1]["occupations"][0]["code"] == code
    assert code not in json.dumps(found[1][1])
    assert (
        counter.call("read_tariff", "trucks.200", counter.as_company("C2"), query={"company_id": "C1"})[0]
        == 403
    )


def test_list_of_a_company_is_its_own_when_two_companies_ask(counter: Counter) -> None:
    mine, theirs = counter.ask("C1")[1], counter.ask("C2")[1]
    for company_id, own in (("C1", mine), ("C2", theirs)):
        status, listed = counter.call(
            "refer_occupation", "list.200", counter.as_company(company_id), path={"company_id": company_id}
        )
        assert (status, listed["referrals"]) == (200, [own])
    assert (
        counter.call("refer_occupation", "list.200", counter.as_company("C2"), path={"company_id": "C1"})[0]
        == 403
    )


@pytest.mark.parametrize(
    "tasks",
    ["规格 10/20/30/40/50/60", "宽 2 米,高 3-15 米,GB/T 3608-2008", "220/380 伏,50 赫兹", "三五个人一组"],
)
def test_figures_of_work_may_be_stated(counter: Counter, tasks: str) -> None:
    assert counter.ask(tasks=tasks)[0] == 201


def test_first_of_two_answers_stands_when_two_people_answer(counter: Counter) -> None:
    asked = counter.ask()[1]
    status, first = counter.answer(asked, "s-1")
    assert status == 200
    assert counter.answer(asked, "s-1") == (200, first)
    status, late = counter.answer(asked, "s-2", occupation_class=2)
    assert (status, late["type"].rpartition("/")[2]) == (409, "occupation-referral-answered")


def test_work_waits_for_a_senior_when_the_class_is_high(counter: Counter) -> None:
    asked = counter.ask()[1]
    status, refused = counter.answer(asked, "s-1", "adjuster", occupation_class=5)
    assert (status, refused["type"].rpartition("/")[2]) == (403, "senior-answer-needed")
    assert counter.answer(asked, "s-1", "finance")[0] == 403
    assert counter.answer(asked, "s-2", "adjuster senior_adjuster", occupation_class=5)[0] == 200


def test_late_answer_is_shown_as_late_to_both_when_nobody_answers(counter: Counter) -> None:
    counter.ask()
    counter.gate.now.advance(hours=24)
    staff = {"role": "staff", "subject": "s-1", "staff_roles": "auditor"}
    _, waiting = counter.call("answer_occupation", "list.200", staff)
    _, mine = counter.call(
        "refer_occupation", "list.200", counter.as_company("C1"), path={"company_id": "C1"}
    )
    assert [line["overdue"] for line in waiting["referrals"] + mine["referrals"]] == [True, True]
    assert {clause["code"] for clause in waiting["clauses"]} >= {"HEIGHT_CERTIFICATE"}


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x"},
        {"name": "——"},
        {"name": "打磨" * 21},
        {"name": "找张三13800138000"},
        {"tasks": "联系 138-0013-8000"},
        {"tools": "11010119900307123X"},
        {"certificates": "110101199003071233"},
        {"tasks": "微信 １３８.００１３.８０００"},
        {"tasks": "联系 138/0013/8000"},
        {"tasks": "联系 (138)0013 8000"},
        {"tasks": "联系 138_0013_8000"},
        {"tasks": "联系 138·0013·8000"},
        {"tasks": "联系一三八零零幺三八零零零"},
        {"tasks": "联系١٣٨٠٠١٣٨٠٠٠"},
        {"tools": "砂纸\x00"},
        {"tasks": "\ud800"},
        {"place": ""},
        {"height_m": -1},
        {"height_m": 1e9},
        {"height_m": "高"},
        {"scene": "MOON"},
        {"worker": "张三"},
    ],
)
def test_statement_is_refused_and_not_echoed_when_it_is_no_description_of_work(
    counter: Counter, changes: dict[str, Any]
) -> None:
    status, problem = counter.ask(**changes)
    assert status == 422
    assert problem["errors"]
    (value,) = changes.values()
    assert len(str(value)) < 5 or str(value) not in json.dumps(problem, ensure_ascii=False)


@pytest.mark.parametrize(
    "changes",
    [
        {"occupation_class": 6},
        {"occupation_class": 7},
        {"occupation_class": None},
        {"name_en": None},
        {"verdict": "REFUSE"},
        {"verdict": "LISTED"},
        {"listed_code": "COOK"},
        {"reason_zh": ""},
        {"reason_en": None},
        {"exclusions": ["no code"]},
        {"exclusions": ["HANDSTANDS"]},
        {"name_zh": "联系13800138000"},
    ],
)
def test_answer_is_refused_when_it_is_not_whole(counter: Counter, changes: dict[str, Any]) -> None:
    asked = counter.ask()[1]
    assert counter.answer(asked, "s-1", **changes)[0] == 422


def test_answers_of_a_project_are_stored_and_shown_when_its_occupation_asks(counter: Counter) -> None:
    answers = {"TONNAGE": 4.5, "HAUL": 60}
    status, project = counter.open("TRUCK_DRIVER", "C1", answers=answers)
    assert status == 201
    assert [(one["code"], one["answer"], one["answer_zh"]) for one in project["answered"]] == [
        ("TONNAGE", 4.5, "4.5 吨"),
        ("HAUL", 60, "60 公里"),
    ]
    path = {"company_id": "C1", "project_id": project["project_id"]}
    _, read = counter.call("read_projects", "one.200", counter.as_company("C1"), path=path)
    assert read["answered"] == project["answered"]
    status, misfit = counter.open("VAN_DRIVER", "C1", answers=answers)
    assert (status, misfit["type"].rpartition("/")[2]) == (422, "occupation-does-not-fit")
    assert (misfit["fitting_code"], "货车司机(4 吨及以上)" in misfit["detail"]) == ("TRUCK_DRIVER", True)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"TONNAGE": 4.5},
        {"TONNAGE": "4.5", "HAUL": 60},
        {"TONNAGE": True, "HAUL": 60},
        {"TONNAGE": None, "HAUL": 60},
        {"TONNAGE": 4.5, "HAUL": 60, "HEIGHT": 3},
        {"TONNAGE": [4.5], "HAUL": 60},
        {"TONNAGE": 4.5, "HAUL": 1e30},
        {"TONNAGE": 4.5, "HAUL": -0.5},
        {"tonnage": 4.5, "HAUL": 60},
        "4.5",
        None,
    ],
)
def test_project_is_refused_when_its_answers_are_none_to_its_questions(
    counter: Counter, answers: Any
) -> None:
    status, problem = counter.open("TRUCK_DRIVER", "C1", answers=answers)
    assert status == 422
    assert problem["errors"] if "errors" in problem else "吨" in problem["detail"]


def test_number_is_kept_to_three_places_when_stated(counter: Counter) -> None:
    assert counter.ask(height_m=5e-324)[0] == 201
    _, project = counter.open("VAN_DRIVER", "C1", answers={"TONNAGE": 5e-324, "HAUL": 0.1 + 0.2})
    assert [one["answer"] for one in project["answered"]] == [0, 0.3]


def test_underwriter_reads_the_company_s_answers_when_a_worker_is_referred(counter: Counter) -> None:
    gate = counter.gate
    haul = Answered(
        code="HAUL",
        text_zh="最长的单程是多少公里?",
        text_en="How long is the longest single trip?",
        answer=900,
        answer_zh="900 公里",
        answer_en="900 km",
    )
    gate.project = a_referred_project(version=gate.project.version + 1, answered=(haul,))
    gate.adapters.projects.save(gate.project)
    gate.consented()
    shown = Document(type=IdDocumentType.RESIDENT_ID, name="王小明", number=an_id_number())
    ask, confirm = gate.cover.ask_referral, gate.cover.confirm_referral
    referral = ask(WORKER, gate.values["qr_token"], ReferralReason.OCCUPATION_CLASS, shown)
    confirm("C1", gate.project.project_id, referral.referral_id, "company", "C1")
    staff = {"role": "staff", "subject": "s-1", "staff_roles": "adjuster"}
    _, waiting = counter.call("decide_referral", "list.200", staff)
    assert waiting["referrals"][0]["answered"] == [haul.model_dump()]
