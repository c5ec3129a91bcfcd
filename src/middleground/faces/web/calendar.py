"""A staff member's own calendar link."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from middleground.faces.calendar_links import posted, told
from middleground.faces.doors import page
from middleground.kernel.who import STAFF


@page("my/calendar/", name="my-calendar", by=STAFF, title="Calendar link")
def my_calendar(request: HttpRequest) -> HttpResponse:
    """Make a link for one's own calendar, see when it was last used, take it back."""
    if request.method != "POST":
        return render(request, "web/calendar.html", told(request))
    made = posted(request)
    if made is None:
        messages.success(request, "The link no longer works.")
        return redirect("my-calendar")
    return render(request, "web/calendar.html", told(request, made))
