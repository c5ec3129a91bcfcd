"""The painted week in Chromium: by mouse, keyboard and finger; what it posts; the plain fields that stand in for it."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django import forms
from django.template.loader import render_to_string

from middleground.faces.ui.painted import PaintedWeek, TimeRow, at_one_cost, joined
from tests.faces.ui_look import CSS, STATIC, in_browser

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Week</title>
{links}</head><body class="frame-public"><main><h1>Week</h1><form method="get" action="/sent/"><fieldset><legend>Your week</legend>
{paint}</fieldset><button class="button">Keep</button></form><p class="far">The end</p></main></body></html>"""
LINKS = "".join(
    f'<link rel="stylesheet" href="/static/ui/{n}.css">'
    for n in ("css/tokens", "css/base", "css/components", "css/pages", "pieces/weeks")
)
SCRIPT = '<script src="/static/ui/js/week-paint.js" type="module"></script>'


class Week(forms.Form):
    painted = PaintedWeek()
    mon = forms.CharField(label="Monday", required=False)


def page(times=(), script=True, mode="painted", simple=False):
    form = Week(initial={"painted": list(times)})
    paint = render_to_string(
        "ui/_week_paint.html",
        {
            "paint": form["painted"],
            "mode": mode,
            "simple": simple,
            "plain": "ui/_form_fields.html",
            "visible": [form["mon"]],
        },
    )
    return PAGE.format(links=LINKS + SCRIPT * script, paint=paint)


def painting(do, times=(), width=1000, **options):
    """What lies in the hidden input after `do(page)`, and what `do` gave back."""

    def visit(context):
        tab = context.new_page()
        tab.goto("http://clinic.test/")
        given = do(tab)
        return json.loads(tab.locator("input[name=painted]").input_value()), given

    options = {"viewport": {"width": width, "height": 900}, **options}
    return in_browser({"/": page(times), "/sent/": "sent"}, visit, **options)


def square(tab, day, row):
    return tab.locator(f'td[data-day="{day}"][data-row="{row}"]')


def middle(tab, day, row):
    box = square(tab, day, row).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(tab, start, end):
    square(tab, *end).scroll_into_view_if_needed()
    tab.mouse.move(*middle(tab, *start))
    tab.mouse.down()
    tab.mouse.move(*middle(tab, *end), steps=5)
    tab.mouse.up()


def at(*texts, cost=0):
    return [{"at": text, "cost": cost} for text in texts]


def test_the_mouse_paints_a_stretch_over_days_and_rubs_out_where_it_starts_on_the_same_tone():
    def do(tab):
        drag(tab, (0, 36), (2, 41))
        drag(tab, (1, 38), (1, 39))
        return tab.locator("[data-paint-said]").inner_text()

    week, said = painting(do)
    assert week == at("mon 18:00-21:00", "tue 18:00-19:00", "tue 20:00-21:00", "wed 18:00-21:00")
    assert said == (
        "Free: Monday and Wednesday 6:00 pm to 9:00 pm; Tuesday 6:00 pm to 7:00 pm and 8:00 pm to 9:00 pm. Hours a week: 8."
    )


def test_a_second_tone_is_drawn_and_said_with_letters_and_not_by_colour_alone():
    def do(tab):
        tab.get_by_role("button", name="If need be").click()
        drag(tab, (5, 18), (5, 19))
        mark = square(tab, 5, 18).evaluate("cell => getComputedStyle(cell, '::before').content")
        return mark, square(tab, 5, 18).get_attribute("aria-label"), tab.locator("[data-paint-said]").inner_text()

    week, (mark, label, said) = painting(do)
    assert week == at("sat 09:00-10:00", cost=2)
    assert "~" in mark
    assert label == "Saturday 9:00 am, if need be"
    assert said == "If need be: Saturday 9:00 am to 10:00 am. Hours a week: 1."


def test_the_keyboard_moves_paints_stretches_and_takes_back():
    def do(tab):
        tab.locator('td[tabindex="0"]').focus()
        tab.keyboard.press("Space")
        tab.keyboard.press("ArrowRight")
        tab.keyboard.down("Shift")
        for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
            tab.keyboard.press(key)
        tab.keyboard.up("Shift")
        before = json.loads(tab.locator("input[name=painted]").input_value())
        tab.keyboard.press("Control+z")
        tab.keyboard.press("Home")
        return before, tab.evaluate("document.activeElement.dataset.day")

    week, (before, day) = painting(do)
    assert before == at("mon 18:00-18:30", "tue 18:00-19:30", "wed 18:00-19:30")
    assert week == at("mon 18:00-18:30")
    assert day == "0"


def test_a_finger_paints_without_moving_the_page_and_scrolls_at_the_side():
    def do(tab):
        finger = tab.context.new_cdp_session(tab)

        def swipe(x, y, to_x, to_y):
            finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
            for step in range(1, 9):
                now = {"x": x + (to_x - x) * step / 8, "y": y + (to_y - y) * step / 8}
                finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [now]})
            finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            tab.wait_for_timeout(150)

        square(tab, 3, 30).scroll_into_view_if_needed()
        tab.evaluate("scrollTo(0, 300)")
        start, end = middle(tab, 3, 34), middle(tab, 3, 30)
        swipe(*start, *end)
        painted = tab.evaluate("scrollY")
        side = tab.locator("tbody tr:not([hidden]) th").nth(20).bounding_box()
        swipe(side["x"] + 8, side["y"] + 5, side["x"] + 8, side["y"] - 200)
        return painted, tab.evaluate("scrollY"), tab.evaluate("document.documentElement.scrollWidth")

    week, (still, scrolled, wide) = painting(do, width=360, has_touch=True, is_mobile=True)
    assert week == at("thu 15:00-17:30")
    assert still == 300
    assert scrolled > 300
    assert wide <= 360


