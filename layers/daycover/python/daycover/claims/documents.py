"""Which documents (理赔材料) a claim needs, and which of them are still missing."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from pydantic import BaseModel


class ClaimType(StrEnum):
    """The benefit (保险责任) that is claimed. One accident may claim several."""

    MEDICAL = "MEDICAL"  # 意外医疗
    HOSPITAL = "HOSPITAL"  # 住院津贴
    LOST_INCOME = "LOST_INCOME"  # 误工津贴
    DISABILITY = "DISABILITY"  # 意外伤残
    DEATH = "DEATH"  # 意外身故
    SUDDEN_DEATH = "SUDDEN_DEATH"  # 猝死
    AMBULANCE = "AMBULANCE"  # 救护车


DEATH_BENEFITS = frozenset({ClaimType.DEATH, ClaimType.SUDDEN_DEATH})
"""What is paid to beneficiaries (受益人): the insured has died."""


class DocumentType(StrEnum):
    """A kind of document. Cremation and burial papers are not among them: to ask for them is improper."""

    CLAIM_FORM = "CLAIM_FORM"  # 保险金给付申请书
    POLICY = "POLICY"  # 保单
    APPLICANT_ID = "APPLICANT_ID"  # 身份证明
    PAYEE_ACCOUNT = "PAYEE_ACCOUNT"  # 收款账户
    ACCIDENT_STATEMENT = "ACCIDENT_STATEMENT"  # 事故经过
    CHECK_IN_RECORD = "CHECK_IN_RECORD"  # 打卡记录
    INJURY_PHOTO = "INJURY_PHOTO"  # 现场或伤情照片
    POLICE_FINDING = "POLICE_FINDING"  # 交警认定书
    COMPANY_PROOF = "COMPANY_PROOF"  # 用工单位证明
    MEDICAL_RECORD = "MEDICAL_RECORD"  # 病历
    DIAGNOSIS = "DIAGNOSIS"  # 诊断证明
    INVOICE = "INVOICE"  # 发票
    EXPENSE_LIST = "EXPENSE_LIST"  # 费用清单
    SPLIT_SHEET = "SPLIT_SHEET"  # 分割单
    ADMISSION_RECORD = "ADMISSION_RECORD"  # 出入院记录
    SICK_LEAVE_CERTIFICATE = "SICK_LEAVE_CERTIFICATE"  # 病休证明
    DISABILITY_APPRAISAL = "DISABILITY_APPRAISAL"  # 伤残鉴定书
    DEATH_CERTIFICATE = "DEATH_CERTIFICATE"  # 死亡证明
    HOUSEHOLD_CANCELLATION = "HOUSEHOLD_CANCELLATION"  # 户籍注销证明
    COURT_DECLARATION = "COURT_DECLARATION"  # 宣告死亡
    RELATION_PROOF = "RELATION_PROOF"  # 关系证明
    AUTOPSY_REPORT = "AUTOPSY_REPORT"  # 死因鉴定报告
    POWER_OF_ATTORNEY = "POWER_OF_ATTORNEY"  # 授权委托书


class Need(StrEnum):
    """How much a claim needs a document."""

    REQUIRED = "REQUIRED"
    CONDITIONAL = "CONDITIONAL"
    """Needed only where the requirement's condition is met."""
    AUTOMATIC = "AUTOMATIC"
    """Our own system holds it; the claimant is never asked."""


class DocumentStatus(StrEnum):
    """Where one document of a claim stands."""

    REQUIRED = "REQUIRED"
    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    WAIVED = "WAIVED"
    REPLACED = "REPLACED"
    """The claimant sent a better one in its place."""


class Requirement(BaseModel, frozen=True, defer_build=True):
    """One line of a claim's checklist, in words for the claimant."""

    doc_type: DocumentType
    need: Need
    name_zh: str
    condition_zh: str | None
    """When a CONDITIONAL document is needed; None for the other needs."""
    condition_en: str | None


_STRICTEST_FIRST = (Need.REQUIRED, Need.CONDITIONAL, Need.AUTOMATIC)
_SETTLED = frozenset({DocumentStatus.RECEIVED, DocumentStatus.ACCEPTED, DocumentStatus.WAIVED})

_D = DocumentType
_R, _C, _A, __ = Need.REQUIRED, Need.CONDITIONAL, Need.AUTOMATIC, None
_COLUMNS = (
    ClaimType.MEDICAL, ClaimType.HOSPITAL, ClaimType.LOST_INCOME, ClaimType.DISABILITY, ClaimType.DEATH,
    ClaimType.SUDDEN_DEATH, ClaimType.AMBULANCE,
)  # fmt: skip

