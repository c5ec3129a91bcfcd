"""Reach, because, best and enough: the questions of section 10 put to the model, each answer proved smallest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from ..clinic import Client, Clinic
from ..until import NEVER, TimeUp, Until
from .constraints import FAMILIES, family, in_order
from .model import Found, WeekModel
from .possible import Bookable


@dataclass(frozen=True, slots=True)
class Best:
    """The one constraint that helps most, and the minutes it gives."""

    change: str
    reach: int


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a client does not reach so many minutes. `enough` None: not even all together do, or, in an answer that was
    `cut` short, not known."""

    client: str
    target: int
    reach: int
    because: tuple[str, ...]
    best: Best | None
    enough: tuple[str, ...] | None
    cut: bool = False


def reasons(
    clinic: Clinic, client: Client, target: int, until: Until = NEVER, tell: Callable[[Reasons], None] | None = None
) -> Reasons:
    """The reasons for one client; everybody else is frozen, the client's own bookings are lifted.

    Once `until` is due, what was found so far (`cut`): a `reach`, a `best` change and an `enough` that hold, though there
    may be better ones; `because` only if it is proved. `tell` hears each step.
    """
    found = Reasons(client.id, target, 0, (), None, None)
    model: WeekModel | None = None
    try:
        model = WeekModel(Bookable(clinic, client, until))
        for known in step_by_step(model, found):
            found = known
            if tell:
                tell(found)
    except TimeUp:
        until.late = True
        return replace(with_last(found, model.best if model else None), cut=True)
    return found


def nothing_known(client: Client, target: int) -> Reasons:
    """When time was up before anything was looked at."""
    return Reasons(client.id, target, 0, (), None, None, cut=True)


def step_by_step(model: WeekModel, found: Reasons) -> Iterator[Reasons]:
    """The reasons as they become known, one answer after the other."""
    nothing, target = dict.fromkeys(model.names, False), found.target
    found = replace(found, reach=most_minutes(model, nothing))
    if found.reach >= target:
        yield replace(found, enough=())
        return
    yield found
    best = best_of(model, nothing, found.reach, target)
    found = replace(found, best=best)
    yield found
    all_lifted = model.solve({}, target=target)
    if all_lifted is None:
        return
    found = replace(found, enough=tuple(in_order(all_lifted.lifted)))
    yield found
    found = replace(found, enough=(best.change,) if best and best.reach >= target else smallest_enough(model, target))
    yield found
    yield replace(found, because=because(model, target))


def with_last(found: Reasons, last: Found | None) -> Reasons:
    """With the answer that was being made better when time was up: bookings with so much lifted."""
    if last is None:
        return found
    if not last.lifted and last.minutes > found.reach:
        return replace(found, reach=last.minutes)
    if len(last.lifted) == 1 and found.best is None and last.minutes > found.reach:
        return replace(found, best=Best(min(last.lifted), last.minutes))
    if last.minutes >= found.target and (found.enough is None or len(last.lifted) < len(found.enough)):
        return replace(found, enough=tuple(in_order(last.lifted)))
    return found


def helps_most(clinic: Clinic, client: Client, target: int, until: Until = NEVER) -> Best | None:
    """Only the one constraint whose lifting alone brings most, up to the target; None when none helps, or none was found by
    the time that `until` is due."""
    try:
        model = WeekModel(Bookable(clinic, client, until))
        nothing = dict.fromkeys(model.names, False)
        reach = most_minutes(model, nothing)
        return best_of(model, nothing, reach, target) if reach < target else None
    except TimeUp:
        until.late = True
        return None


def most_minutes(model: WeekModel, fixed: dict[str, bool]) -> int:
    found = model.solve(fixed, minutes=True)
    return found.minutes if found else 0


def best_of(model: WeekModel, nothing: dict[str, bool], reach: int, target: int) -> Best | None:
    """The constraint whose lifting alone gives most, up to the target; the first in order among equals."""
    found = model.solve({}, most=True, minutes=True)
    if found is None or found.minutes <= reach:
        return None
    level = min(found.minutes, target)
    first = first_lifted(model, level)
    return Best(first, most_minutes(model, {**nothing, first: True}))


def first_lifted(model: WeekModel, target: int) -> str:
    """The first constraint in order that alone reaches so many minutes."""
    found = model.solve({}, target=target, most=True, first=model.names)
    assert found is not None
    return in_order(found.lifted)[0]


def smallest_enough(model: WeekModel, target: int) -> tuple[str, ...]:
    """The smallest set whose lifting reaches the target; of several the first, compared name by name in order."""
    found = model.solve({}, target=target, worth=dict.fromkeys(model.names, -1))
    assert found is not None
    size = len(found.lifted)
    chosen = dict[str, bool]()
    names = model.names
    while (count := sum(chosen.values())) < size:
        ahead = [name for name in names if name not in chosen]
        found = model.solve(chosen, target=target, lifted=size, first=ahead)
        assert found is not None
        first = in_order(name for name in found.lifted if name not in chosen)[0]
        for name in ahead[: ahead.index(first)]:
            chosen[name] = False
        chosen[first] = True
        assert sum(chosen.values()) == count + 1
    return tuple(name for name in names if chosen.get(name))


def because(model: WeekModel, target: int) -> tuple[str, ...]:
    """The smallest set of families that alone keep the target out; of several the first in the order of the table.

    Each set that does not keep it out is widened to a largest one; whatever keeps it out has a family beyond that.
    """
    present = [name for name in FAMILIES if any(family(each) == name for each in model.names)]
    beyond: list[frozenset[str]] = []
    for tried in by_size(present):
        if any(not each & tried for each in beyond):
            continue
        lifted = model.solve(
            {name: False for name in model.names if family(name) in tried}, target=target, families=True
        )
        if lifted is None:
            return tuple(name for name in FAMILIES if name in tried)
        beyond.append(frozenset(family(name) for name in lifted.lifted))
    return tuple(present)


def by_size(names: list[str]) -> Iterator[frozenset[str]]:
    for size in range(len(names) + 1):
        for each in combinations(names, size):
            yield frozenset(each)
