"""A world for each route in which an attacker's requests go the whole way: a signed token, the real authorizer, the
real handler, the real stores; and what shows whether a refused request has left anything behind."""

import base64
import copy
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from daycover.platform.callers import Duty
from daycover.platform.routes import Route
from daycover.projects.company import Authorisation, Company
from daycover.projects.enrol import AlreadyEnrolledError
from daycover.projects.roles import OperatorRole
from tests.functional.access.prepared import OTHER, OWNER
from tests.functional.books import test_events as books
from tests.functional.certificates import test_certificates as certificates
from tests.functional.claims import test_events as claims
from tests.functional.claims.aws import BUCKET, local_aws
from tests.functional.claims.stage import Stage
from tests.functional.cover import test_events as cover
from tests.functional.cover.gate import Gate, whole_aws
from tests.functional.reporting.test_events import BREAK
from tests.support.builders import NOW, WORKER, a_worker, an_id_number
from tests.support.enrolled import a_provider, enrol, join, withdraw
from tests.support.events import placeholders, read_event
from tests.support.functions import HANDLERS, events_of, key_of, route_of
from tests.support.key_material import merchant_credentials

Event = dict[str, Any]
WRITES = frozenset(
    {
        "BatchWriteItem",
        "DeleteItem",
        "DeleteObject",
        "PutItem",
        "PutObject",
        "SendMessage",
        "SendTaskFailure",
        "SendTaskSuccess",
        "StartExecution",
        "TransactWriteItems",
        "UpdateItem",
    }
)
HOUR = timedelta(hours=1)
PERSONAL = ("王小明", an_id_number(), "o-worker", "13800138000", "6222021234567890123")
"""What the worlds hold of the insured."""
PREPARED: Mapping[str, Callable[..., Any]] = {
    **certificates.PREPARED,
    **books.PREPARED,
    **cover.PREPARED,
    "issue_certificate/json": Gate.owner,
    "resolve_break/resolved": lambda gate: gate.reporting.keep_breaks([BREAK]),
}
EXACT = frozenset({*claims.FUNCTIONS, *cover.FUNCTIONS, *books.FUNCTIONS, *certificates.FUNCTIONS})
"""The functions whose first event is answered here as its file's name says."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody with a token: what the sign-ins put into one."""

    name: str
    role: str
    subject: str
    claims: Mapping[str, str] = field(default_factory=dict)

    def as_subject(self, subject: str) -> "Identity":
        return Identity(self.name, self.role, subject, self.claims)


def _staff(name: str, *duties: Duty) -> Identity:
    return Identity(name, "staff", f"attacker-{name.replace(' ', '-')}", {"staff_roles": " ".join(duties)})


ANOTHER_WORKER = "AN0THERW0RKER0000001"
OF_C1 = (
    Identity("provider", "provider", "P1", {"provider_id": "P1"}),
    Identity("company", "company", "C1", {"provider_id": "P1"}),
    Identity("owner", "operator", OWNER),
    Identity("operator", "operator", OTHER),
    Identity("finance", "operator", "0PERATRF1NANCE000001"),
    Identity("auditor", "operator", "0PERATRAVD1T0R000001"),
)
OF_C2 = (
    Identity("another provider", "provider", "P2", {"provider_id": "P2"}),
    Identity("another company", "company", "C2", {"provider_id": "P2"}),
    Identity("another company's owner", "operator", "0PERATR0FC20000000001"[:20]),
)
NO_LONGER_OF_C1 = (
    Identity("withdrawn provider", "provider", "P3", {"provider_id": "P3"}),
    Identity("withdrawn provider's company token", "company", "C1", {"provider_id": "P3"}),
    Identity("removed operator", "operator", "0PERATRREM0VED000001"),
    Identity("operator vouched for by a withdrawn provider", "operator", "0PERATRV0VCHED000001"),
)
STAFF = (
    _staff("staff:intake", Duty.INTAKE),
    _staff("staff:adjuster", Duty.ADJUSTER),
    _staff("staff:senior_adjuster", Duty.SENIOR_ADJUSTER),
    _staff("staff:finance", Duty.FINANCE),
    _staff("staff:auditor", Duty.AUDITOR),
)
STRANGE = (
    _staff("staff without a duty"),
    Identity("staff of a duty that is none", "staff", "attacker-none", {"staff_roles": "root admin"}),
    Identity("somebody of a role that is none", "admin", "attacker-admin"),
    Identity("worker who says that they have duties", "worker", WORKER, {"staff_roles": " ".join(Duty)}),
)
"""Tokens that no sign-in gives, signed with our key all the same."""
THE_WORKER = Identity("worker", "worker", WORKER)
THE_OTHER_WORKER = Identity("another worker", "worker", ANOTHER_WORKER)
EVERYBODY = (THE_WORKER, THE_OTHER_WORKER, *OF_C1, *OF_C2, *NO_LONGER_OF_C1, *STAFF)


