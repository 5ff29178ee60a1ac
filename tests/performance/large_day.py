"""A company's day on disk, and the day's machines on it, each in a process of its own as a function is.

`python -m tests.performance.large_day FOLDER close|file|reconcile`: the use case on its own wiring and stores, of
which DynamoDB and S3 alone are others; botocore is loaded all the same. Prints what the process took.
"""

import cProfile
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random
from shutil import copyfileobj
from typing import IO, Any, NamedTuple

from daycover import crockford
from daycover.books.journal import entries_of_cover
from daycover.china_time import china_day
from daycover.cover.policy import policy_number
from daycover.cover.roster import line_of
from daycover.platform.config import Config
from daycover.reporting.daily_file import DailyFile, FileAnswer, FileState
from daycover.reporting.rows import ReportRow, rows_of
from daycover.store.boto import make
from daycover.wiring.adapters import Adapters
from daycover.wiring.books import BooksWiring
from daycover.wiring.reporting import ReportingWiring
from tests.support.builders import NOW, a_policy
from tests.support.large_aws import LargeDynamoDb

TODAY = china_day(NOW)
PROJECTS, TAKEN_AT_ONCE, COMMISSION_BPS = 30, 25, 500


class FolderS3:
    """Objects as files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put_object(self, *, Key: str, Body: IO[bytes] | bytes, **_: Any) -> None:
        file = self._folder / Key
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as written:
            copyfileobj(BytesIO(Body) if isinstance(Body, bytes) else Body, written)

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:
        return {"Body": Streamed(self._folder / Key)}

    def generate_presigned_url(self, *_: Any, **__: Any) -> str:
        return "https://s3.invalid"


class Streamed:
    def __init__(self, file: Path) -> None:
        self._file = file

    def iter_lines(self, _chunk: int) -> Iterator[bytes]:
        with self._file.open("rb") as lines:
            yield from lines


class Insurer:
    def announce(self, file: DailyFile, _link: str) -> FileAnswer:
        return FileAnswer(FileState.ACKNOWLEDGED, file.count, file.sum_fen)


class OnDisk(Adapters):
    insurer: Any = Insurer()

    def __init__(self, folder: Path) -> None:
        config: dict[str, Any] = {
            name: 0 if field.type is int else "unused" for name, field in Config.__dataclass_fields__.items()
        }
        self._clients = {"dynamodb": LargeDynamoDb(folder / "tables"), "s3": FolderS3(folder)}
        super().__init__(Config(**config), lambda: NOW)

    def client(self, service: str, **_: Any) -> Any:
        return self._clients[service]


def prepare(folder: Path, policies: int) -> None:
    """Lines, journal and acknowledged reports of so many policies, in thirty projects."""
    stores, model = OnDisk(folder), a_policy()
    rows: list[ReportRow] = []
    for number in range(policies):
        person = crockford.encode(number * 7919 + (1 << 90), 20)
        policy = model.model_copy(
            update={
                "policy_no": policy_number(person, 1, NOW),
                "person_id": person,
                "project_id": f"P{number % PROJECTS:02}",
            }
        )
        line = line_of(policy)
        stores.cover_lines.record(line)
        for entry in entries_of_cover(line, NOW, COMMISSION_BPS):
            stores.journal.post(entry)
        rows += rows_of(policy)
    Random(7).shuffle(rows)  # as answers come
    for start in range(0, len(rows), TAKEN_AT_ONCE):
        together = rows[start : start + TAKEN_AT_ONCE]
        for row in together:
            stores.reports.announce(row, NOW)
        stores.reports.acknowledge(together, NOW)


def close(stores: OnDisk, company_id: str) -> int:
    issue = replace(stores.wired(BooksWiring).issue_statement, endorse=lambda _statement: None)
    return issue(company_id, TODAY).lines


def file(stores: OnDisk, company_id: str) -> int:
    drawn, answer = stores.wired(ReportingWiring).send_daily_file(company_id, TODAY)
    assert answer.state is FileState.ACKNOWLEDGED
    return drawn.count


def reconcile(stores: OnDisk, company_id: str) -> int:
    found = stores.wired(ReportingWiring).reconcile_company(company_id, TODAY)
    assert found.breaks == 0
    return found.policies


MACHINES: Mapping[str, Callable[[OnDisk, str], int]] = {"close": close, "file": file, "reconcile": reconcile}


class Took(NamedTuple):
    """`peak`: most memory of the whole process, in bytes; `calls` of functions by the machine alone."""

    policies: int
    peak: int
    calls: int


def main(folder: str, machine: str) -> None:
    make("s3")
    stores, run, profile = OnDisk(Path(folder)), MACHINES[machine], cProfile.Profile()
    run(stores, "C2")  # what is loaded once: a company without policies
    with profile:
        policies = run(stores, "C1")
    calls = sum(entry.callcount for entry in profile.getstats())
    print(json.dumps(Took(policies, most_memory(), calls)))


def most_memory() -> int:
    """Of this process since it began; `ru_maxrss` would count what started it too."""
    status = Path(f"/proc/{os.getpid()}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
