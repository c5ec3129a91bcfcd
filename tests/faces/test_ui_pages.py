"""The base templates as HTML: safe under the strict content policy, whole without a context, small."""

import re

import pytest
from babel.messages.pofile import read_po
from django.template.loader import get_template, render_to_string

from middleground.faces.ui.statuses import LOOKS
from tests.faces.ui_look import CSS, ROOM, STATIC, TEMPLATES, styleguide

PAGES = ["staff", "client", "public", "auth", "error", "document", "400", "403", "404", "500"]


def test_no_template_holds_inline_style_or_script():
    for file in TEMPLATES.rglob("*.html"):
        source = file.read_text()
        assert not re.search(r"\sstyle=|<style|\son(?!ly=)[a-z]+=|javascript:", source), file.name
        assert not re.search(r"<script(?![^>]*\ssrc=)", source), file.name


def test_nothing_comes_from_outside_the_clinic():
    for file in [*TEMPLATES.rglob("*.html"), *CSS.glob("*.css")]:
        assert not re.search(r'(src="|url\(["\']?|<link[^>]+href=")(https?:)?//', file.read_text()), file.name


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_even_with_no_context(name):
    html = render_to_string(f"ui/{name}.html")
    assert '<html lang="en' in html
    assert 'name="viewport"' in html
    assert html.count("<main") == 1 and html.count("<h1") == 1
    assert 'href="tel:988"' in html and 'href="tel:911"' in html


@pytest.mark.parametrize("name", PAGES[:5])
def test_the_keyboard_can_skip_to_the_content(name):
    html = render_to_string(f"ui/{name}.html")
    assert 'class="skip" href="#main"' in html and 'id="main"' in html


@pytest.mark.parametrize("name", ["400", "403"])
def test_a_refusal_says_why_and_escapes_it(name):
    html = render_to_string(f"ui/{name}.html", {"why": "The session is <signed>."})
    assert "The session is &lt;signed&gt;." in html


def test_a_csrf_failure_has_its_own_words():
    assert "waited too long" in get_template("403_csrf.html").render()


@pytest.mark.parametrize("frame", ["staff", "client", "public"])
def test_the_current_place_is_marked(frame):
    html = styleguide(frame)
    assert frame == "public" or 'aria-current="page"' in html
    assert 'aria-label="Main"' in html


def test_the_clinic_is_named_from_its_own_record():
    html = render_to_string("ui/staff.html", {"organization": {"name": "Cedar & House", "is_demo": True}})
    assert "Cedar &amp; House" in html and "nobody here is real" in html


def test_the_public_site_may_be_found_and_the_rest_may_not():
    assert "noindex" not in render_to_string("ui/public.html")
    assert "noindex" in render_to_string("ui/staff.html")


def test_the_whole_look_is_small():
    assert sum(file.stat().st_size for file in CSS.glob("*.css")) < 50_000
    assert (STATIC / "ui/js/ui.js").stat().st_size < 6_000


def test_what_we_ship_from_others_has_its_licence_beside_it():
    assert "SIL Open Font License" in (STATIC / "ui/font/OFL.txt").read_text()
    assert "Zero-Clause BSD" in (STATIC / "ui/vendor/htmx.LICENSE.txt").read_text()


def test_every_token_that_is_used_is_defined():
    sheets = {file: file.read_text() for file in CSS.glob("*.css")}
    defined = {name for text in sheets.values() for name in re.findall(r"(--[a-z0-9-]+):", text)}
    used = {name for text in sheets.values() for name in re.findall(r"var\((--[a-z0-9-]+)", text)}
    assert used <= defined


def test_every_word_of_the_frames_has_its_spanish():
    with (ROOM / "locale/es/LC_MESSAGES/django.po").open("rb") as file:
        spanish = read_po(file)
    said = set()
    for source in TEMPLATES.rglob("*.html"):
        said |= set(re.findall(r'{% translate "([^"]+)" %}', source.read_text()))
    said |= {str(look.word) for look in LOOKS.values()}
    assert {words for words in said if not (spanish.get(words) and spanish[words].string)} == set()
