"""What a world stands on: its configuration, queues that tell when something came, and chance that is a seed's."""

import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any
from unittest.mock import patch

from daycover.insurer.sealed import SealForInsurer
from daycover.platform import observability
from daycover.platform.config import Config
from daycover.store import archive, archive_index
from daycover.wiring import adapters as container
from tests.functional.claims.aws import a_config
from tests.simulation.aws.sqs import Message, Queue, Queues
from tests.support.key_material import insurer_keys, merchant_credentials, read_credentials
from tests.support.template import template

KEY_ID = "key-of-personal-data"


@cache
def _plain_config() -> Config:
    return a_config(KEY_ID)


def configured(queues: Queues) -> Config:
    """The configuration of every function, with the queues as the template sets them."""
    urls: dict[str, Any] = {}
    for name, queue in QUEUES.items():
        properties = template()["Resources"][queue]["Properties"]
        dead = properties["RedrivePolicy"]["deadLetterTargetArn"]["GetAtt"].partition(".")[0]
        queues.create(dead, retention=timedelta(days=14).total_seconds())
        urls[name] = queues.create(
            queue,
            visibility=int(properties["VisibilityTimeout"]),
            most_receives=int(properties["RedrivePolicy"]["maxReceiveCount"]),
            dead=dead,
        )
    return replace(_plain_config(), public_url="https://daycover.example/", **urls)


QUEUES = {
    "check_in_queue_url": "CheckInQueue",
    "insurer_queue_url": "InsurerQueue",
    "ended_policies_queue_url": "EndedPoliciesQueue",
}


class HeardQueues(Queues):
    """Queues that tell when something new can be received."""

    def __init__(
        self, now: Callable[[], datetime], luck: Random, duplicates: float, said: list[object]
    ) -> None:
        """`said`: takes every message."""
        super().__init__(now, luck, duplicates)
        self.heard: dict[str, Callable[[datetime], None]] = {}
        self._said = said

    def _add(self, queue: Queue, body: str, delay: float) -> Message:
        self._said.append(body)
        message = super()._add(queue, body, delay)
        if queue.name in self.heard:
            self.heard[queue.name](message.visible)
        return message

    def redrive(self) -> None:
        """Move every dead message back to its queue."""
        for queue in list(self.queues.values()):
            if queue.dead is not None:
                dead = self.queues[queue.dead]
                messages, dead.messages = dead.messages, []
                for message in messages:
                    self._add(queue, message.body, 0)

    def waiting(self) -> dict[str, int]:
        return {name: len(queue.messages) for name, queue in self.queues.items()}


class InlineExecutor:
    """A pool whose threads are this one: fibers and their order belong to one thread."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __enter__(self) -> "InlineExecutor":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, function: Callable[..., Any], *arguments: Any) -> list[Any]:
        return [function(*each) for each in zip(*arguments, strict=False)]


def sealed_for_insurer(_self: SealForInsurer, plain: str, bound_to: str) -> str:
    """RSA pads with chance of its own, which no seed reaches; nobody here has the insurer's key to open it with."""
    return "sealed." + sha256(f"{bound_to} {plain}".encode()).hexdigest()


@contextmanager
def deterministic(seed: int | str, log: Callable[[Mapping[str, Any]], None]) -> Iterator[None]:
    """Let every source of chance be the seed's, every thread this one, and every line of the log kept."""
    read_credentials(merchant_credentials())  # made once in a process: not of this seed's chance
    insurer_keys()
    chance = Random(f"{seed}:chance")
    before, line_under_way = container.current, dict(vars(observability.logger))
    vars(observability.logger).update(vars(observability.Logger()))
    with (
        patch.object(os, "urandom", chance.randbytes),
        patch.object(random, "_urandom", chance.randbytes),
        patch.object(archive, "ThreadPoolExecutor", InlineExecutor),
        patch.object(archive_index, "ThreadPoolExecutor", InlineExecutor),
        patch.object(observability, "_print", log),
        patch.object(SealForInsurer, "__call__", sealed_for_insurer),
    ):
        try:
            yield
        finally:
            container.current = before
            # whoever died in the middle of a line has left it open
            vars(observability.logger).update(line_under_way)
