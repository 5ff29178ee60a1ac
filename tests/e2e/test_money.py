"""A company that prepays, from its contract to the refund, and the day that is settled with the insurer."""

from datetime import date, timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.support.back_office import LabourCompany
from tests.support.waiting import eventually
from tests.support.world import World, today

pytestmark = pytest.mark.stack

PREPAYING = LabourCompany("lw-e2e-prepaid", "宁波预付劳务有限公司", "1900008011", billing="PREPAID")


def test_workers_are_covered_only_while_the_deposit_lasts_when_premium_is_prepaid(world: World) -> None:
    prepaid = World.opened(world.stack, PREPAYING)
    finance = prepaid.staff("staff-qiao")
    path = f"/v1/staff/companies/{PREPAYING.company_id}"
    worker = prepaid.consenting_worker()
    refused = worker.check_in(prepaid.qr_token, prepaid.site)
    assert refused.status == 409
    assert refused.body["type"].endswith("cover-not-available")
    assert finance.api.get(f"{path}/credit").expect(200)["billing"] == "PREPAID"
    premium_fen = prepaid.project["premium_fen"]
    reference = f"BANK-{uuid4().hex[:8]}"
    for _ in range(2):  # its answer was lost, say
        body = {"amount_fen": premium_fen, "reference": reference}
        assert finance.api.post(f"{path}/deposits", body).expect(200)["balance_fen"] == premium_fen
    _, policy = prepaid.insured_worker()
    assert policy["policy_no"]
    account = eventually(
        lambda: finance.api.get(f"{path}/credit").expect(200),
        lambda read: read["level"] == "BLOCKED",
        "the deposit is used up",
    )
    assert (account["exposure_fen"], account["deposit_fen"]) == (premium_fen, premium_fen)
    listed, following = [], ""
    while following is not None:
        page = finance.api.get(f"/v1/staff/accounts?page={quote(following)}").expect(200)
        listed += [one for one in page["accounts"] if one["company_id"] == PREPAYING.company_id]
        following = page["next_page"]
    assert [(one["level"], one["days"]) for one in listed] == [("BLOCKED", account["days"])]
    assert worker.check_in(prepaid.qr_token, prepaid.site).status == 409
    more = {"amount_fen": 10 * premium_fen, "reference": f"{reference}-2"}
    finance.api.post(f"{path}/deposits", more).expect(200)
    assert worker.check_in(prepaid.qr_token, prepaid.site).expect(201)
    refund = {"amount_fen": 11 * premium_fen, "reference": f"{reference}-R"}
    too_much = finance.api.post(f"{path}/deposit-refunds", refund)
    assert (too_much.status, too_much.body["available_fen"]) == (409, 10 * premium_fen)
    finance.api.post(f"{path}/deposit-refunds", refund | {"amount_fen": 9 * premium_fen}).expect(200)
    kinds = [one["kind"] for one in finance.api.get(f"{path}/deposit").expect(200)["movements"]]
    assert kinds == ["REFUNDED", "PAID_IN", "PAID_IN"]
    desk = prepaid.owner.api.get(f"/v1/companies/{PREPAYING.company_id}/deposit").expect(200)
    assert [one["balance_fen"] for one in desk["movements"]] == [
        2 * premium_fen,
        11 * premium_fen,
        premium_fen,
    ]


def test_insurer_s_day_names_who_is_not_closed_and_takes_no_transfer_before(world: World) -> None:
    finance = world.staff("staff-qiao")
    day: date = today() + timedelta(days=1)
    read = finance.api.get(f"/v1/staff/settlements/{day}").expect(200)
    assert "lw-e2e" in read["missing"]
    assert {one["position"]: one["status"] for one in read["settlements"]} == dict.fromkeys(
        ("PREMIUM", "CLAIMS_BY_WALLET", "CLAIMS_BY_BANK"), "OPEN"
    )
    transfer = {"amount_fen": 1, "reference": "BANK-1"}
    refused = finance.api.post(f"/v1/staff/settlements/{day}/PREMIUM/transfers", transfer)
    assert refused.status == 409
    assert refused.body["type"].endswith("settlement-open")
