"""For which groups held for some people only a client counts themselves in: their own say, asked and written down."""

from collections.abc import Iterable
from typing import Annotated

from django.utils import timezone

from middleground.engines.knowing import load
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused

from .apart import BY, NAME
from .models import Client, Populations


def choices() -> list[tuple[str, str]]:
    return [(each["id"], each["label"]["en"]) for each in load("vocabulary")["populations"]["items"]]


def named(chosen: Iterable[str]) -> str:
    """ "Women, Veterans": in the vocabulary's order."""
    wanted = set(chosen)
    return ", ".join(label for name, label in choices() if name in wanted)


@action(NAME, by=BY)
def set_populations(
    act: Act,
    client: Client,
    chosen: Annotated[
        list, Ask("Groups held for", help="As they say themselves. Nothing else is concluded from it.", choices=choices)
    ] = (),  # type: ignore[assignment]
) -> Populations:
    """The groups held for some people that are open to this client, in place of what was said before. Raises `Refused`."""
    wanted = [name for name, _ in choices() if name in set(chosen or ())]
    if len(wanted) != len(set(chosen or ())):
        raise Refused("Choose from the list.", "chosen")
    today = timezone.localdate(act.now)
    with everything("what was said before"):
        Populations.objects.filter(client=client, until=None).update(until=today)
    return Populations.objects.create(client=client, chosen=wanted, since=today, set_by_id=act.user_id)


def of_client(client: Client) -> list[str]:
    """What is said of a client, read through the gate."""
    return [name for row in Populations.objects.filter(client=client, until=None) for name in row.chosen]


def of_clients(clients: Iterable[int]) -> dict[int, frozenset[str]]:
    """By client, those who said something. Whole: for rules only."""
    with everything("which groups are open to whom"):
        rows = Populations.objects.filter(client__in=list(clients), until=None).values_list("client", "chosen")
        return {client: frozenset(chosen) for client, chosen in rows}
