"""What the look tests share: tokens as numbers, pages without a database, a browser without a server."""

import mimetypes
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.template import Context, Template
from django.template.loader import render_to_string
from playwright.sync_api import BrowserContext, Route, sync_playwright

from middleground.faces import ui
from middleground.faces.ui import sampler

ROOM = Path(ui.__file__).parent
STATIC = ROOM / "static"
TEMPLATES = ROOM / "templates"
CSS = STATIC / "ui" / "css"
STYLE_GUIDES = {
    "staff": ("ui/styleguide.html", sampler.NAV),
    "client": ("ui/styleguide_client.html", sampler.CLIENT_NAV),
    "public": ("ui/styleguide_public.html", sampler.PUBLIC_NAV),
}
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'"
CHROMIUM = {
    "executable_path": "/usr/bin/chromium",
    "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
}


def styleguide(frame: str) -> str:
    """The style guide in one of the three frames, as HTML."""
    name, nav = STYLE_GUIDES[frame]
    return render_to_string(
        name, {**sampler.sample(), "nav": nav, "csrf_token": "token-for-tests", "search_url": "/search/"}
    )


def rendered(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def tokens() -> dict[str, tuple[str, str]]:
    """Every colour token as (light, dark)."""
    pairs = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", (CSS / "tokens.css").read_text())
    return {name: (light, dark) for name, light, dark in pairs}


def in_browser(pages: dict[str, str], visit: Callable[[BrowserContext], Any], **options: Any) -> Any:
    """Run `visit` in Chromium against http://clinic.test, where `pages` maps a path to its HTML.

    In a thread of its own, because the browser's event loop would make Django refuse the database to later tests.
    """

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://clinic.test").split("?")[0].split("#")[0]
        if path in pages:
            route.fulfill(body=pages[path], content_type="text/html", headers={"Content-Security-Policy": POLICY})
        elif (file := STATIC / path.removeprefix("/static/")).is_file():
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "font/woff2")
        else:
            route.fulfill(status=404)

    def run() -> Any:
        with sync_playwright() as playwright, playwright.chromium.launch(**CHROMIUM) as browser:
            context = browser.new_context(reduced_motion="reduce", **options)
            context.route("**/*", answer)
            return visit(context)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()
