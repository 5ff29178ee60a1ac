"""What is printed or handed out leads to the public address, wherever that stands."""

import pytest

from daycover.cover.certificate import certificate_link
from daycover.cover.terms import reference
from daycover.projects.code import scan_link


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    "address", ["https://daycover.example", "https://a1.execute-api.test/live", "https://10.0.0.7:8443/UX"]
)
def test_links_lead_below_the_public_address_when_it_has_a_path(address: str, slash: str) -> None:
    public = address + slash
    assert scan_link(public, "AQ") == f"{address}/s/AQ"
    assert certificate_link(public, "e.e.s") == f"{address}/c/e.e.s"
    assert reference("2026-11", "F-1", public).link.startswith(f"{address}/v1/terms/")
