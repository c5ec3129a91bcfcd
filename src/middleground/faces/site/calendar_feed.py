"""The calendar behind a secret address, for a calendar program that can't sign in."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from middleground.faces.doors import EVERYONE, page
from middleground.timetable import calendars


@page("calendar/<str:token>.ics", name="calendar-feed", by=EVERYONE)
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """When its owner is busy; a link that was taken back or never was is not found."""
    link = calendars.opened(token)
    if link is None:
        raise Http404
    text = calendars.written(link)
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="calendar.ics"'
    answer["Cache-Control"] = f"private, max-age={calendars.rules()['refresh'] * 60}, must-revalidate"
    answer["Referrer-Policy"] = "no-referrer"
    answer["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=answer) or answer
