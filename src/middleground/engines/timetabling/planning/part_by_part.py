"""Large weeks, part by part: people of one site who have about as many seats to choose from are planned together, around a
whole plan."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from functools import partial
from statistics import fmean

from ..times import TELEHEALTH
from .improving import Improving
from .levels import Worth
from .model import Model
from .possible import Possible
from .searching import first_levels_of, thinned

PART = 70  # people of a large week who are planned at once
CHOICE = 300.0  # visits to choose from that take as long as one more person


def part_by_part(work: Improving, share: float) -> None:
    """The first three levels of a large week, part by part while the rest stands."""
    for clients, until in turns(work, share):
        first_levels_of(work, partial(modelled_thinly, work, clients), until)


def turns(work: Improving, share: float) -> Iterator[tuple[list[str], float]]:
    """The parts, each with when its turn ends: its share of the time that is left, more where there is more to choose from."""
    parts, until = parts_of(work.possible, PART), work.budget.mark(share)
    sizes = [len(clients) + sum(len(work.possible.visits[client]) for client in clients) / CHOICE for clients in parts]
    for i, clients in enumerate(parts):
        if work.budget.gone(until):
            return
        left = until - work.budget.spent
        yield clients, work.budget.spent + left * sizes[i] / sum(sizes[i:])


def modelled_thinly(work: Improving, clients: Collection[str]) -> tuple[Model, Worth]:
    return work.modelled(thinned(work, clients))


def parts_of(possible: Possible, most: int) -> list[list[str]]:
    """Everybody in parts of at most `most`: by the site at which they could have most seats, and by how many they could have; who
    has few to choose from comes first."""
    choices = {
        client: [v for v in visits if v.group is not None] for client, visits in possible.visits.items() if visits
    }
    by_site: dict[str, list[str]] = defaultdict(list)
    for client, seats in choices.items():
        places = Counter(v.place for v in seats if v.place != TELEHEALTH)
        by_site[max(places, key=lambda place: (places[place], place), default="")].append(client)
    few_first = (sorted(people, key=lambda client: (len(choices[client]), client)) for people in by_site.values())
    parts = [part for people in few_first for part in even_parts(people, most)]
    return sorted(parts, key=lambda part: fmean(len(choices[client]) for client in part))


def even_parts(people: list[str], most: int) -> Iterator[list[str]]:
    parts = -(-len(people) // most)
    for i in range(parts):
        yield people[len(people) * i // parts : len(people) * (i + 1) // parts]
