"""What a claim pays (理算): the formulas of every benefit, with the sum written out for the worker.

Amounts are integer fen, ratios basis points. A product of ratios is rounded once, half up, to whole fen.
A change of any formula is a new FORMULA_VERSION, never an edit of decided claims.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from daycover.claims.disability import final_grade, percentage_bps
from daycover.claims.documents import ClaimType
from daycover.cover.plan import Benefits

FORMULA_VERSION = "2026-11-28"
WHOLE_BPS = 10_000
DAYS_PER_POLICY = 180
"""Allowance days that one policy pays at most, for each of the two daily allowances."""

Fen = Annotated[int, Field(ge=0)]
Days = Annotated[int, Field(ge=0)]


class ExpenseLine(BaseModel, frozen=True, defer_build=True):
    """One line of a medical bill and what of it is accepted."""

    item: str
    amount_fen: Fen
    accepted_fen: Fen | None = None
    """None means all of it. Only the excess over the comparable in-list cost may be cut, never the line for
    being outside the social-insurance list (Interpretation III art. 19)."""
    reason_code: str | None = None

    @property
    def eligible_fen(self) -> int:
        return self.amount_fen if self.accepted_fen is None else self.accepted_fen

    @model_validator(mode="after")
    def _cut_only_with_a_reason(self) -> Self:
        if self.eligible_fen > self.amount_fen:
            raise ValueError("more is accepted than was billed")
        if self.eligible_fen < self.amount_fen and not self.reason_code:
            raise ValueError("a cut needs a reason code")
        return self


class Loss(BaseModel, frozen=True, defer_build=True):
    """What happened, as far as the documents prove it."""

    claim_types: tuple[ClaimType, ...] = ()
    expenses: tuple[ExpenseLine, ...] = ()
    social_insurance_paid_fen: Fen = 0
    third_party_paid_fen: Fen = 0
    other_policies_paid_fen: Fen = 0
    certified_days: Days = 0
    """Days off work on the certificate, days in hospital included."""
    inpatient_days: Days = 0
    ambulance_cost_fen: Fen = 0
    shared_medical_fen: Fen = 0
    """What our other policies pay of the same bill. Fixed benefits are not shared."""
    shared_ambulance_fen: Fen = 0
    disability_grades: tuple[int, ...] = ()
    """One for each injured body part."""
    disability_text_zh: str = ""
    """Which sites there are, which of them count and how the grade follows, in words."""
    worsened_from_bps: Annotated[int, Field(ge=0, le=WHOLE_BPS)] = 0
    """The share of the grade that the same part had before: a site that worsens earns the difference."""
    causation_bps: Annotated[int, Field(ge=0, le=WHOLE_BPS)] = WHOLE_BPS
    """The covered share of a cause that cannot be separated (Interpretation III art. 25)."""
    sources: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The entries of the loss sheet that an input was added up from, by its name."""


class Prior(BaseModel, frozen=True, defer_build=True):
    """What other claims hold of the same policy (`claims.exposure`); this very claim is no part of it.

    `death_fen` counts accidental and sudden death together.
    """

    medical_fen: Fen = 0
    hospital_days: Days = 0
    lost_income_days: Days = 0
    disability_fen: Fen = 0
    disability_same_site_fen: Fen = 0
    """Of `disability_fen`, what was paid for the injury that is graded again now."""
    death_fen: Fen = 0
    ambulance_fen: Fen = 0

    @model_validator(mode="after")
    def _same_site_is_a_part(self) -> Self:
        if self.disability_same_site_fen > self.disability_fen:
            raise ValueError("the part paid for the same site exceeds what was paid for disability")
        return self


NOTHING_PAID = Prior()


class AssessmentLine(BaseModel, frozen=True, defer_build=True):
    """What one benefit pays, from which numbers, and why in words for the worker."""

    claim_type: ClaimType
    amount_fen: Fen
    inputs: dict[str, int]
    explanation_zh: str


