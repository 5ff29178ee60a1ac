"""Accounts, names and documents as people type them, through the handlers that money depends on."""

import json
from datetime import timedelta
from typing import Any

import pytest

from daycover.identity.document import IdDocumentType
from daycover.payouts.transfer import BankAccount
from daycover.platform.config import Config
from tests.functional.claims.stage import Stage
from tests.functional.claims.test_events import account_of_another
from tests.support.builders import NOW, PERSON, WORKER, an_id_number, an_identity, numbered
from tests.support.functions import event_file

ACCOUNT = "6222021234567890123"
FOREIGNER = "911124198108030024"
WAYS = [
    "６２２２０２１２３４５６７８９０１２３",
    "6222 0212 3456 7890 123",
    " 6222-0212-3456-7890-123 ",
    "６２２２　０２１２\u200b34567890123",
]


@pytest.fixture
def stage(aws: Config, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(aws, monkeypatch)


def send(stage: Stage, function: str, case: str, body: dict[str, Any]) -> tuple[int, Any]:
    event = json.loads(event_file(function, case).read_text(encoding="utf-8"))
    event["body"] = json.dumps(json.loads(event["body"]) | body)
    answer = stage.invoke(function, event)
    return answer["statusCode"], json.loads(answer["body"])


def slug(problem: Any) -> str:
    return str(problem["type"].rpartition("/")[2])


@pytest.mark.parametrize("typed", WAYS)
def test_account_is_one_however_it_is_typed(stage: Stage, typed: str) -> None:
    claim = stage.agreed()
    status, _ = send(stage, "state_payee", "own_account.200", {"account_no": typed, "name": "王 小明"})
    assert status == 200
    kept = stage.adapters.payee_accounts.find(claim.claim_no)
    assert kept == BankAccount(holder="王小明", account_no=ACCOUNT, bank_name="中国工商银行广州天河支行")


@pytest.mark.parametrize("typed", [ACCOUNT, *WAYS])
def test_account_of_another_person_is_refused_however_it_is_typed(stage: Stage, typed: str) -> None:
    account_of_another(stage)
    status, problem = send(stage, "state_payee", "own_account.200", {"account_no": typed})
    assert (status, slug(problem)) == (409, "payee-account-taken")


@pytest.mark.parametrize(
    "typed", ["٦٢٢٢٠٢١٢٣٤٥٦٧٨٩٠١٢٣", "62220212345678901२3", "6222021234", "6222x21234567890123", ""]
)
def test_account_is_refused_when_it_has_other_digits(stage: Stage, typed: str) -> None:
    stage.agreed()
    status, problem = send(stage, "state_payee", "own_account.200", {"account_no": typed})
    assert status == 422
    assert [error["pointer"] for error in problem["errors"]] == ["/account_no"]
    assert not typed or typed not in json.dumps(problem, ensure_ascii=False)


@pytest.mark.parametrize(
    "holder",
    ["买买提·艾力", "买买提•艾力", "买买提．艾力", "买买提.艾力", "买买提艾力", "买买提\u200b・ 艾力"],
)
def test_holder_is_the_insured_whatever_dot_was_typed(stage: Stage, holder: str) -> None:
    claim = stage.agreed()
    stage.adapters.workers.lock_data(WORKER, NOW)
    stage.adapters.workers.forget_identity(WORKER, NOW)
    stage.adapters.workers.bind(
        WORKER, an_identity(name="买买提·艾力", person_id=PERSON), NOW + timedelta(seconds=1)
    )
    status, _ = send(stage, "state_payee", "own_account.200", {"name": holder})
    assert status == 200
    kept = stage.adapters.payee_accounts.find(claim.claim_no)
    assert kept is not None
    assert kept.holder in {"买买提·艾力", "买买提艾力"}
    status, problem = send(stage, "state_payee", "own_account.200", {"name": "买买提·艾买提"})
    assert (status, slug(problem)) == (422, "payee-not-insured")


def an_heir(**changes: Any) -> dict[str, Any]:
    return {
        "name": "王家 一",
        "document_type": "RESIDENT_ID",
        "document_number": an_id_number("19700101", "001"),
        "relation": "CHILD",
        "share": "1/1",
        "account_no": "６２２２ 0212 3456 7800 01",
        "bank_name": "中国工商银行",
    } | changes


BAD = [
    ("RESIDENT_ID", numbered("110105", "20990101"), "resident-id"),
    ("RESIDENT_ID", numbered("000000"), "resident-id"),
    ("RESIDENT_ID", numbered("110105", "18500101"), "resident-id"),
    ("HK_MO_TW_RESIDENCE_PERMIT", numbered("830000", "20990101"), "document-number"),
    ("FOREIGNER_PERMANENT_RESIDENCE", FOREIGNER[:-1] + "5", "document-number"),
    ("PASSPORT", "E1234567\u0668", "document-number"),
]
GOOD = [
    ("RESIDENT_ID", FOREIGNER, IdDocumentType.FOREIGNER_PERMANENT_RESIDENCE),
    ("PASSPORT", numbered("820000").lower(), IdDocumentType.HK_MO_TW_RESIDENCE_PERMIT),
    ("FOREIGNER_PERMANENT_RESIDENCE", an_id_number("19700101", "001"), IdDocumentType.RESIDENT_ID),
    ("TW_PERMIT", "１２３４５６７８", IdDocumentType.TW_PERMIT),
]


@pytest.mark.parametrize(("kind", "number", "fault"), BAD)
def test_heir_and_designated_are_refused_when_no_document_has_the_number(
    stage: Stage, kind: str, number: str, fault: str
) -> None:
    stage.agreed_death()
    stated = {"document_type": kind, "document_number": number}
    status, problem = send(stage, "state_beneficiaries", "state.200", {"beneficiaries": [an_heir(**stated)]})
    assert (status, slug(problem)) == (422, fault)
    person = {"name": "王小红", "relation": "SIBLING", "share": "1/1"} | stated
    status, problem = send(stage, "state_payee", "designate.200", {"people": [person]})
    assert (status, slug(problem)) == (422, fault)


@pytest.mark.parametrize(("kind", "number", "told"), GOOD)
def test_heir_and_designated_are_known_by_what_the_number_says(
    stage: Stage, kind: str, number: str, told: IdDocumentType
) -> None:
    stage.agreed_death()
    stated = {"document_type": kind, "document_number": number}
    status, view = send(stage, "state_beneficiaries", "state.200", {"beneficiaries": [an_heir(**stated)]})
    assert (status, view["beneficiaries"][0]["document_type"]) == (200, told)
    person = {"name": "王 小红", "relation": "SIBLING", "share": "1/1"} | stated
    status, view = send(stage, "state_payee", "designate.200", {"people": [person]})
    assert (status, [(p["name"], p["document_type"]) for p in view["people"]]) == (200, [("王小红", told)])


def test_heir_is_refused_when_the_stated_birth_date_is_another_than_the_number_tells(stage: Stage) -> None:
    stage.agreed_death()
    heirs = [an_heir(born="1970-01-02")]
    status, problem = send(stage, "state_beneficiaries", "state.200", {"beneficiaries": heirs})
    assert (status, slug(problem)) == (422, "birth-date")
