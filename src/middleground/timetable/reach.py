"""Whether somebody can come: free from the way there to the way back, inside one free stretch (H9 of the timetabling contract)."""

from collections.abc import Iterable, Mapping
from typing import Any

from middleground.engines.timetabling.clinic import Spans, covers, joined
from middleground.engines.timetabling.times import Span, interval
from middleground.program.models import Modality, Session

from .standing import span_of


def can_come(free: Spans, ways: Mapping[str, int], span: Span, site: str, remote: bool) -> bool:
    """`free` joined, `ways` in minutes by site: one that is not in them is out of reach. Telehealth asks for no way."""
    way = 0 if remote else ways.get(site)
    return way is not None and covers(free, max(0, span[0] - way), span[1] + way)


def can_attend(free: Spans, ways: Mapping[str, int], session: Session) -> bool:
    return can_come(free, ways, span_of(session.start, session.end), str(session.site_id), is_remote(session))


def is_remote(session: Session) -> bool:
    return session.modality == Modality.TELEHEALTH


def stretches(times: Iterable[Mapping[str, Any]]) -> Spans:
    """Free times as said, touching ones made one."""
    return joined(interval(each["at"]) for each in times)


def ways(own_site: int, said: Mapping[str, int] | None, booked: Iterable[Session] = ()) -> dict[str, int]:
    """Minutes to each site in reach: no way to their own and to where they are booked, unless they said one."""
    here = {str(session.site_id): 0 for session in booked if not is_remote(session)}
    return {str(own_site): 0, **here, **(said or {})}
