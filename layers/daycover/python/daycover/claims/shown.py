"""Who sees what of a claim: staff the whole file, its insured what was announced to them.

A decision that nobody acknowledged is no decision yet, and what staff write among themselves stays inside.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from daycover.claims.adjudication import Assessment
from daycover.claims.advance import COMMITTED, Advance
from daycover.claims.claim import ActorKind, Claim, HistoryEntry
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.undecided import UNDECIDED

TOLD_ZH: Mapping[ClaimEvent, str] = MappingProxyType(
    {
        ClaimEvent.REGISTERED: "已收到报案并立案",
        ClaimEvent.CHECKLIST_SENT: "已一次性告知所需材料",
        ClaimEvent.DOCUMENTS_COMPLETED: "材料已齐全,开始审核",
        ClaimEvent.SUPPLEMENT_REQUESTED: "需要补充材料",
        ClaimEvent.SUPPLEMENT_COMPLETED: "补充材料已收到",
        ClaimEvent.REFERRED: "由理赔人员审核",
        ClaimEvent.AUTO_APPROVED: "已核定赔付,请确认金额",
        ClaimEvent.ACKNOWLEDGED: "核定结果已复核",
        ClaimEvent.ACCEPTED: "您已同意赔付金额",
        ClaimEvent.DISPUTED: "您对金额有异议",
        ClaimEvent.REVIEW_RESUMED: "重新审核",
        ClaimEvent.REFUSAL_NOTICE_ISSUED: "已出具核定结果通知书",
        ClaimEvent.NOTICE_DELIVERED: "通知书已送达",
        ClaimEvent.PAYOUT_RESERVED: "赔款支付中",
        ClaimEvent.PAYOUT_FAILED: "支付未成功,将重新支付",
        ClaimEvent.PAYOUT_BOUNCED: "赔款被银行退回,请核对收款账户",
        ClaimEvent.PAID: "赔款已到账",
        ClaimEvent.CLOSED: "已结案",
        ClaimEvent.REOPENED: "重新开案",
        ClaimEvent.WITHDRAWN: "已撤案",
        ClaimEvent.REMINDED: "已提醒您",
        ClaimEvent.IDENTITY_REQUESTED: "赔款较大,请刷脸确认收款人是您本人",
        ClaimEvent.IDENTITY_PROVED: "收款人身份已核验",
        ClaimEvent.BENEFICIARIES_CONFIRMED: "受益人已确认",
        ClaimEvent.BENEFITS_ADDED: "已增加申请项目",
        ClaimEvent.HEIR_ACCEPTED: "一位受益人已同意赔付金额",
        ClaimEvent.REPRESENTATIVE_REQUESTED: "有人申请代为办理本赔案,正在核实;如非您本意,请告诉我们",
        ClaimEvent.REPRESENTATIVE_ACCEPTED: "已认可代办人",
        ClaimEvent.REPRESENTATIVE_REFUSED: "代办申请未获认可",
        ClaimEvent.REPRESENTATIVE_REVOKED: "代办已终止",
        ClaimEvent.COMPLAINED: "已收到您的投诉",
        ClaimEvent.COMPLAINT_ANSWERED: "已答复您的投诉",
        ClaimEvent.INVESTIGATION_OPENED: "正在核实情况",
        ClaimEvent.INVESTIGATION_CLOSED: "情况已核实,继续审核",
        ClaimEvent.ADVANCE_ACKNOWLEDGED: "已同意先予支付",
        ClaimEvent.ADVANCE_RESERVED: "先予支付中",
        ClaimEvent.ADVANCE_FAILED: "先予支付未成功,我们将处理",
        ClaimEvent.ADVANCE_PAID: "先予支付已到账",
        ClaimEvent.ADVANCE_BOUNCED: "先予支付被银行退回,请核对收款账户",
        ClaimEvent.ADVANCE_SUFFICED: "先予支付已付清核定金额",
        ClaimEvent.POLICY_ENDED: "保单状态有变化,由理赔人员审核",
        ClaimEvent.CONSENT_GIVEN: "已记录您的单独同意",
        ClaimEvent.CONSENT_WITHDRAWN: "您已撤回同意,我们会与您联系",
    }
)
"""The events that the insured reads, in their words; a decision appears once it has been acknowledged."""
_ANNOUNCING = frozenset({ClaimEvent.ACKNOWLEDGED, ClaimEvent.REFUSAL_NOTICE_ISSUED})
_TOLD_WITH_REASON = frozenset({ClaimEvent.SUPPLEMENT_REQUESTED, ClaimEvent.COMPLAINT_ANSWERED})
"""Staff's words that are meant for the claimant."""
_OF_IDENTITY = frozenset({ClaimEvent.IDENTITY_REQUESTED, ClaimEvent.IDENTITY_PROVED})
_OVER = frozenset({ClaimStatus.PAID, ClaimStatus.CLOSED, ClaimStatus.WITHDRAWN})


class Told(NamedTuple):
    """One line of the history as the insured reads it."""

    entry: HistoryEntry
    text_zh: str
    reason_code: str | None
    reason: str | None


def as_announced(claim: Claim) -> Claim:
    """Give the claim as its insured may know it."""
    if claim.status is ClaimStatus.DECIDED:
        undecided = claim.round.model_copy(update=UNDECIDED)
        update = {"status": ClaimStatus.IN_REVIEW, "rounds": claim.with_round(undecided)}
        return claim.model_copy(update=update)
    return claim


def announced_assessment(claim: Claim) -> Assessment | None:
    """The assessment explains a decision, so it shows with it."""
    return None if as_announced(claim).decision is Decision.PENDING else claim.assessment


def announced_advances(claim: Claim) -> list[Advance]:
    """An advance shows from its acknowledgement on, until it lapses."""
    return [a for r in claim.rounds for a in r.advances if r.state_of(a) in COMMITTED]


def told(history: Iterable[HistoryEntry]) -> Iterator[Told]:
    """Say what the insured may know: staff's own reasons stay inside, those of a decision come with its news."""
    decided: HistoryEntry | None = None
    for entry in history:
        if entry.event is ClaimEvent.DECIDED:
            decided = entry
        if entry.event not in TOLD_ZH or entry.is_of_beneficiary:
            continue
        source = decided if entry.event in _ANNOUNCING else None if _is_internal(entry) else entry
        yield Told(
            entry,
            TOLD_ZH[entry.event],
            source.reason_code if source else None,
            source.reason if source else None,
        )


def identity_wanted(claim: Claim, history: Iterable[HistoryEntry]) -> bool:
    """Read from the history: the last word on the payee's identity is our question."""
    asked = [entry.event for entry in history if entry.event in _OF_IDENTITY and not entry.is_of_beneficiary]
    return asked[-1:] == [ClaimEvent.IDENTITY_REQUESTED] and claim.status not in _OVER


def _is_internal(entry: HistoryEntry) -> bool:
    return entry.by.kind is ActorKind.STAFF and entry.event not in _TOLD_WITH_REASON
