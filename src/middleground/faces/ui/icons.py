"""The icons: one sprite of our own symbols, read once. Each is drawn in place, so that it prints and works offline."""

import logging
import re
from functools import cache
from pathlib import Path

SPRITE = Path(__file__).parent / "templates" / "ui" / "icons.svg"


log = logging.getLogger(__name__)


@cache
def symbols() -> dict[str, str]:
    """Inner SVG markup of every symbol, by name."""
    return dict(re.findall(r'<symbol id="([a-z-]+)">(.*?)</symbol>', SPRITE.read_text(), re.S))


def symbol(name: str) -> str:
    """The markup of one symbol. An unknown name is logged and drawn as a circle: the page matters more."""
    if name not in symbols():
        log.warning("no icon is called %s", name)
    return symbols().get(name, symbols()["circle"])
