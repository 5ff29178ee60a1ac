"""The bank's signatures (docs/bank.md): HMAC-SHA-256 over what was sent. Pure functions.

An answer is signed together with the nonce of its request and its status, so that neither another answer
nor one of somebody on the way, a gateway's 404 for instance, is ever taken for the bank's word.
"""

import hashlib
import hmac

REQUEST = "BANK1-REQUEST"
ANSWER = "BANK1-ANSWER"
WINDOW_SECONDS = 300


def sign_request(secret: str, *, method: str, target: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Give the hex signature of a request. `target`: path and query as sent."""
    return _sign(secret, REQUEST, method, target, timestamp, nonce, hashlib.sha256(body).hexdigest())


def sign_answer(secret: str, *, nonce: str, status: int, body: bytes) -> str:
    """Give the hex signature of an answer to the request with this nonce."""
    return _sign(secret, ANSWER, nonce, str(status), hashlib.sha256(body).hexdigest())


def is_genuine(signature: str, expected: str) -> bool:
    """Compare in constant time; text that is no ASCII is never genuine."""
    return signature.isascii() and hmac.compare_digest(signature, expected)


def _sign(secret: str, *lines: str) -> str:
    return hmac.digest(secret.encode(), "".join(f"{line}\n" for line in lines).encode(), "sha256").hex()
