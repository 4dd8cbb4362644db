"""IRIs and language tags: what RDF accepts, and what is mended on the way.

IRIs follow RFC 3987 as the RDF store reads it; language tags BCP 47, in lower case as the store
writes them <https://www.w3.org/TR/rdf11-concepts/#section-Graph-Literal>.
"""

import re
from functools import lru_cache

import pyoxigraph as ox

_PLAIN = re.compile(
    r"(?:https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?][\w.~:/?@!$&'()*+,;=-]*)?|urn:[\w.:-]+)"
    r"(?:#[\w.~:/?@!$&'()*+,;=-]*)?",
    re.ASCII,
)
"""IRIs that need no closer look; everything else is given to the store's own parser."""

_FORBIDDEN = re.compile(r'[\x00-\x20<>"{}|^`\\]')


@lru_cache(maxsize=4_096)
def is_iri(text: str) -> bool:
    """Tell whether `text` is an absolute IRI that the store accepts."""
    if _PLAIN.fullmatch(text):
        return True
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def percent_encoded(text: str) -> str:
    """Return `text` with the characters that no IRI may hold percent-encoded."""
    return _FORBIDDEN.sub(lambda match: f"%{ord(match.group()):02X}", text)


@lru_cache(maxsize=1_024)
def language_tag(text: str) -> str | None:
    """Return the canonical form of a language tag, or None if `text` is none."""
    try:
        return ox.Literal("", language=text.strip()).language
    except ValueError:
        return None
