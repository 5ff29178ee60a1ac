"""What an underwriter reads before somebody is insured, and that the look was recorded before."""

from datetime import timedelta

import pytest

from daycover.api.cover.referral_file import referral_file_view
from daycover.cover.referral import Referral, ReferralNotFoundError, ReferralStatus, ReferralStep
from daycover.cover.referral_documents import OpenReferralDocument
from daycover.cover.referral_file import LookAtReferrals, ReferralPart, ReferralReader
from daycover.projects.operator import Operator, SignInWay
from daycover.projects.project import Project
from daycover.projects.provider import Provider
from daycover.projects.roles import OperatorRole
from tests.support.builders import NOW, a_policy
from tests.support.fakes.claims import FakeVault
from tests.support.fakes.cover import FakeReferralLooks
from tests.support.fakes.projects import FakeOperators, FakeProjects
from tests.unit.cover.referral_desk import Desk

UNDERWRITER = ReferralReader("s-1", ("adjuster",), "r-1")


class Providers:
    def find_provider(self, provider_id: str) -> Provider | None:
        return Provider(provider_id="P1", name="工友通") if provider_id == "P1" else None


def reader(
    desk: Desk,
    looks: FakeReferralLooks,
    *operators: Operator,
    project: Project | None = None,
    vault: FakeVault | None = None,
) -> LookAtReferrals:
    known = FakeOperators()
    known._operators = {(one.company_id, one.operator_id): one for one in operators}
    return LookAtReferrals(
        referrals=desk.referrals,
        projects=FakeProjects(*([project] if project else [])),
        policies=desk.world.policies,
        operators=known,
        providers=Providers(),
        open_document=OpenReferralDocument(referrals=desk.referrals, vault=vault or FakeVault()),
        looks=looks,
        now=desk.world.now,
    )


def by(desk: Desk, role: str, subject: str) -> Referral:
    asked = desk.ask()
    return desk.confirm_referral("C1", asked.project_id, asked.referral_id, role, subject)


def test_person_is_shown_in_clear_with_work_and_history_once_the_look_is_recorded() -> None:
    desk, looks = Desk(), FakeReferralLooks()
    earlier = desk.ask()
    desk.world.now.advance(minutes=31)
    referral = desk.confirmed()
    file = reader(desk, looks, project=desk.project).file(UNDERWRITER, referral.referral_id)
    view = referral_file_view(file, desk.world.now())
    assert (view.name, view.document_number) == ("王小明", "E1234567")
    assert view.referral.name == "王**", "the referral itself is what everybody sees"
    assert view.work is not None
    assert view.work.employer_name == desk.project.employer_name
    assert [(known.referral_id, known.status) for known in view.earlier] == [
        (earlier.referral_id, ReferralStatus.DECLINED)
    ]
    (look,) = looks.list_of(referral.referral_id)
    assert (look.by, look.what, look.duties) == ("s-1", ReferralPart.FILE, ("adjuster",))


def test_policies_of_the_person_are_listed_when_they_were_insured_before() -> None:
    desk, looks = Desk(), FakeReferralLooks()
    referral = desk.confirmed()
    held = a_policy(person_id=referral.identity.person_id)
    desk.world.policies.add(held, None)
    file = reader(desk, looks).file(UNDERWRITER, referral.referral_id)
    assert [one.policy_no for one in referral_file_view(file, NOW).policies] == [held.policy_no]
    assert file.project is None, "a project that is no longer known stops nobody"


def test_who_confirmed_on_site_has_a_name_when_it_is_known() -> None:
    foreman = Operator(
        company_id="C1",
        operator_id="O1",
        roles=(OperatorRole.OPERATOR,),
        name="老李",
        way=SignInWay.WECHAT,
        invited_by="O0",
        joined_at=NOW,
    )
    told = {
        ("operator", "O1"): "老李",
        ("operator", "O2"): None,
        ("provider", "P1"): "工友通",
        ("company", "C1"): None,
    }
    for (role, subject), name in told.items():
        desk = Desk()
        referral = by(desk, role, subject)
        view = referral_file_view(
            reader(desk, FakeReferralLooks(), foreman).file(UNDERWRITER, referral.referral_id), NOW
        )
        assert view.confirmed is not None
        assert (view.confirmed.role, view.confirmed.name, view.confirmed.at) == (role, name, NOW)


def test_unconfirmed_referral_has_nobody_who_saw_the_person() -> None:
    desk = Desk()
    file = reader(desk, FakeReferralLooks()).file(UNDERWRITER, desk.ask().referral_id)
    assert referral_file_view(file, NOW).confirmed is None


def test_nothing_is_shown_when_the_look_cannot_be_recorded_or_the_person_was_erased() -> None:
    class Broken(FakeReferralLooks):
        def add(self, look: object) -> None:
            raise TimeoutError

    desk = Desk()
    referral = desk.confirmed()
    with pytest.raises(TimeoutError):
        reader(desk, Broken()).file(UNDERWRITER, referral.referral_id)
    looks = FakeReferralLooks()
    desk.referrals.delete(referral)
    with pytest.raises(ReferralNotFoundError):
        reader(desk, looks).file(UNDERWRITER, referral.referral_id)
    assert looks.list_of(referral.referral_id) == []


def test_steps_of_a_referral_are_not_mistaken_for_each_other_when_read_late() -> None:
    desk = Desk()
    referral = desk.confirmed()
    later = desk.world.now() + timedelta(minutes=31)
    view = referral_file_view(
        reader(desk, FakeReferralLooks()).file(UNDERWRITER, referral.referral_id), later
    )
    assert view.referral.status is ReferralStatus.DECLINED
    assert referral.confirmed == ReferralStep(role="company", subject="C1", at=NOW)
