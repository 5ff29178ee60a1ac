"""The insurer hears of a policy by itself, by name, and can check who it insures."""

import pytest

from tests.support.waiting import eventually
from tests.support.world import World

pytestmark = pytest.mark.stack


def test_insurer_takes_a_policy_by_name_when_it_was_just_issued(world: World) -> None:
    worker, policy = world.insured_worker()
    row_id = f"{policy['policy_no']}-ISSUED"
    rows = eventually(
        # in the cloud a batch of the archive waits for a minute
        world.simulated.insurer_rows,
        lambda rows: row_id in rows,
        "the insurer was told of it",
        seconds=120,
    )
    known = rows[row_id]
    assert (known["state"], known["reason"]) == ("ACKNOWLEDGED", None), "it opens, and its number can exist"
    cover = known["row"]["cover"]
    assert cover["insured"].count(".") == 4
    for clear in (worker.person.name, worker.person.id_number):
        assert clear not in str(known)
