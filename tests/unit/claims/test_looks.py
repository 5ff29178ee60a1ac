"""Who looks at health data is recorded before it is shown, or it is not shown."""

import pytest

from daycover.claims.claim import Actor
from daycover.claims.documents import DocumentType
from daycover.claims.evidence import DocumentNotFoundError
from daycover.claims.looks import LookAtClaims, LookedAt, Looker
from tests.support.builders import WORKER
from tests.support.claims import a_report, an_announcement
from tests.support.fakes.claims import FakeLooks
from tests.unit.claims.world import World

ADJUSTER = Looker("adjuster-1", ("adjuster",), "r-1", in_clear=True)
AUDITOR = Looker("auditor-1", ("auditor",), "r-2", in_clear=False)


class BrokenLooks(FakeLooks):
    def add(self, look: object) -> None:
        raise TimeoutError


def desk(world: World, looks: FakeLooks | None = None) -> LookAtClaims:
    return LookAtClaims(
        read=world.read,
        claims=world.claims,
        documents=world.documents,
        vault=world.vault,
        looks=looks or FakeLooks(world.steps),
        now=lambda: world.at,
    )


def test_look_is_recorded_once_when_its_request_is_repeated() -> None:
    world = World()
    claim, look_at = world.referred(), desk(world)
    for _ in range(2):
        assert look_at.file(ADJUSTER, claim.claim_no).claim.claim_no == claim.claim_no
    (look,) = look_at.of(claim.claim_no)
    assert (look.by, look.what, look.duties, look.at) == (
        "adjuster-1",
        LookedAt.FILE,
        ("adjuster",),
        world.at,
    )


def test_nothing_is_recorded_when_no_health_text_is_shown() -> None:
    world = World()
    claim, look_at = world.referred(), desk(world)
    look_at.file(AUDITOR, claim.claim_no)
    assert look_at.of(claim.claim_no) == []


def test_look_fails_when_it_cannot_be_recorded() -> None:
    world = World()
    claim = world.reported()
    document = world.send(claim, DocumentType.DIAGNOSIS)
    report_no = world.report(WORKER, a_report(policy_no="mistyped")).notice
    assert report_no is not None
    look_at = desk(world, BrokenLooks())
    with pytest.raises(TimeoutError):
        look_at.file(ADJUSTER, claim.claim_no)
    with pytest.raises(TimeoutError):
        look_at.document(ADJUSTER, claim.claim_no, document.document_id)
    with pytest.raises(TimeoutError):
        look_at.notice(ADJUSTER, report_no.report_no)


def test_document_and_notice_are_named_when_looked_at() -> None:
    world = World()
    look_at = desk(world)
    claim = world.reported()
    document = world.send(claim, DocumentType.DIAGNOSIS)
    assert look_at.document(ADJUSTER, claim.claim_no, document.document_id)
    notice = world.report(WORKER, a_report(policy_no="mistyped")).notice
    assert notice is not None
    look_at.notice(ADJUSTER, notice.report_no)
    assert [look.document_id for look in look_at.of(claim.claim_no)] == [document.document_id]
    assert [look.what for look in look_at.of(notice.report_no)] == [LookedAt.NOTICE]


def test_file_that_was_not_uploaded_is_not_found_when_staff_open_it() -> None:
    world = World()
    claim = world.reported()
    announced = world.collect.announce(Actor.worker(WORKER), claim.claim_no, an_announcement())
    look_at = desk(world)
    with pytest.raises(DocumentNotFoundError):
        look_at.document(ADJUSTER, claim.claim_no, announced.document.document_id)
    assert look_at.of(claim.claim_no) == []
