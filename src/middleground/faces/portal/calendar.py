"""A client's own calendar link."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from middleground.faces.calendar_links import posted, told
from middleground.faces.doors import page
from middleground.faces.portal.frame import CLIENT, me, show


@page("me/calendar/", name="portal-calendar", by=CLIENT, title=_("My calendar"))
def calendar(request: HttpRequest) -> HttpResponse:
    """Make a link for the phone's calendar, see when it was last used, take it back."""
    me(request)
    if request.method != "POST":
        return show(request, "calendar", told(request))
    made = posted(request)
    if made is None:
        messages.success(request, str(_("The link no longer works.")))
        return redirect("portal-calendar")
    return show(request, "calendar", told(request, made))
