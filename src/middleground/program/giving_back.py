"""A guest of one session who can't come: a make-up session, a walk-in said beforehand, a seat that a repair found."""

from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext_noop

from middleground.kernel import ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.models import Client

from .asking import SCHEDULERS
from .models import Membership, Session
from .sheets import day_of
from .telling import not_expected, other_people, tell


class NoSeat(Refused):
    """It was given back already, or the client comes as a member of the group."""

    message = gettext_noop("There is no seat to give back in this session.")


class Begun(Refused):
    message = gettext_noop("This session has begun already.")


@action("Give back a seat in one session", by=SCHEDULERS | role("client"))
def give_back_seat(act: Act, client: Client, session: int) -> Membership:
    """The client was to sit in on this one session (its id) and can't come: they are expected there no more, and the seat is free
    for somebody else. Raises `NoSeat`, `Begun`."""
    with everything("the seat of a guest"):
        row = Session.objects.select_for_update(of=("self",)).filter(pk=session).first()
        guest = Membership.objects.filter(client=client, session=row, until__gte=F("since")).first() if row else None
    if row is None or guest is None or row.status == Session.Status.NOT_HELD:
        raise NoSeat()
    if row.start <= act.now:
        raise Begun()
    guest.until, guest.why_left = guest.since - timedelta(days=1), "Can't come"
    guest.save(update_fields=["until", "why_left"])
    ledger.release(act, f"{row.subject}|{ledger.key(client)}", "can't come")
    tell(act, [client], [], not_expected(row.start))
    tell(act, [], [row.leader_id, row.co_leader_id], other_people(row.start))
    act.says(f"Gave back a seat in {row.title} on {day_of(row)}")
    return guest
