"""Where a request comes from: as the gateway saw the connection, a /64 of IPv6, never what the caller writes."""

from typing import Any

import pytest

from daycover.platform.network import network_of


def event(source: Any) -> dict[str, Any]:
    return {
        "headers": {"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1", "Forwarded": "for=192.0.2.1"},
        "requestContext": {"identity": {"sourceIp": source}},
    }


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("test-invoke-source-ip", "unknown"),
        ("203.0.113.7, 192.0.2.9", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
        (5, "unknown"),
        ({}, "unknown"),
    ],
)
def test_network_is_that_of_the_connection(source: Any, network: str) -> None:
    assert network_of(event(source)) == network


@pytest.mark.parametrize("context", [None, {}, {"identity": None}, {"identity": {}}])
def test_network_is_unknown_when_the_gateway_names_none(context: Any) -> None:
    assert network_of({"requestContext": context}) == "unknown"
