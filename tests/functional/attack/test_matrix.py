"""Every route asked by everybody, about what is theirs, another's, nobody's, or does not belong together.

A request goes through a signed token, the authorizer and the handler to the stores. Whoever is refused is answered the
right problem, learns nothing of anybody, and leaves nothing behind.
"""

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from daycover.claims.claim import Actor
from daycover.claims.lifecycle import ClaimEvent
from daycover.claims.record import record
from daycover.claims.representative import (
    Particulars,
    Representative,
    RepresentativeKind,
    RepresentativeStatus,
)
from daycover.identity.document import IdDocumentType
from tests.functional.attack.who import (
    ACTING_FOR_ANOTHER,
    ANOTHER_COMPANY_S,
    NOT_THERE,
    OF_ANOTHER_WORKER,
    WHAT_A_REPEAT_LEAVES,
    WHO,
    routes_of,
)
from tests.functional.attack.world import (
    EVERYBODY,
    EXACT,
    OF_C1,
    OF_C2,
    PERSONAL,
    STAFF,
    STRANGE,
    THE_OTHER_WORKER,
    Answer,
    Attacked,
    Event,
    Identity,
    routes,
)
from tests.support.builders import NOW, PROJECT, WORKER, a_policy, a_worker, an_id_number
from tests.support.functions import HANDLERS, load

MAY = routes_of(WHO)
ANOTHER_WORKER_IS = routes_of(OF_ANOTHER_WORKER)
ANOTHER_COMPANY_IS = routes_of(ANOTHER_COMPANY_S)
ONCE_MORE = routes_of(WHAT_A_REPEAT_LEAVES)
NOBODY_S_IS = routes_of(NOT_THERE)
UNKNOWN = {
    "break_id": "0" * 32,
    "check_id": "7",
    "check_in_id": "20260101-01",
    "claim_no": "CL" + "0" * 24,
    "company_id": "C-unknown",
    "credential_id": "K77",
    "day": "2025-01-01",
    "document_id": "D" + "0" * 24,
    "invitation_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "month": "2025-01",
    "number": "77",
    "operator_id": "0PERATRN0B0DY0000001",
    "policy_no": "DC" + "0" * 28,
    "position": "NONSENSE",
    "project_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "proposal_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "provider_id": "P-unknown",
    "referral_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "report_no": "RP" + "0" * 24,
    "table": "nonsense",
    "token": "A" * 52,
    "version": "2099-01",
    "year": "2025",
}
"""Ids of the right form that nobody has."""
STANDINGS = {
    "waiting": (RepresentativeKind.AGENT, RepresentativeStatus.REQUESTED),
    "refused": (RepresentativeKind.AGENT, RepresentativeStatus.REFUSED),
    "revoked": (RepresentativeKind.AGENT, RepresentativeStatus.REVOKED),
    "agent": (RepresentativeKind.AGENT, RepresentativeStatus.ACCEPTED),
    "guardian": (RepresentativeKind.GUARDIAN, RepresentativeStatus.ACCEPTED),
}
MARKS = (*PERSONAL, WORKER, a_policy().policy_no)
"""What nobody else may read of the insured and their policy."""
LEAVES_SOMETHING = {
    "POST /v1/claims/{claim_no}/representatives": "right or wrong, it is counted: claim numbers can't be guessed",
    "POST /v1/check-ins": "whoever scans without consenting is shown to the foreman as uninsured",
    "GET /v1/policies/{policy_no}/certificate": "the first container publishes the key, whoever asks",
}
"""Routes that write for somebody who is refused what they asked for, and why."""

TOLD_BY_TOKEN = {("withdrawn provider's company token", "GET /v1/occupations")}
"""Where no path names a company but the token does, and the answer holds what is that company's own."""


def asked_in(event: Event) -> str:
    return f"{event['httpMethod']} {event['resource']}"


FILES = {asked_in(json.loads(file.read_text(encoding="utf-8"))): (name, file) for name, file in routes()}
GUARDED = sorted(route for route in FILES if MAY.get(route, "nobody") != "anybody")
OF_CLAIMS = [route for route in GUARDED if " /v1/claims/{claim_no}" in route]


def is_of_a_company(route: str) -> bool:
    return "/companies/" in route and "/staff/" not in route


def made(route: str, patch: pytest.MonkeyPatch) -> Attacked:
    function, file = FILES[route]
    return Attacked(
        function, file, patch, with_companies=MAY.get(route, "").startswith(("provider", "owner"))
    )


