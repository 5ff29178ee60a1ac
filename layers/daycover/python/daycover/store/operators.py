"""Operators of companies and their invitations."""

from typing import Any

from daycover.errors import ConcurrentChangeError
from daycover.projects.operator import (
    Invitation,
    InvitationInvalidError,
    Operator,
)
from daycover.projects.roles import OperatorRole
from daycover.store import keys
from daycover.store.dynamodb import ABSENT, ConditionCheck, ConditionFailedError, Put, Table, Update
from daycover.wire import Cipher

SCHEMA_VERSION = 1
UNUSED = "attribute_exists(pk) AND attribute_not_exists(accepted_at) AND attribute_not_exists(withdrawn_at)"


class StoredOperators:
    """Implements `projects.operator.Operators`. Names stand sealed."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    def find(self, company_id: str, operator_id: str) -> Operator | None:
        """Access: GetItem (COMPANY#id, OPERATOR#id), strong. Cost: 1 read unit; the gate of each operator's call.

        Without the name, which nobody needs there and would have to be opened.
        """
        item = self._table.get(keys.operator(company_id, operator_id), strong=True)
        return None if item is None else Operator.model_validate(item)

    def named(self, company_id: str, operator_id: str) -> Operator | None:
        """Access: as `find`, and the name is opened."""
        item = self._table.get(keys.operator(company_id, operator_id), strong=True)
        return None if item is None else Operator.model_validate({**item, "name": self._name(item)})

    def list_of(self, company_id: str) -> list[Operator]:
        """Access: Query (COMPANY#id, OPERATOR#), strong. Cost: 1 read unit per 4 KB, about 6 operators."""
        items = self._table.query_all(*keys.operators(company_id), strong=True)
        return [Operator.model_validate({**item, "name": self._name(item)}) for item in items]

    def companies_of(self, operator_id: str) -> list[str]:
        """Access: Query (OPERATOR#id, COMPANY#), strong. Cost: 1 read unit per 40 companies."""
        items = self._table.query_all(*keys.operator_companies(operator_id), strong=True)
        return [item["company_id"] for item in items]

    def change(self, changed: Operator, owner: str) -> None:
        """Access: transaction of an update and a check. Condition: the revision before; `owner` is an active owner.

        Cost: 4 write units.
        """
        values = {
            ":roles": [role.value for role in changed.roles],
            ":revision": changed.revision,
            ":before": changed.revision - 1,
        }
        setting = "SET #roles = :roles, revision = :revision"
        if changed.removed_at is not None:
            setting += ", removed_at = :at, removed_by = :by"
            values |= {":at": _item(changed)["removed_at"], ":by": changed.removed_by}
        update = Update(
            keys.operator(changed.company_id, changed.operator_id),
            setting,
            values,
            condition="revision = :before",
            names={"#roles": "roles"},
        )
        self._write(update, _still_owner(changed.company_id, owner))

    def join(self, joined: Operator, invitation: Invitation) -> None:
        """Access: transaction of three puts. Condition: the invitation is unused, the operator absent or removed.

        Cost: 6 write units.
        """
        first = joined.revision == 1
        operator = Put(
            keys.operator(joined.company_id, joined.operator_id),
            _item(joined) | {"name_sealed": self._cipher.seal(joined.name or "", _bound(joined))},
            condition=ABSENT if first else "revision = :before AND attribute_exists(removed_at)",
            values=None if first else {":before": joined.revision - 1},
        )
        entry = Put(
            keys.operator_company(joined.operator_id, joined.company_id),
            {"company_id": joined.company_id, "schema_version": SCHEMA_VERSION},
            condition="attribute_not_exists(pk) OR attribute_exists(pk)",  # it may stand from an earlier time
        )
        try:
            self._table.write(invitation_put(invitation, UNUSED), operator, entry)
        except ConditionFailedError as error:
            if error.reasons[:1] == ("ConditionalCheckFailed",):
                raise InvitationInvalidError from error
            raise ConcurrentChangeError from error

    def invite(self, invitation: Invitation, owner: str) -> None:
        """Access: transaction of a put and a check. Condition: absent; `owner` is an active owner. Cost: 4 units."""
        self._write(invitation_put(invitation), _still_owner(invitation.company_id, owner))

    def find_invitation(self, company_id: str, invitation_id: str) -> Invitation | None:
        """Access: GetItem (COMPANY#id, INVITATION#id), strong. Cost: 1 read unit."""
        item = self._table.get(keys.invitation(company_id, invitation_id), strong=True)
        return None if item is None else Invitation.model_validate(item)

    def invitations_of(self, company_id: str) -> list[Invitation]:
        """Access: Query (COMPANY#id, INVITATION#), strong. Cost: 1 read unit per 4 KB, about 12."""
        items = self._table.query_all(*keys.invitations(company_id), strong=True)
        return [Invitation.model_validate(item) for item in items]

    def withdraw(self, invitation: Invitation) -> None:
        """Access: PutItem (COMPANY#id, INVITATION#id). Condition: unused. Cost: 1 write unit."""
        try:
            self._table.put(invitation_put(invitation, UNUSED))
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def _write(self, write: Put | Update, check: ConditionCheck) -> None:
        try:
            self._table.write(write, check)
        except ConditionFailedError as error:
            raise ConcurrentChangeError from error

    def _name(self, item: dict[str, Any]) -> str:
        return self._cipher.open(item["name_sealed"], f"{item['company_id']}#{item['operator_id']}")


def invitation_put(invitation: Invitation, condition: str = ABSENT) -> Put:
    item = invitation.model_dump(mode="json", exclude_none=True) | {"schema_version": SCHEMA_VERSION}
    return Put(keys.invitation(invitation.company_id, invitation.invitation_id), item, condition=condition)


def _still_owner(company_id: str, operator_id: str) -> ConditionCheck:
    """Two owners who remove each other at once: one of the two finds the other gone."""
    return ConditionCheck(
        keys.operator(company_id, operator_id),
        "contains(#roles, :owner) AND attribute_not_exists(removed_at)",
        {":owner": OperatorRole.OWNER.value},
        {"#roles": "roles"},
    )


def _item(operator: Operator) -> dict[str, Any]:
    stated = operator.model_dump(mode="json", exclude={"name"}, exclude_none=True)
    return stated | {"schema_version": SCHEMA_VERSION}


def _bound(operator: Operator) -> str:
    return f"{operator.company_id}#{operator.operator_id}"
