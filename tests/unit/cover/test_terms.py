"""The terms say what the code does, bear their marks, and are never edited once published."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from daycover.claims.adjudication import DAYS_PER_POLICY
from daycover.claims.clocks import (
    ADJUDICATION,
    ADVANCE,
    LIMITATION_YEARS,
    PAYMENT,
    REFUSAL_NOTICE,
    SERVICE_LEVEL_WORKING_DAYS,
)
from daycover.claims.disability import percentage_bps
from daycover.claims.terms import LOWEST_LEVEL, SUDDEN_DEATH, TERM
from daycover.cover import terms as published
from daycover.cover.disclosure import HOTLINE, INSURER, INSURER_NAME, PLACES_KEPT_DAYS, benefits_text, yuan
from daycover.cover.erase import PLACES_KEPT
from daycover.cover.period import COVER, RENEWAL_WINDOW
from daycover.cover.plan import PLAN_VERSIONS, Plan, PlanVersion
from daycover.cover.terms import (
    LIMITS,
    NAME_ZH,
    PUBLISHED,
    TermsChangedError,
    TermsNotFoundError,
    reference,
    terms,
    terms_by_id,
    text_hash,
)
from daycover.cover.underwriting import ADULT_AGE, HAZARDOUS_CLASS, MAXIMUM_AGE, MINIMUM_AGE
from daycover.cover.versions import TABLES
from daycover.payouts.designation import MOST
from tests.support.builders import a_plan

PINNED = {"2026-11": "234cc9e879ab2608b2ce1f317de0adfde5debe733b8a097c86d2b5546d86cd0b"}
"""What was published, written down a second time: a change of a text can't pass as a change of its hash."""
CURRENT = terms("2026-11")
TEXT = CURRENT.text_zh
DIGITS = "零一二三四五六七八九十"
PLANS = [plan for version in PLAN_VERSIONS for plan in version.plans]


def test_published_terms_are_never_edited_when_time_passes() -> None:
    assert dict(PUBLISHED) == PINNED
    assert {version: text_hash(terms(version)) for version in PUBLISHED} == PINNED


def test_every_file_of_terms_is_published_under_its_own_name_when_listed() -> None:
    files = {path.name.removeprefix("terms.").removesuffix(".json") for path in TABLES.glob("terms.*.json")}
    assert files == set(PUBLISHED)
    assert all(terms(version).version == version for version in PUBLISHED)
    assert all(terms(version).name_zh == NAME_ZH for version in PUBLISHED)


def test_nothing_is_shown_when_a_published_text_was_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = (TABLES / "terms.2026-11.json").read_text("utf-8").replace("180日", "90日", 1)
    (tmp_path / "terms.2026-11.json").write_text(edited, "utf-8")
    monkeypatch.setattr(published, "TABLES", tmp_path)
    terms.cache_clear()
    with pytest.raises(TermsChangedError):
        terms("2026-11")
    monkeypatch.undo()
    terms.cache_clear()
    assert terms("2026-11") == CURRENT


@pytest.mark.parametrize(
    "terms_id", ["2026-11", "2026-11-", "2026-11-0000000000000000", "1999-x", "", "-", "../plans.2026-11"]
)
def test_terms_are_found_by_version_and_hash_alone(terms_id: str) -> None:
    assert terms_by_id(CURRENT.terms_id) == CURRENT
    assert (
        reference("2026-11", "N1", "https://x.example/").link
        == f"https://x.example/v1/terms/{CURRENT.terms_id}"
    )
    with pytest.raises(TermsNotFoundError):
        terms_by_id(terms_id)


def days(length: timedelta) -> str:
    return f"{length.days}日"


