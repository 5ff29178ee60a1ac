"""The life of a claim (赔案): where it is (status) and what was decided (decision), as one table.

Source: reference section 3.4. Whoever wants to know whether something may happen reads `TABLE`; the
repository repeats the answer in the condition of every write.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from daycover.errors import DaycoverError, ErrorKind


class ClaimStepClosedError(DaycoverError):
    """The claim's status has no such step now.

    The claim's status does not allow this: the step is finished, not reached yet, or another claim's.

    What to do: Read the claim and follow its status.
    含义:赔案目前的状态没有这一步。
    处理:读取赔案,按其状态操作。
    """

    kind = ErrorKind.CONFLICT
    title = "赔案当前状态不允许此操作", "The claim's status does not allow this"
    detail = (
        "赔案状态为 {claim_status},该步骤已完成或尚未开始。",
        "The claim is {claim_status}: the step is finished or has not begun.",
    )


class ClaimStatus(StrEnum):
    """Where the claim is."""

    REGISTERED = "REGISTERED"  # 已立案
    AWAITING_DOCS = "AWAITING_DOCS"  # 待补齐材料
    IN_REVIEW = "IN_REVIEW"  # 审核中
    AWAITING_SUPPLEMENT = "AWAITING_SUPPLEMENT"  # 待补充材料
    INVESTIGATING = "INVESTIGATING"  # 调查中
    DECIDED = "DECIDED"  # 已核定,待复核
    ACKNOWLEDGED = "ACKNOWLEDGED"  # 已复核
    DISPUTED = "DISPUTED"  # 有异议
    AGREED = "AGREED"  # 已达成赔付协议
    PAYING = "PAYING"  # 支付中
    PAID = "PAID"  # 已支付
    CLOSED = "CLOSED"  # 已结案
    REOPENED = "REOPENED"  # 重新开案
    WITHDRAWN = "WITHDRAWN"  # 已撤案


class Decision(StrEnum):
    """What was decided (核定结论)."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    PARTIAL = "PARTIAL"
    DECLINED = "DECLINED"
    GOODWILL = "GOODWILL"
    NO_CLAIM = "NO_CLAIM"


class ClaimEvent(StrEnum):
    """What can happen to a claim; past tense where it is an act, a noun phrase where it is a finding."""

    REGISTERED = "REGISTERED"
    CHECKLIST_SENT = "CHECKLIST_SENT"
    PAPERS_RECEIVED = "PAPERS_RECEIVED"
    DOCUMENTS_COMPLETED = "DOCUMENTS_COMPLETED"
    SUPPLEMENT_REQUESTED = "SUPPLEMENT_REQUESTED"
    SUPPLEMENT_COMPLETED = "SUPPLEMENT_COMPLETED"
    INVESTIGATION_OPENED = "INVESTIGATION_OPENED"
    INVESTIGATION_CLOSED = "INVESTIGATION_CLOSED"
    REFERRED = "REFERRED"
    AUTO_APPROVED = "AUTO_APPROVED"
    DECIDED = "DECIDED"
    SENT_BACK = "SENT_BACK"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ACCEPTED = "ACCEPTED"
    DISPUTED = "DISPUTED"
    REVIEW_RESUMED = "REVIEW_RESUMED"
    REFUSAL_NOTICE_ISSUED = "REFUSAL_NOTICE_ISSUED"
    NOTICE_DELIVERED = "NOTICE_DELIVERED"
    PAYOUT_RESERVED = "PAYOUT_RESERVED"
    PAYOUT_UNRESOLVED = "PAYOUT_UNRESOLVED"
    PAYOUT_FAILED = "PAYOUT_FAILED"
    PAID = "PAID"
    PAYOUT_BOUNCED = "PAYOUT_BOUNCED"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"
    WITHDRAWN = "WITHDRAWN"
    REMINDED = "REMINDED"
    WORKFLOW_FAILED = "WORKFLOW_FAILED"
    REPORTED_AGAIN = "REPORTED_AGAIN"
    DOCUMENT_JUDGED = "DOCUMENT_JUDGED"
    SHEET_FILLED = "SHEET_FILLED"
    REASSESSED = "REASSESSED"
    NOTED = "NOTED"
    ASSIGNED = "ASSIGNED"
    GIVEN_BACK = "GIVEN_BACK"
    COMPLAINED = "COMPLAINED"
    COMPLAINT_ANSWERED = "COMPLAINT_ANSWERED"
    CLOCK_BREACHED = "CLOCK_BREACHED"
    IDENTITY_REQUESTED = "IDENTITY_REQUESTED"
    IDENTITY_SEEN = "IDENTITY_SEEN"
    IDENTITY_PROVED = "IDENTITY_PROVED"
    ADVANCE_STATED = "ADVANCE_STATED"
    ADVANCE_SENT_BACK = "ADVANCE_SENT_BACK"
    ADVANCE_ACKNOWLEDGED = "ADVANCE_ACKNOWLEDGED"
    ADVANCE_RESERVED = "ADVANCE_RESERVED"
    ADVANCE_UNRESOLVED = "ADVANCE_UNRESOLVED"
    ADVANCE_FAILED = "ADVANCE_FAILED"
    ADVANCE_PAID = "ADVANCE_PAID"
    ADVANCE_BOUNCED = "ADVANCE_BOUNCED"
    ADVANCE_SUFFICED = "ADVANCE_SUFFICED"
    POLICY_ENDED = "POLICY_ENDED"
    BENEFICIARIES_STATED = "BENEFICIARIES_STATED"
    BENEFICIARIES_CONFIRMED = "BENEFICIARIES_CONFIRMED"
    SHARES_FIXED = "SHARES_FIXED"
    SHARE_PAID = "SHARE_PAID"
    CONSENT_GIVEN = "CONSENT_GIVEN"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    BENEFITS_ADDED = "BENEFITS_ADDED"
    HEIR_ACCEPTED = "HEIR_ACCEPTED"
    REPRESENTATIVE_REQUESTED = "REPRESENTATIVE_REQUESTED"
    REPRESENTATIVE_ACCEPTED = "REPRESENTATIVE_ACCEPTED"
    REPRESENTATIVE_REFUSED = "REPRESENTATIVE_REFUSED"
    REPRESENTATIVE_REVOKED = "REPRESENTATIVE_REVOKED"


