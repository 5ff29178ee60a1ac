"""The scripts of the web faces: text stays text, nothing is loaded from elsewhere, every code has its words."""

import ast
import re
from enum import StrEnum
from pathlib import Path

from daycover import claims
from daycover.api.cover.endings import CancelReason
from daycover.api.duties import ALLOWED
from daycover.books.credit import CreditLevel
from daycover.books.payment import MovementKind
from daycover.books.settlement import Position, SettlementStatus
from daycover.books.statement import StatementStatus
from daycover.claims.advance import AdvanceGround, AdvanceState
from daycover.claims.assess import CONSENT_WITHDRAWN, NO_ROOM
from daycover.claims.attention import Attention
from daycover.claims.bill import BillFault, BillKind, BillState
from daycover.claims.claim import ActorKind, Queue
from daycover.claims.consents import ClaimConsentKind
from daycover.claims.disability import DisabilityScale
from daycover.claims.documents import ClaimType, DocumentStatus, DocumentType
from daycover.claims.due import Clock
from daycover.claims.frequency import Dimension
from daycover.claims.inform import Delivery
from daycover.claims.lifecycle import ClaimEvent, ClaimStatus, Decision
from daycover.claims.looks import LegalGround, LookedAt
from daycover.claims.notice import DeliveryChannel, NoticeKind
from daycover.claims.obligation import ObligationState
from daycover.claims.sheet import DeathCause
from daycover.claims.standing import POLICY_NOT_STANDING, POLICY_UNREADABLE
from daycover.claims.terms import Term
from daycover.cover import referral_file
from daycover.cover.decide_referral import NOT_ISSUED, SiteDecline
from daycover.cover.decline import REASONS
from daycover.cover.erase import ErasureStatus
from daycover.cover.evidence import CHECKS
from daycover.cover.occupation import Acceptance
from daycover.cover.occupation_referral import OccupationReferralStatus, OccupationVerdict
from daycover.cover.policy import PolicyStatus
from daycover.cover.presence import Why
from daycover.cover.referral import TIMED_OUT, ReferralReason, ReferralStatus
from daycover.identity import document
from daycover.identity.consent import ConsentKind
from daycover.payouts import pay
from daycover.payouts.beneficiary import Basis, Holder, LossOfRight, Relation
from daycover.payouts.outcome import Outcome
from daycover.payouts.pay import BILL_NOT_FOUND, NO_ANSWER, NOT_ENOUGH, RETURNED, TAKEN_BACK
from daycover.payouts.payout import PayoutState
from daycover.platform.callers import Duty
from daycover.projects.contract import Billing
from daycover.projects.enrol import ProposalKind, ProposalStatus
from daycover.projects.operator import SignInWay
from daycover.projects.place import Datum
from daycover.projects.project import ProjectStatus, Scene
from daycover.projects.roles import OperatorRole
from daycover.reporting.breaks import BreakKind, BreakOwner, Resolution
from tests.architecture.source import FUNCTIONS, of_each
from tests.support.functions import HANDLERS, load

