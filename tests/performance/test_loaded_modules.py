"""What the hot functions load, import and first request together: one module more is a decision, not an accident.

Each runs in a fresh process on what AWS answered to it in this one.
"""

import sys
from pathlib import Path

import pytest

from tests.functional.cover.gate import Gate, whole_aws
from tests.functional.cover.test_events import PREPARED
from tests.performance.bench import AWS, contained, offset, runtime
from tests.performance.recording import RECORDINGS, recorded
from tests.support.events import read_event
from tests.support.functions import HANDLERS, event_file, load
from tests.support.key_material import merchant_credentials
from tests.support.wired import install

LAYER = Path(__file__).parents[2] / "layers" / "daycover" / "python"
EVERYWHERE = {
    "crockford",
    "errors",
    "loaded",
    "platform",
    "platform.clock",
    "platform.config",
    "platform.observability",
    "store",
    "store.aws",
    "wire",
    "wiring",
    "wiring.adapters",
    "wiring.cloud",
    "wiring.book_stores",
    "wiring.stores",
}
ROUTE = EVERYWHERE | {
    "api",
    "api.cover",
    "cover",
    "cover.period",
    "cover.policy",
    "platform.callers",
    "platform.compression",
    "platform.content",
    "platform.discretion",
    "platform.http",
    "platform.problems",
    "platform.replies",
    "platform.routes",
    "platform.validation",
    "store.dynamodb",
    "store.keys",
    "wiring.cover",
}
"""What it takes to answer a request out of the tables."""
TABLES = {"cover.known_tables", "cover.load_tables", "store.tables"}
"""What it takes to ask for tables that operations loaded."""
COVER = ROUTE | {
    "api.duties",
    "china_time",
    "cover.application",
    "cover.check_in",
    "cover.evidence",
    "cover.occupation",
    "cover.plan",
    "cover.terms",
    "cover.underwriting",
    "cover.versions",
    "file_kind",
    "identity",
    "identity.age",
    "identity.attempt",
    "identity.consent",
    "identity.document",
    "identity.resident_id",
    "identity.work_card",
    "identity.worker",
    "platform.security",
    "projects",
    "projects.code",
    "projects.place",
    "projects.project",
    "projects.roles",
    "text",
    "store.check_in_items",
    "store.data_keys",
    "store.day_keys",
    "store.workers",
    "upload",
}
"""What the way from the scan to the policy has in common."""
SECRETS = {"platform.secrets", "store.secrets"}
MODULES = {
    "check_in": COVER
    | TABLES
    | SECRETS
    | {
        "cover.disclosure",
        "cover.presence",
        "identity.name",
        "api.cover.check_in",
        "api.cover.policies",
        "api.cover.work_card",
        "api.fields",
        "cover.site_offer",
        "cover.start_check_in",
        "store.policies",
        "store.projects",
        "store.refused_places",
        "store.reminders",
        "store.visits",
    },
    "issue_policy": COVER
    | {
        "api.cover.issued",
        "api.cover.policies",
        "cover.issue",
        "cover.prove",
        "store.policies",
    },
    "preview_cover": COVER
    | TABLES
    | SECRETS
    | {
        "cover.disclosure",
        "cover.presence",
        "identity.name",
        "api.cover.plan",
        "api.cover.scan",
        "api.cover.terms",
        "api.fields",
        "api.projects",
        "api.projects.terms",
        "cover.preview",
        "cover.translation",
        "store.consents",
        "store.policies",
        "store.projects",
        "store.visits",
    },
    "verify_policy": ROUTE
    | {
        "api.cover.policies",
        "api.cover.verification",
        "china_time",
        "cover.archive",
        "store.archive",
        "store.archive_index",  # where a batch holds the record
        "store.boto",
        "store.policies",
    },
    "authorize_request": EVERYWHERE | SECRETS | {"platform.access", "platform.security", "wiring.access"},
}
PYDANTIC = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
CRYPTOGRAPHY = {"_cffi_backend", "_openssl", "cryptography"}
THIRD_PARTY = {
    "check_in": PYDANTIC | CRYPTOGRAPHY | {"urllib3"},
    "issue_policy": PYDANTIC | CRYPTOGRAPHY | {"urllib3"},
    "preview_cover": PYDANTIC | CRYPTOGRAPHY | {"urllib3"},
    "verify_policy": PYDANTIC | {"urllib3"},
    "authorize_request": {"urllib3"},
}
CASES = {
    "check_in": "valid.201",
    "issue_policy": "proved.201",
    "preview_cover": "valid.200",
    "verify_policy": "in_force.200",
    "authorize_request": "worker.allow",
}


@pytest.mark.parametrize("function", CASES)
def test_hot_function_loads_these_modules_and_no_other_when_it_has_answered_once(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = loaded(function, CASES[function], monkeypatch)
    ours = {name.removeprefix("daycover.") for name in modules if name.startswith("daycover.")}
    others = (
        {name.split(".")[0] for name in modules} - sys.stdlib_module_names - {"daycover", "app", "__main__"}
    )
    assert ours == MODULES[function]
    assert {name for name in others if not name.startswith("_sysconfigdata")} == THIRD_PARTY[function]


def loaded(function: str, case: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Give the modules that a container has after its first request."""
    gate = Gate(whole_aws(), merchant_credentials())
    PREPARED.get(f"{function}/{case.split('.', maxsplit=1)[0]}", Gate.nothing)(gate)
    install(gate.adapters, monkeypatch)
    RECORDINGS.pop(function, None)
    recorded(function, load(function).lambda_handler)(
        read_event(event_file(function, case), gate.values), None
    )
    recording = RECORDINGS[function]
    mine = contained(
        {
            **recording,
            "run": "function",
            "handler": "app",
            "path": [str(HANDLERS[function].parent), str(LAYER)],
            "runtime": runtime(),
            "environment": AWS | recording["environment"] | offset(recording["now"]),
            "warm": 0,
        }
    )
    assert mine["answer"]["status"] in {None, 200, 201}, mine["answer"]["told"]
    return set(mine["modules"])
