"""A running action, and the rules that look at what it booked before it stands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from . import audit
from .context import Actor


class Booked(NamedTuple):
    """Something the ledger booked, or gave back, under a subject: what, and from when. `goes_on`: what they had before, further on."""

    subject: str
    resource: str
    start: datetime
    given_back: bool = False
    goes_on: bool = False


@dataclass
class Act:
    """A running action: who does it, when, what the audit entry will say, and what was booked or given back."""

    actor: Actor
    action: Any
    now: datetime
    purpose: str
    key: str | None = None
    words: str = ""
    clients: dict[int, None] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    lines: list[audit.Line] = field(default_factory=list)
    booked: list[Booked] = field(default_factory=list)
    goes_on: bool = False

    @property
    def user_id(self) -> int | None:
        return self.actor.user_id

    def about(self, *people: Any) -> None:
        """Say which clients (or rows with a `client_id`) this is about."""
        for person in people:
            client_id = (
                person.pk if getattr(person, "client_path", None) == "pk" else getattr(person, "client_id", None)
            )
            if client_id is not None:
                self.clients[client_id] = None

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """What is booked in here goes on with what people have: nobody is put anywhere newly."""
        self.goes_on = True
        try:
            yield
        finally:
            self.goes_on = False

    @contextmanager
    def trying(self) -> Iterator[None]:
        """A part in a transaction of its own: refused, it leaves nothing, also no line of the audit entry and nothing booked."""
        lines, booked = len(self.lines), len(self.booked)
        try:
            with transaction.atomic():
                yield
        except Exception:
            del self.lines[lines:], self.booked[booked:]
            raise

    def says(self, words: str, **facts: Any) -> None:
        """The audit entry's sentence (no free clinical text in it), and facts beside it."""
        self.words, self.facts = words, {**self.facts, **facts}


_checks: list[Callable[[Act], None]] = []


def before_commit(check: Callable[[Act], None]) -> None:
    """Have `check` look at what every action booked (`Act.booked`), when it is done and before it stands. What it raises undoes
    the action: for rules that hold whoever books, in whatever way."""
    if check not in _checks:
        _checks.append(check)


def look_again(act: Act) -> None:
    """Every check, where anything was booked."""
    for check in _checks if act.booked else ():
        check(act)
