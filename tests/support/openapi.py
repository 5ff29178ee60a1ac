"""The OpenAPI document, put together from the resolvers of all functions. `make openapi` writes it."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "openapi.json"
OPEN_PATHS = (
    "/v1/sessions",
    "/v1/tokens",
    "/v1/staff-sessions",
    "/v1/verifications",
    "/v1/certificates",
    "/v1/health",
    "/v1/wechat",
    "/v1/insurer",
    "/.well-known",
)


def document() -> dict[str, Any]:
    """Merge the paths and components of every `functions/*/app.py` that has a resolver, in a stable order."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "daycover",
            "version": "1",
            "description": "Errors are RFC 9457 problem documents.",
        },
        "paths": {},
        "components": {
            "schemas": {},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"token": []}],
    }
    for app in sorted((ROOT / "functions").glob("*/app.py")):
        resolver = getattr(_load(app), "api", None)
        if resolver is None:
            continue
        part = json.loads(resolver.get_openapi_json_schema(title="daycover", version="1"))
        for path, methods in part.get("paths", {}).items():
            if path.startswith(("/v1/", "/.well-known/")):
                merged["paths"].setdefault(path, {}).update(_described(path, methods))
        merged["components"]["schemas"].update(part.get("components", {}).get("schemas", {}))
    merged["paths"] = dict(sorted(merged["paths"].items()))
    merged["components"]["schemas"] = dict(sorted(merged["components"]["schemas"].items()))
    return merged


def text() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def _described(path: str, methods: dict[str, Any]) -> dict[str, Any]:
    for operation in methods.values():
        if path.startswith(OPEN_PATHS):
            operation["security"] = []
    return methods


def _load(app: Path) -> Any:
    name = f"openapi_{app.parent.name}"
    spec = importlib.util.spec_from_file_location(name, app)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    DOCUMENT.write_text(text(), encoding="utf-8")
