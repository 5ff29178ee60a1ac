"""Who somebody else means: a person named by an operator or a clerk, not by themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from daycover.identity.worker import PersonIndex, Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPerson:
    """`index` is built on first use: it needs a secret."""

    workers: Workers
    index: Callable[[], PersonIndex]

    def __call__(self, worker_id: str | None, id_number: str | None) -> str | None:
        """Give the id of the person that is named, as far as it is one we know."""
        if id_number is not None:
            return self.index().person_id(id_number)
        worker = self.workers.find(worker_id) if worker_id is not None else None
        return worker.person_id if worker is not None else None
