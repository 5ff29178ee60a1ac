"""Step 7: a worker has died on the shift. The foreman reports it, a daughter proves who she is, files and answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from daycover.china_time import china_day
from tests.devstack.journey_claims import wait_for
from tests.devstack.journey_scene import Scene, check
from tests.devstack.seed import HENGXIN
from tests.support.waiting import eventually

NETTED_FEN = 200_000
"""What a third party paid of the larger claim: the adjuster enters it."""
PHONE = "010-6234 5678"


# 6, the sheet of the larger claim


def adjuster_fills_sheet(scene: Scene) -> None:
    """The hospital's receipt is there already, verified; what a third party paid only a person can know."""
    claim_no = scene.known["large"]["claim_no"]
    file = scene.adjuster.claim_file(claim_no).expect(200)
    (bill,) = file["sheet"]["bills"]
    check(bill["source"]["kind"] == "VERIFIED", "the platform filled the sheet", bill["source"])
    entered = {name: value for name, value in bill.items() if name not in ("source", "first_in")}
    stays = [
        {name: stay[name] for name in ("first_day", "last_day", "hospital")}
        for stay in file["sheet"]["stays"]
    ]
    body = {
        "version": file["sheet"]["version"],
        "bills": [entered | {"third_party_paid_fen": NETTED_FEN}],
        "stays": stays,
        "reason": "肇事方已付 2,000 元，有收据",
    }
    filled = scene.adjuster.api.post(f"/v1/staff/claims/{claim_no}/sheet", body).expect(200)
    (bill,) = filled["sheet"]["bills"]
    check(bill["source"]["kind"] == "ADJUSTER", "and says who entered what", bill["source"])
    before, after = (found["assessment"]["total_fen"] for found in (file, filled))
    check(before - after == NETTED_FEN * 8 // 10, "2,000 yuan are netted", (before, after))
    scene.known["large_fen"] = after
    numbers = filled["assessment"]["lines"][0]["sources"]
    check(numbers["others_fen"] == [f"bill {bill['bill_no']}"], "each number says whence it is", numbers)


# 7, the family


def foreman_reports_death(scene: Scene) -> None:
    body: dict[str, Any] = {
        "id_number": scene.dead.person.id_number,
        "accident": {
            "occurred_at": (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="seconds"),
            "place": "二号卸货口",
            "description": "货物滑落",
            "injury": "颅脑损伤",
        },
        "claim_types": ["DEATH"],
        "contact": "现场负责人 李工",
    }
    reported = scene.provider.api.post(f"/v1/companies/{HENGXIN.company_id}/loss-notices", body).expect(202)
    check(bool(reported["claim_no"]), "a claim is open", reported)
    scene.known["death"] = reported


def daughter_asks_to_represent(scene: Scene) -> None:
    claim_no, heir = scene.known["death"]["claim_no"], scene.heir
    scene.simulated.know_people([heir.person])
    heir.sign_in().expect(200)
    check(heir.api.get(f"/v1/claims/{claim_no}").status == 404, "to a stranger there is no such claim")
    body = {
        "kind": "HEIR",
        "name": heir.person.name,
        "document_type": "RESIDENT_ID",
        "document_number": heir.person.id_number,
        "relation": "女儿",
        "phone": PHONE,
        "insured_id_number": scene.dead.person.id_number,
    }
    heir.api.post(f"/v1/claims/{claim_no}/representatives", body).expect(200, 201, 202)
    heir.hand_in(claim_no, "RELATION_PROOF")
    scene.intake.sign_in().expect(200)
    [line] = [line for line in scene.intake.queue("REPRESENTATIVE") if line["claim_no"] == claim_no]
    check(line["claim_types"] == ["DEATH"], "the request waits for staff", line)


def staff_accept_the_daughter(scene: Scene) -> None:
    claim_no = scene.known["death"]["claim_no"]
    files = scene.intake.claim_file(claim_no).expect(200)["files"]
    [proof] = [file["document_id"] for file in files if file["doc_type"] == "RELATION_PROOF"]
    verdict = {"judgement": "ACCEPT", "reason": "户口簿原件已核对", "document_id": proof}
    path = f"/v1/staff/claims/{claim_no}/representatives/1/judgement"
    scene.intake.api.post(path, verdict).expect(200)
    scene.known["proof"] = proof


def daughter_files_every_paper(scene: Scene) -> None:
    claim_no, heir = scene.known["death"]["claim_no"], scene.heir
    seen = heir.claim(claim_no)
    check(seen["accident"]["injury"] is None, "an heir reads no health text")
    for doc_type in seen["missing"]:
        heir.hand_in(claim_no, doc_type)
    heir.all_sent(claim_no).expect(200)

    def queued() -> Any:
        return [line for line in scene.adjuster.queue("DECISION") if line["claim_no"] == claim_no]

    [line] = eventually(queued, bool, "a death is for people")
    check("CLAIM_TYPE" in line["referred_for"], "with the reason", line["referred_for"])


def two_people_decide_the_death(scene: Scene) -> None:
    claim_no, adjuster = scene.known["death"]["claim_no"], scene.adjuster
    today = china_day(datetime.now(UTC)).isoformat()
    body = {
        "version": 0,
        "death": {"died_on": today, "cause": "ACCIDENT"},
        "reason": "按死亡证明录入",
    }
    filled = adjuster.api.post(f"/v1/staff/claims/{claim_no}/sheet", body).expect(200)
    check(filled["assessment"]["total_fen"] > 0, "assessed from the sheet", filled["assessment"])
    scene.known["death_fen"] = filled["assessment"]["total_fen"]
    verdict = {"status": "ACCEPTED", "reason_code": "GENUINE", "reason": "原件无误"}
    path = f"/v1/staff/claims/{claim_no}"
    adjuster.api.post(f"{path}/documents/{scene.known['proof']}/verdict", verdict).expect(200)
    person = scene.heir.person
    beneficiary = {
        "name": person.name,
        "document_type": "RESIDENT_ID",
        "document_number": person.id_number,
        "relation": "CHILD",
        "share": "1/1",
        "account_no": f"6222{person.id_number[3:17]}",
        "bank_name": "中国工商银行",
    }
    stated = adjuster.api.post(f"{path}/beneficiaries", {"beneficiaries": [beneficiary]}).expect(200)
    confirmation = {"version": stated["version"]}
    scene.finance.api.post(f"{path}/beneficiaries/confirmation", confirmation).expect(200)
    adjuster.decide(claim_no).expect(200)
    scene.second_senior.acknowledge(claim_no).expect(200)


def daughter_is_paid(scene: Scene) -> None:
    claim_no, heir = scene.known["death"]["claim_no"], scene.heir
    wait_for(heir, claim_no, "ACKNOWLEDGED")
    check(scene.dead.answer_amount(claim_no).status == 409, "the dead person's phone answers nothing")
    heir.answer_amount(claim_no).expect(200)
    seen = {"document_type": "RESIDENT_ID", "payee": "B1"}
    path = f"/v1/staff/claims/{claim_no}/identity-confirmation"
    for member in (
        scene.finance,
        scene.intake,
    ):  # so large a sum waits until two people have seen her document
        eventually(
            lambda person=member: person.api.post(path, seen),  # type: ignore[misc]
            lambda answer: answer.status == 200,
            "the daughter's document was seen",
        )
    closed = wait_for(heir, claim_no, "CLOSED")
    check(closed["amount_fen"] == scene.known["death_fen"], "the whole sum", closed["amount_fen"])
    scene.report.figure("family_claim_fen", closed["amount_fen"])
