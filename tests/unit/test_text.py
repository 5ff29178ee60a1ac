"""Text for people and for print: what is refused, what is trimmed, and that XML takes all that passes."""

from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.text import TextFaultError, half_width, printable, printable_lines

NASTY = [
    "\x00",
    "\x01",
    "\x07",
    "\x08",
    "\x0b",
    "\x0c",
    "\x0e",
    "\x1b",
    "\x1f",
    "\x7f",
    "\x80",
    "\x85",
    "\x9f",
    "\u061c",
    "\u200e",
    "\u200f",
    "\u202a",
    "\u202e",
    "\u2066",
    "\u2069",
    "\u206a",
    "\u206f",
    "\ufff9",
    "\ufffb",
    "\ud800",
    "\udfff",
    "\ufdd0",
    "\ufdef",
    "\ufffe",
    "\uffff",
    "\U0001fffe",
    "\U0010ffff",
]


@pytest.mark.parametrize("sign", NASTY)
@pytest.mark.parametrize("read", [printable, printable_lines])
def test_sign_that_cannot_be_printed_is_refused_in_words(sign: str, read: type) -> None:
    with pytest.raises(TextFaultError) as refused:
        read(f"双十一{sign}分拣")
    assert "不能打印" in refused.value.args[0]
    assert sign not in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" 双十一分拣 ", "双十一分拣"),
        ("\ufeff双十一\u200b分拣　", "双十一分拣"),
        ("双十一\u00ad分\u2063拣", "双十一分拣"),
        ("\U00031350", "\U00031350"),  # newer than the table of Python 3.11
        ("Cafe\u0301", "Café"),
        ("𠮷野家(上海)😀 & <b>", "𠮷野家(上海)😀 & <b>"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ],
)
def test_text_is_trimmed_and_composed_when_it_passes(typed: str, kept: str) -> None:
    assert printable(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", " ", "\u3000", "\u200b", "\ufeff \u200b", "\u3164", "\u2800", "\u0301"]
)
def test_blank_is_no_text(typed: str) -> None:
    with pytest.raises(TextFaultError, match="blank"):
        printable(typed)
    with pytest.raises(TextFaultError, match="blank"):
        printable_lines(typed)


@pytest.mark.parametrize("sign", ["\n", "\t", "\r\n", "\r", "\u2028", "\u2029"])
def test_line_ends_stand_only_where_lines_are_meant(sign: str) -> None:
    with pytest.raises(TextFaultError, match="one line"):
        printable(f"一{sign}二")
    assert printable_lines(f"一{sign}二\r\n") == ("一\t二" if sign == "\t" else "一\n二")


@given(st.text(max_size=60))
def test_whatever_passes_is_well_formed_xml_and_stays_as_it_is(typed: str) -> None:
    try:
        kept = printable_lines(typed)
    except TextFaultError:
        return
    assert printable_lines(kept) == kept
    assert ElementTree.fromstring(f"<t>{escape(kept)}</t>").text == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("６２２２ ０２１２", "62220212"),
        ("\u202a138\u200b0013\u202c", "1380013"),
        ("ｄｃ００1", "dc001"),
        ("\u0661\u0662", "\u0661\u0662"),  # not ours to read: the form refuses it
    ],
)
def test_number_is_half_width_without_spaces(typed: str, kept: str) -> None:
    assert half_width(typed) == kept
