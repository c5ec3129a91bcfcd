"""Spanish for visitors, clients and families: the catalog is whole, and no page of theirs leaks English."""

import inspect
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from django.core.cache import cache
from django.test import Client as Browser
from django.utils.translation import deactivate, override, pgettext, trans_real
from scripts import compile_messages

from middleground.careplan import actions as careplan
from middleground.careplan.terms import goal_library
from middleground.clinic.actions import set_language
from middleground.clinic.models import User
from middleground.faces import doors
from middleground.family import actions as family
from middleground.kernel import actions as kernel
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program import actions as program
from middleground.records import queries as records
from middleground.records.models import Client, Consent
from middleground.recovery import actions
from tests import builders
from tests.program import groups

SOURCES = compile_messages.SOURCES
FACES = SOURCES / "faces"
PERSONS = {"visitor", "client", "family"}
PLACE = re.compile(r"%\((\w+)\)s")
SPOKEN = re.compile(r"\b(the|your|you|and|with|they|what|when|this|we|our|of|please|who|until)\b", re.IGNORECASE)
SAYING = ("aria-label", "placeholder", "alt", "data-offline", "data-saved", "data-failed", "data-unsaved")
GIVEN = {"Relapse Prevention"}  # titles that a clinic gave in English
ASKED = {"first_name": "Rowan", "phone": "555-014-2777", "for_whom": "me", "language": "es", "pathway": "first-line"}
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "say"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}


def catalogs():
    """Every message of our two catalogs."""
    sources = sorted(SOURCES.rglob("es/LC_MESSAGES/django.po"))
    return [each for source in sources for each in read_po(source.read_bytes().splitlines(True), "es") if each.id]


def one(words):
    """The singular of a message with a plural."""
    return words if isinstance(words, str) else words[0]


def all_of(words):
    return (words,) if isinstance(words, str) else tuple(words)


MESSAGES = catalogs()
OURS = {(each.context, one(each.id)): each for each in MESSAGES}


@pytest.fixture(autouse=True)
def spoken():
    """The catalogs compiled from their sources, as `make` does before serving, and read afresh."""
    compile_messages.main()
    trans_real._translations.clear()
    trans_real._default = None
    cache.clear()
    yield
    deactivate()  # a request leaves its language behind in the thread


# ---- the catalogs ----------------------------------------------------------------------------------------------


def test_every_message_has_its_spanish_with_the_same_places():
    wrong = [
        key
        for key, message in OURS.items()
        if not all(all_of(message.string))
        or {frozenset(PLACE.findall(s)) for s in all_of(message.string)} != {frozenset(PLACE.findall(one(message.id)))}
    ]
    assert wrong == []


def test_a_question_opens_as_spanish_questions_do():
    asked = [m.string for (_context, english), m in OURS.items() if english.endswith("?") and isinstance(m.string, str)]
    assert asked and [s for s in asked if "¿" not in s] == []


def test_nobody_is_called_tu():
    called = re.compile(r"\b(tú|tus?|contigo|puedes|tienes|quieres)\b", re.IGNORECASE)
    assert [s for m in OURS.values() for s in all_of(m.string) if called.search(s)] == []


def test_no_message_is_in_both_catalogs():
    assert len(MESSAGES) == len(OURS)


# ---- what the code says ----------------------------------------------------------------------------------------


def in_python(source: Path):
    """(context, English) of each marked string of a module."""
    for _line, words, _comments, context in extract_from_file("python", source, KEYWORDS):
        yield context, one(words)


def in_template(source: Path):
    text = source.read_text()
    for quoted in re.findall(r'{%\s*translate\s+"([^"]+)"|:?_\("([^"]+)"\)', text):
        yield None, quoted[0] or quoted[1]
    for block in re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*(?:plural|endblocktranslate)", text, re.DOTALL):
        yield None, re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", block)


def declared():
    """The actions of the program itself, without those of tests."""
    kernel.load_all()
    return [each for each in kernel.REGISTRY.values() if each.body.__module__.startswith("middleground.")]


def modules_of_actions():
    """The modules that declare what a visitor, a client or a family member may do."""
    return {Path(inspect.getsourcefile(a.body) or "") for a in declared() if PERSONS & set(a.by.by_role())}


def sources():
    rooms = [FACES / "site", FACES / "portal", FACES / "ui"]
    both = [f for room in rooms for pattern in ("*.py", "*.html") for f in room.rglob(pattern)]
    web = [
        FACES / "web" / name for name in ("code.py", "templates/web/sign_in_code.html", "templates/web/notices.html")
    ]
    own = [FACES / "doors.py", SOURCES / "kernel/errors.py", SOURCES / "kernel/actions.py"]
    return sorted({*both, *web, *own, *modules_of_actions()})


