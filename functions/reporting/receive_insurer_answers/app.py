"""POST /v1/insurer/answers: the insurer's late answers to rows. Signed by the insurer, safe to repeat."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.api.insurer import answers_api
from daycover.platform.http import raw_body
from daycover.platform.observability import logger
from daycover.wiring.reporting import reporting

api = answers_api()


@api.post("/v1/insurer/answers")
def receive_insurer_answers() -> Response[Any]:
    event = api.current_event.raw_event
    taken = reporting().receive_answers(event["headers"], raw_body(event))
    logger.info("late answers taken", acknowledged=taken.acknowledged, rejected=taken.rejected)
    return Response(204, body="")  # null would do for API Gateway, the local engine wants a text


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
