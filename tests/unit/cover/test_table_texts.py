"""Texts and codes of tables that staff load: what people will read can be printed, what they choose has its form."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import daycover
from daycover.api.cover.tables import CalendarBody, OccupationsBody, PlansBody
from daycover.platform.routes import ContentError, Route

PACKAGE = Path(daycover.__file__).parent
TABLES: dict[type[BaseModel], str] = {
    OccupationsBody: "cover/tables/occupations.2026-11.json",
    PlansBody: "cover/tables/plans.2026-11.json",
    CalendarBody: "claims/tables/calendar.2026.json",
}


def content(body: type[BaseModel]) -> Any:
    return json.loads((PACKAGE / TABLES[body]).read_text(encoding="utf-8"))


def read(body: type[BaseModel], value: Any) -> Any:
    def propose(body: BaseModel) -> Any: ...

    propose.__annotations__["body"] = body
    return Route("POST", "/tables", propose).arguments({}, {}, lambda: value)["body"]


@pytest.mark.parametrize("body", TABLES)
def test_table_is_taken_as_it_stands_when_it_is_the_packaged_one(body: type[BaseModel]) -> None:
    assert read(body, content(body)).version == content(body)["version"]


@pytest.mark.parametrize(
    "text",
    [
        "装卸\x07工",
        "装卸\u202e工",
        "装卸\ufffe工",
        "装卸\ud800工",
        "装卸\n工",
        " 装卸工",
        "装卸\u200b工",
        "  ",
        "\u3164",
        "Cafe\u0301",
    ],
)
@pytest.mark.parametrize(
    ("body", "put", "place"),
    [
        (
            OccupationsBody,
            lambda table, text: table["occupations"][3].update(name_zh=text),
            ("body", "occupations", 3, "name_zh"),
        ),
        (
            OccupationsBody,
            lambda table, text: table["occupations"][3]["aliases"].insert(1, text),
            ("body", "occupations", 3, "aliases", 1),
        ),
        (
            OccupationsBody,
            lambda table, text: table["clauses"][0].update(text_en=text),
            ("body", "clauses", 0, "text_en"),
        ),
        (
            OccupationsBody,
            lambda table, text: table["unlisted"].update(reason_zh=text),
            ("body", "unlisted", "reason_zh"),
        ),
        (CalendarBody, lambda table, text: table.update(source=text), ("body", "source")),
    ],
)
def test_table_is_refused_at_its_row_when_a_text_cannot_be_printed(
    body: type[BaseModel], put: Callable[[Any, str], None], place: tuple[Any, ...], text: str
) -> None:
    table = content(body)
    put(table, text)
    with pytest.raises(ContentError) as refused:
        read(body, table)
    assert [one["loc"] for one in refused.value.errors] == [place]
    assert text not in json.dumps(refused.value.errors, default=str, ensure_ascii=False)


@pytest.mark.parametrize("code", ["", "loader", "ＬＯＡＤＥＲ", "A B", "A-1", "A\u0661", "A" * 41])
def test_table_is_refused_when_a_code_could_never_be_chosen(code: str) -> None:
    table = content(OccupationsBody)
    table["occupations"][3]["code"] = code
    with pytest.raises(ContentError) as refused:
        read(OccupationsBody, table)
    assert [one["loc"] for one in refused.value.errors] == [("body", "occupations", 3, "code")]


def test_table_is_refused_when_a_row_has_no_name() -> None:
    table = content(OccupationsBody)
    table["occupations"][3]["name_zh"] = ""
    with pytest.raises(ContentError):
        read(OccupationsBody, table)
