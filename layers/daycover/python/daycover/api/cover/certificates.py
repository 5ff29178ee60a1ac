"""Answers about certificates: JSON for machines, words for the two pages."""

import base64
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from daycover.api.cover.terms import TermsReferenceView
from daycover.china_time import CHINA
from daycover.cover.certificate import Certificate, CertificateVerdict, PublicKey
from daycover.cover.certify import IssuedCertificate, Verification
from daycover.cover.disclosure import (
    HOTLINE,
    INSURER,
    INSURER_ADDRESS,
    INSURER_NAME,
    benefits_text,
    exclusions_of,
    yuan,
)
from daycover.cover.master_policy import master_of
from daycover.cover.policy import PolicyStatus
from daycover.cover.terms import TermsReference, terms
from daycover.platform.http import View

SUBJECT_ZH = "被保险人的身体和生命"
AS_IN_MASTER_POLICY = "以总保单记载为准"


class ContractView(View):
    """What a certificate has to say beside its code (Insurance Law art. 18); for the insured alone."""

    insurer: str
    insurer_address: str
    hotline: str
    policyholder: str | None
    """None, with its address, where the master policy alone names it."""
    policyholder_credit_code: str | None
    policyholder_address: str | None
    master_policy_no: str
    insured: str
    """The full name."""
    designated: int
    """How many beneficiaries of the death benefit are designated; 0: the legal heirs."""
    beneficiary: str
    subject: str
    project: str | None
    """The work's project and, below, whom it is done for and its occupation; None where it is no longer known."""
    employer: str | None
    occupation: str | None
    benefits: str
    exclusions: list[str]
    """Those of the terms, and those of the project's occupation."""
    occupation_class: int
    premium_fen: int
    premium: str
    payment: str
    disputes: str
    concluded_at: datetime
    terms: TermsReferenceView

    @classmethod
    def of(cls, issued: IssuedCertificate, refer: Callable[[str], TermsReference]) -> "ContractView":
        """`refer` says of a version of the terms where it is read."""
        policy, company, whole = issued.policy, issued.policyholder, terms(issued.plan.terms)
        project = issued.project
        return cls(
            insurer=INSURER_NAME,
            insurer_address=INSURER_ADDRESS,
            hotline=HOTLINE,
            policyholder=company.name if company else None,
            policyholder_credit_code=company.credit_code if company else None,
            policyholder_address=company.address if company else None,
            master_policy_no=master_of(policy),
            insured=issued.insured,
            designated=issued.designated,
            beneficiary=_beneficiary(issued.designated),
            subject=SUBJECT_ZH,
            project=project.name if project else None,
            employer=project.employer_name if project else None,
            occupation=project.occupation_zh if project else None,
            benefits=benefits_text(issued.plan),
            exclusions=exclusions_of(project, issued.plan),
            occupation_class=policy.occupation_class,
            premium_fen=policy.premium_fen,
            premium=whole.clause("PREMIUM").zh,
            payment=whole.clause("PAYMENT").zh,
            disputes=whole.clause("DISPUTE").zh,
            concluded_at=policy.issued_at,
            terms=TermsReferenceView.of(refer(issued.plan.terms)),
        )


def _beneficiary(designated: int) -> str:
    death = f"被保险人指定的 {designated} 人" if designated else "未指定,为被保险人的法定继承人"
    return f"身故、猝死:{death};其他保险金:被保险人本人。"


class CertificateView(View):
    """A certificate as data; `link` is what its QR code holds."""

    policy_no: str
    start: datetime
    end: datetime
    plan_id: str
    plan_version: str
    sum_insured_fen: int
    insured_name: str
    issued_at: datetime
    credential: str
    link: str
    contract: ContractView

    @classmethod
    def of(
        cls, issued: IssuedCertificate, link: str, refer: Callable[[str], TermsReference]
    ) -> "CertificateView":
        return cls(
            **_facts(issued.certificate),
            credential=issued.credential,
            link=link,
            contract=ContractView.of(issued, refer),
        )


class CertifiedView(View):
    """What a genuine certificate states, or our record of it where that is at hand."""

    policy_no: str
    start: datetime
    end: datetime
    plan_id: str
    plan_version: str
    sum_insured_fen: int
    insured_name: str
    issued_at: datetime


class CertificateVerificationView(View):
    """`status` is that of our record, null where `record_at_hand` is false; `in_force` is of this moment."""

    verdict: CertificateVerdict
    genuine: bool
    in_force: bool
    record_at_hand: bool
    status: PolicyStatus | None
    certificate: CertifiedView | None

    @classmethod
    def of(cls, verification: Verification) -> "CertificateVerificationView":
        certificate = verification.certificate
        return cls(
            verdict=verification.verdict,
            genuine=certificate is not None,
            in_force=verification.in_force,
            record_at_hand=verification.status is not None,
            status=verification.status,
            certificate=None if certificate is None else CertifiedView(**_facts(certificate)),
        )


class JwkView(View):
    """A public key (RFC 8037)."""

    kty: str = "OKP"
    crv: str = "Ed25519"
    use: str = "sig"
    alg: str = "EdDSA"
    kid: str
    x: str


class JwksView(View):
    keys: list[JwkView]

    @classmethod
    def of(cls, keys: Iterable[PublicKey]) -> "JwksView":
        return cls(keys=[JwkView(kid=key.key_id, x=key.x) for key in keys])


class Finding(NamedTuple):
    """What the verification page says first. `tone` is its CSS class: good, past or bad."""

    tone: str
    mark: str
    zh: str
    en: str
    advice_zh: str
    advice_en: str


