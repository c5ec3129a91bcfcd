"""What one's week could look like, before asking for anything: painted, looked at, kept nowhere.

The times travel in the body of a POST, so that they are in no address, no history and no server log.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from middleground.faces.doors import EVERYONE, Nav, page
from middleground.faces.ui import offered, painted
from middleground.timetable import previews

from .availability import Week
from .frame import show
from .limits import too_often


class Wish(Week, painted.Travel):
    """The week and the minutes to each site."""


@page(
    "your-week/",
    name="your-week",
    by=EVERYONE,
    title=_("See your week"),
    nav=Nav("public", _("See your week"), "calendar", 55),
)
@csrf_exempt  # it changes nothing, so there is nothing to forge; a token would need a cookie
@never_cache
def your_week(request: HttpRequest) -> HttpResponse:
    """Paint the times, see up to five weeks that would suit. Nobody is asked who they are."""
    places = previews.sites()
    if request.method != "POST":
        return _page(request, Wish(sites=places))
    form = Wish(request.POST, sites=places)
    if too_often(request, "your-week", previews.rules()["one_address"]):  # what can't be read counts too
        form.add_error(None, _("This page was asked many times from here. Please call us instead."))
        return _page(request, form, status=429)
    if not form.is_valid():
        return _page(request, form, status=422)
    times = form.liked()
    if not times:
        form.add_error("painted", _("Paint at least one time first."))
        return _page(request, form, status=422)
    found = previews.for_visitor(times, form.minutes, (get_language() or "en")[:2])
    return _page(request, form, offered.cards(found), times, in_english=bool(found.weeks) and found.other_language)


def _page(
    request: HttpRequest, form: Any, cards: Any = None, times: Any = (), *, in_english: bool = False, status: int = 200
) -> HttpResponse:
    wrong = any(form.errors.get(name) for name in form.day_names())
    mode = "plain" if wrong else painted.tones(form)
    context = {
        "form": form,
        "mode": mode,
        # Beside a painted week the plain fields are empty: drawn once for everybody, and never from what somebody sent.
        "plain": "site/_week_plain.html" if mode == "plain" else "site/_week_blank.html",
        "blank": Week(),
        "cards": cards,
        "asked": cards is not None,
        "in_english": in_english,
        "carried": painted.PaintedWeek().prepare_value(painted.at_one_cost(times)),
    }
    return show(request, "site/your_week.html", {}, context, status=status)
