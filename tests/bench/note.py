"""The form of a session's page, filled in as a counselor would."""

from tests.bench.person import Fields, form_with


def note_fields(html: str, words: str) -> Fields:
    """The session's form as shown, with everybody present, a line for each and the shared note, to be saved as a draft."""
    typed = dict(form_with(html, "shared")) | {"shared": words, "do": "save"}
    for name in list(typed):
        if name.startswith("response-"):
            typed[name] = words
            typed[name.replace("response", "mark")] = "present"
    return [(name, value) for name, value in typed.items() if name != "seen_version"]