ALL_DECISIONS = frozenset(Decision)
PAYING_DECISIONS = frozenset({Decision.APPROVED, Decision.PARTIAL, Decision.GOODWILL})
REFUSING_DECISIONS = frozenset({Decision.DECLINED, Decision.NO_CLAIM})
STAFF_EVENTS = frozenset(
    {
        ClaimEvent.DECIDED,
        ClaimEvent.ACKNOWLEDGED,
        ClaimEvent.SENT_BACK,
        ClaimEvent.SUPPLEMENT_REQUESTED,
        ClaimEvent.INVESTIGATION_OPENED,
        ClaimEvent.INVESTIGATION_CLOSED,
        ClaimEvent.DOCUMENT_JUDGED,
        ClaimEvent.REOPENED,
        ClaimEvent.NOTED,
        ClaimEvent.ASSIGNED,
        ClaimEvent.GIVEN_BACK,
        ClaimEvent.COMPLAINT_ANSWERED,
        ClaimEvent.IDENTITY_SEEN,
        ClaimEvent.ADVANCE_STATED,
        ClaimEvent.ADVANCE_SENT_BACK,
        ClaimEvent.ADVANCE_ACKNOWLEDGED,
        ClaimEvent.BENEFICIARIES_STATED,
        ClaimEvent.BENEFICIARIES_CONFIRMED,
        ClaimEvent.REPRESENTATIVE_ACCEPTED,
        ClaimEvent.REPRESENTATIVE_REFUSED,
    }
)
"""Only a person of the insurer may record these. The machine's only verdict is AUTO_APPROVED."""
CLAIMANT_EVENTS = frozenset({ClaimEvent.WITHDRAWN, ClaimEvent.COMPLAINED})
"""Only the insured may record these, and who was accepted to act for them: nobody else gives a claim up."""


class Transition(NamedTuple):
    """Where an event leads, and under which decisions (as they stand after it) it may happen."""

    to: ClaimStatus
    decisions: frozenset[Decision] = ALL_DECISIONS


_S, _E = ClaimStatus, ClaimEvent
_PENDING = frozenset({Decision.PENDING})
_OPEN = frozenset(_S) - {_S.CLOSED, _S.WITHDRAWN}
UNSETTLED = frozenset(
    {
        _S.IN_REVIEW,
        _S.INVESTIGATING,
        _S.AWAITING_SUPPLEMENT,
        _S.DECIDED,
        _S.DISPUTED,
        _S.REOPENED,
    }
)
"""The documents are in and no amount is final: here the certain part may be paid in advance."""
DECIDED_UNPAID = frozenset({_S.DECIDED, _S.ACKNOWLEDGED, _S.AGREED, _S.PAYING})
"""From here a claim goes back to a person when its policy ends: the money has not, or not all, arrived."""
NOT_DECIDED = frozenset({_S.REGISTERED, _S.AWAITING_DOCS}) | (UNSETTLED - {_S.DECIDED})
"""Nobody, or nobody for good, has decided yet."""

