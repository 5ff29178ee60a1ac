"""The rules of the work card (微工卡, in the interface: payroll card).

After the pages "生成授权token", "查询用户授权信息", "微工卡核身预下单", "查询核身结果", "查询核身记录".
"""

import secrets
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tests.simulators.clock import BEIJING, SimulatorClock, print_instant
from tests.simulators.credentials import Credentials
from tests.simulators.fields import Fields
from tests.simulators.http_server import JsonObject, SimulatedError
from tests.simulators.people import People, Person

EMPLOYMENT_TYPES = ("LONG_TERM_EMPLOYMENT", "SHORT_TERM_EMPLOYMENT", "COOPERATION_EMPLOYMENT")
AUTHENTICATE_TYPES = ("SIGN_IN", "INSURANCE", "CONTRACT")
PLAIN_CHECK = "NORMAL"

TOKEN_SECONDS = 300
PRE_ORDERS_PER_PERSON_AND_DAY = 20
FAILED_FACES_PER_PERSON_AND_DAY = 5
LIST_DAYS_BACK = 90
LIST_LIMIT = 10

NUMBER_PATTERN = "[0-9A-Za-z]+"

PROCESSING = "AUTHENTICATE_PROCESSING"
SUCCESS = "AUTHENTICATE_SUCCESS"
FAILED = "AUTHENTICATE_FAILED"

INCONSISTENT_REAL_NAME = "INCONSISTENT_REAL_NAME"
VERIFY_FACE_FAILED_TOO_MANY = "VERIFY_FACE_FAILED_TOO_MANY"
TOKEN_EXPIRED = "TOKEN_EXPIRED"


class Duplicates(StrEnum):
    """What a number that comes twice is answered with; the pages say nothing about it.

    SAME gives the token of the first time while it lives, FRESH a new one under the same number, REFUSED none. A
    number counts once whatever comes of its repetition, and never goes with other words.
    """

    SAME = "SAME"
    FRESH = "FRESH"
    REFUSED = "REFUSED"


@dataclass
class Relation:
    """A worker's authorisation, which is per company (`sub_mchid`)."""

    employment_type: str
    authorised_at: datetime
    deauthorised_at: datetime | None = None


@dataclass
class AuthorisationToken:
    """A token of the separate "authorise first" flow."""

    token: str
    openid: str
    sub_mchid: str
    employment_type: str
    claimed_name: str
    claimed_id_number: str
    created_at: datetime


@dataclass
class Authentication:
    """One identity check (核身); without a claimed identity it is the face check of an authorised worker."""

    authenticate_number: str
    openid: str
    sub_mchid: str
    source_appid: str
    project_name: str
    employer_name: str
    authenticate_type: str
    token: str
    created_at: datetime
    employment_type: str | None = None
    claimed_name: str | None = None
    claimed_id_number: str | None = None
    state: str = PROCESSING
    authenticated_at: datetime | None = None
    failed_reason: str | None = None

    @property
    def with_authorisation(self) -> bool:
        return self.claimed_name is not None

    @property
    def words(self) -> tuple[str | None, ...]:
        """What the order said."""
        order = (self.openid, self.sub_mchid, self.source_appid, self.project_name, self.employer_name)
        return (*order, self.authenticate_type, self.claimed_name, self.claimed_id_number)


