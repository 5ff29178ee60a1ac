"""Work that an underwriter decides about, on the deployed stack: from the project to the policy, or the reason."""

from datetime import timedelta
from typing import Any

import pytest

from tests.devstack.journey_cover import parse
from tests.e2e.problems import assert_refused
from tests.support.waiting import eventually
from tests.support.world import LONG_HAUL, World

pytestmark = pytest.mark.stack
REASON_ZH = "长途货运属于六类职业,须由核保员确认路线和车型"
REASON_EN = "Long-haul haulage is class 6: an underwriter must confirm route and vehicle"
REFERRED = {"acceptance": "REFER", "reason_zh": REASON_ZH, "reason_en": REASON_EN}


def told(answer: Any) -> dict[str, Any]:
    return {name: answer[name] for name in REFERRED}


def test_long_haul_driver_is_insured_when_site_and_underwriter_have_said_yes(world: World) -> None:
    project, token = world.open_project(**LONG_HAUL)
    assert (project["status"], project["occupation_class"], project["premium_fen"]) == ("OPEN", 6, 150)
    assert told(project) == REFERRED
    worker = world.consenting_worker(token)
    assert told(worker.scan(token).expect(200)) == REFERRED

    problem = assert_refused(
        lambda language: worker.check_in(token, project["site"], language=language),
        409,
        "occupation-referred",
    )
    assert REASON_EN in problem["detail"]
    (uninsured,) = world.provider.roster(project).expect(200)["uninsured"]
    assert uninsured["why"] == "OCCUPATION_REFERRED"

    asked = worker.ask_referral(token, "OCCUPATION_CLASS").expect(201)
    assert (asked["status"], asked["premium_fen"]) == ("ASKED", 150)
    assert asked["referred_work"]["reason_zh"] == REASON_ZH
    world.provider.confirm_referral(project, asked["referral_id"]).expect(200)
    underwriter = world.staff("staff-shen")
    decided = underwriter.decide_referral(asked["referral_id"], approved=True, reason="WORK_SEEN").expect(200)
    assert (decided["status"], decided["declined_for"]) == ("APPROVED", None)

    (policy,) = worker.policies()
    assert (policy["policy_no"], policy["premium_fen"]) == (decided["policy_no"], 150)
    assert policy["occupation_class"] == 6
    assert policy["in_force"]
    assert parse(policy["end"]) - parse(policy["start"]) == timedelta(hours=24)
    covered = worker.check_in(token, project["site"]).expect(200)
    assert (covered["status"], covered["policy"]["policy_no"]) == ("COVERED", policy["policy_no"])
    roster = eventually(
        lambda: world.provider.roster(project).expect(200),
        lambda seen: seen["count"] == 1,
        "the roster shows the driver as insured",
    )
    assert roster["uninsured"] == []


def test_worker_and_operator_read_the_occupations_reason_when_nobody_answered(world: World) -> None:
    project, token = world.open_project(**LONG_HAUL)
    worker = world.consenting_worker(token)
    asked = worker.ask_referral(token, "OCCUPATION_CLASS").expect(201)
    world.provider.confirm_referral(project, asked["referral_id"]).expect(200)
    with world.function_clock_ahead("AskReferralFunction", 30 * 60 + 1):
        (seen,) = worker.referrals()
    with world.function_clock_ahead("ConfirmReferralFunction", 30 * 60 + 1):
        (listed,) = world.provider.referrals(project)
    with world.function_clock_ahead("DecideReferralFunction", 30 * 60 + 1):
        underwriter = world.staff("staff-shen")
        underwriter.decide_referral(asked["referral_id"], approved=True, reason="WORK_SEEN").expect(409)
    for line in (seen, listed):
        assert (line["status"], line["declined_for"], line["policy_no"]) == ("DECLINED", "TIMED_OUT", None)
        assert "30 分钟内没有得到答复" in line["declined_zh"]
        assert REASON_ZH in line["declined_zh"]
        assert REASON_EN in line["declined_en"]
    assert worker.policies() == []


def test_worker_reads_why_and_staff_see_nobody_when_the_site_declines(world: World) -> None:
    project, token = world.open_project(**LONG_HAUL)
    worker = world.consenting_worker(token)
    asked = worker.ask_referral(token, "OCCUPATION_CLASS").expect(201)
    world.provider.confirm_referral(project, asked["referral_id"]).expect(200)
    world.provider.decline_referral(project, asked["referral_id"], "PHOTO_DIFFERS").expect(200)
    (seen,) = worker.referrals()
    assert (seen["status"], seen["declined_for"]) == ("DECLINED", "PHOTO_DIFFERS")
    assert seen["declined_zh"].startswith("证件照片与本人不符。")
    underwriter = world.staff("staff-shen")
    underwriter.decide_referral(asked["referral_id"], approved=True, reason="WORK_SEEN").expect(409)
    assert worker.policies() == []


def test_referral_is_refused_when_the_work_of_the_project_needs_no_underwriter(world: World) -> None:
    worker = world.consenting_worker()
    assert_refused(
        lambda language: worker.ask_referral(world.qr_token, "OCCUPATION_CLASS", language),
        409,
        "referral-not-needed",
    )
