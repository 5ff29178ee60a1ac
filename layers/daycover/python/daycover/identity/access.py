"""Signing in: who somebody is, before anything else."""

from collections.abc import Callable
from datetime import datetime

from daycover.identity.sign_in import MiniProgram
from daycover.identity.worker import PersonIndex, Worker, Workers


class SignInWorker:
    """Turn a mini-program login into a worker. The same WeChat account is always the same worker."""

    def __init__(
        self, *, now: Callable[[], datetime], mini_program: MiniProgram, workers: Workers, index: PersonIndex
    ) -> None:
        self._now = now
        self._mini_program = mini_program
        self._workers = workers
        self._index = index

    def __call__(self, login_code: str) -> str:
        """Give the worker id. Raises LoginCodeError, MiniProgramUnavailableError."""
        openid = self._mini_program.openid_of(login_code)
        worker_id = self._index.worker_id(openid)
        self._workers.add(Worker(worker_id=worker_id, openid=openid, created_at=self._now()))
        return worker_id
