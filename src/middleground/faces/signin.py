"""Signing in, by allauth: no self sign-up; passwords change through an action; each role lands on its own first page.
What was read while signed in is not kept by the browser."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from middleground.clinic.actions import change_password
from middleground.kernel.context import system


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        actor = user.actor() if user.is_active else system("password")
        change_password.run(actor, user=user, password=password)
        user.refresh_from_db(fields=["password"])

    def get_login_redirect_url(self, request: Any) -> str:
        return reverse("home")


class NotKept:
    """Pages of a session are stored nowhere: the Back button of a shared computer shows nothing once somebody signed out.

    A page that says itself how long it may be kept (the companion's worker) is left as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not answer.has_header("Cache-Control"):
            answer["Cache-Control"] = "private, no-store"
        return answer
