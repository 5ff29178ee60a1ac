"""What the real tables hold of somebody who was never insured, the day after they asked for erasure."""

from fractions import Fraction
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer

from daycover.cover.erase import ErasureStatus
from daycover.cover.presence import Visit, Why
from daycover.identity.document import IdDocumentType
from daycover.payouts.beneficiary import Relation
from daycover.payouts.designation import Designated
from tests.architecture.test_erasure import FATES, Fate
from tests.functional.cover.gate import Gate
from tests.support.builders import NOW, WORKER, an_id_number, an_identity

BARE = {"pk", "sk", "worker_id", "openid", "created_at", "erased_at", "schema_version"}
"""An account that signed in and nothing more."""


def items_of(gate: Gate) -> list[dict[str, Any]]:
    config, read = gate.adapters.config, TypeDeserializer().deserialize
    client = boto3.client("dynamodb")
    return [
        {name: read(value) for name, value in item.items()}
        for table in (config.operations_table, config.policies_table)
        for item in client.scan(TableName=table)["Items"]
    ]


def tell_of(items: list[dict[str, Any]], *people: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The items in which an id of the person stands, by kind."""
    return {
        (item["pk"].split("#")[0], item["sk"].split("#")[0]): item
        for item in items
        if any(person in str(item) for person in people)
    }


def fates_of(partition: str, sort: str) -> set[Fate]:
    """What becomes of the items of a kind; those of one kind are called by an id."""
    return {FATES[kind] for kind in FATES if kind[0] == partition and kind[1] in {sort, "<check_in_id>"}}


def apply_in_every_way(gate: Gate) -> str:
    """A failed face, a referral with a paper, a refusal on site, and a designation; give the person's id."""
    gate.failed("FACE_RECOGNITION_FAILED")
    assert gate.cover.complete_check_in(WORKER, "20261124-01", 0) == "FaceCheckFailedError"
    check_in = gate.adapters.check_ins.of_day(WORKER, "20261124")[0]
    gate.cover.weigh_check_in(check_in)
    gate.now.advance(minutes=2)
    gate.paper_received()
    gate.now.advance(minutes=2)
    gate.adapters.visits.record(
        Visit(
            project_id=gate.project.project_id,
            worker_id=WORKER,
            insured_name="王**",
            seen_at=gate.now(),
            why=Why.OUTSIDE_SITE,
        )
    )
    gate.adapters.workers.bind(WORKER, an_identity(person_id=gate.person), NOW)
    child = Designated(
        name="王小宝",
        document_type=IdDocumentType.RESIDENT_ID,
        document_number=an_id_number("20180301", order="013"),
        relation=Relation.CHILD,
        share=Fraction(1),
    )
    gate.payouts.designate(WORKER, 0, (child,))
    return gate.person


def test_nothing_tells_of_the_person_when_a_day_has_passed_since_they_were_erased(gate: Gate) -> None:
    person = apply_in_every_way(gate)
    before = tell_of(items_of(gate), WORKER, person)
    assert {kind for kind in before if FATES.get(kind) is Fate.GOES} >= {
        ("WORKER", "CONSENT"),
        ("WORKER", "CHECKIN"),
        ("WORKER", "REFERRAL"),
        ("REFERRAL", "REFERRAL"),
        ("PERSON", "DESIGNATION"),
    }
    assert gate.cover.erase_worker.request(WORKER).status is ErasureStatus.DELETED
    gate.now.advance(days=1)
    gate.cover.erase_worker.run_due()
    left = tell_of(items_of(gate), WORKER, person)
    assert set(left.pop(("WORKER", "PROFILE"))) == BARE
    for (partition, sort), item in left.items():
        assert fates_of(partition, sort) == {Fate.EXPIRES}, (partition, sort)
        assert item["ttl"] > gate.now().timestamp()
    files = boto3.client("s3").list_objects_v2(Bucket=gate.adapters.config.documents_bucket)
    assert files.get("KeyCount") == 0


def test_insurance_alone_tells_of_the_person_when_the_retention_has_ended(gate: Gate) -> None:
    person = apply_in_every_way(gate)
    gate.now.advance(minutes=5)
    gate.covered()
    gate.now.advance(days=1)
    assert gate.cover.erase_worker.request(WORKER).status is ErasureStatus.LOCKED
    for days in (1, 3660):
        gate.now.advance(days=days)
        gate.cover.erase_worker.run_due()
    left = tell_of(items_of(gate), WORKER, person)
    assert set(left.pop(("WORKER", "PROFILE"))) == BARE
    for partition, sort in left:
        assert fates_of(partition, sort) <= {Fate.EXPIRES, Fate.CONTRACT}, (partition, sort)
