"""The stored form of a check-in: at most 1 KB, or each of its three writes costs a unit more."""

import json
from datetime import datetime
from typing import Any, Protocol

from daycover.cover.check_in import CheckIn, day_of
from daycover.identity.consent import Consent
from daycover.identity.document import IdDocumentType
from daycover.identity.resident_id import birth_date
from daycover.identity.worker import Identity
from daycover.projects.place import Place
from daycover.store.dynamodb import Item
from daycover.store.keys import check_in_of
from daycover.wire import Cipher

SCHEMA_VERSION = 2
TERMS = (
    "company_id",
    "sub_mchid",
    "plan_id",
    "plan_version",
    "occupation_class",
    "premium_fen",
    "sum_insured_fen",
    "shift_ends_at",
    "order_digest",
    "is_proved",
    "distance_m",
    "radius_m",
    "code",
)
"""What no condition and no other reader names stands as one list, in this order for ever; what is new comes last."""
KEYS = {"worker_id", "check_in_id", "authenticate_number"}
"""What the item's key says already."""
APART = {"identity", "openid", "place", "token", "answered", "documents"}
PLACE = tuple(Place.model_fields)


class PlaceCipher(Protocol):
    """Seals under the key of a day; what was sealed opens to None once that key is deleted."""

    def seal(self, plain: str, bound_to: str, day: str) -> str: ...

    def open(self, sealed: str, bound_to: str, day: str) -> str | None: ...


def check_in_item(check_in: CheckIn, cipher: Cipher, places: PlaceCipher) -> dict[str, Any]:
    """Give the item without its keys. Identity and openid are sealed as one, the place with the key of its day."""
    worker_id, identity = check_in.worker_id, check_in.identity
    dumped = check_in.model_dump(mode="json", exclude=APART | KEYS)
    code = dumped.pop("code")
    dumped["code"] = None if code is None else [code["id"], code["ends_at"]]
    terms = [dumped.pop(name) for name in TERMS]
    plain = {name: value for name, value in dumped.items() if value not in (None, False, [])}
    facts = [check_in.openid, identity.name, identity.id_number]
    if not _says_itself(identity):
        facts += [identity.document_type, identity.birth_date.isoformat()]
    item = plain | {
        "token_ends_at": seconds(check_in.token_ends_at),
        "terms": terms,
        "person_id": identity.person_id,
        "identity_sealed": cipher.seal(_compact(facts), worker_id),
        "schema_version": SCHEMA_VERSION,
    }
    if check_in.place is not None:
        place = check_in.place.model_dump(mode="json")
        sealed = places.seal(_compact([place[name] for name in PLACE]), worker_id, check_in.day)
        item["place_sealed"] = sealed
    return item


def facts_of(item: Item) -> dict[str, Any]:
    """Give what an item says in clear, by name, in whichever form it was stored."""
    if "terms" not in item:
        return dict(item)
    worker_id, check_in_id = check_in_of(item["pk"], item["sk"])
    keys = {
        "worker_id": worker_id,
        "check_in_id": check_in_id,
        "authenticate_number": worker_id + check_in_id.replace("-", ""),
    }
    terms = dict(zip(TERMS, item["terms"], strict=False))
    code = terms.get("code")
    terms["code"] = None if code is None else {"id": code[0], "ends_at": code[1]}
    return {**item, **keys, **terms}


def check_in_from(item: Item, cipher: Cipher, places: PlaceCipher) -> CheckIn:
    """Open an item of this form or of the one before (with copied consents and an openid of its own)."""
    facts = facts_of(item)
    worker_id = facts["worker_id"]
    stated = json.loads(cipher.open(item["identity_sealed"], worker_id))
    openid = stated.pop(0) if "terms" in item else cipher.open(item["openid"], worker_id)
    name, id_number, *shown = stated
    document_type, born = shown or (IdDocumentType.RESIDENT_ID, birth_date(id_number))
    identity = Identity(
        name=name,
        id_number=id_number,
        document_type=document_type,
        birth_date=born,
        person_id=item["person_id"],
    )
    opened = {
        "identity": identity,
        "openid": openid,
        "token": cipher.open(item["token_sealed"], worker_id) if "token_sealed" in item else None,
        "place": _place(facts, places),
        "consents": [_reference(consent) for consent in item["consents"]],
    }
    return CheckIn.model_validate(facts | opened)


def seconds(instant: datetime) -> int:
    """Whole seconds since 1970: a token is over a moment early rather than late."""
    return int(instant.timestamp())


def _says_itself(identity: Identity) -> bool:
    """Whether kind and birth date stand in the number, as they do in a resident's."""
    is_resident = identity.document_type is IdDocumentType.RESIDENT_ID
    return is_resident and birth_date(identity.id_number) == identity.birth_date


def _place(facts: Item, places: PlaceCipher) -> Place | None:
    """None without a position, and once the key of its day has been deleted."""
    if facts.get("place_sealed") is None:
        return None
    plain = places.open(facts["place_sealed"], facts["worker_id"], day_of(facts["check_in_id"]))
    if plain is None:
        return None
    stated = json.loads(plain)
    return Place.model_validate(dict(zip(PLACE, stated, strict=True)) if isinstance(stated, list) else stated)


def _reference(stored: str | list[str]) -> str:
    """Consents were copied whole, as lists of their values."""
    if isinstance(stored, str):
        return stored
    return Consent.model_validate(dict(zip(Consent.model_fields, stored, strict=True))).reference


def _compact(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
