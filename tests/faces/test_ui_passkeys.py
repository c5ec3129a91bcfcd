"""The pages about passwords, passkeys and the second step open in our frame, in both languages, for staff and clients alike."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client as Browser
from django.utils.translation import deactivate

from tests import builders

pytestmark = pytest.mark.django_db

OPEN = ["2fa/", "2fa/webauthn/", "password/change/", "password/reset/", "logout/", "email/"]
AFTER_PROOF = ["2fa/webauthn/add/", "2fa/totp/activate/"]


@pytest.fixture(autouse=True)
def no_language_left_behind():
    yield
    deactivate()


@pytest.mark.parametrize("page", OPEN)
def test_a_page_about_the_account_opens(clinic, client, page):
    client.force_login(clinic.people["counselor"])
    answer = client.get(f"/account/{page}")
    assert answer.status_code == 200
    assert b'class="frame-auth"' in answer.content


@pytest.mark.parametrize("page", AFTER_PROOF)
def test_a_change_asks_first_who_it_is(clinic, client, page):
    client.force_login(clinic.people["counselor"])
    answer = client.get(f"/account/{page}")
    assert answer.status_code == 302
    assert "/account/reauthenticate/" in answer["Location"]


def test_a_passkey_can_be_used_to_sign_in(db):
    page = Browser().get("/account/login/").content.decode()
    assert 'data-passkey="loginForm"' in page
    assert "ui/js/passkey.js" in page


def test_a_client_reads_it_in_spanish(clinic):
    browser = Browser()
    browser.force_login(builders.client_user(clinic, builders.a_client(clinic, "Sol", "Reyes")))
    browser.cookies["mg_language"] = "es"
    assert "Llaves de acceso" in browser.get("/account/2fa/").content.decode()


UNREADABLE = {
    "too deep": "[" * 39_000,
    "no mapping": "[1]",
    "without its id": '{"id": "x"}',
    "of other kinds": '{"rawId": 3, "response": 3}',
    "without an answer": '{"rawId": "YQ", "type": "public-key", "response": {}}',
}


@pytest.mark.parametrize("credential", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_passkey_that_no_browser_would_send_is_a_wrong_one(clinic, credential):
    cache.clear()
    stranger, counselor = Browser(), Browser()
    answer = stranger.post("/account/2fa/webauthn/login/", {"credential": credential})
    assert answer.status_code == 302 and "_auth_user_id" not in stranger.session
    counselor.force_login(clinic.people["counselor"])
    counselor.post("/account/reauthenticate/", {"password": builders.PASSWORD})
    add = counselor.post("/account/2fa/webauthn/add/", {"credential": credential})
    assert add.status_code == 200 and not Authenticator.objects.exists()
