from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.claims.documents import (
    ClaimType,
    DocumentStatus,
    DocumentType,
    Need,
    checklist,
    missing,
)

pytestmark = pytest.mark.disable_socket

STRICTNESS = [Need.AUTOMATIC, Need.CONDITIONAL, Need.REQUIRED]
ALIVE = [t for t in ClaimType if t not in (ClaimType.DEATH, ClaimType.SUDDEN_DEATH)]
D = DocumentType

any_types = st.sets(st.sampled_from(ClaimType), min_size=1)


def required(*claim_types: Any) -> Any:
    return {r.doc_type for r in checklist(claim_types) if r.need is Need.REQUIRED}


def needs(*claim_types: Any) -> Any:
    return {r.doc_type: r.need for r in checklist(claim_types)}


@pytest.mark.parametrize(
    ("claim_type", "documents"),
    [
        (ClaimType.MEDICAL, {D.MEDICAL_RECORD, D.DIAGNOSIS, D.INVOICE, D.EXPENSE_LIST}),
        (ClaimType.HOSPITAL, {D.MEDICAL_RECORD, D.DIAGNOSIS, D.ADMISSION_RECORD}),
        (ClaimType.LOST_INCOME, {D.MEDICAL_RECORD, D.DIAGNOSIS, D.SICK_LEAVE_CERTIFICATE}),
        (ClaimType.DISABILITY, {D.MEDICAL_RECORD, D.DIAGNOSIS, D.DISABILITY_APPRAISAL}),
        (
            ClaimType.DEATH,
            {
                D.CLAIM_FORM,
                D.APPLICANT_ID,
                D.PAYEE_ACCOUNT,
                D.DEATH_CERTIFICATE,
                D.HOUSEHOLD_CANCELLATION,
                D.RELATION_PROOF,
            },
        ),
        (
            ClaimType.SUDDEN_DEATH,
            {
                D.CLAIM_FORM,
                D.APPLICANT_ID,
                D.PAYEE_ACCOUNT,
                D.MEDICAL_RECORD,
                D.DIAGNOSIS,
                D.DEATH_CERTIFICATE,
                D.HOUSEHOLD_CANCELLATION,
                D.RELATION_PROOF,
            },
        ),
        (ClaimType.AMBULANCE, {D.INVOICE}),
    ],
)
def test_claimant_is_asked_for_exactly_these_when_one_benefit_is_claimed(
    claim_type: Any, documents: Any
) -> None:
    assert required(claim_type) == documents


def test_worker_is_not_asked_for_what_the_system_holds_when_alive() -> None:
    held = {d for d, need in needs(*ALIVE).items() if need is Need.AUTOMATIC}
    assert held == {
        D.POLICY,
        D.CHECK_IN_RECORD,
        D.CLAIM_FORM,
        D.ACCIDENT_STATEMENT,
        D.APPLICANT_ID,
        D.PAYEE_ACCOUNT,
    }


@pytest.mark.parametrize("claim_type", [ClaimType.DEATH, ClaimType.SUDDEN_DEATH])
def test_claimant_proves_identity_and_account_when_it_is_not_the_worker(claim_type: Any) -> None:
    assert {D.APPLICANT_ID, D.PAYEE_ACCOUNT} <= required(ClaimType.MEDICAL, claim_type)


def test_admission_record_is_conditional_when_only_lost_income_is_claimed() -> None:
    assert needs(ClaimType.LOST_INCOME)[D.ADMISSION_RECORD] is Need.CONDITIONAL
    assert needs(ClaimType.LOST_INCOME, ClaimType.HOSPITAL)[D.ADMISSION_RECORD] is Need.REQUIRED


def test_autopsy_is_never_a_bar_when_death_was_sudden() -> None:
    assert needs(ClaimType.SUDDEN_DEATH)[D.AUTOPSY_REPORT] is Need.CONDITIONAL


def test_cremation_and_burial_papers_do_not_exist_when_anything_is_claimed() -> None:
    everything = [f"{r.doc_type} {r.name_zh} {r.condition_zh}" for r in checklist(list(ClaimType))]
    assert not [line for line in everything for word in ("CREMAT", "BURIAL", "火化", "丧葬") if word in line]


def test_every_document_type_is_on_the_list_once_when_all_benefits_are_claimed() -> None:
    assert [r.doc_type for r in checklist(list(ClaimType))] == list(DocumentType)


def test_nothing_is_needed_when_nothing_is_claimed() -> None:
    assert checklist(()) == ()


@given(any_types, any_types)
def test_strictest_need_wins_when_claim_types_are_joined(some: Any, others: Any) -> None:
    joined, left, right = needs(*some, *others), needs(*some), needs(*others)
    assert joined.keys() == left.keys() | right.keys()
    for document, need in joined.items():
        candidates = [n[document] for n in (left, right) if document in n]
        assert need is max(candidates, key=STRICTNESS.index)


@given(any_types)
def test_order_is_that_of_the_document_types_when_any_types_are_claimed(claim_types: Any) -> None:
    order = list(DocumentType)
    listed = [order.index(r.doc_type) for r in checklist(claim_types)]
    assert listed == sorted(listed)


@given(any_types)
def test_condition_is_told_when_and_only_when_a_document_is_conditional(claim_types: Any) -> None:
    for requirement in checklist(claim_types):
        assert (requirement.condition_zh is not None) == (requirement.need is Need.CONDITIONAL)
        assert requirement.name_zh


@pytest.mark.parametrize(
    ("status", "is_missing"),
    [
        (None, True),
        (DocumentStatus.REQUIRED, True),
        (DocumentStatus.REJECTED, True),
        (DocumentStatus.RECEIVED, False),
        (DocumentStatus.ACCEPTED, False),
        (DocumentStatus.WAIVED, False),
    ],
)
def test_required_document_is_missing_when_its_status_does_not_settle_it(
    status: Any, is_missing: Any
) -> None:
    statuses = {} if status is None else {D.INVOICE: status}
    assert (D.INVOICE in missing(checklist([ClaimType.AMBULANCE]), statuses)) is is_missing


def test_all_required_documents_are_missing_at_once_when_none_came_in() -> None:
    assert missing(checklist([ClaimType.MEDICAL]), {}) == (
        D.MEDICAL_RECORD,
        D.DIAGNOSIS,
        D.INVOICE,
        D.EXPENSE_LIST,
    )


def test_conditional_and_automatic_documents_are_not_missing_when_rejected() -> None:
    rejected = dict.fromkeys((D.INJURY_PHOTO, D.APPLICANT_ID), DocumentStatus.REJECTED)
    assert not {D.INJURY_PHOTO, D.APPLICANT_ID} & set(missing(checklist([ClaimType.MEDICAL]), rejected))


def test_conditional_document_is_missing_when_its_condition_was_found_met() -> None:
    found_met = [
        r.model_copy(update={"need": Need.REQUIRED}) if r.doc_type is D.SPLIT_SHEET else r
        for r in checklist([ClaimType.MEDICAL])
    ]
    assert D.SPLIT_SHEET in missing(found_met, {})
