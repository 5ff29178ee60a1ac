"""Signing in: who somebody is, before anything else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.identity.sign_in import MiniProgram, SpentTokens, StaffIssuer, StaffTokenUsedError
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInStaff:
    """Turn an id token of the insurer's issuer into a member of staff, once."""

    now: Callable[[], datetime]
    issuer: StaffIssuer
    spent: SpentTokens

    def __call__(self, id_token: str, nonce: str) -> tuple[str, tuple[str, ...]]:
        """Give (subject, roles). Raises StaffTokenUsedError, and what the issuer's verifying raises.

        An answer that is lost costs its token; the issuer gives another without asking for a password.
        """
        proof = self.issuer.verify(id_token, nonce)
        if not self.spent.spend(proof.token_id, self.now()):
            raise StaffTokenUsedError
        return proof.subject, proof.roles
