"""Policies in the hot table: one chain a person, one conditional write a policy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from daycover.cover.period import COVER, RENEWAL_WINDOW
from daycover.cover.policy import (
    KEPT_AFTER_END,
    Chain,
    Policy,
    PolicyExistsError,
    PolicyNotFoundError,
    PolicyStatus,
    Stop,
    locate,
)
from daycover.errors import ConcurrentChangeError
from daycover.store import keys
from daycover.store.dynamodb import ConditionCheck, ConditionFailedError, Item, Put, Table, Update

SCHEMA_VERSION = 1
PAGE = 5
"""Policies in one strongly consistent read: 5 of about 750 bytes are one read unit."""
SWEEP_PAGE = 1000
NEAR_TTL_SECONDS = 3600
"""TTL may take an item any time after its due second; with less than this left the chain is guarded."""


class StoredPolicies:
    """Implements `cover.policy.Policies`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def chain(self, person_id: str, now: datetime) -> Chain:
        """Access: Query (PERSON#id, POLICY#), newest first, strong, 5 a page; further pages only while the
        oldest one read may still count. Cost: 1 read unit in the common case.
        """
        oldest = now - COVER - RENEWAL_WINDOW
        chain = Chain([], [])
        token = None
        while True:
            page = self._table.query(
                *keys.policies(person_id), limit=PAGE, newest_first=True, strong=True, token=token
            )
            for item in page.items:
                if _is_policy(item):
                    chain.policies.append(read_policy(item))
                else:
                    chain.stops.append(Stop.model_validate(item))
            token = page.next_token
            if token is None or _came(page.items[-1]) < oldest:
                return chain

    def recent(self, person_id: str, now: datetime) -> list[Policy]:
        """Access and cost: as `chain`."""
        return self.chain(person_id, now).policies

    def add(self, policy: Policy, latest: Policy | Stop | None, neighbour: Policy | None = None) -> None:
        """Access: one PutItem at the next place of the person's chain. Condition: the place is free.

        Cost: 1 write unit (item ≤ 1 KB); a lost race costs 1 as well. Two rare cases are a transaction (4 write
        units): adjacent cover, whose neighbour must still stand ISSUED, since a voidance may come between; and a
        `latest` that TTL may take at any moment, since a reader who no longer sees it would claim another place.
        """
        put = Put(keys.policy(policy.person_id, policy.sequence), policy_item(policy))
        checks = [] if neighbour is None else [_stands(neighbour)]
        if latest is not None and latest != neighbour and _near_ttl(latest, policy.issued_at):
            checks.append(_is_there(latest))
        self._claim(put, checks)

    def stop(self, stop: Stop, latest: Policy | Stop | None) -> None:
        """Access: one PutItem at the next place of the person's chain. Condition: the place is free.

        Cost: 1 write unit, 4 in a transaction where TTL may take `latest` at any moment.
        """
        put = Put(keys.policy(stop.person_id, stop.sequence), _stop_item(stop))
        near = latest is not None and _near_ttl(latest, stop.at)
        self._claim(put, [_is_there(latest)] if near and latest is not None else [])

    def _claim(self, put: Put, checks: Sequence[ConditionCheck]) -> None:
        try:
            if checks:
                self._table.write(put, *checks)
            else:
                self._table.put(put)
        except ConditionFailedError as error:
            raise PolicyExistsError from error

    def end(self, policy: Policy) -> None:
        """Access: UpdateItem at the policy's place. Condition: it stands ISSUED under this number.

        Cost: 1 write unit (item ≤ 1 KB).
        """
        assert policy.ended is not None
        update = Update(
            keys.policy(policy.person_id, policy.sequence),
            "SET #status = :to, ended = :ended",
            {
                ":to": policy.status.value,
                ":ended": policy.ended.model_dump(mode="json"),
                ":issued": PolicyStatus.ISSUED.value,
                ":number": policy.policy_no,
            },
            condition="#status = :issued AND policy_no = :number",
            names={"#status": "status"},
        )
        try:
            self._table.update(update)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def put_back(self, policy: Policy) -> None:
        """Access: PutItem under the policy's number. Condition: it is not there. Cost: 1 write unit (item ≤ 1 KB).

        Its place in the chain may be another policy's by now; and an old policy there would end the reading of the
        chain too early. It stays for as long as one whose cover ends now.
        """
        assert policy.ended is not None
        gone = policy.ended.at + KEPT_AFTER_END
        item = policy_item(policy) | {"ttl": int(gone.timestamp())}
        try:
            self._table.put(Put(keys.policy_put_back(policy.person_id, policy.policy_no), item))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def get(self, policy_no: str) -> Policy:
        """Access: GetItem at the place that the number names, strong; where another or none is there, GetItem under
        the number. Cost: 1 read unit, 2 for a policy that TTL has taken.

        An item that TTL has not taken yet is returned like any other; whether it is in force, the clock says.
        """
        person_id, sequence = locate(policy_no)
        number = policy_no.strip().upper()
        for key in (keys.policy(person_id, sequence), keys.policy_put_back(person_id, number)):
            item = self._table.get(key, strong=True)
            if item is not None and item.get("policy_no") == number:
                return read_policy(item)
        raise PolicyNotFoundError

    def list_of(self, person_id: str) -> list[Policy]:
        """Access: Query (PERSON#id, POLICY#), at most 100 newest. Cost: 0.5 read units per 4 KB."""
        page = self._table.query(*keys.policies(person_id), limit=100, newest_first=True)
        return [read_policy(item) for item in page.items if _is_policy(item)]

    def issued_between(
        self, segment: int, segments: int, since: datetime, until: datetime, token: str | None
    ) -> tuple[list[Policy], str | None]:
        """Access: one page of 1,000 items of a parallel Scan; implements `cover.policy.Policies`.

        Cost: 0.5 read units per 4 KB, about 95 a page, whatever the filter leaves of it.
        """
        page = self._table.scan_segment(
            segment,
            segments,
            "attribute_exists(policy_no) AND issued_at < :until"
            " AND (issued_at >= :since OR #status <> :issued)",
            {
                ":since": _second(since),
                ":until": _second(until),
                ":issued": PolicyStatus.ISSUED.value,
            },
            names={"#status": "status"},
            limit=SWEEP_PAGE,
            token=token,
        )
        return [read_policy(item) for item in page.items], page.next_token


