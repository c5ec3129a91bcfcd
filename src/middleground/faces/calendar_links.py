"""What the two pages about one's own calendar link share: making it, showing it once, taking it back."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from middleground.timetable import actions, calendars


def posted(request: HttpRequest) -> dict[str, Any] | None:
    """Do what was asked. The new address when one was made: it is in this answer and nowhere else; None when it was taken back."""
    if "take-back" in request.POST:
        actions.revoke_calendar_link.run(request.actor)  # type: ignore[attr-defined]
        return None
    made = actions.make_calendar_link.run(request.actor, says_where="says_where" in request.POST)  # type: ignore[attr-defined]
    address = request.build_absolute_uri(reverse("calendar-feed", args=[made.token]))
    return {"address": address, "subscribe": f"webcal://{address.partition('://')[2]}"}


def told(request: HttpRequest, made: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a page about the link shows."""
    link = calendars.link_of(request.actor.user_id)  # type: ignore[attr-defined]
    return {"link": link, "made": made, "form": actions.make_calendar_link.form()}
