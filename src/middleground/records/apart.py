"""Who is kept apart from whom: two people who must not meet in treatment, or a client and somebody on staff.

It is written down once for each of the two, so that whoever may see one client's record sees it there and learns of the other
only what they may see anyway. A client never reads it, nor does anybody on the outside.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from django.db.models import BooleanField, Case, CharField, Exists, F, Q, QuerySet, StringAgg, Subquery, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext_noop

from middleground.clinic.models import User
from middleground.kernel import gate
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role

from .models import Client, KeptApart

BY = role("intake-coordinator", "counselor", "case-manager", "program-director")
# What a client reads of it among those who looked at their record must not say that there is somebody.
NAME = gettext_noop("Changed how a client is scheduled")


@action(NAME, by=BY)
def keep_apart(
    act: Act,
    client: Client,
    other: Annotated[Client | None, Ask("Another client")] = None,
    staff: Annotated[User | None, Ask("Somebody on staff")] = None,
    where: Annotated[str, Ask("How far apart", choices=KeptApart.Where.choices, radio=True)] = KeptApart.Where.GROUP,
    why: Annotated[str, Ask("Why", help="In a few words, for those who plan after you", most=200)] = "",
) -> KeptApart:
    """From now on no booking brings the two together. What is booked already stays: it is shown, to be changed by hand.

    Raises `Refused` for nobody, for both at once, for oneself and for two who are kept apart already.
    """
    if (other is None) == (staff is None):
        raise Refused("Choose another client, or somebody on staff.", "other")
    if other == client:
        raise Refused("Choose another person.", "other")
    if where not in KeptApart.Where.values:
        raise Refused("Choose how far apart.", "where")
    with everything("who is kept apart already"):
        if in_force().filter(client=client, other=other, staff=staff).exists():
            raise Refused("These two are kept apart already. End that first.", "other")
    told = {"where": where, "why": why, "since": timezone.localdate(act.now), "set_by_id": act.user_id}
    made = KeptApart.objects.create(client=client, other=other, staff=staff, **told)
    if other is not None:
        KeptApart.objects.create(client=other, other=client, **told)
    return made


@action(NAME, by=BY)
def no_longer_apart(act: Act, apart: KeptApart) -> KeptApart:
    """The two may meet again from now on. It stays on file that they were kept apart."""
    if apart.until is not None:
        raise Refused("This has ended already.")
    with everything("what was written down for the other"):
        act.about(apart.other)
        both = in_force().filter(Q(pk=apart.pk) | Q(client=apart.other_id, other=apart.client_id))
        both.update(until=timezone.localdate(act.now), ended_by_id=act.user_id)
    apart.refresh_from_db()
    return apart


def in_force() -> QuerySet[KeptApart]:
    """Those that hold; narrowed by the gate."""
    return KeptApart.objects.filter(until=None)


def of_client(client: Client) -> list[KeptApart]:
    """Whom a client is kept apart from, with `name` where the reader may know it: somebody on staff, or a client they may see."""
    seen = Case(When(other__in=Client.objects.values("pk"), then=True), default=False, output_field=BooleanField())
    found = list(in_force().filter(client=client).select_related("staff", "other").annotate(seen=seen).order_by("pk"))
    named = [each.other for each in found if each.seen]
    if named:
        gate.note(Client, named)
    for each in found:
        each.name = each.staff.name if each.staff else str(each.other) if each.seen else ""
        each.why = each.why if each.name else ""  # it may say who it is
    return found


@dataclass(frozen=True, order=True)
class Pair:
    """Two people as the ledger knows them ("client:3", "staff:5"); `site`: not at one site at the same time either."""

    one: str
    two: str
    site: bool


def pairs_of(rows: Iterable[KeptApart]) -> list[Pair]:
    return [pair(each.client_id, each.other_id, each.staff_id, each.where) for each in rows]


def pair(client: int, other: int | None, staff: int | None, where: str) -> Pair:
    return Pair(f"client:{client}", f"client:{other}" if other else f"staff:{staff}", where == KeptApart.Where.SITE)


def pairs(clients: Iterable[int] | None = None, staff: Iterable[int] = ()) -> list[Pair]:
    """Every pair with one of these in it (None: all), each once for either side that is a client. Whole: for rules only."""
    who = Q() if clients is None else Q(client__in=list(clients)) | Q(staff__in=list(staff))
    with everything("who is kept apart"):
        rows = in_force().filter(who).order_by("client", "pk").values_list("client", "other", "staff", "where")
        return [pair(*row) for row in rows]


def in_text() -> Subquery:
    """All pairs in one text, as a column of another question, for a page that has no statement left: `from_text` reads it. Whole:
    for rules only, where everything may be read."""
    one = Value(":")
    told = Concat(
        Cast("client", CharField()), one, Cast("other", CharField()), one, Cast("staff", CharField()), one, "where"
    )
    found = in_force().order_by().annotate(all=F("pk") * 0).values("all")
    return Subquery(found.annotate(told=StringAgg(told, Value(" "))).values("told"))


def from_text(told: str | None) -> list[Pair]:
    rows = (each.split(":") for each in (told or "").split())
    return sorted(pair(int(client), int(other or 0), int(staff or 0), where) for client, other, staff, where in rows)


def sites_in_force() -> Exists:
    """Whether any two are kept apart by site."""
    return Exists(in_force().filter(where=KeptApart.Where.SITE))
