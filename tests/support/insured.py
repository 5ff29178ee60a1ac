"""Rows with an insured in them, as the reporting function sends them."""

from collections.abc import Iterable
from datetime import datetime

from daycover.cover.check_in import Context
from daycover.insurer.sealed import SealForInsurer
from daycover.insurer.signature import InsurerCredentials
from daycover.reporting.naming import NameInsured
from daycover.reporting.rows import ReportRow
from tests.simulators.credentials import InsurerKeys
from tests.support.builders import NOW, PERSON, a_project, a_worker, an_id_number, consents_for

NAME = "王小明"


def credentials_of(keys: InsurerKeys, **changes: str) -> InsurerCredentials:
    return InsurerCredentials.model_validate(keys.product_json() | changes)


class Known:
    """Implements `cover.check_in.CheckIns`: one worker behind every id."""

    def __init__(self, id_number: str | None = None, consented_at: datetime | None = NOW) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self._id_number = id_number or an_id_number()
        self._consents = consents_for(a_project(), consented_at) if consented_at else []

    def context(self, worker_id: str, project_id: str, plan_key: str) -> Context:
        self.asked.append((worker_id, project_id, plan_key))
        worker = a_worker(worker_id=worker_id, person_id=PERSON, name=NAME, id_number=self._id_number)
        return Context(worker, self._consents)


def named(rows: Iterable[ReportRow], credentials: InsurerCredentials, **of: str) -> list[ReportRow]:
    return NameInsured(insureds=Known(**of), seal=lambda: SealForInsurer(credentials))(list(rows))  # type: ignore[arg-type]
