"""The console's beneficiaries: what the insured designated is seen, and a child's guardian can be stated."""

from datetime import timedelta

from playwright.sync_api import Browser

from daycover.payouts.beneficiary import Basis, Holder, Relation
from daycover.platform.callers import Duty
from tests.functional.web.pages import Pages
from tests.support.browser import DESKTOP
from tests.support.builders import WORKER, an_id_number
from tests.support.claims import ACCIDENT_AT
from tests.unit.payouts.test_beneficiaries import dead
from tests.unit.payouts.test_designation import named

CHILD, MOTHER = an_id_number("20180301", order="013"), an_id_number("19920301", order="024")


def test_staff_see_the_designation_and_record_a_child_with_its_guardian(browser: Browser) -> None:
    world, claim = dead()
    now, world.at = world.at, ACCIDENT_AT - timedelta(hours=1)
    world.designate(WORKER, 0, (named(1),))
    world.at = ACCIDENT_AT + timedelta(hours=3)
    child = named(1, name="王小宝", document_number=CHILD, relation=Relation.CHILD)
    world.designate(WORKER, 1, (child,))
    world.at = now
    tab = Pages(world).staff(browser, DESKTOP, Duty.ADJUSTER)
    tab.open(f"/staff#/claims/{claim.claim_no}")
    tab.sees("被保险人事故前的指定", "须核实是否本人意愿", "王**")
    tab.page.locator("summary", has_text="登记受益人").click()
    form = tab.page.get_by_role("form", name="登记受益人")
    assert form.locator("[name=basis]").input_value() == "DESIGNATED"
    for name, value in {
        "name": "王小宝",
        "document_number": CHILD,
        "share": "1/1",
        "account_no": "6222021234567890123",
        "bank_name": "中国工商银行",
    }.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("[name=relation]").select_option("CHILD")
    form.locator("summary", has_text="监护人").click()
    for name, value in {"name": "李兰", "document_number": MOTHER, "relation": "母亲"}.items():
        form.locator(f"[name=guardian_{name}]").fill(value)
    form.locator("[name=holder]").select_option("GUARDIAN")
    form.get_by_role("button", name="登记", exact=True).click()
    tab.sees("DEPARTS_FROM_DESIGNATION")
    form.locator("[name=departs_because]").fill("被保险人清醒时本人变更,护士和家属在场")
    form.get_by_role("button", name="登记", exact=True).click()
    tab.sees("护士和家属在场", "监护人 李*")
    (person,) = world.state_beneficiaries.read(claim.claim_no).beneficiaries.people
    assert person.guardian is not None
    assert (person.guardian.name, person.holder, person.loses) == ("李兰", Holder.GUARDIAN, None)
    assert world.state_beneficiaries.read(claim.claim_no).beneficiaries.basis is Basis.DESIGNATED
    tab.check(refusals=[422])
    tab.close()
