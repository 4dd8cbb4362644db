"""The header Forwarded: RFC 7239 <https://www.rfc-editor.org/rfc/rfc7239>. No IO and no Flask.

Who wrote it is not asked here: what it says counts only as far as trusted proxies wrote it.
"""

import re
from functools import lru_cache

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PAIR = re.compile(rf'({_WORD})=(?:({_WORD})|"((?:[^"\\]|\\.)*)")')
_ELEMENT_END = re.compile(r"\s*([;,])\s*")
_ESCAPED = re.compile(r"\\(.)")
_PORT = re.compile(r"\[([^\]]*)\](?::\w+)?|([0-9.]+)(?::\w+)?")


@lru_cache(maxsize=1024)
def forwarded(header: str) -> tuple[dict[str, str], ...]:
    """Return the elements of a header, one for each proxy, each its parameters by lower-case name.

    Nothing at all when the header is not well-formed: a part of it could be misread.
    """
    elements: list[dict[str, str]] = [{}]
    place, end = 0, len(header)
    while place < end:
        pair = _PAIR.match(header, place)
        if pair is None or pair[1].lower() in elements[-1]:
            return ()
        value = pair[2] if pair[2] is not None else _ESCAPED.sub(r"\1", pair[3])
        elements[-1][pair[1].lower()] = value
        place = pair.end()
        separator = _ELEMENT_END.match(header, place)
        if separator is None:
            break
        place = separator.end()
        if separator[1] == ",":
            elements.append({})
        if place == end:
            return ()
    return tuple(elements) if place == end and elements != [{}] else ()


def client_addresses(header: str) -> str:
    """Return the addresses that requests came from as X-Forwarded-For would list them.

    An address that a proxy hides (`unknown`, `_name`) stays as it is: it is none.
    """
    return ", ".join(_address(one.get("for", "unknown")) for one in forwarded(header))


def _address(node: str) -> str:
    match = _PORT.fullmatch(node)
    return (match[1] or match[2] or node) if match else node
