"""Whom the product asks because somebody enrolled an address: public names over TLS, and nobody else."""

from typing import Any

import pytest
from pydantic import ValidationError

from daycover.api.access.enrolment import OidcBody


def body(issuer: str) -> dict[str, Any]:
    return {"issuer": issuer, "client_id": "daycover"}


@pytest.mark.parametrize(
    "issuer",
    [
        "https://sso.company.example",
        "https://sso.company.example:8443/realms/hr",
        "https://login.xn--55qx5d.example/",
        "http://127.0.0.1:8703",
        "http://localhost:8703/issuer",
    ],
)
def test_issuer_is_taken_when_it_is_a_public_name_over_tls_or_the_developer_s_own(issuer: str) -> None:
    assert OidcBody.read(body(issuer)).issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "http://sso.company.example",
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.7/realms/hr",
        "https://127.0.0.1:9001/2018-06-01/runtime",
        "https://[::1]:8443",
        "https://[fd00:ec2::254]/",
        "https://2852039166/",
        "https://0xa9.0xfe.0xa9.0xfe/",
        "https://127.1/",
        "https://localhost/",
        "https://intranet/",
        "https://intranet./",
        "https:///realms",
        "https://user:secret@sso.company.example",
        "https://sso.company.example?next=http://10.0.0.7",
        "https://sso.company.example#x",
        "file:///etc/passwd",
        "gopher://sso.company.example:25/",
        "ftp://sso.company.example",
        "//sso.company.example",
        "sso.company.example",
        "https://sso.company.example/\r\nHost: evil.example",
    ],
)
def test_issuer_is_refused_when_it_leads_into_a_network_or_to_another_protocol(issuer: str) -> None:
    with pytest.raises(ValidationError):
        OidcBody.read(body(issuer))
