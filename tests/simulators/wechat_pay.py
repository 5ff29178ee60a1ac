"""Simulator of the WeChat Pay API v3 host: work card (payroll-card), merchant transfer, callbacks."""

import secrets
from collections.abc import Sequence

from tests.simulators.credentials import Credentials
from tests.simulators.faults import Fault
from tests.simulators.fields import Fields, parameter_error
from tests.simulators.fund_flow import BILL_DOWNLOAD, FUND_FLOW_BILL, PACKED, Flow, FundFlow
from tests.simulators.http_server import (
    Answer,
    Handler,
    JsonObject,
    Request,
    SimulatedError,
    SimulatorServer,
    json_answer,
)
from tests.simulators.notices import SCALED_RETRY_SECONDS, Notices
from tests.simulators.payroll_card import PayrollCard
from tests.simulators.people import Company, People, Person
from tests.simulators.signing import signature_headers, verify_request
from tests.simulators.transfers import SLOW, Bill, Transfers, describe_in_notice

PAYROLL_CARD = "/v3/payroll-card"
TRANSFER_BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
BILL_FINISHED = "MCHTRANSFER.BILL.FINISHED"

DEFAULT_BALANCE_FEN = 1_000_000_000
SINGLE_LIMIT_FEN = 2_000_000
"""20,000 yuan to one user: the older published default; the ceiling of scene 1004 is set per merchant."""

SETTLE_SECONDS = 0.2


