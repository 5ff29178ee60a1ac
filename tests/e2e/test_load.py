"""More people at once than the gateway takes: all are told when to come again, and each is insured once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.performance.crowd import BROKEN, TAKEN, Crowd, gateway_limit, is_whole
from tests.support.world import World

pytestmark = pytest.mark.stack
AT_ONCE = 4
RATE = 4.0


def test_burst_of_three_times_the_limit_is_refused_cleanly_and_loses_nobody(world: World) -> None:
    crowd = Crowd.of(world, headcount=100)
    people = crowd.gather(3 * AT_ONCE)
    with gateway_limit(world.stack, RATE, AT_ONCE), ThreadPoolExecutor(len(people)) as threads:
        list(threads.map(crowd.walk, people))
    assert crowd.heard.unclean == []
    assert crowd.heard.kinds["429 too-many-requests"], "nobody met the limit"
    assert {kind[:3] for kind in crowd.heard.kinds if kind not in (TAKEN, BROKEN)} <= {"429", "503"}
    counts = crowd.lost_and_twice()
    assert counts["people"] == len(people)
    assert is_whole(counts), counts
