"""The style guide: every component with sample data, in each of the three frames."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from middleground.faces.ui import sampler

FRAMES = {
    "client": ("ui/styleguide_client.html", sampler.CLIENT_NAV),
    "public": ("ui/styleguide_public.html", sampler.PUBLIC_NAV),
}


def styleguide(request: HttpRequest) -> HttpResponse:
    """The components as staff see them; `?frame=client` and `?frame=public` show the other frames."""
    page, nav = FRAMES.get(request.GET.get("frame", ""), ("ui/styleguide.html", sampler.NAV))
    return render(request, page, {**sampler.sample(), "nav": nav, "search_url": "#search"})