class WeChatPayServer(SimulatorServer):
    """The host, its people and its account."""

    name = "wechat_pay"

    def __init__(
        self,
        credentials: Credentials,
        port: int = 0,
        *,
        people: People | None = None,
        balance_fen: int = DEFAULT_BALANCE_FEN,
        single_limit_fen: int = SINGLE_LIMIT_FEN,
        settle_seconds: float = SETTLE_SECONDS,
        retry_seconds: Sequence[float] = SCALED_RETRY_SECONDS,
    ) -> None:
        super().__init__(port)
        self.credentials = credentials
        self.people = people if people is not None else People()
        self.notices = Notices(credentials, self.clock, self.faults, self.background, retry_seconds)
        self.payroll_card = PayrollCard(credentials, self.people, self.clock)
        self.fund_flow = FundFlow(self.clock, credentials.mchid)
        self.transfers = Transfers(
            credentials,
            self.people,
            self.clock,
            finished=self._notify_finished,
            paid=self._book_flow,
            later=lambda step: self.background.after(settle_seconds, step),
            balance_fen=balance_fen,
            single_limit_fen=single_limit_fen,
        )
        for method, template, handler in self._interface() + self._control():
            self.add_route(method, template, handler)

    # What every request and answer carries

    def guard(self, request: Request) -> None:
        """Check headers and signature ("构造请求签名")."""
        accepted = request.header("accept")
        if not request.header("user-agent") or not ("application/json" in accepted or "*/*" in accepted):
            raise SimulatedError(400, "PARAM_ERROR", "Http头缺少Accept或User-Agent")
        verify_request(request, self.credentials)
        serial = request.header("wechatpay-serial")
        if serial and serial != self.credentials.public_key_id:
            raise parameter_error("Wechatpay-Serial", "is not a known key", "header")

    def error_answer(self, error: SimulatedError) -> Answer:
        body = {"code": error.code, "message": error.message, "detail": error.detail}
        return json_answer(body, error.status)

    def finish(self, answer: Answer, fault: Fault | None) -> Answer:
        """Sign the answer ("验证签名"), unless a fault says otherwise."""
        answer.headers["Request-ID"] = secrets.token_hex(16).upper()
        kind = fault.kind if fault is not None else None
        if kind != "unsigned" and answer.content_type != PACKED:
            probe = kind == "signtest"
            answer.headers.update(signature_headers(self.credentials, answer.body, probe=probe))
        return answer

    def clock_shifted(self) -> None:
        self.transfers.close_overdue()

    # The interface

    def _interface(self) -> list[tuple[str, str, Handler]]:
        authentications = f"{PAYROLL_CARD}/authentications"
        return [
            ("POST", f"{PAYROLL_CARD}/tokens", self._create_token),
            ("GET", PAYROLL_CARD + "/relations/{openid}", self._describe_relation),
            ("POST", f"{authentications}/pre-order", self._pre_order),
            ("POST", f"{authentications}/pre-order-with-auth", self._pre_order_with_auth),
            ("GET", authentications, self._list_authentications),
            ("GET", authentications + "/{authenticate_number}", self._get_authentication),
            ("POST", TRANSFER_BILLS, self._create_bill),
            ("GET", TRANSFER_BILLS + "/out-bill-no/{out_bill_no}", self._query_by_out_bill_no),
            ("GET", TRANSFER_BILLS + "/transfer-bill-no/{transfer_bill_no}", self._query_by_transfer_bill_no),
            ("POST", TRANSFER_BILLS + "/out-bill-no/{out_bill_no}/cancel", self._cancel_bill),
            ("GET", FUND_FLOW_BILL, self._apply_for_bill),
            ("GET", BILL_DOWNLOAD, self._download_bill),
        ]

    def _create_token(self, request: Request) -> Answer:
        _require_key_header(request)
        return json_answer(self.payroll_card.create_token(Fields.of_body(request)))

    def _describe_relation(self, request: Request) -> Answer:
        openid = request.parameters["openid"]
        return json_answer(self.payroll_card.describe_relation(openid, Fields.of_query(request)))

    def _pre_order(self, request: Request) -> Answer:
        return json_answer(self.payroll_card.pre_order(Fields.of_body(request), with_authorisation=False))

    def _pre_order_with_auth(self, request: Request) -> Answer:
        _require_key_header(request)
        return json_answer(self.payroll_card.pre_order(Fields.of_body(request), with_authorisation=True))

    def _list_authentications(self, request: Request) -> Answer:
        return json_answer(self.payroll_card.list_authentications(Fields.of_query(request)))

    def _get_authentication(self, request: Request) -> Answer:
        number = request.parameters["authenticate_number"]
        return json_answer(self.payroll_card.get_authentication(number, Fields.of_query(request)))

    def _create_bill(self, request: Request) -> Answer:
        fields = Fields.of_body(request)
        if fields.has("user_name"):
            _require_key_header(request)
        return json_answer(self.transfers.create(fields))

    def _query_by_out_bill_no(self, request: Request) -> Answer:
        return json_answer(self.transfers.query_by_out_bill_no(request.parameters["out_bill_no"]))

    def _query_by_transfer_bill_no(self, request: Request) -> Answer:
        return json_answer(self.transfers.query_by_transfer_bill_no(request.parameters["transfer_bill_no"]))

    def _cancel_bill(self, request: Request) -> Answer:
        return json_answer(self.transfers.cancel(request.parameters["out_bill_no"]))

    def _apply_for_bill(self, request: Request) -> Answer:
        return json_answer(self.fund_flow.apply(request.query, self.base_url))

    def _download_bill(self, request: Request) -> Answer:
        return self.fund_flow.download(request.query.get("token", ""))

    def _book_flow(self, bill: Bill) -> None:
        order = bill.order
        flow = Flow(bill.updated_at, bill.transfer_bill_no, order.out_bill_no, order.transfer_amount)
        self.fund_flow.book(flow)

    def _notify_finished(self, bill: Bill) -> None:
        if bill.order.notify_url is not None:
            plaintext = describe_in_notice(bill, self.credentials.mchid)
            self.notices.send(bill.order.notify_url, BILL_FINISHED, plaintext, cause_path=TRANSFER_BILLS)

    # The control plane

    def _control(self) -> list[tuple[str, str, Handler]]:
        return [
            ("POST", "/_sim/people", self._seed_people),
            ("POST", "/_sim/companies", self._seed_companies),
            ("POST", "/_sim/authentications/{authenticate_number}/face", self._show_face),
            ("POST", "/_sim/pre-orders/duplicates", self._set_duplicates),
            ("GET", "/_sim/pre-orders/{openid}", self._count_pre_orders),
            ("POST", "/_sim/authorisations", self._authorise),
            ("POST", "/_sim/authorisations/withdraw", self._withdraw_authorisation),
            ("POST", "/_sim/transfers/refuse", self._refuse_orders),
            ("POST", "/_sim/transfers/slow", self._slow_down),
            ("POST", "/_sim/transfers/{out_bill_no}/confirm", self._confirm_bill),
            ("POST", "/_sim/transfers/{out_bill_no}/fail", self._fail_bill),
            ("POST", "/_sim/balance", self._set_balance),
            ("POST", "/_sim/fund-flow", self._stray_flow),
            ("POST", "/_sim/fund-flow/{out_bill_no}/omit", self._omit_flow),
            ("GET", "/_sim/ledger", self._ledger),
            ("GET", "/_sim/notices", self._list_notices),
        ]

    def _seed_people(self, request: Request) -> Answer:
        people = [
            Person(str(entry["openid"]), str(entry["name"]), str(entry["id_number"]))
            for entry in _object_list(request)
        ]
        for person in people:
            self.people.seed_person(person)
        return json_answer({"people": len(people)})

    def _seed_companies(self, request: Request) -> Answer:
        companies = [
            Company(
                str(entry["sub_mchid"]),
                bool(entry.get("authorised", True)),
                frozenset(str(appid) for appid in entry.get("sub_appids", ())),
            )
            for entry in _object_list(request)
        ]
        for company in companies:
            self.people.seed_company(company)
        return json_answer({"companies": len(companies)})

    def _show_face(self, request: Request) -> Answer:
        body = request.json_object()
        if body.get("result") not in ("success", "failed"):
            raise SimulatedError(400, "PARAM_ERROR", "result must be success or failed")
        return json_answer(
            self.payroll_card.show_face(
                request.parameters["authenticate_number"],
                recognised=body["result"] == "success",
                press_done=bool(body.get("press_done", True)),
            )
        )

    def _set_duplicates(self, request: Request) -> Answer:
        body = request.json_object()
        self.payroll_card.set_duplicates(str(body["answer"]))
        return json_answer(body)

    def _count_pre_orders(self, request: Request) -> Answer:
        return json_answer(self.payroll_card.count_pre_orders(request.parameters["openid"]))

    def _authorise(self, request: Request) -> Answer:
        body = request.json_object()
        press_done = bool(body.get("press_done", True))
        return json_answer(self.payroll_card.authorise(str(body["token"]), press_done=press_done))

    def _withdraw_authorisation(self, request: Request) -> Answer:
        body = request.json_object()
        self.payroll_card.deauthorise(str(body["openid"]), str(body["sub_mchid"]))
        return json_answer({"authorize_state": "DEAUTHORIZED"})

    def _refuse_orders(self, request: Request) -> Answer:
        body = request.json_object()
        self.transfers.refuse_next(str(body["code"]), int(body.get("times", 1)))
        return json_answer(body)

    def _slow_down(self, request: Request) -> Answer:
        body = request.json_object()
        self.transfers.slow_down(int(body["bills"]), [str(state) for state in body.get("states", SLOW)])
        return json_answer(body)

    def _confirm_bill(self, request: Request) -> Answer:
        package_info = request.json_object().get("package_info")
        return json_answer(self.transfers.confirm(request.parameters["out_bill_no"], package_info))

    def _fail_bill(self, request: Request) -> Answer:
        reason = str(request.json_object().get("fail_reason", "OTHER_FAIL_REASON_TYPE"))
        return json_answer(self.transfers.fail(request.parameters["out_bill_no"], reason))

    def _set_balance(self, request: Request) -> Answer:
        self.transfers.set_balance(int(request.json_object()["balance_fen"]))
        return self._ledger(request)

    def _stray_flow(self, request: Request) -> Answer:
        """Move money that no transfer of the interface moved."""
        body = request.json_object()
        name = str(body.get("name", "商家转账"))
        flow = Flow(
            self.clock.now(),
            "1330000STRAY",
            str(body["out_bill_no"]),
            int(body["amount_fen"]),
            bool(body.get("is_out", True)),
            name,
        )
        self.fund_flow.book(flow)
        return json_answer({"booked": flow.voucher_no})

    def _omit_flow(self, request: Request) -> Answer:
        self.fund_flow.omit(request.parameters["out_bill_no"])
        return json_answer({"omitted": request.parameters["out_bill_no"]})

    def _ledger(self, _request: Request) -> Answer:
        return json_answer(self.transfers.ledger())

    def _list_notices(self, _request: Request) -> Answer:
        return json_answer(
            [
                {
                    "id": delivery.notice_id,
                    "event_type": delivery.event_type,
                    "url": delivery.url,
                    "probe": delivery.probe,
                    "status": delivery.status,
                }
                for delivery in self.notices.list_deliveries()
            ]
        )


def _require_key_header(request: Request) -> None:
    if not request.header("wechatpay-serial"):
        raise parameter_error("Wechatpay-Serial", "is required with encrypted fields", "header")


def _object_list(request: Request) -> list[JsonObject]:
    entries = request.json()
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SimulatedError(400, "PARAM_ERROR", "a list of objects is expected")
    return entries