def policy_item(policy: Policy) -> dict[str, Any]:
    """The stored form; `ttl` is epoch seconds, well after the end of cover."""
    return policy.model_dump(mode="json") | {
        "ttl": int(policy.forgotten_at.timestamp()),
        "schema_version": SCHEMA_VERSION,
    }


def _second(instant: datetime) -> str:
    """A bound that sorts before every stored instant of its second, `…:30Z` as well as `…:30.5Z`."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}"


def _near_ttl(place: Policy | Stop, now: datetime) -> bool:
    return place.forgotten_at.timestamp() - now.timestamp() < NEAR_TTL_SECONDS


def _stands(policy: Policy) -> ConditionCheck:
    return ConditionCheck(
        keys.policy(policy.person_id, policy.sequence),
        "policy_no = :number AND #status = :issued",
        {":number": policy.policy_no, ":issued": PolicyStatus.ISSUED.value},
        {"#status": "status"},
    )


def _is_there(place: Policy | Stop) -> ConditionCheck:
    """By what tells it from others, not mere presence: TTL may take it and somebody else reuse its place."""
    name = "policy_no" if isinstance(place, Policy) else "stopped_at"
    told_by = place.policy_no if isinstance(place, Policy) else _stop_item(place)["stopped_at"]
    return ConditionCheck(
        keys.policy(place.person_id, place.sequence), "#told = :told", {":told": told_by}, {"#told": name}
    )


def _stop_item(stop: Stop) -> dict[str, Any]:
    """The stored form: the same stop is the same item in every process, and a set has no order of its own."""
    projects = {} if stop.project_ids is None else {"project_ids": sorted(stop.project_ids)}
    return stop.model_dump(mode="json", exclude_none=True) | {
        **projects,
        "stopped_at": stop.at.isoformat(),
        "ttl": int(stop.forgotten_at.timestamp()),
        "schema_version": SCHEMA_VERSION,
    }


def _is_policy(item: Item) -> bool:
    """Whether the place is a policy's; a stop has no number."""
    return "policy_no" in item


def _came(item: Item) -> datetime:
    return datetime.fromisoformat(item["issued_at" if _is_policy(item) else "stopped_at"])


def read_policy(item: Item) -> Policy:
    """Read a policy from its stored form, for instance the image of a stream record."""
    return Policy.model_validate(item)
