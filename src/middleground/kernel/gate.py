"""The record gate: every read of protected data.

A protected model names its `kind` of record and where its client is (`client_path`). Its manager raises without an
access context and narrows rows with one; what was read, of whom, is written to the audit chain when the access ends.
The narrowing itself (roles, care relation, consent) is set by `records.access` through `use`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from django.db import models

from . import context
from .context import Access, Actor, entered, everything
from .errors import ClosedDoor

Narrow = Callable[[Any, Access], Any]
_policy: list[Narrow] = []
_saving: ContextVar[bool] = ContextVar("saving", default=False)
__all__ = ["Access", "Actor", "Protected", "access", "everything", "note", "use", "withheld"]


def use(policy: Narrow) -> None:
    """Set the one policy that narrows a query set to what an access may see."""
    _policy[:] = [policy]


def narrow(rows: Any, access: Access) -> Any:
    if access.everything or _saving.get():
        return rows
    if not _policy:
        raise ClosedDoor("No policy narrows reads: the gate stays shut.")
    return _policy[0](rows, access)


class ProtectedQuerySet(models.QuerySet):
    """Notes which clients' records were read when rows arrive."""

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh and self._result_cache:
            note(self.model, self._result_cache)

    def aggregate(self, *args: Any, **kwargs: Any) -> Any:
        context.required()
        return super().aggregate(*args, **kwargs)

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        for row in super().iterator(*args, **kwargs):
            note(self.model, [row])
            yield row


class GateManager(models.Manager.from_queryset(ProtectedQuerySet)):  # type: ignore[misc]
    use_in_migrations = False

    def get_queryset(self) -> Any:
        if _saving.get():
            return super().get_queryset()
        return narrow(super().get_queryset(), context.required())


def note(model: Any, rows: list[Any]) -> None:
    """Remember that these rows were read, for the access log."""
    access = context.current()
    if access is None or access.everything or _saving.get():
        return
    first = rows[0]
    if model.client_path is None or not isinstance(first, models.Model):
        access.lists.add(model.kind)
        return
    attribute = "pk" if model.client_path == "pk" else model.client_path
    for row in rows:
        client_id = getattr(row, attribute, None)
        if client_id is None:
            access.lists.add(model.kind)  # an inquiry of someone who has no record yet
        else:
            access.seen[client_id].add(model.kind)


@contextmanager
def access(actor: Actor, purpose: str, where: str = "", *, reason: str = "") -> Iterator[Access]:
    """Read as `actor` for `purpose`. On leaving, what was read goes into the audit chain; if it can't, this raises."""
    if purpose not in context.PURPOSES:
        raise ClosedDoor(f"Unknown purpose {purpose!r}.")
    with entered(Access(actor, purpose, where, reason=reason)) as opened:
        yield opened
    log(opened)


def log(read: Access) -> None:
    """Write one entry for all that was read in this access; nothing when nothing was."""
    if not read.seen and not read.lists:
        return
    from . import audit

    kinds = sorted(set(read.lists).union(*read.seen.values())) if read.seen else sorted(read.lists)
    audit.write_alone(
        audit.Line(
            read.actor,
            read.purpose,
            "Read",
            audit.words_for_read(read, kinds),
            clients=tuple(sorted(read.seen)),
            facts={"kinds": kinds, "where": read.where},
        )
    )
    read.seen.clear()
    read.lists.clear()


def withheld() -> frozenset[str]:
    """The kinds of record that this access asked for and may not see (to show "withheld" to those entitled to know)."""
    return frozenset(context.required().withheld)


class Protected(models.Model):
    """Base of every model that holds a client's data.

    `kind` is one of `engines.disclosure.KINDS`. `client_path` is the attribute that holds the client's id:
    `client_id` (the default), `pk` (the client itself), or None for rows about no single client (narrowed by kind only).
    `site_path` leads to the client's site, `author_path` to the id of the user whose row it is (who wrote it, or leads the
    session); rows of a model that is `open_without_client` are seen by everyone with the kind while they are about nobody yet.
    """

    kind: ClassVar[str]
    client_path: ClassVar[str | None] = "client_id"
    site_path: ClassVar[str] = "client__site_id"
    author_path: ClassVar[str | None] = None
    open_without_client: ClassVar[bool] = False
    deletable: ClassVar[bool] = False

    objects = GateManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saving looks the row up by key, not through the narrowed view; the action already checked who may."""
        token = _saving.set(True)
        try:
            super().save(*args, **kwargs)
        finally:
            _saving.reset(token)


class Versioned(models.Model):
    """Optimistic concurrency: each save raises `version`; an action given an older one is refused as stale."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not self._state.adding:
            self.version += 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "version"}
        super().save(*args, **kwargs)
