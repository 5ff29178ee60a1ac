"""The master policy (总保单) of a company with the insurer: what every day policy and endorsement hangs under.

One for each calendar year in +08:00; its number follows from insurer, year and company, so a policy has it without
naming it. A policy belongs to the master policy of its day of issue, also where its 24 hours end in the next year.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from pydantic import BaseModel

from daycover.china_time import china_day
from daycover.cover.disclosure import INSURER_ADDRESS, INSURER_CODE, INSURER_NAME
from daycover.cover.plan import PLAN_VERSIONS
from daycover.cover.policy import Policy, locate
from daycover.errors import DaycoverError, ErrorKind
from daycover.projects.company import Companies

FEWEST_INSURED = 3
"""Of group insurance when it is signed (保监发〔2015〕14号); fewer are flagged for the insurer and never blocked."""


class MasterPolicyNotFoundError(DaycoverError):
    """The company has no master policy for that year: it opened no project and insured nobody.

    What to do: Open a project; the master policy of the year is drawn up with it.
    含义:该公司在该年度没有总保单:没有开过项目,也没有人投保。
    处理:开立项目时即生成当年度总保单。
    """

    kind = ErrorKind.NOT_FOUND
    title = "没有该年度的总保单", "No master policy for that year"


class MasterPolicy(BaseModel, frozen=True, defer_build=True):
    """One master policy. It is never changed: a year begins another.

    `starts_on` and `ends_on` are +08:00 days, both within. `plan_versions` and `terms` are those on sale when it was
    drawn up; each endorsement names those of its own.
    """

    number: str
    company_id: str
    year: int
    insurer: str
    insurer_address: str
    policyholder: str
    credit_code: str | None = None
    policyholder_address: str | None = None
    starts_on: date
    ends_on: date
    terms: str
    plan_versions: tuple[str, ...]
    drawn_up_at: datetime


class MasterPolicies(Protocol):
    def find(self, company_id: str, year: int) -> MasterPolicy | None: ...

    def add(self, master: MasterPolicy) -> MasterPolicy:
        """Store it and give it; give the one that stands there already."""
        ...


def master_policy_no(company_id: str, day: date) -> str:
    """Give the number of the master policy that covers what is issued on a +08:00 day."""
    return f"DM-{INSURER_CODE}-{day.year}-{company_id}"


def master_of(policy: Policy) -> str:
    return master_policy_no(policy.company_id, china_day(policy.issued_at))


class People:
    """Counts the different people of policies, as far as it matters: memory never grows with a list."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def add(self, policy_no: str) -> None:
        """A person with several policies counts once."""
        if len(self._known) < FEWEST_INSURED:
            self._known.add(locate(policy_no)[0])

    @property
    def are_too_few(self) -> bool:
        """Whether there is somebody, and fewer than group insurance asks for."""
        return 0 < len(self._known) < FEWEST_INSURED


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawUpMasterPolicy:
    """Draw a company's master policy up where it has none: with its first project, and with each year's first list."""

    masters: MasterPolicies
    companies: Companies
    now: Callable[[], datetime]

    def __call__(self, company_id: str, day: date) -> MasterPolicy:
        """Give the master policy of a +08:00 day. Repeating it changes nothing.

        It begins with the year where one of the year before ran until then: lists are not always closed in order, and
        whoever was insured on 1 January stands under it. A company's first begins on the day.
        """
        known = self.masters.find(company_id, day.year)
        if known is not None:
            return known
        company, now = self.companies.get(company_id), self.now()
        goes_on = self.masters.find(company_id, day.year - 1) is not None
        on_sale = PLAN_VERSIONS.at(now)
        return self.masters.add(
            MasterPolicy(
                number=master_policy_no(company_id, day),
                company_id=company_id,
                year=day.year,
                insurer=INSURER_NAME,
                insurer_address=INSURER_ADDRESS,
                policyholder=company.name,
                credit_code=company.credit_code,
                policyholder_address=company.address,
                starts_on=date(day.year, 1, 1) if goes_on else day,
                ends_on=date(day.year, 12, 31),
                terms=on_sale.terms if on_sale else "",
                plan_versions=(on_sale.version,) if on_sale else (),
                drawn_up_at=now,
            )
        )