class Assessment(BaseModel, frozen=True, defer_build=True):
    """The result with everything that is needed to compute it again.

    It never changes: a claim computed anew has another one with the next `version`.
    """

    version: int = 1
    formula_version: str
    benefits: Benefits
    sum_insured_fen: Fen
    loss: Loss
    prior: Prior
    lines: tuple[AssessmentLine, ...]
    total_fen: Fen
    sheet: int = 0
    """The version of the loss sheet that it was computed from."""
    exposures: dict[str, int] = Field(default_factory=dict)
    """The version of each policy's exposure that it was computed from, by policy number."""

    def same_as(self, other: "Assessment | None") -> bool:
        """Whether both propose the same for every benefit."""
        return other is not None and _proposals(self) == _proposals(other)


def _proposals(assessment: Assessment) -> dict[ClaimType, int]:
    return {line.claim_type: line.amount_fen for line in assessment.lines}


def assess(benefits: Benefits, sum_insured_fen: int, loss: Loss, prior: Prior = NOTHING_PAID) -> Assessment:
    """Compute each claimed benefit once, in the order of ClaimType.

    A later benefit sees what the earlier ones of the same claim have just paid, so that death is net of
    disability, a day is paid as hospital allowance or as lost income, and the sum insured is never
    exceeded. A total of 0 is "nothing to pay", not a refusal. Raises DisabilityGradeError.
    """
    paid = prior
    lines = []
    for claim_type, rule in _RULES.items():
        if claim_type in loss.claim_types:
            line, paid = rule(benefits, sum_insured_fen, loss, paid)
            lines.append(line)
    return Assessment(
        formula_version=FORMULA_VERSION,
        benefits=benefits,
        sum_insured_fen=sum_insured_fen,
        loss=loss,
        prior=prior,
        lines=tuple(lines),
        total_fen=sum(line.amount_fen for line in lines),
    )


def source_of(name: str, loss: Loss) -> tuple[str, ...]:
    """Say whence an input is: entries of the loss sheet, or `policy`, `paid before` (the policy's exposure), `formula`.

    `sheet` where the sheet says nothing of it, so that it counts as nothing.
    """
    return loss.sources.get(name) or (_SOURCES.get(name, "sheet"),)


_POLICY, _BEFORE, _FORMULA = "policy", "paid before", "formula"
_SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "deductible_fen": _POLICY,
        "ratio_bps": _POLICY,
        "waiting_days": _POLICY,
        "days_per_accident": _POLICY,
        "daily_fen": _POLICY,
        "sum_insured_fen": _POLICY,
        "sub_limit_fen": _POLICY,
        "limit_left_fen": _BEFORE,
        "shared_fen": _BEFORE,
        "allowance_days_paid": _BEFORE,
        "days_left": _BEFORE,
        "same_site_paid_fen": _BEFORE,
        "sum_left_fen": _BEFORE,
        "disability_paid_fen": _BEFORE,
        "death_paid_fen": _BEFORE,
        "computed_fen": _FORMULA,
        "days_paid": _FORMULA,
        "percentage_bps": _FORMULA,
    }
)


def split_medical(cost_fen: int, entitlements: Sequence[int]) -> tuple[int, ...]:
    """Share one bill among policies: each pays what it owes of the cost that is left, in order.

    Each entitlement is what its policy owes for the bill alone. Medical is indemnity: the shares never
    exceed the cost together. The fixed benefits are not shared, they add up.
    """
    shares = []
    left = cost_fen
    for entitlement in entitlements:
        share = max(0, min(entitlement, left))
        shares.append(share)
        left -= share
    return tuple(shares)


