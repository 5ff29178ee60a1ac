"""Body and answer of a worker's request to erase their personal data."""

from datetime import date
from enum import StrEnum

from daycover.cover.erase import Erasure, ErasureStatus
from daycover.platform.http import Body, View


class ErasureAction(StrEnum):
    REQUEST = "REQUEST"
    WITHDRAW = "WITHDRAW"


class ErasureBody(Body):
    action: ErasureAction


class DeletedView(View):
    check_ins: int
    consents: int


class ErasureView(View):
    status: ErasureStatus
    kept_until: date | None
    finished_on: date | None
    deleted: DeletedView

    @classmethod
    def of(cls, erasure: Erasure) -> "ErasureView":
        deleted = DeletedView(check_ins=erasure.check_ins, consents=erasure.consents)
        return cls(
            status=erasure.status,
            kept_until=erasure.kept_until,
            finished_on=erasure.finished_on,
            deleted=deleted,
        )