def test_quick_fills_copy_clear_and_undo():
    def do(tab):
        seen = []
        for name in ("Evenings", "Clear Monday", "Weekday mornings", "Undo", "Copy Monday to Tue–Fri", "Undo"):
            tab.get_by_role("button", name=name).click()
            seen.append(json.loads(tab.locator("input[name=painted]").input_value()))
        return seen

    days = ("mon", "tue", "wed", "thu", "fri")
    week, seen = painting(do)
    assert seen[0] == at(*(f"{day} 17:00-21:15" for day in days))
    assert seen[1] == seen[3] == at(*(f"{day} 17:00-21:15" for day in days[1:]))
    assert seen[4] == []
    assert week == seen[1]


def test_times_that_are_not_touched_stay_to_the_quarter_hour():
    known = [{"at": "mon 06:15-08:45", "cost": 1}, {"at": "mon 18:00-21:15", "cost": 3}]
    week, label = painting(lambda tab: square(tab, 0, 12).get_attribute("aria-label"), known)
    assert week == known
    assert label == "Monday 6:00 am, partly free"


def test_while_the_plain_fields_are_open_they_count_and_the_painted_week_is_not_sent():
    def do(tab):
        drag(tab, (0, 36), (0, 37))
        tab.get_by_text("Write the times instead").click()
        tab.locator("[data-paint-box]").wait_for(state="hidden")
        tab.get_by_label("Monday", exact=True).fill("evenings")
        hidden = tab.locator("[data-paint-box]").is_hidden()
        sent = tab.evaluate("[...new FormData(document.forms[0]).keys()]")
        tab.get_by_text("Write the times instead").click()
        tab.locator("[data-paint-box]").wait_for(state="visible")
        return hidden, sent, tab.evaluate("[...new FormData(document.forms[0]).keys()]")

    _week, (hidden, plain, painted) = painting(do)
    assert hidden and plain == ["mon"] and painted == ["painted"]


def test_without_a_script_the_plain_fields_are_the_form():
    def visit(context):
        tab = context.new_page()
        tab.goto("http://clinic.test/")
        return tab.get_by_label("Monday", exact=True).is_visible(), tab.locator("[data-paint-box]").is_visible()

    assert in_browser({"/": page(script=False)}, visit, java_script_enabled=False) == (True, False)


@pytest.mark.parametrize("script", [True, False])
def test_the_plain_fields_count_alone_where_no_script_runs(script):
    def visit(context):
        tab = context.new_page()
        tab.goto("http://clinic.test/")
        if not script:
            tab.get_by_label("Monday", exact=True).fill("09:00-10:00")
        tab.get_by_role("button", name="Keep").click()
        tab.wait_for_url("**/sent/**")
        return parse_qs(urlsplit(tab.url).query)

    known = at("tue 18:00-21:00")
    sent = in_browser({"/": page(known), "/sent/": "sent"}, visit, java_script_enabled=script)
    assert sent == ({"painted": [json.dumps(known, separators=(",", ":"))]} if script else {"mon": ["09:00-10:00"]})


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(width, scheme):
    def visit(context):
        tab = context.new_page()
        tab.goto("http://clinic.test/")
        return [
            (v["id"], v["nodes"][0]["html"], v["nodes"][0]["failureSummary"])
            for v in Axe().run(tab).response["violations"]
        ], tab.evaluate("document.documentElement.scrollWidth")

    known = [{"at": "mon 06:15-08:45", "cost": 1}, {"at": "tue 18:00-21:00", "cost": 0}]
    found, wide = in_browser({"/": page(known)}, visit, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert found == [] and wide <= width


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "{}",
        '[{"at": "mon 9-10", "cost": 0}]',
        '[{"at": "mon 09:00-10:00", "cost": 9}]',
        '[{"cost": 1}]',
        "3",
        '["x"]',
        "[" * 39_000,
        '[{"at": "mon 09:00-10:00", "cost": 1e999}]',
    ],
    ids=lambda text: text[:20],
)
def test_a_week_that_cannot_be_read_is_refused_in_words(text):
    form = Week({"painted": text})
    assert not form.is_valid()
    assert "write the times" in form.errors["painted"][0]


def test_touching_times_of_one_cost_are_one_and_midnight_parts_days():
    day = 24 * 60
    assert joined([(60, 120, 0), (120, 180, 0), (180, 240, 2), (1380, day, 0), (day, day + 60, 0)]) == [
        *at("mon 01:00-03:00"),
        *at("mon 03:00-04:00", cost=2),
        *at("mon 23:00-24:00"),
        *at("tue 00:00-01:00"),
    ]
    assert at_one_cost([*at("mon 01:00-03:00"), *at("mon 03:00-04:00", cost=2)]) == at("mon 01:00-04:00")


def test_an_unpainted_form_leaves_the_plain_rows_to_count():
    form = Week({})
    assert form.is_valid() and form.cleaned_data["painted"] is None
    assert TimeRow({"day": "mon", "starts": "09:00"}).is_valid() is False


def test_every_token_of_its_sheet_is_defined_and_it_stays_small():
    used = set(re.findall(r"var\(--([a-z0-9-]+)", (STATIC / "ui/pieces/weeks.css").read_text()))
    assert used - {"square"} <= set(re.findall(r"--([a-z0-9-]+):", (CSS / "tokens.css").read_text()))
    assert (STATIC / "ui/js/week-paint.js").stat().st_size < 14_000
