"""docs/openapi.json is what the code says; whoever changes a route writes it anew with `make openapi`."""

from tests.support import routes
from tests.support.openapi import DOCUMENT, document, text


def test_committed_document_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run `make openapi`"


def test_every_route_of_the_handlers_is_described_and_the_other_way_round() -> None:
    described = {(path, method) for path, methods in document()["paths"].items() for method in methods}
    deployed = {(path, method) for path, methods in routes.document().items() for method in methods}
    assert described == {(path, method) for path, method in deployed if path.startswith(("/v1/", "/.well"))}


def test_every_route_has_an_event_file_that_succeeds() -> None:
    silent = [
        (method, path)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if not any(status.startswith("2") for status in operation["responses"])
    ]
    assert silent == []
