"""Passkeys as a browser sends them: what no browser would send is refused like a wrong one, and breaks no page."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

from middleground.kernel.asking import Structured

UNREADABLE = (LookupError, ValueError, TypeError, AttributeError, struct.error, RecursionError, OverflowError)


@contextmanager
def refused() -> Iterator[None]:
    """The parts of a credential are read without looking whether they are there and what they are."""
    try:
        yield
    except UNREADABLE:
        raise get_adapter().validation_error("incorrect_code") from None


class Sent(forms.Form):
    """What a passkey answered."""

    credential = Structured(dict, widget=forms.HiddenInput)

    def clean_credential(self) -> Any:
        with refused():
            return super().clean_credential()  # type: ignore[misc]


class SignIn(Sent, LoginWebAuthnForm):
    """Signing in by passkey alone."""


class SecondStep(Sent, AuthenticateWebAuthnForm):
    """The passkey after the password."""


class OnceMore(Sent, ReauthenticateWebAuthnForm):
    """The passkey before a change of the account."""


class Add(AddWebAuthnForm):
    """A new passkey."""

    credential = Structured(dict, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        with refused():
            return super().clean()
