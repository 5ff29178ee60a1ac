"""Referrals in both stores: found by worker, project and queue; each step once; nothing personal readable."""

import json
from datetime import timedelta
from typing import Any

import pytest

from daycover import crockford
from daycover.china_time import china_day
from daycover.cover.application import ApplicationDocument, ApplicationDocumentType
from daycover.cover.referral import (
    ANSWER_WITHIN,
    LISTED,
    MOST_DOCUMENTS,
    Referral,
    ReferralDecision,
    ReferralNotFoundError,
    ReferralReason,
    ReferralStep,
)
from daycover.cover.referral_file import ReferralLook, ReferralPart
from daycover.errors import ConcurrentChangeError
from daycover.file_kind import FileKind
from daycover.identity.consent import references
from daycover.store import keys
from daycover.store.dynamodb import Update
from daycover.upload import ContentType, FilePage
from tests.functional.cover.stores import Store
from tests.support.builders import (
    NOW,
    PROJECT,
    WORKER,
    a_project,
    a_referred_project,
    an_identity,
    consents_for,
)


def a_referral(number: int = 1, **changes: Any) -> Referral:
    facts: dict[str, Any] = {
        "referral_id": crockford.encode(number, 26),
        "worker_id": WORKER,
        "openid": "o-worker",
        "identity": an_identity(id_number="E12345678"),
        "reason": ReferralReason.DOCUMENT_TYPE,
        "project_id": PROJECT,
        "company_id": "C1",
        "sub_mchid": "1900000109",
        "plan_id": "T2",
        "plan_version": "2026-11",
        "occupation_class": 3,
        "premium_fen": 70,
        "sum_insured_fen": 30_000_000,
        "consents": references(consents_for(a_project())),
        "shift_ends_at": NOW + timedelta(hours=9),
        "attempts": 3,
        "failed": 2,
        "at": NOW,
    }
    return Referral(**facts | changes)


def confirmed(referral: Referral) -> Referral:
    return referral.model_copy(update={"confirmed": ReferralStep(role="company", subject="C1", at=NOW)})


def decided(referral: Referral, subject: str = "s-1") -> Referral:
    decision = ReferralDecision(role="staff", subject=subject, at=NOW, approved=True, reason="DOCUMENT_SEEN")
    return referral.model_copy(update={"decided": decision})


def test_referral_is_found_by_everybody_concerned_when_asked_for(store: Store) -> None:
    first, second = a_referral(1), a_referral(2)
    other = a_referral(3, worker_id="w", project_id="p")
    for referral in (first, second, other):
        store.referrals.add(referral)
    assert store.referrals.get(first.referral_id) == first
    assert store.referrals.of_worker(WORKER) == [second, first]
    assert store.referrals.of_project(PROJECT) == [second, first]
    assert store.referrals.of_project("p") == [other]
    assert store.referrals.waiting(NOW) == []
    with pytest.raises(ReferralNotFoundError):
        store.referrals.get(crockford.encode(9, 26))


def test_referral_with_copied_consents_stays_readable(real_store: Store) -> None:
    """Until 2026-11-29 consents stood in it whole."""
    referral = a_referral()
    real_store.referrals.add(referral)
    copied = [consent.model_dump(mode="json") for consent in consents_for(a_project())]
    old = Update(keys.referral(referral.referral_id), "SET consents = :copied", {":copied": copied})
    real_store.tables["OperationsTable"].update(old)
    assert real_store.referrals.get(referral.referral_id) == referral


