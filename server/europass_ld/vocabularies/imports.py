"""Newer or further lists that the operator brings in from official SKOS files.

An import is stored as `<directory>/<list>/<version>.ttl` with a `.json` beside it that says where
it came from. The newest import of a list is the one in force; deleting its two files takes it back.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from .. import resources
from ..errors import ConfigurationError, UnsupportedDocument
from .model import Concept, ImportedList, Mode, Scheme, namespace_of
from .skos import SkosFile, read_skos
from .turtle import read_heading, write_list

_SNB_VERSION = "25831c2"  # the last segment of every scheme IRI below http://data.europa.eu/snb/

Shipped = dict[str, tuple[Scheme, str]]
"""The shipped lists by name: the scheme, and the namespace of its codes."""


def import_vocabulary(
    file: Path, directory: Path, *, scheme: str | None = None, mode: Mode = "extend"
) -> ImportedList:
    """Store the codes of an official SKOS file (RDF/XML, Turtle, ...) as a list in `directory`.

    The list is the shipped one with the same scheme IRI, or with codes in the same namespace (NUTS
    has a scheme for each edition); any other scheme becomes a new list. `scheme`: which scheme to
    take from a file that holds several. `mode`: whether the codes are added to the shipped ones or
    stand in their place; a new list has no shipped ones.

    Importing a version again stores it again and puts it in force.

    Raises:
        ConfigurationError: the file cannot be read, the directory cannot be written, or the file
            holds several schemes and none was named.
        UnsupportedDocument: its format is not known, or it holds no concept of a scheme.
        MalformedDocument: it is not what its extension says.
    """
    found = read_skos(file)
    shipped = _shipped()
    chosen = _choose(found, scheme, {one.iri for one, _ in shipped.values()}, file)
    concepts = list(found.concepts_of(chosen))
    name = _shipped_name(chosen, concepts, shipped)
    if name:
        target = shipped[name][0]
        concepts = [replace(one, scheme=target.iri, notation="") for one in concepts]
    else:
        others = (one.name for one in imported_lists(directory) if one.scheme != chosen)
        name = _new_name(chosen, {*shipped, *others})
        target = Scheme(chosen, found.title(chosen), "")
    digest = _digest(file)
    now = datetime.now(UTC)
    version = found.versions.get(chosen) or f"{now.date()}-{digest[:8]}"
    imported = ImportedList(
        name=name,
        imported_at=now.isoformat(),
        scheme=target.iri,
        title=target.title,
        version=version,
        size=len(concepts),
        mode=mode,
        file=file.name,
        digest=digest,
        path=directory / name / f"{re.sub(r'[^A-Za-z0-9]+', '-', version)}.ttl",
    )
    _store(imported, replace(target, version=version), concepts)
    return imported


def imported_lists(directory: Path) -> tuple[ImportedList, ...]:
    """Return every version of every list that was imported, by name and time.

    Raises:
        ConfigurationError: something in `directory` was not written by `import_vocabulary`.
    """
    return tuple(sorted(_read_status(file) for file in directory.glob("*/*.json")))


def lists_in_force(directory: Path) -> tuple[ImportedList, ...]:
    """Return the newest import of each list; see `imported_lists`."""
    return tuple({one.name: one for one in imported_lists(directory)}.values())


def _shipped() -> Shipped:
    files = (resources.find("data") / "vocabularies").glob("*.ttl")
    return {file.stem: read_heading(file) for file in files}


def _choose(found: SkosFile, wanted: str | None, shipped: Collection[str], file: Path) -> str:
    """Return the one scheme that is meant: the named, the shipped or the only one."""
    sizes = found.sizes()
    if not sizes:
        raise UnsupportedDocument(
            f"{file.name} holds no skos:Concept that says its skos:inScheme", file=file.name
        )
    candidates = [one for one in sizes if one == wanted] if wanted else list(sizes)
    candidates = [one for one in candidates if one in shipped] or candidates
    if len(candidates) != 1:
        listed = ", ".join(f"<{one}> ({size} concepts)" for one, size in sorted(sizes.items()))
        raise ConfigurationError(
            f"{file.name}: which concept scheme? There are {listed}",
            setting="scheme",
            source=wanted,
        )
    return candidates[0]


def _shipped_name(scheme: str, concepts: Iterable[Concept], shipped: Shipped) -> str | None:
    namespace, _ = Counter(namespace_of(one.iri) for one in concepts).most_common(1)[0]
    same_scheme = (name for name, (one, _) in shipped.items() if one.iri == scheme)
    same_namespace = (name for name, (_, one) in shipped.items() if one == namespace)
    return next(same_scheme, None) or next(same_namespace, None)


def _new_name(scheme: str, taken: Collection[str]) -> str:
    """Return a name from the end of a scheme's IRI, as long as needed to be new."""
    parts = [one for one in re.split(r"[^a-z0-9]+", scheme.lower()) if one and one != _SNB_VERSION]
    names = ["-".join(parts[-length:]) for length in range(1, len(parts) + 1)]
    return next((one for one in names if one not in taken), names[-1])


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _store(imported: ImportedList, scheme: Scheme, concepts: Iterable[Concept]) -> None:
    status = asdict(imported)
    del status["path"]
    try:
        imported.path.parent.mkdir(parents=True, exist_ok=True)
        _replace(imported.path, "".join(write_list(scheme, map(_coded, concepts))))
        _replace(imported.path.with_suffix(".json"), json.dumps(status, indent=2) + "\n")
    except OSError as error:
        raise ConfigurationError(
            f"cannot store {imported.path}: {error.strerror}",
            setting="directory",
            source=str(imported.path.parent),
        ) from error


def _coded(concept: Concept) -> Concept:
    """Give a concept without a code the end of its IRI, as all shipped lists do."""
    code = concept.notation or concept.iri.removeprefix(namespace_of(concept.iri))
    return replace(concept, notation=code)


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _read_status(file: Path) -> ImportedList:
    path = file.with_suffix(".ttl")
    try:
        path.stat()
        return ImportedList(**json.loads(file.read_text(encoding="utf-8")), path=path)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{file} and {path.name} are no import of a list: {error}",
            setting="imported",
            source=str(file),
        ) from error
