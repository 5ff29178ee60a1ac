"""What an operator may do for a company (岗位)."""

from enum import StrEnum


class OperatorRole(StrEnum):
    """An owner may do everything there."""

    OWNER = "OWNER"  # 负责人
    OPERATOR = "OPERATOR"  # 现场
    FINANCE = "FINANCE"  # 财务
    AUDITOR = "AUDITOR"  # 审计
