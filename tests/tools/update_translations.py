"""Bring the catalogues up to the messages of templates and code.

`python -m tests.tools.update_translations` adds what is new, with an empty translation, and drops
what nobody says any more; `python -m tests.tools.update_translations TAG` begins a language.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from europass_ld.publish.language import CATALOGUES

_PUBLISH = CATALOGUES.parent
_METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
_OPTIONS = {
    "**/templates/**.html": {
        "extensions": "jinja2.ext.i18n",
        "lstrip_blocks": "true",
        "newstyle_gettext": "true",
        "silent": "false",
        "trim_blocks": "true",
        "trimmed": "true",
    }
}
_KEYWORDS = {**DEFAULT_KEYWORDS, "Message": None, "Kind": (2,)}
"""What marks a message: in code also a `Message` and the title of a kind of problem."""


_HEADER = """\
msgid ""
msgstr ""
"Language: {tag}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
"""What editors of catalogues need; no dates, which would change with each run."""


def messages() -> Catalog:
    """Return what pages say, in the order of the alphabet, without translations."""
    found = Catalog(fuzzy=False)
    for _, _, message, _, _ in _extracted():
        found.add(message)
    return found


def catalogue(tag: str) -> Catalog:
    """Return the catalogue of a language, as its file holds it; an empty one if there is none."""
    path = CATALOGUES / f"{tag}.po"
    if not path.exists():
        return Catalog(locale=tag, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=tag)


def updated(tag: str) -> bytes:
    """Return the file of a language as it should be: the same messages, no places, in order."""
    known = catalogue(tag)
    result = Catalog(locale=tag, fuzzy=False)
    header = _HEADER.format(tag=tag, plurals=result.plural_forms)
    for message in messages():
        if message.id:
            old = known.get(message.id)
            result.add(message.id, string=old.string if old else None)
    text = BytesIO()
    write_po(text, result, no_location=True, omit_header=True, sort_output=True, width=0)
    return header.encode() + text.getvalue()


def _extracted() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    return extract_from_dir(_PUBLISH, _METHODS, _OPTIONS, keywords=_KEYWORDS)


def main(tags: list[str]) -> None:
    """Write the catalogues anew."""
    for tag in tags or sorted(path.stem for path in CATALOGUES.glob("*.po")):
        path = CATALOGUES / f"{tag}.po"
        path.write_bytes(updated(tag))
        lacking = sum(not message.string for message in catalogue(tag) if message.id)
        print(f"{path.relative_to(Path.cwd())}: {lacking} without translation")


if __name__ == "__main__":
    main(sys.argv[1:])
