"""The ports of one local stack, derived from one number so that a developer has one thing to change."""

import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tests.devstack.layout import DevstackError

DEFAULT_PORT = 8700
_TEST_PORTS = range(9100, 10000, 100)


@dataclass(frozen=True)
class Ports:
    """Who listens where; fixed ports keep the addresses in templates, snapshots and QR codes valid."""

    http: int
    engine: int
    wechat_pay: int
    mini_program: int
    oidc: int
    https: int
    bank: int
    insurer: int
    fiscal: int
    tax: int

    @classmethod
    def starting_at(cls, base: int) -> "Ports":
        return cls(
            http=base,
            engine=base + 1,
            wechat_pay=base + 11,
            mini_program=base + 12,
            oidc=base + 13,
            https=base + 43,
            bank=base + 14,
            insurer=base + 15,
            fiscal=base + 16,
            tax=base + 17,
        )

    def taken(self) -> Iterator[tuple[str, int]]:
        for name, port in asdict(self).items():
            if not is_free(port):
                yield name, port


def is_free(port: int) -> bool:
    """Tell whether a server could listen there; a socket in TIME_WAIT does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def require_free(ports: Ports) -> None:
    """Raise one clear line about the first port that somebody else holds."""
    for name, port in ports.taken():
        raise DevstackError(
            f"port {port} ({name}) is taken: stop what listens there, or choose others, e.g. "
            f"`PORT={ports.http + 100} make run`"
        )


def free_ports() -> Ports:
    """Return the first free set; tests reuse the same few, and with them their snapshots."""
    for base in _TEST_PORTS:
        ports = Ports.starting_at(base)
        if not any(ports.taken()):
            return ports
    raise DevstackError(f"no free ports between {_TEST_PORTS.start} and {_TEST_PORTS.stop}")
