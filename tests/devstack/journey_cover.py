"""Steps 1 to 5: from the service provider's sign-in to a worker who is insured and a roster that shows it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.devstack.journey_scene import Scene, check
from tests.devstack.seed import HENGXIN, night_shift, project_dates, save_code
from tests.support.codes import decode_png, token_of
from tests.support.waiting import eventually

PREMIUM_FEN = 70
SUM_INSURED_FEN = 30_000_000
"""Plan T2, occupation class 3: the cell of the plan matrix that a parcel sorter falls into."""
COVER = timedelta(hours=24)


def parse(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


# 1


def provider_signs_in(scene: Scene) -> None:
    session = scene.provider.sign_in().expect(200)
    check(parse(session["expires_at"]) > datetime.now(UTC), "the session has a future", session["expires_at"])


def provider_creates_project(scene: Scene) -> None:
    now = datetime.now(UTC)
    wanted = {
        "name": "双十一返程件分拣",
        "employer_name": "顺捷速运虹桥转运中心",
        "site": {"datum": "WGS84", "latitude": 31.1975, "longitude": 121.3371, "radius_m": 300},
        "scene": "LOGISTICS",
        "occupation_code": "PARCEL_SORTER",
        "plan_id": "T2",
        "shift": night_shift(now),
        "headcount": 6,
        **project_dates(now),
    }
    project = scene.provider.create_project(HENGXIN.company_id, wanted).expect(201)
    check(project["status"] == "OPEN", "a project whose guards hold is open", project["status"])
    check(project["shift"]["crosses_midnight"], "the shift crosses midnight")
    check(project["premium_fen"] == PREMIUM_FEN, "T2, class 3", project["premium_fen"])
    scene.known["project"] = project


# 2


def operator_fetches_code(scene: Scene) -> None:
    project = scene.known["project"]
    token = save_code(scene.stack, scene.provider, project)
    described = scene.provider.qr_code(project, "json").expect(200)
    check(described["token"] == token, "picture and description hold the same token")
    check(described["link"].startswith("https://"), "the link is HTTPS", described["link"][:8])
    check(len(token) < 60, "the token is short", len(token))
    scene.known["first_token"] = token


def seeded_codes_decode(scene: Scene) -> None:
    """Read the pictures that were printed for the seeded projects, and scan what they say."""
    scene.passer_by.sign_in().expect(200)
    pictures = sorted((scene.stack.directory / "qr").glob("*.png"))
    for project in scene.provider.projects(HENGXIN.company_id):
        picture = next(picture for picture in pictures if picture.stem == project["project_id"])
        scanned = scene.passer_by.scan(token_of(decode_png(picture.read_bytes()))).expect(200)
        check(scanned["project_id"] == project["project_id"], "the code leads to its project")


def operator_rotates_code(scene: Scene) -> None:
    project, old = scene.known["project"], scene.known["first_token"]
    state = scene.provider.change_code(project, "ROTATE").expect(200)
    check(state["key_version"] == project["key_version"] + 1, "the next generation", state)
    scene.passer_by.scan(old).expect(410)
    scene.passer_by.scan(scene.provider.qr_token(project)).expect(200)


def operator_revokes_code(scene: Scene) -> None:
    project = scene.known["project"]
    current = scene.provider.qr_token(project)
    scene.provider.change_code(project, "REVOKE").expect(200)
    scene.passer_by.scan(current).expect(410)
    scene.provider.change_code(project, "ROTATE").expect(200)
    scene.known["qr_token"] = save_code(scene.stack, scene.provider, project)


# 3


def worker_signs_in(scene: Scene) -> None:
    scene.sorter.sign_in().expect(200)


def worker_scans(scene: Scene) -> None:
    scanned = scene.sorter.scan(scene.known["qr_token"]).expect(200)
    check(scanned["premium_payer"] == HENGXIN.name, "the company pays", scanned["premium_payer"])
    check(scanned["plan"]["sum_insured_fen"] == SUM_INSURED_FEN, "sum insured", scanned["plan"])
    benefits = scanned["plan"]["benefits"]
    check(benefits["medical_deductible_fen"] == 10_000, "deductible of 100 yuan")
    check(benefits["medical_ratio_bps"] == 8_000, "ratio of 80 %")
    check(len(scanned["exclusions"]) > 0, "the exclusions are shown")
    check(len(scanned["consents"]) == 4, "four texts to accept", len(scanned["consents"]))
    check(not any(consent["given"] for consent in scanned["consents"]), "none is given yet")
    scene.known["scanned"] = scanned


def worker_gives_consents(scene: Scene) -> None:
    given = scene.sorter.give_consents(scene.known["qr_token"], scene.known["scanned"]).expect(201)["given"]
    check(len(given) == 4, "all four are on record", given)


# 4


def worker_checks_in(scene: Scene) -> None:
    checked_in = scene.sorter.check_in(scene.known["qr_token"], scene.known["scanned"]["site"]).expect(201)
    check(checked_in["status"] == "PRE_ORDERED", "the work card took the pre-order", checked_in["status"])
    check(bool(checked_in["work_card"]["token"]), "there is a token to launch the card with")
    pending = scene.sorter.fetch_policy(checked_in["check_in_id"]).expect(202)
    check(pending["status"] == "PENDING", "no face, no policy", pending)
    scene.known["check_in"] = checked_in


def worker_shows_face(scene: Scene) -> None:
    shown = scene.simulated.show_face(scene.known["check_in"]["work_card"]["authenticate_number"])
    check(shown["authenticate_state"] == "AUTHENTICATE_SUCCESS", "the face is recognised", shown)


def server_issues_policy(scene: Scene) -> None:
    before = datetime.now(UTC)
    policy = scene.sorter.fetch_policy(scene.known["check_in"]["check_in_id"]).expect(200, 201)
    start, end, issued = (parse(policy[name]) for name in ("start", "end", "issued_at"))
    check(end - start == COVER, "exactly 24 hours", str(end - start))
    check(start == issued, "cover begins at the instant of issue")
    check(start - before < timedelta(seconds=30), "and that is now", policy["start"])
    check(policy["premium_fen"] == PREMIUM_FEN, "premium", policy["premium_fen"])
    check(policy["sum_insured_fen"] == SUM_INSURED_FEN, "sum insured", policy["sum_insured_fen"])
    check(policy["in_force"], "in force")
    scene.known["policy"] = policy


def policy_outlives_cover(scene: Scene) -> None:
    """Look at the stored item: the table may drop it days after the end of cover, not before."""
    policy = scene.known["policy"]
    found = scene.stack.boto3_client("dynamodb").query(
        TableName=scene.stack.outputs["PoliciesTableName"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"PERSON#{policy['policy_no'][2:22]}"}},
    )["Items"]
    item = next(item for item in found if item["policy_no"]["S"] == policy["policy_no"])
    kept = int(item["ttl"]["N"]) - parse(policy["end"]).timestamp()
    scene.told({"dynamodb": "Query", "policy_no": policy["policy_no"]}, {"days_kept_after_end": kept / 86400})
    check(kept > 86400, "the item is kept for days after the end of cover", kept)


def app_never_comes_back(scene: Scene) -> None:
    """The face is shown, the phone dies: the delayed queue finishes what the app did not."""
    worker = scene.forgetful
    worker.become_insured(scene.known["qr_token"], come_back=False)
    patience = 90.0  # the first 45 seconds are the app's
    eventually(
        worker.policies, bool, "the queue issues the policy of an app that never came back", seconds=patience
    )


# 5


def worker_scans_again(scene: Scene) -> None:
    again = scene.sorter.check_in(scene.known["qr_token"], scene.known["scanned"]["site"]).expect(200)
    check(again["status"] == "COVERED", "already covered", again["status"])
    policy_no = scene.known["policy"]["policy_no"]
    check(again["policy"]["policy_no"] == policy_no, "the same policy, nothing new")
    repeated = scene.sorter.fetch_policy(scene.known["check_in"]["check_in_id"]).expect(200)
    check(repeated["policy_no"] == policy_no, "asking again gives the same policy")


def worker_reads_policies(scene: Scene) -> None:
    policy_no = scene.known["policy"]["policy_no"]
    file = scene.sorter.api.get(f"/v1/policies/{policy_no}").expect(200)
    check(len(file["exclusions"]) > 0, "the policy lists its exclusions")
    listed = [policy["policy_no"] for policy in scene.sorter.policies()]
    check(listed == [policy_no], "one policy", listed)


def operator_sees_roster(scene: Scene) -> None:
    expected = {worker.policies()[0]["policy_no"] for worker in (scene.sorter, scene.forgetful)}

    def look() -> Any:
        return scene.provider.roster(scene.known["project"]).expect(200)

    roster = eventually(look, lambda seen: seen["count"] == len(expected), "the roster shows both workers")
    check({line["policy_no"] for line in roster["in_force"]} == expected, "these two are insured")
    left = roster["headcount"] - len(expected)
    check(roster["uninsured_places"] == left, "and the other places are not", roster["uninsured_places"])


def anyone_verifies(scene: Scene) -> None:
    verified = scene.api.get(f"/v1/verifications/{scene.known['policy']['policy_no']}").expect(200)
    check(verified["genuine"] and verified["in_force"], "genuine and in force", verified)
    check(verified["insured_name"].endswith("*"), "the name is masked")