def routes() -> Iterator[tuple[str, Path]]:
    """Give each route's function and the event file that stands for the route: its first that succeeds."""
    found: dict[tuple[str, str], tuple[bool, str, Path]] = {}
    for function in HANDLERS:
        for file in events_of(function):
            event = json.loads(file.read_text(encoding="utf-8"))
            if "httpMethod" not in event or function == "authorize_request":
                continue
            is_success = file.name.split(".")[-2].startswith("2")
            key = event["httpMethod"], event["resource"]
            if key not in found or (is_success and not found[key][0]):
                found[key] = is_success, function, file
    return ((function, file) for _, function, file in found.values())


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, and whether anything was written for it."""

    status: int
    slug: str
    text: str
    has_written: bool


class Attacked:
    """The world that an event file speaks of, with everybody in it."""

    def __init__(
        self, function: str, file: Path, monkeypatch: pytest.MonkeyPatch, *, with_companies: bool
    ) -> None:
        self.function = function
        self._monkeypatch = monkeypatch
        self.world: Gate | Stage
        if function in claims.FUNCTIONS:
            self.world = Stage(local_aws(), monkeypatch)
            with suppress(ClientError):
                secrets = boto3.client("secretsmanager")
                secrets.create_secret(Name=self.world.adapters.config.token_secret, SecretString="a secret")
            claims.PREPARED.get(key_of(file), Stage.nothing)(self.world)
            self.event: Event = json.loads(file.read_text(encoding="utf-8"))
        else:
            self.world = Gate(whole_aws(), merchant_credentials())
            PREPARED.get(key_of(file), Gate.nothing)(self.world)
            known = {"break_id": BREAK.break_id} | self.world.values
            values = dict.fromkeys(placeholders(file), "unknown") | known
            self.event = read_event(file, values)
        self.route: Route = route_of(function, self.event["httpMethod"], self.event["resource"])
        self.world.adapters.workers.add(a_worker(worker_id=ANOTHER_WORKER))
        if with_companies:
            self._let_companies_be()

    @property
    def own(self) -> Identity:
        """Whom the event file lets ask."""
        said = self.event["requestContext"]["authorizer"]
        claims = {name: said[name] for name in ("staff_roles", "provider_id") if said.get(name)}
        return Identity("who may", said["role"], said["subject"], claims)

    def ask(self, identity: Identity | None, event: Event | None = None, token: str | None = None) -> Answer:
        """Ask as API Gateway lets somebody: the authorizer first, then the handler with what it found out."""
        asked = copy.deepcopy(self.event if event is None else event)
        asked["requestContext"].pop("authorizer", None)
        if token is None and identity is not None:
            token = self.token_of(identity)
        if self.route.allowed is not None:
            context = self.authorized(token)
            if context is None:
                return Answer(401, "unauthenticated", "", has_written=False)
            asked["requestContext"]["authorizer"] = context
        outcome = self._invoke(self.function, asked)
        body = outcome["body"] or ""
        if outcome.get("isBase64Encoded"):
            body = base64.b64decode(body).decode(errors="replace")
        slug = ""
        if outcome["statusCode"] >= 400 and body.startswith("{"):
            slug = json.loads(body).get("type", "").rpartition("/")[2]
        has_written = any(
            operation in WRITES and "#DEEDS" not in json.dumps(request, default=str)
            for operation, request in self.world.adapters.calls
        ) or bool(isinstance(self.world, Stage) and self.world.adapters.workflows.steps.calls)
        return Answer(outcome["statusCode"], slug, body, has_written)

    def token_of(self, identity: Identity, life: timedelta = HOUR) -> str:
        tokens = self.world.adapters.access_tokens
        return tokens.issue(identity.role, identity.subject, life, **identity.claims)[0]

    def authorized(self, token: str | None) -> Mapping[str, str] | None:
        """Give what the authorizer says of a token, None where the gateway answers 401."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        arn = f"arn:aws:execute-api:eu-west-1:123456789012:abc123/live/{self.event['httpMethod']}"
        request = {"type": "REQUEST", "methodArn": arn + self.event["path"], "headers": headers}
        try:
            context: Mapping[str, str] = self._invoke("authorize_request", request)["context"]
        except Exception as refusal:
            if str(refusal) == "Unauthorized":  # the text that the gateway answers by 401
                return None
            raise
        return context

    def stored(self) -> str:
        """Give one text for all that tables and buckets hold, notes of who asked for what in a company aside."""
        config, kept = self.world.adapters.config, hashlib.sha256()
        for table in (config.operations_table, config.policies_table):
            items = boto3.client("dynamodb").scan(TableName=table)["Items"]
            for text in sorted(json.dumps(item, sort_keys=True, default=str) for item in items):
                if "#DEEDS" not in text:
                    kept.update(text.encode())
        for bucket in (config.documents_bucket or BUCKET, config.archive_bucket):
            for one in boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", []):
                kept.update(f"{one['Key']} {one['ETag']}".encode())
        return kept.hexdigest()

    def _invoke(self, function: str, event: Event) -> Any:
        if isinstance(self.world, Stage):
            return self.world.invoke(function, event)
        return self.world.invoke(function, event, self._monkeypatch)

    def _let_companies_be(self) -> None:
        """Let all stand whom a company knows, knew or does not know."""
        adapters = self.world.adapters
        companies = adapters.companies
        for company_id, name in (("C1", "浦江劳务"), ("C2", "另一家")):
            with suppress(AlreadyEnrolledError):
                enrol(companies, Company(company_id=company_id, name=name, sub_mchid="1900000109"))
        for provider_id, company_id in (("P1", "C1"), ("P2", "C2"), ("P3", "C1")):
            granted = Authorisation(provider_id=provider_id, company_id=company_id, granted_at=NOW)
            for noun in (a_provider(provider_id), granted):
                with suppress(AlreadyEnrolledError):
                    enrol(companies, noun)
        ended = Authorisation(provider_id="P3", company_id="C1", granted_at=NOW, withdrawn_at=NOW)
        withdraw(companies, ended)
        roles = {"owner": OperatorRole.OWNER, "operator": OperatorRole.OPERATOR}
        roles |= {"finance": OperatorRole.FINANCE, "auditor": OperatorRole.AUDITOR}
        for identity in OF_C1:
            if identity.role == "operator" and adapters.operators.find("C1", identity.subject) is None:
                join(adapters, "C1", identity.subject, roles[identity.name])
        join(adapters, "C2", OF_C2[-1].subject, OperatorRole.OWNER)
        removed, vouched = NO_LONGER_OF_C1[2:]
        join(adapters, "C1", removed.subject, OperatorRole.OPERATOR, OperatorRole.FINANCE)
        self.world.access.manage_operators.remove("C1", removed.subject, OWNER)
        join(adapters, "C1", vouched.subject, OperatorRole.OPERATOR, vouched_by="P3")
