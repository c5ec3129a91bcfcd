"""The shapes of a disclosure question and its answer."""

from datetime import datetime

import msgspec


class Scope(msgspec.Struct, frozen=True):
    """How far a role reaches: `name` is all, caseload, own, consented, author or none."""

    name: str
    code: str
    text: str
    source: str
    confidence: str


class ConsentFact(msgspec.Struct, frozen=True):
    """What matters of one consent. `kinds` may hold "all": every kind but counseling notes. Moments are aware.

    `ends` is the first moment at which it no longer holds (None: until revoked).
    """

    recipient_matches: bool
    purposes: frozenset[str]
    kinds: frozenset[str]
    starts: datetime
    ends: datetime | None = None
    revoked_at: datetime | None = None
    signed: bool = True


class Asking(msgspec.Struct, frozen=True):
    """One concrete question: may `role`, in this `relation` to the client, have this `kind` for this `purpose`?

    `role` is one of `ROLES` or an outside recipient of knowledge/disclosure/outside.yaml (provider, payer, employer,
    police, ...). `court_order` means a Part 2 order *and* a subpoena are on file. `emergency` means a medical one in
    which consent can't be obtained.
    """

    role: str
    relation: str
    purpose: str
    kind: str
    at: datetime
    consents: tuple[ConsentFact, ...] = ()
    emergency: bool = False
    court_order: bool = False


class Decision(msgspec.Struct, frozen=True):
    """The answer, its legal reason, the notice that must go with a release, and what must be recorded about it."""

    allowed: bool
    code: str
    text: str
    source: str
    confidence: str
    notice: str = ""
    text_es: str = ""
    record: tuple[str, ...] = ()
