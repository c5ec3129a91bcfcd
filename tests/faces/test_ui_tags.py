"""The template tags: what a person reads, and that nobody's text becomes markup."""

import re
from datetime import date, datetime, timedelta

import pytest
from django import forms
from django.utils import timezone, translation

from middleground.faces.ui import charts, moments, statuses
from middleground.faces.ui.forms import Clock, Day, Moment
from middleground.faces.ui.icons import symbols
from tests.faces.ui_look import TEMPLATES, rendered

EVIL = '<script>alert("x")</script>'


class Intake(forms.Form):
    name = forms.CharField(label="Name", help_text="As they like it.")
    ride = forms.BooleanField(label="Needs a ride", required=False)
    track = forms.ChoiceField(label="Track", choices=[("day", "Day"), ("eve", "Evening")], widget=forms.RadioSelect)
    key = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    "source",
    [
        "{% chip evil %}",
        '{% chip "late" label=evil %}',
        "{% card evil %}{{ evil }}{% endcard %}",
        "{% source evil evil evil %}",
        "{% notice evil evil %}{{ evil }}{% endnotice %}",
        "{% meter 1 2 evil evil %}",
        "{% stat evil evil evil %}",
        '{% empty "leaf" evil evil evil evil %}',
        "{% tabs items evil %}",
        "{% svg_bars rows evil evil %}",
        "{% svg_line rows evil evil %}",
        "{% confirm evil evil evil %}{{ evil }}{% endconfirm %}",
        '{% icon "note" evil %}',
        "{% when None evil %}",
    ],
)
def test_text_never_becomes_markup(source):
    html = rendered(source, evil=EVIL, items=[{"label": EVIL, "url": EVIL}], rows=[(EVIL, 1), (EVIL, 2)])
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_an_icon_is_decoration_unless_it_is_named():
    assert 'aria-hidden="true"' in rendered('{% icon "calendar" %}')
    assert 'role="img" aria-label="Calendar"' in rendered('{% icon "calendar" "Calendar" %}')


def test_a_missing_icon_does_not_take_the_page_down(caplog):
    assert symbols()["circle"] in rendered('{% icon "no-such-icon" %}')
    assert "no-such-icon" in caplog.text


def test_every_icon_a_template_names_exists():
    named = {name for file in TEMPLATES.rglob("*.html") for name in re.findall(r'{% icon "([^"]+)"', file.read_text())}
    assert named <= set(symbols())
    assert len(symbols()) >= 40


def test_a_field_says_required_and_points_to_its_help():
    html = rendered("{% field form.name %}", form=Intake())
    assert "(required)" in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert '<p class="help" id="id_name_helptext">As they like it.</p>' in html


def test_a_refused_field_points_to_its_error_and_keeps_what_was_typed():
    html = rendered("{% form_errors form %}{% form_fields form %}", form=Intake({"name": "", "ride": "on"}))
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert '<a href="#id_name">Name</a>' in html
    assert "checked" in html


def test_radio_buttons_are_a_fieldset_whose_summary_link_lands():
    html = rendered("{% form_errors form %}{% field form.track 'segmented' %}", form=Intake({"name": "Wren"}))
    assert "<fieldset" in html and "<legend>Track" in html
    assert '<a href="#id_track">' in html and 'id="id_track"' in html


def test_a_single_tick_box_sits_inside_its_label():
    assert re.search(
        r'<label class="choice" for="id_ride"><input[^>]+><span>Needs a ride</span>',
        rendered("{% field form.ride %}", form=Intake()),
    )


def test_form_fields_can_be_some_of_them_and_bring_the_hidden_ones():
    html = rendered('{% form_fields form only="ride" %}', form=Intake())
    assert 'name="ride"' in html and 'name="key"' in html and 'name="name"' not in html


def test_every_request_key_is_fresh():
    keys = {rendered("{% request_key %}") for _ in range(3)}
    assert len(keys) == 3
    assert all(re.search(r'name="request_key" value="[0-9a-f-]{36}"', key) for key in keys)


@pytest.mark.parametrize(
    ("status", "tone", "word"),
    [("no_show", "danger", "No-show"), ("LEFT EARLY", "watch", "Left early"), ("moon-phase", "plain", "Moon phase")],
)
def test_a_status_has_a_tone_and_a_word(status, tone, word):
    assert statuses.look_of(status) == (tone, word)


