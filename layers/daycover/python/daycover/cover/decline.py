"""What a worker and the foreman read when a referral ended without cover: never a code alone, never silence."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from daycover.cover.decide_referral import ANOTHER_PERSON, DATA_LOCKED, ISSUED_TOO_LATE
from daycover.cover.referral import TIMED_OUT, Referral


class Words(NamedTuple):
    zh: str
    en: str


REASONS: Mapping[str, Words] = MappingProxyType(
    {
        TIMED_OUT: Words(
            "30 分钟内没有得到答复,申请已失效", "Nobody answered within 30 minutes, so the request has ended"
        ),
        "SUM_INSURED_LIMIT": Words(
            "您有效保单的保额合计已达上限,不能再出单",
            "Your sums insured in force have reached the limit, so no policy could be added",
        ),
        ISSUED_TOO_LATE: Words(
            "虽已批准,但未能及时出单", "It was approved, but no policy could be issued in time"
        ),
        "CONSENT_WITHDRAWN": Words("您已撤回同意", "You have withdrawn your consent"),
        ANOTHER_PERSON: Words("该微信账号属于另一人", "The WeChat account is another person's"),
        "AGE_OUT_OF_RANGE": Words(
            "保障开始时年龄不在可保范围内", "When cover begins the age is outside the insurable range"
        ),
        "MINOR_IN_HAZARDOUS_WORK": Words("未成年人不得从事该工种", "This work is not for minors"),
        DATA_LOCKED: Words(
            "您已申请删除个人信息,信息已锁定", "Your personal data is locked at your own request for erasure"
        ),
        "NOT_ON_SITE": Words("现场负责人没有见到您本人", "You were not found on site"),
        "PHOTO_DIFFERS": Words("证件照片与本人不符", "The photo on the document is of somebody else"),
        "DOCUMENT_INVALID": Words("证件无效或已过期", "The document is not valid or has expired"),
        "CERTIFICATE_MISSING": Words(
            "没有有效的特种作业操作证", "There is no valid special-operation certificate"
        ),
        "ROUTE_NOT_INSURED": Words("该路线或车型不予承保", "This route or vehicle is not insured"),
        "WORK_NOT_INSURED": Words("该项作业不予承保", "This work is not insured"),
    }
)
"""By reason code, of the site and of staff. Staff may send others; the worker then reads that the insurer did not
approve."""
NOT_APPROVED = Words("保险公司未批准", "The insurer did not approve it")


def reason_words(referral: Referral, now: datetime) -> Words | None:
    """Give the reason alone, None where it is not declined."""
    code = referral.declined_for(now)
    return None if code is None else REASONS.get(code, NOT_APPROVED)


def decline_words(referral: Referral, now: datetime) -> Words | None:
    """Give the sentences for a declined referral, with the occupation's reason where that is why it was asked."""
    reason = reason_words(referral, now)
    if reason is None:
        return None
    zh, en = reason
    work = referral.referred_work
    because_zh = f"该工种须人工核保:{work.reason_zh}。" if work else ""
    because_en = f"Why this work is referred: {work.reason_en}. " if work else ""
    return Words(
        f"{zh}。{because_zh}目前没有保障,请勿开工;可以重新申请。",
        f"{en}. {because_en}There is no cover now: do not start work. You may ask again.",
    )
