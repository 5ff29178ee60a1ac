"""The whole journey once, over HTTP, from the provider's sign-in to the closed day."""

import json
import os
from collections.abc import Callable, Iterable

from tests.devstack import journey_claims as claims
from tests.devstack import journey_cover as cover
from tests.devstack import journey_day as day
from tests.devstack import journey_family as family
from tests.devstack import journey_gate as gate
from tests.devstack.journey_scene import Known, Scene
from tests.devstack.layout import ROOT
from tests.devstack.report import Report
from tests.devstack.seed import COMPANIES, HENGXIN, ON_SHIFT, OWNERS, credentials_file
from tests.devstack.stack import Stack
from tests.support.actors import STAFF_AUDIENCE
from tests.support.simulated import Simulated

STEPS: tuple[tuple[str, Callable[[Scene], object]], ...] = (
    ("1 provider signs in", cover.provider_signs_in),
    ("1 provider creates a project with a night shift", cover.provider_creates_project),
    ("2 operator fetches the QR code: PNG, SVG, link", cover.operator_fetches_code),
    ("2 the seeded pictures decode to links that scan", cover.seeded_codes_decode),
    ("2 operator rotates the code: the old one ends", cover.operator_rotates_code),
    ("2 operator revokes the code and prints a new one", cover.operator_revokes_code),
    ("3 worker signs in from the mini program", cover.worker_signs_in),
    ("3 worker scans: cover, exclusions, consent texts", cover.worker_scans),
    ("3 worker gives the four consents", cover.worker_gives_consents),
    ("4 worker checks in: work-card pre-order", cover.worker_checks_in),
    ("4 worker shows their face to the work card", cover.worker_shows_face),
    ("4 server asks the work card and issues 24 hours of cover", cover.server_issues_policy),
    ("4 the table keeps the policy beyond its cover", cover.policy_outlives_cover),
    ("4 an app that never comes back: the queue issues", cover.app_never_comes_back),
    ("5 worker scans again: same policy, nothing new", cover.worker_scans_again),
    ("5 worker reads and lists their policies", cover.worker_reads_policies),
    ("5 operator sees the roster", cover.operator_sees_roster),
    ("5 anyone verifies the policy", cover.anyone_verifies),
    ("5 construction site: a name with a middle dot, typed with another", gate.dotted_name_is_insured),
    ("5 ride-hailing: a driver over 60", gate.older_driver_is_insured),
    ("5 a residence permit: the site and an underwriter look", gate.permit_holder_is_insured),
    ("6 worker reports a crushed toe", claims.worker_reports_toe),
    ("6 the same report again is the same claim", claims.same_report_is_same_claim),
    ("6 worker hands in every document", claims.worker_hands_in_documents),
    ("6 the claim is assessed: 358,000 fen", claims.toe_is_assessed),
    ("6 worker accepts the amount", claims.worker_accepts_toe),
    ("6 worker confirms in WeChat: paid and closed", claims.toe_is_paid),
    ("6 a larger claim, with its documents", claims.worker_reports_large),
    ("6 it waits for people, with the reason", claims.large_waits_for_people),
    ("6 an adjuster fills the loss sheet: 2,000 yuan of a third party", family.adjuster_fills_sheet),
    ("6 a senior adjuster decides", claims.adjuster_decides),
    ("6 the same person may not acknowledge", claims.same_person_is_refused),
    ("6 a second person acknowledges", claims.second_person_acknowledges),
    ("6 worker accepts, confirms: paid and closed", claims.large_is_paid),
    ("7 a transfer fails at WeChat", claims.transfer_fails),
    ("7 finance sees it in its queue", claims.finance_sees_failure),
    ("7 finance starts the payout with the aws command", claims.staff_start_payout),
    ("7 worker confirms: paid once and closed", claims.bounced_is_paid),
    ("8 a foreman reports that a worker has died", family.foreman_reports_death),
    ("8 a daughter asks to represent them, from her own phone", family.daughter_asks_to_represent),
    ("8 staff accept her proof", family.staff_accept_the_daughter),
    ("8 she files every paper and says that this is all", family.daughter_files_every_paper),
    ("8 two people decide on the sheet, two on the beneficiary", family.two_people_decide_the_death),
    ("8 she answers and is paid: nobody touched the dead person's phone", family.daughter_is_paid),
    ("9 everybody lists what was issued", day.policies_of_everybody),
    ("9 the rosters show everybody", day.rosters_are_complete),
    ("9 the day closes", day.day_closes),
    ("9 statements equal the premiums of their policies", day.statements_add_up),
    ("10 money paid on claims is money that left the wallet", day.money_balances),
    ("10 every transfer's callback was taken", day.callbacks_arrive),
    ("10 no personal data in any log or workflow history", day.no_personal_data),
)


