"""From an empty book to an insured worker, by nothing but the product's routes: what docs/operations.md promises."""

from secrets import token_hex

import pytest

from tests.devstack.seed import back_office
from tests.support.actors import OperatorDesk, ProviderClient
from tests.support.back_office import LabourCompany
from tests.support.codes import decode_png, token_of
from tests.support.world import World, wanted_project

pytestmark = pytest.mark.stack


def test_company_that_nobody_knew_insures_a_worker_when_two_of_the_staff_have_enrolled_it(
    world: World,
) -> None:
    number = token_hex(4)
    company = LabourCompany(f"lw-{number}", "台州启明劳务有限公司", f"19{int(number, 16) % 10**8:08d}")
    world.simulated.authorise_companies([company.sub_mchid])
    office = back_office(world.stack)
    office.open_companies([company])
    provider_id = f"sp-{number}"
    secret = office.register_provider(provider_id, "启明服务平台")
    provider = ProviderClient(provider_id, secret, world.api)
    provider.sign_in().expect(200)
    path = f"/v1/companies/{company.company_id}/projects"
    assert provider.api.get(path).status == 403, "authorised by nobody yet"

    owner = office.owner_of(company.company_id, f"oDC0owner{number}", "陈启明")
    foreman = OperatorDesk(world.api, world.simulated, openid=f"oDC0foreman{number}")
    assert foreman.sign_in().status == 403, "invited by nobody yet"
    invitation = owner.invite(company.company_id, "OPERATOR")
    foreman.sign_in(invitation=invitation, name="何工头").expect(200)
    assert foreman.companies == {company.company_id: ["OPERATOR"]}

    project = foreman.create_project(company.company_id, wanted_project()).expect(201)
    printed = token_of(decode_png(foreman.qr_code(project, "png").content))
    policy = world.worker().become_insured(printed)
    assert policy["in_force"]

    assert foreman.api.get(f"/v1/companies/{company.company_id}/credit").status == 403
    owner.api.get(f"/v1/companies/{company.company_id}/credit").expect(200)
    deeds = owner.api.get(f"/v1/companies/{company.company_id}/deeds").expect(200)["deeds"]
    assert [(deed["operation"], deed["subject"]) for deed in deeds] == [
        ("create_project", foreman.operator_id),
        ("invite_operator", owner.operator_id),
    ]

    office.authorise(provider_id, [company])
    assert provider.projects(company.company_id)[0]["project_id"] == project["project_id"]
    owner.api.post(f"/v1/companies/{company.company_id}/operators/{foreman.operator_id}/removal").expect(200)
    assert foreman.api.get(path).status == 403
