"""No consent record, no policy; and only to the text that is in force."""

from datetime import timedelta

import pytest

from daycover.cover.disclosure import consent_texts, plan_key, yuan
from daycover.cover.terms import PUBLISHED, terms
from daycover.identity.consent import (
    ConsentKind,
    ConsentMissingError,
    ConsentTextChangedError,
    accept,
    check_complete,
)
from tests.support.builders import NOW, a_plan, a_project, consents_for

PROJECT = a_project()
TEXTS = consent_texts(PROJECT, a_plan("T2"))


def test_every_kind_has_a_text_when_shown() -> None:
    assert [text.kind for text in TEXTS] == list(ConsentKind)


def text_of(kind: ConsentKind) -> str:
    return next(text.text for text in TEXTS if text.kind is kind)


def test_terms_name_every_clause_that_limits_and_the_hash_of_the_whole_when_shown() -> None:
    shown = text_of(ConsentKind.TERMS_SHOWN)
    whole = terms(a_plan("T2").terms)
    assert all(f"\n{clause.number} {clause.zh}" in shown for clause in whole.limits)
    assert PUBLISHED[whole.version] in shown
    assert "扣除 100 元" in shown
    assert "80%" in shown


def test_a_beneficiary_can_be_designated_when_the_sum_is_consented_to() -> None:
    text = text_of(ConsentKind.SUM_INSURED)
    assert "由我在近亲属中指定,可以随时指定、变更或撤销" in text
    assert "没有指定的,为我的法定继承人" in text


def test_sensitive_data_are_named_and_those_of_a_claim_left_to_the_claim_when_shown() -> None:
    text = text_of(ConsentKind.SENSITIVE_DATA)
    assert all(
        named in text for named in ("姓名", "证件类型和号码", "人脸核验结果", "打卡位置", "必要性", "影响")
    )
    assert "医疗健康信息和银行账户不在本同意之内" in text


def test_sum_insured_consent_names_the_amount_and_who_pays_when_shown() -> None:
    text = text_of(ConsentKind.SUM_INSURED)
    assert "300,000 元" in text
    assert PROJECT.company_name in text
    assert "不从我的工资中扣除" in text


def test_consents_are_complete_when_all_four_are_on_record() -> None:
    check_complete(TEXTS, consents_for(PROJECT))


@pytest.mark.parametrize("kind", list(ConsentKind))
def test_consents_are_incomplete_when_any_one_is_missing(kind: ConsentKind) -> None:
    given = [consent for consent in consents_for(PROJECT) if consent.kind is not kind]
    with pytest.raises(ConsentMissingError) as refusal:
        check_complete(TEXTS, given)
    assert refusal.value.facts == {"kinds": kind.value}


def test_consent_does_not_count_when_the_text_has_changed_since() -> None:
    other = consent_texts(PROJECT, a_plan("T4"))
    with pytest.raises(ConsentMissingError) as refusal:
        check_complete(other, consents_for(PROJECT))
    assert ConsentKind.SUM_INSURED in str(refusal.value.facts["kinds"])


def test_consent_is_bound_to_company_and_tariff_when_either_changes() -> None:
    with pytest.raises(ConsentMissingError):
        check_complete(consent_texts(a_project(company_name="另一家"), a_plan("T2")), consents_for(PROJECT))
    assert plan_key(a_plan("T2")) != plan_key(a_plan("T3"))


def test_acceptance_records_hash_and_both_times_when_the_hash_is_current() -> None:
    text = TEXTS[0]
    shown = NOW - timedelta(seconds=30)
    (record,) = accept(TEXTS, {text.kind: (text.sha256, shown)}, NOW)
    assert (record.kind, record.sha256, record.version) == (text.kind, text.sha256, text.version)
    assert (record.shown_at, record.accepted_at) == (shown, NOW)


def test_acceptance_is_refused_when_the_hash_is_of_another_text() -> None:
    with pytest.raises(ConsentTextChangedError):
        accept(TEXTS, {TEXTS[0].kind: (TEXTS[1].sha256, NOW)}, NOW)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(30, "0.30"), (100, "1"), (150, "1.50"), (10_000, "100"), (80_000_000, "800,000"), (5, "0.05")],
)
def test_amount_is_readable_when_written_in_yuan(fen: int, text: str) -> None:
    assert yuan(fen) == text
