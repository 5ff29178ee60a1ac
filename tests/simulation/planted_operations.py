"""Defects planted in who acts for whom, in referrals and in certificates; see `planted.py`."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from daycover.cover.erase import EraseWorker
from daycover.cover.policy import Policy
from daycover.cover.referral import Referral, ReferralStatus
from daycover.projects import act_for
from daycover.projects.act_for import Authorisations
from daycover.projects.company import Company
from daycover.projects.contract import Contract
from daycover.projects.enrol import Approved, Enrol, ProposalStatus
from daycover.store import enrolments as store_enrolments
from daycover.store import keys
from daycover.store import operators as store_operators
from daycover.store.dynamodb import PRESENT, ConditionCheck, Put, Update
from daycover.store.enrolments import StoredEnrolments
from daycover.store.referrals import StoredReferrals
from tests.simulation.plant import Planted, replaced


def _ever_granted(authorisations: Authorisations, provider_id: str, company_id: str) -> bool:
    return authorisations.find_authorisation(provider_id, company_id) is not None


def _any_owner(company_id: str, owner: str) -> ConditionCheck:
    return ConditionCheck(keys.operator(company_id, owner), PRESENT)


_approve = Enrol.approve


def _approves_ones_own(self: Enrol, proposal_id: str, by: str) -> Approved:
    proposal = self._open(proposal_id)
    if proposal.proposed_by != by:
        return _approve(self, proposal_id, by)
    enrolled, _ = self._outcome(proposal, by, self.now())
    settled = proposal.settled(ProposalStatus.APPROVED, by, self.now())
    assert isinstance(self.stored, StoredEnrolments)
    put = Put(keys.proposal(proposal_id), store_enrolments._item(settled), condition=PRESENT)
    self.stored._table.write(put, *store_enrolments._writes(enrolled))
    return Approved(settled)


def _replaces_the_last(self: Company, contract: Contract, today: date) -> Company:
    kept = (*self.contracts[:-1], contract)
    return self.model_copy(update={"contracts": kept, "revision": self.revision + 1})


def _decides_again(self: StoredReferrals, referral: Referral) -> None:
    assert referral.decided is not None
    step = {":step": referral.decided.model_dump(mode="json")}
    self._table.write(Update(keys.referral(referral.referral_id), "SET decided = :step", step))


def _confirmed_while_open(self: Referral, now: Any) -> ReferralStatus:
    return ReferralStatus.CONFIRMED if self.decided is None else ReferralStatus.ISSUING


_delete_attempts = EraseWorker._delete_attempts


def _those_with_cover_too(
    self: EraseWorker, worker_id: str, day: date, policies: Iterable[Policy], *, issued: bool
) -> int:
    return _delete_attempts(self, worker_id, day, policies, issued=True)


PLANTED_OPERATIONS: tuple[Planted, ...] = (
    Planted(
        "once_granted_for_ever",
        "nobody_acts_once_revoked",
        "The gate asks whether a company ever authorised the provider, not whether it still does.",
        replaced(act_for, "is_granted", _ever_granted),
        seed=3,
    ),
    Planted(
        "owner_not_looked_at_again",
        "a_company_keeps_an_owner",
        "What an owner changes is written without asking whether they still are one.",
        replaced(store_operators, "_still_owner", _any_owner),
        seed=3,
    ),
    Planted(
        "invitation_used_twice",
        "an_invitation_lets_one_in",
        "An invitation is used up without the condition that it was not.",
        replaced(store_operators, "UNUSED", PRESENT),
        seed=10,
    ),
    Planted(
        "approves_ones_own",
        "a_proposal_needs_two",
        "Whoever proposed may approve.",
        replaced(Enrol, "approve", _approves_ones_own),
    ),
    Planted(
        "contract_is_edited",
        "contracts_follow_each_other",
        "A new contract takes the place of the last one, from whatever day.",
        replaced(Company, "with_contract", _replaces_the_last),
        seed=2,
    ),
    Planted(
        "decided_again",
        "a_referral_is_decided_once",
        "A decision is written without the condition that there is none.",
        replaced(StoredReferrals, "decide", _decides_again),
        seed=10,
    ),
    Planted(
        "nobody_saw_the_person",
        "referred_cover_was_approved",
        "The staff may approve before anybody on site has seen the person.",
        replaced(Referral, "status", _confirmed_while_open),
        seed=5,
    ),
    Planted(
        "erasure_takes_what_cover_rests_on",
        "cover_keeps_what_it_rests_on",
        "An erasure deletes check-ins and referrals whose cover is kept.",
        replaced(EraseWorker, "_delete_attempts", _those_with_cover_too),
        seed=3,
    ),
    Planted(
        "certificate_tells_the_period",
        "a_certificate_tells_what_stands",
        "Whether cover is in force is read off its period alone.",
        replaced(Policy, "in_force", lambda self, now: self.period.covers(now)),
        seed=12,
    ),
)
