"""Bodies and answers of signing in."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from daycover.api.fields import Id, Opaque
from daycover.platform.http import Body, View

Secret = Annotated[Opaque, StringConstraints(min_length=1, max_length=4096)]


class WorkerSignIn(Body):
    login_code: Annotated[Opaque, StringConstraints(min_length=1, max_length=128)]


class WorkerSession(View):
    access_token: str
    expires_at: datetime
    worker_id: str


class ClientSignIn(Body):
    client_id: Id
    client_secret: Secret
    company_id: Id | None = None


class ClientSession(View):
    access_token: str
    expires_at: datetime


class StaffSignIn(Body):
    id_token: Annotated[str, StringConstraints(min_length=1, max_length=16_384)]
    """As its issuer wrote it; those that list groups are long."""
    nonce: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{22,128}$")]
    """Chosen at random for this sign-in (128 bits or more) and sent along to the issuer."""


class StaffSession(View):
    access_token: str
    expires_at: datetime
    roles: tuple[str, ...]
