"""POST /v1/insurer/answers: the insurer's late answers to rows. Signed by the insurer, safe to repeat."""

from typing import Any

from daycover.api.reporting.insurer import answers_api
from daycover.platform.content import raw_body
from daycover.platform.observability import logger
from daycover.platform.replies import Reply, no_content
from daycover.wiring.reporting import reporting

api = answers_api()


@api.post("/v1/insurer/answers")
def receive_insurer_answers() -> Reply[Any]:
    """Take the insurer's signed late answers to rows; refusals are `{"code"}`.

    See insurer.md.
    """
    event = api.event
    taken = reporting().receive_answers(event["headers"] or {}, raw_body(event))
    logger.info("late answers taken", acknowledged=taken.acknowledged, rejected=taken.rejected)
    return no_content()


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
