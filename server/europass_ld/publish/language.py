"""The language a page is written in: its messages, and how it writes numbers, dates and names.

No Flask here. English stands in the templates and in the code; every other language is one gettext
catalogue, `translations/TAG.po`, read when it is first asked for: what translators edit is what is
served, with nothing to compile. Numbers, dates and names of languages come from the Unicode CLDR.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Self

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

ENGLISH = "en"
CATALOGUES = Path(__file__).with_name("translations")
LANGUAGES = (ENGLISH, *sorted(path.stem for path in CATALOGUES.glob("*.po")))
"""The languages that pages are written in."""

_EUROPEAN = {ENGLISH: "en_GB"}
"""Where the bare language would mean a country outside Europe."""
_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_UNITS = tuple(f"duration-{one}" for one in ("year", "month", "day", "hour", "minute", "second"))


class Message(str):
    """A text in English that can be said in other languages too: a `template` and its `values`."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, str | float]

    def __new__(cls, template: str, **values: str | float) -> Self:
        """Fill the places `%(name)s` of a template; a `%` of its own is written `%%`."""
        made = super().__new__(cls, template % values)
        made.template, made.values = template, values
        return made


class Language:
    """One language that pages are written in; `tag` is what BCP 47 calls it."""

    def __init__(self, tag: str):
        self.tag = tag
        self._locale = Locale.parse(_EUROPEAN.get(tag, tag))
        self._messages = _messages(tag)

    @property
    def own_name(self) -> str:
        """What the language calls itself, as the first word of a line."""
        name = Locale(self.tag).get_language_name() or self.tag
        return name[:1].upper() + name[1:]

    def gettext(self, text: str) -> str:
        """Return the translation of a message, or the message where there is none."""
        return self._messages.gettext(text)

    def ngettext(self, one: str, several: str, count: int) -> str:
        """Return the form of a message for a number of things."""
        return self._messages.ngettext(one, several, count)

    def told(self, text: str) -> tuple[str, str]:
        """Return a text of ours with the tag of what it is in: English where none translated it."""
        template, values = (
            (text.template, text.values) if isinstance(text, Message) else (text, None)
        )
        translated = self.gettext(template)
        if translated == template:
            return str(text), ENGLISH
        return (translated if values is None else translated % values), self.tag

    def number(self, value: float) -> str:
        """Return a number with the separators of the language."""
        return format_decimal(value, locale=self._locale)

    def percent(self, value: int) -> str:
        """Return a share in whole percent."""
        return format_percent(value / 100, locale=self._locale)

    def day(self, time: str) -> str:
        """Return the day of a time in ISO 8601; what cannot be read as it is."""
        moment = _moment(time)
        return time if moment is None else self._day(moment)

    def moment(self, time: str) -> str:
        """Return a time in ISO 8601: the day, and the time of that day unless it is its start."""
        moment = _moment(time)
        if moment is None:
            return time
        if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
            return self._day(moment)
        return f"{self._day(moment)}, {moment:%H:%M}{f' {moment:%Z}' if moment.tzinfo else ''}"

    def duration(self, value: str) -> str:
        """Return an `xsd:duration` in words; what is none as it is."""
        match = _DURATION.fullmatch(value)
        if match is None:
            return value
        parts = [
            format_unit(float(number), unit, locale=self._locale)
            for number, unit in zip(match.groups()[1:], _UNITS, strict=True)
            if number and float(number)
        ]
        text = " ".join(parts) or self.gettext("none")
        return self.gettext("minus %(duration)s") % {"duration": text} if match[1] else text

    def language_name(self, tag: str) -> str:
        """Return what a language is called in this one; the tag where CLDR does not know it."""
        try:
            return Locale.parse(tag, sep="-").get_display_name(self._locale) or tag
        except (ValueError, UnknownLocaleError):
            return str(self._locale.languages.get(tag.lower(), tag))

    def _day(self, moment: datetime) -> str:
        return format_date(moment, "long", locale=self._locale)


@cache
def language(tag: str) -> Language:
    """Return one of `LANGUAGES`."""
    return Language(tag)


def language_for(wanted: Sequence[str]) -> Language:
    """Return the language in which a page is written for who wants these, best first."""
    return language(next((tag for tag in wanted if tag in LANGUAGES), ENGLISH))


def _messages(tag: str) -> NullTranslations:
    if tag == ENGLISH:
        return NullTranslations()
    with (CATALOGUES / f"{tag}.po").open("rb") as file:
        catalogue = read_po(file, locale=tag)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _moment(time: str) -> datetime | None:
    try:
        return datetime.fromisoformat(time)
    except ValueError:
        return None
