"""Separate consents at the claim (理赔单独同意): health data, bank account, face, each by itself.

Sensitive data need a consent of their own that names recipient, purpose, kinds, why it is necessary and what it does
to the person (PIPL art. 28 to 30), and that can be withdrawn (art. 15, 16). What was lawful before stays so. The
record stands on the claim: which text, by its hash, when, by whom, on which way.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from pydantic import BaseModel

from daycover.claims.documents import DocumentType
from daycover.cover.disclosure import HOTLINE, INSURER, INSURER_EN
from daycover.errors import DaycoverError, ErrorKind
from daycover.identity.consent import ConsentTextChangedError

CLAIM_TEXTS_VERSION = "2026-11"


class ClaimConsentKind(StrEnum):
    HEALTH_DATA = "HEALTH_DATA"  # 医疗健康信息
    BANK_ACCOUNT = "BANK_ACCOUNT"  # 银行账户
    FACE = "FACE"  # 人脸核验


class ConsentWay(StrEnum):
    """How a consent was given."""

    APP = "APP"  # 小程序
    PHONE = "PHONE"  # 电话


class ClaimConsentMissingError(DaycoverError):
    """The claim lacks the separate consent that this data needs, or it was withdrawn.

    The report of the accident stands, and nothing is refused by it.

    What to do: Show the text of `consent` (in `consents` of the claim), and give it with
    `POST /v1/claims/{claim_no}/consents`; staff may record one that was given by phone.
    含义:赔案缺少处理这类信息所需的单独同意,或同意已撤回;报案仍然有效,不会因此拒赔。
    处理:展示赔案 `consents` 中对应的文本,同意后提交 `POST /v1/claims/{claim_no}/consents`;
    也可由工作人员登记电话同意。
    """

    kind = ErrorKind.CONFLICT
    title = "需要您的单独同意", "Your separate consent is needed"
    detail = (
        "处理这类信息需要单独同意:{consent}。请阅读并同意后再试;不同意不影响报案,可致电理赔热线。",
        "This data needs a separate consent: {consent}. Read it and give it, then try again; without it your "
        "report still stands, and you can call the claims hotline.",
    )


class FaceConsentMissingError(DaycoverError):
    """The insured has not consented to a face check, or withdrew it; there is another way.

    What to do: Give `FACE` with `POST /v1/claims/{claim_no}/consents`; or decline it, and have two members of staff
    see the document (`POST /v1/staff/claims/{claim_no}/identity-confirmation`).
    含义:被保险人没有同意人脸核验,或已撤回同意;可以用其他方式核验。
    处理:以 `POST /v1/claims/{claim_no}/consents` 同意 `FACE`;不愿刷脸的,由两名工作人员核对证件
    (`POST /v1/staff/claims/{claim_no}/identity-confirmation`)。
    """

    kind = ErrorKind.CONFLICT
    title = "刷脸需要您的单独同意", "A face check needs your separate consent"
    detail = (
        "刷脸核验需要单独同意:{consent}。不愿刷脸的,可凭身份证件由两名工作人员核对,请致电理赔热线。",
        "A face check needs a separate consent: {consent}. If you do not want one, two of our staff can see your "
        "identity document instead: call the claims hotline.",
    )


class HealthConsentWithdrawnError(DaycoverError):
    """The claimant has withdrawn the consent to use health data: nobody refuses the claim, or opens its papers, for
    that.

    What to do: Talk to the claimant; go on once the consent is given again, or pay what is known. A document opens
    for a duty of law that is named (`legal_ground`).
    含义:当事人已撤回医疗健康信息的同意,不得因此拒赔,也不得再查阅材料。
    处理:与当事人沟通;重新同意后继续,或按已查明部分赔付。确有法定职责的,以 `legal_ground` 说明后查阅。
    """

    kind = ErrorKind.CONFLICT
    title = "当事人已撤回医疗健康信息的同意", "The consent to use health data was withdrawn"
    detail = (
        "请与当事人沟通。撤回同意不是拒赔的理由;材料仅在有法定职责时查阅。",
        "Talk to the claimant. A withdrawal is no ground to refuse, and papers open for a duty of law only.",
    )


class ClaimConsentText(BaseModel, frozen=True, defer_build=True):
    """One text as shown or read out."""

    kind: ClaimConsentKind
    version: str
    text: str
    text_en: str
    """The same in English, an explanation without force: the Chinese text is what is accepted."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


