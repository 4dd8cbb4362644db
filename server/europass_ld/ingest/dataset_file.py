"""`dataset.toml`: what a publisher says of a dataset, and which files are its delivery."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import ConfigurationError
from ..harvest.authorities import THEMES
from ..lift.names import is_iri
from ..mapping import FAMILIES
from ..store import Dataset

FILE_NAME = "dataset.toml"


def _iri(value: Any) -> str:
    if not isinstance(value, str) or not is_iri(value):
        raise ValueError("an absolute IRI")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def _texts(value: Any) -> Mapping[str, str]:
    if not isinstance(value, dict) or not value or not all(map(_text, value.values())):
        raise ValueError('texts by language, such as { en = "…", fi = "…" }')
    return {str(tag).lower(): str(text) for tag, text in value.items()}


def _publisher(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict) or set(value) - {"iri", "name"}:
        raise ValueError('a table such as { iri = "https://…", name = { en = "…" } }')
    return {"iri": _iri(value.get("iri")), "name": _texts(value.get("name"))}


def _one_of(*accepted: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in accepted:
            raise ValueError(" or ".join(accepted))
        return str(value)

    return read


def _files(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError("a list of file names")
    return value


def _themes(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(map(_is_theme, value)):
        raise ValueError(f"a list of {', '.join(THEMES)}")
    return tuple(value)


def _is_theme(value: Any) -> bool:
    return isinstance(value, str) and value in THEMES


def _languages(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(map(_is_language, value)):
        raise ValueError('a list of codes of three letters, such as ["FIN", "SWE"]')
    return tuple(value)


def _is_language(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Z]{3}", value) is not None


def _keywords(value: Any) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not value or not all(map(_are_texts, value.values())):
        raise ValueError('lists of texts by language, such as { en = ["…", "…"] }')
    return {str(tag).lower(): tuple(texts) for tag, texts in value.items()}


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


_KEYS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "iri": _iri,
        "title": _texts,
        "description": _texts,
        "publisher": _publisher,
        "country": _text,
        "licence": _iri,
        "contact": _iri,
        "family": _one_of(*FAMILIES),
        "frequency": _text,
        "delivery": _one_of("complete", "partial"),
        "themes": _themes,
        "keywords": _keywords,
        "languages": _languages,
        "landing_page": _iri,
        "files": _files,
    }
)
_REQUIRED = ("iri", "title", "family")


def read_dataset_file(path: Path) -> tuple[Dataset, list[Path]]:
    """Return the dataset that the file describes, and the files of its delivery.

    Without `files`, these are all documents beside it (.xml, .xml.gz, .zip).

    Raises:
        ConfigurationError: not readable, a key is unknown or missing, a value is not accepted, or
            a named file does not exist.
    """
    given = _toml(path)
    unknown = set(given) - set(_KEYS)
    if unknown:
        raise _wrong(path, min(unknown), f"unknown key (known: {', '.join(_KEYS)})")
    for key in _REQUIRED:
        if key not in given:
            raise _wrong(path, key, "this key is needed")
    values = {key: _value(path, key, value) for key, value in given.items()}
    publisher = values.pop("publisher", {})
    files = [path.parent / name for name in values.pop("files", _beside(path))]
    for file in files:
        if not file.is_file():
            raise _wrong(path, "files", f"there is no file {file}")
    return Dataset(
        **values, publisher=publisher.get("iri"), publisher_name=publisher.get("name", {})
    ), files


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}", source=str(path)) from error


def _value(path: Path, key: str, value: Any) -> Any:
    try:
        return _KEYS[key](value)
    except ValueError as error:
        raise _wrong(path, key, f"{value!r} is not accepted (expected: {error})") from error


def _beside(path: Path) -> list[str]:
    names = sorted(one.name for one in path.parent.iterdir() if one.is_file())
    found = [name for name in names if name.endswith((".xml", ".xml.gz", ".zip"))]
    if not found:
        raise _wrong(path, "files", "there is no document beside it (.xml, .xml.gz, .zip)")
    return found


def _wrong(path: Path, key: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"{path}: {key}: {what}", setting=key, source=str(path))
