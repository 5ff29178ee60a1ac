"""docs/openapi.json and docs/api.md are what the code says; whoever changes a route writes them with `make openapi`."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from tests.architecture.source import FUNCTIONS, ROOT
from tests.support.openapi import DOCUMENT, PAGE, TAGS, document, operations, page, text
from tests.support.routes import document as deployed
from tests.support.samples import recorded


def described() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """What has a schema and an example, by operation."""
    for _, _, operation in described():
        parts = [operation.get("requestBody", {}), *operation["responses"].values()]
        for part in parts:
            for content in part.get("content", {}).values():
                if content.get("schema"):
                    yield operation["operationId"], content


def test_committed_document_is_what_the_code_says() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "run `make openapi`"


def test_committed_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make openapi`"


def test_every_deployed_route_is_described_and_the_other_way_round() -> None:
    routes = {(path, method) for path, methods in deployed().items() for method in methods}
    assert {(path, method) for method, path, _ in described()} == {
        (path, method) for path, method in routes if path.startswith(("/v1/", "/.well"))
    }


def test_every_route_has_an_event_file_that_succeeds() -> None:
    silent = [
        (method, path)
        for method, path, operation in described()
        if not any(status.startswith("2") for status in operation["responses"])
    ]
    assert silent == []


def test_operations_have_names_of_their_own_as_a_client_would_call_them() -> None:
    names = [operation["operationId"] for _, _, operation in described()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z]+([A-Z][a-z]+)*", name) for name in names)


def test_models_have_names_of_their_own() -> None:
    # pydantic writes the module into a name that two models share, and -Input or -Output where one has two forms
    assert [name for name in document()["components"]["schemas"] if not name.isalnum()] == []


def test_every_operation_says_what_it_does_and_to_which_capability_it_belongs() -> None:
    capabilities = {folder.name for folder in FUNCTIONS.iterdir() if any(folder.glob("*/app.py"))}
    assert capabilities == set(TAGS)
    for one in operations():
        assert one.words[0], f"{one.function}.{one.route.run.__name__} has no docstring"
    assert all(operation["tags"] and operation["summary"] for _, _, operation in described())


def test_every_body_and_answer_has_an_example() -> None:
    missing = [name for name, content in examples() if "example" not in content]
    assert missing == [], "`make samples openapi` writes them"


def test_examples_fit_their_schemas() -> None:
    components = document()["components"]
    for name, content in examples():
        validator = jsonschema_rs.validator_for(content["schema"] | {"components": components})
        found = [f"{name}: {error.message}" for error in validator.iter_errors(content["example"])]
        assert found == []


def test_recorded_answers_are_of_event_files_that_exist() -> None:
    assert [name for name in recorded() if not (ROOT / "events" / name).exists()] == []


def test_list_of_codes_is_as_long_as_there_are_codes_when_it_has_an_end() -> None:
    schemas = document()["components"]["schemas"]
    for name, model in schemas.items():
        for field, schema in model.get("properties", {}).items():
            item = schemas.get(schema.get("items", {}).get("$ref", "").rsplit("/", 1)[-1], {})
            if "maxItems" in schema and "enum" in item:
                assert schema["maxItems"] == len(item["enum"]), f"{name}.{field}"
