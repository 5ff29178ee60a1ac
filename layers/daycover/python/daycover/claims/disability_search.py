"""Finds items of the disability scale by what people call an injury: 大脚趾截肢, 一只眼睛瞎了, 肋骨断了八根.

Words are looked for in any order in an item's text, clause, parts and chapter. What people say is put into the
words of the standard first (`_MEANT`). Each search goes over the whole table: about a millisecond.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from daycover.claims.disability_table import DisabilityItem, DisabilityTable, disability_table

MAX_FOUND = 50
_MEANT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # what happened
        "截肢": ("缺失",), "截断": ("缺失",), "截指": ("缺失",), "截趾": ("缺失",), "离断": ("缺失",),
        "断离": ("缺失",), "切断": ("缺失",), "断掉": ("缺失",), "没了": ("缺失",), "掉了": ("缺失", "脱落"),
        "断了": ("骨折", "缺失"), "骨断": ("骨折",), "折断": ("骨折", "脱落"), "摘除": ("缺失", "切除"),
        "切了": ("切除",), "切掉": ("切除",), "动不了": ("丧失功能", "强直", "瘫"), "僵硬": ("丧失功能", "强直"),
        "不能动": ("丧失功能", "瘫"), "失能": ("丧失功能",), "下降": ("损失", "低视力"), "变短": ("长度相差",),
        "短了": ("长度相差",), "长短": ("长度相差",), "缩短": ("长度相差",),
        "烫伤": ("烧伤",), "灼伤": ("烧伤",), "疤痕": ("瘢痕",), "伤疤": ("瘢痕",), "疤": ("瘢痕",),
        "毁容": ("面部皮肤",), "瘫痪": ("瘫",),
        # eyes and ears
        "失明": ("盲目",), "全盲": ("盲目",), "瞎了": ("盲目",), "瞎": ("盲目",), "看不见": ("盲目",),
        "盲目": ("盲目",), "盲": ("盲目",), "低视力": ("低视力",), "视力": ("低视力", "盲目"),
        "眼睛": ("眼",), "眼皮": ("眼睑",),
        "耳聋": ("听力",), "失聪": ("听力",), "听不见": ("听力",), "聋": ("听力",), "耳朵": ("耳",),
        # limbs
        "大拇指": ("手",), "拇指": ("手",), "手指头": ("手",), "手指": ("手",), "食指": ("手",), "中指": ("手",),
        "无名指": ("手",), "小指": ("手",), "手掌": ("手",), "大脚趾": ("趾",), "小脚趾": ("趾",), "脚趾头": ("趾",),
        "脚趾": ("趾",), "拇趾": ("趾",), "\u8e47趾": ("趾",), "足趾": ("趾",), "脚掌": ("足",), "脚": ("足",),
        "胳膊": ("上肢",), "手臂": ("上肢",), "小臂": ("上肢",), "前臂": ("上肢",), "上臂": ("上肢",),
        "大腿": ("下肢",), "小腿": ("下肢",), "腿": ("下肢",), "肩膀": ("上肢三大关节",),
        "肩关节": ("上肢三大关节",), "肘关节": ("肘关节", "上肢三大关节"), "腕关节": ("腕关节", "上肢三大关节"),
        "手腕": ("腕关节", "上肢三大关节"), "膝盖": ("膝关节", "下肢三大关节"),
        "膝关节": ("膝关节", "下肢三大关节"), "髋关节": ("下肢三大关节",), "脚踝": ("踝关节", "下肢三大关节"),
        "踝关节": ("踝关节", "下肢三大关节"),
        # the rest
        "脊椎": ("脊柱",), "脖子": ("颈",), "植物人": ("植物状态",), "痴呆": ("智力",),
        "智障": ("智力",), "脑子": ("颅脑",), "脑外伤": ("颅脑",), "头骨": ("颅骨",), "脸上": ("面部",),
        "脸部": ("面部",), "脸": ("面部",), "鼻子": ("鼻",), "门牙": ("牙齿",), "牙齿": ("牙齿",), "牙": ("牙齿",),
        "舌头": ("舌",), "切脾": ("脾切除",),
        "下巴": ("下颌",), "张不开嘴": ("张口困难",), "张嘴": ("张口困难",), "说不出话": ("语言功能",),
        "失语": ("语言功能",), "哑": ("语言功能",), "肋条": ("肋骨",), "脾脏": ("脾",), "肝脏": ("肝",),
        "肾脏": ("肾",), "腰子": ("肾",), "胰腺": ("胰",), "肺部": ("肺",), "肠子": ("肠",),
        "大肠": ("结肠",), "咽不下": ("吞咽",), "漏脑脊液": ("脑脊液",),
        "两只": ("双",), "两个": ("双", "两"), "两根": ("双", "两"),
        "两边": ("双侧",), "一只": ("一",), "一边": ("一侧",), "单侧": ("一侧", "单侧"), "单眼": ("一眼",),
        "单耳": ("一耳",), "单手": ("手",), "≥": ("大于等于",), "≤": ("小于等于",),
    }
)  # fmt: skip
"""What people say, and what the standard says for it: any of these. A word of the standard may hold its own ground."""
_UNSAID = ("左侧", "右侧", "左", "右", "受伤", "被", "了", "的", "掉", "只", "根", "颗", "个", "我", "把")
"""Words that no item has, or that tell nothing: an item speaks of one side, never of which."""
_SAYINGS = re.compile("|".join(re.escape(word) for word in sorted(_MEANT, key=len, reverse=True)))
_FILLERS = re.compile("|".join(_UNSAID))
_BREAK = re.compile(r"[^0-9a-z\u4e00-\u9fff%°/.≥≤]+")
_CODE = re.compile(r"[1-8](\.[1-9](-[0-9]{1,2})?)?")
_NUMERALS = {numeral: number for number, numeral in enumerate("一二三四五六七八九十", 1)}
_GRADE = re.compile(r"(?:伤残)?(10|[6-9]|[一二三四五六七八九十])级(?:伤残)?")
"""A grade that somebody searches for. Figures below 6 are grades of sight or muscles in the items' own text."""


