"""POST /v1/wechat/transfer-notices: WeChat says that a transfer ended. Checked, kept, and not believed:
the workflow that it wakes asks WeChat for the result."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from daycover.api.transfer_notices import notice_api
from daycover.platform.http import raw_body
from daycover.wiring.payouts import payouts

api = notice_api()


@api.post("/v1/wechat/transfer-notices")
def receive_transfer_notice() -> Response[Any]:
    event = api.current_event.raw_event
    payouts().receive_transfer_notice(event["headers"], raw_body(event))
    return Response(204, body="")  # null would do for API Gateway, the local engine wants a text


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
