"""Rows are sorted without being held: whatever order they come in, again and again, two readers at once."""

import io
import tempfile
from itertools import zip_longest

from hypothesis import given, settings
from hypothesis import strategies as st

from daycover.reporting import sorting
from daycover.reporting.sorting import Row, Sorted

ids = st.text("AZaz09-_#王", max_size=6)
rows = st.lists(st.tuples(ids, st.integers(-(10**12), 10**12), ids), max_size=40)


@settings(max_examples=100, deadline=None)
@given(rows, st.integers(1, 4), st.integers(1, 50), st.integers(2, 4))
def test_rows_come_sorted_twice_at_once_when_runs_are_small(
    given_rows: list[tuple[str, int, str]], rows_a_run: int, at_once: int, merged: int
) -> None:
    before = sorting.ROWS_A_RUN, sorting.BYTES_AT_ONCE, sorting.MERGED
    sorting.ROWS_A_RUN, sorting.BYTES_AT_ONCE, sorting.MERGED = rows_a_run, at_once, merged
    try:
        found = Sorted(io.BytesIO)
        for subject, fen, of in given_rows:
            found.add(subject, fen, of)
        expected = sorted(Row(subject, of, fen) for subject, fen, of in given_rows)
        assert found.count == len(expected)
        for one, other, wanted in zip_longest(found, found, expected):
            assert one == other == wanted
    finally:
        sorting.ROWS_A_RUN, sorting.BYTES_AT_ONCE, sorting.MERGED = before


def test_small_day_needs_no_file_when_it_fits_one_run() -> None:
    def none() -> io.BytesIO:
        raise AssertionError

    found = Sorted(none)
    found.add("b", 1)
    found.add("a", 2)
    assert [row.subject for row in found] == ["a", "b"]


def test_real_files_sort_as_memory_does() -> None:
    with tempfile.TemporaryFile() as file:
        found = Sorted(lambda: file)
        for number in range(10_000):
            found.add(f"{number * 7919 % 10_000:05}", number)
        assert [row.subject for row in found] == [f"{number:05}" for number in range(10_000)]
