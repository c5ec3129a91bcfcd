"""Someone at a browser, as far as the server can tell: cookies, forms as the page gives them, one kept connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    location: str

    @property
    def accepted(self) -> bool:
        """Whether the server said that it is done: 2xx, or sent on to the next page (and not to sign in)."""
        return 200 <= self.status < 400 and not self.location.startswith("/account/login/")


class Person:
    """Raises OSError or HTTPException when the server goes away in the middle; the next request connects anew."""

    def __init__(self, port: int, patience: float = 60) -> None:
        self.port, self.patience = port, patience
        self.cookies: dict[str, str] = {}
        self.line = HTTPConnection("127.0.0.1", port, timeout=patience)

    def move_to(self, port: int) -> None:
        """The server came back at another port; cookies stay."""
        self.line.close()
        self.line = HTTPConnection("127.0.0.1", port, timeout=self.patience)

    def sign_in(self, username: str, password: str) -> "Person":
        self.get("/account/login/")
        done = self.post("/account/login/", [("login", username), ("password", password)])
        assert done.status == 302 and "mg_session" in self.cookies, f"{username} could not sign in: {done.status}"
        return self

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Sequence[tuple[str, str]]) -> Answer:
        kept = [(name, value) for name, value in fields if name != "csrfmiddlewaretoken"]
        return self._ask("POST", path, urlencode([*kept, ("csrfmiddlewaretoken", self.cookies.get("mg_csrf", ""))]))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
            text = answer.read().decode(errors="replace")
        except Exception:
            self.line.close()
            raise
        self._keep(answer.headers.get_all("Set-Cookie") or [])
        return Answer(answer.status, text, answer.headers.get("Location", ""))

    def _keep(self, given: list[str]) -> None:
        for each in given:
            for name, morsel in SimpleCookie(each).items():
                self.cookies[name] = morsel.value


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Fields] = []
        self._open = self._choosing = ""
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        name, given = facts.get("name", ""), self.forms[-1] if self.forms else []
        if tag == "form":
            self.forms.append([])
        elif tag == "input" and name and self._counts(facts):
            ticked = facts.get("type") in ("radio", "checkbox")
            given.append((name, facts.get("value", "on" if ticked else "")))
        elif tag == "textarea":
            self._open, self._text = name, []
        elif tag == "select":
            self._choosing = name
        elif tag == "option" and "selected" in facts:
            given.append((self._choosing, facts.get("value", "")))

    def _counts(self, facts: dict[str, str]) -> bool:
        kind = facts.get("type", "text")
        return kind not in ("submit", "button") and (kind not in ("radio", "checkbox") or "checked" in facts)

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            self.forms[-1].append((self._open, "".join(self._text).removeprefix("\n")))
            self._text = None


def form_with(html: str, field: str) -> Fields:
    """What the browser would send for the form that has this field. Raises LookupError when no form has it."""
    reader = _Forms()
    reader.feed(html)
    for fields in reader.forms:
        if any(name == field for name, _ in fields):
            return fields
    raise LookupError(f"No form on the page has a field {field!r}.")