class _Text(NamedTuple):
    """What is looked through: the item's own words count more than those of its parts, clause and chapter."""

    own: str
    around: str


class ItemFinder:
    """Searches one table; what it looks through is made once."""

    def __init__(self, table: DisabilityTable) -> None:
        self._table = table
        self._texts = [self._text(item) for item in table.items]

    def find(
        self, query: str, *, grade: int | None = None, part: str | None = None, limit: int = 20
    ) -> list[DisabilityItem]:
        """Give the items that fit best, the best first; all of them, in their order, for no words.

        `query`: a code (`7.5-16`, `7.5`) or words, in any order and width. `grade` and `part` narrow it down; a
        part finds also the items of what it covers and of what covers it. `limit` is at most `MAX_FOUND`.
        Raises DisabilityPartUnknownError.
        """
        plain = unicodedata.normalize("NFKC", query).casefold().strip()
        if _CODE.fullmatch(plain):
            found = [item for item in self._table.items if item.code.startswith(plain)]
            return [item for item in found if self._is_asked(item, grade, part)][: min(limit, MAX_FOUND)]
        plain = _BREAK.sub(" ", plain)
        if asked := _GRADE.search(plain):
            grade = grade or _NUMERALS.get(asked[1]) or int(asked[1])
            plain = plain.replace(asked[0], " ")
        terms = list(_terms(plain))
        ranked = []
        for place, (item, text) in enumerate(zip(self._table.items, self._texts, strict=True)):
            if self._is_asked(item, grade, part):
                fits = [max(_fit(text, word) for word in term) for term in terms]
                ranked.append((-sum(fit > 0 for fit in fits), -sum(fits), len(text.own) * bool(terms), place))
        best = min((one[0] for one in ranked), default=0)
        if -best * 2 < len(terms):
            return []
        kept = sorted(one for one in ranked if one[0] == best)
        return [self._table.items[place] for *_, place in kept[: min(limit, MAX_FOUND)]]

    def _is_asked(self, item: DisabilityItem, grade: int | None, part: str | None) -> bool:
        if grade is not None and item.grade != grade:
            return False
        return part is None or any(self._table.within(part) & self._table.within(own) for own in item.parts)

    def _text(self, item: DisabilityItem) -> _Text:
        parts = [self._table.part(code).name_zh for code in item.parts]
        around = (*parts, self._table.clause_name(item), self._table.chapter_name(item))
        return _Text(_joined(item.text_zh), _joined(" ".join(around)))


@cache
def _finder() -> ItemFinder:
    return ItemFinder(disability_table())


def find_items(
    query: str, *, grade: int | None = None, part: str | None = None, limit: int = 20
) -> list[DisabilityItem]:
    """Search the edition that our terms name, see `ItemFinder.find`. Raises DisabilityPartUnknownError."""
    return _finder().find(query, grade=grade, part=part, limit=limit)


def _joined(words: str) -> str:
    """Full-width forms become narrow, capitals small; blanks and punctuation go."""
    return _BREAK.sub("", unicodedata.normalize("NFKC", words).casefold())


def _terms(plain: str) -> Iterator[tuple[str, ...]]:
    """Cut a query into terms; each is what the standard may call it."""
    place = 0
    for saying in _SAYINGS.finditer(plain):
        yield from _rest(plain[place : saying.start()])
        yield _MEANT[saying[0]]
        place = saying.end()
    yield from _rest(plain[place:])


def _rest(plain: str) -> Iterator[tuple[str, ...]]:
    for word in _FILLERS.sub(" ", plain).split():
        yield (word, str(_NUMERALS[word])) if word in _NUMERALS else (word,)


def _fit(text: _Text, word: str) -> float:
    """1 for the whole word in the item's own text, less for its surroundings or for most of its pairs."""
    if word in text.own:
        return 1.0
    if word in text.around:
        return 0.5
    pairs = [word[place : place + 2] for place in range(len(word) - 1)]
    share = sum(pair in text.own or pair in text.around for pair in pairs) / (len(pairs) or 1)
    return share / 2 if share >= 0.5 else 0.0
