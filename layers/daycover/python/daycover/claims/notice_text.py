"""Makes notices: the facts of a request or a decision, and their text, by pure functions.

Sources: Insurance Law art. 22 (one request for everything), 23 (result), 24 (refusal with its reasons).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from daycover.china_time import CHINA
from daycover.claims.adjudication import Assessment
from daycover.claims.claim import Claim
from daycover.claims.documents import ClaimType, DocumentType, document_name
from daycover.claims.lifecycle import REFUSING_DECISIONS, Decision
from daycover.claims.notice import (
    AskedDocument,
    BenefitAmount,
    Notice,
    NoticeFact,
    NoticeKind,
    NoticeRecipient,
    notice_number,
)
from daycover.cover.disclosure import HOTLINE, INSURER

_K, _C = NoticeKind, ClaimType
TITLE_ZH: Mapping[NoticeKind, str] = MappingProxyType(
    {
        _K.PAPERS_REQUEST: "补充索赔材料一次性通知书",
        _K.REFUSAL: "拒绝给付保险金通知书",
        _K.PARTIAL_REFUSAL: "部分拒绝给付保险金通知书",
        _K.RESULT: "理赔核定结果通知书",
    }
)
LEGAL_BASIS_ZH: Mapping[NoticeKind, str] = MappingProxyType(
    {
        _K.PAPERS_REQUEST: "《中华人民共和国保险法》第二十二条;最高人民法院保险法司法解释(二)第十五条",
        _K.REFUSAL: "《中华人民共和国保险法》第二十四条",
        _K.PARTIAL_REFUSAL: "《中华人民共和国保险法》第二十三条、第二十四条",
        _K.RESULT: "《中华人民共和国保险法》第二十三条",
    }
)
BENEFIT_ZH: Mapping[ClaimType, str] = MappingProxyType(
    {
        _C.MEDICAL: "意外医疗",
        _C.HOSPITAL: "住院津贴",
        _C.LOST_INCOME: "误工津贴",
        _C.DISABILITY: "意外伤残",
        _C.DEATH: "意外身故",
        _C.SUDDEN_DEATH: "猝死",
        _C.AMBULANCE: "救护车费用",
    }
)
DISPUTE_ZH = (
    "对本通知有异议的,可在小程序的赔案页提出异议或投诉,也可致电我公司要求复核;"
    "仍有异议的,可拨打 12378 向金融监管部门反映,申请调解,或依法申请仲裁、提起诉讼。"
    "请求给付保险金的诉讼时效为二年,自知道或者应当知道保险事故发生之日起计算。"
)
CONTACT_ZH = f"{INSURER} 理赔电话 {HOTLINE}"


def papers_request(claim: Claim, wanted: Iterable[DocumentType], reason: str, at: datetime) -> Notice:
    """Make the one request for everything that is missing."""
    documents = tuple(AskedDocument(doc_type=kind, name=document_name(kind)) for kind in wanted)
    return _rendered(_notice(claim, NoticeKind.PAPERS_REQUEST, at, reason=reason, documents=documents))


def kind_of_decision(decision: Decision, amounts: Iterable[BenefitAmount]) -> NoticeKind:
    """Say which notice a decision needs: a claimed benefit that gets nothing is refused in part."""
    if decision in REFUSING_DECISIONS:
        return NoticeKind.REFUSAL
    if decision is Decision.PARTIAL or any(amount.gets_nothing for amount in amounts):
        return NoticeKind.PARTIAL_REFUSAL
    return NoticeKind.RESULT


def decision_notice(
    claim: Claim,
    fen: Mapping[ClaimType, int],
    proposed: Mapping[ClaimType, int],
    reason: str | None,
    at: datetime,
) -> Notice:
    """Make the notice of what was decided: `fen` by benefit, beside what was `proposed` for this round, and the
    words of whoever decided. What earlier rounds decided is said too, and is no refusal now.
    """
    benefits = dict.fromkeys((*claim.claim_types, *fen))
    amounts = tuple(_amount(claim, t, fen.get(t, 0), proposed.get(t, 0), reason) for t in benefits)
    kind = kind_of_decision(claim.decision, amounts)
    return _rendered(
        _notice(claim, kind, at, amounts=amounts, total_fen=claim.amount_fen or 0, reason=reason)
    )


def automatic_notice(claim: Claim, fact: NoticeFact, assessment: Assessment) -> Notice:
    """Render the notice of an automatic approval, which pays all that was computed."""
    amounts = tuple(
        BenefitAmount(claim_type=line.claim_type, amount_fen=line.amount_fen) for line in assessment.lines
    )
    made = _notice(claim, fact.kind, fact.made_at, amounts=amounts, total_fen=assessment.total_fen)
    return _rendered(made.model_copy(update={"number": fact.number}))


def fact_of(notice: Notice, told_by: int | None) -> NoticeFact:
    return NoticeFact(number=notice.number, kind=notice.kind, made_at=notice.made_at, told_by=told_by)


def _amount(
    claim: Claim, claim_type: ClaimType, fen: int, proposed_fen: int, reason: str | None
) -> BenefitAmount:
    """Say why a benefit gets nothing, or less than was computed: what the terms gave, or else who decided."""
    held = claim.held_before.benefits.get(claim_type)
    before_fen = held.fen if held else 0
    lines = claim.assessment.lines if claim.assessment else ()
    found = next((line for line in lines if line.claim_type is claim_type), None)
    why = None
    if fen < proposed_fen or (fen == 0 and before_fen == 0):
        is_terms = found is not None and found.amount_fen == 0 and claim.decision not in REFUSING_DECISIONS
        why = found.explanation_zh.rstrip("。") if found is not None and is_terms else reason
    return BenefitAmount(claim_type=claim_type, amount_fen=fen, paid_before_fen=before_fen, reason=why)


def _notice(
    claim: Claim,
    kind: NoticeKind,
    at: datetime,
    *,
    amounts: tuple[BenefitAmount, ...] = (),
    total_fen: int | None = None,
    reason: str | None = None,
    documents: tuple[AskedDocument, ...] = (),
) -> Notice:
    return Notice(
        number=notice_number(claim.claim_no, claim.round.number, claim.round.notices),
        kind=kind,
        claim_no=claim.claim_no,
        policy_no=claim.policy.policy_no,
        addressee=NoticeRecipient.BENEFICIARIES if claim.goes_to_beneficiaries else NoticeRecipient.INSURED,
        insured_name=claim.policy.insured_name,
        accident_at=claim.accident.occurred_at,
        made_at=at,
        amounts=amounts,
        total_fen=total_fen,
        reason=reason,
        documents=documents,
        legal_basis=LEGAL_BASIS_ZH[kind],
        how_to_dispute=DISPUTE_ZH,
        contact=CONTACT_ZH,
    )


def _rendered(notice: Notice) -> Notice:
    return notice.model_copy(update={"text": render(notice)})


def render(notice: Notice) -> str:
    """Give the text of a notice from its facts alone, days in +08:00."""
    addressee = (
        f"{notice.insured_name}的受益人"
        if notice.addressee is NoticeRecipient.BENEFICIARIES
        else notice.insured_name
    )
    lines = [
        TITLE_ZH[notice.kind],
        f"编号:{notice.number}",
        f"{addressee}:",
        f"您就保单 {notice.policy_no} 项下 {_day(notice.accident_at)} 发生的事故提出的理赔申请"
        f"(赔案号 {notice.claim_no})," + _opening(notice),
        *_body(notice),
        f"依据:{notice.legal_basis}。",
        notice.how_to_dispute if notice.kind is not NoticeKind.PAPERS_REQUEST else _PAPERS_PAUSE,
        f"联系我们:{notice.contact}",
        f"{INSURER}  {_day(notice.made_at)}",
    ]
    return "\n".join(lines)


_PAPERS_PAUSE = (
    "请尽快提交。自本通知送达您之日起至上述材料到齐之日止,不计入三十日核定期限。您已提交的材料无需重复提交。"
)


def _opening(notice: Notice) -> str:
    return {
        NoticeKind.PAPERS_REQUEST: "经审核,还需要您补充以下材料。我们一次性告知如下:",
        NoticeKind.REFUSAL: "经核定,不属于应当给付保险金的情形,我公司不能给付。理由如下:",
        NoticeKind.PARTIAL_REFUSAL: "经核定,部分申请不能给付。给付金额和理由如下:",
        NoticeKind.RESULT: "经核定,给付金额如下:",
    }[notice.kind]


def _body(notice: Notice) -> list[str]:
    if notice.kind is NoticeKind.PAPERS_REQUEST:
        asked = [f"{n}. {document.name}" for n, document in enumerate(notice.documents, 1)]
        return [*asked, *([f"说明:{notice.reason}"] if notice.reason else [])]
    said = [f"理由:{notice.reason}"] if notice.reason else []
    lines = [_line(amount, notice) for amount in notice.amounts]
    if notice.kind is NoticeKind.REFUSAL:
        return [*said, *lines]
    return [*lines, f"合计:{_yuan(notice.total_fen or 0)}", *said]


def _line(amount: BenefitAmount, notice: Notice) -> str:
    gets = f"给付 {_yuan(amount.amount_fen)}" if amount.amount_fen else "不予给付"
    if amount.paid_before_fen:
        gets = f"此前已核定 {_yuan(amount.paid_before_fen)},本次给付 {_yuan(amount.amount_fen)}"
    is_said = amount.reason is None or amount.reason == notice.reason
    return f"{BENEFIT_ZH[amount.claim_type]}:{gets}" + ("" if is_said else f"({amount.reason})")


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d} 元"


def _day(instant: datetime) -> str:
    day = instant.astimezone(CHINA)
    return f"{day.year}年{day.month}月{day.day}日"
