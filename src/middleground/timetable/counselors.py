"""The counselor a planned week chose for a client who had none: theirs once the week is booked, and no more when it is taken back."""

from django.utils import timezone
from django.utils.translation import gettext

from middleground.kernel.actions import Act
from middleground.kernel.context import everything
from middleground.program.telling import tell
from middleground.records.actions import give_counselor, take_off_team
from middleground.records.models import CareTeamMember, Client

from .plan_facts import PlanFacts

PRIMARY = CareTeamMember.Part.PRIMARY


def give(act: Act, client: Client, facts: PlanFacts) -> int | None:
    """Within a booking. Who became their primary counselor, from today on, and was told; None when the plan chose nobody, or
    they have one by now."""
    user = facts.to_give.get(client.pk)
    if user is None:
        return None
    give_counselor.within(act, client=client, counselor=user)
    return user.pk


def is_theirs(client: int, user: int) -> bool:
    """Whether they are the one open primary counselor of a client."""
    with everything("who is somebody's counselor"):
        team = CareTeamMember.objects.filter(client=client, part=PRIMARY, until=None)
        return list(team.values_list("user", flat=True)) == [user]


def take_back(act: Act, client: Client, user: int) -> None:
    """Within a plan being taken back: they lose the record tomorrow, as whoever is replaced on a team, and are told."""
    take_off_team(act, [client.pk], user, PRIMARY, timezone.localdate(act.now))
    tell(act, [], [user], lambda: gettext("Your caseload changed. Please look at it."))
    act.about(client)
