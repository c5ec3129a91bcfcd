"""Signing in with a one-time code given in person: no e-mail, no password to remember."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from middleground.clinic.actions import use_code
from middleground.faces.doors import EVERYONE, page
from middleground.faces.site.limits import place

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@page("account/code/", name="sign-in-code", by=EVERYONE, title="Sign in with a code")
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Name and code in, session out. A wrong code says the same whether the name exists or not."""
    form = use_code.form(place=None)
    if request.method == "POST":
        done = use_code.submit(request, place=place(request))
        if done and done.result is not None:
            login(request, done.result, backend=BACKEND)
            return redirect("home")
        form = done.form
        if done:
            form.add_error(
                None, _("This name and code don't match, or the code was used or is too old. Ask for a new one.")
            )
    return render(request, "web/sign_in_code.html", {"form": form}, status=422 if form.errors else 200)
