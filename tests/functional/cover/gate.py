"""A gate for the handlers: the real wiring on moto, a still clock, and WeChat played by hand."""

import dataclasses
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from daycover import crockford
from daycover.china_time import china_day
from daycover.claims.claim import Actor, Claim, claim_number
from daycover.claims.consents import ClaimConsentKind, ConsentWay, given_with_report
from daycover.claims.record import opening
from daycover.claims.round import Round
from daycover.cover.application import ApplicationDocumentType
from daycover.cover.check_in import CheckIn, CheckInStatus
from daycover.cover.disclosure import consent_texts, plan_key
from daycover.cover.occupation_referral import AnswerStated, OccupationVerdict
from daycover.cover.policy import EndReason, Policy
from daycover.cover.referral import Document, ReferralReason
from daycover.cover.referral_file import ReferralReader
from daycover.cover.roster import line_of
from daycover.identity.attempt import TOO_MANY_FACES, PreOrderState
from daycover.identity.consent import ConsentKind
from daycover.identity.document import IdDocumentType
from daycover.identity.door import TooManyAttemptsError
from daycover.identity.sign_in import LoginCodeError, MiniProgramUnavailableError
from daycover.platform.config import Config
from daycover.platform.operator_issuer import OperatorSignInError
from daycover.platform.staff import StaffProof, StaffTokenError
from daycover.projects.code import issue_token
from daycover.projects.company import Authorisation, Company, OidcClient
from daycover.projects.operator import SignInWay
from daycover.projects.operators import OperatorProof
from daycover.projects.place import OutsideGeofenceError, Point
from daycover.projects.project import Project
from daycover.store import keys
from daycover.store.archive import archived_form
from daycover.wechat.credentials import MerchantCredentials
from daycover.wiring.bench import BenchWiring
from tests.functional.archive.stores import create_archive
from tests.functional.claims.aws import BUCKET, local_aws
from tests.simulators.credentials import Credentials
from tests.support.builders import (
    NOW,
    PERSON,
    WORKER,
    a_check_in,
    a_device,
    a_page,
    a_place,
    a_plan,
    a_policy,
    a_project,
    a_referred_project,
    a_worker,
    an_id_number,
    an_identity,
    consents_for,
    stated_work,
)
from tests.support.claims import ACCIDENT_AT, REPORTED_AT, TOE, accepted, an_accident
from tests.support.enrolled import a_provider, enrol, withdraw
from tests.support.fakes.identity import FakeWorkCard
from tests.support.fakes.port import Clock
from tests.support.functions import load
from tests.support.key_material import read_credentials
from tests.support.papers import a_jpeg
from tests.support.wired import RecordingAdapters, Wired, install

ROOT = Path(__file__).parents[3]
PAPER = a_jpeg("特种作业操作证")
SECRET = "a-secret-of-256-random-bits"


class MiniProgram:
    def openid_of(self, login_code: str) -> str:
        if login_code == "code-good":
            return "o-worker"
        raise MiniProgramUnavailableError if login_code == "code-down" else LoginCodeError


class Issuer:
    def verify(self, id_token: str, nonce: str) -> StaffProof:
        if (id_token, nonce) != ("id-token-of-an-adjuster", "nonce-of-this-sign-in-0"):
            raise StaffTokenError(fault="FORM")
        return StaffProof("s-1", ("adjuster",), "0" * 64)


class OperatorIssuer:
    """The issuer of C1."""

    def authorization_endpoint(self, _client: OidcClient) -> str:
        return "https://sso.c1.example/authorize"

    def proved(self, client: OidcClient, code: str, *_sent: str) -> str:
        if code != "code-oidc":
            raise OperatorSignInError(fault="CODE")
        return f"oidc:{client.issuer}#u-1"


