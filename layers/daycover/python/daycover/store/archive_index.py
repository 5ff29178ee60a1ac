"""The index of archived batches: sorted lines of one width, so that a number is found in a ranged GET or two."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from heapq import merge
from typing import Any, NamedTuple

from daycover import crockford
from daycover.cover.policy import place_in_time
from daycover.store import keys
from daycover.store.aws import AwsError

READERS = 10
"""As many connections as an S3 client holds."""
NUMBER = 30
LINE = 100
"""Policy number, hour of issue (2), name of the batch (32), offset (9), length (5), digest (16), between blanks."""
WINDOW = 655 * LINE
"""Bytes of one ranged GET, some 64 KiB: what lies about the place where a hash of a million others stands."""
MANY, MOST_AT_ONCE = 8, 8 << 20
"""So many numbers of one index are worth reading it as a whole, up to so many bytes."""
ABSENT = "NoSuchKey"
NUMBER_MARK = b'"policy_no":"'


class IndexLine(NamedTuple):
    """Where the record of a policy is."""

    policy_no: str
    hour: str
    batch: str
    offset: int
    length: int
    digest: str

    @property
    def key(self) -> str:
        """S3 key of the batch. The number tells the day."""
        return keys.archived_batch(f"{keys.day_of_issue(self.policy_no):%Y%m%d}{self.hour}", self.batch)

    def written(self) -> bytes:
        text = f"{self.policy_no} {self.hour} {self.batch} {self.offset:09d} {self.length:05d} {self.digest}"
        return text.encode().ljust(LINE - 1) + b"\n"

    @classmethod
    def read(cls, line: bytes) -> "IndexLine":
        number, hour, batch, offset, length, digest = line.decode().split()
        return cls(number, hour, batch, int(offset), int(length), digest)


class Window:
    """Lines of an index, cut out as they are asked for: of a window of hundreds a few are."""

    def __init__(self, lines: bytes = b"") -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines) // LINE

    def __getitem__(self, at: int) -> bytes:
        return self._lines[at * LINE : (at + 1) * LINE]

    def __iter__(self) -> Iterator[bytes]:
        return map(self.__getitem__, range(len(self)))

    @property
    def last(self) -> bytes:
        return self[len(self) - 1]

    def between(self, low: str, high: str) -> list[bytes]:
        """The lines from number `low` to `high`."""
        first = bisect_left(self, low.encode(), key=_number)
        end = bisect_right(self, high.encode(), lo=first, key=_number)
        return [self[at] for at in range(first, end)]


def _number(line: bytes) -> bytes:
    return line[:NUMBER]


def digest_of(record: bytes) -> str:
    """Give what tells a record from any other of its number."""
    return hashlib.sha256(record).hexdigest()[:16]


class ArchiveIndex:
    """Reads and makes the index; `call` asks S3 for an operation on the archive's bucket, `create` puts an object
    where there is none."""

    def __init__(self, call: Callable[..., Any], create: Callable[[str, bytes, str], bool]) -> None:
        self._call = call
        self._create = create

    def find(self, policy_no: str) -> IndexLine | None:
        """Access: ranged GETs in the number's part of its day. Cost: one GET up to 655 policies, two mostly."""
        day = f"{keys.day_of_issue(policy_no):%Y%m%d}"
        found = self._range(keys.archive_index(keys.archive_part(policy_no), day), policy_no, policy_no)
        return IndexLine.read(found[0]) if found else None

    def digests_of(self, policy_nos: Iterable[str]) -> dict[str, str]:
        """Give the digest of each record that the index knows.

        Access: a part of a day's index as a whole where many are asked of it, else as `find`. Cost: one or two GETs
        a part, or as `find`.
        """
        parts: dict[str, list[str]] = {}
        for number in policy_nos:
            day = f"{keys.day_of_issue(number):%Y%m%d}"
            parts.setdefault(keys.archive_index(keys.archive_part(number), day), []).append(number)
        found: dict[str, str] = {}
        for key, numbers in parts.items():
            lines = self._whole(key, numbers) if len(numbers) >= MANY else None
            if lines is None:
                with ThreadPoolExecutor(READERS) as pool:
                    lines = [
                        line
                        for few in pool.map(lambda no, key=key: self._range(key, no, no), numbers)
                        for line in few
                    ]
            found |= {line.policy_no: line.digest for line in map(IndexLine.read, lines)}
        return found

    def numbers(self, person_id: str, since: int, below: int | None, enough: int) -> list[str]:
        """Give at least the newest `enough` of a person's numbers of places in time from `since` on, before `below`;
        in no order.

        Access: two LISTs, then ranged GETs of months and of the days behind the last of them, the newest ten
        first. Cost: two LISTs, and a GET or two a period.
        """
        part = crockford.decode(person_id[0])
        first = keys.day_of_place(since)
        last = date.max if below is None else keys.day_of_place(max(0, below - 1))
        months = self._periods(part, is_month=True)
        after = max(months, default="")
        days = self._periods(part, is_month=False, after=after) if f"{last:%Y%m}" > after else []
        wanted = sorted((p for p in (*months, *days) if _lies(p, first, last)), reverse=True)
        found: list[str] = []
        with ThreadPoolExecutor(READERS) as pool:
            for start in range(0, len(wanted), READERS):
                index_keys = [keys.archive_index(part, period) for period in wanted[start : start + READERS]]
                for lines in pool.map(lambda key: self._range(key, *_bounds(person_id)), index_keys):
                    numbers = [line[:NUMBER].decode() for line in lines]
                    found += [no for no in numbers if _is_between(place_in_time(no), since, below)]
                if len(found) >= enough:
                    break
        return found

    def digests_in(self, batch: str) -> set[str]:
        """Access: one GET of a whole batch. Cost: one GET."""
        return {digest_of(record) for record in self._body(batch).splitlines()}

    def batches(self, slot: str) -> list[str]:
        """Access: LIST of a UTC day's or hour's batches. Cost: one LIST for 1,000."""
        return self._list(keys.archived_batches(slot))

    def close_day(self, day: date, parts: frozenset[int]) -> tuple[str, ...]:
        """Make these parts of the index of a day from its batches.

        Access: LIST and GET of the day's batches, a PUT a part that has any. Condition: If-None-Match; what
        stands was made of the same batches. Cost: those, and some 140 bytes of memory for each policy of the
        parts. Gives the numbers that stand for different policies.
        """
        slot = f"{day:%Y%m%d}"
        lines: dict[int, list[bytes]] = {part: [] for part in parts}
        with ThreadPoolExecutor(READERS) as pool:
            for found in pool.map(lambda key: _indexed(key, self._body(key), parts), self.batches(slot)):
                for line in found:
                    lines[keys.archive_part(line[:NUMBER].decode())].append(line)
        twice: list[str] = []
        for part in sorted(parts):
            unique = list(_once(sorted(lines.pop(part)), twice))
            self._put(keys.archive_index(part, slot), unique)
        return tuple(twice)

    def close_month(self, month: date, parts: frozenset[int]) -> None:
        """Make these parts of the index of a month from its days. Access, condition, cost: as `close_day`."""
        for part in sorted(parts):
            period = f"{month:%Y%m}"
            days = self._list(f"{keys.archive_indexes(part, is_month=False)}{period}")
            bodies = [self._body(key).splitlines(keepends=True) for key in days]
            self._put(keys.archive_index(part, period), list(merge(*bodies)))

    def _put(self, key: str, lines: Sequence[bytes]) -> None:
        if lines:
            self._create(key, b"".join(lines), "text/plain")  # one that stands was made of the same

    def _periods(self, part: int, *, is_month: bool, after: str = "") -> list[str]:
        prefix = keys.archive_indexes(part, is_month=is_month)
        found = self._list(prefix, **({"StartAfter": f"{prefix}{after}~"} if after else {}))
        return [key.removeprefix(prefix).removesuffix(".txt") for key in found]

    def _list(self, prefix: str, **arguments: Any) -> list[str]:
        found: list[str] = []
        while True:
            answer = self._call("list_objects_v2", Prefix=prefix, **arguments)
            found += [entry["Key"] for entry in answer.get("Contents", ())]
            if not answer.get("IsTruncated"):
                return found
            arguments = {"ContinuationToken": answer["NextContinuationToken"]}

    def _body(self, key: str) -> bytes:
        body: bytes = self._call("get_object", Key=key)["Body"].read()
        return body

    def _whole(self, key: str, policy_nos: Sequence[str]) -> list[bytes] | None:
        """The lines of these numbers, from the whole of an index; None where that is too much."""
        window, total = self._window(key, 0)
        if total > MOST_AT_ONCE:
            return None
        lines = window if total <= WINDOW else Window(self._body(key))
        wanted = {number.encode() for number in policy_nos}
        return [line for line in lines if line[:NUMBER] in wanted]

    def _range(self, key: str, low: str, high: str) -> list[bytes]:
        """The lines of an index from number `low` to `high`; none where there is no such index.

        Numbers begin with a hash, so the first guess is nearly always right; halving finds the others.
        """
        window, total = self._window(key, 0)
        first, count = 0, total // LINE
        left, right = 0, count  # the first line that is not below `low` is in [left, right]
        guess = int(_fraction(low) * count)
        while window:
            if window.last[:NUMBER] < low.encode():
                left = first + len(window)
            elif window[0][:NUMBER] >= low.encode() and first > left:
                right = first
            else:
                break
            at = guess if left <= guess < right else (left + right) // 2
            guess = -1
            first = left if left >= right else max(left, min(at - WINDOW // LINE // 2, right - 1))
            window = self._window(key, first)[0] if first < count else Window()
        found: list[bytes] = []
        while window:
            found += window.between(low, high)
            first += len(window)
            goes_on = first < count and window.last[:NUMBER] <= high.encode()
            window = self._window(key, first)[0] if goes_on else Window()
        return found

    def _window(self, key: str, first: int) -> tuple[Window, int]:
        """Lines of an index from number `first` on, and its bytes; none where there is no such index."""
        start = first * LINE
        try:
            answer = self._call("get_object", Key=key, Range=f"bytes={start}-{start + WINDOW - 1}")
        except AwsError as error:
            if error.code != ABSENT:
                raise
            return Window(), 0
        return Window(answer["Body"].read()), int(answer["ContentRange"].rpartition("/")[2])


def _indexed(key: str, body: bytes, parts: frozenset[int]) -> list[bytes]:
    """The lines of one batch's policies of these parts."""
    hour, name = key.split("/")[2], key.rpartition("/")[2].removesuffix(".jsonl")
    lines, offset = [], 0
    for record in body.split(b"\n")[:-1]:
        at = record.index(NUMBER_MARK) + len(NUMBER_MARK)
        policy_no = record[at : at + NUMBER].decode()
        if keys.archive_part(policy_no) in parts:
            line = IndexLine(policy_no, hour, name, offset, len(record), digest_of(record))
            lines.append(line.written())
        offset += len(record) + 1
    return lines


def _once(lines: Iterable[bytes], twice: list[str]) -> Iterator[bytes]:
    """Each number once; `twice` takes those whose records differ."""
    before = b""
    for line in lines:
        if line[:NUMBER] != before[:NUMBER]:
            yield line
        elif line.split()[-1] != before.split()[-1]:
            twice.append(line[:NUMBER].decode())
        before = line


def _fraction(policy_no: str) -> float:
    """How far into its part a number stands, were there infinitely many."""
    hash_ = policy_no[3:11]
    return float(crockford.decode(hash_)) / 32.0 ** len(hash_)


def _bounds(person_id: str) -> tuple[str, str]:
    """What stands before and after every number of the person."""
    return f"DC{person_id}", f"DC{person_id}~"


def _lies(period: str, first: date, last: date) -> bool:
    """Whether a month or day lies, in part at least, between these days."""
    length = len(period)
    return f"{first:%Y%m%d}"[:length] <= period <= f"{last:%Y%m%d}"[:length]


def _is_between(place: int, since: int, below: int | None) -> bool:
    return since <= place and (below is None or place < below)