# A worker's own notice comes from the app, under the identity that the work card proved, and the payee is
# the worker's wallet: form, statement, ID and account are there already. A death is claimed by somebody
# else, of whom nothing is proved yet. A worker who was never admitted has no admission record and may still
# claim lost income. The ambulance column is ours: its benefit is the actual cost, so the invoice proves it.
_TABLE: tuple[tuple[DocumentType, tuple[Need | None, ...], str, str | None], ...] = (
    #                            med hos los dis dea sud amb
    (_D.CLAIM_FORM,             (_A, _A, _A, _A, _R, _R, _A), "保险金给付申请书", None),
    (_D.POLICY,                 (_A, _A, _A, _A, _A, _A, _A), "电子保单", None),
    (_D.APPLICANT_ID,           (_A, _A, _A, _A, _R, _R, _A), "申请人身份证明", None),
    (_D.PAYEE_ACCOUNT,          (_A, _A, _A, _A, _R, _R, _A), "收款人本人名下的账户", None),
    (_D.ACCIDENT_STATEMENT,     (_A, _A, _A, _A, _A, _A, _A), "事故经过（时间、地点）", None),
    (_D.CHECK_IN_RECORD,        (_A, _A, _A, _A, _A, _A, _A), "打卡记录和项目名册", None),
    (_D.INJURY_PHOTO,           (_C, _C, _C, _C, _C, _C, _C), "现场或伤情照片", "如有照片"),
    (_D.POLICE_FINDING,         (_C, _C, _C, _C, _C, _C, _C), "交警认定书", "如属交通事故"),
    (_D.COMPANY_PROOF,          (_C, _C, _C, _C, _C, _C, _C), "用工单位证明", "如打卡记录不足以说明事故"),
    (_D.MEDICAL_RECORD,         (_R, _R, _R, _R, _C, _R, _C), "病历", "如曾就医"),
    (_D.DIAGNOSIS,              (_R, _R, _R, _R, _C, _R, __), "诊断证明", "如曾就医"),
    (_D.INVOICE,                (_R, __, __, __, __, __, _R), "发票（纸质原件或电子发票）", None),
    (_D.EXPENSE_LIST,           (_R, __, __, __, __, __, __), "费用清单", None),
    (_D.SPLIT_SHEET,            (_C, __, __, __, __, __, __), "其他赔付方的分割单", "如已有其他方赔付过"),
    (_D.ADMISSION_RECORD,       (_C, _R, _C, _C, _C, _C, __), "出入院记录", "如曾住院"),
    (_D.SICK_LEAVE_CERTIFICATE, (__, __, _R, __, __, __, __), "病休证明", None),
    (_D.DISABILITY_APPRAISAL,   (__, __, __, _R, __, __, __), "伤残鉴定书（JR/T 0083标准）", None),
    (_D.DEATH_CERTIFICATE,      (__, __, __, __, _R, _R, __), "死亡证明", None),
    (_D.HOUSEHOLD_CANCELLATION, (__, __, __, __, _R, _R, __), "户籍注销证明", None),
    (_D.COURT_DECLARATION,      (__, __, __, __, _C, __, __), "法院宣告死亡的判决书", "如由法院宣告死亡"),
    (_D.RELATION_PROOF,         (__, __, __, __, _R, _R, __), "与被保险人的关系证明", None),
    (_D.AUTOPSY_REPORT,         (__, __, __, __, _C, _C, __), "死因鉴定报告", "如已做死因鉴定"),
    (_D.POWER_OF_ATTORNEY,      (_C, _C, _C, _C, _C, _C, _C), "授权委托书及双方身份证明", "如委托他人办理"),
)  # fmt: skip
_CONDITIONS_EN = {
    "如有照片": "if there are any",
    "如属交通事故": "if it was a traffic accident",
    "如打卡记录不足以说明事故": "if the check-in record does not explain the accident",
    "如曾就医": "if a doctor was seen",
    "如已有其他方赔付过": "if somebody else has paid part",
    "如曾住院": "if there was a stay in hospital",
    "如由法院宣告死亡": "if a court declared the death",
    "如已做死因鉴定": "if the cause of death was examined",
    "如委托他人办理": "if somebody else acts for you",
}


def checklist(claim_types: Collection[ClaimType]) -> tuple[Requirement, ...]:
    """Give every document that a claim of these types needs, each once, in the order of the table.

    Where types differ the strictest need wins. Insurance Law art. 22 allows one request for documents,
    so the whole list is known before anybody is asked.
    """
    requirements = []
    for doc_type, needs, name_zh, condition_zh in _TABLE:
        claimed = {need for column, need in zip(_COLUMNS, needs, strict=True) if column in claim_types}
        need = next((need for need in _STRICTEST_FIRST if need in claimed), None)
        if need is not None:
            condition = condition_zh if need is Need.CONDITIONAL else None
            requirements.append(
                Requirement(
                    doc_type=doc_type,
                    need=need,
                    name_zh=name_zh,
                    condition_zh=condition,
                    condition_en=None if condition is None else _CONDITIONS_EN[condition],
                )
            )
    return tuple(requirements)


def missing(
    requirements: Collection[Requirement], statuses: Mapping[DocumentType, DocumentStatus]
) -> tuple[DocumentType, ...]:
    """Give the REQUIRED documents that are not received, accepted or waived, in the order given.

    A rejected one is missing again. A CONDITIONAL one never is: whoever finds its condition met passes a
    requirement that says REQUIRED.
    """
    return tuple(
        requirement.doc_type
        for requirement in requirements
        if requirement.need is Need.REQUIRED and statuses.get(requirement.doc_type) not in _SETTLED
    )


def document_name(doc_type: DocumentType) -> str:
    """Give the Chinese name of a kind of document."""
    return next(name_zh for known, _, name_zh, _ in _TABLE if known is doc_type)
