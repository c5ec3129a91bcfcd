"""Signing in, as everybody does it first."""

import pytest

from .hands import JOURNEY

pytestmark = JOURNEY


@pytest.mark.parametrize("username", ["counselor2"])
def test_the_first_sign_in_lasts_although_it_renews_the_hash(username, opens):
    """The demo's passwords are hashed quickly; the first sign-in renews the hash, and the session must go with the new one."""
    hands = opens(username)
    hands.goes("/home/")
    assert hands.page.url.endswith("/day/")