def _medical(benefits: Benefits, _sum: int, loss: Loss, paid: Prior) -> tuple[AssessmentLine, Prior]:
    """Pay the accepted expenses less what others paid and the deductible, times the ratio, to the limit.

    Social insurance is netted off only by a plan priced for it (Interpretation III art. 18).
    """
    billed = sum(line.amount_fen for line in loss.expenses)
    eligible = sum(line.eligible_fen for line in loss.expenses)
    others = loss.third_party_paid_fen + loss.other_policies_paid_fen
    if benefits.nets_social_insurance:
        others += loss.social_insurance_paid_fen
    base = max(0, eligible - others - benefits.medical_deductible_fen)
    computed = _portion(base, benefits.medical_ratio_bps, loss.causation_bps)
    left = max(0, benefits.medical_limit_fen - paid.medical_fen)
    _, amount = split_medical(eligible, (loss.shared_medical_fen, min(computed, left)))

    text = f"医疗费票据合计{_yuan(billed)}"
    if eligible < billed:
        text += f"，其中认可{_yuan(eligible)}"
    if others:
        text += f"，减去其他方已付的{_yuan(others)}"
    text += f"，减去免赔额（自己承担的部分）{_yuan(benefits.medical_deductible_fen)}"
    if base:
        text += f"，剩余{_yuan(base)}，按{_percent(benefits.medical_ratio_bps)}赔付{_because(loss)}"
        text += f"，算得{_yuan(computed)}{_at_most(computed, left)}"
    else:
        text += "，没有剩余"
    if loss.shared_medical_fen:
        text += _with_others(loss.shared_medical_fen)
    return (
        _line(ClaimType.MEDICAL, amount, text, billed_fen=billed, eligible_fen=eligible, others_fen=others,
              deductible_fen=benefits.medical_deductible_fen, ratio_bps=benefits.medical_ratio_bps,
              causation_bps=loss.causation_bps, computed_fen=computed, limit_left_fen=left,
              shared_fen=loss.shared_medical_fen),
        paid.model_copy(update={"medical_fen": paid.medical_fen + amount}),
    )  # fmt: skip


def _hospital(benefits: Benefits, _sum: int, loss: Loss, paid: Prior) -> tuple[AssessmentLine, Prior]:
    """Pay the daily allowance for days in hospital after the waiting days.

    A day is paid once by a policy: those that another claim of it was paid do not count again. All its
    accidents lie within the same 24 hours, so their stays and absences are the same days.
    """
    overlap = paid.hospital_days + paid.lost_income_days
    days_left = max(0, DAYS_PER_POLICY - paid.hospital_days)
    in_hospital = max(0, loss.inpatient_days - benefits.waiting_days - overlap)
    days = min(in_hospital, benefits.days_per_accident, days_left)
    text = f"住院{loss.inpatient_days}天，前{benefits.waiting_days}天不计"
    if overlap:
        text += f"，本保单已赔付津贴的{overlap}天不重复计"
    amount, text = _allowance(benefits.hospital_daily_fen, in_hospital, days, text, loss)
    return (
        _line(ClaimType.HOSPITAL, amount, text, inpatient_days=loss.inpatient_days,
              waiting_days=benefits.waiting_days, allowance_days_paid=overlap,
              days_per_accident=benefits.days_per_accident,
              days_left=days_left, days_paid=days, daily_fen=benefits.hospital_daily_fen,
              causation_bps=loss.causation_bps),
        paid.model_copy(update={"hospital_days": paid.hospital_days + days}),
    )  # fmt: skip


def _lost_income(benefits: Benefits, _sum: int, loss: Loss, paid: Prior) -> tuple[AssessmentLine, Prior]:
    """Pay the daily allowance for certified days off work after the waiting days.

    Days that were paid as hospital allowance do not count again, nor those that another claim of the policy
    was paid: all its accidents lie within the same 24 hours.
    """
    overlap = paid.hospital_days + paid.lost_income_days
    days_left = max(0, DAYS_PER_POLICY - paid.lost_income_days)
    off_work = max(0, loss.certified_days - benefits.waiting_days - overlap)
    days = min(off_work, benefits.days_per_accident, days_left)
    if benefits.lost_income_daily_fen == 0:
        days = 0
        amount, text = 0, "本保障计划不含误工津贴"
    else:
        text = f"病休证明{loss.certified_days}天，前{benefits.waiting_days}天不计"
        if overlap:
            text += f"，已赔付津贴的{overlap}天不重复计"
        amount, text = _allowance(benefits.lost_income_daily_fen, off_work, days, text, loss)
    return (
        _line(ClaimType.LOST_INCOME, amount, text, certified_days=loss.certified_days,
              waiting_days=benefits.waiting_days, allowance_days_paid=overlap,
              days_per_accident=benefits.days_per_accident, days_left=days_left, days_paid=days,
              daily_fen=benefits.lost_income_daily_fen, causation_bps=loss.causation_bps),
        paid.model_copy(update={"lost_income_days": paid.lost_income_days + days}),
    )  # fmt: skip


