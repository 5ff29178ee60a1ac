"""The pure parts of `make load`: who comes when, what waiting is, what an answer is, what the document shows."""

import json
from itertools import pairwise
from typing import Any

import pytest

from tests.performance.arrivals import Pair, Served, percentile, poisson, ratio
from tests.performance.crowd import TAKEN, UncleanAnswerError, documented, is_whole, kind_of
from tests.performance.load import BEGIN, END, closed, in_document
from tests.support.http import Answer

PROBLEM = "application/problem+json; charset=utf-8"


def test_arrivals_are_the_same_crowd_when_the_seed_is() -> None:
    slow, fast = poisson(2.0, 50, seed=3), poisson(4.0, 50, seed=3)
    assert slow == poisson(2.0, 50, seed=3)
    assert slow != poisson(2.0, 50, seed=4)
    assert fast == pytest.approx([at / 2 for at in slow])


def test_arrivals_come_at_their_rate_and_scatter_as_a_poisson_process_does() -> None:
    moments = poisson(10.0, 20_000, seed=1)
    gaps = [after - before for before, after in pairwise([0.0, *moments])]
    assert all(gap > 0 for gap in gaps)
    mean = sum(gaps) / len(gaps)
    assert mean == pytest.approx(0.1, rel=0.03)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert deviation == pytest.approx(mean, rel=0.05), "of an exponential gap it is the mean"


def test_nobody_comes_at_no_rate() -> None:
    with pytest.raises(ValueError, match="nobody"):
        poisson(0.0, 1, seed=1)


@pytest.mark.parametrize(("share", "value"), [(0.01, 1), (0.5, 5), (0.51, 6), (0.95, 10), (1.0, 10)])
def test_percentile_is_the_nearest_rank(share: float, value: int) -> None:
    assert percentile([3, 1, 2, 10, 9, 8, 7, 6, 5, 4], share) == value


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_latency_counts_from_the_planned_arrival_when_the_client_was_sent_late() -> None:
    assert Served(planned=1.0, began=4.0, ended=4.5).latency == 3.5


def test_ratio_is_the_median_of_pairs_when_the_machine_slows_down() -> None:
    assert ratio([Pair(10, 100), Pair(1, 10), Pair(5, 10)]) == pytest.approx(0.1)


def test_closed_loop_counts_every_act_once() -> None:
    seen: list[int] = []
    assert closed(3, seen.append, range(20)) > 0
    assert sorted(seen) == list(range(20))


def answered(
    status: int, slug: str = "", *, said: int | None = None, content_type: str = PROBLEM, **headers: str
) -> Answer:
    body: dict[str, Any] = {"type": f"https://daycover.cn/problems/{slug}", "status": said or status}
    sent = {"content-type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer("POST", "/v1/check-ins", status, sent, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answered(201), TAKEN),
        (answered(202, retry_after="2"), TAKEN),
        (answered(429, "too-many-requests", retry_after="2"), "429 too-many-requests"),
        (answered(503, "store-unavailable", retry_after="2"), "503 store-unavailable"),
        (answered(409, "cover-not-available"), "409 cover-not-available"),
    ],
)
def test_answer_is_clean_when_a_client_can_act_on_it(answer: Answer, kind: str) -> None:
    assert kind_of(answer, documented()) == kind


@pytest.mark.parametrize(
    "answer",
    [
        answered(429, "too-many-requests"),
        answered(503, "store-unavailable", retry_after="soon"),
        answered(503, "store-unavailable", retry_after="2", content_type="application/json"),
        answered(429, "too-many-requests", said=503, retry_after="2"),
        answered(429, "no-such-problem", retry_after="2"),
        answered(500, "internal"),
        answered(502, "internal", retry_after="2"),
        Answer("GET", "/", 504, {"content-type": "text/html"}, b"<html>"),
    ],
)
def test_answer_is_unclean_when_a_client_cannot_act_on_it(answer: Answer) -> None:
    with pytest.raises(UncleanAnswerError):
        kind_of(answer, documented())


@pytest.mark.parametrize("book", ["policies_stored", "roster_lines", "journal_entries", "insurer_rows"])
@pytest.mark.parametrize("count", [2, 4])
def test_books_are_not_whole_when_one_is_lost_or_twice(book: str, count: int) -> None:
    counts = {"people": 3, "policies_stored": 3, "roster_lines": 3, "journal_entries": 3, "insurer_rows": 3}
    assert is_whole(counts)
    assert not is_whole(counts | {book: count})


def test_document_shows_the_run_between_its_markers() -> None:
    run = {"arrivals_a_second": 5.0, "arrivals": 40, "latency_p50_s": 0.5, "latency_p95_s": 1.0}
    report = {
        "closed": [{"route": "scan", "clients": 2, "ratio": 0.125}],
        "people_a_second": 10.0,
        "open": {"below": run | {"answers": {TAKEN: 80, "429 too-many-requests": 7}}},
        "unclean": [],
        "counts": dict.fromkeys(
            (
                "people", "check_ins", "policies_answered", "policies_stored",
                "roster_lines", "journal_entries", "insurer_rows",
            ),
            40,
        ),
    }  # fmt: skip
    written = in_document(f"before\n{BEGIN}\nof last year\n{END}\nafter\n", report)
    assert "last year" not in written
    assert written.startswith("before\n")
    assert written.endswith("\nafter\n")
    assert "| scan | 0.12 |" in written
    assert f"| below | 0.5 | 40 | 1.0 | 2.0 | 80 {TAKEN}, 7 429 too-many-requests |" in written
    assert in_document(written, report) == written
    with pytest.raises(ValueError, match="no place"):
        in_document("no markers", report)
