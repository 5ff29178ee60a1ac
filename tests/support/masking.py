"""What of a request or answer may be shown: secrets and tokens shortened, personal data masked."""

import re
from collections.abc import Mapping
from typing import Any

_SECRETS = frozenset(
    {"access_token", "client_secret", "login_code", "id_token", "qr_token", "token", "code", "package"}
)
_PERSONAL = frozenset(
    {
        *(
            "latitude",
            "longitude",
            "id_number",
            "insured_id_number",
            "document_number",
            "description",
            "injury",
        ),
        *("phone", "openid", "patient", "payerPartyName", "buyerName", "account_no"),
    }
)
_PERSONAL_WITHIN = {"accident": frozenset({"place"}), "document": frozenset({"number"})}
_OF_A_PERSON = frozenset({"id_number", "document_number", "birth_date", "relation"})
"""Who has one of these is a person, and `name` beside it is theirs; a work site has a name, too."""
_PEOPLE = frozenset({"identity", "document"})
_SITES = frozenset({"site", "wgs84", "gcj02"})
"""A work site is public; only where a worker stands is personal."""
_LONG_TOKEN = re.compile(r"[0-9A-Za-z_-]{45,}")


def shortened(secret: str) -> str:
    """Show enough of a secret to recognise it, never to use it."""
    return f"{secret[:6]}…" if len(secret) > 8 else "…"


def shortened_tokens(text: str) -> str:
    """Shorten what looks like a token inside a path or link."""
    return _LONG_TOKEN.sub(lambda match: shortened(match[0]), text)


def masked(value: Any, within: str = "") -> Any:
    """Copy a JSON value with secrets shortened and personal data masked."""
    if isinstance(value, Mapping):
        person = within in _PEOPLE or not _OF_A_PERSON.isdisjoint(value)
        return {
            key: "***" if key == "name" and person else _masked_member(str(key), member, within)
            for key, member in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(item, within) for item in value]
    return value


def _masked_member(key: str, member: Any, within: str) -> Any:
    if key == "fields" and within == "upload":
        return dict.fromkeys(member, "…")
    personal = key in _PERSONAL and within not in _SITES
    if isinstance(member, str | int | float) and (personal or key in _PERSONAL_WITHIN.get(within, ())):
        return "***"
    if isinstance(member, str):
        return shortened(member) if key in _SECRETS else shortened_tokens(member) if key == "link" else member
    return masked(member, key)
