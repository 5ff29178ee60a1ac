"""Checks on the fields of a WeChat Pay request; every refusal is 400 PARAM_ERROR with `detail`."""

import re
from collections.abc import Collection
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.simulators.http_server import JsonObject, Request, SimulatedError
from tests.simulators.signing import UnreadableFieldError, open_field


def parameter_error(field: str, issue: str, location: str = "body") -> SimulatedError:
    """Refuse one field; the value is not echoed, it may be personal."""
    detail = {"field": field, "issue": issue, "location": location}
    return SimulatedError(400, "PARAM_ERROR", f"参数错误: {field} {issue}", detail)


class Fields:
    """The fields of a JSON body or of a query string."""

    def __init__(self, values: JsonObject, location: str = "body") -> None:
        self._values = values
        self._location = location

    @classmethod
    def of_body(cls, request: Request) -> "Fields":
        """Read the body; refuse what is not a JSON object."""
        if request.header("content-type").partition(";")[0].strip().lower() != "application/json":
            raise parameter_error("Content-Type", "must be application/json", "header")
        try:
            return cls(request.json_object())
        except ValueError as error:
            raise parameter_error("/", "body is not a JSON object") from error

    @classmethod
    def of_query(cls, request: Request) -> "Fields":
        """Read the query string."""
        return cls(dict(request.query), "query")

    def refuse(self, name: str, issue: str) -> SimulatedError:
        """Return the refusal of one of these fields."""
        return parameter_error(f"/{name}" if self._location == "body" else name, issue, self._location)

    def has(self, name: str) -> bool:
        """Tell whether the field was sent with a value."""
        return self._values.get(name) not in (None, "")

    def text(self, name: str, longest: int, pattern: str | None = None) -> str:
        """Return a required string of 1 to `longest` characters."""
        value = self._values.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= longest:
            raise self.refuse(name, f"must be a string of 1 to {longest} characters")
        if pattern is not None and re.fullmatch(pattern, value) is None:
            raise self.refuse(name, f"must match {pattern}")
        return value

    def optional_text(self, name: str, longest: int) -> str | None:
        """Return a string, or None when it was not sent."""
        return self.text(name, longest) if self.has(name) else None

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """Return a required value of an enum."""
        value = self._values.get(name)
        if not isinstance(value, str) or value not in allowed:
            raise self.refuse(name, f"must be one of {', '.join(sorted(allowed))}")
        return value

    def integer(self, name: str) -> int:
        """Return a required JSON integer."""
        value = self._values.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refuse(name, "must be an integer")
        return value

    def count(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Return an optional whole number of a query string."""
        text = str(self._values.get(name, default))
        if not text.isdigit() or not lowest <= int(text) <= highest:
            raise self.refuse(name, f"must be {lowest} to {highest}")
        return int(text)

    def objects(self, name: str) -> list[JsonObject]:
        """Return a required list of objects."""
        value = self._values.get(name)
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.refuse(name, "must be a list of objects")
        return value

    def object(self, name: str) -> JsonObject | None:
        """Return an object, or None when it was not sent."""
        value: Any = self._values.get(name)
        if value is not None and not isinstance(value, dict):
            raise self.refuse(name, "must be an object")
        return value

    def sealed(self, name: str, longest: int, key: RSAPrivateKey) -> str:
        """Decrypt a required sensitive field."""
        try:
            return open_field(key, self.text(name, longest))
        except UnreadableFieldError as error:
            raise self.refuse(name, "must be encrypted with the key named in Wechatpay-Serial") from error
