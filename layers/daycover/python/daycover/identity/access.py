"""Signing in: who somebody is, before anything else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.identity.sign_in import MiniProgram
from daycover.identity.worker import PersonIndex, Worker, Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInWorker:
    """Turn a mini-program login into a worker. The same WeChat account is always the same worker."""

    now: Callable[[], datetime]
    mini_program: MiniProgram
    workers: Workers
    index: PersonIndex

    def __call__(self, login_code: str) -> str:
        """Give the worker id. Raises LoginCodeError, MiniProgramUnavailableError."""
        openid = self.mini_program.openid_of(login_code)
        worker_id = self.index.worker_id(openid)
        self.workers.add(Worker(worker_id=worker_id, openid=openid, created_at=self.now()))
        return worker_id