STATIC = FUNCTIONS / "web" / "static"
PAY = Path(pay.__file__)
CLAIMS = Path(claims.__file__).parent
SCRIPTS = sorted(STATIC.glob("*.js"))
STORES = {
    "localStorage": {"client.js"},
    "sessionStorage": {"client.js"},
    "forBrowser": {
        "client.js",
        "desk-gate-watch.js",
        "worker-check-in.js",
        "worker-policies.js",
        "worker.js",
    },
    "forTab": {"client.js", "desk-sign-in.js", "oidc.js", "page.js", "worker.js"},
    "randomUUID": {"client.js"},
    "geolocation": {"place.js"},
}
"""Which scripts may ask the browser for what: elsewhere it would be missing, or kept, unnoticed."""
TOO_NEW = {
    "await outside a function (Chrome 89, iOS 15)": r"^(?!.*\basync\b)\S.*\bawait\b",
    "a private method (iOS 15)": r"^  (?:async |get |set |static )?#\w+|\.#\w+",
    "a static block (iOS 16.4)": r"\bstatic \{",
    "a look behind (iOS 16.4)": r"\(\?<[=!]",
    "a flag of a pattern (iOS 15, 17)": r"/[gimsuy]*[dv][gimsuy]*(?:\.|\))",
    "a method (iOS 15.4 or later)": r"\.(?:at|findLast|findLastIndex|toSorted|toReversed|toSpliced|with|isWellFormed"
    r"|requestSubmit|groupBy|hasOwn|withResolvers|randomUUID\?)\(",
    "a function (iOS 15.4 or later)": r"\b(?:structuredClone|reportError|queueTask|scheduler\.\w+)\(",
    "a signal of its own (iOS 16)": r"\bAbortSignal\.\w+",
    "an attribute or selector (iOS 15.4 or later)": r":has\(|\binert\b|\bpopover\b",
}
"""What neither Chrome 86 nor the Safari of iOS 14 knows, which WeChat's web views may be; `page.js` asks before it
uses a dialog."""
TABLES: dict[str, type[StrEnum]] = {
    "ACCEPTANCE": Acceptance,
    "ADVANCE_GROUND": AdvanceGround,
    "ADVANCE_STATE": AdvanceState,
    "ATTENTION": Attention,
    "BASIS": Basis,
    "BILLING": Billing,
    "BILL_FAULT": BillFault,
    "BILL_KIND": BillKind,
    "BILL_STATE": BillState,
    "BREAK_KIND": BreakKind,
    "CANCEL_REASON": CancelReason,
    "BREAK_OWNER": BreakOwner,
    "CLAIM_ACTOR": ActorKind,
    "CLAIM_CONSENT": ClaimConsentKind,
    "CLAIM_EVENT": ClaimEvent,
    "CLAIM_STATUS": ClaimStatus,
    "CLAIM_TYPE": ClaimType,
    "CLOCK": Clock,
    "CONSENT": ConsentKind,
    "CREDIT_LEVEL": CreditLevel,
    "DATUM": Datum,
    "DEATH_CAUSE": DeathCause,
    "DECISION": Decision,
    "DISABILITY_SCALE": DisabilityScale,
    "DOCUMENT_STATUS": DocumentStatus,
    "DOCUMENT_TYPE": DocumentType,
    "DUTY": Duty,
    "IDENTITY_DOCUMENT": document.IdDocumentType,
    "ERASURE_STATUS": ErasureStatus,
    "HOLDER": Holder,
    "LEGAL_GROUND": LegalGround,
    "LOOKED_AT": LookedAt,
    "LOSS_OF_RIGHT": LossOfRight,
    "MESSAGE_OUTCOME": Delivery,
    "MOVEMENT_KIND": MovementKind,
    "NOTICE_CHANNEL": DeliveryChannel,
    "NOTICE_KIND": NoticeKind,
    "OBLIGATION_STATE": ObligationState,
    "OCCUPATION_REFERRAL_STATUS": OccupationReferralStatus,
    "OPERATOR_ROLE": OperatorRole,
    "OUTCOME": Outcome,
    "PAYOUT_STATE": PayoutState,
    "POLICY_STATUS": PolicyStatus,
    "POSITION": Position,
    "PROJECT_STATUS": ProjectStatus,
    "PROPOSAL_KIND": ProposalKind,
    "PROPOSAL_STATUS": ProposalStatus,
    "QUEUE": Queue,
    "REFERRAL_LOOKED_AT": referral_file.ReferralPart,
    "REFERRAL_REASON": ReferralReason,
    "REFERRAL_STATUS": ReferralStatus,
    "READ_FROM": Datum,
    "RELATION": Relation,
    "RESOLUTION": Resolution,
    "ROLE_MEANS": OperatorRole,
    "SCENE": Scene,
    "SETTLEMENT_STATUS": SettlementStatus,
    "SITE_DECLINE": SiteDecline,
    "SIGN_IN_WAY": SignInWay,
    "STATEMENT_STATUS": StatementStatus,
    "TERM": Term,
    "OCCUPATION_VERDICT": OccupationVerdict,
    "WHY": Why,
}


def words() -> dict[str, dict[str, tuple[str, str]]]:
    """The tables of words.js, and those few that stand with what needs them: name → code → Chinese and English."""
    duties = {"duties.js", "roles.js"}
    text = "\n".join(script.read_text(encoding="utf-8") for script in SCRIPTS if script.name not in duties)
    return {
        name: {
            code: (chinese, english)
            for code, chinese, english in re.findall(r'^  (\w+): \["([^"]+)", "([^"]+)"\],$', body, re.M)
        }
        for name, body in re.findall(r"^export const (\w+) = \{\n(.*?)^\};", text, re.M | re.S)
    }


@of_each(TABLES)
def test_every_code_has_its_words_when_the_api_can_send_it(name: str) -> None:
    assert set(words()[name]) == {member.value for member in TABLES[name]}


def test_every_deed_has_its_words_when_somebody_acts_for_a_company() -> None:
    """What the company gate notes: every route of a company that changes something (`wiring/access.py`)."""
    noted = {
        route.run.__name__
        for function in HANDLERS
        if (api := getattr(load(function), "api", None)) is not None
        for route in api.routes
        if route.method != "GET" and route.path.startswith("/v1/companies/{company_id}/")
    }
    assert "create_project" in noted
    assert set(words()["DEED"]) == noted