@pytest.fixture(scope="module", params=GUARDED, ids=lambda route: route.replace("/v1", ""))
def world(request: pytest.FixtureRequest) -> Iterator[Attacked]:
    """The world of one route, in which all tests of it ask: those first who are refused and leave it as it is."""
    with pytest.MonkeyPatch.context() as patch:
        yield made(request.param, patch)


def test_table_says_who_may_ask_for_every_route_there_is() -> None:
    served = {
        f"{route.method} {route.path}"
        for function in HANDLERS
        for route in getattr(getattr(load(function), "api", None), "routes", ())
    }
    assert served == set(MAY)
    assert set(FILES) == set(MAY), "every route has an event that asks it"


def test_tables_speak_of_the_routes_that_there_are() -> None:
    assert set(ANOTHER_WORKER_IS) == {route for route, who in MAY.items() if who == "worker"}
    assert set(ANOTHER_COMPANY_IS) == set(filter(is_of_a_company, MAY))
    assert set(routes_of(ACTING_FOR_ANOTHER)) == set(OF_CLAIMS)
    assert set(ONCE_MORE) <= set(MAY)
    for line in NOBODY_S_IS:
        route, _, name = line.rpartition(" ")
        assert f"{{{name}}}" in route
        assert route in MAY
    names = {identity.name for identity in EVERYBODY}
    assert {name for who in MAY.values() for name in who.split()} <= names | {"anybody"}


def refused_of(route: str) -> Iterator[tuple[Identity, str]]:
    """Everybody whom the table does not let ask, and which problem each of them is answered."""
    allowed = MAY[route].split()
    for identity in (*EVERYBODY, *STRANGE):
        problem: str | None = "forbidden"
        if identity.role == "worker":
            problem = None if "worker" in allowed else problem
        elif identity.role == "staff":
            is_let_in = identity.name in allowed or {one.name for one in STAFF} <= set(allowed)
            problem = None if is_let_in else problem
        elif identity in OF_C1:
            if identity.name in allowed:
                problem = None
            elif identity.role == "operator" and "owner" in allowed:
                problem = "operator-role"
        elif identity.role != "admin" and ("owner" if identity.role == "operator" else "provider") in allowed:
            is_refused = is_of_a_company(route) or (identity.name, route) in TOLD_BY_TOKEN
            problem = "company-not-authorised" if is_refused else None
        if problem is not None:
            yield identity, problem


def assert_refused(world: Attacked, answer: Answer, told: object) -> None:
    assert not any(mark in answer.text for mark in MARKS), (told, answer)
    if asked_in(world.event) not in LEAVES_SOMETHING:
        assert not answer.has_written, (told, answer)


def test_whoever_may_not_ask_is_refused_and_leaves_nothing(world: Attacked) -> None:
    before, route = world.stored(), asked_in(world.event)
    tampered = world.token_of(world.own)[:-2] + "AA"
    late = world.token_of(world.own, timedelta(seconds=-1))
    for token in (None, "", "e30.e30.e30", tampered, late):
        assert world.ask(None, token=token).status == 401, token
    refused = list(refused_of(route))
    assert len(refused) >= 5
    for identity, problem in refused:
        answer = world.ask(identity)
        assert (answer.status, answer.slug) == (403, problem), (identity, answer)
        assert not answer.has_written, identity
        assert not any(mark in answer.text for mark in MARKS), identity
    assert world.stored() == before


def with_id(event: Event, name: str, value: str) -> Event:
    """Give the event with another id in its path."""
    changed = copy.deepcopy(event)
    changed["pathParameters"][name] = value
    parts = zip(event["resource"].split("/"), event["path"].split("/"), strict=True)
    changed["path"] = "/".join(value if part == f"{{{name}}}" else said for part, said in parts)
    return changed


def mixed_by(world: Attacked) -> Iterator[tuple[Identity, Event]]:
    """Those of company C2, who ask for C2 with the other ids of what is C1's."""
    for identity in OF_C2 if "provider" in MAY[asked_in(world.event)].split() else OF_C2[-1:]:
        yield identity, with_id(world.event, "company_id", "C2")


