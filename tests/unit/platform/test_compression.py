"""What travels in gzip, and for whom."""

import base64
import gzip
from typing import Any

import pytest

from daycover.platform.compression import LEAST_BYTES, compressed

TEXT = "日结保 daycover " * LEAST_BYTES


def answered(body: str, headers: dict[str, str], *, encoded: bool = False) -> dict[str, Any]:
    answer = {"statusCode": 200, "body": body, "isBase64Encoded": encoded, "multiValueHeaders": {"X": ["1"]}}
    return compressed(answer, {"headers": headers})


@pytest.mark.parametrize("said", ["gzip", "br, GZIP ;q=0.5", "deflate, gzip;q=1.0, *;q=0"])
def test_text_travels_in_gzip_when_the_client_takes_it(said: str) -> None:
    answer = answered(TEXT, {"accept": "*/*", "accept-encoding": said})
    assert answer["isBase64Encoded"] is True
    assert answer["multiValueHeaders"] == {
        "X": ["1"],
        "Vary": ["Accept-Encoding"],
        "Content-Encoding": ["gzip"],
    }
    packed = base64.b64decode(answer["body"])
    assert gzip.decompress(packed).decode() == TEXT
    assert len(packed) < len(TEXT.encode()) / 4
    assert answered(TEXT, {"accept": "*/*", "accept-encoding": said}) == answer  # no time stands in it


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "*/*"},
        {"accept": "*/*", "accept-encoding": "br"},
        {"accept": "*/*", "accept-encoding": "gzip;q=0"},
        {"accept": "*/*", "accept-encoding": "gzip; q=0.000, br"},
        {"accept-encoding": "gzip"},  # the gateway would hand it the base64 itself
    ],
)
def test_text_travels_as_it_is_when_nobody_would_read_it_otherwise(headers: dict[str, str]) -> None:
    answer = answered(TEXT, headers)
    assert (answer["body"], answer["isBase64Encoded"]) == (TEXT, False)
    assert answer["multiValueHeaders"] == {"X": ["1"], "Vary": ["Accept-Encoding"]}  # caches must know


def test_answer_stays_as_it_is_when_it_is_short_or_a_picture() -> None:
    for body, encoded in (("x" * (LEAST_BYTES - 1), False), ("eA==" * LEAST_BYTES, True)):
        answer = answered(body, {"accept": "*/*", "accept-encoding": "gzip"}, encoded=encoded)
        assert (answer["body"], answer["multiValueHeaders"]) == (body, {"X": ["1"]})
