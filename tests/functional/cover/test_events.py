"""Every event file of projects, identity, cover and books, through its handler, as its name says."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from daycover.identity.work_card import WorkCardRefusedError, WorkCardUnavailableError
from daycover.platform.config import Config
from daycover.projects.project import ProjectStatus
from tests.functional.access import prepared
from tests.functional.claims.permissions import is_allowed, needs
from tests.functional.cover.gate import ROOT, Gate
from tests.support.builders import an_id_number
from tests.support.events import placeholders, read_event
from tests.support.functions import event_file, events_of, key_of
from tests.support.policies import Need

FUNCTIONS = (
    "add_referral_document",
    "answer_occupation",
    "ask_referral",
    "authorize_request",
    "change_project",
    "cancel_policy",
    "check_health",
    "check_in",
    "complete_check_in",
    "confirm_referral",
    "create_project",
    "decide_referral",
    "erase_worker",
    "generate_qr",
    "give_consents",
    "issue_policy",
    "issue_statement",
    "list_companies",
    "load_tables",
    "open_referral_document",
    "preview_cover",
    "purge_locations",
    "read_consents",
    "read_policies",
    "read_projects",
    "read_roster",
    "read_signals",
    "read_statement",
    "read_tables",
    "read_tariff",
    "record_cover",
    "refer_occupation",
    "sign_in_provider",
    "sign_in_staff",
    "sign_in_worker",
    "verify_policy",
    "void_policy",
    "withdraw_consents",
    *prepared.FUNCTIONS,
)
EVENTS = events_of(*FUNCTIONS)
PERSONAL = ("王小明", an_id_number(), "o-worker", "31.2304")

Prepare = Callable[[Gate], Any]


def at_work(gate: Gate) -> None:
    """A foreman looks, and a worker was refused who had typed their name, left a number and asked for people."""
    prepared.operators(gate)
    gate.refused_away()
    gate.referral_asked()


def paused(gate: Gate) -> None:
    gate.changed(lambda project: project.moved_to(ProjectStatus.PAUSED))


def closed(gate: Gate) -> None:
    gate.changed(lambda project: project.moved_to(ProjectStatus.CLOSED))


def revoked(gate: Gate) -> None:
    gate.changed(lambda project: project.with_code_revoked())


def refused(gate: Gate) -> None:
    gate.refusing(WorkCardRefusedError(code="NO_AUTH"), gate.consented)


def down(gate: Gate) -> None:
    gate.refusing(WorkCardUnavailableError(), gate.consented)


def down_after_check_in(gate: Gate) -> None:
    gate.refusing(WorkCardUnavailableError(), gate.proved)


def proposed(gate: Gate) -> None:
    gate.propose_table("plans", event_file("load_tables", "plans.201"))


def approved(gate: Gate) -> None:
    proposed(gate)
    gate.cover.load_tables.approve("plans", "2027-01", "s-3")


def notice_proposed(gate: Gate) -> None:
    gate.propose_table("calendar", event_file("load_tables", "calendar.201"))


def begins_in_a_minute(gate: Gate) -> None:
    approved(gate)
    gate.now.at = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)


PREPARED: dict[str, Prepare] = {
    **prepared.PREPARED,
    "load_tables/exists": proposed,
    "load_tables/overlap": approved,
    "load_tables/approve": proposed,
    "load_tables/approve_calendar": notice_proposed,
    "load_tables/same_person": proposed,
    "load_tables/approved_already": approved,
    "load_tables/withdraw": proposed,
    "load_tables/withdraw_approved": approved,
    "load_tables/withdraw_too_late": begins_in_a_minute,
    "read_tables/list": approved,
    "read_tables/content": proposed,
    "answer_occupation/accept": Gate.work_stated,
    "answer_occupation/listed": Gate.work_stated,
    "answer_occupation/refuse": Gate.work_stated,
    "answer_occupation/refer_class_six": Gate.work_stated,
    "answer_occupation/answered": Gate.work_answered,
    "answer_occupation/unknown": Gate.work_stated,
    "answer_occupation/unknown_exclusion": Gate.work_stated,
    "answer_occupation/class_five_not_senior": Gate.work_stated,
    "answer_occupation/list": Gate.work_stated,
    "refer_occupation/again": Gate.work_stated,
    "refer_occupation/list": Gate.work_stated,
    "refer_occupation/list_answered": Gate.work_answered,
    "read_tariff/own": Gate.work_answered,
    "create_project/own_occupation": Gate.work_answered,
    "ask_referral/passport": Gate.consented,
    "ask_referral/again": Gate.referral_asked,
    "ask_referral/attempts_used_up": Gate.used_up,
    "ask_referral/too_young": Gate.consented,
    "ask_referral/covered": Gate.covered,
    "ask_referral/list": Gate.referral_asked,
    "ask_referral/occupation_class": Gate.referred_work,
    "ask_referral/occupation_not_referred": Gate.consented,
    "ask_referral/list_declined": Gate.work_referral_timed_out,
    "confirm_referral/list_declined": Gate.work_referral_timed_out,
    "decide_referral/class_six": Gate.work_referral_confirmed,
    "decide_referral/over_the_sum": Gate.work_referral_over_the_sum,
    "check_in/referred": Gate.referred_work,
    "preview_cover/referred": Gate.referred_work,
    "read_projects/referred": Gate.referred_work,
    "issue_policy/referred": Gate.attempt_on_referred_work,
    "complete_check_in/referred": Gate.attempt_on_referred_work,
    "confirm_referral/list": Gate.referral_asked,
    "confirm_referral/confirm": Gate.referral_asked,
    "confirm_referral/decline": Gate.referral_asked,
    "confirm_referral/decline_confirmed": Gate.referral_confirmed,
    "confirm_referral/decline_decided": Gate.referral_approved,
    "confirm_referral/decline_unknown_reason": Gate.referral_asked,
    "confirm_referral/decline_other_company": Gate.referral_asked,
    "confirm_referral/timed_out": Gate.referral_timed_out,
    "confirm_referral/other_company": Gate.referral_asked,
    "decide_referral/list": Gate.referral_confirmed,
    "decide_referral/approve": Gate.referral_confirmed,
    "decide_referral/approve_again": Gate.referral_approved,
    "decide_referral/reject": Gate.referral_confirmed,
    "decide_referral/not_confirmed": Gate.referral_asked,
    "decide_referral/timed_out": Gate.referral_timed_out,
    "decide_referral/without_reason": Gate.referral_confirmed,
    "decide_referral/auditor": Gate.referral_confirmed,
    "add_referral_document/announce": Gate.referral_asked,
    "add_referral_document/no_page": Gate.referral_asked,
    "add_referral_document/timed_out": Gate.referral_timed_out,
    "add_referral_document/company": Gate.referral_asked,
    "add_referral_document/receipt": Gate.paper_uploaded,
    "add_referral_document/receipt_not_uploaded": Gate.paper_announced,
    "add_referral_document/other_worker": Gate.paper_uploaded,
    "open_referral_document/file": Gate.paper_received,
    "open_referral_document/file_auditor": Gate.paper_received,
    "open_referral_document/looks": Gate.paper_looked_at,
    "open_referral_document/looks_adjuster": Gate.paper_looked_at,
    "open_referral_document/page": Gate.paper_received,
    "open_referral_document/not_arrived": Gate.paper_announced,
    "open_referral_document/no_such_page": Gate.paper_received,
    "open_referral_document/auditor": Gate.paper_received,
    "sign_in_provider/too_many": lambda gate: gate.kept_failing("provider", "P1"),
    "sign_in_staff/too_many": lambda gate: gate.kept_failing("staff"),
    "sign_in_staff/used_token": lambda gate: gate.adapters.spent_tokens.spend("0" * 64, gate.now()),
    "sign_in_worker/too_many": lambda gate: gate.kept_failing("worker"),
    "check_in/locked": Gate.locked,
    "erase_worker/insured": Gate.covered,
    "erase_worker/never_insured": Gate.consented,
    "erase_worker/withdraw": Gate.locked,
    "purge_locations/after_a_month": Gate.a_month_later,
    "purge_locations/nothing_old": Gate.checked_in,
    "withdraw_consents/project": Gate.covered,
    "withdraw_consents/company": Gate.covered,
    "give_consents/claim": Gate.accident_reported,
    "give_consents/claim_other_text": Gate.accident_reported,
    "give_consents/claim_of_another": Gate.accident_of_another,
    "withdraw_consents/claim": Gate.accident_reported,
    "withdraw_consents/claim_of_another": Gate.accident_of_another,
    "read_consents/history": Gate.consents_withdrawn,
    "issue_policy/consent_withdrawn": Gate.withdrawn_after_check_in,
    "issue_policy/erased": Gate.erased_after_check_in,
    "cancel_policy/worker": Gate.policy_to_begin,
    "cancel_policy/worker_again": Gate.policy_cancelled,
    "cancel_policy/in_force": Gate.owner,
    "cancel_policy/voided": Gate.policy_voided,
    "cancel_policy/other_person": Gate.policy_stands,
    "cancel_policy/company": Gate.policy_to_begin,
    "cancel_policy/provider": Gate.policy_to_begin,
    "cancel_policy/other_company": Gate.policy_to_begin,
    "void_policy/in_force": Gate.policy_stands,
    "void_policy/archived": Gate.policy_archived,
    "void_policy/cancelled": Gate.policy_cancelled,
    "read_roster/provider_withdrawn": Gate.withdrawn,
    "change_project/reopen_closed": closed,
    "change_project/site_closed": closed,
    "read_projects/site_offered": Gate.refused_at_the_gate,
    "generate_qr/revoked": revoked,
    "preview_cover/paused": paused,
    "preview_cover/revoked": revoked,
    "check_in/valid": Gate.consented,
    "check_in/chinese_map": Gate.consented,
    "check_in/known_person": Gate.known,
    "check_in/no_position": Gate.consented,
    "check_in/poor_accuracy": Gate.consented,
    "check_in/future_position": Gate.consented,
    "check_in/tiny_numbers": Gate.consented,
    "check_in/covered": Gate.covered,
    "check_in/outside_geofence": Gate.consented,
    "check_in/too_early": Gate.early,
    "check_in/paused": paused,
    "check_in/revoked_token": revoked,
    "check_in/attempts_used_up": Gate.used_up,
    "check_in/faces_used_up": Gate.faces_used_up,
    "check_in/work_card_refused": refused,
    "check_in/work_card_down": down,
    "issue_policy/proved": Gate.proved,
    "issue_policy/again": Gate.covered,
    "issue_policy/pending": Gate.checked_in,
    "issue_policy/face_failed": lambda gate: gate.failed("FACE_RECOGNITION_FAILED"),
    "issue_policy/name_mismatch": lambda gate: gate.failed("INCONSISTENT_REAL_NAME"),
    "issue_policy/expired": Gate.expired,
    "issue_policy/sum_limit": Gate.over_the_sum,
    "issue_policy/unknown": Gate.checked_in,
    "issue_policy/other_worker": Gate.proved,
    "issue_policy/work_card_down": down_after_check_in,
    "complete_check_in/proved": Gate.proved,
    "complete_check_in/pending": Gate.checked_in,
    "complete_check_in/twice": Gate.proved,
    "complete_check_in/work_card_down": down_after_check_in,
    "complete_check_in/one_poisoned": Gate.proved,
    "read_policies/list": Gate.owner,
    "read_policies/one": Gate.owner,
    "read_policies/mistyped": Gate.owner,
    "read_policies/other_person": Gate.policy_stands,
    "verify_policy/in_force": Gate.policy_stands,
    "verify_policy/lower_case": Gate.policy_stands,
    "verify_policy/mistyped": Gate.policy_stands,
    "verify_policy/ended": Gate.policy_ended,
    "verify_policy/damaged": Gate.policy_damaged,
    "read_roster/company": Gate.recorded,
    "read_roster/uninsured": Gate.scanned,
    "read_roster/operator": at_work,
    "read_roster/gate": at_work,
    "read_roster/gate_company": at_work,
    "read_roster/gate_page": at_work,
    "read_signals/flagged": Gate.weighed,
    "read_signals/company_score": Gate.stuffed,
    "read_statement/issued": Gate.closed_day,
    "read_statement/running_day": Gate.recorded,
    "read_statement/sheet_xlsx": Gate.closed_day,
    "read_statement/list": Gate.closed_day,
    "read_statement/list_days": Gate.closed_day,
    "read_statement/list_lines": Gate.closed_day,
    "read_statement/master_policy": Gate.closed_day,
    "read_statement/master_policy_before": Gate.closed_day,
    "read_statement/master_policy_other_year": Gate.closed_day,
    "read_statement/master_policy_other_company": Gate.closed_day,
    "issue_statement/day": Gate.recorded,
    "issue_statement/again": Gate.closed_day,
    "issue_statement/blocked_company": Gate.blocked_before_its_limit_was_lifted,
}
"""The state that a case needs; a case that is not here needs none."""

ANSWERS: dict[str, dict[str, Any]] = {
    "load_tables/plans": {"status": "PROPOSED", "proposed_by": "s-1", "settled_by": None},
    "load_tables/approve": {"status": "APPROVED", "proposed_by": "s-2", "settled_by": "s-1"},
    "load_tables/withdraw": {"status": "WITHDRAWN"},
    "load_tables/withdraw_approved": {"status": "WITHDRAWN"},
    "load_tables/overlap": {"version": "2027-01"},
    "load_tables/premium_falls": {
        "errors": [{"pointer": "", "detail": "第 2 个计划:职业类别升高时保费不得降低"}]
    },
    "load_tables/wrong_rows": {
        "errors": [
            {"pointer": "/plans/1/premium_fen_by_class", "detail": "不得小于 30"},
            {"pointer": "/plans/2/benefits", "detail": "含有未知字段"},
        ]
    },
    "load_tables/without_version": {"errors": [{"pointer": "/version", "detail": "必填"}]},
    "load_tables/unknown_class": {
        "errors": [{"pointer": "/occupations/2/occupation_class", "detail": "不得大于 6"}]
    },
    "load_tables/statutory_day_missing": {"errors": [{"pointer": "", "detail": "缺少法定节假日:2027-02-05"}]},
    "ask_referral/passport": {"status": "ASKED", "name": "王**", "answer_by": "2026-11-24T01:00:00Z"},
    "ask_referral/attempts_used_up": {"attempts": 20},
    "ask_referral/occupation_class": {"status": "ASKED", "occupation_class": 6, "premium_fen": 150},
    "create_project/referred_occupation": {
        "acceptance": "REFER",
        "premium_fen": 150,
        "reason_zh": "高处作业须提供特种作业操作证,由核保员确认",
        "reason_en": "Work at height needs a special-operation certificate and an underwriter's approval",
    },
    "create_project/own_occupation": {"occupation_class": 4, "premium_fen": 100, "acceptance": "ACCEPT"},
    "refer_occupation/new": {"status": "WAITING", "overdue": False, "due_at": "2026-11-25T00:30:00Z"},
    "answer_occupation/accept": {"status": "ANSWERED"},
    "create_project/valid": {"acceptance": "ACCEPT", "reason_zh": "", "reason_en": ""},
    "preview_cover/referred": {
        "acceptance": "REFER",
        "premium_fen": 150,
        "reason_zh": "长途货运属于六类职业,须由核保员确认路线和车型",
        "reason_en": "Long-haul haulage is class 6: an underwriter must confirm route and vehicle",
    },
    "decide_referral/class_six": {"status": "APPROVED", "occupation_class": 6, "premium_fen": 150},
    "confirm_referral/confirm": {"status": "CONFIRMED"},
    "confirm_referral/decline": {"status": "DECLINED", "declined_for": "NOT_ON_SITE"},
    "confirm_referral/decline_confirmed": {"status": "DECLINED", "declined_for": "PHOTO_DIFFERS"},
    "decide_referral/approve": {"status": "APPROVED", "declined_for": None},
    "decide_referral/reject": {"status": "DECLINED", "declined_for": "PHOTO_DIFFERS", "policy_no": None},
    "erase_worker/insured": {"status": "LOCKED", "kept_until": "2036-11-25"},
    "erase_worker/never_insured": {"status": "DELETED", "deleted": {"check_ins": 0, "consents": 4}},
    "erase_worker/withdraw": {"status": "OPEN"},
    "purge_locations/after_a_month": {"days": ["20261124"], "erasures": 0},
    "purge_locations/nothing_old": {"days": [], "erasures": 0},
    "cancel_policy/worker": {"status": "CANCELLED", "in_force": False},
    "cancel_policy/company": {"status": "CANCELLED"},
    "void_policy/in_force": {"status": "VOIDED", "in_force": False},
    "void_policy/archived": {"status": "VOIDED"},
    "check_in/valid": {"status": "PRE_ORDERED", "check_in_id": "20261124-01", "signals": []},
    "check_in/no_position": {"signals": ["NO_POSITION"]},
    "check_in/poor_accuracy": {"signals": ["POOR_ACCURACY"]},
    "check_in/covered": {"status": "COVERED"},
    "issue_policy/proved": {"in_force": True, "premium_fen": 70, "insured_name": "王**"},
    "issue_policy/pending": {"status": "PENDING"},
    "verify_policy/in_force": {"genuine": True, "in_force": True},
    "verify_policy/ended": {"genuine": True, "in_force": False},
    "read_roster/company": {"count": 1, "headcount": 30, "uninsured_places": 29},
    "read_roster/uninsured": {
        "count": 0,
        "uninsured_count": 1,
        "under_insured": True,
        "uninsured": [
            {
                "name": "未核验",
                "full_name": None,
                "phone": None,
                "phone_end": None,
                "last_seen": "2026-11-24T00:30:00Z",
                "why": "CONSENT_MISSING",
                "distance_m": None,
                "next_step_zh": "请其重新扫码并阅读同意四项条款",
                "next_step_en": "Have them scan again and accept the four texts",
            }
        ],
    },
    "read_roster/empty": {"count": 0, "uninsured_places": 30},
    "read_signals/nothing": {"check_ins": [], "next": None},
    "read_signals/company_score": {"headcount": 30, "workers": 6, "score": 40, "review": True},
    "read_signals/unknown_company": {"headcount": 0, "workers": 0, "score": 0, "projects": []},
    "read_tariff/plans": {"version": "2026-11", "valid_to": None},
    "read_tariff/unlisted": {"occupations": [], "questions": []},
    "read_statement/issued": {
        "policies": 1,
        "premium_fen": 70,
        "revision": 1,
        "line_count": 1,
        "lines_url": None,
        "insured": 1,
        "fewer_than_three": True,
    },
    "read_statement/master_policy": {
        "number": "DM-PAIC-2026-C1",
        "policyholder": "浦江劳务",
        "insurer": "中国平安财产保险股份有限公司",
        "terms": "2026-11",
        "plan_versions": ["2026-11"],
        "starts_on": "2026-11-24",
        "ends_on": "2026-12-31",
        "next": None,
    },
    "read_statement/master_policy_before": {"number": "DM-PAIC-2026-C1", "endorsements": []},
    "read_statement/list": {"company_id": "C1", "premium_fen": 70, "paid_fen": 0, "open_fen": 70},
    "read_statement/running_day": {"policies": 1, "premium_fen": 70, "revision": 0, "status": "OPEN"},
    "read_policies/list_of_unproved": {"policies": []},
    "change_project/rotate": {"key_version": 2, "revoked": False},
    "change_project/revoke": {"key_version": 1, "revoked": True},
    "issue_statement/day": {"policies": 1, "premium_fen": 70, "revision": 1},
    "issue_statement/blocked_company": {"policies": 1, "premium_fen": 70, "revision": 1},
    "issue_statement/again": {"policies": 1, "premium_fen": 70, "revision": 1},
    "issue_statement/empty_day": {"policies": 0, "premium_fen": 0},
    "list_companies/after_midnight": {"day": "2026-11-24", "company_ids": ["C1", "C2"]},
}
"""What else the answer must say."""


@pytest.mark.parametrize("path", EVENTS, ids=key_of)
def test_handler_answers_as_the_file_s_name_says(
    path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    PREPARED.get(key_of(path), Gate.nothing)(gate)
    expected = path.name.split(".")[1]
    event = read_event(path, gate.values)
    if path.parent.name == "authorize_request":
        assert_authorized(gate, event, expected, monkeypatch)
        return
    capsys.readouterr()
    outcome = gate.invoke(path.parent.name, event, monkeypatch)
    if "httpMethod" in event:
        assert str(outcome["statusCode"]) == expected, outcome
        assert_problem_or_view(path, event, outcome)
    elif "Records" in event:
        assert bool(outcome["batchItemFailures"]) is (expected == "failed"), outcome
    else:
        assert expected == "ok"
        assert ANSWERS.get(key_of(path), {}).items() <= outcome.items()
    if expected in {"ok", "200", "201", "202"} or path.parent.name.startswith("sign_in_"):
        assert_permitted(path.parent.name, gate)
    logged = capsys.readouterr().out
    for secret in PERSONAL:
        assert secret not in logged, f"{secret} in a log line"
    if expected in {"ok", "200", "201", "202"}:
        assert_one_line(event, logged)


def assert_one_line(event: Mapping[str, Any], logged: str) -> None:
    """A request or batch that goes well is a line, with its counts inside."""
    (line,) = map(json.loads, logged.splitlines())
    assert line["duration_ms"] >= 0
    if "httpMethod" in event:
        assert (line["message"], line["status"] // 100) == ("request answered", 2)
        assert line["correlation_id"] == event["requestContext"]["requestId"]
    else:
        assert line["message"] in {"batch done", "task done"}


@pytest.mark.parametrize("function", ["ask_referral", "confirm_referral"])
def test_decline_names_the_occupation_s_reason_in_both_languages_when_nobody_answered(
    function: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.work_referral_timed_out()
    event = read_event(event_file(function, "list_declined.200"), gate.values)
    (line,) = json.loads(gate.invoke(function, event, monkeypatch)["body"])["referrals"]
    assert (line["status"], line["declined_for"], line["policy_no"]) == ("DECLINED", "TIMED_OUT", None)
    assert line["declined_zh"].startswith("30 分钟内没有得到答复,申请已失效")
    assert "长途货运属于六类职业,须由核保员确认路线和车型" in line["declined_zh"]
    assert (
        "Long-haul haulage is class 6: an underwriter must confirm route and vehicle" in line["declined_en"]
    )


def test_foreman_is_told_the_next_step_when_a_worker_of_referred_work_checks_in(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.referred_work()
    path = event_file("check_in", "referred.409")
    refused = json.loads(gate.invoke("check_in", read_event(path, gate.values), monkeypatch)["body"])
    assert refused["type"].endswith("/occupation-referred")
    assert "人工核验" in refused["detail"]
    assert refused["reason_zh"] in refused["detail"]
    assert gate.adapters.work_card.orders == {}
    roster = read_event(event_file("read_roster", "uninsured.200"), gate.values)
    (seen,) = json.loads(gate.invoke("read_roster", roster, monkeypatch)["body"])["uninsured"]
    assert seen["why"] == "OCCUPATION_REFERRED"


@pytest.mark.parametrize("case", ["valid.201", "malformed.400", "oversized.413", "unknown_member.422"])
def test_answer_is_the_same_when_the_gateway_hands_the_body_over_in_base64(
    case: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.consented()
    event = read_event(event_file("check_in", case), gate.values)
    event |= {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}
    outcome = gate.invoke("check_in", event, monkeypatch)
    assert str(outcome["statusCode"]) == case.split(".")[1], outcome


def assert_authorized(gate: Gate, event: Any, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if expected == "unauthorized":
        with pytest.raises(Exception, match=r"^Unauthorized$"):
            gate.invoke("authorize_request", event, monkeypatch)
    else:
        assert gate.invoke("authorize_request", event, monkeypatch)["context"]["role"] == "worker"


def assert_problem_or_view(path: Path, event: Mapping[str, Any], response: Mapping[str, Any]) -> None:
    if response["statusCode"] >= 400:
        body = json.loads(response["body"])
        assert ANSWERS.get(key_of(path), {}).items() <= body.items()
        assert body["status"] == response["statusCode"]
        assert body["type"].startswith("https://")
        assert {"title", "detail", "instance"} <= body.keys()
        assert "王小明" not in response["body"], "the input is never echoed"
    elif response["isBase64Encoded"]:
        file = base64.b64decode(response["body"])
        assert file.startswith((b"\x89PNG", b"<?xml", b"PK", b"\xef\xbb\xbf"))
    else:
        body = json.loads(response["body"])
        assert ANSWERS.get(key_of(path), {}).items() <= body.items()
        assert an_id_number() not in response["body"]


def assert_permitted(function: str, gate: Gate) -> None:
    """Whatever the handler asked AWS for, the template lets its role do."""
    asked = {
        need for operation, arguments in gate.adapters.calls for need in wanted(gate, operation, arguments)
    }
    assert [need for need in sorted(asked) if not is_allowed(function, need)] == []


def wanted(gate: Gate, operation: str, arguments: Mapping[str, Any]) -> Iterator[Need]:
    config: Config = gate.adapters.config
    secrets = {
        config.token_secret: "TokenSecret",
        config.qr_secret: "QrSecret",
        config.index_secret: "IndexSecret",
        config.wechat_secret: "WechatSecret",
    }
    if operation == "GetSecretValue":
        yield Need("secretsmanager:GetSecretValue", secrets[arguments["SecretId"]])
    elif operation == "SendMessage":
        queues = {
            config.check_in_queue_url: "CheckInQueue",
            config.ended_policies_queue_url: "EndedPoliciesQueue",
        }
        yield Need("sqs:SendMessage", f"{queues[arguments['QueueUrl']]}.Arn")
    elif operation in {"GetObject", "PutObject"} and arguments["Bucket"] != config.archive_bucket:
        folder = arguments["Key"].partition("/")[0]
        assert folder in {"statements", "applications"}
        yield Need(f"s3:{operation}", f"${{DocumentsBucket.Arn}}/{folder}/*")
    elif operation == "CreateBucket":  # what botocore names a POST policy when it signs one
        yield Need("s3:PutObject", "${DocumentsBucket.Arn}/applications/*")
    else:
        yield from needs(operation, dict(arguments))


def test_every_function_has_good_and_bad_cases_when_callers_reach_it() -> None:
    for name in FUNCTIONS:
        statuses = {path.name.split(".")[1] for path in EVENTS if path.parent.name == name}
        assert statuses, name
        if name not in {
            "check_health",
            "record_cover",
            "complete_check_in",
            "list_companies",
            "issue_statement",
        }:
            assert any(status >= "4" for status in statuses), name


def test_every_case_exists_when_a_state_or_an_answer_is_prepared_for_it() -> None:
    cases = {key_of(path) for path in EVENTS}
    assert set(PREPARED) <= cases
    assert set(ANSWERS) <= cases


def test_every_placeholder_is_explained_when_used() -> None:
    readme = (ROOT / "events" / "README.md").read_text(encoding="utf-8")
    used = {name.split(".")[0] for path in EVENTS for name in placeholders(path)}
    assert all(f"| `{name}" in readme for name in used)
