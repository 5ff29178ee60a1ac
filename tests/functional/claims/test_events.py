"""Every event file of the claims' functions, through its handler, on the state that its case speaks of."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from daycover.claims.answer import AnswerKind
from daycover.claims.assign import Assigner
from daycover.claims.claim import Actor
from daycover.claims.consents import ClaimConsentKind
from daycover.claims.decide import Verdict
from daycover.claims.documents import DocumentStatus, DocumentType
from daycover.claims.lifecycle import Decision
from daycover.claims.looks import Looker
from daycover.claims.steps import WaitStep
from daycover.cover.policy import EndReason, PolicyStatus
from daycover.errors import DaycoverError
from daycover.identity.attempt import TOO_MANY_FACES
from daycover.identity.document import IdDocumentType as IdentityDocument
from daycover.identity.work_card import WorkCardRefusedError, WorkCardUnavailableError
from daycover.payouts.outcome import Outcome
from daycover.payouts.payout import payout_number
from daycover.payouts.transfer import BankAccount, TransferState
from daycover.platform.config import Config
from daycover.store import keys
from daycover.wiring.bench import BenchWiring
from tests.functional.claims.aws import BUCKET, POLICIES
from tests.functional.claims.permissions import WORKFLOW_NEEDS, is_allowed, needs
from tests.functional.claims.stage import Stage, body_of
from tests.support.builders import WORKER
from tests.support.claims import a_report, an_announcement
from tests.support.functions import events_of, key_of
from tests.support.papers import a_jpeg

FUNCTIONS = (
    "report_claim",
    "read_claims",
    "add_document",
    "file_document",
    "answer_claim",
    "state_payee",
    "list_staff_claims",
    "decide_claim",
    "acknowledge_decision",
    "state_advance",
    "acknowledge_advance",
    "trigger_payout",
    "flag_claims",
    "check_identity",
    "confirm_identity",
    "request_identity",
    "state_beneficiaries",
    "receive_transfer_notice",
    "register_claim",
    "open_claim_step",
    "remind_claimant",
    "assess_claim",
    "notify_refusal",
    "close_claim",
    "record_claim_failure",
    "reserve_payout",
    "submit_payout",
    "hold_payout",
    "confirm_payout",
    "post_payout",
    "record_payout_failure",
    "withdraw_claim",
    "represent_claim",
    "review_claim",
    "reopen_claim",
    "note_claim",
    "judge_document",
    "verify_bills",
    "recheck_bills",
    "fill_sheet",
    "find_disability_items",
    "open_document",
    "report_loss",
    "take_loss_notice",
    "match_loss_notice",
    "note_breaches",
)
EVENTS = events_of(*FUNCTIONS)


def uploaded_other(stage: Stage) -> None:
    claim = stage.announced()
    document = stage.adapters.documents.list_of(claim.claim_no)[0]
    boto3.client("s3").put_object(Bucket=BUCKET, Key=document.object_key(), Body=a_jpeg("scam"))


def without_consent(made: Callable[[Stage], Any], kind: ClaimConsentKind) -> Callable[[Stage], None]:
    """The insured has withdrawn that consent."""

    def prepare(stage: Stage) -> None:
        claim = made(stage)
        stage.claims.consents.withdraw(WORKER, claim.claim_no, [kind])

    return prepare


def taken(staff_id: str) -> Callable[[Stage], None]:
    def prepare(stage: Stage) -> None:
        claim = stage.referred()
        stage.adapters.wired(BenchWiring).assign.hand_to(Assigner(staff_id), claim.claim_no, staff_id)

    return prepare


def looked_at(stage: Stage) -> None:
    claim = stage.documented()
    document = stage.adapters.documents.list_of(claim.claim_no)[0]
    looker = Looker("adjuster-1", ("adjuster",), "5f3c1a52-0000-4000-8000-000000000001", in_clear=True)
    stage.claims.look_at.file(looker, claim.claim_no)
    stage.claims.look_at.document(looker, claim.claim_no, document.document_id)


def refusing_bank(stage: Stage) -> None:
    stage.reserved()
    stage.adapters.wallet_transfers.refuses = "NO_AUTH"


def silent_bank(stage: Stage) -> None:
    stage.submitted()
    stage.adapters.wallet_transfers.lost_replies = {"submit", "find"}


def silent_before_submission(stage: Stage) -> None:
    stage.reserved()
    stage.adapters.wallet_transfers.lost_replies = {"submit", "find"}


def failed(stage: Stage) -> None:
    claim = stage.reserved()
    stage.adapters.wallet_transfers.refuses = "NO_AUTH"
    stage.payouts.pay_obligation.submit(payout_number(claim.claim_no, 1))


def before_finance(stage: Stage) -> None:
    failed(stage)
    claim = stage.claims.read_claims.mine(stage.policy.worker_id).claims[0]
    stage.payouts.pay_obligation.record_failure(
        claim.claim_no, Outcome.FAILED, payout_number(claim.claim_no, 1)
    )


def money_arrived(stage: Stage) -> None:
    claim = stage.submitted()
    stage.adapters.wallet_transfers.finish(payout_number(claim.claim_no, 1))


def settled_by_bank(stage: Stage) -> None:
    stage.payouts.pay_obligation = replace(stage.payouts.pay_obligation, wallet_limit_fen=1)
    claim = stage.agreed()
    account = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
    index = stage.adapters.index
    stage.adapters.payee_accounts.state(claim, account, index.account_id(account.account_no))
    number = str(stage.payouts.pay_obligation.reserve(claim.claim_no).payout_id)
    stage.payouts.pay_obligation.submit(number)
    stage.adapters.bank_transfers.finish(number)


def supplemented(stage: Stage) -> None:
    claim = stage.referred()
    review = stage.claims.review_claim
    review.request_supplement("adjuster-1", claim.claim_no, (DocumentType.DIAGNOSIS,), "请补充")


def last_supplement(stage: Stage) -> None:
    """A supplement of the very document that `add_document/receipt` uploads, sent but not confirmed."""
    claim = stage.referred()
    stage.at += timedelta(minutes=1)
    review = stage.claims.review_claim
    review.request_supplement("adjuster-1", claim.claim_no, (DocumentType.DIAGNOSIS,), "请补充")
    announced = an_announcement(DocumentType.DIAGNOSIS, content=a_jpeg("another scan"))
    document = stage.claims.collect_documents.announce(
        Actor.worker(WORKER), claim.claim_no, announced
    ).document
    boto3.client("s3").put_object(Bucket=BUCKET, Key=document.object_key(), Body=a_jpeg("another scan"))


def closed_refusal(stage: Stage) -> None:
    claim = stage.refused()
    stage.claims.follow_claim.close(claim.claim_no)


def refused_a_day_ago(stage: Stage) -> None:
    stage.refused()
    stage.at += timedelta(days=1)


def refusal_read(stage: Stage) -> None:
    claim = stage.refused()
    stage.claims.deliver_notice.by_reading(WORKER, claim.claim_no, claim.round.notices[0].number)


def overdue(stage: Stage) -> None:
    stage.referred()
    stage.at += timedelta(days=61)


def unregistered(stage: Stage) -> None:
    stage.claims.report_claim(WORKER, a_report())


def waiting_for_account(stage: Stage) -> None:
    claim = stage.agreed()
    stage.payouts.pay_obligation.record_failure(claim.claim_no, Outcome.PAYEE_MISSING)


def account_of_another(stage: Stage) -> None:
    claim = stage.agreed()
    policy = claim.policy.model_copy(update={"person_id": "P2"})
    other = claim.model_copy(update={"policy": policy})
    account = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
    index = stage.adapters.index
    stage.adapters.payee_accounts.state(other, account, index.account_id(account.account_no))


def large_reserved(stage: Stage) -> None:
    stage.payouts.pay_obligation.reserve(stage.agreed_large().claim_no)


def face_failed(stage: Stage) -> None:
    stage.face_shown(failed="FACE")


def faces_used_up(stage: Stage) -> None:
    claim = stage.face_shown(failed=TOO_MANY_FACES)
    stage.payouts.prove_identity.result(stage.policy.worker_id, claim.claim_no, "1")


def face_not_shown(stage: Stage) -> None:
    claim = stage.identity_wanted()
    stage.payouts.prove_identity.start(stage.policy.worker_id, claim.claim_no)


def card_refuses(stage: Stage) -> None:
    stage.identity_wanted()
    stage.adapters.work_card.refusal = WorkCardRefusedError(code="NO_AUTH")


def card_is_silent(stage: Stage) -> None:
    stage.identity_wanted()
    stage.adapters.work_card.refusal = WorkCardUnavailableError()


def seen_once(stage: Stage) -> None:
    claim = stage.identity_wanted()
    stage.payouts.confirm_identity("finance-1", claim.claim_no, IdentityDocument.RESIDENT_ID)


def advance_overtaken(stage: Stage) -> None:
    claim = stage.advance_acknowledged()
    verdict = Verdict(Decision.APPROVED, None, "WITHIN_TERMS", "单据齐全")
    stage.claims.decide_claim("adjuster-1", claim.claim_no, verdict)
    stage.claims.acknowledge_decision("senior-1", claim.claim_no, True, None)


def advance_suffices(stage: Stage) -> None:
    claim = stage.advance_confirmed()
    stage.payouts.pay_obligation.post(f"{claim.claim_no}P1")
    verdict = Verdict(Decision.PARTIAL, 500_000, "WITHIN_TERMS", "单据齐全")
    stage.claims.decide_claim("adjuster-1", claim.claim_no, verdict)
    stage.claims.acknowledge_decision("senior-1", claim.claim_no, True, None)
    stage.claims.answer_claim(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)
    stage.claims.follow_claim.open_step(claim.claim_no, WaitStep.PAYOUT, "token")


def advance_failed(stage: Stage) -> None:
    claim = stage.advance_acknowledged()
    number = str(stage.payouts.pay_obligation.reserve(claim.claim_no, advance=1).payout_id)
    stage.adapters.wallet_transfers.refuses = "NO_AUTH"
    stage.payouts.pay_obligation.submit(number)


def relation_unproved(stage: Stage) -> None:
    claim = stage.agreed_death()
    for document in stage.adapters.documents.list_of(claim.claim_no):
        if document.status is DocumentStatus.ACCEPTED:
            rejected = document.model_copy(update={"status": DocumentStatus.REJECTED})
            stage.adapters.documents.judge(rejected, DocumentStatus.ACCEPTED)


def account_of_another_heir(stage: Stage) -> None:
    claim = stage.agreed_death()
    policy = claim.policy.model_copy(update={"person_id": "P9"})
    account = BankAccount(holder="李四", account_no="622202123456780001", bank_name="工商银行")
    index = stage.adapters.index.account_id(account.account_no)
    stage.adapters.payee_accounts.state(claim.model_copy(update={"policy": policy}), account, index)


def before_finance_for_heirs(stage: Stage) -> None:
    claim = stage.heirs_stated()
    stage.payouts.pay_obligation.record_failure(claim.claim_no, Outcome.BENEFICIARY_MISSING)


def share_failed(stage: Stage) -> None:
    claim = stage.share_reserved()
    number = payout_number(claim.claim_no, 1)
    stage.payouts.pay_obligation.submit(number)
    stage.adapters.bank_transfers.finish(number, TransferState.FAIL)
    stage.payouts.pay_obligation.confirm(number)


def void(stage: Stage) -> None:
    stage.cover.void_policy("s-9", stage.policy.policy_no, EndReason.IDENTITY_THEFT)


def voided(stage: Stage) -> None:
    stage.agreed()
    void(stage)


def voided_in_the_archive(stage: Stage) -> None:
    voided(stage)
    stage.adapters.archive.add(stage.adapters.policies.get(stage.policy.policy_no))
    key = keys.policy(stage.policy.person_id, stage.policy.sequence)
    boto3.client("dynamodb").delete_item(TableName=POLICIES, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}})


def voided_while_paying(stage: Stage) -> None:
    """The claim's execution waits, and so does the payout's: for the worker, in WeChat."""
    claim = stage.agreed()
    number = str(stage.payouts.pay_obligation.reserve(claim.claim_no).payout_id)
    stage.payouts.pay_obligation.submit(number)
    stage.payouts.pay_obligation.hold(number, "confirmation")
    void(stage)


def voided_before_it_was_sent(stage: Stage) -> None:
    claim = stage.agreed()
    stage.claims.follow_claim.open_step(claim.claim_no, WaitStep.PAYOUT, "payout")
    stage.payouts.pay_obligation.reserve(claim.claim_no)
    void(stage)


def voided_after(made: Callable[[Stage], Any]) -> Callable[[Stage], None]:
    """The policy was voided after that; the stream that tells so has not come."""

    def prepare(stage: Stage) -> None:
        made(stage)
        stage.policy_ends(PolicyStatus.VOIDED)

    return prepare


def terminated(made: Callable[[Stage], Any]) -> Callable[[Stage], None]:
    """The policy was terminated after that: it would pay, but whoever decided did not know."""

    def prepare(stage: Stage) -> None:
        made(stage)
        stage.policy_ends()

    return prepare


def limit_taken(made: Callable[[Stage], Any]) -> Callable[[Stage], None]:
    def prepare(stage: Stage) -> None:
        made(stage)
        stage.limit_taken()

    return prepare


def advance_under_way(stage: Stage) -> None:
    claim = stage.advance_acknowledged()
    number = str(stage.payouts.pay_obligation.reserve(claim.claim_no, advance=1).payout_id)
    stage.payouts.pay_obligation.submit(number)
    verdict = Verdict(Decision.PARTIAL, 500_000, "WITHIN_TERMS", "单据齐全")
    stage.claims.decide_claim("adjuster-1", claim.claim_no, verdict)
    stage.claims.acknowledge_decision("senior-1", claim.claim_no, True, None)
    stage.claims.answer_claim(WORKER, claim.claim_no, AnswerKind.ACCEPT, None)


def small_wallets(stage: Stage) -> None:
    stage.payouts.pay_obligation = replace(stage.payouts.pay_obligation, wallet_limit_fen=1)
    stage.agreed()


def empty_account(stage: Stage) -> None:
    stage.reserved()
    stage.adapters.wallet_transfers.refuses = "NOT_ENOUGH"


def package_lost(stage: Stage) -> None:
    """The bill waits for its payee; the answer that had its package never came."""
    claim = stage.reserved()
    stage.adapters.wallet_transfers.lost_replies = {"submit"}
    stage.payouts.pay_obligation.submit(payout_number(claim.claim_no, 1))


def failed_beside_an_account(stage: Stage) -> None:
    account = BankAccount(holder="王小明", account_no="6222021234567890123", bank_name="工商银行")
    index = stage.adapters.index.account_id(account.account_no)
    stage.adapters.payee_accounts.state(stage.agreed(), account, index)
    failed(stage)


def platform_down(stage: Stage) -> None:
    stage.documented()
    stage.adapters.bill_platform.is_down = True


def reversed_since(stage: Stage) -> None:
    stage.referred()
    stage.adapters.bill_platform.reverse()


def bill_of_another_person(stage: Stage) -> None:
    stage.referred()
    stage.adapters.documents.first_with_bill("0612345678", "CL111111111111111111111111/D1")


Prepare = Callable[[Stage], Any]
PREPARED: dict[str, Prepare] = {
    "withdraw_claim/withdraw": Stage.referred,
    "withdraw_claim/withdraw_with_an_advance": Stage.advance_acknowledged,
    "withdraw_claim/decided": Stage.decided,
    "withdraw_claim/staff": Stage.referred,
    "withdraw_claim/complain": Stage.decided,
    "withdraw_claim/benefits": Stage.reported,
    "withdraw_claim/benefits_decided": Stage.decided,
    "reopen_claim/benefits": Stage.referred,
    "reopen_claim/benefits_decided": Stage.decided,
    "reopen_claim/with_benefits": closed_refusal,
    "represent_claim/ask": Stage.referred,
    "represent_claim/ask_heir": Stage.referred,
    "represent_claim/ask_wrong_number": Stage.referred,
    "represent_claim/ask_insured": Stage.referred,
    "represent_claim/ask_too_often": Stage.asked_too_often,
    "represent_claim/ask_phone": Stage.referred,
    "represent_claim/ask_staff": Stage.referred,
    "represent_claim/revoke_agent": Stage.asked_to_act,
    "represent_claim/revoke_guardian": Stage.asked_as_guardian,
    "represent_claim/resign": Stage.asked_as_guardian,
    "represent_claim/accept": Stage.asked_with_proof,
    "represent_claim/accept_unproved": Stage.asked_with_proof,
    "represent_claim/refuse": Stage.asked_to_act,
    "represent_claim/revoke_waiting": Stage.asked_to_act,
    "represent_claim/unknown_representative": Stage.asked_to_act,
    "represent_claim/finance": Stage.asked_to_act,
    "read_claims/loss_notices": Stage.reported_for_somebody,
    "file_document/for_family": Stage.reported,
    "file_document/finance": Stage.reported,
    "file_document/receipt": Stage.uploaded,
    "file_document/completion": Stage.handed_in,
    "list_staff_claims/representative_queue": Stage.asked_to_act,
    "review_claim/supplement": Stage.referred,
    "review_claim/supplement_twice": supplemented,
    "review_claim/supplement_intake": Stage.referred,
    "review_claim/investigate": Stage.referred,
    "review_claim/close_unopened": Stage.referred,
    "reopen_claim/closed": closed_refusal,
    "reopen_claim/open": Stage.referred,
    "note_claim/note": Stage.decided,
    "note_claim/assign_take": Stage.referred,
    "note_claim/assign_give_back": taken("adjuster-1"),
    "note_claim/assign_taken": taken("adjuster-9"),
    "note_claim/assign_auditor": Stage.referred,
    "note_claim/no_complaint": Stage.referred,
    "note_claim/notice_by_call": refused_a_day_ago,
    "note_claim/notice_by_letter": refused_a_day_ago,
    "note_claim/notice_delivered_before": refusal_read,
    "note_claim/notice_before_it_was_made": refused_a_day_ago,
    "note_claim/notice_in_the_future": refused_a_day_ago,
    "note_claim/notice_by_message": refused_a_day_ago,
    "note_claim/notice_unknown": refused_a_day_ago,
    "note_claim/notice_finance": refused_a_day_ago,
    "open_document/unknown": Stage.documented,
    "open_document/file": Stage.documented,
    "open_document/not_uploaded": Stage.announced,
    "open_document/consent_withdrawn": without_consent(Stage.documented, ClaimConsentKind.HEALTH_DATA),
    "open_document/for_a_court": without_consent(Stage.documented, ClaimConsentKind.HEALTH_DATA),
    "add_document/without_consent": without_consent(Stage.reported, ClaimConsentKind.HEALTH_DATA),
    "state_payee/without_consent": without_consent(Stage.agreed, ClaimConsentKind.BANK_ACCOUNT),
    "check_identity/without_consent": without_consent(Stage.identity_wanted, ClaimConsentKind.FACE),
    "decide_claim/decline_after_a_withdrawal": without_consent(Stage.referred, ClaimConsentKind.HEALTH_DATA),
    "take_loss_notice/consents": without_consent(Stage.referred, ClaimConsentKind.HEALTH_DATA),
    "take_loss_notice/consents_withdrawn": Stage.referred,
    "open_document/auditor": Stage.documented,
    "open_document/looks": looked_at,
    "judge_document/waive": Stage.referred,
    "judge_document/unknown": Stage.referred,
    "judge_document/closed_step": Stage.decided,
    "report_loss/second_reporter": Stage.reported,
    "match_loss_notice/read": Stage.unmatched,
    "match_loss_notice/match": Stage.unmatched,
    "match_loss_notice/unknown_policy": Stage.unmatched,
    "note_breaches/daily": overdue,
    "report_claim/again": Stage.reported,
    "read_claims/list": Stage.reported,
    "read_claims/one": Stage.submitted,
    "read_claims/refused": refusal_read,
    "read_claims/other_person": Stage.reported,
    "add_document/announce": Stage.reported,
    "add_document/announce_invoice": Stage.reported,
    "add_document/announce_invoice_of_a_hospital": Stage.reported,
    "add_document/announce_sick_leave": Stage.reported,
    "add_document/receipt_of_the_last_supplement": last_supplement,
    "add_document/bill_without_facts": Stage.reported,
    "add_document/facts_of_another_type": Stage.reported,
    "add_document/too_large": Stage.reported,
    "add_document/completion": Stage.handed_in,
    "add_document/completion_papers_missing": Stage.reported,
    "add_document/announce_pages": Stage.reported,
    "add_document/announce_e_receipt": Stage.reported,
    "add_document/strange_content_type": Stage.reported,
    "add_document/replaces_unknown": Stage.reported,
    "add_document/too_many_pages": Stage.reported,
    "add_document/closed_step": Stage.agreed,
    "add_document/receipt": Stage.uploaded,
    "add_document/receipt_without_upload": Stage.announced,
    "add_document/receipt_of_another_file": uploaded_other,
    "add_document/receipt_unknown_document": Stage.reported,
    "answer_claim/accept": Stage.approved,
    "answer_claim/read_notice": supplemented,
    "answer_claim/read_notice_again": refusal_read,
    "answer_claim/read_notice_unknown": Stage.refused,
    "answer_claim/read_notice_of_another": Stage.refused,
    "answer_claim/dispute": Stage.approved,
    "answer_claim/accept_again": Stage.agreed,
    "answer_claim/not_open": Stage.documented,
    "answer_claim/unknown_answer": Stage.approved,
    "state_payee/own_account": Stage.agreed,
    "state_payee/waiting_for_it": waiting_for_account,
    "state_payee/name_of_another": Stage.agreed,
    "state_payee/account_of_another": account_of_another,
    "state_payee/while_paying": Stage.reserved,
    "state_payee/malformed_account": Stage.agreed,
    "check_identity/start": Stage.identity_wanted,
    "check_identity/start_when_proved": Stage.identity_proved,
    "check_identity/not_wanted": Stage.agreed,
    "check_identity/other_person": Stage.identity_wanted,
    "check_identity/used_up": faces_used_up,
    "check_identity/refused_by_the_card": card_refuses,
    "check_identity/card_is_silent": card_is_silent,
    "check_identity/result_proved": Stage.face_shown,
    "check_identity/result_failed": face_failed,
    "check_identity/result_pending": face_not_shown,
    "check_identity/result_unknown": Stage.face_shown,
    "confirm_identity/first": Stage.identity_wanted,
    "confirm_identity/second": seen_once,
    "confirm_identity/decider": Stage.identity_wanted,
    "confirm_identity/not_wanted": Stage.agreed_large,
    "request_identity/waiting": large_reserved,
    "request_identity/proved_before": Stage.identity_proved,
    "request_identity/reminder": Stage.identity_wanted,
    "state_beneficiaries/state": Stage.agreed_death,
    "state_beneficiaries/other_documents": Stage.agreed_death,
    "state_beneficiaries/document_number": Stage.agreed_death,
    "state_beneficiaries/share_in_percent": Stage.agreed_death,
    "state_beneficiaries/shares_short": Stage.agreed_death,
    "state_beneficiaries/malformed_account": Stage.agreed_death,
    "state_beneficiaries/relation_unproved": relation_unproved,
    "state_beneficiaries/no_death": Stage.agreed_large,
    "state_beneficiaries/account_of_another": account_of_another_heir,
    "state_beneficiaries/while_paying": Stage.share_reserved,
    "state_beneficiaries/read": Stage.share_reserved,
    "state_beneficiaries/confirm": before_finance_for_heirs,
    "state_beneficiaries/answer": Stage.heirs_asked,
    "state_beneficiaries/answer_unconfirmed": lambda stage: stage.died(stage.acknowledged_large()),
    "state_beneficiaries/answer_decider": Stage.heirs_asked,
    "state_beneficiaries/answer_no_death": Stage.acknowledged_large,
    "state_beneficiaries/confirm_same_person": Stage.heirs_stated,
    "state_beneficiaries/confirm_other_version": Stage.heirs_stated,
    "reserve_payout/death": Stage.heirs_confirmed,
    "reserve_payout/beneficiary": Stage.shares_fixed,
    "reserve_payout/nobody_confirmed": Stage.heirs_stated,
    "submit_payout/beneficiary": Stage.share_reserved,
    "post_payout/beneficiary": Stage.share_arrived,
    "record_payout_failure/beneficiary": share_failed,
    "reserve_payout/large": Stage.agreed_large,
    "submit_payout/unproved": Stage.identity_wanted,
    "list_staff_claims/decision_queue": Stage.referred,
    "list_staff_claims/acknowledgement_queue": Stage.decided,
    "list_staff_claims/unmatched_queue": Stage.unmatched,
    "list_staff_claims/payout_queue": before_finance,
    "list_staff_claims/decision_queue_filtered": Stage.referred,
    "list_staff_claims/search": Stage.referred,
    "list_staff_claims/file": Stage.decided,
    "list_staff_claims/insured": Stage.decided,
    "list_staff_claims/insured_masked": Stage.decided,
    "list_staff_claims/notice_queue": Stage.refused,
    "list_staff_claims/file_of_a_refusal": closed_refusal,
    "decide_claim/approve": Stage.referred,
    "decide_claim/partial": Stage.referred,
    "decide_claim/decline": Stage.referred,
    "decide_claim/benefits": Stage.referred,
    "decide_claim/benefits_of_another_sum": Stage.referred,
    "decide_claim/beyond_what_is_left": Stage.referred,
    "decide_claim/exposure_moved": limit_taken(Stage.referred),
    "decide_claim/policy_voided": voided_after(Stage.referred),
    "decide_claim/decline_on_a_voided_policy": voided_after(Stage.referred),
    "decide_claim/partial_without_amount": Stage.referred,
    "decide_claim/pending": Stage.referred,
    "decide_claim/without_reason": Stage.referred,
    "decide_claim/not_open": Stage.documented,
    "decide_claim/auditor": Stage.referred,
    "acknowledge_decision/acknowledge": Stage.decided,
    "acknowledge_decision/send_back": Stage.decided,
    "acknowledge_decision/same_person": Stage.decided,
    "acknowledge_decision/not_open": Stage.referred,
    "acknowledge_decision/exposure_moved": limit_taken(Stage.decided),
    "acknowledge_decision/policy_voided": voided_after(Stage.decided),
    "acknowledge_decision/adjuster": Stage.decided,
    "state_advance/day_60": Stage.day_60,
    "state_advance/too_early": Stage.referred,
    "state_advance/too_much": Stage.day_60,
    "state_advance/nothing": Stage.day_60,
    "state_advance/another_open": Stage.advance_stated,
    "state_advance/decided": Stage.agreed,
    "state_advance/finance": Stage.day_60,
    "acknowledge_advance/acknowledge": Stage.advance_stated,
    "acknowledge_advance/again": Stage.advance_acknowledged,
    "acknowledge_advance/send_back": Stage.advance_stated,
    "acknowledge_advance/same_person": Stage.advance_stated,
    "acknowledge_advance/adjuster": Stage.advance_stated,
    "acknowledge_advance/unknown_advance": Stage.advance_stated,
    "acknowledge_advance/policy_voided": voided_after(Stage.advance_stated),
    "acknowledge_advance/answered": Stage.advance_acknowledged,
    "list_staff_claims/advance_queue": Stage.day_60,
    "trigger_payout/obligation": Stage.advance_acknowledged,
    "trigger_payout/unknown_obligation": Stage.advance_acknowledged,
    "reserve_payout/advance": Stage.advance_acknowledged,
    "reserve_payout/lapsed_advance": advance_overtaken,
    "reserve_payout/advance_suffices": advance_suffices,
    "reserve_payout/own_amount": Stage.agreed,
    "post_payout/advance": Stage.advance_confirmed,
    "record_payout_failure/advance": advance_failed,
    "trigger_payout/agreed": Stage.agreed,
    "trigger_payout/not_payable": Stage.approved,
    "trigger_payout/adjuster": Stage.agreed,
    "flag_claims/voided": voided,
    "flag_claims/archived": voided_in_the_archive,
    "flag_claims/waiting_for_the_worker": voided_while_paying,
    "flag_claims/twice": voided_before_it_was_sent,
    "flag_claims/issued": Stage.agreed,
    "flag_claims/one_mistyped": voided,
    "register_claim/new": unregistered,
    "register_claim/again": Stage.reported,
    "open_claim_step/documents": Stage.reported,
    "open_claim_step/decision": Stage.referred,
    "open_claim_step/acknowledgement": Stage.decided,
    "open_claim_step/agreement": Stage.approved,
    "open_claim_step/payout": Stage.agreed,
    "remind_claimant/documents": Stage.reported,
    "remind_claimant/agreement": Stage.approved,
    "verify_bills/genuine": Stage.documented,
    "verify_bills/platform_down": platform_down,
    "recheck_bills/reversed_since": reversed_since,
    "recheck_bills/platform_down": platform_down,
    "recheck_bills/finance": Stage.referred,
    "fill_sheet/fill": Stage.referred,
    "fill_sheet/death": Stage.referred,
    "fill_sheet/sheet_moved": Stage.referred,
    "fill_sheet/bill_of_another_person": bill_of_another_person,
    "fill_sheet/decided": Stage.decided,
    "fill_sheet/cut_without_reason": Stage.referred,
    "fill_sheet/bill_twice": Stage.referred,
    "fill_sheet/stay_ends_before_it_begins": Stage.referred,
    "fill_sheet/finance": Stage.referred,
    "fill_sheet/read": Stage.referred,
    "assess_claim/toe_injury": Stage.verified,
    "assess_claim/large": Stage.large_verified,
    "assess_claim/policy_voided": voided_after(Stage.verified),
    "notify_refusal/acknowledged": Stage.refused,
    "notify_refusal/nothing_refused": Stage.approved,
    "close_claim/paid": Stage.paid,
    "close_claim/unpaid": Stage.agreed,
    "record_claim_failure/assessing": Stage.documented,
    "reserve_payout/agreed": Stage.agreed,
    "reserve_payout/paid": Stage.paid,
    "reserve_payout/not_agreed": Stage.approved,
    "reserve_payout/only_unposted": Stage.confirmed,
    "reserve_payout/policy_terminated": terminated(Stage.agreed),
    "reserve_payout/advance_under_way": advance_under_way,
    "reserve_payout/above_the_wallet": small_wallets,
    "reserve_payout/unknown_obligation": Stage.shares_fixed,
    "reserve_payout/unknown_advance": Stage.advance_acknowledged,
    "submit_payout/policy_terminated": terminated(Stage.reserved),
    "submit_payout/not_enough": empty_account,
    "submit_payout/reserved": Stage.reserved,
    "submit_payout/refused": refusing_bank,
    "submit_payout/lost_reply": silent_before_submission,
    "hold_payout/waiting": Stage.submitted,
    "confirm_payout/received": money_arrived,
    "confirm_payout/settled_by_bank": settled_by_bank,
    "confirm_payout/waiting_for_the_worker": Stage.submitted,
    "confirm_payout/never_sent": Stage.reserved,
    "confirm_payout/package_lost": package_lost,
    "confirm_payout/lost_reply": silent_bank,
    "post_payout/received": Stage.confirmed,
    "record_payout_failure/refused": failed,
    "record_payout_failure/goes_to_the_bank": failed_beside_an_account,
    "record_payout_failure/policy_terminated": terminated(failed),
    "record_payout_failure/lost_reply": silent_bank,
}
"""The state that a case needs; a case that is not here needs none."""


PROBLEMS = {
    "open_document/consent_withdrawn": "health-consent-withdrawn",
    "add_document/without_consent": "claim-consent-missing",
    "state_payee/without_consent": "claim-consent-missing",
    "check_identity/without_consent": "face-consent-missing",
    "decide_claim/decline_after_a_withdrawal": "health-consent-withdrawn",
    "note_claim/notice_before_it_was_made": "delivery-time",
    "note_claim/notice_in_the_future": "delivery-time",
    "note_claim/notice_by_message": "invalid-content",
    "note_claim/notice_unknown": "notice-not-found",
    "answer_claim/read_notice_unknown": "notice-not-found",
    "answer_claim/read_notice_of_another": "claim-not-found",
    "withdraw_claim/benefits_decided": "benefits-closed",
    "reopen_claim/benefits_decided": "benefits-closed",
    "represent_claim/ask_wrong_number": "claim-not-found",
    "represent_claim/ask_unknown_claim": "claim-not-found",
    "represent_claim/ask_insured": "representation-invalid",
    "represent_claim/revoke_guardian": "not-for-representative",
    "represent_claim/accept_unproved": "proof-of-representation",
    "represent_claim/revoke_waiting": "representation-closed",
    "represent_claim/unknown_representative": "representative-not-found",
    "report_claim/for_somebody_phone": "phone-number",
    "decide_claim/exposure_moved": "exposure-moved",
    "decide_claim/policy_voided": "policy-not-standing",
    "decide_claim/beyond_what_is_left": "decision-amount",
    "decide_claim/benefits_of_another_sum": "invalid-content",
    "acknowledge_decision/exposure_moved": "exposure-moved",
    "acknowledge_decision/policy_voided": "policy-not-standing",
    "acknowledge_advance/policy_voided": "policy-not-standing",
    "trigger_payout/unknown_obligation": "obligation-not-found",
    "fill_sheet/sheet_moved": "sheet-moved",
    "fill_sheet/bill_of_another_person": "bill-used",
    "fill_sheet/decided": "claim-step-closed",
    "add_document/completion_papers_missing": "papers-missing",
    "find_disability_items/no_such_part": "disability-part-unknown",
}
"""Which problem a refusal must be, where another one would have its status as well."""


@pytest.mark.parametrize("path", EVENTS, ids=key_of)
def test_handler_answers_as_the_file_s_name_says(
    path: Path, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(aws, monkeypatch)
    PREPARED.get(key_of(path), Stage.nothing)(stage)
    expected = path.name.split(".")[1]
    event = json.loads(path.read_text(encoding="utf-8"))
    if "httpMethod" in event:
        response = stage.invoke(path.parent.name, event)
        assert str(response["statusCode"]) == expected, response
        assert_problem_or_view(event, response)
        if (problem := PROBLEMS.get(key_of(path))) is not None:
            assert body_of(response)["type"].rpartition("/")[2] == problem
    elif expected.endswith("Error"):
        with pytest.raises(DaycoverError) as raised:
            stage.invoke(path.parent.name, event)
        assert type(raised.value).__name__ == expected
    elif "Records" in event:
        failed_ones = stage.invoke(path.parent.name, event)["batchItemFailures"]
        assert bool(failed_ones) is (expected == "failed"), failed_ones
    else:
        outcome = stage.invoke(path.parent.name, event)
        json.dumps(outcome)  # what a workflow can take
        assert expected == "ok" or expected in outcome.values(), outcome
        assert set(outcome) <= {
            "outcome",
            "amount_fen",
            "payout_id",
            "status",
            "decision",
            "breaches",
            "bills",
        }
    assert_permitted(path.parent.name, stage)


def assert_permitted(function: str, stage: Stage) -> None:
    """Whatever the handler asked AWS for, the template lets its role do."""
    asked = {need for operation, arguments in stage.adapters.calls for need in needs(operation, arguments)}
    asked |= {WORKFLOW_NEEDS[name] for name in stage.adapters.workflows.steps.calls}
    assert [need for need in sorted(asked) if not is_allowed(function, need)] == []


def assert_problem_or_view(event: dict[str, Any], response: dict[str, Any]) -> None:
    body = body_of(response)
    if event["path"] == "/v1/wechat/transfer-notices":
        assert set(body) == {"code", "message"}
    elif response["statusCode"] >= 400:
        assert body["status"] == response["statusCode"]
        assert body["type"].startswith("https://")
        assert "三号分拣线" not in response["body"], "the input is never echoed"
    else:
        assert "task_token" not in response["body"].lower()


def test_every_case_exists_when_a_state_is_prepared_for_it() -> None:
    assert set(PREPARED) | set(PROBLEMS) <= {key_of(path) for path in EVENTS}
    assert {path.parent.name for path in EVENTS} == set(FUNCTIONS)
