"""The reader of the claims' histories is down for more than a day and its records are lost: the sweeper finds all."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from daycover.errors import DaycoverError
from daycover.platform.config import Config
from daycover.reporting.follow import LINES, LinesNotFollowedError
from daycover.reporting.rows import ReportRow
from daycover.store import keys
from daycover.store.aws import StoreUnavailableError
from daycover.wiring.reporting import ReportingWiring
from tests.functional.claims.stage import Stage


class Queue:
    """Implements `reporting.queue.RowQueue`; a row is broken while its claim is in `broken`."""

    def __init__(self) -> None:
        self.rows: list[ReportRow] = []
        self.broken: set[int] = set()

    def send(self, messages: Sequence[Iterable[ReportRow]]) -> list[DaycoverError | None]:
        return [self._take(*rows) for rows in messages]

    def _take(self, row: ReportRow) -> DaycoverError | None:
        if int(row.row_id.rpartition("-")[2]) in self.broken:
            return StoreUnavailableError()
        self.rows.append(row)
        return None

    @property
    def sent(self) -> Counter[str]:
        return Counter(row.row_id for row in self.rows)


class Reader:
    """A claim that was paid, and what its stream's reader and its sweeper make of it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.claim_no = stage.acknowledged_large().claim_no
        self.queue = Queue()
        self.reporting = ReportingWiring(stage.adapters)
        stage.adapters.report_queue = self.queue  # type: ignore[assignment]

    @property
    def images(self) -> list[dict[str, Any]]:
        """The lines as the stream shows them."""
        return list(
            self.stage.adapters.operations.query_all(*keys.claim_histories(self.claim_no), strong=True)
        )

    @property
    def open(self) -> list[int]:
        return [int(item["version"]) for item in self.stage.adapters.operations.query_all(keys.open_lines())]

    def derived(self) -> dict[str, Any]:
        """Everything that follows from the histories: rows by their ids, and service records."""
        partitions = (keys.services_of_month("2026-11"), keys.services_of("C1", "2026-11"))
        records = [item for pk in partitions for item in self.stage.adapters.operations.query_all(pk)]
        return {
            "rows": {row.row_id: row.model_dump(mode="json") for row in self.queue.rows},
            "records": sorted(records, key=lambda item: (item["claim_no"], item["version"], str(item))),
        }


@pytest.fixture
def reader(aws: Config, monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(Stage(aws, monkeypatch))


def test_everything_is_there_once_after_the_reader_was_down_for_longer_than_records_live(
    reader: Reader,
) -> None:
    images = reader.images
    assert reader.open == [int(image["version"]) for image in images]
    assert len(images) > 4
    assert reader.derived() == {"rows": {}, "records": []}
    reader.stage.at += timedelta(hours=30)
    swept = reader.reporting.sweep_lines()
    assert len(swept.repaired) == len(images)
    assert swept.failed == ()
    assert set(reader.queue.sent.values()) == {1}
    assert reader.open == []
    repaired = reader.derived()
    assert len(repaired["rows"]) == len(images)
    assert repaired["records"] != []
    for image in images:  # what the stream would have made of them is this, and nothing more
        reader.reporting.follow_line(image)
    assert reader.derived() == repaired
    assert reader.reporting.sweep_lines().repaired == ()


def test_line_is_closed_when_the_stream_told_of_it(reader: Reader) -> None:
    for image in reader.images:
        reader.reporting.follow_line(image)
    assert reader.open == []
    reader.stage.at += timedelta(hours=30)
    assert reader.reporting.sweep_lines().repaired == ()
    assert set(reader.queue.sent.values()) == {1}


def test_young_line_is_left_to_the_stream(reader: Reader) -> None:
    assert reader.reporting.sweep_lines().repaired == ()
    assert reader.queue.rows == []


def test_line_that_fails_holds_up_no_other_and_is_told_of(reader: Reader) -> None:
    reader.stage.at += timedelta(hours=30)
    reader.queue.broken = {2}
    swept = reader.reporting.sweep_lines()
    assert swept.failed == (f"{reader.claim_no}/2",)
    assert reader.open == [2]
    with pytest.raises(LinesNotFollowedError):
        swept.check()
    reader.queue.broken = set()
    again = reader.reporting.sweep_lines()
    again.check()
    assert again.repaired == (f"{reader.claim_no}/2",)
    assert reader.open == []
    assert LINES > 1
