"""A report for somebody else: one answer whether there is cover or not, a number to call, and it stays visible."""

import pytest

from daycover.api.claims.reports import own_notices_view
from daycover.claims.claim import Actor
from daycover.claims.documents import ClaimType
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.loss_notice import LossNotice, NoticeStatus
from daycover.claims.report import AccidentInFutureError, LossReport
from daycover.identity.document import IdDocumentType
from daycover.identity.phone import PhoneNumberError
from daycover.identity.resident_id import ResidentIdError
from tests.support.builders import WORKER, an_id_number
from tests.support.claims import REPORTED_AT, a_report
from tests.unit.claims.test_representative import ACCOUNTS, BROTHER, SISTER
from tests.unit.claims.world import World

NOBODY = an_id_number(order="008")
RESIDENT = IdDocumentType.RESIDENT_ID


def somebody_s(phone: str = "138-0013-8000") -> LossReport:
    about = {"phone": phone, "insured_name": "王小明", "relation": "姐姐"}
    return a_report(claim_types=(ClaimType.DEATH,)).model_copy(update=about)


def report(world: World, number: str, worker_id: str = SISTER) -> LossNotice:
    return world.report_for(worker_id, RESIDENT, number, somebody_s())


def seen_by(world: World, worker_id: str) -> list[tuple[str, str, str | None]]:
    person_id, notices = world.report_for.mine(worker_id)
    lines = own_notices_view(notices, worker_id, person_id).loss_notices
    return [(line.report_no, line.status, line.claim_no) for line in lines]


def test_answer_and_list_are_the_same_whether_there_is_cover_or_not() -> None:
    covered, bare = World(workers=ACCOUNTS), World(workers=ACCOUNTS)
    known, unknown = report(covered, an_id_number()), report(bare, NOBODY)
    assert known.report_no.startswith("RN")
    assert len(known.report_no) == len(unknown.report_no)
    assert seen_by(covered, SISTER) == [(known.report_no, "RECEIVED", None)]
    assert seen_by(bare, SISTER) == [(unknown.report_no, "RECEIVED", None)]
    assert covered.read.mine(SISTER).claims == []
    assert len(covered.workflows.claims) == 1
    assert bare.workflows.claims == []


def test_claim_opens_once_and_names_the_notice_when_there_is_cover() -> None:
    world = World(workers=ACCOUNTS)
    notice = report(world, an_id_number())
    assert report(world, an_id_number()).report_no == notice.report_no
    (claim,) = world.read.mine(WORKER).claims
    assert (claim.reporter_id, claim.claim_types) == (SISTER, (ClaimType.DEATH,))
    kept = world.notices.get(notice.report_no)
    assert (kept.status, kept.claim_no, kept.phone) == (
        NoticeStatus.CONVERTED, claim.claim_no, "13800138000",
    )  # fmt: skip
    assert world.notices.waiting() == []
    history = world.claims.history(claim.claim_no)
    assert [e.reason_code for e in history if e.event is ClaimEvent.REPORTED_AGAIN] == [
        f"MATCHED:{notice.report_no}"
    ]


def test_two_reporters_join_one_claim_when_both_report() -> None:
    world = World(workers=ACCOUNTS)
    first, second = report(world, an_id_number()), report(world, an_id_number(), BROTHER)
    assert first.report_no != second.report_no
    (claim,) = world.read.mine(WORKER).claims
    assert claim.reporters == (Actor.worker(BROTHER),)
    assert world.notices.get(second.report_no).status is NoticeStatus.DUPLICATE


def test_notice_waits_for_staff_when_nobody_is_known() -> None:
    world = World(workers=ACCOUNTS)
    notice = report(world, NOBODY)
    assert [n.report_no for n in world.notices.waiting()] == [notice.report_no]
    assert notice.phone == "13800138000"


def test_insured_sees_what_waits_and_what_became_of_it() -> None:
    world = World(workers=ACCOUNTS)
    notice = report(world, an_id_number())
    (claim,) = world.read.mine(WORKER).claims
    assert seen_by(world, WORKER) == [(notice.report_no, "CONVERTED", claim.claim_no)]
    own = world.report(WORKER, a_report(policy_no="mistyped")).notice
    assert own is not None
    assert (own.report_no, "UNMATCHED", None) in seen_by(world, WORKER)
    assert seen_by(world, BROTHER) == []


def test_report_is_refused_when_phone_number_or_time_are_wrong() -> None:
    world = World(workers=ACCOUNTS)
    with pytest.raises(PhoneNumberError):
        world.report_for(SISTER, RESIDENT, NOBODY, somebody_s("12345"))
    with pytest.raises(ResidentIdError):
        world.report_for(SISTER, RESIDENT, NOBODY[:-1] + "0", somebody_s())
    late = somebody_s()
    ahead = late.accident.model_copy(update={"occurred_at": REPORTED_AT.replace(year=2030)})
    with pytest.raises(AccidentInFutureError):
        world.report_for(SISTER, RESIDENT, NOBODY, late.model_copy(update={"accident": ahead}))
    assert world.notices.waiting() == []


def test_words_about_people_are_not_shown_when_a_notice_is_printed() -> None:
    notice = report(World(workers=ACCOUNTS), NOBODY)
    assert all(secret not in repr(notice) for secret in ("13800138000", "王小明", "脚趾"))
