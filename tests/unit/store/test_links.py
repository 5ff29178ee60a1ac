"""Links and forms that browsers are given: signed for the host of the bucket in its own region, in both partitions."""

import base64
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from daycover.claims.evidence import ClaimDocument
from daycover.store.boto import BotoClient
from daycover.store.documents import LINK_SECONDS, DocumentVault
from tests.support.builders import NOW, WORKER
from tests.support.claims import an_announcement
from tests.support.template import template

BUCKET, KEY_ID, SECRET = "papers", "AKIAEXAMPLE", "secret/of+tests"
REGIONS = {
    "us-east-1": "amazonaws.com",
    "us-west-2": "amazonaws.com",
    "eu-central-1": "amazonaws.com",
    "ap-east-1": "amazonaws.com",
    "me-south-1": "amazonaws.com",
    "eu-south-2": "amazonaws.com",
    "ap-southeast-5": "amazonaws.com",
    "cn-north-1": "amazonaws.com.cn",
    "cn-northwest-1": "amazonaws.com.cn",
}
"""Opened before and after March 2019, and both of China's."""


@pytest.fixture(params=sorted(REGIONS))
def region(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", request.param)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return str(request.param)


def host_of(region: str) -> str:
    """As S3's reference has it: the form of links that every region takes."""
    return f"{BUCKET}.s3.{region}.{REGIONS[region]}"


@pytest.fixture(autouse=True)
def _same_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both sign at one time."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: NOW.replace(tzinfo=None))


def a_document() -> ClaimDocument:
    return ClaimDocument(
        document_id="D1", claim_no="CL1", announced=an_announcement(), announced_at=NOW, announced_by=WORKER
    )


def vault() -> DocumentVault:
    return DocumentVault(BotoClient("s3"), BUCKET)


def test_link_is_what_botocore_signs_for_the_region_s_own_host(region: str) -> None:
    link = vault().link(a_document())
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc) == ("https", host_of(region))
    said = dict(parse_qsl(parts.query))
    asked = {name: value for name, value in said.items() if not name.startswith("X-Amz-")}
    query = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(asked.items()))
    request: Any = AWSRequest("GET", f"https://{host_of(region)}{parts.path}?{query}")
    signer: Any = S3SigV4QueryAuth(Credentials(KEY_ID, SECRET), "s3", region, expires=LINK_SECONDS)
    signer.add_auth(request)
    assert dict(parse_qsl(urlsplit(request.url).query)) == said


def test_form_is_posted_to_the_region_s_own_host_and_signed_for_it(region: str) -> None:
    upload = vault().upload_form(a_document())
    assert upload.url == f"https://{host_of(region)}/"
    fields = upload.fields
    policy = json.loads(base64.b64decode(fields["policy"]))
    day = fields["x-amz-date"][:8]
    assert {"x-amz-credential": f"{KEY_ID}/{day}/{region}/s3/aws4_request"} in policy["conditions"]
    key = b"AWS4" + SECRET.encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    assert fields["x-amz-signature"] == hmac.digest(key, fields["policy"].encode(), "sha256").hex()


def test_file_is_read_from_the_region_s_own_host_when_we_ask_ourselves(region: str) -> None:
    asked: list[str] = []
    client = BotoClient("s3")
    client.meta.events.register("before-send.s3.GetObject", lambda request, **_: asked.append(request.url))
    client.meta.events.register("before-send.s3.GetObject", lambda **_: NothingThere())
    vault = DocumentVault(client, BUCKET)
    assert vault.read(a_document()) is None
    assert [urlsplit(url).netloc for url in asked] == [host_of(region)]


class NothingThere:
    """S3's answer for a missing object."""

    status_code = 404
    headers: dict[str, str] = {}  # noqa: RUF012 - botocore reads it
    content = b"<Error><Code>NoSuchKey</Code></Error>"
    raw = None


def test_pages_may_post_to_the_very_host_that_forms_name(region: str) -> None:
    """`RegionalDomainName` is `<bucket>.s3.<region>.<suffix>` in both partitions (CloudFormation's reference)."""
    allowed = template()["Globals"]["Function"]["Environment"]["Variables"]["UPLOAD_ORIGINS"]["If"]
    assert allowed[:2] == ["UploadsToS3", {"Sub": "https://${DocumentsBucket.RegionalDomainName}"}]
    origin = allowed[1]["Sub"].replace("${DocumentsBucket.RegionalDomainName}", host_of(region))
    posted = urlsplit(vault().upload_form(a_document()).url)
    assert f"{posted.scheme}://{posted.netloc}" == origin


def test_local_aws_is_asked_by_path_when_its_address_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    assert vault().upload_form(a_document()).url == f"http://127.0.0.1:4566/{BUCKET}"
    assert vault().link(a_document()).startswith(f"http://127.0.0.1:4566/{BUCKET}/claims/CL1/D1")


def test_boto3_left_alone_signs_for_a_host_that_newer_regions_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why the options stand there: when this fails, botocore has changed and they may go."""
    for name, value in {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}.items():
        monkeypatch.setenv(name, value)
    client = boto3.session.Session(region_name="ap-east-1").client("s3")
    link = client.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "k"})
    assert urlsplit(link).netloc == f"{BUCKET}.s3.amazonaws.com"
