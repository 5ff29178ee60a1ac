"""Answers travel in gzip where the client takes it: a script, a list or a claim file to about a quarter.

Done here and not by the gateway's `minimumCompressionSize`, so that every stack does the same. No answer holds a
secret beside text of whoever asks, which lengths could tell (BREACH): tokens come in a header and are not repeated.
"""

import base64
import zlib
from collections.abc import Mapping
from typing import Any

from daycover.platform.content import header

LEAST_BYTES = 1_400
"""One packet takes less as it stands."""
_LEVEL = 6
_GZIP = 16 + zlib.MAX_WBITS


def compressed(answer: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Give an answer for the gateway as it may travel; pictures and short answers stay as they are.

    Bytes are text to the gateway unless the client says what it accepts: only then it decodes them.
    """
    body = answer["body"]
    if answer["isBase64Encoded"] or not isinstance(body, str) or len(body) < LEAST_BYTES:
        return answer
    headers = {**answer["multiValueHeaders"], "Vary": ["Accept-Encoding"]}
    if not header(event, "accept") or not _takes_gzip(header(event, "accept-encoding") or ""):
        return {**answer, "multiValueHeaders": headers}
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    packed = packer.compress(body.encode()) + packer.flush()
    return {
        **answer,
        "body": base64.b64encode(packed).decode(),
        "isBase64Encoded": True,
        "multiValueHeaders": {**headers, "Content-Encoding": ["gzip"]},
    }


def _takes_gzip(said: str) -> bool:
    """Read `Accept-Encoding` (RFC 9110, 12.5.3); a weight of nothing refuses."""
    for one in said.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "").rstrip("0") not in {"q=", "q=0."}
    return False
