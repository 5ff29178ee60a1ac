"""The base of every error that is part of the product's contract, and what such an error says of itself.

A caller meets an error as a problem document. Its class holds all that the document and `docs/problems.md` say:
`kind`, `title` and `detail` for the caller; the docstring for the reader, meaning first, then what to do, in both
languages. `platform/problems.py` gives the status of a kind, `make problems` writes the page.
"""

from enum import Enum, auto
from typing import ClassVar

Bilingual = tuple[str, str]
"""One text in Chinese and in English. `{…}` are facts that the error carries."""


class ErrorKind(Enum):
    """What went wrong, as far as the caller's next step depends on it."""

    MALFORMED = auto()
    UNAUTHENTICATED = auto()
    FORBIDDEN = auto()
    NOT_FOUND = auto()
    METHOD_NOT_ALLOWED = auto()
    CONFLICT = auto()
    GONE = auto()
    TOO_LARGE = auto()
    UNSUPPORTED = auto()
    INVALID = auto()
    TOO_MANY = auto()
    INTERNAL = auto()
    UNAVAILABLE = auto()


class DaycoverError(Exception):
    """A named refusal or failure; the class name is API (problem types, `Retry` and `Catch` use it).

    `facts` are the values a caller may see in the problem document: what we know, never what the request said,
    and never personal data. Without a `kind` no caller meets the error under its own name. `retry_after` in
    seconds, for 429 and 503 only; an error that knows better says so itself (`told`). `counted_as` is the metric
    of what a person of ours must mend: each answer counts, and its log line has the stack.
    """

    kind: ClassVar[ErrorKind | None] = None
    title: ClassVar[Bilingual] = ("", "")
    detail: ClassVar[Bilingual] = ("", "")
    retry_after: int | None = None
    counted_as: ClassVar[str | None] = None

    def __init__(self, *, retry_after: int | None = None, **facts: object) -> None:
        super().__init__(type(self).__name__)
        self.facts = facts
        if retry_after is not None:
            self.retry_after = retry_after

    @property
    def told(self) -> bool:
        """Whether `retry_after` is of this error, not of its class."""
        return "retry_after" in vars(self)


class ConcurrentChangeError(DaycoverError):
    """Somebody else changed the same thing a moment ago.

    What to do: Read it again, then repeat the operation.
    含义:同一内容刚刚被别人修改。
    处理:重新读取,确认后再操作。
    """

    kind = ErrorKind.CONFLICT
    title = "内容刚刚被修改", "It was changed in the meantime"
    detail = "请重新读取后再操作。", "Read it again, then repeat the operation."
