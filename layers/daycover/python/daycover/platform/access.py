"""What the authorizer answers to API Gateway."""

from collections.abc import Mapping
from typing import Any


def policy_document(method_arn: str, claims: Mapping[str, Any]) -> dict[str, Any]:
    """Allow the whole stage (the answer is cached per token) and hand the proven claims to the handlers.

    Which role may do what is decided by each function (`api/duties.py`).
    Context values are strings, as API Gateway wants them.
    """
    arn, stage = method_arn.split("/")[:2]
    context = {"role": claims["role"], "subject": claims["sub"]}
    for optional in ("staff_roles", "provider_id"):
        if claims.get(optional):
            context[optional] = claims[optional]
    return {
        "principalId": claims["sub"],
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{arn}/{stage}/*"}
            ],
        },
        "context": context,
    }
