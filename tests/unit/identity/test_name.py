"""Names of people: one form for every way to type them, and one comparison."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daycover.identity.name import DOT, LONGEST, person_name, same_person_name
from daycover.text import TextFaultError

TYPED_DOTS = "··•・･‧．.●∙⋅。｡᛫․﹒⸱ꞏ◦⦁⬤ㆍ˙…、﹑､‣⁃⏺﹅°˚,，'’-－—ーｰ\u302e\ua4f8"

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Beside new ideographs, which an older table of Unicode does not know."""


@pytest.mark.parametrize("dot", TYPED_DOTS)
@pytest.mark.parametrize("around", ["", " ", "\u200b", "\u3000"])
def test_dot_between_parts_is_one_however_it_is_typed(dot: str, around: str) -> None:
    typed = f"阿卜杜热合曼{around}{dot}{around}买买提"
    assert person_name(typed) == "阿卜杜热合曼·买买提"
    assert same_person_name(typed, "阿卜杜热合曼·买买提")
    assert same_person_name(typed, "阿卜杜热合曼买买提")  # as bills print it


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王小明", "王小明"),
        (" 王 小　明 ", "王小明"),
        ("王\u200b小\ufeff明\u202e", "王小明"),
        ("王小明\ufe0f", "王小明"),
        ("王小明。", "王小明"),
        ("欧阳 锋", "欧阳锋"),
        ("古丽娜尔·艾合买提·吐尔逊", "古丽娜尔·艾合买提·吐尔逊"),
        ("古丽娜尔••艾合买提.吐尔逊", "古丽娜尔·艾合买提·吐尔逊"),
        ("买买提-艾力", "买买提·艾力"),
        ("买买提 — 艾力", "买买提·艾力"),
        ("𠮷田", "𠮷田"),
        ("䶮王", "䶮王"),
        ("㛃王", "㛃王"),
        ("李\U00030edd", "李\U00030edd"),
        ("李\ufa11", "李\ufa11"),  # the card may have the compatibility ideograph
        ("\uf900王", "\uf900王"),
        ("⼤王", "大王"),  # a Kangxi radical, copied from a file
        ("⻢小⻰", "马小龙"),  # and those of the supplement, as browsers write them into PDFs
        ("⻩⻘·⻄⻔", "黄青·西门"),
        ("王\U0002ebf0", "王\U0002ebf0"),  # ideographs that Unicode added for names in 2022, 2023 and 2025
        ("王\U00031350", "王\U00031350"),
        ("王\U000323b0", "王\U000323b0"),
        ("Oʻktam Gʻulomov", "O'ktam G'ulomov"),
        ("O‛Brien D｀Arcy", "O'Brien D'Arcy"),
        ("MUTHU A/L SAMY", "MUTHU A/L SAMY"),
        ("LIM AH KOW ＠ AHMAD", "LIM AH KOW @ AHMAD"),
        ("محـــمد علي", "محمد علي"),
        ("〇一", "〇一"),
        ("Ｌｉ　 Ｗｅｉ", "Li Wei"),
        ("Jean–Luc  O’Neil", "Jean-Luc O'Neil"),
        ("Mary-Ann O`Brien", "Mary-Ann O'Brien"),
        ("MARTIN LUTHER KING, JR.", "MARTIN LUTHER KING, JR."),
        ("J. R. R. Tolkien", "J. R. R. Tolkien"),
        ("Nguye\u0302\u0303n Thị Bé", "Nguyễn Thị Bé"),
        ("ئابدۇللا ئالىم", "ئابدۇللا ئالىم"),
        ("བསོད་ནམས", "བསོད་ནམས"),
        ("ニコ・ロビン", "ニコ·ロビン"),
        ("张 Anna Maria", "张Anna Maria"),
    ],
)
def test_name_has_one_form_when_it_is_kept(typed: str, kept: str) -> None:
    assert person_name(typed) == kept
    assert same_person_name(typed, kept)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "王",
        "·",
        "A",
        "\u3164\u3164",
        "\u200b\u200b",
        "12345",
        "110105199003070025",
        "王１",
        "王1明",
        "王²明",
        "王٣明",
        "王小明😀",
        "王小明👨‍👩‍👧",
        "王*明",
        "王○明",
        "㊎王",
        "王\x07小明",
        "王\x00小明",
        "王\n小明",
        "王\t小明",
        "王\x85明",
        "王小明\ud800",
        "王小明\ufffe",
        "王小明\ue863",
        "王小明<b>",
        "王小明;--",
        "王" * (LONGEST + 1),
        "á",
        "a\u0301",
        "王\u0301小明",  # marks are for letters that carry them
        "\u0301王小明",
        "王小明\u0323",
        "阿依\u0307古丽",
        "ab\u20dd",
        "王/明",
        "@王五",
        "王五@李",
        "王\U0002fffe明",
    ],
)
def test_name_is_refused_in_words_when_it_can_be_nobody_s(typed: str) -> None:
    with pytest.raises(TextFaultError) as refused:
        person_name(typed)
    assert "姓名" in refused.value.args[0]
    assert "name" in refused.value.args[1]


@given(st.text(max_size=80))
def test_form_of_a_form_is_itself_and_holds_nothing_unseen(typed: str) -> None:
    try:
        kept = person_name(typed)
    except TextFaultError:
        return
    assert person_name(kept) == kept
    assert same_person_name(typed, kept)
    assert not [s for s in kept if unicodedata.category(s) in UNSEEN and not "\U00020000" <= s < "\U00040000"]
    assert [s for s in kept if unicodedata.category(s)[0] == "L" or s == "〇" or s >= "\U00020000"]
    assert "  " not in kept
    assert DOT * 2 not in kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("\uf9d0王", "類王", True),
        ("LI WEI", "li wei", True),
        ("Straße", "STRASSE", True),
        ("王小明", "王晓明", False),
        ("买买提·艾力", "买买提·艾买提", False),
        ("José", "Jose", False),
        ("𠮷田", "吉田", False),
        ("王\U00031350", "王\U00031351", False),  # neither is in the table of Python 3.11
        ("王\U00031350明", "王明", False),
        ("⻢小明", "马小明", True),  # as the text of a PDF bill has it
        ("Oʻktam", "O'KTAM", True),
        ("", "", False),
        ("·", "•", False),
        ("王小明", "", False),
    ],
)
def test_letters_alone_say_whether_two_names_are_one(one: str, other: str, same: bool) -> None:
    assert same_person_name(one, other) is same
    assert same_person_name(other, one) is same
