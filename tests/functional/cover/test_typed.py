"""Names, documents and texts as people type them, through the handlers at the gate."""

import json
from base64 import b64decode
from typing import Any
from xml.etree import ElementTree

import pytest

from daycover.identity.document import IdDocumentType
from tests.functional.cover.gate import Gate
from tests.support.builders import PROJECT, WORKER, an_id_number, numbered
from tests.support.events import read_event
from tests.support.functions import event_file

KNOWN = "阿卜杜热合曼·买买提"
FOREIGNER = "911124198108030024"


class Caller:
    def __init__(self, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = gate
        self.monkeypatch = monkeypatch

    def send(self, function: str, case: str, language: str = "zh", **changes: Any) -> tuple[int, Any]:
        """Send the body of an event file with some members changed (`document__name` is the document's name)."""
        event = read_event(event_file(function, case), self.gate.values)
        event["headers"]["Accept-Language"] = language
        body = json.loads(event["body"])
        for name, value in changes.items():
            *way, last = name.split("__")
            inner = body
            for part in way:
                inner = inner[part]
            inner[last] = value
        event["body"] = json.dumps(body)
        answer = self.gate.invoke(function, event, self.monkeypatch)
        return answer["statusCode"], json.loads(answer["body"])

    def check_in(self, **changes: Any) -> tuple[int, Any]:
        return self.send("check_in", "valid.201", **changes)

    def refer(self, **changes: Any) -> tuple[int, Any]:
        return self.send("ask_referral", "passport.201", **changes)

    def ordered(self) -> list[tuple[str, str]]:
        """Whom the work card was asked about."""
        return [(order.name, order.id_number) for order in self.gate.adapters.work_card.orders.values()]


@pytest.fixture
def caller(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Caller:
    gate.consented()
    return Caller(gate, monkeypatch)


@pytest.mark.parametrize("dot", "·•・‧．.●∙⋅。᛫、，'-ー\u302e")
def test_work_card_is_asked_with_the_ministries_dot_when_another_was_typed(caller: Caller, dot: str) -> None:
    typed = f" 阿卜杜热合曼\u200b{dot} 买买提"
    status, _ = caller.check_in(identity__name=typed, identity__id_number="１１０１０５ 19900307 ００２５")
    assert status == 201
    assert caller.ordered() == [(KNOWN, an_id_number())]


@pytest.mark.parametrize("name", ["马\U00031350", "⻢\U00031350", "马\u200d\U00031350\ufe0f"])
@pytest.mark.parametrize("number", ["110105-19900307-0025", "\u202a110105\u201119900307—0025\u202c"])
def test_work_card_is_asked_about_a_new_ideograph_and_a_number_with_hyphens(
    caller: Caller, name: str, number: str
) -> None:
    status, _ = caller.check_in(identity__name=name, identity__id_number=number)
    assert status == 201
    assert caller.ordered() == [("马\U00031350", an_id_number())]


@pytest.mark.parametrize(
    "name",
    ["王", "王1", "123456", "😀😀", "王\x07小明", "王\x00", "·", "\u3164\u3164", "王" * 65, "王\u0301小明"],
)
def test_worker_is_told_before_the_face_check_when_a_name_can_be_nobody_s(caller: Caller, name: str) -> None:
    status, problem = caller.check_in(identity__name=name)
    assert status == 422
    (error,) = problem["errors"]
    assert error["pointer"] == "/identity/name"
    assert "姓名" in error["detail"]
    assert name not in json.dumps(problem, ensure_ascii=False).replace("姓名", "")
    assert caller.ordered() == []
    _, problem = caller.check_in(identity__name=name, language="en")
    assert "name" in problem["errors"][0]["detail"]


def test_worker_is_told_before_the_face_check_when_another_was_proved(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.known()
    caller = Caller(gate, monkeypatch)
    for changes in (
        {"identity__name": "王晓明"},
        {"identity__id_number": an_id_number(order="008")},
    ):
        status, problem = caller.check_in(**changes)
        assert (status, problem["type"].rpartition("/")[2]) == (409, "name-mismatch")
    assert caller.ordered() == []
    status, _ = caller.check_in(identity__name="王 小明")
    assert status == 201
    assert caller.ordered() == [("王小明", an_id_number())]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (FOREIGNER, IdDocumentType.FOREIGNER_PERMANENT_RESIDENCE),
        ("CAN110181080310", IdDocumentType.FOREIGNER_PERMANENT_RESIDENCE),
        (numbered("810000"), IdDocumentType.HK_MO_TW_RESIDENCE_PERMIT),
        (numbered("820000"), IdDocumentType.HK_MO_TW_RESIDENCE_PERMIT),
        (numbered("830000"), IdDocumentType.HK_MO_TW_RESIDENCE_PERMIT),
    ],
)
def test_card_that_is_no_resident_id_goes_to_people_as_what_its_number_says(
    caller: Caller, number: str, kind: IdDocumentType
) -> None:
    status, problem = caller.check_in(identity__id_number=number)
    assert (status, problem["type"].rpartition("/")[2]) == (409, "document-referred")
    assert "人工核验" in problem["detail"]
    assert caller.ordered() == []
    status, referral = caller.refer(
        document={"type": "RESIDENT_ID", "name": "李 • 小龙", "number": number.lower()}
    )
    assert (status, referral["document_type"]) == (201, kind)
    (kept,) = caller.gate.adapters.referrals.of_worker(WORKER)
    assert (kept.identity.name, kept.identity.id_number) == ("李·小龙", number)
    assert kept.identity.document_type is kind


@pytest.mark.parametrize(
    "kind", ["RESIDENT_ID", "HK_MO_TW_RESIDENCE_PERMIT", "FOREIGNER_PERMANENT_RESIDENCE"]
)
@pytest.mark.parametrize(
    "number",
    [
        numbered("000000"),
        numbered("110105", "20990101"),
        numbered("110105", "18700101"),
        FOREIGNER[:-1] + "X",
        numbered("810101"),
        "1101051990030700２\u0665",
    ],
)
def test_number_is_refused_when_no_document_has_it(caller: Caller, kind: str, number: str) -> None:
    status, problem = caller.refer(document={"type": kind, "name": "王小明", "number": number})
    slug = "resident-id" if kind == "RESIDENT_ID" else "document-number"
    assert (status, problem["type"].rpartition("/")[2]) == (422, slug)
    if kind == "RESIDENT_ID":
        status, problem = caller.check_in(identity__id_number=number)
        assert (status, problem["type"].rpartition("/")[2]) == (422, slug)


@pytest.mark.parametrize(
    ("number", "born", "slug"),
    [
        ("E12345678", None, "birth-date-missing"),
        ("E12345678", "2026-11-25", "birth-date"),
        ("E12345678", "1870-01-01", "birth-date"),
        ("E12345678", "1960-11-24", "age-out-of-range"),  # 66 today
        ("E12345678", "2010-11-25", "age-out-of-range"),  # 16 tomorrow
        ("E12345678", "1960-11-25", None),
        (FOREIGNER, "1981-08-04", "birth-date"),
        (FOREIGNER, None, None),
        (FOREIGNER, "1981-08-03", None),
        ("CAN110110080310", None, "birth-date-missing"),
        ("CAN110110080310", "2010-08-03", None),
    ],
)
def test_everybody_has_a_birth_date_and_the_age_is_checked_whatever_the_document(
    caller: Caller, number: str, born: str | None, slug: str | None
) -> None:
    document = {"type": "PASSPORT", "name": "ANNA MÜLLER", "number": number, "birth_date": born}
    status, answer = caller.refer(document=document)
    assert (status, answer.get("type", "/").rpartition("/")[2] or None) == (422 if slug else 201, slug)


@pytest.mark.parametrize("field", ["name", "employer_name"])
@pytest.mark.parametrize("sign", ["\x0b", "\x07", "\x00", "\ufffe", "\x85", "\u202e", "\n", "\t", "\ufdd0"])
def test_project_is_refused_in_words_when_its_names_cannot_be_printed(
    caller: Caller, field: str, sign: str
) -> None:
    status, problem = caller.send("create_project", "valid.201", **{field: f"双十一{sign}分拣"})
    assert status == 422
    (error,) = problem["errors"]
    assert error["pointer"] == f"/{field}"
    assert "不能" in error["detail"]


@pytest.mark.parametrize(
    "name", ['<分拣> & "打包" ]]>', "𠮷野家😀", "Cafe\u0301 \u200b", "１２３", "=1+1", "a" * 128]
)
def test_gate_sheet_is_well_formed_with_every_name_that_was_accepted(
    caller: Caller, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, created = caller.send("create_project", "valid.201", name=name, employer_name=name)
    assert status == 201
    event = read_event(event_file("generate_qr", "svg.200"), caller.gate.values)
    event = json.loads(json.dumps(event).replace(PROJECT, created["project_id"]))
    event["queryStringParameters"] = {"format": "sheet"}
    event["multiValueQueryStringParameters"] = {"format": ["sheet"]}
    answer = caller.gate.invoke("generate_qr", event, monkeypatch)
    assert answer["statusCode"] == 200, answer
    texts = [node.text for node in ElementTree.fromstring(b64decode(answer["body"])).iter() if node.text]
    assert created["name"] in texts
