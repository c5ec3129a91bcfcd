"""One measurement, in a process of its own so that its memory is its own: prints one JSON object.

python -m bench.timetabling.measuring engine|first_come|plain_mip|offers|repair|explain INSTANCE SECONDS
"""

import copy
import json
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from typing import Any

from middleground.engines.timetabling.bookings import bookings
from middleground.engines.timetabling.clinic import Client, Clinic, clinic_of
from middleground.engines.timetabling.offering import Timetable
from middleground.engines.timetabling.plan import Plan
from middleground.engines.timetabling.planning import LEVELS, Limits, Progress, Solved, solve
from middleground.engines.timetabling.reasons import reasons
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.times import DAYS
from middleground.engines.timetabling.worth import meets_payer, vector

INSTANCES = Path(__file__).parent / "instances"
NEWCOMERS, VISITORS, ASKED = 60, 20, 5
REPAIR_SECONDS = 15.0
Row = dict[str, Any]
LOADED: list[tuple[Timetable, tuple[Client, ...]]] = []


def instance(name: str) -> Row:
    return dict(json.loads((INSTANCES / f"{name}.json").read_text("utf-8")))


def engine(name: str, seconds: float) -> Row:
    """The engine's plan and how it got there."""
    clinic, told = clinic_of(instance(name)), list[Progress]()
    began = time.monotonic()
    solved = solve(clinic, Limits(seconds=seconds, began=began), tell=told.append)
    took = time.monotonic() - began
    stages = [(p.seconds, list(p.objective), list(p.bounds)) for p in told]
    stages.append((took, list(solved.objective), [level.bound for level in solved.levels]))
    return {
        **judged(clinic, solved.plan, took),
        "first": solved.first_plan,
        "status": solved.status,
        "bounds": stages[-1][2],
        "bound_at": [next(at for at, _, bounds in stages if bounds[i] == stages[-1][2][i]) for i in range(len(LEVELS))],
        "gaps": {str(mark): gaps(stages, mark) for mark in (10, 30, 60, 120) if mark <= seconds},
    }


def gaps(stages: list[tuple[float, list[int], list[int]]], mark: float) -> list[float]:
    """Each level's gap as last told by then; 1 before any plan."""
    _, values, bounds = next((s for s in reversed(stages) if s[0] <= mark + 1), (0, [1] * 8, [0] * 8))
    return [(value - bound) / max(1, value) for value, bound in zip(values, bounds, strict=True)]


def judged(clinic: Clinic, plan: Plan, took: float) -> Row:
    return {"vector": list(vector(clinic, plan)), "valid": not faults(clinic, plan), "seconds": took}


def first_come(name: str, seconds: float) -> Row:
    from .first_come import first_come as by_hand

    return timed(name, by_hand)


def plain_mip(name: str, seconds: float) -> Row:
    from .plain_mip import plain_mip as program

    return timed(name, lambda clinic: program(clinic, seconds))


def timed(name: str, make: Callable[[Clinic], Plan]) -> Row:
    clinic, began = clinic_of(instance(name)), time.monotonic()
    plan = make(clinic)
    return judged(clinic, plan, time.monotonic() - began)


def running(name: str, seconds: float) -> tuple[Row, Solved]:
    """The instance with a plan of so many seconds in force."""
    data = instance(name)
    solved = solve(clinic_of(data), Limits(seconds=seconds))
    plan = {"format": "middleground-timetable-plan/1", "instance": data["id"], "question": "plan", **solved.plan.rows()}
    return data | {"current": plan}, solved


def offers(name: str, seconds: float) -> Row:
    """Newcomers like the clients there are, but with nobody as counselor: one after the other, then many at once, answered
    by a process for each core as the web server does."""
    data, solved = running(name, seconds)
    every = len(data["clients"]) // NEWCOMERS or 1
    likes = copy.deepcopy(data["clients"][::every][:NEWCOMERS])
    asking = [row | {"id": f"new-{i}", "counselor": None} for i, row in enumerate(likes)]
    asked = data | {"question": "offer", "newcomers": asking}
    load(asked)
    alone = [clocked(partial(answer, at)) for at in range(len(asking))]
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, get_context("spawn"), load, (asked,)) as served:
        list(served.map(answer, range(len(asking))))
        with ThreadPoolExecutor(VISITORS) as visitors:
            together = list(visitors.map(lambda at: clocked(served.submit(answer, at).result), range(len(asking))))
    return {"first": solved.first_plan, "alone": shares(alone), "together": shares(together)}


def load(asked: Row) -> None:
    """Read the timetable in force, and answer once."""
    clinic = clinic_of(asked)
    LOADED[:] = [(Timetable(clinic), clinic.newcomers)]
    answer(0)


def answer(at: int) -> None:
    timetable, newcomers = LOADED[0]
    timetable.weeks(newcomers[at])


def clocked(ask: Callable[[], object]) -> float:
    began = time.monotonic()
    ask()
    return time.monotonic() - began


def shares(seconds: list[float]) -> Row:
    cuts = quantiles(seconds, n=20)
    return {"p50": cuts[9], "p95": cuts[18], "most": max(seconds)}


def repair(name: str, seconds: float) -> Row:
    """The clinician with most to do on Tuesday is away that day; the week mended, and planned anew."""
    data, _ = running(name, seconds)
    clinic = clinic_of(data)
    assert clinic.current is not None
    made = bookings(clinic, clinic.current)
    busy = Counter(s for booking in made.every if booking.day == 1 for s in booking.staff)
    event = {"event": "staff-off", "staff": busy.most_common(1)[0][0], "at": f"{DAYS[1]} 00:00-24:00"}
    broken = clinic_of(data | {"question": "repair", "now": f"{DAYS[1]} 00:00", "events": [event]})
    told, began = list[Progress](), time.monotonic()
    solved = solve(broken, Limits(seconds=REPAIR_SECONDS, began=began), tell=told.append)
    took = time.monotonic() - began
    stages = [(p.seconds, list(p.objective), list(p.bounds)) for p in told]
    stages.append((took, list(solved.objective), [level.bound for level in solved.levels]))
    proved = [at for at, values, bounds in stages if values[:4] == bounds[:4] == stages[-1][1][:4]]
    away = copy.deepcopy(data)
    del away["current"]
    next(row for row in away["staff"] if row["id"] == event["staff"]).setdefault("off", []).append(event["at"])
    anew = solve(clinic_of(away), Limits(seconds=seconds))
    return {
        **judged(broken, solved.plan, took),
        "bounds": stages[-1][2],
        "proved_at": proved[0] if proved else None,
        "changes": solved.objective[3],
        "anew": vector(broken, anew.plan)[3],
    }


def explain(name: str, seconds: float) -> Row:
    """Clients short of the payer's hours, or else the first there are, asking for the hours prescribed."""
    data, _ = running(name, seconds)
    clinic = clinic_of(data | {"question": "explain"})
    assert clinic.current is not None
    made = bookings(clinic, clinic.current)
    people = sorted(clinic.clients.values(), key=lambda c: meets_payer(c, made.of(c.id)))
    took = []
    for client in people[:ASKED]:
        began = time.monotonic()
        reasons(clinic, client, client.prescribed)
        took.append(time.monotonic() - began)
    return {"seconds": took}


def main(what: str, name: str, seconds: str) -> None:
    known = {f.__name__: f for f in (engine, first_come, plain_mip, offers, repair, explain)}
    found = known[what](name, float(seconds))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(found | {"megabytes": megabytes}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
