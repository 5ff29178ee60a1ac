"""Defects planted on purpose in what the product does about deaths, as in `planted.py`."""

from fractions import Fraction
from typing import Any

from daycover.claims import compute
from daycover.claims.adjudication import Prior
from daycover.claims.answer import AnswerClaim
from daycover.claims.claim import Claim
from daycover.claims.exposure import LUMP_SUMS, Holding, prior_of, room_of
from daycover.claims.obligation import INSURED, Obligation
from daycover.claims.represent import JudgeRepresentative, RepresentativeVerdict
from daycover.payouts import beneficiaries
from daycover.payouts.beneficiaries import SharesOf, StateBeneficiaries, split
from daycover.payouts.beneficiary import Beneficiaries, Beneficiary, entitled
from daycover.platform.security import BlindIndex
from tests.simulation.plant import Planted, replaced, together


def _by_heads(amount_fen: int, payees: dict[str, Beneficiary]) -> dict[str, int]:
    head = {"share": Fraction(1, len(payees))} if payees else {}
    return split(amount_fen, {payee: one.model_copy(update=head) for payee, one in payees.items()})


_confirm = StateBeneficiaries.confirm


class _Anybody(str):
    """An id that is nobody's in particular: comparing it with who stated says no."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


def _by_the_same(self: StateBeneficiaries, staff_id: str, claim_no: str, version: int) -> Any:
    return _confirm(self, _Anybody(staff_id), claim_no, version)


def _to_the_insured(self: SharesOf, claim: Claim, amount_fen: int) -> dict[str, int]:
    return {INSURED: amount_fen}


def _first_for_all(self: AnswerClaim, claim_no: str, amount_fen: int | None, given: Any) -> Claim:
    return self._take(self.claims.get(claim_no), given.by, given.answer, given.reason)


def _without_proof(
    self: JudgeRepresentative, staff_id: str, claim: Claim, found: Any, verdict: RepresentativeVerdict
) -> dict[str, Any]:
    return {"document_id": verdict.document_id, "for_all_heirs": verdict.for_all_heirs}


def _stays_paid(self: Obligation, amount_fen: int, attention: Any, fault: str | None) -> Obligation:
    return self


def _without_lump_sums(others: Holding) -> Holding:
    benefits = {
        claim_type: part for claim_type, part in others.benefits.items() if claim_type not in LUMP_SUMS
    }
    return others.model_copy(update={"benefits": benefits})


def _room_forgets(benefits: Any, sum_insured_fen: int, others: Holding) -> Any:
    return room_of(benefits, sum_insured_fen, _without_lump_sums(others))


def _prior_forgets(others: Holding) -> Prior:
    return prior_of(_without_lump_sums(others))


PLANTED_FAMILY: tuple[Planted, ...] = (
    Planted(
        "heads_not_shares",
        "shares_are_kept",
        "What is paid is divided by heads, whatever the shares are.",
        replaced(beneficiaries, "split", _by_heads),
        seed=9,
    ),
    Planted(
        "one_person_names_the_heirs",
        "only_confirmed_heirs_are_paid",
        "Beneficiaries are paid as one person stated them, who may confirm them as well.",
        together(
            replaced(Beneficiaries, "payees", lambda self: entitled(self.people)),
            replaced(StateBeneficiaries, "confirm", _by_the_same),
        ),
        seed=9,
    ),
    Planted(
        "death_paid_to_the_wallet",
        "the_dead_are_not_paid",
        "A death benefit is owed to the insured, as every other one.",
        replaced(SharesOf, "__call__", _to_the_insured),
        seed=3,
    ),
    Planted(
        "first_heir_agrees_for_all",
        "heirs_agree",
        "The first heir who accepts binds the others.",
        replaced(AnswerClaim, "_of_heir", _first_for_all),
        seed=3,
    ),
    Planted(
        "heirs_without_papers",
        "kinship_is_proved",
        "Staff may accept an heir without a paper.",
        replaced(JudgeRepresentative, "_proof", _without_proof),
        seed=3,
    ),
    Planted(
        "account_in_clear",
        "no_personal_data",
        "A bank account is known by its number.",
        replaced(BlindIndex, "account_id", lambda self, account_no: account_no),
        seed=2,
    ),
    Planted(
        "returned_share_stays_paid",
        "a_bounced_share_is_owed_again",
        "Money that came back leaves its obligation paid.",
        replaced(Obligation, "owed_again", _stays_paid),
        seed=9,
    ),
    Planted(
        "death_beside_disability",
        "paid_within_limits",
        "What was paid for disability and death is not taken off the sum insured.",
        together(replaced(compute, "room_of", _room_forgets), replaced(compute, "prior_of", _prior_forgets)),
        seed=3,
    ),
)