def test_everybody_who_may_act_for_a_company_has_their_word_in_the_trail() -> None:
    assert set(words()["ACTOR"]) == set(ALLOWED["create_project"].roles)


def test_every_signal_for_the_worker_has_its_words_when_told() -> None:
    assert set(words()["CHECK_IN_SIGNAL"]) == {check.code for check in CHECKS if check.told}


def test_staff_can_give_every_reason_when_they_decline_a_referral() -> None:
    of_others = {TIMED_OUT, *NOT_ISSUED.values(), SiteDecline.NOT_ON_SITE}
    assert set(REASONS) - of_others <= set(words()["REFERRAL_DECISION"])


def test_worker_is_told_in_words_when_the_site_declines() -> None:
    assert set(SiteDecline) <= set(REASONS)


def test_our_own_reasons_have_their_words_when_a_transfer_does_not_pay() -> None:
    ours = {NO_ANSWER, NOT_ENOUGH, RETURNED, TAKEN_BACK, BILL_NOT_FOUND}
    ours |= {str(fault) for fault in re.findall(r'fault="(\w+)"', PAY.read_text(encoding="utf-8"))}
    assert "AMOUNT_DIFFERS" in ours
    assert ours <= set(words()["TRANSFER_REASON"])


def test_advice_is_about_a_known_reason_when_a_transfer_failed() -> None:
    assert set(words()["TRANSFER_ADVICE"]) < set(words()["TRANSFER_REASON"])


def test_reasons_of_a_referral_have_their_words_when_they_are_named_in_one_place() -> None:
    named = {CONSENT_WITHDRAWN, NO_ROOM, POLICY_NOT_STANDING, POLICY_UNREADABLE}
    named |= {f"F17_FREQUENT_{dimension}" for dimension in Dimension}
    assert named <= set(words()["REFERRED_FOR"])


def test_what_is_wrong_with_papers_has_its_words_when_a_claim_is_referred_for_it() -> None:
    named = {f"BILL_{state}" for state in BillState if state is not BillState.GENUINE} | set(Term)
    for module, pattern in (
        ("checked", r'"([A-Z]+(?:_[A-Z]+)+)"'),
        ("fraud", r'(?:_signal\(|rule=|_linked\()"(\w+)"'),
        ("assess", r'reasons\.append\("(\w+)"\)'),
    ):
        named |= set(re.findall(pattern, (CLAIMS / f"{module}.py").read_text(encoding="utf-8")))
    assert {"BILL_FILE_HOSTILE", "SICK_LEAVE_UNVERIFIED", "F15_DUPLICATE_INVOICE", "NOTHING_TO_PAY"} <= named
    assert named <= set(words()["REFERRED_FOR"])


def test_every_number_of_an_assessment_has_its_words_when_shown() -> None:
    tree = ast.parse((CLAIMS / "adjudication.py").read_text(encoding="utf-8"))
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_line":
            named |= {word.arg for word in node.keywords if word.arg is not None}
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
            named |= {
                str(key.value)
                for key in node.value.keys
                if isinstance(key, ast.Constant) and targets == ["inputs"]
            }
    assert {"eligible_fen", "same_site_paid_fen"} <= named
    assert named == set(words()["INPUT"])


def test_words_are_in_the_language_they_claim_when_read() -> None:
    for table in words().values():
        for code, (chinese, english) in table.items():
            assert re.search("[\u4e00-\u9fff]", chinese), code
            assert not re.search("[\u4e00-\u9fff]", english), code


@of_each(SCRIPTS, ids=lambda path: path.name)
def test_script_writes_text_only_and_loads_only_ours_when_read(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
                      "document.cookie", "globalThis.", "window.on"):  # fmt: skip
        assert forbidden not in text, forbidden
    imported = re.findall(r'from "([^"]+)"', text)
    assert all(re.fullmatch(r"\./[a-z-]+\.js", name) and (STATIC / name).exists() for name in imported)
    names = [name.strip() for group in re.findall(r"import \{([^}]*)\}", text) for name in group.split(",")]
    unused = [name for name in names if len(re.findall(rf"(?<![\w$]){name}(?![\w$])", text)) < 2]
    assert unused == []


@of_each(SCRIPTS, ids=lambda path: path.name)
def test_script_is_understood_by_the_phones_at_the_gate_when_read(script: Path) -> None:
    """One word that an old web view does not know leaves the whole page blank."""
    text = script.read_text(encoding="utf-8")
    found = {name: re.findall(pattern, text, re.M) for name, pattern in TOO_NEW.items()}
    assert {name: hits for name, hits in found.items() if hits} == {}


@of_each(STORES)
def test_browser_is_asked_where_it_is_meant_when_read(store: str) -> None:
    assert {script.name for script in SCRIPTS if store in script.read_text(encoding="utf-8")} == STORES[store]