class GateAdapters(RecordingAdapters):
    """What lies outside AWS, replaced."""

    def __init__(self, config: Config, clock: Callable[[], datetime], credentials: Credentials) -> None:
        super().__init__(config, clock)
        self.credentials = credentials

    @cached_property
    def work_card(self) -> FakeWorkCard:
        return FakeWorkCard(self.now)

    @cached_property
    def merchant(self) -> MerchantCredentials:
        return read_credentials(self.credentials)

    @cached_property
    def mini_program(self) -> MiniProgram:
        return MiniProgram()

    @cached_property
    def staff_issuer(self) -> Issuer:  # type: ignore[override]
        return Issuer()

    @cached_property
    def operator_issuers(self) -> OperatorIssuer:  # type: ignore[override]
        return OperatorIssuer()


class Gate(Wired):
    """One provider, two companies, one project, one worker who has consented, and the ways on from there."""

    def __init__(self, config: Config, credentials: Credentials) -> None:
        self.now = Clock(NOW)
        self.adapters: GateAdapters = GateAdapters(config, self.now, credentials)
        self.project = a_project()
        companies = self.adapters.companies
        for company_id, name in (("C1", "浦江劳务"), ("C2", "另一家")):
            oidc = (
                OidcClient(issuer="https://sso.c1.example", client_id="daycover")
                if company_id == "C1"
                else None
            )
            enrol(companies, Company(company_id=company_id, name=name, sub_mchid="1900000109", oidc=oidc))
        granted = Authorisation(provider_id="P1", company_id="C1", granted_at=NOW)
        enrol(companies, a_provider("P1", "服务商", SECRET), granted)
        self.adapters.projects.add(self.project)
        self.adapters.workers.add(a_worker())
        self.values = {
            "qr_token": self.token(self.project),
            "old_qr_token": self.token(a_project(starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 2))),
            "access_token": self.adapters.access_tokens.issue("worker", WORKER, timedelta(hours=1))[0],
            **{
                f"sha256.{text.kind}": text.sha256
                for text in consent_texts(self.project, a_plan(self.project.plan_id))
            },
        }

    def token(self, project: Project) -> str:
        return issue_token(project, self.adapters.code_key)[0]

    def propose_table(self, table: str, path: Path) -> None:
        """Propose, as somebody else, what an event file proposes."""
        wanted = json.loads(json.loads(path.read_text(encoding="utf-8"))["body"])
        load = self.cover.load_tables
        load.propose(table, load.tables[table].model.model_validate(wanted), "s-2")

    def nothing(self) -> None:
        """The world as it is built."""

    def operator_proof(self, name: str) -> OperatorProof:
        """Somebody whom WeChat knows by another account."""
        return OperatorProof(self.adapters.index.operator_id(f"wechat:{name}"), SignInWay.WECHAT)

    def kept_failing(self, door: str, account: str = "") -> None:
        """Somebody at the address of the event files fails to sign in until they have to wait."""
        with suppress(TooManyAttemptsError):
            for _ in range(200):
                with suppress(LoginCodeError), self.access.door(door).opened("203.0.113.7", account):
                    raise LoginCodeError

    def consented(self) -> None:
        chosen = a_plan(self.project.plan_id)
        self.adapters.consents.add(
            WORKER, self.project.project_id, plan_key(chosen), consents_for(self.project)
        )

    def known(self) -> None:
        self.consented()
        self.adapters.workers.bind(WORKER, an_identity(person_id=self.person), NOW)

    @property
    def person(self) -> str:
        return self.adapters.index.person_id(an_id_number())

    def checked_in(self) -> CheckIn:
        self.consented()
        outcome = self.cover.start_check_in(
            WORKER, self.values["qr_token"], ("王小明", an_id_number()), a_place(), a_device()
        )
        assert isinstance(outcome, CheckIn)
        return outcome

    def proved(self) -> CheckIn:
        check_in = self.checked_in()
        self.adapters.work_card.show_face(check_in.authenticate_number)
        return check_in

    def covered(self) -> Policy:
        check_in = self.proved()
        policy = self.cover.prove_check_in(WORKER, check_in.check_in_id).policy
        assert policy is not None
        return policy

    def weighed(self) -> None:
        """A worker without a position got their policy, and the queue has come round."""
        self.consented()
        check_in = self.cover.start_check_in(
            WORKER, self.values["qr_token"], ("王小明", an_id_number()), None, a_device()
        )
        assert isinstance(check_in, CheckIn)
        self.adapters.work_card.show_face(check_in.authenticate_number)
        assert self.cover.complete_check_in(WORKER, check_in.check_in_id, 0) == "ISSUED"

    def refused_at_the_gate(self) -> None:
        """Three workers were refused some 500 m north of the site."""
        for number in range(3):
            worker_id = crockford.encode(100 + number, 20)
            spot = Point(31.2349, 121.4737)
            self.adapters.refused_places.count(self.project.project_id, china_day(NOW), worker_id, spot)

    def stuffed(self) -> None:
        """Six workers of the planned thirty have checked in with one phone within minutes."""
        for number in range(6):
            worker_id = crockford.encode(100 + number, 20)
            self.adapters.workers.add(a_worker(worker_id=worker_id))
            attempt = a_check_in(worker_id=worker_id, at=NOW + timedelta(seconds=number))
            self.adapters.check_ins.add(attempt)
            self.cover.weigh_check_in(attempt)

    def failed(self, reason: str) -> None:
        check_in = self.checked_in()
        self.adapters.work_card.show_face(check_in.authenticate_number, failed=reason)

    def faces_used_up(self) -> None:
        """Five faces failed today, as WeChat said of the last attempt."""
        self.failed(TOO_MANY_FACES)
        assert self.cover.complete_check_in(WORKER, "20261124-01", 0) == "FaceCheckFailedError"

    def expired(self) -> None:
        self.checked_in()
        self.now.advance(minutes=7)

    def over_the_sum(self) -> None:
        self.proved()
        self._insured_elsewhere()

    def _insured_elsewhere(self) -> None:
        other = a_policy(
            person_id=self.person, check_in_id="20261123-01", project_id="other", sum_insured_fen=80_000_000
        )
        self.adapters.policies.add(other, None)

    def used_up(self) -> None:
        self.consented()
        for number in range(1, 21):
            attempt = a_check_in(
                check_in_id=f"20261124-{number:02d}",
                authenticate_number=f"{WORKER}20261124{number:02d}",
                status=CheckInStatus.EXPIRED,
                pre_order=PreOrderState.COUNTED,
                at=NOW - timedelta(hours=1),
                token_ends_at=NOW,
            )
            self.adapters.check_ins.add(attempt)

    def early(self) -> None:
        self.consented()
        self.now.advance(hours=-5)

    def owner(self) -> None:
        """The worker is the person of the builders' policy."""
        self.adapters.workers.bind(WORKER, an_identity(), NOW)
        self.policy_stands()

    def policy_stands(self) -> None:
        self.adapters.policies.add(a_policy(), None)

    def consents_withdrawn(self) -> None:
        self.consented()
        self.cover.withdraw_consents(WORKER, list(ConsentKind), project_id=self.project.project_id)

    def accident_reported(self, person_id: str = PERSON) -> None:
        """The worker is insured, and has reported the accident of the claims' tests with one consent."""
        identity = an_identity().model_copy(update={"person_id": person_id})
        self.adapters.workers.bind(WORKER, identity, NOW)
        self.adapters.policies.add(a_policy(), None)
        self.now.at = REPORTED_AT
        claim = Claim(
            claim_no=claim_number(a_policy().policy_no, ACCIDENT_AT),
            policy=a_policy(),
            benefits=a_plan(a_policy().plan_id).benefits,
            accident=an_accident(),
            claim_types=TOE,
            reporter_id=WORKER,
            reported_at=REPORTED_AT,
            rounds=(Round(requested_at=REPORTED_AT),),
            consents=given_with_report(
                (), accepted(ClaimConsentKind.HEALTH_DATA), f"WORKER:{WORKER}", ConsentWay.APP, REPORTED_AT
            ),
        )
        self.adapters.claims.add(claim, opening(claim, Actor.worker(WORKER)))

    def accident_of_another(self) -> None:
        self.accident_reported(person_id="P2")

    def withdrawn_after_check_in(self) -> None:
        self.proved()
        self.cover.withdraw_consents(WORKER, list(ConsentKind), company_id="C1")

    def erased_after_check_in(self) -> None:
        self.proved()
        self.cover.erase_worker.request(WORKER)

    def locked(self) -> None:
        self.owner()
        self.consented()
        self.cover.erase_worker.request(WORKER)

    def a_month_later(self) -> None:
        self.checked_in()
        self.now.advance(days=32)

    def referral_asked(self) -> None:
        self.consented()
        document = Document(
            type=IdDocumentType.PASSPORT, name="王小明", number="E12345678", birth_date=date(1990, 3, 7)
        )
        ask = self.cover.ask_referral
        referral = ask(WORKER, self.values["qr_token"], ReferralReason.DOCUMENT_TYPE, document)
        self.values["referral_id"] = referral.referral_id

    def paper_announced(self) -> None:
        self.referral_asked()
        kind = ApplicationDocumentType.OPERATION_CERTIFICATE
        add = self.cover.add_referral_document
        document = add.announce(WORKER, self.values["referral_id"], kind, [a_page(PAPER)]).document
        self.values["document_id"] = document.document_id

    def paper_uploaded(self) -> None:
        self.paper_announced()
        (document,) = self.adapters.referrals.get(self.values["referral_id"]).documents
        boto3.client("s3").put_object(Bucket=BUCKET, Key=document.object_key(), Body=PAPER)

    def paper_received(self) -> None:
        self.paper_uploaded()
        self.cover.add_referral_document.receive(
            WORKER, self.values["referral_id"], self.values["document_id"]
        )

    def referral_confirmed(self) -> None:
        self.referral_asked()
        confirm = self.cover.confirm_referral
        confirm("C1", self.project.project_id, self.values["referral_id"], "company", "C1")

    def referred_work(self) -> None:
        """The project is one of class 6, and the worker has consented."""
        changed = a_referred_project(version=self.project.version + 1)
        self.adapters.projects.save(changed)
        self.project = changed
        self.consented()

    def work_stated(self) -> None:
        """The company has asked about work that the table does not list."""
        self.cover.refer_occupation("C1", stated_work(), "company", "C1")

    def work_answered(self) -> None:
        self.work_stated()
        (asked,) = self.cover.refer_occupation.of("C1")
        answer = AnswerStated(
            verdict=OccupationVerdict.ACCEPT,
            reason_zh="手持小型磨机,与手工装配相近",
            reason_en="Small hand tools: like handicraft",
            occupation_class=4,
            name_zh="琥珀打磨工",
            name_en="Amber polisher",
        )
        self.cover.answer_occupation("s-1", False, "C1", asked.referral_id, answer)

    def work_referral_asked(self) -> None:
        self.referred_work()
        document = Document(type=IdDocumentType.RESIDENT_ID, name="王小明", number=an_id_number())
        ask = self.cover.ask_referral
        referral = ask(WORKER, self.values["qr_token"], ReferralReason.OCCUPATION_CLASS, document)
        self.values["referral_id"] = referral.referral_id

    def work_referral_confirmed(self) -> None:
        self.work_referral_asked()
        confirm = self.cover.confirm_referral
        confirm("C1", self.project.project_id, self.values["referral_id"], "company", "C1")

    def work_referral_timed_out(self) -> None:
        self.work_referral_asked()
        self.now.advance(minutes=30)

    def work_referral_over_the_sum(self) -> None:
        self.work_referral_confirmed()
        self._insured_elsewhere()

    def attempt_on_referred_work(self) -> None:
        """An attempt that was open before the project's work was referred, its face shown."""
        self.referred_work()
        attempt = a_check_in(occupation_class=6, identity=an_identity(person_id=self.person))
        self.adapters.check_ins.add(attempt)

    def paper_looked_at(self) -> None:
        self.paper_received()
        self.adapters.wired(BenchWiring).at_referrals.file(
            ReferralReader("s-1", ("adjuster",), "r-1"), self.values["referral_id"]
        )

    def referral_approved(self) -> None:
        self.referral_confirmed()
        self.cover.decide_referral("s-1", self.values["referral_id"], True, "DOCUMENT_SEEN")

    def referral_timed_out(self) -> None:
        self.referral_asked()
        self.now.advance(minutes=30)

    def policy_to_begin(self) -> None:
        """The same policy as adjacent cover: bought now, in force in an hour."""
        self.owner()
        self.now.advance(hours=-1)

    def policy_cancelled(self) -> None:
        self.policy_to_begin()
        self.cover.cancel_policy.by_worker(WORKER, a_policy().policy_no, EndReason.NOT_NEEDED)

    def policy_voided(self) -> None:
        self.owner()
        self.cover.void_policy("s-1", a_policy().policy_no, EndReason.IDENTITY_THEFT)

    def policy_archived(self) -> None:
        """TTL has taken the policy from the hot table."""
        self.adapters.archive.add(a_policy())
        self.recorded()
        self.now.advance(days=40)

    def policy_damaged(self) -> None:
        """The hot table has forgotten the policy, and its archived object is not what was written."""
        self.owner()
        self.archive_damaged()
        key = keys.policy(a_policy().person_id, a_policy().sequence)
        boto3.client("dynamodb").delete_item(
            TableName=self.adapters.config.policies_table, Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}
        )

    def archive_damaged(self) -> None:
        body = archived_form(a_policy()).replace(b'"premium_fen":70', b'"premium_fen":71')
        key = keys.archived_policy(a_policy().policy_no)
        boto3.client("s3").put_object(Bucket=self.adapters.config.archive_bucket, Key=key, Body=body)

    def withdrawn(self) -> None:
        """The company has taken its authorisation back from the provider."""
        ended = Authorisation(provider_id="P1", company_id="C1", granted_at=NOW, withdrawn_at=NOW)
        withdraw(self.adapters.companies, ended)

    def policy_ended(self) -> None:
        self.policy_stands()
        self.now.advance(hours=24)

    def changed(self, change: Callable[[Project], Project]) -> None:
        self.consented()
        self.adapters.projects.save(change(self.adapters.projects.get(self.project.project_id)))

    def scanned(self) -> None:
        self.cover.preview_cover(WORKER, self.values["qr_token"])

    def refused_away(self, worker_id: str = WORKER, name: str = "王小明", phone: str = "13800138000") -> None:
        """Somebody was refused for the place, who had consented and left a number."""
        self.consented()
        with suppress(OutsideGeofenceError):
            self.cover.start_check_in(
                worker_id,
                self.values["qr_token"],
                (name, an_id_number()),
                a_place(latitude=31.3),
                a_device(),
                phone=phone,
            )

    def recorded(self) -> None:
        self.books.book_cover.record(line_of(a_policy()))

    def closed_day(self) -> None:
        self.recorded()
        self.books.issue_statement("C1", date(2026, 11, 24))

    def blocked_before_its_limit_was_lifted(self) -> None:
        """The day is billed, the company's projects still take nobody, and its limit is another by now."""
        self.recorded()
        self.now.advance(days=1)
        self.books.issue_statement("C1", date(2026, 11, 24))
        self.books.watch_credit.limit("C1", 70)
        self.adapters.companies.set_credit_limit("C1", 7_000)

    def refusing(self, error: Exception, prepare: Callable[[], Any]) -> None:
        prepare()
        self.adapters.work_card.refusal = error

    def invoke(self, function: str, event: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Run the handler of a function as Lambda does."""
        module = load(function)
        self.adapters.calls.clear()
        install(self.adapters, monkeypatch)
        return module.lambda_handler(event, LambdaContext())


def whole_aws() -> Config:
    """Create all that the template creates for people at the gate, and give the configuration that names it."""
    config = local_aws()
    create_archive(config.archive_bucket)
    secrets, queues = boto3.client("secretsmanager"), boto3.client("sqs")
    for name in (config.token_secret, config.qr_secret, config.index_secret, config.certificate_secret):
        secrets.create_secret(Name=name, SecretString=f"secret of {name}")
    check_ins, insurer, ended_policies = (
        queues.create_queue(QueueName=name)["QueueUrl"] for name in ("check-ins", "insurer", "ended-policies")
    )
    return dataclasses.replace(
        config,
        check_in_queue_url=check_ins,
        insurer_queue_url=insurer,
        ended_policies_queue_url=ended_policies,
        public_url="https://daycover.example/",
    )
