"""Looking at the clinic's whole week for the planner: who may, for what, written once in the audit.

The answers hold ids, never names; whoever shows them reads the names through the gate.
"""

from collections.abc import Sequence
from datetime import date

from middleground.clinic import queries as clinic
from middleground.kernel import clock
from middleground.kernel.actions import Act, action
from middleground.kernel.context import Actor
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.models import Client

from .instance import ClinicWeek, clinic_week

PLANNERS = role("program-director", "intake-coordinator")


def reach(actor: Actor) -> frozenset[int] | None:
    """The sites an actor plans for; None is all."""
    return actor.site_ids


@action("Write the clinic's week as a timetabling file", by=role("program-director"), purpose="operations")
def export_week(act: Act, week: date | None = None, site: str = "") -> ClinicWeek:
    """The instance of the week that holds a day (today), of one site by name or number, or of all the actor's sites.

    Raises `Refused` for a site there isn't.
    """
    sites = reach(act.actor)
    if site:
        sites = frozenset({one_site(site, sites)})
    made = clinic_week(week or clock.today(), sites)
    act.says(f"Wrote the week of {made.monday} as a timetabling file: {len(made.data['clients'])} people, no names")
    return made


def one_site(wanted: str, sites: frozenset[int] | None) -> int:
    known: Sequence[tuple[int, str]] = [(s.pk, s.name) for s in clinic.sites() if sites is None or s.pk in sites]
    for pk, name in known:
        if wanted.casefold() == name.casefold() or wanted == str(pk):
            return pk
    raise Refused(f"There is no open site {wanted!r}. There are: {', '.join(name for _, name in known) or 'none'}.")


@action("Look at the clinic's whole week to plan it", by=PLANNERS, purpose="operations", remembered=False)
def look_at_week(act: Act, site_id: int, week: date, question: str = "plan", events: list | None = None) -> ClinicWeek:
    """The instance of one site's week, for the solver: what the planner's pages begin with.

    `question`: plan, repair or explain; `events` of a repair. Raises `Refused` for a site the actor doesn't plan for.
    """
    sites = reach(act.actor)
    if site_id not in {s.pk for s in clinic.sites() if sites is None or s.pk in sites}:
        raise Refused("You don't plan the week of this site.", "site")
    made = clinic_week(week, frozenset({site_id}), question=question, events=events or ())
    act.says(f"Looked at the whole week of {made.monday} to {question} it", site=site_id)
    return made


@action(
    "Ask why a client can't reach their hours",
    by=PLANNERS | role("counselor", "case-manager"),
    remembered=False,
)
def look_at_reasons(act: Act, client: Client) -> ClinicWeek:
    """The instance in which the engine looks for what keeps one client from their hours. Only what concerns that client is
    answered; everybody else is there because rooms, seats and clinicians are theirs too."""
    made = clinic_week(clock.today(), frozenset({client.site_id}))
    act.says("Asked why the client can't reach their hours")
    return made
