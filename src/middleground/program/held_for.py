"""Groups held for some people only, led by whoever is licensed for them, with a co-leader from a size on.

Looked at before an action stands, whichever it is: nobody newly sits in a group that is not open to them, and nobody newly leads
one who may not. Who sat in it or led it before goes on until somebody changes that.
"""

from typing import Annotated

from middleground.clinic.models import User
from middleground.kernel.act import Act
from middleground.kernel.actions import action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.records import populations

from .apart import arrivals, ids
from .asking import PLANNERS
from .models import Group, Session
from .queries import member_counts
from .sheets import rosters


class NotForThem(Refused):
    """The group is held for others; the message says for whom."""


class NotLicensed(Refused):
    """Whoever leads this group has another credential; the message says which."""


def credentials() -> list[tuple[str, str]]:
    """What staff here hold, and what some group asks for."""
    held, asked = (model.objects.values_list("credentials", flat=True).order_by() for model in (User, Group))
    known = {each for found in held.union(asked, all=True) for each in found}
    return [(each, each) for each in sorted(known, key=str.casefold)]


@action("Say who a group is for", by=PLANNERS, purpose="operations", fresh="group")
def set_group_rules(
    act: Act,
    group: Group,
    only: Annotated[
        list,
        Ask(
            "Held for", help="Those alone who are all of these. Nothing chosen: everybody.", choices=populations.choices
        ),
    ] = (),  # type: ignore[assignment]
    credentials: Annotated[
        list, Ask("Led by somebody with one of", help="Nothing chosen: anybody who leads groups.", choices=credentials)
    ] = (),  # type: ignore[assignment]
    co_leader_above: Annotated[
        int | None, Ask("Needs a co-leader above so many members", help="Empty: never", low=1, high=200)
    ] = None,
) -> Group:
    """From now on it is held for these, led by somebody with one of these credentials, and full at this size without a co-leader.

    Members who are in it stay. Raises `Refused` where whoever leads it now has none of the credentials.
    """
    wanted = [name for name, _ in populations.choices() if name in set(only or ())]
    asked = sorted(set(credentials or ()), key=str.casefold)
    leader = User.objects.get(pk=group.leader_id)
    if len(wanted) != len(set(only or ())):
        raise Refused("Choose from the list.", "only")
    if co_leader_above and group.co_leader_id is None and member_counts([group]).get(group.pk, 0) > co_leader_above:
        raise Refused("More are in it now, and one person leads it. Choose a larger number.", "co_leader_above")
    if asked and not set(asked) & set(leader.credentials):
        raise Refused(
            f"{leader.name}, who leads it, has none of these. Let somebody else lead it first.", "credentials"
        )
    group.only, group.credentials, group.co_leader_above = wanted, asked, co_leader_above
    group.save(update_fields=["only", "credentials", "co_leader_above"])
    act.says(f"Said who {group.title} is for: {populations.named(wanted) or 'everybody'}")
    return group


def sure_held_for(act: Act) -> None:
    """Raises `NotForThem` or `NotLicensed` when what `act` booked puts somebody where they may not be."""
    arrived, _ = arrivals(act)
    check_led_by_two(act)
    if not arrived:
        return
    with everything("whom a group is held for"):
        held = Session.objects.filter(pk__in=arrived, group__isnull=False).select_related("group", "leader")
        special = [s for s in held if s.group and (s.group.only or s.group.credentials)]
        people = populations.of_clients({c for s in special for c in ids(arrived[s.pk], "client:")}) if special else {}
    for session in special:
        for client_id in ids(arrived[session.pk], "client:"):
            check_open_to(session.group, people.get(client_id, frozenset()))  # type: ignore[arg-type]
        if session.leader_id in ids(arrived[session.pk], "staff:"):
            check_licensed(session)


def check_led_by_two(act: Act) -> None:
    """Raises `Refused` when a co-leader is taken off a session with more people than one may lead."""
    staff = [each for each in act.booked if each.resource.startswith("staff:") and each.subject.startswith("session:")]
    stay = {(each.subject, each.resource) for each in staff if not each.given_back}
    left = {int(e.subject.removeprefix("session:")) for e in staff if e.given_back and e[:2] not in stay}
    if not left:
        return
    with everything("who leads alone"):
        alone = Session.objects.filter(pk__in=left, co_leader=None, status=Session.Status.SCHEDULED).select_related(
            "group"
        )
        held = [s for s in alone if s.group and s.group.co_leader_above]
        people = rosters(held)
    for session in held:
        if len(people[session.pk]) > session.group.co_leader_above:  # type: ignore[union-attr, operator]
            raise Refused(f"{session.title} has too many members to be led by one person.")


def check_open_to(group: Group, said: frozenset[str]) -> None:
    if not set(group.only) <= said:
        raise NotForThem(
            f"{group.title} is held for: {populations.named(group.only)}. "
            "If that is this person, say so on their Week page first (In groups)."
        )


def check_licensed(session: Session) -> None:
    asked = session.group.credentials if session.group else []
    if asked and not set(asked) & set(session.leader.credentials):
        raise NotLicensed(
            f"{session.title} is led by somebody with {' or '.join(asked)}. {session.leader.name} has none."
        )