@pytest.mark.parametrize(
    "said",
    [
        f"保险期间为{COVER // timedelta(hours=1)}小时",
        f"结束前{RENEWAL_WINDOW // timedelta(minutes=1)}分钟内",
        f"须年满{MINIMUM_AGE}周岁、未满{MAXIMUM_AGE + 1}周岁",
        f"职业类别为{DIGITS[HAZARDOUS_CLASS]}类及以上的须年满{ADULT_AGE}周岁",
        f"自事故之日起{days(TERM)}内（含第{days(TERM)}）身故",
        f"自事故之日起{days(TERM)}内（含第{days(TERM)}）按《人身保险伤残评定标准及代码》（JR/T 0083-2013）",
        f"自事故之日起{days(TERM)}内（含第{days(TERM)}）在符合约定的医院治疗",
        f"住院和病休应自事故之日起{days(TERM)}内（含第{days(TERM)}）开始",
        f"{DIGITS[LOWEST_LEVEL]}级或者{DIGITS[LOWEST_LEVEL]}级以上医院；等级无法查明的，公立医院视为符合。急诊不受",
        f"自发病起{SUDDEN_DEATH // timedelta(hours=1)}小时内死亡",
        f"每张保单{DAYS_PER_POLICY}日为限",
        f"之日起{days(ADJUDICATION)}内作出核定",
        f"达成协议后{days(PAYMENT)}内支付",
        f"自核定之日起{days(REFUSAL_NOTICE)}内发出拒赔通知书",
        f"之日起{days(ADVANCE)}内金额不能确定的",
        f"诉讼时效期间为{DIGITS[LIMITATION_YEARS]}年",
        "两个工作日内支付",
        f"指定一至{DIGITS[MOST]}人并确定份额",
        f"（以下也称{INSURER}）",
        INSURER_NAME,
        HOTLINE,
        "无民事行为能力人的除外（保险法第四十四条）",
        "抗拒依法采取的刑事强制措施导致其伤残或者死亡（保险法第四十五条）",
        "一次性书面告知",
        "没有指定，或者",
        "扣除本保单已给付的意外伤残保险金和身故保险金",
        "适用中华人民共和国法律",
        *(f"{grade}级{percentage_bps(grade) // 100}%" for grade in range(1, 11)),
    ],
)
def test_terms_say_what_the_code_does(said: str) -> None:
    assert said in TEXT
    assert SERVICE_LEVEL_WORKING_DAYS == 2


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"{plan.plan_id}@{plan.version}")
def test_every_figure_of_a_plan_is_shown_before_consent(plan: Plan) -> None:
    pays, text = plan.benefits, benefits_text(plan)
    amounts = [
        plan.sum_insured_fen,
        pays.sudden_death_fen,
        pays.medical_deductible_fen,
        pays.medical_limit_fen,
        pays.hospital_daily_fen,
        pays.lost_income_daily_fen or None,
        pays.ambulance_limit_fen,
    ]
    assert all(f" {yuan(fen)} 元" in text for fen in amounts if fen)
    assert f"按 {pays.medical_ratio_bps / 100:g}% 赔付" in text
    assert f"各扣除 {pays.waiting_days} 天,每次事故最多 {pays.days_per_accident} 天" in text
    assert ("不含误工津贴" in text) == (pays.lost_income_daily_fen == 0)
    assert ("扣除社会医疗保险已支付" in text) == pays.nets_social_insurance
    # the terms give one cap of days for every plan
    assert f"每次事故{pays.days_per_accident}日、" in TEXT


def test_every_clause_that_limits_bears_its_mark_when_printed() -> None:
    lines = TEXT.splitlines()
    assert all(f"{clause.number} {LIMITS}{clause.zh}" in lines for clause in CURRENT.limits)
    assert TEXT.count(LIMITS) >= len(CURRENT.limits) > len(CURRENT.exclusions) == 7
    unmarked = [c.zh for part in CURRENT.parts for c in part.clauses if not c.exempts]
    assert not [zh for zh in unmarked if re.search(r"，扣除|减去|不承担|为限。|小时内死亡|级以上医院", zh)]


def test_places_are_kept_as_long_as_the_consent_says() -> None:
    assert timedelta(days=PLACES_KEPT_DAYS) == PLACES_KEPT


def test_a_tariff_names_published_terms_and_hands_them_to_its_plans() -> None:
    read = json.loads((TABLES / "plans.2026-11.json").read_text("utf-8"))
    assert a_plan("T2").terms == read["terms"]
    with pytest.raises(ValueError, match="no published terms"):
        PlanVersion.model_validate(read | {"terms": "1999"})


def test_clause_is_the_one_that_bears_the_key_when_it_is_asked_for() -> None:
    keyed = [clause for part in CURRENT.parts for clause in part.clauses if clause.key is not None]
    assert len({clause.key for clause in keyed}) == len(keyed) > 1
    for clause in keyed:
        assert clause.key is not None
        assert CURRENT.clause(clause.key) == clause


@pytest.mark.parametrize("base", ["https://daycover.cn", "https://daycover.cn/", "https://x.cn/XX"])
def test_address_of_terms_has_one_slash_when_the_public_address_ends_in_one(base: str) -> None:
    link = reference("2026-11", "F-1", base)[-1]
    assert link == f"{base.rstrip('/')}/v1/terms/{CURRENT.terms_id}"