def run(stack: Stack, report: Report) -> None:
    """Play every step; one that fails is recorded, and those that need what it would have given fail too."""
    scene = Scene(stack, report)
    day.look_at_wallet(scene)
    before = len(report.steps)
    for name, act in STEPS:
        scene.step(name, act)
    report.figure("seconds_per_step", {step.name: step.seconds for step in report.steps[before:]})
    for title, line in _hints(stack, scene.known):
        report.hint(title, line)


_READ = """field() { python3 -c "import json,sys; print(json.load(sys.stdin)['$1'])"; }"""
_SHOW = r"curl -sw '\n'"


def _hints(stack: Stack, known: Known) -> Iterable[tuple[str, str]]:
    """Lines to open, or to copy into a shell in the repository's directory."""
    here, base = os.path.relpath(stack.directory, ROOT), stack.base_url
    worker = ON_SHIFT[0].openid
    code = Simulated(stack.simulators).login_code(worker)
    yield "a worker's page, signed in: good once, within five minutes", f"{base}/me?code={code}"
    owner = dict(zip(COMPANIES, OWNERS, strict=True))[HENGXIN][1]
    yield f"the company desk: account of company {HENGXIN.company_id}, choose {owner}", f"{base}/desk"
    yield "the staff console: choose anybody", f"{base}/staff"
    project = known.get("project", {}).get("project_id", "PROJECT_ID")
    company = f"{base}/v1/companies/{HENGXIN.company_id}"
    yield "a QR code to scan", f"{here}/qr/{project}.png"
    yield "first of all, for the lines below", _READ
    sent = f"-H 'Content-Type: application/json' -d @{here}/{credentials_file(stack).name}"
    yield (
        "sign in as the service provider",
        f"PROVIDER=$(curl -s {base}/v1/tokens {sent} | field access_token)",
    )
    yield "its projects", f"{_SHOW} {company}/projects {_as('PROVIDER')}"
    yield "the live roster of one", f"{_SHOW} {company}/projects/{project}/roster {_as('PROVIDER')}"
    if "day" in known:
        yield "the day's statement", f"{_SHOW} {company}/statements/{known['day']} {_as('PROVIDER')}"
    code = _sent(f"{stack.simulators['mini_program']}/_sim/login-codes", openid=worker)
    yield "another link to the worker's page", f'echo "{base}/me?code=$({code} | field code)"'
    session = _sent(f"{base}/v1/sessions", login_code="'$CODE'")
    yield (
        "sign in as a worker",
        f"CODE=$({code} | field code); WORKER=$({session} | field access_token)",
    )
    yield "their policies and claims", "; ".join(_get(base, path) for path in ("/v1/policies", "/v1/claims"))
    if "policy" in known:
        yield "anyone may verify a policy", f"{_SHOW} {base}/v1/verifications/{known['policy']['policy_no']}"
    token = _sent(
        f"{stack.simulators['oidc']}/_sim/id-tokens",
        sub="staff-gu",
        audience=STAFF_AUDIENCE,
        nonce="'$NONCE'",
    )
    session = _sent(f"{base}/v1/staff-sessions", id_token="'$ID'", nonce="'$NONCE'")
    yield (
        "sign in as a senior adjuster",
        f"NONCE=$(python3 -c 'import secrets; print(secrets.token_hex(16))'); ID=$({token} | field id_token); "
        f"STAFF=$({session} | field access_token)",
    )
    yield "the adjusters' queue", f"{_SHOW} '{base}/v1/staff/claims?queue=DECISION' {_as('STAFF')}"
    yield (
        "staff start a payout themselves",
        f"AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION={stack.region} "
        f"AWS_ENDPOINT_URL={stack.engine_url} .local/engine/bin/aws stepfunctions start-execution "
        f"--state-machine-arn {stack.outputs.get('PayoutArn', 'PAYOUT_ARN')} "
        """--input '{"claim_no": "CLAIM_NO"}'""",
    )


def _as(variable: str) -> str:
    return f'-H "Authorization: Bearer ${variable}"'


def _get(base: str, path: str) -> str:
    return f"{_SHOW} {base}{path} {_as('WORKER')}"


def _sent(url: str, **body: str) -> str:
    """A curl line that posts JSON; a value may leave the quotes to name a shell variable."""
    return f"curl -s {url} -H 'Content-Type: application/json' -d '{json.dumps(body)}'"
