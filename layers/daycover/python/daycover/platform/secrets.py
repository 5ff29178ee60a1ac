"""Secrets of Secrets Manager: read again every five minutes, so that a new value needs no deployment."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from daycover.platform.observability import logger
from daycover.platform.security import header_of

LIFE = 300.0
"""Seconds: as long as a container works on with a value that has been replaced."""
DOUBTED = 5.0
"""Seconds until a value is read again that cannot be right: nobody has filled it in, or it does not parse."""
FAILED = 30.0
"""Seconds until the service is asked again after it failed while a good value serves."""
SERVES = 12 * 3600.0
"""Seconds that the last good value serves while the service fails: as long as the longest token lives, longer than a
container usually does. After that the failure shows."""
LOOKS = 5.0
"""Seconds between two looks for a newer token key: who sends tokens with invented `kid`s causes no more calls."""
TOKENS = "access-token"
"""The purpose of the key that signs them."""
UNFILLED = frozenset({"", "{}"})


@dataclass(slots=True)
class _Kept:
    text: str
    read_at: float
    """When the service last said so."""
    due_at: float
    """When it is asked again."""


class Secrets(Protocol):
    """Where secrets stand; each read is a call."""

    def current(self, secret_id: str) -> str: ...

    def previous(self, secret_id: str) -> str | None:
        """Give the value before the current one, None where there is none."""
        ...


class SecretReader:
    """Reads secrets, each once in `LIFE` seconds; the last good value serves while the service fails.

    Methods raise what `secrets` raises, where no good value is known. `now` is a clock in seconds.
    """

    def __init__(self, secrets: Secrets, now: Callable[[], float] = time.monotonic) -> None:
        self._secrets = secrets
        self._now = now
        self._kept: dict[str, _Kept] = {}
        self._asking = Lock()
        self.changes = 0
        """How often a value was another than the one before."""

    def text(self, secret_id: str) -> str:
        """Give a secret's value, `{}` while nobody has filled it in."""
        kept = self._kept.get(secret_id)
        if kept is not None and self._now() < kept.due_at:
            return kept.text
        with self._asking:  # one asks, and the others take what it was told
            kept = self._kept.get(secret_id)
            if kept is not None and self._now() < kept.due_at:
                return kept.text
            return self._read(secret_id, kept)

    def newest(self, secret_id: str) -> str:
        """Give the value as it stands now, whenever it was read last."""
        with self._asking:
            return self._read(secret_id, self._kept.get(secret_id))

    def previous(self, secret_id: str) -> str | None:
        """Give the value before the current one, None where there is none."""
        return self._secrets.previous(secret_id)

    def doubt(self, secret_id: str) -> None:
        """Read it again soon: what it holds makes no credentials."""
        if (kept := self._kept.get(secret_id)) is not None:
            kept.due_at = min(kept.due_at, self._now() + DOUBTED)

    def renew(self) -> int:
        """Read again what is due of all that was ever read; gives `changes`."""
        for secret_id in tuple(self._kept):
            self.text(secret_id)
        return self.changes

    def key(self, secret_id: str, purpose: str) -> bytes:
        """Derive the 32-byte key of one purpose from a secret (HMAC-SHA-256 as a one-step KDF)."""
        return _derived(self.text(secret_id), purpose)

    def _read(self, secret_id: str, before: _Kept | None) -> str:
        """Ask, and remember. An empty value replaces no good one: that is a mistake like any other failure."""
        now = self._now()
        is_good = before is not None and before.text.strip() not in UNFILLED
        try:
            text = self._secrets.current(secret_id)
        except Exception as error:  # whatever it is, the value that served until now is no worse for it
            if before is None or not is_good or now - before.read_at >= SERVES:
                raise
            logger.warning("secret not read again", secret=secret_id, error=type(error).__name__)
            before.due_at = now + FAILED
            return before.text
        if before is not None and is_good and text.strip() in UNFILLED:
            logger.warning("secret emptied", secret=secret_id)
            before.read_at, before.due_at = now, now + FAILED
            return before.text
        self.changes += before is not None and before.text != text
        self._kept[secret_id] = _Kept(text, now, now + (DOUBTED if text.strip() in UNFILLED else LIFE))
        return text


class StoredTokenKeys:
    """Implements `security.TokenKeys` on one secret: its current value signs, the one before it still verifies.

    `put-secret-value` is the whole rotation. A container knows the current value and reads the one before it when a
    token names a key that it does not know; which of the two a container learnt first makes no difference.
    """

    def __init__(
        self, secrets: SecretReader, secret_id: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._secrets = secrets
        self._secret_id = secret_id
        self._now = now
        self._known: tuple[str, str, dict[str, bytes]] = ("", "", {})
        """The value that everything here is of, the header of its key, and the keys by header."""
        self._lock = Lock()
        self._looked_at = float("-inf")
        self._failed: Exception | None = None

    def current(self) -> tuple[str, bytes]:
        """Access: none, or one GetSecretValue when five minutes are over."""
        with self._lock:
            _, header, keys = self._follow()
            return header, keys[header]

    def find(self, header: str) -> bytes | None:
        """Access: as `current`, and two GetSecretValue at most every five seconds for an unknown key.

        Raises what the look raised where it failed: nobody is signed out by a failure of ours.
        """
        with self._lock:
            _, own, keys = self._follow()
            if header in keys or len(header) != len(own):
                return keys.get(header)
            if self._now() - self._looked_at >= LOOKS:
                self._looked_at = self._now()
                try:
                    self._look()
                    self._failed = None
                except Exception as error:
                    self._failed = error
            if self._failed is not None:
                raise self._failed
            return self._known[2].get(header)

    def _look(self) -> None:
        text = self._secrets.newest(self._secret_id)
        previous = self._secrets.previous(self._secret_id)
        key = _derived(text, TOKENS)
        keys = {} if previous is None else {header_of(old): old for old in (_derived(previous, TOKENS),)}
        header = header_of(key)
        self._known = (text, header, keys | {header: key})

    def _follow(self) -> tuple[str, str, dict[str, bytes]]:
        """Give what belongs to the value of now; with another one all is forgotten, the keys before the last included.

        Which key was the last one is looked up when a token asks for it, at once.
        """
        text = self._secrets.text(self._secret_id)
        if self._known[0] != text:
            key = _derived(text, TOKENS)
            header = header_of(key)
            self._known = (text, header, {header: key})
            self._looked_at = float("-inf")
        return self._known


def _derived(text: str, purpose: str) -> bytes:
    return hmac.digest(text.encode(), purpose.encode(), "sha256")
