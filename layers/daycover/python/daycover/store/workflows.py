"""Step Functions: start an execution under its business name, end a wait by its token."""

import json
from collections.abc import Mapping

from daycover.claims.steps import Answer
from daycover.store.aws import AwsClient, AwsError

OVER = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}
"""Nobody waits on this token any more; the step was reminded, answered before, or the execution ended."""


class StepFunctionsWorkflows:
    """Implements `claims.steps.Workflows`."""

    def __init__(self, client: AwsClient, claim_to_payout_arn: str, payout_arn: str) -> None:
        self._client = client
        self._claim_to_payout_arn = claim_to_payout_arn
        self._payout_arn = payout_arn

    def start_claim(self, claim_no: str, reopening: int = 0) -> None:
        """Call: StartExecution, name = claim number, then `-R<n>` after a reopening."""
        name = f"{claim_no}-R{reopening}" if reopening else claim_no
        self._start(self._claim_to_payout_arn, name, {"claim_no": claim_no})

    def start_payout(
        self, claim_no: str, name: str, *, obligation: int | None = None, advance: int | None = None
    ) -> str:
        """Call: StartExecution on Payout; gives the ARN of the execution, old or new."""
        of_what = {"obligation": obligation, "advance": advance}
        given = {"claim_no": claim_no} | {key: value for key, value in of_what.items() if value is not None}
        return self._start(self._payout_arn, name, given)

    def answer(self, token: str, output: Answer) -> bool:
        """Call: SendTaskSuccess. The token stays out of every log line and error."""
        try:
            self._client.call("SendTaskSuccess", taskToken=token, output=json.dumps(dict(output)))
            return True
        except AwsError as error:
            if error.code not in OVER:
                raise
            return False

    def _start(self, machine: str, name: str, given: Mapping[str, str | int]) -> str:
        execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        try:
            self._client.call("StartExecution", stateMachineArn=machine, name=name, input=json.dumps(given))
        except AwsError as error:
            if error.code != "ExecutionAlreadyExists":
                raise
        return execution
