"""A company states work that the table does not list; an underwriter answers (`cover/occupation_referral.py`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from daycover.cover.occupation import OccupationTable, OccupationUnknownError, table_at
from daycover.cover.occupation_referral import (
    SENIOR_CLASS,
    WAITING_AT_ONCE,
    AnswerStated,
    ExclusionUnknownError,
    OccupationAnswer,
    OccupationReferral,
    OccupationReferralAnsweredError,
    OccupationReferralNotFoundError,
    OccupationReferrals,
    OccupationReferralsWaitingError,
    OccupationVerdict,
    SeniorAnswerNeededError,
    StatedWork,
    listed_as,
    referral_id_of,
    work_id_of,
)
from daycover.cover.spoken import by_name, said
from daycover.errors import ConcurrentChangeError
from daycover.projects.company import Companies
from daycover.projects.project import Exclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferOccupation:
    """POST and GET /v1/companies/{company_id}/occupation-referrals."""

    now: Callable[[], datetime]
    companies: Companies
    referrals: OccupationReferrals

    def of(self, company_id: str) -> Sequence[OccupationReferral]:
        return self.referrals.of_company(company_id)

    def __call__(
        self, company_id: str, statement: StatedWork, role: str, subject: str
    ) -> tuple[OccupationReferral, bool]:
        """Ask, and say whether it is new: the same name finds the open referral or its answer.

        Only what was refused may be asked again, by saying something else about it, and what was said to be an
        occupation that the table has no more. Raises
        OccupationListedError, OccupationReferralsWaitingError, OccupationUnknownError where no table holds.
        """
        now = self.now()
        table = table_at(now)
        row = by_name(table.occupations).get(said(statement.name))
        if row is not None:
            raise listed_as(row)
        work_id = work_id_of(company_id, statement.name)
        latest = self.referrals.latest(company_id, work_id)
        if latest is not None and not _may_ask_again(latest, statement, table):
            return latest, False
        waiting = sum(referral.answer is None for referral in self.referrals.of_company(company_id))
        if waiting >= WAITING_AT_ONCE:
            raise OccupationReferralsWaitingError(limit=WAITING_AT_ONCE)
        referral = OccupationReferral(
            referral_id=referral_id_of(work_id, 1 if latest is None else latest.number + 1),
            company_id=company_id,
            company_name=self.companies.get(company_id).name,
            statement=statement,
            role=role,
            subject=subject,
            asked_at=now,
        )
        try:
            self.referrals.add(referral)
        except ConcurrentChangeError:
            first = self.referrals.find(company_id, referral.referral_id)
            if first is None:
                raise
            return first, False
        return referral, True


def _may_ask_again(latest: OccupationReferral, statement: StatedWork, table: OccupationTable) -> bool:
    answer = latest.answer
    if answer is None:
        return False
    if answer.listed_code is not None:
        return table.find(answer.listed_code) is None
    return answer.verdict is OccupationVerdict.REFUSE and latest.statement != statement


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOccupation:
    """GET /v1/staff/occupation-referrals and POST …/companies/{company_id}/occupation-referrals/{id}/answer."""

    now: Callable[[], datetime]
    referrals: OccupationReferrals

    def waiting(self) -> Sequence[OccupationReferral]:
        return self.referrals.waiting()

    def clauses(self) -> Sequence[Exclusion]:
        """The exclusions that an answer may name."""
        return table_at(self.now()).clauses

    def __call__(
        self, staff_id: str, is_senior: bool, company_id: str, referral_id: str, stated: AnswerStated
    ) -> OccupationReferral:
        """Answer once and for all; the same person saying the same again changes nothing.

        Raises OccupationReferralNotFoundError, OccupationReferralAnsweredError, SeniorAnswerNeededError,
        OccupationUnknownError, ExclusionUnknownError, OccupationListedError where the table has the name given.
        """
        referral = self._get(company_id, referral_id)
        if referral.answer is None:
            answered = self._answered(staff_id, is_senior, referral, stated)
            try:
                self.referrals.answer(answered)
            except ConcurrentChangeError:
                referral = self._get(company_id, referral_id)
            else:
                return answered
        if referral.answer is None or not referral.answer.says(stated, staff_id):
            raise OccupationReferralAnsweredError
        return referral

    def _get(self, company_id: str, referral_id: str) -> OccupationReferral:
        referral = self.referrals.find(company_id, referral_id)
        if referral is None:
            raise OccupationReferralNotFoundError
        return referral

    def _answered(
        self, staff_id: str, is_senior: bool, referral: OccupationReferral, stated: AnswerStated
    ) -> OccupationReferral:
        now = self.now()
        if (stated.occupation_class or 0) >= SENIOR_CLASS and not is_senior:
            raise SeniorAnswerNeededError
        table = table_at(now)
        if stated.listed_code is not None and table.find(stated.listed_code) is None:
            raise OccupationUnknownError(code=stated.listed_code)
        texts = {clause.code: clause for clause in table.clauses}
        if not set(stated.exclusions) <= set(texts):
            raise ExclusionUnknownError
        row = by_name(table.occupations).get(said(stated.name_zh)) if stated.name_zh else None
        if row is not None:
            raise listed_as(row)
        answer = OccupationAnswer(
            **dict(stated),
            clauses=tuple(texts[code] for code in stated.exclusions),
            staff_id=staff_id,
            at=now,
        )
        return referral.model_copy(update={"answer": answer})