ADDING = NOT_DECIDED
"""Here a benefit may still be claimed; after the decision the claim is reopened for it."""

TABLE: Mapping[tuple[ClaimStatus, ClaimEvent], Transition] = MappingProxyType(
    {
        (_S.REGISTERED, _E.CHECKLIST_SENT): Transition(_S.AWAITING_DOCS),
        (_S.REGISTERED, _E.PAPERS_RECEIVED): Transition(_S.REGISTERED),
        (_S.AWAITING_DOCS, _E.PAPERS_RECEIVED): Transition(_S.AWAITING_DOCS),
        (_S.AWAITING_DOCS, _E.DOCUMENTS_COMPLETED): Transition(_S.IN_REVIEW),
        (_S.IN_REVIEW, _E.SUPPLEMENT_REQUESTED): Transition(_S.AWAITING_SUPPLEMENT),
        (_S.AWAITING_SUPPLEMENT, _E.SUPPLEMENT_COMPLETED): Transition(_S.IN_REVIEW),
        (_S.IN_REVIEW, _E.INVESTIGATION_OPENED): Transition(_S.INVESTIGATING),
        (_S.INVESTIGATING, _E.INVESTIGATION_CLOSED): Transition(_S.IN_REVIEW),
        (_S.IN_REVIEW, _E.REFERRED): Transition(_S.IN_REVIEW, _PENDING),
        (_S.IN_REVIEW, _E.AUTO_APPROVED): Transition(_S.ACKNOWLEDGED, frozenset({Decision.APPROVED})),
        (_S.IN_REVIEW, _E.DECIDED): Transition(_S.DECIDED, ALL_DECISIONS - _PENDING),
        (_S.DECIDED, _E.SENT_BACK): Transition(_S.IN_REVIEW, _PENDING),
        (_S.DECIDED, _E.ACKNOWLEDGED): Transition(_S.ACKNOWLEDGED, ALL_DECISIONS - _PENDING),
        (_S.ACKNOWLEDGED, _E.ACCEPTED): Transition(_S.AGREED, PAYING_DECISIONS),
        (_S.ACKNOWLEDGED, _E.DISPUTED): Transition(_S.DISPUTED, PAYING_DECISIONS),
        (_S.DISPUTED, _E.REVIEW_RESUMED): Transition(_S.IN_REVIEW, _PENDING),
        (_S.ACKNOWLEDGED, _E.REFUSAL_NOTICE_ISSUED): Transition(_S.ACKNOWLEDGED, REFUSING_DECISIONS),
        (_S.AGREED, _E.PAYOUT_RESERVED): Transition(_S.PAYING, PAYING_DECISIONS),
        (_S.PAYING, _E.PAYOUT_RESERVED): Transition(_S.PAYING, PAYING_DECISIONS),
        (_S.PAYING, _E.PAYOUT_UNRESOLVED): Transition(_S.PAYING, PAYING_DECISIONS),
        (_S.AGREED, _E.PAYOUT_UNRESOLVED): Transition(_S.AGREED, PAYING_DECISIONS),
        (_S.PAYING, _E.PAYOUT_FAILED): Transition(_S.AGREED, PAYING_DECISIONS),
        (_S.AGREED, _E.SHARES_FIXED): Transition(_S.PAYING, PAYING_DECISIONS),
        (_S.PAYING, _E.SHARES_FIXED): Transition(_S.PAYING, PAYING_DECISIONS),
        (_S.PAYING, _E.SHARE_PAID): Transition(_S.PAYING, PAYING_DECISIONS),
        (_S.PAYING, _E.PAID): Transition(_S.PAID, PAYING_DECISIONS),
        (_S.PAYING, _E.PAYOUT_BOUNCED): Transition(_S.PAYING, PAYING_DECISIONS),
        (_S.PAID, _E.PAYOUT_BOUNCED): Transition(_S.AGREED, PAYING_DECISIONS),
        (_S.CLOSED, _E.PAYOUT_BOUNCED): Transition(_S.AGREED, PAYING_DECISIONS),
        (_S.AGREED, _E.PAYOUT_BOUNCED): Transition(_S.AGREED, PAYING_DECISIONS),
        (_S.PAID, _E.CLOSED): Transition(_S.CLOSED, PAYING_DECISIONS),
        (_S.ACKNOWLEDGED, _E.CLOSED): Transition(_S.CLOSED, REFUSING_DECISIONS),
        (_S.CLOSED, _E.REOPENED): Transition(_S.REOPENED, _PENDING),
        (_S.WITHDRAWN, _E.REOPENED): Transition(_S.REOPENED, _PENDING),
        (_S.REOPENED, _E.REVIEW_RESUMED): Transition(_S.IN_REVIEW, _PENDING),
    }
    | {
        (status, _E.WITHDRAWN): Transition(_S.WITHDRAWN)
        for status in (
            _S.REGISTERED,
            _S.AWAITING_DOCS,
            _S.IN_REVIEW,
            _S.AWAITING_SUPPLEMENT,
            _S.INVESTIGATING,
        )
    }
    | {
        (status, event): Transition(status)
        for status in _OPEN
        for event in (_E.REMINDED, _E.WORKFLOW_FAILED, _E.CLOCK_BREACHED)
    }
    | {
        (status, event): Transition(status)
        for status in _OPEN
        for event in (
            _E.IDENTITY_REQUESTED,
            _E.IDENTITY_SEEN,
            _E.IDENTITY_PROVED,
            _E.BENEFICIARIES_STATED,
            _E.BENEFICIARIES_CONFIRMED,
        )
    }
    | {
        (status, event): Transition(status)
        for status in _S
        for event in (
            _E.NOTED,
            _E.ASSIGNED,
            _E.GIVEN_BACK,
            _E.COMPLAINED,
            _E.COMPLAINT_ANSWERED,
            _E.REPORTED_AGAIN,
            _E.CONSENT_GIVEN,
            _E.CONSENT_WITHDRAWN,
            _E.NOTICE_DELIVERED,
            _E.REPRESENTATIVE_REQUESTED,
            _E.REPRESENTATIVE_ACCEPTED,
            _E.REPRESENTATIVE_REFUSED,
            _E.REPRESENTATIVE_REVOKED,
        )
    }
    | {(_S.CLOSED, _E.CLOCK_BREACHED): Transition(_S.CLOSED)}  # of a refusal that nobody delivered
    | {  # one heir was paid before the decision fell: what comes back, the decision to come owes
        (status, _E.PAYOUT_BOUNCED): Transition(status)
        for status in (UNSETTLED - {_S.REOPENED}) | {_S.ACKNOWLEDGED}
    }
    | {(status, _E.BENEFITS_ADDED): Transition(status) for status in ADDING}
    | {(_S.ACKNOWLEDGED, _E.HEIR_ACCEPTED): Transition(_S.ACKNOWLEDGED, PAYING_DECISIONS)}
    | {
        (status, event): Transition(status)
        for status in (_S.AWAITING_DOCS, _S.IN_REVIEW, _S.AWAITING_SUPPLEMENT, _S.INVESTIGATING)
        for event in (_E.DOCUMENT_JUDGED, _E.SHEET_FILLED)
    }
    | {
        (status, _E.REASSESSED): Transition(status, _PENDING)
        for status in (_S.IN_REVIEW, _S.AWAITING_SUPPLEMENT, _S.INVESTIGATING)
    }
    | {(_S.DECIDED, _E.REASSESSED): Transition(_S.IN_REVIEW, _PENDING)}
    | {(status, _E.POLICY_ENDED): Transition(status) for status in NOT_DECIDED}
    | {(status, _E.POLICY_ENDED): Transition(_S.IN_REVIEW, _PENDING) for status in DECIDED_UNPAID}
    | {
        (status, event): Transition(status)
        for status in UNSETTLED
        for event in (_E.ADVANCE_STATED, _E.ADVANCE_SENT_BACK, _E.ADVANCE_ACKNOWLEDGED)
    }
    | {
        (status, event): Transition(status)
        for status in _S
        for event in (
            _E.ADVANCE_RESERVED,
            _E.ADVANCE_UNRESOLVED,
            _E.ADVANCE_FAILED,
            _E.ADVANCE_PAID,
            _E.ADVANCE_BOUNCED,
        )
    }
    | {(_S.AGREED, _E.ADVANCE_SUFFICED): Transition(_S.PAID, PAYING_DECISIONS)}
)
"""Every pair that is not here is refused."""


def next_status(status: ClaimStatus, event: ClaimEvent, decision: Decision) -> ClaimStatus:
    """Give the status after `event`, with which `decision` stands. Raises ClaimStepClosedError."""
    if not may_happen(status, event, decision):
        raise ClaimStepClosedError(claim_status=status.value)
    return TABLE[status, event].to


def may_happen(status: ClaimStatus, event: ClaimEvent, decision: Decision) -> bool:
    """Whether `event` is a step of a claim in this status, with this decision."""
    transition = TABLE.get((status, event))
    return transition is not None and decision in transition.decisions


def sources(event: ClaimEvent) -> frozenset[ClaimStatus]:
    """Give the statuses from which `event` may happen, for the condition of the write."""
    return frozenset(status for status, known in TABLE if known is event)
