"""Which network a request comes from, as far as attempts are counted by it."""

from collections.abc import Mapping
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

UNKNOWN = "unknown"
"""One network for whatever has no address; API Gateway's own tests have none."""
IPV6_PREFIX = 64
"""A subscriber has a whole /64 to choose addresses from (RFC 6177), but one IPv4 address, often with others."""


def network_of(event: Mapping[str, Any]) -> str:
    """Give the caller's IPv4 address or IPv6 /64, as API Gateway saw the connection.

    Not from `X-Forwarded-For`, which the caller may write. A custom domain and WAF change nothing; behind a content
    delivery network of one's own all callers would share its addresses (docs/operations.md).
    """
    source = ((event.get("requestContext") or {}).get("identity") or {}).get("sourceIp")
    try:
        address = ip_address(str(source))
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), IPV6_PREFIX), strict=False))
