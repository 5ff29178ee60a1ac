"""The worker (灵工): a WeChat account, and the person behind it once the work card has proved them."""

from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, Field

from daycover.errors import DaycoverError


class Worker(BaseModel, frozen=True, hide_input_in_errors=True):
    """`person_id`, name and ID number are set together, when a work-card check has confirmed them."""

    worker_id: str
    openid: str = Field(repr=False)
    created_at: datetime
    person_id: str | None = None
    name: str | None = Field(default=None, repr=False)
    id_number: str | None = Field(default=None, repr=False)
    locked_at: datetime | None = None
    """When the worker asked for erasure of data that a retention duty keeps (PIPL art. 47)."""


class Identity(BaseModel, frozen=True, hide_input_in_errors=True):
    """A name and resident ID number as the worker states them, and the person id they give."""

    name: str = Field(repr=False)
    id_number: str = Field(repr=False)
    person_id: str


class Workers(Protocol):
    def get(self, worker_id: str) -> Worker: ...

    def add(self, worker: Worker) -> None:
        """Store a worker at first sign-in; an existing one stays as it is."""
        ...

    def bind(self, worker_id: str, identity: Identity) -> None:
        """Set the proved identity, once. A worker bound to another person is left alone."""
        ...


class PersonalDataLockedError(DaycoverError):
    """The worker asked for erasure; what the law keeps is locked and used for nothing new."""


class PersonIndex(Protocol):
    """Blind index of identities: the same ID number gives the same id, which nobody can turn back."""

    def person_id(self, id_number: str) -> str: ...

    def worker_id(self, openid: str) -> str: ...

    def device_id(self, device: str) -> str: ...