class PayrollCard:
    """State and rules; every public method is one step of the interface or of the worker."""

    def __init__(self, credentials: Credentials, people: People, clock: SimulatorClock) -> None:
        self._credentials = credentials
        self._people = people
        self._clock = clock
        self._lock = threading.RLock()
        self._relations: dict[tuple[str, str], Relation] = {}
        self._tokens: dict[str, AuthorisationToken] = {}
        self._authentications: dict[str, Authentication] = {}
        self._pre_orders: Counter[tuple[str, date]] = Counter()
        self._failed_faces: Counter[tuple[str, date]] = Counter()
        self._over_the_limit: Counter[tuple[str, date]] = Counter()
        self._duplicates = Duplicates.REFUSED

    # The interface

    def create_token(self, fields: Fields) -> JsonObject:
        """Create an authorisation token ("生成授权token")."""
        openid, sub_mchid, _ = self._parties(fields)
        employment_type = fields.choice("employment_type", EMPLOYMENT_TYPES)
        name, id_number = self._claimed_identity(fields)
        token = AuthorisationToken(
            token=_new_token(),
            openid=openid,
            sub_mchid=sub_mchid,
            employment_type=employment_type,
            claimed_name=name,
            claimed_id_number=id_number,
            created_at=self._clock.now(),
        )
        with self._lock:
            self._tokens[token.token] = token
        return {
            "openid": openid,
            "mchid": self._credentials.mchid,
            "sub_mchid": sub_mchid,
            "token": token.token,
            "expires_in": TOKEN_SECONDS,
        }

    def describe_relation(self, openid: str, fields: Fields) -> JsonObject:
        """Return the authorisation state ("查询用户授权信息"); the first authorisation opens the card."""
        sub_mchid = self._company(fields)
        self._appid(fields, sub_mchid)
        self._person(openid)
        described: JsonObject = {
            "openid": openid,
            "mchid": self._credentials.mchid,
            "sub_mchid": sub_mchid,
            "authorize_state": "UNAUTHORIZED",
            "register_state": "UNREGISTERED",
        }
        with self._lock:
            registered = [relation for key, relation in self._relations.items() if key[0] == openid]
            relation = self._relations.get((openid, sub_mchid))
        if registered:
            described["register_state"] = "REGISTERED"
            described["register_time"] = print_instant(min(entry.authorised_at for entry in registered))
        if relation is not None:
            described["authorize_state"] = "DEAUTHORIZED" if relation.deauthorised_at else "AUTHORIZED"
            described["authorize_time"] = print_instant(relation.authorised_at)
            if relation.deauthorised_at is not None:
                described["deauthorize_time"] = print_instant(relation.deauthorised_at)
        return described

    def pre_order(self, fields: Fields, *, with_authorisation: bool) -> JsonObject:
        """Create an identity check ("微工卡核身预下单", "微工卡核身预下单(流程中完成授权)")."""
        openid, sub_mchid, appid = self._parties(fields)
        authentication = Authentication(
            authenticate_number=fields.text("authenticate_number", 64, NUMBER_PATTERN),
            openid=openid,
            sub_mchid=sub_mchid,
            source_appid=appid,
            project_name=fields.text("project_name", 128),
            employer_name=fields.text("employer_name", 128),
            # Without a type it is a plain check, which no pre-order can name.
            authenticate_type=fields.choice("authenticate_type", AUTHENTICATE_TYPES)
            if fields.has("authenticate_type")
            else PLAIN_CHECK,
            token=_new_token(),
            created_at=self._clock.now(),
        )
        if with_authorisation:
            authentication.claimed_name, authentication.claimed_id_number = self._claimed_identity(fields)
            if fields.has("employment_type"):
                authentication.employment_type = fields.choice("employment_type", EMPLOYMENT_TYPES)
        with self._lock:
            self._check_relation(authentication, fields)
            known = self._authentications.get(authentication.authenticate_number)
            if known is not None:
                return self._repeat(known, authentication)
            day = (openid, self._clock.today())
            if self._pre_orders[day] >= PRE_ORDERS_PER_PERSON_AND_DAY:
                self._over_the_limit[day] += 1
                raise SimulatedError(429, "FREQUENCY_LIMITED", "用户当日核身预下单次数超过限制")
            self._pre_orders[day] += 1
            self._authentications[authentication.authenticate_number] = authentication
            return self._ordered(authentication)

    def _repeat(self, known: Authentication, again: Authentication) -> JsonObject:
        is_same = known.words == again.words
        lives = known.state == PROCESSING and not self._expired(known.created_at)
        if is_same and self._duplicates is Duplicates.FRESH and known.state == PROCESSING:
            known.token, known.created_at = again.token, again.created_at
            return self._ordered(known)
        if is_same and self._duplicates is Duplicates.SAME and lives:
            return self._ordered(known)
        raise SimulatedError(400, "INVALID_REQUEST", "authenticate_number已使用")

    def _ordered(self, authentication: Authentication) -> JsonObject:
        age = (self._clock.now() - authentication.created_at).total_seconds()
        return {
            "authenticate_number": authentication.authenticate_number,
            "openid": authentication.openid,
            "mchid": self._credentials.mchid,
            "sub_mchid": authentication.sub_mchid,
            "token": authentication.token,
            "expires_in": max(1, TOKEN_SECONDS - int(age)),
        }

    def get_authentication(self, authenticate_number: str, fields: Fields) -> JsonObject:
        """Return one identity check ("查询核身结果")."""
        sub_mchid = self._company(fields)
        with self._lock:
            authentication = self._authentications.get(authenticate_number)
            if authentication is None or authentication.sub_mchid != sub_mchid:
                raise SimulatedError(404, "RESOURCE_NOT_EXISTS", "核身记录不存在")
            return self._describe(authentication)

    def list_authentications(self, fields: Fields) -> JsonObject:
        """List a worker's successful checks of one day ("查询核身记录")."""
        openid, sub_mchid, _ = self._parties(fields)
        try:
            day = date.fromisoformat(fields.text("authenticate_date", 10, r"\d{4}-\d{2}-\d{2}"))
        except ValueError as error:
            raise fields.refuse("authenticate_date", "must be yyyy-MM-dd") from error
        today = self._clock.today()
        if not today - timedelta(days=LIST_DAYS_BACK) <= day <= today:
            raise fields.refuse("authenticate_date", f"must be within the last {LIST_DAYS_BACK} days")
        if fields.has("authenticate_state"):
            fields.choice("authenticate_state", (SUCCESS,))
        offset = fields.count("offset", 0, 0, 1_000_000)
        limit = fields.count("limit", LIST_LIMIT, 1, LIST_LIMIT)
        with self._lock:
            found = [
                self._describe(entry)
                for entry in self._authentications.values()
                if (entry.openid, entry.sub_mchid) == (openid, sub_mchid)
                and entry.authenticated_at is not None
                and entry.authenticated_at.astimezone(BEIJING).date() == day
            ]
        return {
            "data": found[offset : offset + limit],
            "total_count": len(found),
            "offset": offset,
            "limit": limit,
        }

    def set_duplicates(self, duplicates: str) -> None:
        """Choose how a repeated number is answered from now on."""
        self._duplicates = Duplicates(duplicates)

    def count_pre_orders(self, openid: str) -> JsonObject:
        """Return what the day's limit counted of a person today, and how often more was asked for."""
        day = (openid, self._clock.today())
        with self._lock:
            return {"counted": self._pre_orders[day], "over_the_limit": self._over_the_limit[day]}

    # What the worker does in the card mini program

    def authorise(self, token: str, *, press_done: bool) -> JsonObject | None:
        """Authorise on the card's page `/pages/card/auth`; return the extraData that comes back."""
        with self._lock:
            given = self._tokens.get(token)
            if given is None:
                raise SimulatedError(404, "NOT_FOUND", "no such token")
            extra_data: JsonObject = {"msg_type": "AUTH", "authorize_state": ""}
            if self._expired(given.created_at):
                extra_data["authorize_state"] = TOKEN_EXPIRED
            elif not self._person(given.openid).is_named(given.claimed_name, given.claimed_id_number):
                extra_data["authorize_state"] = INCONSISTENT_REAL_NAME
            else:
                self._authorise(given.openid, given.sub_mchid, given.employment_type)
        return extra_data if press_done else None

    def deauthorise(self, openid: str, sub_mchid: str) -> None:
        """Withdraw a worker's authorisation of one company."""
        with self._lock:
            relation = self._relations.get((openid, sub_mchid))
            if relation is None:
                raise SimulatedError(404, "NOT_FOUND", "no such authorisation")
            relation.deauthorised_at = self._clock.now()

    def show_face(self, authenticate_number: str, *, recognised: bool, press_done: bool) -> JsonObject | None:
        """Play one face recognition ("拉起微工卡小程序"); return the extraData, None when nothing comes back.

        An unrecognised face may be tried again until the token ends or the day's failures are used up.
        """
        with self._lock:
            authentication = self._authentications.get(authenticate_number)
            if authentication is None:
                raise SimulatedError(404, "NOT_FOUND", "no such authenticate_number")
            if authentication.state != PROCESSING:
                raise SimulatedError(409, "CONFLICT", f"the check is already {authentication.state}")
            extra_data = self._decide(authentication, recognised=recognised)
        return extra_data if press_done else None

    def _decide(self, authentication: Authentication, *, recognised: bool) -> JsonObject | None:
        if self._expired(authentication.created_at):
            _fail(authentication, TOKEN_EXPIRED)
            return None
        person = self._person(authentication.openid)
        claimed_name, claimed_id = authentication.claimed_name, authentication.claimed_id_number
        if claimed_name is not None and not person.is_named(claimed_name, claimed_id or ""):
            _fail(authentication, INCONSISTENT_REAL_NAME)
            return _extra_data(authentication, authorize_state=INCONSISTENT_REAL_NAME)
        day = (authentication.openid, self._clock.today())
        if not recognised and self._failed_faces[day] < FAILED_FACES_PER_PERSON_AND_DAY:
            self._failed_faces[day] += 1
        if self._failed_faces[day] >= FAILED_FACES_PER_PERSON_AND_DAY:
            _fail(authentication, VERIFY_FACE_FAILED_TOO_MANY)
            if not authentication.with_authorisation:
                return None
            return _extra_data(authentication, authenticate_state=VERIFY_FACE_FAILED_TOO_MANY)
        if not recognised:
            return None
        now = self._clock.now()
        authentication.state = SUCCESS
        authentication.authenticated_at = now
        outcome: JsonObject = {"authenticate_state": SUCCESS, "authenticate_time": int(now.timestamp())}
        if self._authorised_relation(authentication) is None and authentication.employment_type is not None:
            self._authorise(authentication.openid, authentication.sub_mchid, authentication.employment_type)
            outcome["authorize_state"] = "AUTHORIZATION_SUCCESS"
        return _extra_data(authentication, **outcome)

    # Checks

    def _parties(self, fields: Fields) -> tuple[str, str, str]:
        openid = fields.text("openid", 64)
        sub_mchid = self._company(fields)
        appid = self._appid(fields, sub_mchid)
        self._person(openid)
        return openid, sub_mchid, appid

    def _company(self, fields: Fields) -> str:
        sub_mchid = fields.text("sub_mchid", 32)
        company = self._people.find_company(sub_mchid)
        if company is None or not company.authorised:
            raise SimulatedError(403, "NO_AUTH", "特约商户未授权微工卡产品权限")
        return sub_mchid

    def _appid(self, fields: Fields, sub_mchid: str) -> str:
        appid, sub_appid = fields.optional_text("appid", 32), fields.optional_text("sub_appid", 32)
        if appid is None and sub_appid is None:
            raise fields.refuse("appid", "one of appid and sub_appid is required")
        company = self._people.find_company(sub_mchid)
        bound = company.sub_appids if company is not None else frozenset()
        if appid not in (None, self._credentials.appid) or not (sub_appid is None or sub_appid in bound):
            raise SimulatedError(400, "INVALID_REQUEST", "appid与商户号未绑定")
        return appid or sub_appid or ""

    def _person(self, openid: str) -> Person:
        person = self._people.find_person(openid)
        if person is None:
            raise SimulatedError(400, "INVALID_REQUEST", "openid与appid不匹配")
        return person

    def _claimed_identity(self, fields: Fields) -> tuple[str, str]:
        key = self._credentials.platform_key
        return fields.sealed("user_name", 1024, key), fields.sealed("id_card_number", 1024, key)

    def _check_relation(self, authentication: Authentication, fields: Fields) -> None:
        relation = self._authorised_relation(authentication)
        if not authentication.with_authorisation:
            if relation is None:
                raise SimulatedError(400, "INVALID_REQUEST", "用户未授权")
        elif relation is None:
            if authentication.employment_type is None:
                raise fields.refuse("employment_type", "is required until the worker has authorised")
        elif authentication.employment_type not in (None, relation.employment_type):
            raise SimulatedError(400, "INVALID_REQUEST", "employment_type与首次授权不一致")

    def _authorised_relation(self, authentication: Authentication) -> Relation | None:
        relation = self._relations.get((authentication.openid, authentication.sub_mchid))
        return relation if relation is not None and relation.deauthorised_at is None else None

    def _authorise(self, openid: str, sub_mchid: str, employment_type: str) -> None:
        self._relations[(openid, sub_mchid)] = Relation(employment_type, self._clock.now())

    def _expired(self, created_at: datetime) -> bool:
        return self._clock.now() - created_at > timedelta(seconds=TOKEN_SECONDS)

    def _describe(self, authentication: Authentication) -> JsonObject:
        described: JsonObject = {
            "mchid": self._credentials.mchid,
            "sub_mchid": authentication.sub_mchid,
            "openid": authentication.openid,
            "authenticate_scene": "FROM_MINI_APP",
            "authenticate_source": authentication.source_appid,
            "project_name": authentication.project_name,
            "employer_name": authentication.employer_name,
            "authenticate_state": authentication.state,
            "authenticate_number": authentication.authenticate_number,
            "authenticate_type": authentication.authenticate_type,
        }
        if authentication.authenticated_at is not None:
            described["authenticate_time"] = print_instant(authentication.authenticated_at)
        if authentication.failed_reason is not None:
            described["authenticate_failed_reason"] = authentication.failed_reason
        return described


def _new_token() -> str:
    return secrets.token_urlsafe(48)


def _fail(authentication: Authentication, reason: str) -> None:
    authentication.state = FAILED
    authentication.failed_reason = reason


def _extra_data(authentication: Authentication, **outcome: str | int) -> JsonObject:
    if authentication.with_authorisation:
        return {"msg_type": "AUTHENTICATE_WITH_AUTHORIZATION", **outcome}
    return {"msg_type": "AUTHENTICATE", **outcome}
