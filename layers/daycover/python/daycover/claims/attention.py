"""Why a person must look at a claim or a payment that should run by itself (待人工处理)."""

from enum import StrEnum

PAYEE_MISSING = "PAYEE_MISSING"
"""The reason code of a history line that says that a payout waits for an account."""


class Attention(StrEnum):
    """Each has its words on the staff pages; finance finds those of payments in the queue PAYOUT."""

    WORKFLOW_FAILED = "WORKFLOW_FAILED"  # 流程中断
    POLICY_NOT_STANDING = "POLICY_NOT_STANDING"  # 保单已失效
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"  # 已撤回同意
    PAYEE_MISSING = "PAYOUT_PAYEE_MISSING"  # 待填收款账户
    BENEFICIARY_MISSING = "PAYOUT_BENEFICIARY_MISSING"  # 受益人未确认
    ADVANCE_PENDING = "PAYOUT_ADVANCE_PENDING"  # 先予支付在途
    IDENTITY_REQUIRED = "PAYOUT_IDENTITY_REQUIRED"  # 待领款人核身
    NOT_ENOUGH = "PAYOUT_NOT_ENOUGH"  # 商户账户余额不足
    FAILED = "PAYOUT_FAILED"  # 支付失败
    BOUNCED = "PAYOUT_BOUNCED"  # 已退票
    UNKNOWN = "PAYOUT_UNKNOWN"  # 结果未知
    PENDING = "PAYOUT_PENDING"  # 迟迟未完成
    NOT_SENT = "PAYOUT_NOT_SENT"  # 未能提交
    ERROR = "PAYOUT_ERROR"  # 支付流程中断
