"""What people's files print, as fen, days and numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.bills.printed import day, fen, number


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("3200.00", 320_000),
        ("¥3,200.00", 320_000),
        ("￥３,200.00元", 320_000),
        ("３２００．００", 320_000),
        ("3 200.00", 320_000),
        ("3200", 320_000),
        ("0.1", 10),
        ("0.29", 29),
        ("1,234,567.89", 123_456_789),
        ("-12.30", -1_230),
        ("−12.30", -1_230),
        ("100.000000", 10_000),
        ("1.005", None),
        ("12,34.00", None),
        ("*", None),
        ("***", None),
        ("", None),
        (None, None),
        ("叁仟贰佰元整", None),
        ("1e3", None),
        ("NaN", None),
        ("99999999999", None),
        ("9" * 500, None),
    ],
)
def test_amount_is_exact_fen_or_nothing(text: str | None, amount: int | None) -> None:
    assert fen(text) == amount


@given(st.integers(0, 1_000_000_000))
def test_every_amount_comes_back_to_the_fen(amount: int) -> None:
    assert fen(f"{amount // 100}.{amount % 100:02}") == fen(f"¥{amount // 100:,}.{amount % 100:02}") == amount


@pytest.mark.parametrize(
    "text",
    [
        "20260815",
        "2026-08-15",
        "2026年08月15日",
        "2026年8月15日",
        "2026/8/15",
        "2026.08.15",
        "20260815101112",
        "2026-08-15 10:11:12",
        "2026-08-15T10:11:12+08:00",
        "20260815 10:11",
        "２０２６-０８-１５",
        "2026 年 08 月 15 日",
    ],
)
def test_day_is_read_in_every_way(text: str) -> None:
    assert day(text) == date(2026, 8, 15)


@pytest.mark.parametrize("text", ["", None, "20261315", "2026-02-30", "1999-01-01", "123456789012", "明天"])
def test_what_is_no_day_is_none(text: str | None) -> None:
    assert day(text) is None


def test_number_has_letters_and_digits_alone() -> None:
    assert number(" 0012 345-678 ") == "0012345678"
    assert number(None) == ""


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    fen(text)
    day(text)
    assert number(text).isascii()
