"""What stands between a scan and a policy."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.problems import assert_refused
from tests.support.people import make_person, with_check_character
from tests.support.world import World, project_days, today

pytestmark = pytest.mark.stack


def test_check_in_is_refused_when_outside_the_geofence(world: World) -> None:
    worker = world.consenting_worker()
    problem = assert_refused(
        lambda language: worker.check_in(world.qr_token, world.site, metres_north=900, language=language),
        422,
        "outside-geofence",
    )
    assert problem["radius_m"] == 300
    assert 880 <= problem["distance_m"] <= 920
    # the accuracy of the fix (15 m) counts for the worker
    worker.check_in(world.qr_token, world.site, metres_north=310).expect(201)


def test_check_in_is_refused_when_before_the_shift_window(world: World) -> None:
    project, token = world.open_project(**project_days(2, 9))
    worker = world.consenting_worker(token)
    problem = assert_refused(
        lambda language: worker.check_in(token, project["site"], language=language),
        409,
        "check-in-too-early",
    )
    opens_at = datetime.fromisoformat(problem["opens_at"])
    assert opens_at.date() == today() + timedelta(days=1)  # two hours before midnight
    assert opens_at.utcoffset() == timedelta(hours=8)


def years_before(day: date, years: int) -> date:
    return date(day.year - years, day.month, min(day.day, 28))


@pytest.mark.parametrize(
    "born",
    [
        pytest.param(years_before(today(), 16) + timedelta(days=5), id="turns 16 in days"),
        pytest.param(years_before(today(), 66) - timedelta(days=5), id="turned 66 days ago"),
    ],
)
def test_check_in_is_refused_when_age_is_outside_the_range(world: World, born: date) -> None:
    worker = world.consenting_worker(born=born)
    assert_refused(
        lambda language: worker.check_in(world.qr_token, world.site, language=language),
        422,
        "age-out-of-range",
    )


@pytest.mark.parametrize("age", [16, 65])
def test_check_in_is_welcome_when_age_is_at_the_limit(world: World, age: int) -> None:
    worker = world.consenting_worker(born=years_before(today(), age))
    worker.check_in(world.qr_token, world.site).expect(201)


def _wrong_check_digit(id_number: str) -> str:
    return id_number[:17] + ("1" if id_number[17] != "1" else "2")


def _no_such_day(id_number: str) -> str:
    return with_check_character(id_number[:10] + "0230" + id_number[14:17])


@pytest.mark.parametrize("spoil", [_wrong_check_digit, _no_such_day, lambda number: number[:15]])
def test_check_in_is_refused_when_id_number_is_wrong(world: World, spoil: Any) -> None:
    worker = world.consenting_worker()
    identity = {"name": worker.person.name, "id_number": spoil(worker.person.id_number)}
    assert_refused(
        lambda language: worker.check_in(world.qr_token, world.site, identity=identity, language=language),
        422,
        "resident-id",
    )


def test_policy_is_refused_when_name_is_not_the_real_one(world: World) -> None:
    worker = world.consenting_worker()
    identity = {"name": "上官借名", "id_number": worker.person.id_number}
    checked_in = worker.check_in(world.qr_token, world.site, identity=identity).expect(201)
    world.simulated.show_face(checked_in["work_card"]["authenticate_number"])
    assert_refused(
        lambda language: worker.fetch_policy(checked_in["check_in_id"], language), 409, "name-mismatch"
    )
    assert worker.policies() == []


@pytest.mark.parametrize("missing", ["TERMS_SHOWN", "SUM_INSURED", "SENSITIVE_DATA", "SHARE_WITH_INSURER"])
def test_check_in_is_refused_when_a_consent_is_missing(world: World, missing: str) -> None:
    worker = world.worker()
    scanned = worker.scan(world.qr_token).expect(200)
    worker.give_consents(world.qr_token, scanned, leave_out=missing).expect(201)
    problem = assert_refused(
        lambda language: worker.check_in(world.qr_token, world.site, language=language),
        422,
        "consent-missing",
    )
    assert problem["kinds"] == missing


def test_consent_is_refused_when_the_text_was_another(world: World) -> None:
    worker = world.worker()
    scanned = worker.scan(world.qr_token).expect(200)
    other = {"consents": [consent | {"sha256": "0" * 64} for consent in scanned["consents"]]}
    worker.give_consents(world.qr_token, other).expect(409)


def test_policy_is_refused_when_the_face_failed(world: World) -> None:
    worker, checked_in = world.checked_in_worker()
    for _ in range(5):  # the day's failures
        world.simulated.show_face(checked_in["work_card"]["authenticate_number"], recognised=False)
    assert_refused(
        lambda language: worker.fetch_policy(checked_in["check_in_id"], language), 409, "face-check-failed"
    )
    assert worker.policies() == []


def test_policy_is_refused_when_the_face_came_after_the_token_expired(world: World) -> None:
    worker, checked_in = world.checked_in_worker()
    with world.pay_clock_ahead(301):
        world.simulated.show_face(checked_in["work_card"]["authenticate_number"])
    assert_refused(
        lambda language: worker.fetch_policy(checked_in["check_in_id"], language), 409, "check-in-expired"
    )
    assert worker.policies() == []


def test_policy_is_refused_when_no_face_came_before_the_token_expired(world: World) -> None:
    worker, checked_in = world.checked_in_worker()
    worker.fetch_policy(checked_in["check_in_id"]).expect(202)
    with world.function_clock_ahead("IssuePolicyFunction", 300 + 61):
        assert_refused(
            lambda language: worker.fetch_policy(checked_in["check_in_id"], language),
            409,
            "check-in-expired",
        )


def test_check_in_is_refused_when_the_days_pre_orders_are_used_up(world: World) -> None:
    worker = world.consenting_worker()
    for _ in range(20):  # another identity is another attempt; the same one goes on with its open one
        person = make_person(today())
        identity = {"name": person.name, "id_number": person.id_number}
        worker.check_in(world.qr_token, world.site, identity=identity).expect(201)
    assert_refused(
        lambda language: worker.check_in(world.qr_token, world.site, language=language),
        429,
        "work-card-limit",
    )
    refused = worker.check_in(world.qr_token, world.site)
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    assert world.simulated.pre_orders(worker.person.openid) == {"counted": 20, "over_the_limit": 0}


@pytest.mark.parametrize("duplicates", ["SAME", "FRESH", "REFUSED"])
def test_check_in_goes_on_under_its_number_when_wechat_s_answer_was_lost(
    world: World, duplicates: str
) -> None:
    worker = world.consenting_worker()
    world.simulated.set_duplicates(duplicates)
    try:
        world.simulated.arm_pay_fault("lost_reply", path_prefix="/v3/payroll-card/authentications/pre-order")
        refused = worker.check_in(world.qr_token, world.site).expect(503)
        assert refused["type"].endswith("/work-card-unavailable")
        checked_in = worker.check_in(world.qr_token, world.site).expect(201)
    finally:
        world.simulated.set_duplicates("REFUSED")
        world.simulated.clear_pay_faults()
    assert checked_in["work_card"]["token"]
    counted = 2 if duplicates == "REFUSED" else 1
    assert world.simulated.pre_orders(worker.person.openid)["counted"] == counted
    world.simulated.show_face(checked_in["work_card"]["authenticate_number"])
    worker.fetch_policy(checked_in["check_in_id"]).expect(201)


def test_check_in_needs_an_identity_when_it_is_the_first(world: World) -> None:
    worker = world.consenting_worker()
    body = {
        "qr_token": world.qr_token,
        "device": {"id": "p", "time": datetime.now().astimezone().isoformat()},
    }
    assert_refused(
        lambda language: worker.api.speaking(language).post("/v1/check-ins", body), 422, "identity-required"
    )
