"""The file of a day says its endorsements first, and is another file once there is another of them."""

import json
from datetime import date
from typing import Any

from daycover.reporting.rows import rows_of
from tests.support.builders import a_policy, an_endorsement
from tests.unit.reporting.insurer_world import Desk

TODAY = date(2026, 11, 24)


def sent(desk: Desk) -> tuple[int, int, list[dict[str, Any]]]:
    file, _ = desk.send_file("C1", TODAY)
    return (
        file.count,
        file.sum_fen,
        [json.loads(line) for line in desk.files.contents[file.file_id].splitlines()],
    )


def test_endorsements_of_the_day_come_first_in_their_order_and_move_no_money() -> None:
    desk = Desk()
    desk.report(rows_of(a_policy()))
    assert sent(desk)[:2] == (1, 70)
    first = an_endorsement(4, TODAY, policies=1, fewer_than_three=True)
    desk.endorsements.add(first, None)
    count, sum_fen, (row, issued) = sent(desk)
    assert (count, sum_fen) == (2, 70)
    assert (row["kind"], row["row_id"], row["amount_fen"]) == ("ENDORSEMENT", "DM-PAIC-2026-C1-000004", 0)
    assert row["endorsement"]["fewer_than_three"] is True
    assert issued["cover"]["master_no"] == "DM-PAIC-2026-C1"
    assert sent(desk) == sent(desk)
    second = an_endorsement(6, TODAY, revision=2, replaces=4, policies=1, fewer_than_three=True)
    desk.endorsements.add(second, first)
    desk.endorsements.add(an_endorsement(7, date(2026, 11, 25)), None)
    count, _, rows = sent(desk)
    assert count == 3
    assert [(row["endorsement"]["number"], row["endorsement"].get("replaces")) for row in rows[:2]] == [
        (4, None),
        (6, 4),
    ]
