"""Workers that are forks behave as processes of their own do, run the deployed layer, and end when surplus."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.devstack import workers
from tests.devstack.workers import ForkedProcess, ForkServer, can_fork, end_surplus
from tests.unit.devstack.in_engine import in_engine

linux = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")

# functions of one handler each, whose layers hold a product and a third-party package
ENGINE = """
import io, json, os, sys, zipfile
from ministack.services import lambda_svc
from ministack.core import lambda_runtime
from tests.devstack import workers
workers.SERVICES, workers._LOOK_SECONDS = (), 0.05  # no product here that asks any

def zipped(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()

LOGGING = '''
import logging, sys
logger = logging.Logger("product")
logger.addHandler(logging.StreamHandler(sys.stdout))
'''
LAYERS = {
    version: zipped({"python/daycover/__init__.py": "", "python/daycover/version.py": f"VERSION = {version!r}",
                     "python/daycover/logs.py": LOGGING, "python/daycover/uses.py": "import pydantic",
                     "python/pydantic/__init__.py": f"VERSION = {version!r}"})
    for version in ("one", "two")
}
LAYERS["reads"] = zipped({"python/daycover/__init__.py": "import os\\nTABLE = os.environ.get('TABLE')"})
LAYERS["thread"] = zipped({"python/daycover/__init__.py":
    "import threading, time\\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"})
LAYERS["broken"] = zipped({"python/daycover/__init__.py": "", "python/daycover/broken.py": "1 / 0"})
lambda_svc._resolve_layer_zip = LAYERS.get

def function(name, code, layer="one", **config):
    return {"code_zip": zipped({"app.py": code}), "config": {
        "FunctionName": name, "FunctionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{name}",
        "Runtime": "python3.11", "Handler": "app.lambda_handler", "Timeout": 5, "Layers": [layer],
        "Environment": {"Variables": {"TABLE": name, "TZ": "Asia/Shanghai"}}, **config}}

def call(function, event=None):
    return lambda_svc._execute_function_warm(function, event or {}, "id")

def process(name):
    return lambda_runtime._workers[f"000000000000:us-east-1:{name}:$LATEST"][0]._proc
"""

SURROUNDINGS = (
    ENGINE
    + '''
CODE = """
import sys
PRELOADED = "pydantic" in sys.modules
import os, time, pydantic
from daycover import logs, version
def lambda_handler(event, context):
    print("said by the handler")
    logs.logger.error("said by the product")
    names = {name for name in os.environ if name not in ("LINES", "COLUMNS")}
    return {
        "preloaded": PRELOADED,
        "versions": [version.VERSION, pydantic.VERSION],
        "seen": {
            "directory": os.path.basename(os.getcwd()), "arguments": [os.path.basename(sys.argv[0]), *sys.argv[1:]],
            "names": sorted(names), "table": os.environ["TABLE"], "zone": time.strftime("%z"),
            "path": [entry for entry in sys.path if "site-packages" in entry or "/lib/" in entry],
            "ours": [entry for entry in sys.path if entry.endswith(("devstack", "localstack"))],
            "main": os.path.basename(sys.modules["__main__"].__file__), "hidden": "seed" in sys.modules,
            "function": context.function_name,
        },
    }
"""
answer = call(function("f", CODE))
print(json.dumps({**answer["body"], "log": answer["log"], "forked": type(process("f")).__name__}))
lambda_runtime.reset()
'''
)


@linux
def test_stock_starts_an_interpreter_and_ours_forks_one_that_cannot_be_told_apart() -> None:
    stock = in_engine(SURROUNDINGS, patched=False)
    forked = in_engine(SURROUNDINGS, patched=True)
    assert (stock["forked"], stock["preloaded"]) == ("Popen", False)
    assert (forked["forked"], forked["preloaded"]) == ("ForkedProcess", True)
    assert forked["versions"] == stock["versions"] == ["one", "one"]
    assert forked["log"] == stock["log"] == "said by the handler\nsaid by the product"
    assert forked["seen"] == stock["seen"]


LAYER_CHANGES = (
    ENGINE
    + '''
CODE = """
import pydantic
from daycover import version
def lambda_handler(event, context):
    return [version.VERSION, pydantic.VERSION]
"""
answers = [call(function("f", CODE))["body"]]
lambda_runtime.invalidate_worker("f")
answers.append(call(function("f", CODE, "two"))["body"])
servers = len(workers._servers)
lambda_runtime.invalidate_worker("f")
answers.append(call(function("f", CODE))["body"])
print(json.dumps({"answers": answers, "servers": servers}))
lambda_runtime.reset()
'''
)


@linux
def test_changed_layer_is_served_and_the_old_ones_server_ends() -> None:
    outcome = in_engine(LAYER_CHANGES, patched=True)
    assert outcome["answers"] == [["one", "one"], ["two", "two"], ["one", "one"]]
    assert outcome["servers"] == 1


ENDS = (
    ENGINE
    + '''
import signal, time
CODE = """
import os, time
def lambda_handler(event, context):
    if "exit" in event:
        os._exit(event["exit"])
    if "sleep" in event:
        time.sleep(event["sleep"])
    return os.getpid()
"""
f = function("f", CODE, Timeout=1)
first = call(f)["body"]
died = process("f")
call(f, {"exit": 3})
second = call(f)["body"]
slow = process("f")
timeout = call(f, {"sleep": 30})["body"]["errorType"]
third = call(f)["body"]
server = next(iter(workers._servers.values()))
os.kill(server._process.pid, signal.SIGKILL)
server._process.wait()
lambda_runtime.invalidate_worker("f")
fourth = call(f)["body"]
print(json.dumps({"ids": [first, second, third, fourth], "exit": died.wait(5), "timeout": timeout,
                  "ended": slow.wait(5), "type": type(process("f")).__name__}))
lambda_runtime.reset()
'''
)


@linux
def test_worker_or_server_that_dies_is_followed_by_another() -> None:
    outcome = in_engine(ENDS, patched=True)
    assert len(set(outcome["ids"])) == 4
    assert all(isinstance(number, int) for number in outcome["ids"])
    assert outcome["exit"] == 3
    assert (outcome["timeout"], outcome["ended"]) == ("Sandbox.Timedout", 255)
    assert outcome["type"] == "ForkedProcess"


SURPLUS = (
    ENGINE
    + '''
import time
CODE = """
import os
def lambda_handler(event, context):
    return os.getpid()
"""
workers.IDLE_BYTES, workers._own_memory = 2, lambda process: 1
ids = [call(function(name, CODE))["body"] for name in "abcd"]
deadline = time.monotonic() + 20
def alive(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
def settle():
    while PATIENT and len(lambda_runtime._workers) > 2 and time.monotonic() < deadline:
        time.sleep(0.02)
settle()
again = call(function("a", CODE))["body"]
settle()
print(json.dumps({"alive": [alive(number) for number in ids], "again": again not in ids,
                  "kept": sorted(key.split(":")[2] for key in lambda_runtime._workers)}))
lambda_runtime.reset()
'''
)


def test_stock_keeps_a_worker_for_every_function_ever_called() -> None:
    outcome = in_engine(SURPLUS.replace("PATIENT", "False"), patched=False)
    assert outcome == {"alive": [True] * 4, "again": False, "kept": ["a", "b", "c", "d"]}


def test_idle_workers_above_the_bound_end_and_the_next_call_is_a_cold_start() -> None:
    outcome = in_engine(SURPLUS.replace("PATIENT", "True"), patched=True)
    assert outcome["alive"][:2] == [False, False]
    assert outcome["again"]
    assert outcome["kept"] == ["a", "d"]


def worker(last_used: float, size: int, *, in_use: bool = False) -> Any:
    return SimpleNamespace(last_used=last_used, in_use=in_use, _proc=size)


def test_least_recently_used_idle_worker_ends_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "IDLE_BYTES", 50)
    monkeypatch.setattr(workers, "_own_memory", lambda size: size)
    busy, oldest, older, newer, newest = (
        worker(0, 99, in_use=True),
        worker(1, 20),
        worker(2, 10),
        worker(3, 30),
        worker(4, 15),
    )
    pools = {"a": [busy, newer], "b": [oldest], "c": [newest, older]}
    ended: list[Any] = []
    end_surplus(pools, threading.Lock(), ended.extend)
    assert ended == [oldest, older]
    assert pools == {"a": [busy, newer], "c": [newest]}
    end_surplus(pools, threading.Lock(), ended.extend)
    assert ended == [oldest, older]


def test_size_of_a_worker_is_its_own_memory_or_the_usual_where_nobody_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.devstack.memory.private", {7: 1234}.get)
    assert workers._own_memory(SimpleNamespace(pid=7)) == 1234
    assert workers._own_memory(SimpleNamespace(pid=8)) == workers._USUAL_BYTES
    assert workers._own_memory(None) == 0  # not started yet


REFUSALS = (
    ENGINE
    + """
CODE = "def lambda_handler(event, context):\\n    import daycover; return getattr(daycover, 'TABLE', None)"
told = {}
for name, layer, more in (("f", "reads", {}), ("g", "reads", {}), ("h", "thread", {}), ("i", "thread", {}),
                          ("j", "one", {"daycover/__init__.py": ""}), ("k", "one", {})):
    called = function(name, CODE, layer)
    called["code_zip"] = zipped({"app.py": CODE, **more})
    told[name] = [call(called)["body"], type(process(name)).__name__]
print(json.dumps({"told": told, "servers": len(workers._servers)}))
lambda_runtime.reset()
"""
)


@linux
def test_worker_that_a_fork_would_differ_from_is_a_process_of_its_own() -> None:
    outcome = in_engine(REFUSALS, patched=True)
    assert outcome["told"] == {
        "f": ["f", "ForkedProcess"],  # whose environment the server has read
        "g": ["g", "Popen"],
        "h": [None, "Popen"],
        "i": [None, "Popen"],
        "j": [None, "Popen"],
        "k": [None, "ForkedProcess"],
    }


BROKEN = (
    ENGINE
    + """
sound = call(function("f", "import daycover\\ndef lambda_handler(event, context):\\n    return 1", "broken"))
code = "import daycover.broken\\ndef lambda_handler(event, context):\\n    return 1"
print(json.dumps([sound["body"], call(function("g", code, "broken"))["body"]["errorMessage"]]))
lambda_runtime.reset()
"""
)


@linux
def test_product_that_does_not_import_is_told_by_the_worker_that_needs_it() -> None:
    assert in_engine(BROKEN, patched=True) == [1, "Worker init failed: division by zero"]
    assert in_engine(BROKEN, patched=False) == [1, "Worker init failed: division by zero"]


def test_only_this_interpreter_on_linux_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert can_fork(sys.executable)
    assert not can_fork("node")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not can_fork(sys.executable)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(workers, "SERVICES", ())
    server = ForkServer([], {"PATH": os.environ["PATH"]})
    yield server
    server.stop()


@linux
@pytest.mark.enable_socket
def test_exit_status_is_told_once_and_for_all(tmp_path: Path, server: ForkServer) -> None:
    def script(text: str) -> ForkedProcess:
        (tmp_path / "worker.py").write_text(text)
        return server.fork(str(tmp_path / "worker.py"), str(tmp_path), {})

    quick = script("raise SystemExit(7)")
    assert quick.wait(10) == 7
    assert (quick.poll(), quick.wait()) == (7, 7)
    failed = script("raise ValueError('no')")
    assert failed.wait(10) == 1
    assert "ValueError: no" in failed.stderr.read()
    slow = script("import time; time.sleep(60)")
    assert slow.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        slow.wait(0.01)
    slow.terminate()
    assert slow.wait(10) == 255
    slow.kill()  # of one that has ended: nothing happens
    assert not server.busy


@linux
@pytest.mark.enable_socket
def test_worker_ends_when_the_engine_goes(tmp_path: Path, server: ForkServer) -> None:
    (tmp_path / "worker.py").write_text("import sys\nprint('up', flush=True)\nsys.stdin.readline()\n")
    forked = server.fork(str(tmp_path / "worker.py"), str(tmp_path), {})
    assert forked.stdout.readline() == "up\n"
    forked.stdin.close()
    assert forked.wait(10) == 0


@linux
@pytest.mark.enable_socket
def test_worker_holds_no_file_of_the_server_or_of_other_workers(tmp_path: Path, server: ForkServer) -> None:
    script = "import os\nprint(sorted(map(int, os.listdir('/proc/self/fd')))[:-1], flush=True)\ninput()\n"
    (tmp_path / "worker.py").write_text(script)
    forked = [server.fork(str(tmp_path / "worker.py"), str(tmp_path), {}) for _ in range(3)]
    assert [process.stdout.readline() for process in forked] == ["[0, 1, 2]\n"] * 3


@linux
@pytest.mark.enable_socket
def test_worker_has_the_environment_of_its_order_alone(tmp_path: Path, server: ForkServer) -> None:
    (tmp_path / "worker.py").write_text("import os\nprint(sorted(os.environ.items()))\n")
    forked = server.fork(str(tmp_path / "worker.py"), str(tmp_path), {"OF_THE": "order"})
    assert forked.stdout.read() == "[('OF_THE', 'order')]\n"


@linux
@pytest.mark.enable_socket
def test_many_that_end_at_once_are_all_reaped(tmp_path: Path, server: ForkServer) -> None:
    (tmp_path / "worker.py").write_text("import os\nos._exit(4)\n")
    forked = [server.fork(str(tmp_path / "worker.py"), str(tmp_path), {}) for _ in range(40)]
    assert {process.wait(10) for process in forked} == {4}
    children = Path(f"/proc/{server._process.pid}/task/{server._process.pid}/children")
    wait_until(lambda: not children.read_text().split())


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@linux
@pytest.mark.enable_socket
def test_server_that_does_not_answer_in_time_is_not_asked_again(tmp_path: Path, server: ForkServer) -> None:
    (tmp_path / "worker.py").touch()
    os.kill(server._process.pid, signal.SIGSTOP)
    server._control.settimeout(0.1)
    with pytest.raises(TimeoutError):
        server.fork(str(tmp_path / "worker.py"), str(tmp_path), {})
    wait_until(lambda: not server.running)


@linux
@pytest.mark.enable_socket
def test_server_that_was_killed_refuses_orders(tmp_path: Path, server: ForkServer) -> None:
    os.kill(server._process.pid, signal.SIGKILL)
    server._process.wait()
    assert not server.running
    (tmp_path / "worker.py").touch()
    with pytest.raises(OSError):
        server.fork(str(tmp_path / "worker.py"), str(tmp_path), {})
