"""One execution environment in a process of its own: a function as deployed, or boto3 doing no more than its calls.

Standard library only, run with `-I -S -B`: nothing but the function, the layers and boto3 is on the path, in the order
of Lambda. The case comes in a pickle, the figures go out as JSON on the last line. Connections (TCP, TLS and its
authorities) are stubbed on both sides; everything before and behind them runs.
"""

import base64
import importlib
import importlib.abc
import importlib.util
import io
import json
import os
import pickle
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

Recorded = tuple[str, str, str, int, dict[str, str], bytes]
"""Place, target and text of a request; status, headers and body of its answer."""
Asked = tuple[str, str, str, str]
"""Method, address, target and text of a request."""
SERVICES = {
    "dynamodb": "dynamodb",
    "kms": "kms",
    "secretsmanager": "secretsmanager",
    "sqs": "sqs",
    "states": "stepfunctions",
}
WARM = 40
"""Requests after the first; the figure is their median."""


class Answers:
    """What was recorded, by the request; what nobody recorded is answered with an empty object."""

    def __init__(self, recorded: list[Recorded]) -> None:
        self._recorded = recorded
        self.asked: list[Asked] = []
        self.begin()

    def begin(self) -> None:
        self.asked.clear()
        self._left: dict[tuple[str, str], list[tuple[str, int, dict[str, str], bytes]]] = defaultdict(list)
        for url_key, target, text, status, headers, data in self._recorded:
            self._left[url_key, target].append((text, status, headers, data))

    def give(self, method: str, url: str, headers: Any, body: Any) -> tuple[int, dict[str, str], bytes]:
        target = next((value for name, value in headers.items() if name.lower() == "x-amz-target"), "")
        target = target.decode() if isinstance(target, bytes) else target
        text = text_of(body)
        self.asked.append((method, url, target, text))
        waiting = self._left[key_of(method, url, target), target]
        if not waiting:
            return 200, {"content-type": "application/x-amz-json-1.0"}, b"{}"
        found = next((one for one in waiting if one[0] == text), waiting[0])
        if len(waiting) > 1:
            waiting.remove(found)
        return found[1:]


def key_of(method: str, url: str, target: str) -> str:
    """A service's address for its JSON calls, method and path otherwise."""
    parts = urlsplit(url)
    return parts.netloc.split(".")[0] if target else f"{method} {parts.path}"


def text_of(body: Any) -> str:
    """What a request says: text, bytes or a file."""
    body = body.read() if hasattr(body, "read") else body
    return body if isinstance(body, str) else bytes(body or b"").decode(errors="replace")


