"""What somebody may do with the form of an upload beside uploading the one file that they announced."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.actors import STORED, paper
from tests.support.http import post_form
from tests.support.world import World

pytestmark = pytest.mark.stack


def send(announced: Mapping[str, Any], file: bytes, **changes: str) -> int:
    form = announced["upload"]
    fields = form["fields"] | changes
    return post_form(form["url"], fields, file, fields["Content-Type"], None)


def test_form_takes_the_announced_file_and_nothing_else_before_or_after_its_receipt(world: World) -> None:
    """Signatures of forms are S3's to check, which the local engine does not."""
    worker, reported = world.reported_claim()
    claim_no = str(reported["claim_no"])
    file = paper(claim_no, "DIAGNOSIS")
    announced = worker.announce(claim_no, "DIAGNOSIS", file).expect(201)
    key = announced["upload"]["fields"]["key"]
    refused = {
        "another claim's key": send(announced, file, key=key.replace(claim_no, "CL" + "0" * 24)),
        "a key above": send(announced, file, key=f"claims/../{key}"),
        "another type": send(announced, file, **{"Content-Type": "text/html"}),
        "one byte more": send(announced, file + b" "),
        "nothing": send(announced, b""),
        "another policy": send(announced, file, policy="e30="),
        "public": send(announced, file, acl="public-read"),
    }
    assert {told for told, status in refused.items() if status in STORED} == set(), refused
    assert worker.receipt(claim_no, announced["document_id"]).status == 409, "nothing is there"
    assert send(announced, file) in STORED
    worker.receipt(claim_no, announced["document_id"]).expect(200)
    if (
        send(announced, bytes(len(file))) in STORED
    ):  # S3 refuses another checksum; the hash of what counts is kept
        assert worker.receipt(claim_no, announced["document_id"]).status in {200, 409}
    [line] = [d for d in worker.claim(claim_no)["documents"] if d["doc_type"] == "DIAGNOSIS"]
    assert line["status"] == "RECEIVED"


def test_nothing_is_announced_for_a_claim_that_is_decided(world: World) -> None:
    worker, claim_no = world.approved_claim()
    answer = worker.announce(claim_no, "DIAGNOSIS", b"%PDF-1.4 late")
    assert answer.status == 409, answer.content
    assert worker.announce(claim_no, "DIAGNOSIS", b"").status == 422
