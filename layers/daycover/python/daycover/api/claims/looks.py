"""Who looked at a claim's health data, for auditors."""

from collections.abc import Iterable
from datetime import datetime

from daycover.claims.looks import LegalGround, Look, LookedAt
from daycover.platform.http import View

LegalGroundName = LegalGround


class LookView(View):
    at: datetime
    by: str
    duties: tuple[str, ...]
    what: LookedAt
    document_id: str | None
    ground: LegalGround | None
    request_id: str


class LooksView(View):
    """Newest first."""

    looks: list[LookView]

    @classmethod
    def of(cls, looks: Iterable[Look]) -> "LooksView":
        return cls(looks=[LookView(**look.model_dump(exclude={"number"})) for look in looks])
