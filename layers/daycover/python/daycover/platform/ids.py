"""Identifiers that sort by time."""

import secrets
from datetime import datetime

from daycover import crockford


def ulid(now: datetime) -> str:
    """Give a new ULID (26 characters: 48 bits of milliseconds, 80 random bits)."""
    return crockford.encode((int(now.timestamp() * 1000) << 80) | secrets.randbits(80), 26)
