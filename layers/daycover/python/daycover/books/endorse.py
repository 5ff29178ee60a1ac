"""Endorsing a day's statement, and reading a master policy with its endorsements."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from daycover.books.endorsement import CorrectedDay, Endorsement, Endorsements
from daycover.books.statement import Statement
from daycover.cover.master_policy import (
    DrawUpMasterPolicy,
    MasterPolicies,
    MasterPolicy,
    MasterPolicyNotFoundError,
    People,
    master_policy_no,
)
from daycover.cover.roster import CoverLines
from daycover.errors import ConcurrentChangeError

ATTEMPTS = 20
"""How often a number is tried for while others take it; as many days of one company are not closed at once."""
PAGE = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorseDay:
    """Give a statement its endorsement. Repeating it gives the same one; no number is ever given twice."""

    endorsements: Endorsements
    master: DrawUpMasterPolicy
    lines: CoverLines
    now: Callable[[], datetime]

    def __call__(self, statement: Statement) -> Endorsement | None:
        """Give None where the day changes nobody's cover. Raises ConcurrentChangeError, which may be repeated."""
        for _ in range(ATTEMPTS):
            latest = self.endorsements.latest(statement.company_id, statement.day)
            if latest is not None and latest.revision >= statement.revision:
                return latest
            if latest is None and not statement.insured and not statement.corrected:
                return None
            endorsement = self._next(statement, latest)
            try:
                self.endorsements.add(endorsement, latest)
            except ConcurrentChangeError:
                continue
            return endorsement
        raise ConcurrentChangeError

    def _next(self, statement: Statement, latest: Endorsement | None) -> Endorsement:
        company_id, day = statement.company_id, statement.day
        self.master(company_id, day)
        last = self.endorsements.newest(company_id, day.year, None, 1)
        return Endorsement(
            master_no=master_policy_no(company_id, day),
            number=last[0].number + 1 if last else 1,
            company_id=company_id,
            day=day,
            revision=statement.revision,
            replaces=latest.number if latest is not None else None,
            policies=statement.insured,
            premium_fen=statement.premium_fen,
            fewer_than_three=statement.fewer_than_three,
            corrections=tuple(self._corrections(statement)),
            list_sha256=statement.sha256,
            issued_at=self.now(),
        )

    def _corrections(self, statement: Statement) -> Iterable[CorrectedDay]:
        company_id = statement.company_id
        for corrected in statement.corrected:
            listed = self.endorsements.latest(company_id, corrected.day)
            people = People()
            for line in self.lines.of_day(company_id, corrected.day):
                if line.due_fen > 0:
                    people.add(line.policy_no)
            yield CorrectedDay(
                day=corrected.day,
                master_no=master_policy_no(company_id, corrected.day),
                number=listed.number if listed is not None else None,
                added=corrected.added,
                removed=corrected.removed,
                fewer_than_three=people.are_too_few,
            )


class MasterPolicyReading(NamedTuple):
    """A master policy with a page of its endorsements, newest first; `next` is the number to go on before."""

    master: MasterPolicy
    endorsements: Sequence[Endorsement]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMasterPolicy:
    """GET /v1/companies/{company_id}/master-policies/{year}."""

    masters: MasterPolicies
    endorsements: Endorsements

    def __call__(self, company_id: str, year: int, before: int | None = None) -> MasterPolicyReading:
        """Raises MasterPolicyNotFoundError."""
        master = self.masters.find(company_id, year)
        if master is None:
            raise MasterPolicyNotFoundError
        page = self.endorsements.newest(company_id, year, before, PAGE)
        more = page[-1].number if len(page) == PAGE and page[-1].number > 1 else None
        return MasterPolicyReading(master, page, more)