def _disability(_benefits: Benefits, si: int, loss: Loss, paid: Prior) -> tuple[AssessmentLine, Prior]:
    """Pay the share of the sum insured that the grade gives, less what the same injury was paid before.

    Without a grade nothing is computed: a missing or foreign appraisal is not a finding of no disability.
    """
    sum_left = _sum_left(si, paid)
    # what the part was graded at before is taken off once, whether we paid for it or not
    same_site = max(paid.disability_same_site_fen, _portion(si, loss.worsened_from_bps))
    inputs = {"sum_insured_fen": si, "same_site_paid_fen": same_site, "sum_left_fen": sum_left,
              "causation_bps": loss.causation_bps}  # fmt: skip
    if not loss.disability_grades:
        text = "还没有按JR/T 0083标准评定的伤残等级，本项暂不计算"
        return _line(ClaimType.DISABILITY, 0, text, **inputs), paid
    grade = final_grade(loss.disability_grades)
    share_bps = percentage_bps(grade)
    computed = max(0, _portion(si, share_bps, loss.causation_bps) - same_site)
    amount = min(computed, sum_left)

    text = f"{loss.disability_text_zh}。" if loss.disability_text_zh else ""
    text += f"伤残等级为{grade}级，按保险金额{_yuan(si)}的{_percent(share_bps)}赔付{_because(loss)}"
    if same_site:
        text += f"，减去同一部位此前的{_yuan(same_site)}"
    text += f"，算得{_yuan(computed)}{_at_most(computed, sum_left)}"
    return (
        _line(ClaimType.DISABILITY, amount, text, grade=grade, percentage_bps=share_bps,
              computed_fen=computed, **inputs),
        paid.model_copy(update={"disability_fen": paid.disability_fen + amount}),
    )  # fmt: skip


def _death(_benefits: Benefits, si: int, loss: Loss, paid: Prior) -> tuple[AssessmentLine, Prior]:
    """Pay the sum insured less what this policy paid for disability or already for the death."""
    benefit = _portion(si, loss.causation_bps)
    amount = max(0, benefit - paid.disability_fen - paid.death_fen)

    text = f"意外身故按保险金额{_yuan(si)}赔付{_because(loss)}"
    if loss.causation_bps < WHOLE_BPS:
        text += f"，即{_yuan(benefit)}"
    if paid.disability_fen:
        text += f"，减去已赔付的伤残金{_yuan(paid.disability_fen)}"
    if paid.death_fen:
        text += f"，减去已赔付的身故金{_yuan(paid.death_fen)}"
    return (
        _line(ClaimType.DEATH, amount, text, sum_insured_fen=si, causation_bps=loss.causation_bps,
              disability_paid_fen=paid.disability_fen, death_paid_fen=paid.death_fen),
        paid.model_copy(update={"death_fen": paid.death_fen + amount}),
    )  # fmt: skip


def _sudden_death(benefits: Benefits, si: int, loss: Loss, paid: Prior) -> tuple[AssessmentLine, Prior]:
    """Pay the sub-limit of sudden death within what is left of the sum insured.

    One death is paid once: what was paid for it counts against the sub-limit.
    """
    benefit = _portion(benefits.sudden_death_fen, loss.causation_bps)
    sum_left = _sum_left(si, paid)
    computed = max(0, benefit - paid.death_fen)
    amount = min(computed, sum_left)

    text = f"猝死按{_yuan(benefits.sudden_death_fen)}赔付{_because(loss)}"
    if loss.causation_bps < WHOLE_BPS:
        text += f"，即{_yuan(benefit)}"
    if paid.death_fen:
        text += f"，减去已赔付的身故金{_yuan(paid.death_fen)}"
    text += _at_most(computed, sum_left)
    return (
        _line(ClaimType.SUDDEN_DEATH, amount, text, sub_limit_fen=benefits.sudden_death_fen,
              causation_bps=loss.causation_bps, death_paid_fen=paid.death_fen, computed_fen=computed,
              sum_left_fen=sum_left),
        paid.model_copy(update={"death_fen": paid.death_fen + amount}),
    )  # fmt: skip


