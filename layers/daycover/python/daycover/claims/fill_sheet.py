"""Fill the loss sheet (填写损失清单): what an adjuster reads from the papers and enters."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.claims.claim import Actor, Claim, Claims
from daycover.claims.compute import ComputeClaim
from daycover.claims.consents import ClaimConsentKind, HealthConsentWithdrawnError, is_withdrawn
from daycover.claims.disability import check_scale, check_site
from daycover.claims.disability_table import disability_table
from daycover.claims.evidence import Documents
from daycover.claims.lifecycle import TABLE, ClaimEvent, ClaimStatus, ClaimStepClosedError
from daycover.claims.record import record
from daycover.claims.sheet import LossSheet, LossSheets, SheetBill, Source, SourceKind, kept_sources
from daycover.errors import DaycoverError, ErrorKind


class SheetMovedError(DaycoverError):
    """The loss sheet has changed since it was read.

    What to do: Read it again and enter what is still missing.
    含义:损失清单在您读取之后已被修改。
    处理:重新读取,再填写尚缺的内容。
    """

    kind = ErrorKind.CONFLICT
    title = "损失清单已被修改", "The loss sheet has changed"
    detail = (
        "清单现为第 {sheet_version} 版,请重新读取后再填写。",
        "The sheet is at version {sheet_version} now. Read it again, then enter your changes.",
    )


class BillUsedError(DaycoverError):
    """Another person's claim had the bill first.

    What to do: Compare both claims; a bill belongs to one patient. Refuse it here, or there.
    含义:该票据已在另一人的赔案中使用。
    处理:对照两个赔案;一张票据只属于一位患者,在其中一案不予采用。
    """

    kind = ErrorKind.CONFLICT
    title = "该票据已在他人的赔案中", "The bill stands in another person's claim"
    detail = (
        "所填的一张票据已在赔案 {claim_no} 中。",
        "One of the bills stands in the claim {claim_no}.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSheet:
    claims: Claims
    documents: Documents
    sheets: LossSheets
    compute: ComputeClaim
    now: Callable[[], datetime]

    def source(self, staff_id: str) -> Source:
        """Give what an entry of this person's says of itself."""
        return Source(kind=SourceKind.ADJUSTER, by=staff_id, at=self.now())

    def __call__(self, staff_id: str, claim_no: str, version: int, entered: LossSheet, reason: str) -> Claim:
        """Put `entered` in the place of version `version` and compute the claim anew.

        What says the same as before keeps its source. The same sheet again changes nothing. Raises
        ClaimNotFoundError, ClaimStepClosedError, HealthConsentWithdrawnError, SheetMovedError, BillUsedError,
        ConcurrentChangeError; of an appraisal WrongScaleError and what `check_site` raises.
        """
        claim = self.claims.get(claim_no)
        before = self.sheets.find(claim_no, claim.round.sheet)
        after = kept_sources(before, entered.with_entries())
        if after.says_the_same(before):
            return claim
        if (claim.status, ClaimEvent.SHEET_FILLED) not in TABLE:
            raise ClaimStepClosedError(claim_status=claim.status.value)
        if is_withdrawn(claim.consents, ClaimConsentKind.HEALTH_DATA):
            raise HealthConsentWithdrawnError
        if claim.round.sheet != version:
            raise SheetMovedError(sheet_version=claim.round.sheet)
        if after.appraisal is not None:
            check_scale(after.appraisal.scale)
            for site in after.appraisal.sites:
                check_site(site, disability_table())
        bills = [
            bill if before.bill(bill.bill_no) is not None else self._taken(claim, bill)
            for bill in after.bills
        ]
        after = after.with_entries(bills=bills)
        change = record(
            claim,
            ClaimEvent.SHEET_FILLED,
            at=self.now(),
            by=Actor.staff(staff_id),
            reason_code="ENTERED",
            reason=reason,
            sheet=after,
            assessment=self.compute(claim, after).assessment
            if claim.status is not ClaimStatus.AWAITING_DOCS
            else claim.assessment,
        )
        self.claims.save(change)
        return change.after

    def _taken(self, claim: Claim, bill: SheetBill) -> SheetBill:
        """Take the bill's number for this claim; one of the insured's other claims may have it as well."""
        holder = f"{claim.claim_no}/{bill.source.document_id or 'SHEET'}"
        first = self.documents.first_with_bill(bill.bill_no, holder)
        first_no = first.partition("/")[0]
        if first_no == claim.claim_no:
            return bill
        if all(known.claim_no != first_no for known in self.claims.list_of(claim.policy.person_id)):
            raise BillUsedError(claim_no=first_no)
        return bill.model_copy(update={"first_in": first})
