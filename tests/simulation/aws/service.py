"""What the services have in common: one way in, and what they can't do raises NotImplementedError."""

import inspect
import json
from typing import Any, ClassVar

from daycover.store.aws import AwsError


class Service:
    """A JSON service of AWS: each public method with AWS's own name is an operation, its parameters are AWS's."""

    _operations: ClassVar[dict[str, tuple[frozenset[str], frozenset[str]]]] = {}
    """By name: the parameters that it must have, and all that it may have."""

    def __init_subclass__(cls) -> None:
        operations = dict(cls._operations)
        for name, method in vars(cls).items():
            if name[0].isupper() and inspect.isfunction(method):
                said = [one for one in inspect.signature(method).parameters.values() if one.name != "self"]
                must = frozenset(one.name for one in said if one.default is inspect.Parameter.empty)
                operations[name] = (must, frozenset(one.name for one in said))
        cls._operations = operations

    def call(self, operation: str, **request: Any) -> Any:
        """Answer as `AwsClient.call` does, in wire form. Raises AwsError, NotImplementedError."""
        if operation not in self._operations:
            raise NotImplementedError(f"{type(self).__name__}.{operation}")
        must, may = self._operations[operation]
        if unknown := request.keys() - may:
            raise NotImplementedError(f"{type(self).__name__}.{operation}: {sorted(unknown)}")
        if must - request.keys():
            raise refusal("ValidationException", operation)
        # what is sent is text: nothing that the caller changes later changes here
        return getattr(self, operation)(**json.loads(json.dumps(request)))


def refusal(code: str, operation: str, status: int = 400) -> AwsError:
    """An error of the service itself; the request was wrong or came at a wrong time."""
    return AwsError(code, status, operation=operation, request_id="simulated")
