"""GET /.well-known/jwks.json: every public key of certificates, so that anybody can verify offline."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.api.certificates import JwksView
from daycover.platform.http import http_api, reply
from daycover.wiring.cover import cover

api = http_api()


@api.get("/.well-known/jwks.json")
def publish_keys() -> Response[JwksView]:
    keys = cover().certificate_keys.list_all()
    return reply(200, JwksView.of(keys), {"Cache-Control": "public, max-age=300"})


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
