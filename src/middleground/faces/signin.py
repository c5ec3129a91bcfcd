"""Signing in, by allauth: no self sign-up; passwords change through an action; each role lands on its own first page."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
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