_IN_FORCE = Finding(
    "good",
    "✓",
    "真实有效，保障中",
    "Genuine and in force",
    "发生意外请先救治，再报案。",
    "After an accident: get treated first, then report it.",
)
_ENDED = Finding(
    "past",
    "✓",
    "凭证真实，保障已结束",
    "Genuine; the cover has ended",
    "保障期间内发生的意外，仍可报案。",
    "Accidents within the period can still be reported.",
)
_NOT_BEGUN = Finding(
    "past",
    "✓",
    "凭证真实，保障尚未开始",
    "Genuine; the cover has not begun",
    "请以下方的保障期间为准。",
    "The period below says when it begins.",
)
_WITHDRAWN: Mapping[PolicyStatus, Finding] = MappingProxyType(
    {
        status: Finding(
            "bad",
            "!",
            f"凭证真实，但保单已{zh}",
            f"Genuine, but the policy was {en}",
            "目前没有保障；有疑问请电话查询。",
            "There is no cover now; if in doubt, ask by phone.",
        )
        for status, zh, en in (
            (PolicyStatus.CANCELLED, "撤销", "cancelled"),
            (PolicyStatus.TERMINATED, "终止", "terminated"),
            (PolicyStatus.VOIDED, "作废", "voided"),
        )
    }
)
_NOT_GENUINE: Mapping[CertificateVerdict, Finding] = MappingProxyType(
    {
        CertificateVerdict.FORGED: Finding(
            "bad",
            "✕",
            "不是真实的凭证",
            "Not genuine",
            "内容或签名与我们签发的不符。请重新完整扫码；仍是如此，请勿采信。",
            "Content or signature are not ours. Scan the whole code again; if this stays, do not rely on it.",
        ),
        CertificateVerdict.UNKNOWN_KEY: Finding(
            "bad",
            "?",
            "无法确认真伪",
            "Cannot be confirmed",
            "签名所用的密钥不在我们公布的密钥之中。请让持证人在小程序中重新出示凭证。",
            "It is signed with a key that we never published. Ask its holder to show it again in the app.",
        ),
    }
)


def certificate_page(
    issued: IssuedCertificate, link: str, code_svg: bytes, refer: Callable[[str], TermsReference]
) -> dict[str, str]:
    """The values of `certificate.html`."""
    contract = ContractView.of(issued, refer)
    code = contract.policyholder_credit_code
    return _words(issued.certificate) | {
        "insured_name": contract.insured,
        "brand": INSURER,
        "insurer": contract.insurer,
        "insurer_address": contract.insurer_address,
        "policyholder": (contract.policyholder or AS_IN_MASTER_POLICY) + (f"（{code}）" if code else ""),
        "policyholder_address": contract.policyholder_address or AS_IN_MASTER_POLICY,
        "master_policy_no": contract.master_policy_no,
        "beneficiary": contract.beneficiary,
        "subject": contract.subject,
        "project": contract.project or "—",
        "occupation": f"{contract.occupation or '—'}（{contract.occupation_class} 类）",
        "benefits": contract.benefits,
        "exclusions": "\n".join(f"{n}. {line}" for n, line in enumerate(contract.exclusions, start=1)),
        "premium_yuan": yuan(contract.premium_fen),
        "premium": contract.premium,
        "payment": contract.payment,
        "disputes": contract.disputes,
        "terms_name": contract.terms.name,
        "terms_version": contract.terms.version,
        "terms_sha256": contract.terms.sha256,
        "filing_no": contract.terms.filing_no,
        "terms_link": contract.terms.link,
        "link": link,
        "code": "data:image/svg+xml;base64," + base64.b64encode(code_svg).decode(),
    }


def verification_page(verification: Verification, now: datetime) -> tuple[str, dict[str, str]]:
    """Give the template of the page that fits, and its values."""
    checked = {"checked_at": _china(now), "hotline": HOTLINE}
    if verification.certificate is None:
        return "not_genuine.html", _NOT_GENUINE[verification.verdict]._asdict() | checked
    record = (
        ("未找到在线记录，仅核对了签名", "Record not at hand; checked by signature")
        if verification.status is None
        else ("已与保单记录核对", "Checked against our record")
    )
    values = {"record_zh": record[0], "record_en": record[1]} | _words(verification.certificate) | checked
    return "genuine.html", _finding(verification, verification.certificate, now)._asdict() | values


def _finding(verification: Verification, certificate: Certificate, now: datetime) -> Finding:
    if verification.status is not None and verification.status in _WITHDRAWN:
        return _WITHDRAWN[verification.status]
    if verification.in_force:
        return _IN_FORCE
    return _NOT_BEGUN if now < certificate.period.start else _ENDED


def _words(certificate: Certificate) -> dict[str, str]:
    return {
        "policy_no": certificate.policy_no,
        "insured_name": certificate.insured_name,
        "start": _china(certificate.period.start),
        "end": _china(certificate.period.end),
        "issued_at": _china(certificate.issued_at),
        "plan": f"{certificate.plan_id} · {certificate.plan_version}",
        "sum_insured": yuan(certificate.sum_insured_fen),
        "insurer": INSURER,
        "hotline": HOTLINE,
    }


def _facts(certificate: Certificate) -> dict[str, object]:
    facts = {name: value for name, value in certificate if name != "period"}
    return facts | {"start": certificate.period.start, "end": certificate.period.end}


def _china(instant: datetime) -> str:
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
