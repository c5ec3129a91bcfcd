"""Who is asking, and why. Set by a face (page, command, task) before anything protected is read."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from .errors import NoAccessContext

PURPOSES = ("treatment", "payment", "operations", "own-request", "family", "emergency", "audit", "system")


@dataclass(frozen=True)
class Actor:
    """A person (or the system itself) who acts. `site_ids` None means every site; `client_id` is set for a client."""

    name: str
    roles: frozenset[str]
    user_id: int | None = None
    client_id: int | None = None
    site_ids: frozenset[int] | None = None

    @property
    def is_system(self) -> bool:
        return "system" in self.roles


def visitor() -> Actor:
    """Someone who has not signed in."""
    return Actor("Visitor", frozenset({"visitor"}))


def system(what: str) -> Actor:
    """The installation itself, for commands an administrator runs and for scheduled work."""
    return Actor(f"Middleground ({what})", frozenset({"system"}))


@dataclass
class Access:
    """One stretch of reading by one actor for one purpose. `seen` maps a client's id to the kinds of record read."""

    actor: Actor
    purpose: str
    where: str = ""
    everything: bool = False
    seen: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    lists: set[str] = field(default_factory=set)
    withheld: set[str] = field(default_factory=set)
    reason: str = ""
    cache: dict[str, Any] = field(default_factory=dict)


_access: ContextVar[Access | None] = ContextVar("access", default=None)


def current() -> Access | None:
    return _access.get()


def required() -> Access:
    """The access in force. Raises `NoAccessContext` when nobody said who is asking."""
    access = _access.get()
    if access is None:
        raise NoAccessContext("A protected record was asked for without an access context (actor, purpose).")
    return access


@contextmanager
def entered(access: Access) -> Iterator[Access]:
    token = _access.set(access)
    try:
        yield access
    finally:
        _access.reset(token)


@contextmanager
def everything(why: str) -> Iterator[Access]:
    """Read without narrowing, for rules that must see all rows to be right (a booking clash, an audit). Says why."""
    outer = _access.get()
    actor = outer.actor if outer else system(why)
    with entered(Access(actor, "system", why, everything=True)) as access:
        yield access
