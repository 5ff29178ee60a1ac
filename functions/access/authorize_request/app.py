"""Lambda authorizer: who calls, by one of our own signed tokens. Verified without any call."""

from typing import Any

from daycover.platform.access import policy_document
from daycover.platform.observability import logger
from daycover.platform.security import TokenInvalidError
from daycover.wiring.access import access


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, token = headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise TokenInvalidError
        claims = access().access_tokens.verify(token)
    except TokenInvalidError:
        logger.info("token refused")
        # API Gateway turns exactly this message into its 401 answer
        raise Exception("Unauthorized") from None
    logger.info("token accepted", role=claims["role"])
    return policy_document(event["methodArn"], claims)
