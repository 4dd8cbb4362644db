"""Texts without the markup that some publishers put into them."""

import re
from html import unescape

import nh3

_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&(?:[A-Za-z]{2,8}|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")


def has_markup(text: str) -> bool:
    """Tell whether a text holds HTML, as far as that can be told."""
    return bool(_MARKUP.search(text))


def plain_text(text: str) -> str:
    """Return the text alone; markup, where a publisher put some, is left out."""
    return unescape(nh3.clean(text, tags=set())).strip() if has_markup(text) else text
