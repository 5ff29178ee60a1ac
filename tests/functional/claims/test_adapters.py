"""The vault on S3 and the workflows on Step Functions, against moto."""

import base64
import hashlib
import json
import traceback

import boto3
import pytest

from daycover.file_kind import FileKind
from daycover.platform.config import Config
from daycover.store.aws import AwsError, StoreUnavailableError
from daycover.store.boto import BotoClient
from daycover.store.documents import DocumentVault
from daycover.store.workflows import StepFunctionsWorkflows
from daycover.upload import MAXIMUM_BYTES
from tests.functional.claims.aws import BUCKET
from tests.support.aws import answering, client_of, refusal
from tests.support.claims import a_document, an_announcement
from tests.support.papers import a_jpeg, a_pdf, a_png

CONTENT = a_jpeg("a scan of a diagnosis")


@pytest.mark.usefixtures("aws")
def test_form_allows_exactly_one_file_when_signed() -> None:
    document = a_document(an_announcement(content=CONTENT))
    upload = DocumentVault(BotoClient("s3"), BUCKET).upload_form(document)
    policy = json.loads(base64.b64decode(upload.fields["policy"]))
    conditions = policy["conditions"]
    assert ["content-length-range", len(CONTENT), len(CONTENT)] in conditions
    assert {"Content-Type": "image/jpeg"} in conditions
    assert {"key": f"claims/CL1/{document.document_id}"} in conditions
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    assert {"x-amz-checksum-sha256": digest} in conditions
    assert upload.fields["x-amz-checksum-sha256"] == digest


@pytest.mark.usefixtures("aws")
def test_digest_is_of_the_bytes_that_lie_there() -> None:
    document = a_document(an_announcement(content=CONTENT))
    client = boto3.client("s3")
    vault = DocumentVault(BotoClient("s3", client), BUCKET)
    assert vault.digest(document) is None
    film = CONTENT + bytes(2 * 1024 * 1024)
    for content, kind in (
        (CONTENT, FileKind.JPEG),
        (film, FileKind.JPEG),
        (a_png("a scan"), FileKind.PNG),
        (a_pdf("a scan"), FileKind.PDF),
        (b"%PDF-1.4\n%%EOF\n", None),
        (CONTENT.ljust(MAXIMUM_BYTES, b"\0"), FileKind.JPEG),
        (CONTENT.ljust(MAXIMUM_BYTES + 1, b"\0"), None),
    ):
        client.put_object(Bucket=BUCKET, Key=document.object_key(), Body=content)
        assert vault.digest(document) == (len(content), hashlib.sha256(content).hexdigest(), kind)


@pytest.fixture
def machines(aws: Config) -> StepFunctionsWorkflows:
    client = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Pass", "End": True}}})
    role = "arn:aws:iam::123456789012:role/unused"
    for arn in (aws.claim_to_payout_arn, aws.payout_arn):
        name = arn.rsplit(":", 1)[1]
        assert (
            client.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
            == arn
        )
    return StepFunctionsWorkflows(client_of("states"), aws.claim_to_payout_arn, aws.payout_arn)


def test_execution_is_one_when_started_twice(machines: StepFunctionsWorkflows, aws: Config) -> None:
    machines.start_claim("CL1")
    machines.start_claim("CL1")
    client = boto3.client("stepfunctions")
    executions = client.list_executions(stateMachineArn=aws.claim_to_payout_arn)["executions"]
    assert [execution["name"] for execution in executions] == ["CL1"]
    detail = client.describe_execution(executionArn=executions[0]["executionArn"])
    assert json.loads(detail["input"]) == {"claim_no": "CL1"}


def test_arn_is_the_execution_s_when_finance_starts_a_payout(machines: StepFunctionsWorkflows) -> None:
    arn = machines.start_payout("CL1", "CL1P1-0")
    assert machines.start_payout("CL1", "CL1P1-0") == arn
    assert boto3.client("stepfunctions").describe_execution(executionArn=arn)["name"] == "CL1P1-0"


def test_obligation_is_in_the_input_when_one_beneficiary_is_paid(machines: StepFunctionsWorkflows) -> None:
    arn = machines.start_payout("CL1", "CL1-0-3-2", obligation=2)
    detail = boto3.client("stepfunctions").describe_execution(executionArn=arn)
    assert json.loads(detail["input"]) == {"claim_no": "CL1", "obligation": 2}


def workflows_answering(code: str) -> StepFunctionsWorkflows:
    return StepFunctionsWorkflows(answering("states", refusal(code, message="token AQC…")), "", "")


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_answer_is_success_when_nobody_waits_any_more(code: str) -> None:
    assert workflows_answering(code).answer("token", {"outcome": "DONE"}) is False


@pytest.mark.parametrize(
    ("code", "error"),
    [("ThrottlingException", StoreUnavailableError), ("AccessDeniedException", AwsError)],
)
def test_answer_fails_when_step_functions_does(code: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        workflows_answering(code).answer("token", {"outcome": "DONE"})
    assert "AQC" not in "".join(traceback.format_exception(raised.value)), "no token in an error"
