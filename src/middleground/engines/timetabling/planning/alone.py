"""What each client could have at best if the clinic were theirs alone: bounds that hold whatever the others do."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ortools.sat.python import cp_model

from ..clinic import Client, Clinic
from ..times import TELEHEALTH
from ..worth import Worth as Worths
from ..worth import meets_payer, minutes_of, missing
from .budget import Budget
from .possible import Possible, Visit
from .weeks import ClientWeek

LIMIT = 2.0  # deterministic seconds for one client; what isn't proved by then is bounded by what is
EACH = 1_000_000
BATCH = 16


@dataclass(slots=True, frozen=True)
class Alone:
    """Lower bounds of one client's own levels 1 to 3: each for itself, and `in_order`: each after the ones before are met."""

    below: int
    short: int
    lacking: int
    in_order: tuple[int, int, int]


NOTHING = Alone(0, 0, 0, (0, 0, 0))


def alone(possible: Possible, client: Client, budget: Budget) -> Alone:
    """Solved to proof or bounded. Only the client's own rules hold (H9 to H13)."""
    clinic = possible.clinic
    cp = cp_model.CpModel()
    visits = [(visit, cp.new_bool_var("")) for visit in worth_looking_at(possible, client)]
    one_start_each(cp, visits)
    week = ClientWeek(cp, clinic, client, visits)
    owed, prescribed, already = wanted(clinic, client)
    met = week.meets() if owed else None
    short, lacking = week.short(prescribed), beyond(cp, week, already)
    below = 1 - met if met is not None else 0
    first = bound(budget, cp, EACH * 1000 * below + 1000 * short + lacking)
    in_order = (first // (EACH * 1000), first // 1000 % EACH, first % 1000)
    free = (
        in_order[0],
        bound(budget, cp, short) if in_order[1] else 0,
        bound(budget, cp, lacking) if in_order[2] else 0,
    )
    return Alone(*free, (in_order[0], max(in_order[1], free[1]), max(in_order[2], free[2])))


def one_start_each(cp: cp_model.CpModel, visits: list[tuple[Visit, cp_model.IntVar]]) -> None:
    starts = defaultdict(list)
    for visit, lit in visits:
        if visit.group is not None:
            starts[visit.group].append(lit)
    for lits in starts.values():
        if len(lits) > 1:
            cp.add_at_most_one(lits)


def wanted(clinic: Clinic, client: Client) -> tuple[bool, int, int]:
    """Whether the payer's rule is owed, the minutes to reach, and what was missing before the events of a repair."""
    in_force = Worths(clinic).in_force if clinic.repairs else None
    if in_force is None or client.id in clinic.joined:
        return True, client.prescribed, 0
    had = in_force.of(client.id)
    return meets_payer(client, had), min(client.prescribed, minutes_of(had)), missing(client, had)


def beyond(cp: cp_model.CpModel, week: ClientWeek, already: int) -> cp_model.LinearExprT:
    if not already:
        return week.lacking
    more = cp.new_int_var(0, 1000, "")
    cp.add(more >= week.lacking - already)
    return more


def bound(budget: Budget, cp: cp_model.CpModel, wish: cp_model.LinearExprT) -> int:
    """The proved lower bound of `wish`, rounded up."""
    if isinstance(wish, int):
        return wish
    cp.minimize(wish)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = LIMIT
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.linearization_level = 2
    if budget.solve(solver, cp) == cp_model.UNKNOWN and budget.due:
        return 0
    return max(0, round(solver.best_objective_bound))


def worth_looking_at(possible: Possible, client: Client) -> list[Visit]:
    """The client's visits, less the 1:1 ones that stand in the way of more groups than another of the same day and
    place does. Only for those with one 1:1 session to come: two may need different times."""
    visits = possible.visits[client.id]
    if sum(wish.count for wish in client.sessions) != 1:
        return visits
    groups = [v for v in visits if v.group is not None]
    best: dict[tuple[int, bool, str], list[tuple[frozenset[int], Visit]]] = defaultdict(list)
    for visit in visits:
        if visit.group is None:
            way = possible.clinic.between
            hit = frozenset(
                i
                for i, g in enumerate(groups)
                if g.day == visit.day
                and g.start < visit.end + way(client, visit.place, g.place)
                and visit.start < g.end + way(client, g.place, visit.place)
            )
            kept = best[visit.day, visit.place == TELEHEALTH, visit.place]
            if not any(other <= hit for other, _ in kept):
                kept[:] = [(other, v) for other, v in kept if not hit <= other] + [(hit, visit)]
    return groups + [visit for kept in best.values() for _, visit in kept]


def all_alone(possible: Possible, budget: Budget, people: set[str]) -> dict[str, Alone]:
    """The bounds of `people`, on two hands; the others have none to speak of, and whoever isn't reached when the budget is gone has none."""
    clients = [client for client in possible.clinic.clients.values() if client.id in people]
    until = budget.mark(0.35)
    found = {client: NOTHING for client in possible.clinic.clients if client not in people}
    with ThreadPoolExecutor(2) as hands:
        for first in range(0, len(clients), BATCH):
            if budget.gone(until):
                break
            batch = clients[first : first + BATCH]
            results = hands.map(lambda client: alone(possible, client, budget), batch)
            found.update(zip((client.id for client in batch), results, strict=True))
    return found
