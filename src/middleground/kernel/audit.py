"""The audit chain: what was done and read, in words, each entry sealed to the one before.

An entry's seal is HMAC-SHA256 over its content and the previous seal, with a key kept outside the database. So an
edited, dropped or reordered entry breaks the chain; a dropped tail is found by the anchor, a small file outside the
database that holds the last sealed number.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from . import clock, guard
from .context import Access, Actor
from .models import AuditAbout, AuditEntry

LOCK = 42_000_002
PAGE = 2000
START = "0" * 64


@dataclass
class Line:
    """One thing to be put on the chain. `clients` are the ids of the clients it is about."""

    actor: Actor
    purpose: str
    verb: str
    words: str
    clients: tuple[int, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


def words_for_read(read: Access, kinds: Sequence[str]) -> str:
    people = f"the record of {len(read.seen)} client{'s' if len(read.seen) != 1 else ''}" if read.seen else "a list"
    because = f" Reason given: {read.reason}" if read.reason else ""
    return f"Read {', '.join(kinds)} in {people}.{because}"


def seal(entry: AuditEntry) -> str:
    body = json.dumps(
        [
            entry.seq,
            entry.at.astimezone(UTC).isoformat(),
            entry.actor_id,
            entry.actor_name,
            entry.roles,
            entry.purpose,
            entry.verb,
            entry.words,
            entry.client_id,
            entry.clients,
            entry.facts,
            entry.previous,
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        default=str,
    )
    return hmac.new(settings.AUDIT_KEY.encode(), body.encode(), hashlib.sha256).hexdigest()


def write_alone(line: Line) -> None:
    with transaction.atomic():
        write([line])


def write(lines: Sequence[Line]) -> None:
    """Put lines on the chain inside the running transaction, last thing before it commits."""
    if not lines:
        return
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = AuditEntry.objects.order_by("-seq").values_list("seq", "seal").first() or (0, START)
    entries = list(_chained(lines, *last))
    with guard.opened("audit"):
        AuditEntry.objects.bulk_create(entries)
        about = [AuditAbout(entry_id=e.seq, client_id=c) for e in entries if e.client_id is None for c in e.clients]
        if about:
            AuditAbout.objects.bulk_create(about)
    tail = entries[-1]
    transaction.on_commit(lambda: Anchor().advance(tail.seq, tail.seal))


def _chained(lines: Sequence[Line], seq: int, previous: str) -> Iterator[AuditEntry]:
    for line in lines:
        seq += 1
        entry = AuditEntry(
            seq=seq,
            at=line.at or clock.now(),
            actor_id=line.actor.user_id,
            actor_name=line.actor.name,
            roles=",".join(sorted(line.actor.roles)),
            purpose=line.purpose,
            verb=line.verb,
            words=line.words,
            client_id=line.clients[0] if len(line.clients) == 1 else None,
            clients=list(line.clients),
            facts=json.loads(json.dumps(line.facts, default=str)),
            previous=previous,
        )
        entry.seal = previous = seal(entry)
        yield entry


class Anchor:
    """The last number and seal, kept in a file beside the keys. It only ever moves forward."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(settings.HOME) / f"audit-anchor-{connection.vendor}-{_database_name()}.txt"

    def read(self) -> tuple[int, str]:
        try:
            number, mark = self.path.read_text().split()
            return int(number), mark
        except FileNotFoundError:
            return 0, START
        except ValueError:
            return -1, START  # not a number and a seal: somebody wrote to it

    def advance(self, seq: int, mark: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            known = os.read(handle, 100).split()
            if known and int(known[0]) >= seq:
                return
            os.pwrite(handle, f"{seq:>20} {mark}\n".encode(), 0)
        finally:
            os.close(handle)

    def reset(self) -> None:
        """Forget, after a restore from backup: the restored chain is verified first and the restore itself is on it."""
        self.path.unlink(missing_ok=True)


def _database_name() -> str:
    name = str(connection.settings_dict["NAME"])
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def _whole_chain() -> Iterator[AuditEntry]:
    """Every entry in order, a page of them in memory at a time."""
    entries = AuditEntry.objects.order_by("seq")
    page = list(entries[:PAGE])
    while page:
        yield from page
        page = list(entries.filter(seq__gt=page[-1].seq)[:PAGE])


def faults() -> Iterator[str]:
    """Walk the whole chain and say, in plain sentences, what is wrong with it. Nothing means it is whole."""
    expected, previous, anchored = 1, START, Anchor().read()
    seen_anchor = anchored[0] == 0
    for entry in _whole_chain():
        if entry.seq != expected:
            yield f"Entries {expected} to {entry.seq - 1} are missing."
        elif entry.previous != previous:
            yield f"Entry {entry.seq} does not follow the one before it: entries were reordered or replaced."
        if entry.seal != seal(entry):
            yield f"Entry {entry.seq} ({entry.verb}, {entry.at:%Y-%m-%d %H:%M}) was edited after it was written."
        if entry.seq == anchored[0]:
            seen_anchor = entry.seal == anchored[1]
        expected, previous = entry.seq + 1, entry.seal
    if not seen_anchor:
        yield f"The chain was written up to entry {anchored[0]}, but it ends or differs at entry {expected - 1}: entries were dropped."