class ClaimConsent(BaseModel, frozen=True, defer_build=True):
    """One consent of one claim. A withdrawn one stays; giving it again adds another.

    `by` and `withdrawn_by` are `WORKER:<id>` or `STAFF:<id>`, who recorded what was said on the phone.
    """

    kind: ClaimConsentKind
    version: str
    sha256: str
    way: ConsentWay
    by: str
    shown_at: datetime
    given_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None


class Accepted(NamedTuple):
    """A text that somebody said yes to, by its hash, and when it was shown or read to them."""

    kind: ClaimConsentKind
    sha256: str
    shown_at: datetime


_RIGHTS = (
    f"您可以随时在赔案页面或致电{HOTLINE}逐项撤回本同意;撤回前已进行的处理仍然有效,依法须保存的资料继续保存但不再另作他用。"
    "不同意或撤回不影响您报案,也不会成为拒赔的理由"
)
_TEXTS: Mapping[ClaimConsentKind, str] = MappingProxyType(
    {
        ClaimConsentKind.HEALTH_DATA: (
            f"医疗健康信息单独同意书:我单独同意{INSURER}(电话{HOTLINE})为核定本次赔案,处理我提交的病历、诊断证明、"
            "检查检验和出入院资料、医疗费票据和费用清单、病休证明、伤残鉴定、伤情照片等医疗健康信息,包括收集、保存、"
            "向票据查验平台核验真伪、由理赔人员查阅和计算赔款。必要性:没有这些资料无法确认伤情、费用和赔付金额。"
            "对我的影响:这些信息属于敏感个人信息,泄露可能影响我的名誉和就业,因此加密保存,只由理赔岗位人员查阅并逐次留痕,"
            f"不提供给用工单位。{_RIGHTS},但没有资料时我们只能先由工作人员与您联系。"
        ),
        ClaimConsentKind.BANK_ACCOUNT: (
            f"银行账户单独同意书:我单独同意{INSURER}(电话{HOTLINE})为向我支付本次赔款,处理我本人的户名、银行账号和开户行,"
            "并提供给办理付款的银行。必要性:赔款超过微信零钱限额或零钱支付失败时,没有账户无法付款。"
            "对我的影响:账户信息属于敏感个人信息,泄露可能危及财产安全,因此加密保存,页面只显示后四位。"
            f"{_RIGHTS};已达成赔付协议的赔款仍按协议支付。"
        ),
        ClaimConsentKind.FACE: (
            f"人脸核验单独同意书:我单独同意{INSURER}(电话{HOTLINE})在支付较大金额赔款前,通过微信支付微工卡核验我的人脸,"
            "以确认领款人是我本人;人脸图像由微工卡处理,我们只接收核验结果,不保存人脸图像。"
            "必要性:防止赔款被他人冒领。对我的影响:人脸属于生物识别信息,泄露可能危及人身和财产安全。"
            f"我也可以不刷脸:凭身份证件由两名工作人员核对,效果相同。{_RIGHTS}。"
        ),
    }
)
_RIGHTS_EN = (
    f"I may withdraw this, by itself, on the claim's page or at {HOTLINE} at any time; what was done before stands, "
    "and what the law makes us keep is kept and used for nothing else. Not agreeing, or withdrawing, hinders no "
    "report and is no ground to refuse a claim"
)
_TEXTS_EN: Mapping[ClaimConsentKind, str] = MappingProxyType(
    {
        ClaimConsentKind.HEALTH_DATA: (
            f"Health data. I separately agree that {INSURER_EN} (phone {HOTLINE}), to decide this claim, processes "
            "the health data that I hand in: medical records, diagnoses, examinations, hospital papers, medical bills "
            "and lists of expenses, sick-leave certificates, disability appraisals, pictures of the injury. That is: "
            "collects and keeps them, asks the bills' platforms whether they are genuine, lets claims staff read them "
            "and computes the payment. Why it is needed: without them nobody can establish injury, cost and amount. "
            "What it means for me: they are sensitive; a leak could harm my reputation and my work, so they are "
            "stored encrypted, read by claims staff alone with each look recorded, and not given to the employer. "
            f"{_RIGHTS_EN}, but without papers all we can do is to talk to you first."
        ),
        ClaimConsentKind.BANK_ACCOUNT: (
            f"Bank account. I separately agree that {INSURER_EN} (phone {HOTLINE}), to pay me this claim, processes "
            "my account's holder, number and bank, and gives them to the bank that pays. Why it is needed: above the "
            "limit of a WeChat balance, or where that payment fails, nothing can be paid without an account. What it "
            "means for me: it is sensitive; a leak could endanger my property, so it is stored encrypted and pages "
            f"show its last four digits alone. {_RIGHTS_EN}; what was agreed to is paid as agreed."
        ),
        ClaimConsentKind.FACE: (
            f"Face check. I separately agree that {INSURER_EN} (phone {HOTLINE}), before a large payment, has my face "
            "checked by WeChat Pay's work card, to see that whoever is paid is myself; the work card handles the "
            "picture, we receive the result alone and keep no picture. Why it is needed: so that nobody else takes the "
            "money. What it means for me: a face is biometric data; a leak could endanger my person and property. I "
            f"may do without: two members of staff see my document instead, to the same effect. {_RIGHTS_EN}."
        ),
    }
)
CLAIM_TEXTS: Sequence[ClaimConsentText] = tuple(
    ClaimConsentText(kind=kind, version=CLAIM_TEXTS_VERSION, text=text, text_en=_TEXTS_EN[kind])
    for kind, text in _TEXTS.items()
)
"""The current texts, in the order they are shown."""
WITHOUT_HEALTH_DATA = frozenset(
    {
        DocumentType.POLICY,
        DocumentType.APPLICANT_ID,
        DocumentType.PAYEE_ACCOUNT,
        DocumentType.CHECK_IN_RECORD,
        DocumentType.HOUSEHOLD_CANCELLATION,
        DocumentType.RELATION_PROOF,
        DocumentType.POWER_OF_ATTORNEY,
    }
)
"""Papers of identity, account and relation; every other one speaks, or may speak, of somebody's health."""


