"""Who somebody else means: a person named by an operator or a clerk, not by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from daycover.china_time import china_day
from daycover.identity.document import IdDocumentType, id_document, indexed
from daycover.identity.worker import PersonIndex, Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPerson:
    """`index` is built on first use: it needs a secret."""

    workers: Workers
    index: Callable[[], PersonIndex]
    now: Callable[[], datetime]

    def __call__(
        self, worker_id: str | None, document_type: IdDocumentType, id_number: str | None
    ) -> str | None:
        """Give the id of the person that is named, as far as it is one we know.

        Raises ResidentIdError, DocumentNumberError.
        """
        if id_number is not None:
            shown = id_document(document_type, id_number, china_day(self.now()))
            return self.index().person_id(indexed(shown.type, shown.number))
        worker = self.workers.find(worker_id) if worker_id is not None else None
        return worker.person_id if worker is not None else None
