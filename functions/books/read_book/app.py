"""GET /v1/staff/book/{day}: what the insurer covered on one day, by occupation class and plan."""

from datetime import date
from typing import Any

from daycover.api.books.staff import BookView
from daycover.api.duties import guarded_api
from daycover.platform.replies import Reply, reply
from daycover.wiring.books import books

api = guarded_api()


@api.get("/v1/staff/book/<day>")
def read_book(day: date) -> Reply[BookView]:
    """Read what the insurer covered on one day, by occupation class and plan."""
    return reply(200, BookView.of(books().read_figures.book(day)))


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return api.resolve(event, context)
