"""The whole journey once, over HTTP, from the provider's sign-in to the closed day."""

from collections.abc import Callable, Iterable

from tests.devstack import journey_claims as claims
from tests.devstack import journey_cover as cover
from tests.devstack import journey_day as day
from tests.devstack.journey_scene import Known, Scene
from tests.devstack.layout import ROOT
from tests.devstack.report import Report
from tests.devstack.seed import HENGXIN, credentials_file
from tests.devstack.stack import Stack

STEPS: tuple[tuple[str, Callable[[Scene], object]], ...] = (
    ("0 the wallet before the journey", day.ledger_before),
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
    ("6 worker reports a crushed toe", claims.worker_reports_toe),
    ("6 the same report again is the same claim", claims.same_report_is_same_claim),
    ("6 worker hands in every document", claims.worker_hands_in_documents),
    ("6 the claim is assessed: 358,000 fen", claims.toe_is_assessed),
    ("6 worker accepts the amount", claims.worker_accepts_toe),
    ("6 worker confirms in WeChat: paid and closed", claims.toe_is_paid),
    ("6 a larger claim, with its documents", claims.worker_reports_large),
    ("6 it waits for people, with the reason", claims.large_waits_for_people),
    ("6 a senior adjuster decides", claims.adjuster_decides),
    ("6 the same person may not acknowledge", claims.same_person_is_refused),
    ("6 a second person acknowledges", claims.second_person_acknowledges),
    ("6 worker accepts, confirms: paid and closed", claims.large_is_paid),
    ("7 a transfer fails at WeChat", claims.transfer_fails),
    ("7 finance sees it in its queue", claims.finance_sees_failure),
    ("7 finance starts the payout with the aws command", claims.staff_start_payout),
    ("7 worker confirms: paid once and closed", claims.bounced_is_paid),
    ("8 everybody lists what was issued", day.policies_of_everybody),
    ("8 the rosters show everybody", day.rosters_are_complete),
    ("8 the day closes", day.day_closes),
    ("8 statements equal the premiums of their policies", day.statements_add_up),
    ("9 money paid on claims is money that left the wallet", day.money_balances),
    ("9 every transfer's callback was taken", day.callbacks_arrive),
    ("9 no personal data in any log or workflow history", day.no_personal_data),
)


def run(stack: Stack, report: Report) -> None:
    """Play every step; one that fails is recorded, and those that need what it would have given fail too."""
    scene = Scene(stack, report)
    before = len(report.steps)
    for name, act in STEPS:
        scene.step(name, act)
    report.figure("seconds_per_step", {step.name: step.seconds for step in report.steps[before:]})
    for title, line in _hints(stack, scene.known):
        report.hint(title, line)


_SIGNED_IN = '-H "Authorization: Bearer $TOKEN"'


def _hints(stack: Stack, known: Known) -> Iterable[tuple[str, str]]:
    """Lines to open or to copy into a shell in the repository's directory."""
    here = stack.directory.relative_to(ROOT)
    base, company_id = stack.base_url, HENGXIN.company_id
    project_id = known.get("project", {}).get("project_id", "PROJECT_ID")
    yield "a QR code to scan", f"{here}/qr/{project_id}.png"
    yield (
        "sign in as the service provider",
        f"TOKEN=$(curl -s {base}/v1/tokens -H 'Content-Type: application/json' "
        f"-d @{credentials_file(stack).relative_to(ROOT)} "
        """| python3 -c 'import json,sys; print(json.load(sys.stdin)["access_token"])')""",
    )
    company = f"{base}/v1/companies/{company_id}"
    yield "its projects", f"curl -s {company}/projects {_SIGNED_IN}"
    yield "the live roster of one", f"curl -s {company}/projects/{project_id}/roster {_SIGNED_IN}"
    if "day" in known:
        yield "the day's statement", f"curl -s {company}/statements/{known['day']} {_SIGNED_IN}"
    if "policy" in known:
        yield "anyone may verify a policy", f"curl -s {base}/v1/verifications/{known['policy']['policy_no']}"
    yield (
        "staff start a payout themselves",
        f"AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION={stack.region} "
        f"AWS_ENDPOINT_URL={stack.engine_url} .local/engine/bin/aws stepfunctions start-execution "
        f"--state-machine-arn {stack.outputs.get('PayoutArn', 'PAYOUT_ARN')} "
        """--input '{"claim_no": "CLAIM_NO"}'""",
    )
