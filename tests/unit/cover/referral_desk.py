"""The desks of a referral: worker, operator and staff around one in-memory world."""

from datetime import date
from itertools import count

from daycover import crockford
from daycover.china_time import china_day
from daycover.cover.ask_referral import AskReferral
from daycover.cover.decide_referral import ConfirmReferral, DecideReferral, SiteDecline
from daycover.cover.referral import Document, Referral, ReferralReason
from daycover.identity.document import IdDocumentType
from daycover.projects.code import issue_token
from daycover.projects.project import Project
from tests.support.builders import PROJECT, a_project
from tests.unit.cover.world import World, code_key

PASSPORT = Document(
    type=IdDocumentType.PASSPORT, name="王小明", number="e1234567", birth_date=date(1990, 3, 7)
)


def resident(number: str) -> Document:
    return Document(type=IdDocumentType.RESIDENT_ID, name="王小明", number=number)


class Desk:
    def __init__(self, project: Project | None = None) -> None:
        self.project = project or a_project()
        self.world = World(self.project)
        self.referrals = self.world.referrals
        numbers = count(1)
        self.ask_referral = AskReferral(
            now=self.world.now,
            new_id=lambda _: crockford.encode(next(numbers), 26),
            projects=self.world.projects,
            code_key=code_key,
            check_ins=self.world.check_ins,
            policies=self.world.policies,
            index=self.world.index,
            referrals=self.referrals,
        )
        self.confirm_referral = ConfirmReferral(now=self.world.now, referrals=self.referrals)
        self.decide = DecideReferral(
            now=self.world.now,
            referrals=self.referrals,
            issue_policy=self.world.issue_policy,
        )
        self.worker = self.world.worker("o-1", self.project)

    @property
    def day(self) -> date:
        return china_day(self.world.now())

    def ask(
        self, document: Document = PASSPORT, reason: ReferralReason = ReferralReason.DOCUMENT_TYPE
    ) -> Referral:
        token, _ = issue_token(self.project, code_key)
        return self.ask_referral(self.worker, token, reason, document)

    def confirm(self, referral: Referral) -> Referral:
        return self.confirm_referral("C1", PROJECT, referral.referral_id, "company", "C1")

    def decline(self, referral: Referral, because: SiteDecline) -> Referral:
        return self.confirm_referral.decline(
            "C1", PROJECT, referral.referral_id, "operator", "O1", because=because
        )

    def confirmed(self) -> Referral:
        return self.confirm(self.ask())
