"""The world that the event files name, laid into the running local stack: `make invoke` does it first.

Provider P1 may act for company C1, whose project …07 runs around the clock today; worker …28T5 has signed in
and consented. All of it may be repeated; each time the project is open again and its code is valid.
"""

from datetime import UTC, datetime, time, timedelta

from daycover.cover.disclosure import plan_key
from daycover.cover.plan import plan_on_sale
from daycover.errors import ConcurrentChangeError
from daycover.projects.code import issue_token
from daycover.projects.company import Authorisation, Company
from daycover.projects.enrol import AlreadyEnrolledError
from daycover.projects.project import Project, Shift
from daycover.wiring.adapters import Adapters
from tests.devstack.stack import Stack
from tests.support.builders import WORKER, a_project, a_worker, an_id_number, consents_for
from tests.support.enrolled import a_provider, enrol
from tests.support.people import Person
from tests.support.simulated import Simulated

COMPANIES = (
    Company(company_id="C1", name="浦江劳务", sub_mchid="1900000109"),
    Company(company_id="C2", name="另一家", sub_mchid="1900000110"),
)
PROVIDER_ID = "P1"
SECRET = "a-secret-of-256-random-bits"
"""As in `events/access/sign_in_provider`."""
OPENID = a_worker().openid
INSURED = Person("王小明", an_id_number(), "12800000000", OPENID)
"""As in `events/cover/check_in`."""


def lay(stack: Stack, adapters: Adapters) -> dict[str, str]:
    """Seed the world and give what its placeholders stand for; `adapters` are of the stack's functions."""
    simulated = Simulated(stack.simulators)
    simulated.know_people([INSURED])
    simulated.authorise_companies(company.sub_mchid for company in COMPANIES)
    now = datetime.now(UTC)
    granted = Authorisation(provider_id=PROVIDER_ID, company_id="C1", granted_at=now)
    for enrolled in (*COMPANIES, a_provider(PROVIDER_ID, "服务商", SECRET), granted):
        try:
            enrol(adapters.enrolments, enrolled)
        except AlreadyEnrolledError:
            continue  # it is there
    project = _project(now)
    try:
        adapters.projects.add(project)
    except ConcurrentChangeError:  # it is there, and perhaps closed or its code revoked by the last event
        version = adapters.projects.get(project.project_id, strong=True).version + 1
        adapters.projects.save(project.model_copy(update={"version": version}))
    adapters.workers.add(a_worker(created_at=now))
    consents = consents_for(project, now)
    plan = plan_key(plan_on_sale(project.plan_id, now))
    adapters.consents.add(WORKER, project.project_id, plan, consents)
    return {
        "qr_token": issue_token(project, adapters.code_key)[0],
        "old_qr_token": issue_token(_project(now - timedelta(days=90)), adapters.code_key)[0],
        "access_token": adapters.access_tokens.issue("worker", WORKER, timedelta(hours=1))[0],
        **{f"sha256.{consent.kind}": consent.sha256 for consent in consents},
    }


def _project(now: datetime) -> Project:
    return a_project(
        shift=Shift(starts_at=time(0), ends_at=time(23, 59)),
        starts_on=now.date() - timedelta(days=5),
        ends_on=now.date() + timedelta(days=30),
        created_at=now,
    )
