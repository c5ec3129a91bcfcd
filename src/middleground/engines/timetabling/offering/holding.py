"""Who holds a week's sessions: as few as can be not with the counselor, then the first clinicians by id."""

from collections.abc import Callable, Iterator, Sequence

Chosen = tuple[str, ...]
NOBODY = ""
FEW = 3  # sessions for which trying is quicker than knowing beforehand


def first_choice(
    able: Sequence[Sequence[str]], counselors: Sequence[str], bears: Callable[[Chosen], bool]
) -> tuple[int, Chosen] | None:
    """How few sessions are not with one counselor, and who holds each; `able`: who could hold each, by id; `bears`: whether
    the first sessions can be held so (what is too much stays too much with one more). None when nobody can hold them."""
    most = {name: count for name in counselors if (count := sum(name in each for each in able))}
    if len(able) > FEW:
        most = {name: most_for(name, able, bears, ()) for name in most}
    for needed in range(max(most.values(), default=0), -1, -1):
        likely = [name for name in most if most[name] >= needed]
        for chosen in choices(able, likely, needed, bears, ()):
            return len(able) - needed, chosen
    return None


def most_for(name: str, able: Sequence[Sequence[str]], bears: Callable[[Chosen], bool], chosen: Chosen) -> int:
    """How many of the sessions from here on one clinician can hold at most."""
    if not bears(chosen):
        return -len(able)
    at = len(chosen)
    if at == len(able):
        return chosen.count(name)
    best = most_for(name, able, bears, (*chosen, name)) if name in able[at] else 0
    still = sum(name in others for others in able[at + 1 :])
    if best == chosen.count(name) + still + 1:
        return best
    return max(best, most_for(name, able, bears, (*chosen, NOBODY)))


def choices(
    able: Sequence[Sequence[str]],
    counselors: Sequence[str],
    needed: int,
    bears: Callable[[Chosen], bool],
    chosen: Chosen,
) -> Iterator[Chosen]:
    """In order by id, those in which one counselor holds at least so many."""
    at = len(chosen)
    if not bears(chosen):
        return
    if needed and not any(chosen.count(c) + sum(c in others for others in able[at:]) >= needed for c in counselors):
        return
    if at == len(able):
        yield chosen
        return
    for name in able[at]:
        yield from choices(able, counselors, needed, bears, (*chosen, name))
