"""From the map that a site was copied from to the gate: the real handlers, for the desk and for workers."""

import json
import re
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from daycover import crockford
from daycover.cover.disclosure import plan_key
from daycover.projects.place import Datum, Point, from_wgs84
from tests.functional.cover.gate import Gate
from tests.support.builders import METRE, WORKER, a_plan, a_worker, an_id_number, consents_for
from tests.support.events import read_event
from tests.support.functions import event_file

GATE = Point(31.2304, 121.4737)
"""Where the workers' phones are, in WGS-84."""
ON_THE_MAP = {datum: from_wgs84(GATE, datum) for datum in Datum}


class Desk:
    """A project whose site was opened by the handler, and workers who come to its gate."""

    def __init__(self, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = gate
        self.monkeypatch = monkeypatch
        self.project_id = ""

    def open(self, site: Mapping[str, Any]) -> dict[str, Any]:
        created = self.call("create_project", "valid.201", {"site": site})
        assert created["statusCode"] == 201
        view: dict[str, Any] = json.loads(created["body"])
        self.project_id = view["project_id"]
        self.gate.project = self.gate.adapters.projects.get(self.project_id, strong=True)
        return view

    def move(self, site: Mapping[str, Any]) -> dict[str, Any]:
        return self.call("change_project", "site.200", site, whole=True)

    def project(self) -> dict[str, Any]:
        view: dict[str, Any] = json.loads(self.call("read_projects", "one.200")["body"])
        return view

    def uninsured(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.call("read_roster", "empty.200")["body"])["uninsured"]
        return found

    def worker(self, number: int) -> str:
        """Somebody who has accepted the project's texts."""
        worker_id = crockford.encode(500 + number, 20) if number else WORKER
        if number:
            self.gate.adapters.workers.add(a_worker(worker_id=worker_id, openid=f"o-{number}"))
        project = self.gate.adapters.projects.get(self.project_id, strong=True)
        key = plan_key(a_plan(project.plan_id))
        self.gate.adapters.consents.add(worker_id, self.project_id, key, consents_for(project))
        return worker_id

    def check_in(self, worker_id: str, place: Mapping[str, Any]) -> dict[str, Any]:
        project = self.gate.adapters.projects.get(self.project_id, strong=True)
        place = {"accuracy_m": 15, "fixed_at": "2026-11-24T08:30:00+08:00"} | dict(place)
        identity = {"name": "王小明", "id_number": an_id_number()}
        body = {"qr_token": self.gate.token(project), "place": place, "identity": identity}
        return self.call("check_in", "valid.201", body, subject=worker_id)

    def call(
        self,
        function: str,
        case: str,
        body: Mapping[str, Any] | None = None,
        *,
        subject: str | None = None,
        whole: bool = False,
    ) -> dict[str, Any]:
        """Call a function with an event of its own, changed to this project."""
        event = read_event(event_file(function, case), self.gate.values)
        if body is not None:
            event["body"] = json.dumps(body if whole else json.loads(event["body"]) | dict(body))
        if self.project_id and "project_id" in (event["pathParameters"] or {}):
            event["pathParameters"]["project_id"] = self.project_id
            event["path"] = event["path"].replace(event["path"].split("/")[5], self.project_id)
        if subject is not None:
            event["requestContext"]["authorizer"]["subject"] = subject
        answer: dict[str, Any] = self.gate.invoke(function, event, self.monkeypatch)
        return answer


@pytest.fixture
def desk(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(gate, monkeypatch)


def site(point: Point, datum: Datum | None, radius_m: int = 300) -> dict[str, Any]:
    named = {} if datum is None else {"datum": datum.value}
    return named | {"latitude": point.latitude, "longitude": point.longitude, "radius_m": radius_m}


def place(metres_north: float = 0, **more: Any) -> dict[str, Any]:
    return {"latitude": GATE.latitude + metres_north * METRE, "longitude": GATE.longitude} | more


@pytest.mark.parametrize("datum", list(Datum))
def test_worker_at_the_gate_checks_in_when_the_site_names_the_datum_of_its_map(
    desk: Desk, datum: Datum
) -> None:
    view = desk.open(site(ON_THE_MAP[datum], datum, radius_m=50))
    stated = {name: view["site"][name] for name in ("datum", "latitude", "longitude")}
    assert stated == {
        "datum": datum,
        "latitude": round(ON_THE_MAP[datum].latitude, 8),
        "longitude": round(ON_THE_MAP[datum].longitude, 8),
    }
    assert view["site"]["wgs84"] == {"latitude": 31.2304, "longitude": 121.4737}
    assert desk.check_in(desk.worker(0), place())["statusCode"] == 201


def test_worker_at_the_gate_checks_in_when_the_phone_gives_gcj02_and_says_so(desk: Desk) -> None:
    desk.open(site(GATE, Datum.WGS84, radius_m=50))
    shown = ON_THE_MAP[Datum.GCJ02]
    in_gcj = {"latitude": shown.latitude, "longitude": shown.longitude}
    assert desk.check_in(desk.worker(1), in_gcj)["statusCode"] == 422
    assert desk.check_in(desk.worker(0), in_gcj | {"datum": "GCJ02"})["statusCode"] == 201
    (kept,) = desk.gate.adapters.check_ins.of_day(WORKER, "20261124")
    assert kept.place is not None
    assert (kept.place.latitude, kept.place.longitude) == (31.2304, 121.4737), "only WGS-84 is kept"


def test_site_without_a_datum_is_refused_at_its_member_when_opened_or_moved(desk: Desk) -> None:
    refused = desk.call("create_project", "valid.201", {"site": site(GATE, None)})
    assert refused["statusCode"] == 422
    assert json.loads(refused["body"])["errors"] == [{"pointer": "/site/datum", "detail": "必填"}]
    desk.open(site(GATE, Datum.WGS84))
    moved = desk.move(site(GATE, None))
    assert json.loads(moved["body"])["errors"] == [{"pointer": "/datum", "detail": "必填"}]


def test_site_abroad_is_refused_when_its_figures_were_swapped(desk: Desk) -> None:
    swapped = site(Point(87.617, 43.825), Datum.WGS84)  # 乌鲁木齐: both figures could be a latitude
    refused = desk.call("create_project", "valid.201", {"site": swapped})
    assert (refused["statusCode"], json.loads(refused["body"])["title"]) == (422, "项目位置不在中国境内")
    desk.open(site(GATE, Datum.WGS84))
    assert desk.move(swapped)["statusCode"] == 422
    assert desk.move(site(Point(43.825, 87.617), Datum.WGS84))["statusCode"] == 200


def test_foreman_and_worker_read_the_distance_when_the_worker_is_refused(desk: Desk) -> None:
    desk.open(site(GATE, Datum.WGS84))
    refused = desk.check_in(desk.worker(0), place(487))
    problem = json.loads(refused["body"])
    assert (refused["statusCode"], problem["type"].rpartition("/")[2]) == (422, "outside-geofence")
    assert "约 487 米,允许范围为 300 米,手机定位误差约 15 米" in problem["detail"]
    assert not re.search(r"31\.23|121\.47", refused["body"]), "no position is told"
    (seen,) = desk.uninsured()
    assert (seen["why"], seen["distance_m"]) == ("OUTSIDE_SITE", 487)


def test_desk_is_offered_the_right_datum_when_three_workers_were_refused_at_their_own_gate(
    desk: Desk,
) -> None:
    desk.open(site(ON_THE_MAP[Datum.GCJ02], Datum.WGS84))
    workers = [desk.worker(number) for number in range(4)]
    for _ in range(3):
        assert desk.check_in(workers[1], place())["statusCode"] == 422
    assert desk.project()["site_offer"] is None, "three scans of one worker"
    desk.check_in(workers[2], place(20))
    assert desk.project()["site_offer"] is None
    desk.check_in(workers[3], place(-25))
    offer = desk.project()["site_offer"]
    assert (offer["reason"], offer["workers"]) == ("DATUM", 3)
    assert 470 < offer["distance_m"] < 495
    assert offer["site"]["datum"] == "GCJ02"
    assert "site_offer" not in json.loads(desk.call("read_projects", "company.200")["body"])["projects"][0]

    moved = desk.move(offer["site"])
    assert moved["statusCode"] == 200
    assert json.loads(moved["body"])["site"]["wgs84"] == {"latitude": 31.2304, "longitude": 121.4737}
    assert desk.project()["site_offer"] is None
    assert desk.check_in(workers[0], place())["statusCode"] == 201


def test_desk_is_offered_the_workers_place_when_the_site_was_set_beside_it(desk: Desk) -> None:
    desk.open(site(Point(GATE.latitude + 900 * METRE, GATE.longitude), Datum.WGS84))
    for number in range(1, 4):
        desk.check_in(desk.worker(number), place(10 * number))
    offer = desk.project()["site_offer"]
    assert (offer["reason"], offer["workers"]) == ("TOGETHER", 3)
    assert desk.move(offer["site"])["statusCode"] == 200
    assert desk.check_in(desk.worker(0), place())["statusCode"] == 201


def test_no_item_joins_a_worker_and_a_spot_when_refusals_were_counted(desk: Desk) -> None:
    desk.open(site(GATE, Datum.WGS84))
    for number in range(1, 4):
        desk.check_in(desk.worker(number), place(500 + number))
    table = boto3.resource("dynamodb").Table(desk.gate.adapters.config.operations_table)
    counted = [item for item in table.scan()["Items"] if item["pk"].startswith("REFUSED#")]
    assert len(counted) == 4
    for item in counted:
        assert "ttl" in item
        assert ("latitude" in item) is item["sk"].startswith("SPOT#")
        assert not any(desk.gate.adapters.index.worker_id(f"o-{n}") in str(item) for n in range(4))
        if item["sk"].startswith("SPOT#"):
            assert set(item) == {"pk", "sk", "workers", "latitude", "longitude", "ttl", "schema_version"}
            assert item["workers"] == 3
