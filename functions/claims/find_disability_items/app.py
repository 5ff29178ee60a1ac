"""GET /v1/staff/disability-items: items of the disability scale by code or by what people call an injury."""

from typing import Any

from daycover.api.claims.disability import AskedGrade, AskedPart, DisabilityItemsView, ItemQuery
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply

api = guarded_api()


@api.get("/v1/staff/disability-items")
def find_disability_items(
    q: ItemQuery = "", grade: AskedGrade = None, part: AskedPart = None
) -> Reply[DisabilityItemsView]:
    """Find items of JR/T 0083-2013 (伤残条目) by code or by Chinese words in any order, the best first.

    `grade` and `part` narrow it down.
    """
    return reply(200, DisabilityItemsView.of(q, grade, part))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
