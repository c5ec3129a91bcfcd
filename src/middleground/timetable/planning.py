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
