"""Ports, parameters, fingerprints, snapshots and the report: the decisions of a start."""

import json
import socket
from pathlib import Path

import pytest

from tests.devstack import environments, sam, snapshots, template
from tests.devstack.layout import ENVIRONMENTS, MUTATE, ROOT, DevstackError, Environment, last_line
from tests.devstack.parameters import local_parameters
from tests.devstack.ports import Ports, require_free
from tests.devstack.progress import Progress
from tests.devstack.report import Report
from tests.devstack.stack import Stack

TEMPLATE = """
Parameters: {PublicUrl: {Type: String}, OidcIssuer: {Type: String}}
Resources:
  Layer: {Type: "AWS::Serverless::LayerVersion", Properties: {ContentUri: layers/dependencies}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${AWS::StackName}-t"
      TimeToLiveSpecification: {AttributeName: expires_at, Enabled: true}
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name, text in {
        "template.yaml": TEMPLATE,
        "functions/check_in/app.py": "x = 1",
        "layers/dependencies/requirements.txt": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "template.yaml"


@pytest.mark.enable_socket
def test_taken_port_is_one_line_with_the_variable_to_change() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        ports = Ports(*[port] * 10)
        with pytest.raises(DevstackError, match=rf"^port {port} \(http\) is taken: .*PORT=\d+ make run`$"):
            require_free(ports)


def test_only_parameters_that_the_template_has_are_passed(sources: Path) -> None:
    ports = Ports.starting_at(8700)
    assert local_parameters(sources, ports, {"oidc": "http://o", "wechat_pay": "http://w"}) == {
        "PublicUrl": "https://127.0.0.1:8743",
        "OidcIssuer": "http://o",
    }


def test_fingerprint_changes_with_content_only(sources: Path) -> None:
    before = sam.source_fingerprint(sources)
    (sources.parent / "functions/check_in/__pycache__").mkdir()
    (sources.parent / "functions/check_in/__pycache__/app.pyc").write_text("compiled")
    (sources.parent / "README.md").write_text("words")
    (sources.parent / "functions/check_in/app.py").touch()
    assert sam.source_fingerprint(sources) == before
    (sources.parent / "functions/check_in/app.py").write_text("x = 2")
    assert sam.source_fingerprint(sources) != before


def test_template_facts_are_read_without_resolving_tags(sources: Path) -> None:
    assert template.expiry_attributes(sources) == {"Table": "expires_at"}
    assert list(template.layers_with_requirements(sources)) == [
        ("Layer", sources.parent / "layers/dependencies/requirements.txt")
    ]


def test_reason_of_a_failed_deploy_is_the_first_failure() -> None:
    events = [
        {"LogicalResourceId": "stack", "ResourceStatus": "ROLLBACK_COMPLETE"},
        {"LogicalResourceId": "B", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "cancelled"},
        {
            "LogicalResourceId": "A",
            "ResourceStatus": "CREATE_FAILED",
            "ResourceStatusReason": "no such layer",
        },
        {"LogicalResourceId": "stack", "ResourceStatus": "CREATE_IN_PROGRESS"},
    ]
    assert sam.failure_reason(events) == "A: no such layer"
    assert sam.failure_reason(events[3:]) is None


def test_snapshot_replaces_a_state_and_unknown_ones_empty_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "_DIRECTORY", tmp_path / "snapshots")
    state = tmp_path / "state"
    state.mkdir()
    (state / "lambda.json").write_text("deployed")
    snapshots.take("one", state)
    (state / "lambda.json").write_text("seeded")
    assert snapshots.restore("one", state)
    assert (state / "lambda.json").read_text() == "deployed"
    assert not snapshots.restore("two", state)
    assert not state.exists()


def test_only_the_latest_snapshots_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_DIRECTORY", tmp_path / "snapshots")
    (tmp_path / "state").mkdir()
    for number in range(snapshots._KEEP + 2):
        snapshots.take(str(number), tmp_path / "state")
    kept = {path.name for path in (tmp_path / "snapshots").iterdir()}
    assert len(kept) == snapshots._KEEP
    assert str(snapshots._KEEP + 1) in kept


def test_failed_step_is_recorded_and_ends_the_journey(tmp_path: Path) -> None:
    report = Report(Progress(quiet=True))
    with report.step("first") as step:
        step.request, step.response = "GET /", {"status": 200}
    with pytest.raises(ValueError, match="no"), report.step("second"):
        raise ValueError("no")
    report.figure("policies", 3)
    report.write(tmp_path / "journey.json")
    written = json.loads((tmp_path / "journey.json").read_text())
    assert not report.ok
    assert [(step["name"], step["ok"]) for step in written["steps"]] == [("first", True), ("second", False)]
    assert written["steps"][1]["response"] == "ValueError: no"
    assert written["figures"] == {"policies": 3}


def test_stack_file_is_read_as_written(tmp_path: Path) -> None:
    stack = Stack("s", "http://b", "https://h", "http://e", "us-east-1", {"A": "1"}, {"oidc": "o"}, tmp_path)
    stack.write(tmp_path / "stack.json")
    assert Stack.read(tmp_path / "stack.json") == stack


def test_environment_is_renewed_when_its_requirements_change(tmp_path: Path) -> None:
    environment = Environment("e", tmp_path / "e", tmp_path / "e.txt")
    environment.requirements.write_text("a==1")
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    assert not environments._is_current(environment)
    (environment.directory / ".requirements").write_text(environments._stamp(environment))
    assert environments._is_current(environment)
    environment.requirements.write_text("a==2")
    assert not environments._is_current(environment)


@pytest.mark.parametrize("environment", [*ENVIRONMENTS, MUTATE], ids=lambda environment: environment.name)
def test_requirements_are_hashed_and_name_no_index(environment: Environment) -> None:
    text = environment.requirements.read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_last_line_of_a_log_says_something(tmp_path: Path) -> None:
    assert last_line(tmp_path / "none") == "no output"
    (tmp_path / "log").write_text("first\nerror: why\n\n")
    assert last_line(tmp_path / "log") == "error: why"


def test_repository_root_is_found() -> None:
    assert (ROOT / "tests" / "devstack" / "layout.py").exists()