def _ambulance(benefits: Benefits, _sum: int, loss: Loss, paid: Prior) -> tuple[AssessmentLine, Prior]:
    """Pay the actual cost to the limit."""
    computed = _portion(loss.ambulance_cost_fen, loss.causation_bps)
    left = max(0, benefits.ambulance_limit_fen - paid.ambulance_fen)
    _, amount = split_medical(loss.ambulance_cost_fen, (loss.shared_ambulance_fen, min(computed, left)))
    text = f"救护车费{_yuan(loss.ambulance_cost_fen)}，按实际费用赔付{_because(loss)}"
    text += _at_most(computed, left)
    if loss.shared_ambulance_fen:
        text += _with_others(loss.shared_ambulance_fen)
    return (
        _line(ClaimType.AMBULANCE, amount, text, cost_fen=loss.ambulance_cost_fen,
              shared_fen=loss.shared_ambulance_fen, causation_bps=loss.causation_bps,
              computed_fen=computed, limit_left_fen=left),
        paid.model_copy(update={"ambulance_fen": paid.ambulance_fen + amount}),
    )  # fmt: skip


_Rule = Callable[[Benefits, int, Loss, Prior], tuple[AssessmentLine, Prior]]
_RULES: Mapping[ClaimType, _Rule] = MappingProxyType(
    {
        ClaimType.MEDICAL: _medical,
        ClaimType.HOSPITAL: _hospital,
        ClaimType.LOST_INCOME: _lost_income,  # after HOSPITAL, whose days it leaves out
        ClaimType.DISABILITY: _disability,
        ClaimType.DEATH: _death,  # after DISABILITY, which it is net of
        ClaimType.SUDDEN_DEATH: _sudden_death,
        ClaimType.AMBULANCE: _ambulance,
    }
)


def _portion(amount: int, *ratios_bps: int) -> int:
    """Multiply by ratios in basis points and round once, half up."""
    numerator, denominator = amount, 1
    for ratio in ratios_bps:
        numerator *= ratio
        denominator *= WHOLE_BPS
    return (2 * numerator + denominator) // (2 * denominator)


def _sum_left(si: int, paid: Prior) -> int:
    return max(0, si - paid.disability_fen - paid.death_fen)


def _allowance(daily_fen: int, counted: int, days: int, text: str, loss: Loss) -> tuple[int, str]:
    amount = _portion(daily_fen * days, loss.causation_bps)
    capped = "（已到天数上限）" if days < counted else ""
    return amount, text + f"，赔付{days}天{capped}，每天{_yuan(daily_fen)}{_because(loss)}"


def _line(claim_type: ClaimType, amount: int, text: str, **inputs: int) -> AssessmentLine:
    return AssessmentLine(
        claim_type=claim_type,
        amount_fen=amount,
        inputs=inputs,
        explanation_zh=f"{text}。本项赔付{_yuan(amount)}。",
    )


def _at_most(computed: int, left: int) -> str:
    return f"，超过剩余限额，最多赔付{_yuan(left)}" if computed > left else ""


def _with_others(shared_fen: int) -> str:
    return f"；同一费用由您的其他保单已赔{_yuan(shared_fen)}，合计不超过实际费用"


def _because(loss: Loss) -> str:
    if loss.causation_bps == WHOLE_BPS:
        return ""
    return f"，再按事故所占原因的{_percent(loss.causation_bps)}计算"


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}元"


def _percent(bps: int) -> str:
    whole, rest = divmod(bps, 100)
    return f"{whole}.{rest:02d}%" if rest else f"{whole}%"
