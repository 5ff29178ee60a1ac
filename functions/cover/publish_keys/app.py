"""GET /.well-known/jwks.json: every public key of certificates, so that anybody can verify offline."""

from typing import Any

from daycover.api.cover.certificates import JwksView
from daycover.platform.http import open_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.cover import cover

api = open_api()


@api.get("/.well-known/jwks.json")
def publish_keys() -> Reply[JwksView]:
    """Give every public key of certificates.

    With these any JWT library verifies a credential offline (RFC 7517, 8037).
    """
    keys = cover().certificate_keys.list_all()
    return reply(200, JwksView.of(keys), {"Cache-Control": "public, max-age=300"})


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