def test_a_chip_shows_a_shape_and_a_word():
    html = rendered('{% chip "overdue" %}')
    assert "<svg" in html and "Overdue" in html and "tone-danger" in html


def test_every_look_has_a_shape():
    assert {look.tone for look in statuses.LOOKS.values()} <= set(statuses.ICON_OF_TONE)
    assert set(statuses.ICON_OF_TONE.values()) <= set(symbols())


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (3, "Saturday"), (-3, "Mar 1"), (400, "Apr 8, 2027")],
)
def test_days_are_said_as_people_say_them(days, words):
    today = date(2026, 3, 4)
    assert moments.day_in_words(today + timedelta(days), today) == words


@pytest.mark.parametrize(("hour", "words"), [(0, "12:05 am"), (9, "9:05 am"), (12, "12:05 pm"), (18, "6:05 pm")])
def test_the_clock_is_the_one_on_the_wall(hour, words):
    assert moments.clock(datetime(2026, 3, 4, hour, 5)) == words


def test_a_span_says_am_or_pm_once_when_once_is_enough():
    at = datetime(2026, 3, 4, 18, 0)
    assert moments.clock_span(at, at.replace(hour=21)) == "6:00 to 9:00 pm"
    assert moments.clock_span(at.replace(hour=11), at.replace(hour=14)) == "11:00 am to 2:00 pm"


def test_when_gives_machines_the_whole_moment_and_speaks_spanish():
    now = timezone.now()
    html = rendered("{% when now %}", now=now)
    assert f'datetime="{timezone.localtime(now).isoformat()}"' in html and ">today " in html
    with translation.override("es"):
        assert "<time" in rendered("{% when day %}", day=date(2020, 3, 4))


@pytest.mark.parametrize(("value", "whole", "share"), [(6, 9, 66.7), (12, 9, 100), (-1, 9, 0), (1, 0, 0), (None, 9, 0)])
def test_a_bar_stays_inside_its_track(value, whole, share):
    assert charts.share(value, whole) == share


def test_a_line_breaks_where_nothing_was_measured():
    drawn = charts.line([1, 2, None, 4])
    assert len(drawn.runs) == 2 and len(drawn.dots) == 3
    assert (drawn.low, drawn.high) == (1, 4)


@pytest.mark.parametrize("values", [[], [None], [5], [5, 5]])
def test_a_line_of_little_or_nothing_is_still_drawn(values):
    assert charts.line(values).high > charts.line(values).low
    assert "<svg" in rendered('{% svg_line points "Cravings" %}', points=[(n, v) for n, v in enumerate(values)])


def test_a_chart_has_a_table_twin():
    html = rendered('{% svg_line points "Cravings" %}', points=[("Mar 2", 7), ("Mar 4", None)])
    assert re.search(r'<th scope="row">Mar 2</th><td class="number">7', html)
    assert "not measured" in html


def test_confirm_posts_once_and_carries_the_token():
    html = rendered('{% confirm "Cancel it" "/cancel/" "Yes" %}Why{% endconfirm %}', csrf_token="abc")
    assert 'method="post" action="/cancel/"' in html
    assert 'value="abc"' in html and 'name="request_key"' in html


@pytest.mark.parametrize(
    ("name", "letters"), [("Rosa Delgado", "RD"), ("Wren", "W"), ("", ""), ("Ana de la Cruz", "AC")]
)
def test_initials(name, letters):
    assert rendered("{{ name|initials }}", name=name) == letters


def test_date_widgets_speak_the_form_the_device_expects():
    at = datetime(2026, 3, 4, 18, 5)
    assert 'value="2026-03-04"' in Day().render("d", at.date())
    assert 'value="18:05"' in Clock().render("t", at.time())
    assert 'value="2026-03-04T18:05"' in Moment().render("m", at)


def test_where_a_rule_comes_from_is_folded_away_and_says_in_words_how_sure_it_is():
    page = rendered('{% source "Common practice" "G" "Why?" %}')
    assert "<details" in page and "<summary>Why?</summary>" in page
    assert "Common practice, not checked in a source" in page and "(G)" not in page
    assert "Read in the primary source" in rendered('{% source cite "V" %}', cite="42 CFR 2.31")


def test_what_is_kept_or_printed_says_the_year():
    at = timezone.make_aware(datetime(2026, 11, 21, 21, 45))
    assert rendered("{{ at|stamp }}", at=at) == "Nov 21, 2026, 9:45 pm"
