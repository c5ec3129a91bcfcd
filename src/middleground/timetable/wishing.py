"""A client's wish for another week: a task for their counselor, nothing more."""

from datetime import timedelta

from django.utils.translation import gettext_noop

from middleground.engines import knowing
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import ask_for
from middleground.records.models import CareTeamMember, Client, Task
from middleground.records.queries import team

from . import queries


def counselor_of(client: Client) -> int | None:
    """The client's primary counselor."""
    with everything("the counselor of the client"):
        return next((m.user_id for m in team(client) if m.part == CareTeamMember.Part.PRIMARY), None)


@action("Ask for a week", by=role("client"), purpose="own-request")
def ask_for_week(act: Act, client: Client, groups: list) -> Task:
    """Ask the counselor for a week of these groups (ids). Books nothing; of several wishes the last counts, in one task.

    Raises `Refused` when a group is not offered any more.
    """
    with everything("the groups of the week wished for"):
        offered = {each.id: each for each in queries.Seen(client).offered}
    owner = counselor_of(client)
    chosen = [offered[each] for each in groups if each in offered]
    if not chosen or len(chosen) != len(groups):
        raise Refused(gettext_noop("This week is no longer open. Please choose another one."), "groups")
    act.says("Asked for another week")
    within = timedelta(hours=knowing.load("timetabling")["pages"]["wish"]["answer_within"])
    return ask_for(
        act,
        "A client asks for another week",
        act.now + within,
        client=client,
        why=", ".join(f"{each.name} {each.when}" for each in chosen)[:200],
        key=f"week:{client.pk}",
        owner=owner,
        owner_role="" if owner else "program-director",
        last_counts=True,
    )
