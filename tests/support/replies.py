"""An answer off no wire, as much of it as `wire.exchange` reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from urllib3 import HTTPHeaderDict


@dataclass
class Reply:
    status: int
    data: bytes
    headers: Mapping[str, str] = field(default_factory=HTTPHeaderDict)

    def read(self, amt: int) -> bytes:
        return self.data[:amt]

    def close(self) -> None:
        """Nothing is open."""

    def release_conn(self) -> None:
        """No connection was taken."""