@pytest.mark.parametrize(("issued", "left"), [(False, [2, 3]), (True, [3])])
def test_old_referrals_go_with_their_entries_when_deleted(
    store: Store, issued: bool, left: list[int]
) -> None:
    ended, insured, fresh = a_referral(1), a_referral(2), a_referral(3, at=NOW + timedelta(days=1))
    other = a_referral(4, worker_id="w")
    for referral in (ended, insured, fresh, other):
        store.referrals.add(referral)
    store.referrals.confirm(confirmed(ended))
    store.referrals.issued(insured.model_copy(update={"policy_no": "P1"}))
    day = china_day(NOW) + timedelta(days=1)
    old = store.referrals.list_before(WORKER, day, issued=issued)
    assert len(old) == 3 - len(left)
    for referral in (*old, *old):  # twice: another run was first
        store.referrals.delete(referral)
    assert store.referrals.list_before(WORKER, day, issued=issued) == []
    assert [int(r.referral_id[-1]) for r in reversed(store.referrals.of_worker(WORKER))] == left
    assert [int(r.referral_id[-1]) for r in reversed(store.referrals.of_project(PROJECT))] == [*left, 4]
    assert store.referrals.waiting(NOW) == []
    with pytest.raises(ReferralNotFoundError):
        store.referrals.get(ended.referral_id)


def a_paper(number: int = 1, **changes: Any) -> ApplicationDocument:
    facts: dict[str, Any] = {
        "document_id": "D" + crockford.encode(number, 24),
        "application_id": crockford.encode(1, 26),
        "doc_type": ApplicationDocumentType.OPERATION_CERTIFICATE,
        "pages": (FilePage(content_type=ContentType.JPEG, size=9, sha256="0" * 64),),
        "announced_at": NOW + timedelta(seconds=number),
    }
    return ApplicationDocument(**facts | changes)


def test_papers_stand_with_their_referral_in_the_order_they_were_announced(store: Store) -> None:
    referral = a_referral()
    store.referrals.add(referral)
    first, second = a_paper(2), a_paper(1, announced_at=NOW + timedelta(hours=1))
    store.referrals.add_document(referral.referral_id, first)
    store.referrals.add_document(referral.referral_id, second)
    received = first.model_copy(update={"received_at": NOW, "kinds": (FileKind.JPEG,)})
    store.referrals.receive_document(referral.referral_id, received)
    assert store.referrals.get(referral.referral_id).documents == (received, second)
    with pytest.raises(ConcurrentChangeError):
        store.referrals.receive_document(referral.referral_id, a_paper(3))


def test_no_paper_is_added_beyond_the_most_or_after_the_decision(store: Store) -> None:
    full, over = a_referral(1), a_referral(2)
    store.referrals.add(full)
    for number in range(MOST_DOCUMENTS):
        store.referrals.add_document(full.referral_id, a_paper(number + 1))
    with pytest.raises(ConcurrentChangeError):
        store.referrals.add_document(full.referral_id, a_paper(9))
    store.referrals.add(over)
    store.referrals.add_document(over.referral_id, a_paper())
    store.referrals.confirm(confirmed(over))
    store.referrals.decide(decided(confirmed(over)))
    for change in (store.referrals.add_document, store.referrals.receive_document):
        with pytest.raises(ConcurrentChangeError):
            change(over.referral_id, a_paper())


def test_each_step_is_taken_once_when_two_people_take_it(store: Store) -> None:
    referral = a_referral()
    store.referrals.add(referral)
    seen = confirmed(referral)
    store.referrals.confirm(seen)
    with pytest.raises(ConcurrentChangeError):
        store.referrals.confirm(seen)
    assert store.referrals.waiting(NOW) == [seen]
    approved = decided(seen)
    store.referrals.decide(approved)
    with pytest.raises(ConcurrentChangeError):
        store.referrals.decide(decided(seen, "s-2"))
    with pytest.raises(ConcurrentChangeError):
        store.referrals.confirm(seen)
    assert store.referrals.waiting(NOW) == [approved], "an approval without a policy is not done with"
    refused = approved.model_copy(update={"not_issued_for": "SUM_INSURED_LIMIT"})
    store.referrals.not_issued(refused)
    assert store.referrals.get(referral.referral_id) == refused
    issued = approved.model_copy(update={"policy_no": "DC1"})
    store.referrals.issued(issued)
    assert store.referrals.get(referral.referral_id) == issued
    assert store.referrals.waiting(NOW) == []
    store.referrals.not_issued(refused)
    assert store.referrals.get(referral.referral_id) == issued, "what was issued stays"


