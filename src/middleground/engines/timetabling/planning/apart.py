"""Who is kept apart, looked at only when a plan would bring them together (H15; secret, see section 7 of the contract).

A pair is told to the models the first time that a plan breaks it. So a pair that changes nothing leaves no trace: the
same plans are looked at in the same order as if it weren't there.
"""

from collections.abc import Iterable

from ..bookings import Booking, bookings
from ..clinic import Clinic, Pair
from ..plan import Plan
from ..times import CELL, TELEHEALTH


def broken(clinic: Clinic, plan: Plan, told: Iterable[Pair] = ()) -> list[Pair]:
    """The pairs, not yet told, that this plan brings together."""
    known = {(pair.one, pair.two, pair.site) for pair in told}
    new = [pair for pair in clinic.apart if (pair.one, pair.two, pair.site) not in known]
    if not new:
        return []
    made = bookings(clinic, plan)
    return [pair for pair in new if any(meet(pair, a, made.of(pair.two)) for a in made.of(pair.one))]


def meet(pair: Pair, one: Booking, others: Iterable[Booking]) -> bool:
    if pair.two in one.clients or pair.two in one.staff:
        return True
    return pair.site and any(
        one is not other
        and one.place == other.place != TELEHEALTH
        and one.start < other.end + CELL
        and other.start < one.end + CELL
        for other in others
    )