def test_every_marked_string_is_in_a_catalog():
    marked = {source: in_python(source) if source.suffix == ".py" else in_template(source) for source in sources()}
    found = {said: str(source.relative_to(SOURCES)) for source, words in marked.items() for said in words}
    djangos = trans_real.DjangoTranslation("es", domain="django", localedirs=[])
    assert len(found) > 300
    missing = {
        said: place
        for said, place in found.items()
        if said not in OURS and not (said[0] is None and said[1] in djangos._catalog)
    }
    assert missing == {}


def about_a_client(model):
    return model is Client or "client" in {f.name for f in model._meta.fields if f.related_model is Client}


def test_the_access_log_says_in_spanish_what_was_done():
    done = {
        each.name
        for each in declared()
        if not each.quiet and any(item.model and about_a_client(item.model) for item in each.inputs.values())
    }
    assert {name for name in done | {"Read"} if ("done", name) not in OURS} == set()
    with override("es"):
        assert pgettext("done", "Record attendance") == "Anotó la asistencia"


# ---- what the pages show ---------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """Collects what a person sees or hears: text and the attributes that are read out; not what is marked English."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent: list[str] = []
        self.language = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang", "")
        elif self.silent or tag in ("script", "style") or given.get("lang") == "en":
            self.silent += [tag] if tag not in ("input", "br", "img", "meta", "link", "hr") else []
            return
        self.found += [given[name] for name in SAYING if given.get(name)]
        if tag == "meta" and given.get("name") == "description":
            self.found.append(given.get("content", ""))

    def handle_endtag(self, tag):
        if self.silent and tag in self.silent:
            while self.silent.pop() != tag:
                pass

    def handle_data(self, data):
        if not self.silent and data.strip():
            self.found.append(" ".join(data.split()))


def patterns():
    """For each English message that reads otherwise in Spanish, what a text would look like that was left in English."""
    for message in MESSAGES:
        for words in all_of(message.id):
            if words not in all_of(message.string) and len(PLACE.sub("", words)) > 3:
                yield re.compile(".+".join(map(re.escape, re.split(r"%\(\w+\)s", words))))


ENGLISH = list(patterns())


def leaks(html):
    """Texts of a page that are still English, and the page's language when it isn't Spanish."""
    reader = Reader()
    reader.feed(html)
    texts = [t for t in reader.found if t not in GIVEN]
    left = [t for t in texts if SPOKEN.search(t) or any(p.fullmatch(t) for p in ENGLISH)]
    return left + ([] if reader.language == "es" else [f"lang={reader.language}"])


def opened_by(role):
    """Addresses without a part to fill in that this role may open."""
    doors.load_pages()
    return sorted(f"/{p.route}" for p in doors.PAGES.values() if role in p.by and "<" not in p.route and p.title)


def walk(browser, addresses):
    """Address -> what is still English there."""
    found = {}
    for address in addresses:
        answer = browser.get(address)
        shown = answer.status_code != 302 and answer["Content-Type"].startswith("text/html")
        if shown and (left := leaks(answer.text)):
            found[address] = left
    return found


def test_the_reader_finds_english():
    page = '<html lang="en"><p>Thank you</p><b>You checked in at 6:00.</b><button lang="en">Thank you</button>'
    assert leaks(page) == ["Thank you", "You checked in at 6:00.", "lang=en"]


@pytest.fixture
def wren(clinic):
    return builders.a_client(clinic, "Wren", "Alder", language="es")


@pytest.fixture
def wrens(clinic, wren):
    """Wren's own sign-in, Spanish, after two weeks of care: a card, a plan to sign, a group, check-ins, events."""
    user = builders.client_user(clinic, wren)
    who = user.actor()
    for days in range(12):
        with clock.at(clock.now() - timedelta(days=12 - days)):
            actions.check_in.run(who, client=wren, craving=max(0, 8 - days), mood=5)
    actions.set_triggers.run(who, client=wren, triggers=[{"what": "payday"}])
    actions.set_coping_steps.run(who, client=wren, steps=["walk"])
    actions.set_support_people.run(who, client=wren, people=[{"name": "Ana", "phone": "555-0101"}])
    actions.write_prevention_plan.run(who, client=wren, early_signs="No ceno", after_use="Voy con Ana", reasons="Leo")
    actions.record_milestone.run(who, client=wren, words_said="Dos semanas tranquilas")
    actions.record_return_to_use.run(who, client=wren, on=clock.today())
    program.join_group.run(
        clinic.actor("program-director"), client=wren, group=groups.a_group(clinic, title="Relapse Prevention")
    )
    return user


@pytest.fixture
def plan(clinic, wren):
    """A plan of care in Spanish, signed by the counselor."""
    who = clinic.actor("counselor")
    with clinic.seen_by("counselor"):
        episode = records.open_episode(wren)
    made = careplan.start_plan.run(who, client=wren, episode=episode, strengths="Alegre")
    careplan.adopt_goal.run(who, plan=made, goal_id=next(iter(goal_library())))
    return careplan.sign_plan.run(who, plan=made, signed_name="Counselor Person")


