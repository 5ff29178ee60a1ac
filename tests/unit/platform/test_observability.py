"""Log lines and metrics as CloudWatch reads them."""

import json
from typing import Any

import pytest

from daycover.platform.batches import sqs_whole_batch
from daycover.platform.observability import MOST_NOTES, Logger, count, log_failure, logger
from daycover.platform.tasks import task


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_line_has_its_place_and_its_keys_and_nothing_that_is_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "daycover-IssuePolicy")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5f3c1a52-0d0b;Parent=x;Sampled=0")
    logger = Logger()
    logger.begin("r-1")
    logger.warning("request refused", problem="not-found", fault=None)
    (line,) = lines(capsys)
    assert line.pop("timestamp")[10] == " "
    assert line.pop("location").startswith("test_line_has_its_place_and_its_keys")
    assert line == {
        "level": "WARNING",
        "message": "request refused",
        "service": "daycover",
        "function_name": "daycover-IssuePolicy",
        "correlation_id": "r-1",
        "problem": "not-found",
        "xray_trace_id": "1-5f3c1a52-0d0b",
    }


def test_key_is_in_every_line_of_its_request_and_in_none_of_the_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = Logger()
    logger.begin("r-1")
    logger.append_keys(caller_role="worker", claim_no="CL1")
    logger.info("one")
    logger.remove_keys(["claim_no"])
    logger.info("two")
    logger.begin("r-2")
    logger.info("three")
    found = [
        (line.get("caller_role"), line.get("claim_no"), line["correlation_id"]) for line in lines(capsys)
    ]
    assert found == [("worker", "CL1", "r-1"), ("worker", None, "r-1"), (None, None, "r-2")]


def test_metric_is_one_line_in_the_embedded_format(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_NAME", "gate")
    count("PolicyIssued", 3)
    (line,) = lines(capsys)
    assert line["_aws"].pop("Timestamp") > 1_700_000_000_000
    assert line == {
        "_aws": {
            "CloudWatchMetrics": [
                {
                    "Namespace": "daycover",
                    "Dimensions": [["stack"]],
                    "Metrics": [{"Name": "PolicyIssued", "Unit": "Count"}],
                }
            ]
        },
        "service": "daycover",
        "stack": "gate",
        "PolicyIssued": [3.0],
    }


def test_failure_tells_classes_and_places_but_no_message(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            raise KeyError("王小明")
        except KeyError as cause:
            raise ValueError("110105199003070021") from cause
    except ValueError as error:
        log_failure("task failed", error, task="assess_claim")
    (line,) = lines(capsys)
    assert (line["level"], line["error"], line["task"]) == ("ERROR", "ValueError", "assess_claim")
    assert line["causes"] == ["KeyError", "KeyError"]
    assert line["stack"][0].endswith("test_failure_tells_classes_and_places_but_no_message")
    assert "王小明" not in json.dumps(line, ensure_ascii=False)
    assert "110105199003070021" not in json.dumps(line)


def test_request_is_one_line_with_what_was_noted_and_counted_on_its_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger.begin("r-1")
    logger.open()
    logger.append_keys(caller_role="worker")
    logger.info("check-in answered", outcome="STARTED")
    count("CheckInStarted")
    count("PolicyIssued", 2)
    count("PolicyIssued")
    logger.close("INFO", "request answered", status=200)
    (line,) = lines(capsys)
    assert line["duration_ms"] >= 0
    assert line["notes"] == [{"message": "check-in answered", "outcome": "STARTED"}]
    assert (line["CheckInStarted"], line["PolicyIssued"]) == ([1.0], [3.0])
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert [metric["Name"] for metric in directive["Metrics"]] == ["CheckInStarted", "PolicyIssued"]
    assert (line["message"], line["correlation_id"], line["caller_role"]) == (
        "request answered",
        "r-1",
        "worker",
    )
    logger.open()
    logger.close("INFO", "request answered")
    (line,) = lines(capsys)
    assert {"notes", "_aws", "PolicyIssued"}.isdisjoint(line), "nothing of the request before"


def test_batch_within_a_request_is_a_note_of_it_and_warnings_are_lines_of_their_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger.open()
    logger.open()
    for number in range(MOST_NOTES + 5):
        logger.info("cover recorded", policy_no=number)
    logger.warning("policies restored")
    logger.close("INFO", "batch done", failed=0)
    logger.close("INFO", "batch done")
    warning, line = lines(capsys)
    assert warning["message"] == "policies restored"
    assert (len(line["notes"]), line["omitted"]) == (MOST_NOTES, 6)


def test_task_and_batch_leave_no_line_open_when_they_fail(capsys: pytest.CaptureFixture[str]) -> None:
    @task
    def break_down(_event: dict[str, Any]) -> dict[str, Any]:
        count("Tried")
        raise ValueError

    @sqs_whole_batch
    def break_too(_messages: list[dict[str, Any]]) -> None:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        break_down({"claim_no": "CL1"}, None)
    with pytest.raises(KeyError):
        break_too({}, None)
    assert break_too({"Records": [{"messageId": "1", "body": "{}"}]}, None) == {
        "batchItemFailures": [{"itemIdentifier": "1"}]
    }
    first, second, third, last = lines(capsys)
    assert (first["message"], first["claim_no"], first["error"], first["Tried"]) == (
        "task failed",
        "CL1",
        "ValueError",
        [1.0],
    )
    assert (second["level"], second["error"], third["message"]) == ("ERROR", "KeyError", "batch failed")
    assert (last["message"], last["failed"]) == ("batch done", 1)
    count("Counted")
    assert lines(capsys)[0]["Counted"] == [1.0], "nothing is open any more"
