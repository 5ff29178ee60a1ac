"""POST /v1/wechat/transfer-notices: WeChat says that a transfer ended. Checked, kept, and not believed:
the workflow that it wakes asks WeChat for the result."""

from typing import Any

from daycover.api.payouts.wechat import notice_api
from daycover.platform.content import raw_body
from daycover.platform.replies import Reply, no_content
from daycover.wiring.payouts import payouts

api = notice_api()


@api.post("/v1/wechat/transfer-notices")
def receive_transfer_notice() -> Reply[Any]:
    """Take WeChat's signed word that a transfer ended; refusals are `{"code","message"}`."""
    event = api.event
    payouts().receive_transfer_notice(event["headers"] or {}, raw_body(event))
    return no_content()


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
