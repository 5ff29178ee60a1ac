"""Who may call what stands in `daycover/api/duties.py` alone: handlers, document and staff pages follow it."""

import ast
import re

from daycover.api.duties import ALLOWED
from daycover.platform.callers import Duty
from daycover.platform.routes import Route
from daycover.projects.roles import OperatorRole
from tests.architecture.source import FUNCTIONS, of_each, tree_of
from tests.support.duties import DESK_SCRIPT, SCRIPT, desk_text, may, operation_id, operators_may, text
from tests.support.functions import HANDLERS, load

ROUTES: dict[str, list[Route]] = {
    function: api.routes for function in HANDLERS if (api := getattr(load(function), "api", None)) is not None
}
GUARDED = [route for routes in ROUTES.values() for route in routes if route.allowed is not None]
GUARDED_FUNCTIONS = [name for name, routes in ROUTES.items() if any(route in GUARDED for route in routes)]
DUTIES = "|".join(Duty)
ROLES = "|".join(OperatorRole)
COMPANY_ROLES = ("provider", "company", "operator")
STAFF_PAGES = sorted((FUNCTIONS / "web" / "static").glob("staff*.js"))
DESK_PAGES = sorted((FUNCTIONS / "web" / "static").glob("desk*.js"))
WITHOUT_A_BUTTON = {
    "answerForBeneficiaries": "what they signed is recorded by the API",
    "approveTableVersion": "a table is a file, and loaded by the API",
    "listTables": "read by the API",
    "proposeCalendar": "a table is a file, and loaded by the API",
    "proposeOccupations": "a table is a file, and loaded by the API",
    "proposePlans": "a table is a file, and loaded by the API",
    "readTableVersion": "read by the API",
    "withdrawTableVersion": "done by the API",
    "findDisabilityItems": "read by the API",
    "readRosterSignals": "read by the API",
    "voidPolicy": "done by the API",
}
"""Operations of a duty that the staff pages do not offer."""
FOR_EVERY_OPERATOR = {
    "findOccupations",
    "listOccupationReferrals",
    "listProjects",
    "readPlans",
    "readProject",
    "readRoster",
}
NOT_ON_THE_DESK = {
    "cancelCompanyPolicy": "done by the API",
    "changeQrCode": "on the page of the code, which asks for the same role",
    "readDeposit": "on the page of the credit, which asks for the same roles",
    "readMasterPolicy": "read by the API",
    "listStatements": "on the page of the statement, which asks for the same roles",
    "readMonth": "on the page of the credit, which asks for the same roles",
}
"""Operations of a role that the desk does not ask for by name."""


def test_every_operation_has_one_route_when_it_is_allowed_to_somebody() -> None:
    names = [route.run.__name__ for route in GUARDED]
    assert sorted(names) == sorted(ALLOWED)


def test_audience_is_the_one_of_the_path_when_it_is_for_staff_or_a_company() -> None:
    for route in GUARDED:
        assert route.allowed is not None
        is_for_staff, is_for_companies = (
            route.path.startswith(start) for start in ("/v1/staff/", "/v1/companies/")
        )
        assert (route.allowed.roles == ("staff",)) is is_for_staff, route.path
        assert route.allowed.roles in (COMPANY_ROLES, ("operator",)) or not is_for_companies, route.path
        assert bool(route.allowed.operator_roles) is ("operator" in route.allowed.roles), route.path
        assert is_for_staff or not route.allowed.duties, route.path


@of_each(GUARDED_FUNCTIONS)
def test_handler_leaves_roles_and_duties_to_the_table(function: str) -> None:
    text = HANDLERS[function].read_text(encoding="utf-8")
    assert not re.findall(f'"(?:{DUTIES}|worker|provider|company|staff)"', text)


@of_each(ROUTES)
def test_company_routes_go_through_the_gate_first(function: str) -> None:
    for node in tree_of(HANDLERS[function]).body:
        if not isinstance(node, ast.FunctionDef) or not node.decorator_list:
            continue
        rule = ast.unparse(node.decorator_list[0])
        if "<company_id>" not in rule or "/v1/staff/" in rule:
            continue
        statements = node.body[1:] if ast.get_docstring(node) else node.body
        first = next((one for one in ast.walk(statements[0]) if isinstance(one, ast.Call)), node)
        assert ast.unparse(first) == "company_caller(api, company_id)", f"{function}.{node.name}"


@of_each(ROUTES)
def test_nobody_acts_for_a_company_beside_the_gate(function: str) -> None:
    assert "act_for" not in HANDLERS[function].read_text(encoding="utf-8")


def test_script_of_the_staff_pages_is_what_the_table_says() -> None:
    assert SCRIPT.read_text(encoding="utf-8") == text(), "run `make duties`"


def test_staff_pages_offer_what_the_table_says_and_know_no_duty_themselves() -> None:
    asked: set[str] = set()
    for page in STAFF_PAGES:
        script = page.read_text(encoding="utf-8")
        asked |= set(re.findall(r'\.may\("(\w+)"\)', script))
        assert not re.findall(f'"(?:{DUTIES})"', script), page.name
    of_a_duty = {operation_id(name) for name, allowed in ALLOWED.items() if allowed.duties}
    assert asked == of_a_duty - set(WITHOUT_A_BUTTON)
    assert set(WITHOUT_A_BUTTON) <= set(may())


def test_script_of_the_desk_is_what_the_table_says() -> None:
    assert DESK_SCRIPT.read_text(encoding="utf-8") == desk_text(), "run `make duties`"


def test_desk_offers_what_the_table_says_and_knows_no_role_itself() -> None:
    asked: set[str] = set()
    for page in DESK_PAGES:
        script = page.read_text(encoding="utf-8")
        asked |= set(re.findall(r'\b(?:may|whoMay)\("(\w+)"', script))
        assert not re.findall(f'roles\\.includes\\("(?:{ROLES})"', script), page.name
    assert asked - FOR_EVERY_OPERATOR == set(operators_may()) - FOR_EVERY_OPERATOR - set(NOT_ON_THE_DESK)


def test_every_role_may_what_the_desk_does_not_ask_for() -> None:
    assert all(operators_may()[name] == tuple(OperatorRole) for name in FOR_EVERY_OPERATOR)
    for inner, page in (
        ("changeQrCode", "readQrCode"),
        ("listStatements", "readStatement"),
        ("readMonth", "readCredit"),
        ("readDeposit", "readCredit"),
    ):
        assert operators_may()[inner] == operators_may()[page]
