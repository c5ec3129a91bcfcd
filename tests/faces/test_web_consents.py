"""The consents tab: signing after a preview, narrowing, revoking, sending, and the paper that goes with it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.records.models import Consent, Disclosure
from tests.insight.stories import a_story

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(clinic, wren, client):
    client.force_login(clinic.people["counselor"])
    return a_story(clinic, wren)


def new(row, form="specific-release", to="employer"):
    return f"{reverse('consent-new', args=[row.pk])}?form={form}&to={to}"


def given(**other):
    return {
        "recipient": "Acme Tools",
        "kinds": ["schedule", "attendance"],
        "purposes": ["own-request"],
        "ends_on": (clock.today() + timedelta(days=60)).isoformat(),
        "signed_name": "Wren Alder",
        "step": "sign",
        **other,
    }


def signed(client, row, **other):
    client.post(new(row), given(**other))
    with everything("test"):
        return Consent.objects.filter(client=row).first()


def test_the_tab_lists_what_can_be_signed(client, told):
    text = client.get(reverse("chart-consents", args=[told.pk])).content.decode()
    for words in (
        "No consent in force",
        "Employer or employee assistance",
        "Probation officer",
        "Accounting of disclosures",
    ):
        assert words in text


def test_every_form_opens(client, told):
    from middleground.insight import releases

    for form, _, to, _ in releases.choices():
        assert client.get(new(told, form, to)).status_code == 200
    assert client.get(new(told, "specific-release", "nobody")).status_code == 404


def test_the_preview_comes_before_the_signature_and_loses_rows_with_the_scope(client, told):
    wide = client.post(new(told), given(step="preview", signed_name="")).content.decode()
    narrow = client.post(new(told), given(step="preview", kinds=["schedule"])).content.decode()
    assert "Present, 180 minutes" in wide and "Present, 180 minutes" not in narrow
    assert "Acme Tools" in narrow
    with everything("test"):
        assert not Consent.objects.filter(client=told).exists()


def test_signing_keeps_the_text_that_was_read(client, told):
    made = signed(client, told)
    assert (
        made.signed_name == "Wren Alder" and "Acme Tools" in made.text and "You may take this consent back" in made.text
    )
    assert sorted(k.record_kind for k in _kinds(made)) == ["attendance", "schedule"]


def _kinds(consent):
    with everything("test"):
        return list(consent.kinds.all())


def test_a_spanish_speaking_client_reads_spanish(client, clinic, told):
    from middleground.kernel.actions import action
    from middleground.kernel.context import system
    from middleground.kernel.who import system_only

    @action("Speak Spanish for a test", by=system_only())
    def speak(act, row: type(told)) -> None:
        row.language = "es"
        row.save()

    speak.run(system("test"), row=told)
    assert "Usted elige una persona o lugar" in client.get(new(told)).content.decode()
    assert "Quién puede recibirlo" in signed(client, told).text


@pytest.mark.parametrize("missing", ["signed_name", "recipient", "ends_on"])
def test_what_is_missing_is_said_and_nothing_typed_is_lost(client, told, missing):
    page = client.post(new(told), given(**{missing: ""}))
    assert page.status_code == 422
    if missing != "recipient":
        assert "Acme Tools" in page.content.decode()
    with everything("test"):
        assert not Consent.objects.filter(client=told).exists()


def test_counseling_notes_stand_on_a_form_of_their_own(client, told):
    text = client.get(new(told)).content.decode()
    assert 'value="counseling-note"' not in text
    page = client.post(
        new(told, "counseling-notes", "provider"), given(kinds=["counseling-note"], purposes=["treatment"])
    )
    assert page.status_code == 302


def test_one_consent_for_care_payment_and_program(client, told):
    assert (
        client.post(
            new(told, "tpo-single", "treating-providers"), {"signed_name": "Wren Alder", "step": "sign"}
        ).status_code
        == 302
    )
    with everything("test"):
        made = Consent.objects.get(client=told)
    assert made.purposes == ["treatment", "payment", "operations"]


def test_a_letter_says_what_the_consent_allows_and_lists_what_it_left_out(client, told):
    made = signed(client, told, kinds=["schedule"])
    url = reverse("consent-letter", args=[told.pk, made.pk])
    text = client.get(url).content.decode()
    assert "Dates between which time away is needed" in text and "the consent does not cover attendance" in text
    page = client.post(url, follow=True)
    paper = page.content.decode()
    assert "42 CFR part 2 prohibits" in paper and "Middleground Demo" not in paper and "Dates between which" in paper
    with everything("test"):
        assert Disclosure.objects.get(client=told).kinds == ["schedule"]


def test_sending_is_recorded_and_accounted_for(client, told):
    made = signed(client, told)
    url = reverse("consent", args=[told.pk, made.pk])
    assert (
        client.post(
            url, {"step": "disclose", "kinds": ["attendance"], "what_for": "own-request", "description": ""}
        ).status_code
        == 422
    )
    client.post(
        url,
        {
            "step": "disclose",
            "kinds": ["attendance"],
            "what_for": "own-request",
            "description": "Attendance of May, by mail",
        },
    )
    assert "Attendance of May, by mail" in client.get(reverse("chart-consents", args=[told.pk])).content.decode()


def test_revoking_stops_everything_that_goes_out(client, told):
    made = signed(client, told)
    client.post(reverse("consent", args=[told.pk, made.pk]), {"step": "revoke", "how": "in writing"})
    text = client.get(reverse("consent", args=[told.pk, made.pk])).content.decode()
    assert "What they may see today" not in text and "in writing" in text
    assert client.get(reverse("consent-letter", args=[told.pk, made.pk])).status_code == 302
    page = client.post(
        reverse("consent", args=[told.pk, made.pk]),
        {"step": "disclose", "kinds": ["attendance"], "what_for": "own-request", "description": "x"},
    )
    assert page.status_code == 422


def test_a_biller_and_a_stranger_are_kept_out(client, clinic, told):
    client.force_login(clinic.people["biller"])
    assert client.get(reverse("chart-consents", args=[told.pk])).status_code == 403
    from tests import builders

    client.force_login(builders.a_second(clinic, "counselor", "other"))
    assert client.get(reverse("chart-consents", args=[told.pk])).status_code == 404


def test_pages_stay_within_twelve_statements(client, told, django_assert_max_num_queries):
    made = signed(client, told)
    for name, args in (
        ("chart-consents", [told.pk]),
        ("consent", [told.pk, made.pk]),
        ("consent-letter", [told.pk, made.pk]),
    ):
        with django_assert_max_num_queries(14):  # two of them are the savepoint of a test inside a transaction
            client.get(reverse(name, args=args))
