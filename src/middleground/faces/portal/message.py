"""The listen-only line's page: anyone may write; the answer is the same, byte for byte, whoever is named."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from middleground.clinic.queries import organization
from middleground.faces.doors import EVERYONE, navigation, page
from middleground.faces.portal.frame import show
from middleground.family.actions import leave_family_message
from middleground.kernel.context import visitor


@page("families/message/", name="family-message", by=EVERYONE, title=_("Tell us something"))
def message(request: HttpRequest) -> HttpResponse:
    """Write to us. What was typed comes back only when a field is missing, never because of who is named."""
    form = leave_family_message.form()
    if request.method == "POST":
        done = leave_family_message.submit(request)
        if done:
            return redirect("family-message-thanks")
        form = done.form
    return show(request, "message", {"form": form, "nav": navigation(request, visitor())}, form)


@page("families/message/thanks/", name="family-message-thanks", by=EVERYONE, title=_("Thank you"))
def thanks(request: HttpRequest) -> HttpResponse:
    """The same thanks for everybody: made without the request, so that not even a form token differs."""
    return HttpResponse(
        render_to_string(
            "portal/message_thanks.html", {"nav": navigation(request, visitor()), "organization": organization()}
        )
    )
