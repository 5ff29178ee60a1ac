"""Bring up a whole local stack and take it down again: `make run` and the test session use the same lines."""

import fcntl
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.devstack import environments, sam, shims, snapshots
from tests.devstack import stack as stacks
from tests.devstack.engine import Engine
from tests.devstack.front_door import FrontDoor
from tests.devstack.layout import ENGINE, LOCAL, SAM, TEMPLATE, DevstackError
from tests.devstack.parameters import local_parameters
from tests.devstack.ports import Ports, free_ports, require_free
from tests.devstack.progress import Progress
from tests.devstack.simulators import Simulators
from tests.devstack.stack import Stack
from tests.devstack.watch import EngineWatch, Recovery

_FINGERPRINT_TAG = "devstack"
_SAVE_EVERY = 15.0

ParameterSource = Callable[[Path, Ports, Mapping[str, str]], Mapping[str, str]]


@contextmanager
def running_stack(
    *,
    directory: Path | None = None,
    ports: Ports | None = None,
    template: Path = TEMPLATE,
    stack_name: str = "daycover",
    region: str = "us-east-1",
    parameters: ParameterSource = local_parameters,
    with_simulators: bool = True,
    progress: Progress | None = None,
    recovery: Recovery | None = None,
) -> Iterator[Stack]:
    """Yield a deployed stack with simulators and front door; all it started is gone afterwards.

    By default it takes free ports and a directory of its own, so that it runs beside a `make run`. The build
    is shared, and made anew only when its sources changed. An engine that dies is started again as `recovery`
    says: by default never, because a test that loses seconds of its state fails for a reason nobody sees.
    """
    progress = progress or Progress(quiet=True)
    recovery = recovery or Recovery()
    ports = ports or free_ports()
    require_free(ports)
    directory = directory or LOCAL / "tests" / str(ports.http)
    logs = directory / "logs"
    with ExitStack() as cleanup:
        with progress.phase("environments"):
            environments.ensure((ENGINE, SAM))
        addresses: dict[str, str] = {}
        if with_simulators:
            simulators = Simulators(directory / "simulators", ports)
            cleanup.callback(simulators.stop)
            with progress.phase("simulators"):
                addresses = simulators.start(logs / "simulators.log")
        engine = Engine(directory / "aws", ports.engine, _SAVE_EVERY if recovery.restarts else None)
        cleanup.callback(engine.stop)
        assembly = _Assembly(
            template, stack_name, region, parameters(template, ports, addresses), engine, logs
        )
        with _assembly_lock():
            outputs = assembly.bring_up(progress)
        door = cleanup.enter_context(FrontDoor(ports.http, ports.https, LOCAL))
        door.target = stacks.api_address(stack_name, engine.url, region)
        cleanup.enter_context(EngineWatch(engine, door, recovery, logs, progress))
        yield Stack(
            name=stack_name,
            base_url=door.http_url,
            https_url=door.https_url,
            engine_url=engine.url,
            region=region,
            outputs=outputs,
            simulators=addresses,
            directory=directory,
        )
        progress.say("stopping")


@contextmanager
def _assembly_lock() -> Iterator[None]:
    """Let one process at a time change the build directory or deploy from it."""
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "assembly.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class _Assembly:
    """The way from sources to an engine that holds the deployed stack, as short as what changed allows."""

    template: Path
    name: str
    region: str
    parameters: Mapping[str, str]
    engine: Engine
    logs: Path

    def bring_up(self, progress: Progress) -> dict[str, str]:
        """Build, then restore the snapshot of this very stack or deploy it; return the stack's outputs."""
        sources = sam.source_fingerprint(self.template)
        if not sam.is_built(sources):
            with progress.phase("sam build"):
                sam.build(self.template, sources, self.logs / "build.log")
        fingerprint = self._fingerprint(sources)
        if snapshots.restore(fingerprint, self.engine.state):
            with progress.phase("local AWS with the stack as last deployed"):
                self.engine.start(self.logs / "engine.log", for_good=True)
                outputs = self._outputs(fingerprint)
            if outputs is not None:
                return outputs
            progress.say("that state does not hold the stack: deploying again")
            self.engine.stop()
            snapshots.discard(fingerprint)
            snapshots.restore(fingerprint, self.engine.state)
        with progress.phase("local AWS"):
            self.engine.start(self.logs / "engine-deploy.log")
        with progress.phase("sam deploy"):
            self._deploy(fingerprint)
        with progress.phase("local AWS restarted on the deployed stack"):
            self.engine.stop()
            snapshots.take(fingerprint, self.engine.state)
            self.engine.start(self.logs / "engine.log", for_good=True)
            outputs = self._outputs(fingerprint)
        if outputs is None:
            snapshots.discard(fingerprint)
            raise DevstackError("the local AWS lost the stack over a restart; see .local/logs/engine.log")
        return outputs

    def _fingerprint(self, sources: str) -> str:
        """Name the deployed state: sources, arguments, and the engine's address (in queue URLs)."""
        facts = [sources, self.name, self.region, dict(self.parameters), self.engine.url]
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
        for file in (ENGINE.requirements, Path(shims.__file__), Path(sam.__file__)):
            digest.update(file.read_bytes())
        return digest.hexdigest()[:24]

    def _deploy(self, fingerprint: str) -> None:
        log = self.logs / "deploy.log"
        endpoint = self.engine.url
        try:
            sam.deploy(
                stack_name=self.name,
                region=self.region,
                endpoint=endpoint,
                parameters=self.parameters,
                tags={_FINGERPRINT_TAG: fingerprint},
                log=log,
            )
        except DevstackError:
            if reason := stacks.deploy_failure(self.name, endpoint, self.region):
                raise DevstackError(f"sam deploy failed: {reason} (log: {log})") from None
            raise
        stacks.switch_on_expiry(self.template, self.name, endpoint, self.region)
        stacks.put_gateway_responses(self.template, self.name, endpoint, self.region)

    def _outputs(self, fingerprint: str) -> dict[str, str] | None:
        """Return the outputs if the engine holds exactly the stack that this fingerprint stands for."""
        found = stacks.find(self.name, self.engine.url, self.region)
        if found is None or found.tags.get(_FINGERPRINT_TAG) != fingerprint:
            return None
        return found.outputs