def test_rejected_referral_waits_for_nobody_when_decided(store: Store) -> None:
    referral = a_referral()
    store.referrals.add(referral)
    seen = confirmed(referral)
    store.referrals.confirm(seen)
    decision = ReferralDecision(role="staff", subject="s-1", at=NOW, approved=False, reason="PHOTO_DIFFERS")
    store.referrals.decide(seen.model_copy(update={"decided": decision}))
    assert store.referrals.waiting(NOW) == []


def test_reason_of_the_occupation_comes_back_when_a_referral_of_referred_work_is_stored(store: Store) -> None:
    project = a_referred_project()
    referral = a_referral(
        reason=ReferralReason.OCCUPATION_CLASS, occupation_class=6, referred_work=project.referred_work
    )
    store.referrals.add(referral)
    assert store.referrals.get(referral.referral_id) == referral


def test_oldest_waits_first_when_several_are_confirmed(store: Store) -> None:
    for number in (1, 2, 3):
        store.referrals.add(a_referral(number))
    for number in (1, 2, 3):
        store.referrals.confirm(confirmed(a_referral(number)))
    assert [r.referral_id for r in store.referrals.waiting(NOW)] == [
        a_referral(n).referral_id for n in (1, 2, 3)
    ]


def test_everything_open_is_listed_when_more_wait_than_one_list_holds(store: Store) -> None:
    """The oldest have the least time left: a list of the newest would leave out just them."""
    many = LISTED + 10
    start = NOW - ANSWER_WITHIN
    for number in range(many):
        at = start + timedelta(seconds=number)
        referral = a_referral(at=at, referral_id=crockford.encode(int(at.timestamp() * 1000), 10) + "0" * 16)
        store.referrals.add(referral)
        store.referrals.confirm(confirmed(referral))
    before = start - timedelta(seconds=1)
    older = a_referral(at=before, referral_id=crockford.encode(int(before.timestamp() * 1000), 10) + "0" * 16)
    store.referrals.add(older)
    store.referrals.confirm(confirmed(older))
    store.referrals.decide(decided(confirmed(older)))
    waiting = store.referrals.waiting(start)
    assert waiting[0] == decided(confirmed(older)), "approved, and its policy is still owed"
    assert [referral.at for referral in waiting[1:]] == [start + timedelta(seconds=n) for n in range(many)]


def test_nothing_personal_is_readable_when_a_referral_is_stored(real_store: Store) -> None:
    real_store.referrals.add(a_referral())
    item = real_store.tables["OperationsTable"].get(keys.referral(a_referral().referral_id))
    text = json.dumps(item, ensure_ascii=False)
    for secret in ("王小明", an_identity().id_number, "o-worker"):
        assert secret not in text


def test_looks_stay_as_they_were_also_when_their_referral_goes(store: Store) -> None:
    referral, looks = a_referral(), store.referral_looks
    store.referrals.add(referral)
    first = ReferralLook(
        referral_id=referral.referral_id,
        request_id="r-1",
        what=ReferralPart.FILE,
        by="s-1",
        duties=("adjuster",),
        at=NOW,
    )
    second = first.model_copy(
        update={"what": ReferralPart.DOCUMENT, "document_id": "D1", "at": NOW + timedelta(minutes=1)}
    )
    for look in (first, second, first.model_copy(update={"by": "s-2"})):
        looks.add(look)
    looks.add(first.model_copy(update={"referral_id": crockford.encode(2, 26)}))
    store.referrals.delete(referral)
    assert looks.list_of(referral.referral_id) == [second, first]
    assert looks.list_of(crockford.encode(9, 26)) == []
