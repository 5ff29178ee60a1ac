"""Bills over HTTP, from the file to whoever decides: the real reader, the platforms' wire, and what is wrong named."""

from datetime import datetime
from typing import Any

import pytest

from daycover.china_time import china_day
from daycover.claims.bill import CheckedBill
from tests.support.actors import PDF, XML, WorkerApp
from tests.support.bills import a_fiscal_bill, a_photo, code_of, fiscal_elements, fiscal_pdf, fiscal_xml
from tests.support.waiting import eventually
from tests.support.world import World

BILL_FEN, PAID_FEN = 320_000, 248_000
"""A receipt of 3,200 yuan pays (3,200 - 100) x 80 %: worked example 1, the medical part."""
HOSTILE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<EInvoice><Header>&b;</Header></EInvoice>"""


def a_receipt(worker: WorkerApp, claim_no: str, **changes: Any) -> CheckedBill:
    """What the platform will say of the worker's receipt of the accident's day."""
    occurred_at = datetime.fromisoformat(worker.claim(claim_no)["accident"]["occurred_at"])
    number = f"{int(claim_no[2:10], 36) % 10**10:010d}"
    elements = fiscal_elements(number=number, total_fen=BILL_FEN, issued_on=china_day(occurred_at))
    said = {"patient": worker.person.name, "hospital": f"杭州市第{number}医院"} | changes
    return a_fiscal_bill(elements, treated_on=china_day(occurred_at), **said)


def hand_in(worker: WorkerApp, reported: Any, file: bytes, content_type: str) -> None:
    """Every paper, and this file for the bill."""
    claim_no = reported["claim_no"]
    for line in reported["documents"]:
        if line["need"] == "REQUIRED" and line["doc_type"] != "INVOICE":
            worker.hand_in(claim_no, line["doc_type"])
    announced = worker.announce(claim_no, "INVOICE", file, content_type=content_type).expect(201)
    worker.upload(announced, file, content_type)
    worker.receipt(claim_no, announced["document_id"]).expect(200)
    worker.all_sent(claim_no).expect(200)


def reasons(world: World, claim_no: str) -> set[str]:
    """Wait until the claim waits for an adjuster; give why."""
    adjuster = world.staff("staff-shen")

    def queued() -> list[Any]:
        return [line for line in adjuster.queue("DECISION") if line["claim_no"] == claim_no]

    [line] = eventually(queued, bool, "the claim waits for a decision")
    return set(line["referred_for"])


@pytest.mark.parametrize("form", ["xml", "pdf", "photo"])
def test_toe_injury_is_paid_without_staff_when_its_receipt_is_verified(form: str, world: World) -> None:
    worker, reported = world.reported_claim("MEDICAL")
    claim_no = reported["claim_no"]
    bill = a_receipt(worker, claim_no)
    world.simulated.know_bill(bill)
    files = {
        "xml": (fiscal_xml(bill.elements), XML),
        "pdf": (fiscal_pdf(bill.elements), PDF),
        "photo": (a_photo(code_of(bill.elements)), "image/jpeg"),
    }
    hand_in(worker, reported, *files[form])
    claim = world.wait_for_claim(worker, claim_no, "ACKNOWLEDGED")
    assert (claim["amount_fen"], claim["decision"]) == (PAID_FEN, "APPROVED")
    (line,) = claim["assessment"]["lines"]
    assert line["sources"]["billed_fen"] == [f"bill {bill.bill_no}"]
    worker.answer_amount(claim_no).expect(200)
    world.simulated.confirm_transfer(world.wait_for_bill(worker, claim_no))
    world.wait_for_claim(worker, claim_no, "CLOSED")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("nobody knows it", "BILL_UNKNOWN"),
        ("altered", "BILL_ALTERED"),
        ("reverse", "BILL_REVERSED"),
        ("void", "BILL_VOID"),
        ("exchange", "BILL_EXCHANGED"),
        ("of another", "BILL_OTHER_PATIENT"),
        ("hostile", "BILL_FILE_HOSTILE"),
        ("used", "F15_DUPLICATE_INVOICE"),
    ],
)
def test_bill_comes_to_a_person_under_its_name_when_something_is_wrong_with_it(
    wrong: str, reason: str, world: World
) -> None:
    worker, reported = world.reported_claim("MEDICAL")
    claim_no = reported["claim_no"]
    bill = a_receipt(worker, claim_no, **({"patient": "王小红"} if wrong == "of another" else {}))
    file, content_type = fiscal_xml(bill.elements), XML
    if wrong == "altered":
        file = fiscal_xml(bill.elements.model_copy(update={"total_fen": 10 * BILL_FEN}))
    if wrong == "hostile":
        file = HOSTILE
    if wrong != "nobody knows it":
        world.simulated.know_bill(bill)
    if wrong in {"reverse", "void", "exchange"}:
        world.simulated.change_bill(bill.elements, wrong, "0099999999")
    if wrong == "used":
        other, first = world.reported_claim("MEDICAL")
        hand_in(other, first, file, content_type)
        assert "BILL_OTHER_PATIENT" in reasons(world, first["claim_no"])
    hand_in(worker, reported, file, content_type)
    assert reason in reasons(world, claim_no)
    claim = worker.claim(claim_no)
    assert (claim["status"], claim["decision"], claim["amount_fen"]) == ("IN_REVIEW", "PENDING", None)
    found = world.staff("staff-shen").claim_file(claim_no).expect(200)
    assert found["sheet"]["bills"] == [], "nothing wrong fills the sheet"
    assert world.bills_of(claim_no) == []
