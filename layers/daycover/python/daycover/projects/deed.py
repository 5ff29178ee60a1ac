"""The trail of what people ask for in a company's name (操作记录)."""

from datetime import datetime
from typing import Protocol

from pydantic import BaseModel


class Deed(BaseModel, frozen=True, defer_build=True):
    """Something that somebody asked for in a company's name (操作记录), noted before it was done.

    `operation` is the route's function, `about` the ids in its path. What came of it stands in what it is about.
    """

    company_id: str
    request_id: str
    at: datetime
    role: str
    subject: str
    provider_id: str | None = None
    operation: str
    about: dict[str, str]


class Deeds(Protocol):
    """The trail of a company, append-only."""

    def add(self, deed: Deed) -> None:
        """Keep a deed; the same request twice is one."""
        ...

    def list_page(self, company_id: str, token: str | None, limit: int) -> tuple[list[Deed], str | None]:
        """The newest first. Raises PageTokenError."""
        ...