def test_nothing_of_another_s_or_nobody_s_is_found_and_nothing_is_left(world: Attacked) -> None:
    before, route = world.stored(), asked_in(world.event)
    if ANOTHER_WORKER_IS.get(route, "2xx") != "2xx":
        answer = world.ask(THE_OTHER_WORKER)
        assert f"{answer.status} {answer.slug}" == ANOTHER_WORKER_IS[route], answer
        assert_refused(world, answer, "another worker")
    for name in world.event["pathParameters"] or ():
        is_company = name == "company_id" and is_of_a_company(route)
        status = "403" if is_company else NOBODY_S_IS.get(f"{route} {name}", "404")
        answer = world.ask(world.own, with_id(world.event, name, UNKNOWN[name]))
        assert str(answer.status) == status, (name, answer)
        if status != "200":
            assert_refused(world, answer, name)
            assert len(UNKNOWN[name]) < 4 or UNKNOWN[name] not in answer.text, (name, answer)
    if is_of_a_company(route) and ANOTHER_COMPANY_IS[route] != "2xx":
        for identity, event in mixed_by(world):
            answer = world.ask(identity, event)
            assert str(answer.status) == ANOTHER_COMPANY_IS[route], (identity, answer)
            assert_refused(world, answer, identity)
    if route not in LEAVES_SOMETHING:
        assert world.stored() == before


def test_whoever_may_ask_is_let_in_reads_their_own_and_has_done_it_once_when_they_repeat_it(
    world: Attacked,
) -> None:
    route = asked_in(world.event)
    if is_of_a_company(route) and ANOTHER_COMPANY_IS[route] == "2xx":
        for identity, event in mixed_by(world):
            answer = world.ask(identity, event)
            assert answer.status // 100 == 2, (identity, answer)
            assert not any(mark in answer.text for mark in (*MARKS, PROJECT)), (identity, answer)
    answer = world.ask(world.own)
    if world.function in EXACT:
        _, file = FILES[route]
        assert answer.status == int(file.name.split(".")[1]), answer
    after = world.stored()
    again = world.ask(world.own)
    assert again.status < 500, again
    assert world.stored() == after or route in ONCE_MORE, "sent again, it left something more"
    refusals = {"forbidden", "operator-role", "company-not-authorised"}
    for identity in EVERYBODY:
        if identity.name in MAY[route].split():
            answer = world.ask(identity)
            assert answer.status not in {401, 500}, (identity, answer)
            assert answer.slug not in refusals, (identity, answer)
    if ANOTHER_WORKER_IS.get(route) == "2xx":
        answer = world.ask(THE_OTHER_WORKER)
        assert answer.status // 100 == 2, answer
        assert not any(mark in answer.text for mark in MARKS), answer


@pytest.mark.parametrize("route", OF_CLAIMS)
def test_claim_is_a_stranger_s_to_whoever_does_not_represent_the_insured(
    route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = made(route, monkeypatch)
    may = routes_of(ACTING_FOR_ANOTHER)[route].split()
    accounts = let_accounts_stand(world)
    before = world.stored()
    for name in (*(name for name in accounts if name not in may), *may):
        answer = world.ask(Identity(name, "worker", accounts[name]))
        if name in may:
            assert answer.status < 300 or answer.slug == "representation-stands", (name, answer)
            continue
        problems = {"claim-not-found"}
        if name in {"agent", "guardian"}:
            problems.add("not-for-representative")
        assert answer.slug in problems, (name, answer)
        assert_refused(world, answer, name)
        assert world.stored() == before, name


def let_accounts_stand(attacked: Attacked) -> dict[str, str]:
    """Let one account stand in each way to the claim of the event; give the accounts by their standing."""
    adapters = attacked.world.adapters
    claim = adapters.claims.get(attacked.event["pathParameters"]["claim_no"])
    asked: list[Any] = list(claim.representatives)
    accounts = {}
    for number, (name, (kind, status)) in enumerate(STANDINGS.items(), len(asked) + 1):
        said = Particulars(
            kind=kind,
            name="王小红",
            document_type=IdDocumentType.RESIDENT_ID,
            document_number=an_id_number("19920811", "003"),
            relation="妹妹",
            phone="13800138000",
        )
        accounts[name] = f"REPR{number:016d}"
        adapters.workers.add(a_worker(worker_id=accounts[name]))
        standing = Representative(
            number=number, worker_id=accounts[name], said=said, status=status, requested_at=NOW
        )
        asked.append(standing)
    by, event = Actor.staff("s-1"), ClaimEvent.REPRESENTATIVE_ACCEPTED
    adapters.claims.save(record(claim, event, at=adapters.now(), by=by, representatives=tuple(asked)))
    return accounts