def consent_for(doc_type: DocumentType) -> ClaimConsentKind | None:
    """Give the consent without which a paper of this type is not taken."""
    if doc_type is DocumentType.PAYEE_ACCOUNT:
        return ClaimConsentKind.BANK_ACCOUNT
    return None if doc_type in WITHOUT_HEALTH_DATA else ClaimConsentKind.HEALTH_DATA


def standing(consents: Iterable[ClaimConsent], kind: ClaimConsentKind) -> ClaimConsent | None:
    """Give the consent of a kind that stands."""
    return next((consent for consent in consents if consent.kind is kind and consent.stands), None)


def is_withdrawn(consents: Collection[ClaimConsent], kind: ClaimConsentKind) -> bool:
    """Whether it was given, and does not stand any more."""
    return any(consent.kind is kind for consent in consents) and standing(consents, kind) is None


def wanted(consents: Collection[ClaimConsent]) -> tuple[ClaimConsentText, ...]:
    """Give the texts that are not consented to."""
    return tuple(text for text in CLAIM_TEXTS if standing(consents, text.kind) is None)


def require(consents: Collection[ClaimConsent], kind: ClaimConsentKind | None) -> None:
    """Raises ClaimConsentMissingError, for a face FaceConsentMissingError."""
    if kind is None or standing(consents, kind) is not None:
        return
    if kind is ClaimConsentKind.FACE:
        raise FaceConsentMissingError(consent=kind.value)
    raise ClaimConsentMissingError(consent=kind.value)


def given(
    consents: Sequence[ClaimConsent], accepted: Accepted, by: str, way: ConsentWay, at: datetime
) -> tuple[ClaimConsent, ...]:
    """Add a consent; one of its kind that stands stays as it is. Raises ConsentTextChangedError."""
    text = next(text for text in CLAIM_TEXTS if text.kind is accepted.kind)
    if text.sha256 != accepted.sha256:
        raise ConsentTextChangedError(kind=accepted.kind)
    if standing(consents, accepted.kind) is not None:
        return tuple(consents)
    consent = ClaimConsent(
        kind=text.kind,
        version=text.version,
        sha256=text.sha256,
        way=way,
        by=by,
        shown_at=accepted.shown_at,
        given_at=at,
    )
    return (*consents, consent)


def given_with_report(
    consents: Sequence[ClaimConsent], accepted: Iterable[Accepted], by: str, way: ConsentWay, at: datetime
) -> tuple[ClaimConsent, ...]:
    """Add what came with a report; an outdated text is left out, for a report is never refused for a consent."""
    known = tuple(consents)
    for one in accepted:
        try:
            known = given(known, one, by, way, at)
        except ConsentTextChangedError:
            continue
    return known


def withdrawn(
    consents: Sequence[ClaimConsent], kind: ClaimConsentKind, by: str, at: datetime
) -> tuple[ClaimConsent, ...]:
    """Give the consents with what stands of this kind withdrawn."""
    update = {"withdrawn_at": at, "withdrawn_by": by}
    return tuple(
        consent.model_copy(update=update) if consent.kind is kind and consent.stands else consent
        for consent in consents
    )