class Outside:
    """What something outside AWS gave, again."""

    def __init__(self, name: str, said: dict[str, list[bytes]]) -> None:
        self._name, self._said = name, said

    def __get__(self, _adapters: Any, _kind: Any = None) -> Any:
        return self._again(self._name)

    def __getattr__(self, name: str) -> Any:
        return self._again(f"{self._name}.{name}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        return self._again(self._name + "()")

    def _again(self, name: str) -> Any:
        waiting = self._said[name]
        kind, given = pickle.loads(waiting[0] if len(waiting) == 1 else waiting.pop(0))
        if kind == "raise":
            raise given
        return Outside(name, self._said) if kind == "part" else given


class Stub(importlib.abc.MetaPathFinder):
    """Cuts the wire as soon as the modules that hold it are imported, whenever that is."""

    def __init__(self, answers: Answers) -> None:
        self._cuts: dict[str, Callable[[Any], None]] = {
            "urllib3.connectionpool": lambda module: _cut_urllib3(module, answers),
            "ssl": _cut_ssl,
        }
        for name in [name for name in self._cuts if name in sys.modules]:
            self._cuts.pop(name)(sys.modules[name])

    def find_spec(self, name: str, _path: Any, _target: Any = None) -> Any:
        if name not in self._cuts:
            return None
        cut = self._cuts.pop(name)
        spec: Any = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def executed(module: Any) -> None:
            execute(module)
            cut(module)

        spec.loader.exec_module = executed
        return spec


def _cut_urllib3(module: Any, answers: Answers) -> None:
    def urlopen(
        self: Any, method: str, url: str, body: Any = None, headers: Any = None, **options: Any
    ) -> Any:
        from urllib3.response import HTTPResponse  # noqa: PLC0415 - not before the function has imported it

        address = url if "://" in url else f"{self.scheme}://{self.host}{url}"
        status, told, data = answers.give(method, address, headers or {}, body)
        return HTTPResponse(
            io.BytesIO(data),
            headers=told,
            status=status,
            preload_content=options.get("preload_content", True),
        )

    module.HTTPConnectionPool.urlopen = urlopen


def _cut_ssl(module: Any) -> None:
    module.SSLContext.load_default_certs = lambda *_, **__: None


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def function(case: dict[str, Any]) -> dict[str, Any]:
    """A function as deployed: import, first request, warm requests."""
    sys.path[:] = [*case["path"], *sys.path, *case["runtime"]]
    os.environ.update(case["environment"])
    clock = time.process_time
    out, sys.stdout = sys.stdout, io.StringIO()
    assert isinstance(sys.stdout, io.StringIO)
    begun = clock()
    app = importlib.import_module(case["handler"])
    imported = clock()
    answers = Answers(case["answers"])
    sys.meta_path.insert(0, Stub(answers))
    _replace(case["outside"])
    ready = clock()
    answer = app.lambda_handler(json.loads(case["event"]), Context())
    answered = clock()
    written = sys.stdout.getvalue()
    loaded = sorted(sys.modules)
    warm, calls = [], []
    for _ in range(case.get("warm", WARM)):
        answers.begin()
        _replace(case["outside"])
        sys.stdout = io.StringIO()
        event = json.loads(case["event"])
        at = clock()
        app.lambda_handler(event, Context())
        warm.append(clock() - at)
        calls = list(answers.asked)
    sys.stdout = out
    status = answer.get("statusCode") if isinstance(answer, dict) else None
    failed = bool(answer.get("batchItemFailures")) if isinstance(answer, dict) else False
    return {
        "import": imported - begun,
        "first": answered - ready,
        "warm": median(warm) if warm else 0.0,
        "warm_calls": calls,
        "answer": {"status": status, "failed": failed, "told": str(answer)[:600] + written[-600:]},
        "modules": loaded,
    }


def _replace(said: list[tuple[str, bytes]]) -> None:
    adapters = sys.modules.get("daycover.wiring.adapters")
    if adapters is None or not said:
        return
    waiting: dict[str, list[bytes]] = defaultdict(list)
    for name, pickled in said:
        waiting[name].append(pickled)
    for name in {name.split(".")[0].split("(")[0] for name, _ in said}:
        setattr(adapters.Adapters, name, Outside(name, waiting))
        if adapters.current is not None:
            vars(adapters.current).pop(name, None)


class Context:
    function_name = "bench"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"
    memory_limit_in_mb = 256
    aws_request_id = "0"
    log_group_name = log_stream_name = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def floor(case: dict[str, Any]) -> dict[str, Any]:
    """boto3 and one client, imported and made: what everything is measured against."""
    sys.path += case["runtime"]
    os.environ.update(case["environment"])
    begun = time.process_time()
    import boto3  # noqa: PLC0415 - the import is what is measured

    boto3.client("dynamodb")
    return {"first": time.process_time() - begun}


def plain(case: dict[str, Any]) -> dict[str, Any]:
    """The smallest handler with the same calls to AWS: boto3's clients, answered before they send."""
    sys.path += case["runtime"]
    os.environ.update(case["environment"])
    import boto3  # noqa: PLC0415 - the import is what is measured
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415
    from botocore.exceptions import ClientError  # noqa: PLC0415

    answers = Answers(case["answers"])
    clients: dict[str, Any] = {}
    steps: list[tuple[Callable[..., Any], dict[str, Any]]] = []

    def send(request: Any, **_: Any) -> Any:
        status, told, data = answers.give(request.method, request.url, request.headers, request.body)
        raw: Any = io.BytesIO(data)
        raw.stream = lambda *_, **__: iter([data])
        return AWSResponse(request.url, status, told, raw)

    for method, url, target, text in case["calls"]:
        service = service_of(url)
        if service not in clients:
            clients[service] = boto3.client(service)
            clients[service].meta.events.register_first("before-send.*.*", send)
        steps.append(step_of(clients[service], method, url, target, text))
    event = json.loads(case["event"])
    warm = []
    for _ in range(case.get("warm", WARM)):
        answers.begin()
        at = time.process_time()
        json.loads(event.get("body") or "null") if isinstance(event, dict) else None
        for call, arguments in steps:
            with suppress(ClientError):  # a condition that failed is an answer too
                call(**arguments)
        json.dumps({"statusCode": 200, "body": "{}"})
        warm.append(time.process_time() - at)
    return {"warm": median(warm)}


def service_of(url: str) -> str:
    host = urlsplit(url).netloc
    for name, client in SERVICES.items():
        if host.startswith(name + "."):
            return client
    return "s3"


def step_of(client: Any, method: str, url: str, target: str, text: str) -> tuple[Any, dict[str, Any]]:
    """The method of a boto3 client and its arguments for a request on the wire."""
    if target:
        operation = target.rsplit(".", maxsplit=1)[-1]
        shape = client.meta.service_model.operation_model(operation).input_shape
        call = getattr(client, {v: k for k, v in client.meta.method_to_api_mapping.items()}[operation])
        return call, bytes_in(json.loads(text or "{}"), shape)
    parts = urlsplit(url)
    host, path = parts.netloc.split("."), parts.path.lstrip("/")
    bucket, key = [*path.split("/", 1), ""][:2] if host[0] == "s3" else (host[0], path)
    place = {"Bucket": bucket, "Key": key}
    if method == "PUT":
        return client.put_object, place | {"Body": text.encode()}
    if method == "HEAD":
        return client.head_object, place
    if method == "DELETE":
        return client.delete_object, place
    if not key or "list-type" in parse_qs(parts.query):
        return client.list_objects_v2, {"Bucket": bucket}
    return client.get_object, place


def bytes_in(value: Any, shape: Any) -> Any:
    """boto3 takes bytes where the wire has base64."""
    if shape.type_name == "blob":
        return base64.b64decode(value)
    if shape.type_name == "structure":
        return {name: bytes_in(member, shape.members[name]) for name, member in value.items()}
    if shape.type_name == "list":
        return [bytes_in(member, shape.member) for member in value]
    if shape.type_name == "map":
        return {name: bytes_in(member, shape.value) for name, member in value.items()}
    return value


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        asked = pickle.load(file)
    print("\n" + json.dumps({"function": function, "floor": floor, "plain": plain}[asked["run"]](asked)))
