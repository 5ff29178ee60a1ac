"""The gate takes people as they are: a middle dot that phones type in seven ways, 60 and more, another document."""

from dataclasses import replace
from typing import Any

from tests.devstack.journey_scene import Scene, check
from tests.devstack.seed import (
    CONSTRUCTION_SITE,
    DOTTED,
    HENGXIN,
    OVER_SIXTY,
    PERMIT_HOLDER,
    RIDE_HAILING,
    ZHONGCHENG,
)
from tests.support.actors import WorkerApp


def dotted_name_is_insured(scene: Scene) -> None:
    """WeChat has U+00B7 in the name; the phone types U+2022."""
    project = _project(scene, ZHONGCHENG.company_id, CONSTRUCTION_SITE)
    typed = replace(DOTTED, name=DOTTED.name.replace("\u00b7", "\u2022"))
    worker = WorkerApp(typed, scene.api, scene.simulated, scene.trace)
    policy = worker.become_insured(scene.provider.qr_token(project))
    check(policy["in_force"], "insured on the construction site", policy)
    check(policy["occupation_class"] == 5, "at 9 metres", policy["occupation_class"])
    check(policy["premium_fen"] == 160, "T2, class 5", policy["premium_fen"])


def older_driver_is_insured(scene: Scene) -> None:
    project = _project(scene, HENGXIN.company_id, RIDE_HAILING)
    worker = WorkerApp(OVER_SIXTY, scene.api, scene.simulated, scene.trace)
    policy = worker.become_insured(scene.provider.qr_token(project))
    check(policy["in_force"], "a driver over 60 is insured", policy)
    check(policy["premium_fen"] == 140, "T3, class 4", policy["premium_fen"])


def permit_holder_is_insured(scene: Scene) -> None:
    """The work card knows no residence permit: the site and an underwriter look instead."""
    project = _project(scene, ZHONGCHENG.company_id, CONSTRUCTION_SITE)
    token = scene.provider.qr_token(project)
    worker = WorkerApp(PERMIT_HOLDER, scene.api, scene.simulated, scene.trace)
    worker.sign_in().expect(200)
    scanned = worker.scan(token).expect(200)
    worker.give_consents(token, scanned).expect(201)
    refused = worker.check_in(token, scanned["site"]).expect(409)
    check(refused["type"].endswith("document-referred"), "and is told the way", refused["type"])
    asked = worker.ask_referral(token, "DOCUMENT_TYPE", document_type="HK_MO_TW_RESIDENCE_PERMIT").expect(201)
    scene.provider.confirm_referral(project, asked["referral_id"]).expect(200)
    if scene.adjuster.api.token is None:
        scene.adjuster.sign_in().expect(200)
    decided = scene.adjuster.decide_referral(
        asked["referral_id"], approved=True, reason="DOCUMENT_SEEN"
    ).expect(200)
    (policy,) = worker.policies()
    check(policy["policy_no"] == decided["policy_no"], "two people approved, and cover began", policy)
    check(policy["in_force"], "at that moment", policy)


def _project(scene: Scene, company_id: str, name: str) -> Any:
    return next(project for project in scene.provider.projects(company_id) if project["name"] == name)