@pytest.fixture
def ana(wren, wrens):
    """A family member who may see some of it."""
    member = family.invite_family_member.run(wrens.actor(), client=wren, name="Ana Alder", relation="sibling")
    kinds, ends = ["schedule", "attendance", "check-in", "event"], clock.today() + timedelta(days=30)
    family.share_with_family.run(
        wrens.actor(), member=member, kinds=kinds, ends_on=ends, signed_name="Wren Alder", speech="es"
    )
    return member


def signed_in(user):
    """A browser of somebody whose own language is Spanish, and who never chose one on this machine."""
    with everything("test"):
        user = User.objects.get(pk=user if isinstance(user, int) else user.pk)
    set_language.run(user.actor(), language="es")
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.mark.django_db
def test_a_visitor_reads_spanish_everywhere(clinic):
    browser = Browser(headers={"accept-language": "es-MX,es;q=0.9"})
    browser.get("/myths/")
    assert walk(browser, [*opened_by("visitor"), "/account/login/", "/no-such-page/"]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/request-assessment/", {"phone": "12", "wed_from": "18:15"}),
        ("/request-assessment/", {**ASKED, "phone": "12"}),
        ("/self-check/", {}),
        ("/families/message/", {}),
        ("/account/code/", {"username": "wren", "code": "AAAA-AAAA"}),
        ("/account/login/", {"login": "wren", "password": "x"}),
    ],
)
def test_what_a_visitor_got_wrong_is_said_in_spanish(clinic, address, sent):
    answer = Browser(headers={"accept-language": "es"}).post(address, sent)
    assert "error" in answer.text or answer.status_code == 422
    assert leaks(answer.text) == []


@pytest.mark.django_db
def test_a_visitors_thanks_are_spanish(clinic):
    browser = Browser(headers={"accept-language": "es"})
    told = {"from_name": "Ana", "about_name": "X", "words": "Hola"}
    assert leaks(browser.post("/request-assessment/", ASKED, follow=True).text) == []
    assert leaks(browser.post("/families/message/", told, follow=True).text) == []


@pytest.mark.django_db
def test_a_client_who_just_began_reads_spanish_everywhere(clinic, wren):
    browser = signed_in(builders.client_user(clinic, wren))
    assert walk(browser, opened_by("client")) == {}


@pytest.mark.django_db
def test_a_client_in_care_reads_spanish_everywhere(clinic, wren, wrens, plan, ana):
    with clinic.seen_by("counselor"):
        consent = Consent.objects.get()
        list(records.consents(wren))
    browser = signed_in(wrens)
    more = [
        "/me/week/?week=next",
        "/me/lessons/cravings/",
        f"/me/consents/{consent.pk}/",
        f"/me/consents/family/{ana.pk}/",
    ]
    assert walk(browser, [*opened_by("client"), *more, "/me/questions/phq-9/", "/clients/"]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/me/check-in/", {"mood": "6"}),
        ("/me/check-in/", {"craving": "9"}),
        ("/me/craving/edit/", {"part": "people", "people-name0": "", "people-phone0": "555-0102"}),
        ("/me/lessons/cravings/", {}),
        ("/me/return-to-use/", {"on": "2999-01-01"}),
        ("/me/return-to-use/", {"on": "2026-01-01"}),
        ("/me/prevention/", {"early_signs": ""}),
        ("/me/prevention/", {"early_signs": "Otra", "seen_plan": "0"}),
        ("/me/plan/", {"do": "comment", "text": ""}),
        ("/me/plan/", {"do": "sign", "signed_name": "Wren Alder"}),
        ("/me/built/", {"words_said": ""}),
        ("/me/copy/", {}),
        ("/me/family/invite/", {"name": "Pat", "relation": "parent"}),
        ("/me/family/invite/", {"name": "", "relation": "x"}),
        ("/me/questions/phq-9/", {}),
    ],
)
def test_what_comes_of_a_clients_post_is_said_in_spanish(clinic, wrens, plan, address, sent):
    assert leaks(signed_in(wrens).post(address, sent, follow=True).text) == []


@pytest.mark.django_db
def test_taking_back_and_ending_are_said_in_spanish(clinic, wrens, ana):
    browser = signed_in(wrens)
    with clinic.seen_by("counselor"):
        consent = Consent.objects.get()
    unsigned = {"kinds": ["schedule"], "ends_on": "2999-01-01", "signed_name": ""}
    assert leaks(browser.post(f"/me/consents/family/{ana.pk}/", unsigned).text) == []
    assert leaks(browser.post(f"/me/consents/{consent.pk}/", {}, follow=True).text) == []
    assert leaks(browser.post(f"/me/family/{ana.pk}/end/", {}, follow=True).text) == []


@pytest.mark.django_db
def test_a_family_member_reads_spanish_everywhere(clinic, wren, wrens, ana):
    browser = signed_in(ana.user_id)
    more = ["/family/lessons/family-talking/", f"/family/shared/{wren.pk}/", "/me/"]
    assert walk(browser, [*opened_by("family"), *more]) == {}
    assert leaks(browser.post("/family/lessons/family-talking/", {}).text) == []
