"""No health text in any answer to finance, an auditor or a labour company: over every route and every duty.

Every text of a claim that people or papers put there is replaced by a word of its own; then each route that staff or
companies may call is called with its own event file, on the state that this case needs, as each of those who must
not read it, and as an adjuster, who must. A route without such a case is red.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import UnionType
from typing import Any, NamedTuple, get_args

import pytest
from pydantic import BaseModel

from daycover.claims.evidence import DayFacts, InvoiceFacts
from daycover.claims.looks import Look
from daycover.platform.config import Config
from daycover.platform.discretion import marks_of
from daycover.store import keys
from daycover.store.aws import StoreUnavailableError
from daycover.store.dynamodb import PRESENT, Put
from tests.functional.claims.stage import ROOT, Stage, body_of
from tests.functional.claims.test_events import FUNCTIONS as OF_CLAIMS
from tests.functional.claims.test_events import PREPARED
from tests.support.builders import PERSON
from tests.support.functions import HANDLERS, events_of, key_of, load

ROUTES = json.loads((ROOT / "functions" / "routes.json").read_text(encoding="utf-8"))
GUARDED = sorted(
    (verb.upper(), path)
    for path, verbs in ROUTES.items()
    for verb in verbs
    if path.startswith(("/v1/staff/", "/v1/companies/"))
)
SECRET = "隐"
"""Begins and ends each word that must not be read."""
TYPED = ("reason", "text", "description", "place", "injury", "contact")
"""Members of bodies that people fill with words."""
STAFF = {
    "finance": ("finance",),
    "auditor": ("auditor",),
    "both": ("finance", "auditor"),
    "no duty": (),
    "intake": ("intake",),
    "adjuster": ("adjuster",),
    "finance who decides": ("finance", "senior_adjuster"),
}
READERS = {"intake", "adjuster", "finance who decides"}


class Case(NamedTuple):
    function: str
    path: Path
    event: dict[str, Any]

    @property
    def route(self) -> tuple[str, str]:
        return self.event["httpMethod"], self.event["resource"]


def cases() -> Iterator[Case]:
    """Every event file of a route for staff or a company that is answered with success."""
    for function in HANDLERS:
        for path in events_of(function):
            event = json.loads(path.read_text(encoding="utf-8"))
            if (event.get("httpMethod"), event.get("resource")) in GUARDED and path.name.split(".")[1][
                0
            ] == "2":
                yield Case(function, path, event)


CASES = list(cases())


def secret(of: str) -> str:
    return f"{SECRET}{of}{SECRET}"


def fill_with_secrets(stage: Stage) -> None:
    """Replace every text about the accident and what follows from it, in the store, by its own word."""
    adapters = stage.adapters
    table = adapters.operations
    for claim in adapters.claims.list_of(PERSON):
        no = claim.claim_no
        words = {name: secret(name) for name in ("place", "description", "injury")}
        assessment = claim.assessment
        if assessment is not None:
            lines = [
                line.model_copy(update={"explanation_zh": secret("explanation")}) for line in assessment.lines
            ]
            assessment = assessment.model_copy(update={"lines": tuple(lines)})
        changed = claim.model_copy(
            update={
                "accident": claim.accident.model_copy(update=words),
                "assessment": assessment,
                "signals": tuple(
                    s.model_copy(update={"evidence": (secret("evidence"),)}) for s in claim.signals
                ),
            }
        )
        table.put(Put(keys.claim(no), adapters.claims._item(changed), condition=PRESENT))
        for found in adapters.claims.assessments(no):
            kept = found.model_copy(
                update={
                    "lines": tuple(
                        line.model_copy(update={"explanation_zh": secret("explanation")})
                        for line in found.lines
                    )
                }
            )
            item = {"version": kept.version, "sealed": adapters.cipher.seal(kept.model_dump_json(), no)}
            table.put(Put(keys.claim_assessment(no, kept.version), item, condition=PRESENT))
        for entry in adapters.claims.history(no):
            line, _ = adapters.claims._history_puts(entry.model_copy(update={"reason": secret("reason")}))
            assert isinstance(line, Put)
            table.put(replace(line, condition=PRESENT))
        for document in adapters.documents.list_of(no):
            facts = document.announced.facts
            if isinstance(facts, InvoiceFacts):
                lines_ = tuple(line.model_copy(update={"item": secret("item")}) for line in facts.lines)
                facts = facts.model_copy(update={"lines": lines_, "hospital": secret("hospital")})
            elif isinstance(facts, DayFacts):
                facts = facts.model_copy(update={"hospital": secret("hospital")})
            announced = document.announced.model_copy(update={"facts": facts})
            held = document.model_copy(update={"announced": announced})
            key = keys.claim_document(no, document.document_id)
            table.put(Put(key, adapters.documents._item(held), condition=PRESENT))
    notices = adapters.loss_notices
    for notice in notices.many(entry.number for entry in notices.entries(100)):
        words = {name: secret(name) for name in ("place", "description", "injury")}
        accident = notice.accident.model_copy(update=words)
        told = notice.model_copy(update={"accident": accident, "contact": secret("contact")})
        key = keys.loss_notice(notice.report_no)
        table.put(Put(key, adapters.loss_notices._item(told), condition=PRESENT))


def filled(body: str | None) -> str | None:
    """The body of a request with secrets for what people type."""
    if body is None:
        return None
    told = json.loads(body)

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: secret(name)
                if name in TYPED and isinstance(held, str) and not held.isupper()
                else fill(held)
                for name, held in value.items()
            }
        return [fill(item) for item in value] if isinstance(value, list) else value

    return json.dumps(fill(told), ensure_ascii=False)


def ask(stage: Stage, case: Case, caller: Mapping[str, str], request_id: str = "r-1") -> dict[str, Any]:
    fill_with_secrets(stage)
    event = case.event | {"body": filled(case.event["body"])}
    event["requestContext"] = event["requestContext"] | {
        "authorizer": dict(caller),
        "requestId": request_id,
    }
    response: dict[str, Any] = stage.invoke(case.function, event)
    return response


def prepared(case: Case, aws: Config, monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage(aws, monkeypatch)
    prepare = PREPARED.get(key_of(case.path)) if case.function in OF_CLAIMS else Stage.decided
    if prepare is not None:
        prepare(stage)
    return stage


def test_every_route_of_staff_and_companies_has_a_case_when_it_is_deployed() -> None:
    assert sorted({case.route for case in CASES}) == GUARDED


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.route[1].startswith("/v1/staff/")], ids=lambda case: key_of(case.path)
)
def test_health_text_is_for_those_whose_duty_needs_it_when_staff_ask(
    case: Case, aws: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = prepared(case, aws, monkeypatch)
    own = case.event["requestContext"]["authorizer"]
    answered = set()
    for number, (who, duties) in enumerate(STAFF.items()):  # whoever must not read it asks first
        caller = {"role": "staff", "subject": own["subject"], "staff_roles": " ".join(duties)}
        request_id = f"request-{number}"
        response = ask(stage, case, caller, request_id)
        text, is_answered = response["body"], response["statusCode"] < 300
        looks = [look for look in looks_of(stage) if look.request_id == request_id]
        if who not in READERS:
            assert SECRET not in text, f"{who}: {text}"
            assert looks == []
        elif is_answered and is_json(response) and "accident" in body_of(response):
            assert secret("injury") in text, who
        if SECRET in text:
            assert [look.by for look in looks] == [own["subject"]], "who was shown it is recorded"
        if is_answered:
            answered.add(who)
    own_duties = set(own["staff_roles"].split())
    assert answered & {who for who, duties in STAFF.items() if own_duties & set(duties)} or (
        case.function not in OF_CLAIMS
    ), "nobody was answered"
    assert SECRET not in capsys.readouterr().out, "what is logged"


def is_json(response: dict[str, Any]) -> bool:
    return "json" in response["multiValueHeaders"]["Content-Type"][0]


def looks_of(stage: Stage) -> list[Look]:
    numbers = [claim.claim_no for claim in stage.adapters.claims.list_of(PERSON)]
    numbers += [entry.number for entry in stage.adapters.loss_notices.entries(100)]
    return [look for number in numbers for look in stage.claims.look_at.of(number)]


@pytest.mark.parametrize("key", ["list_staff_claims/file", "open_document/file", "match_loss_notice/read"])
def test_nothing_is_shown_when_the_look_cannot_be_recorded(
    key: str, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = next(case for case in CASES if key_of(case.path) == key)
    stage = prepared(case, aws, monkeypatch)

    def fail(_look: Look) -> None:
        raise StoreUnavailableError

    monkeypatch.setattr(stage.adapters.looks, "add", fail)
    caller = {"role": "staff", "subject": "adjuster-1", "staff_roles": "adjuster"}
    response = ask(stage, case, caller)
    assert response["statusCode"] == 503
    assert SECRET not in response["body"]
    assert "url" not in body_of(response)


@pytest.mark.parametrize("key", ["list_staff_claims/file", "open_document/file", "match_loss_notice/read"])
def test_every_look_is_recorded_when_its_requests_bear_the_id_that_their_client_chose(
    key: str, aws: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = next(case for case in CASES if key_of(case.path) == key)
    stage = prepared(case, aws, monkeypatch)
    caller = {"role": "staff", "subject": "adjuster-1", "staff_roles": "adjuster"}
    for gateway_id in ("JKJaXmPLvHcESHA=", "JKJbYnQMwIdFTIB="):
        event = {"requestContext": case.event["requestContext"] | {"extendedRequestId": gateway_id}}
        again = case._replace(event=case.event | event)
        assert ask(stage, again, caller, "chosen by the client")["statusCode"] == 200
    assert len(looks_of(stage)) == 2


@pytest.mark.parametrize("role", ["company", "provider"])
@pytest.mark.parametrize(
    "case", [c for c in CASES if c.route[1].startswith("/v1/companies/")], ids=lambda case: key_of(case.path)
)
def test_no_health_text_reaches_a_company_when_it_asks(
    case: Case, role: str, aws: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = prepared(case, aws, monkeypatch)
    own = case.event["requestContext"]["authorizer"]
    caller = {**own, "role": role} if role == own["role"] else {"role": "company", "subject": "C1"}
    response = ask(stage, case, caller)
    assert SECRET not in response["body"]
    assert SECRET not in capsys.readouterr().out


# ---- every text of every view is marked, or known to be harmless

HARMLESS = {
    "AccountView": "company_id name",
    "AccountsView": "next_page",
    "AdvanceFileView": "acknowledged_by stated_by",
    "AnnouncedView": "document_id",
    "Answered": "answer answer_en answer_zh code text_en text_zh",
    "ApprovedView": "client_secret invitation",
    "AskedDocumentView": "name",
    "AssessmentView": "formula_version",
    "AuthorisationView": "company_id provider_id",
    "BeneficiariesView": "claim_no confirmed_by relation_proof stated_by",
    "BeneficiaryView": "account_no bank_name document_number guardian name"
    " paid_share payee payout_id payout_state share",
    "BodyPartView": "code name_en name_zh",
    "BookView": "below_three unknown",
    "BreakListView": "next_page",
    "BreakView": "break_id company_id detail reference resolved_by subject",
    "CheckInSignalView": "check code evidence what_en what_zh",
    "CheckedBillView": "bill_no related_no",
    "ChecklistLine": "condition condition_en name",
    "ClaimConsentView": "sha256 text text_en version",
    "ClaimConsentsView": "claim_no",
    "ClaimFileView": "acknowledged_by also_covered assignee claim_no"
    " decided_by policy_no queue referred_for reporters",
    "ClaimSummary": "claim_no policy_no",
    "ClaimNoticeView": "contact how_to_dispute legal_basis number",
    "ClaimsTotalView": "plan_id",
    "ClassTotal": "plan_id",
    "ClocksView": "breached",
    "CodeView": "link token",
    "CompanyContractView": "insurer plans",
    "CompanyFactsView": "address credit_code name sub_mchid",
    "CompanyShare": "company_id company_name",
    "ConfirmationView": "claim_no seen_by status",
    "ConsentTextView": "sha256 text text_en version",
    "CorrectedDayView": "master_policy_no",
    "CoverWarning": "code text_en text_zh",
    "CredentialView": "credential_id revoked_by",
    "CreditView": "company_id",
    "DeedView": "about operation provider_id role subject",
    "DeedsView": "next_page",
    "DesignatedLine": "document_number name share",
    "DisabilityItemView": "chapter_zh clause_zh code parts text_zh",
    "DisabilityItemsView": "standard",
    "DocumentView": "content_type document_id duplicate_of replaces same_file_as sha256",
    "EarlierReferralView": "declined_en declined_for declined_zh policy_no project_id referral_id",
    "EndingView": "by",
    "EndorsementView": "list_sha256 master_policy_no",
    "EnrolledCompaniesView": "next_page",
    "EnrolledCompanyView": "address company_id credit_code name sub_mchid",
    "Exclusion": "code text_en text_zh",
    "ExecutionView": "execution",
    "FileLinkView": "url",
    "FindingView": "entry",
    "FlaggedView": "check_in_id insured_name policy_no status worker_id",
    "FraudSignalView": "rule weight",
    "GateProjectView": "employer_name name project_id",
    "GateUninsuredView": "name",
    "GateView": "next",
    "HeldPolicyView": "plan_id policy_no project_id",
    "HistoryLine": "by notice reason_code",
    "InsuredView": "claim_no",
    "InsurerServiceLevelsView": "month",
    "InvitationView": "invitation_id invited_by",
    "InvitedView": "token",
    "LineView": "insured_name plan_id policy_no project_id",
    "LinkView": "url",
    "LookView": "by document_id duties request_id",
    "MasterPolicyView": "company_id credit_code insurer insurer_address"
    " number plan_versions policyholder policyholder_address terms",
    "MonthView": "company_id month",
    "MovementView": "reference",
    "NextStepView": "next_step_en next_step_zh",
    "NoticeView": "assignee claim_no matched_claim_no policy_no referred_for report_no reported_by status",
    "ObligationView": "payee",
    "OccupationAnswerView": "code listed_code name_en name_zh reason_en reason_zh version",
    "OccupationReferralView": "certificates company_id company_name name place referral_id tasks tools",
    "OidcView": "client_id issuer",
    "OneProjectView": "company_id company_name employer_name name occupation_code"
    " occupation_en occupation_zh plan_id project_id reason_en reason_zh",
    "OperatorView": "invited_by name operator_id removed_by vouched_by",
    "OtherPolicyView": "plan_id policy_no",
    "PaymentView": "company_id reference",
    "PayoutView": "fail_reason fault payout_id state",
    "PolicyTerms": "company_id insured_name plan_id policy_no project_id worker_id",
    "PolicyView": "company_id insured_name plan_id plan_version policy_no project_id",
    "ProjectStuffing": "name project_id",
    "ProjectTotal": "project_id",
    "ProjectView": "company_id company_name employer_name name occupation_code"
    " occupation_en occupation_zh plan_id project_id reason_en reason_zh",
    "ProposalView": "company_id name proposal_id proposed_by provider_id settled_by",
    "ProposalsView": "next_page",
    "ProviderView": "name provider_id",
    "ProvidersView": "next_page",
    "QueueLine": "assignee claim_no insured_name policy_no referred_for report_no status",
    "ReferralDocumentView": "document_id",
    "ReferralFileView": "document_number name",
    "ReferralLookView": "by document_id duties request_id",
    "ReferralView": "declined_en declined_for declined_zh name policy_no project_id referral_id",
    "ReferredWork": "code reason_en reason_zh",
    "ReportedView": "also_covered claim_no report_no status",
    "RepresentativeFileView": "document_id document_number judged_by name worker_id",
    "RepresentativeLine": "name",
    "RosterEntry": "insured_name plan_id policy_no",
    "RosterSignalsView": "company_id",
    "RosterView": "next",
    "RoundView": "acknowledged_by breaches decided_by",
    "SentDocument": "document_id reason_code replaces",
    "ServiceLevelsView": "month",
    "SettlementsView": "missing",
    "ShiftView": "ends_at starts_at",
    "SignalsView": "next",
    "SiteConfirmationView": "name role",
    "SiteReferralView": "declined_en declined_for declined_zh name policy_no project_id referral_id",
    "Source": "by document_id",
    "StatementDayView": "reference",
    "StatementView": "company_id lines_url",
    "StatementsView": "company_id",
    "StuckView": "fault",
    "TableContentView": "content",
    "TableVersionView": "proposed_by settled_by sha256 table version",
    "TimelineLine": "reason_code text",
    "TransferConfirmation": "app_id mch_id package",
    "TransferView": "reference recorded_by",
    "UninsuredView": "name next_step_en next_step_zh",
    "UploadView": "fields url",
    "WaitingView": "name reason referral_id status",
    "WorkView": "company_name employer_name name occupation_en occupation_zh project_id",
}
"""Texts that are codes, numbers, names of those who are paid, or the wording of a table: by view, its fields."""


def models_of(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for argument in get_args(kind):
        yield from models_of(argument)


def reachable() -> set[type[BaseModel]]:
    """Every model that an answer to staff or a company may hold."""
    waiting: list[type[BaseModel]] = []
    for function in HANDLERS:
        for route in getattr(getattr(load(function), "api", None), "routes", []):
            if (route.method, route.path.replace("<", "{").replace(">", "}")) in GUARDED:
                answers = get_args(route.answer) if isinstance(route.answer, UnionType) else (route.answer,)
                waiting += [model for answer in answers for model in models_of(answer)]
    found: set[type[BaseModel]] = set()
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            unmarked = [f for name, f in model.model_fields.items() if name not in marks_of(model)]
            waiting += [inner for field in unmarked for inner in models_of(field.annotation)]
    return found


def has_text(kind: Any) -> bool:
    return kind is str or kind is Any or any(has_text(argument) for argument in get_args(kind))


def test_every_text_is_marked_or_known_harmless_when_staff_or_a_company_are_answered() -> None:
    texts = {
        f"{model.__name__}.{name}"
        for model in reachable()
        for name, field in model.model_fields.items()
        if name not in marks_of(model) and has_text(field.annotation)
    }
    harmless = {f"{view}.{name}" for view, names in HARMLESS.items() for name in names.split()}
    assert texts - harmless == set(), "mark it Health or Contact, or say that it is harmless"
    assert harmless - texts == set(), "no longer there"
