"""Which files make up which delivery of which dataset."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..config import Settings
from ..documents import SUFFIXES, Source, find_sources, read_document
from ..store import Dataset
from .credential_sources import JSON_SUFFIXES, is_json
from .dataset_file import FILE_NAME, read_dataset_file


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """One delivery that a load is to make: its dataset, its files, and a note for the user.

    `described` says whether the dataset's description was given (else one that is there is kept).
    """

    dataset: Dataset
    sources: tuple[Source, ...]
    described: bool
    note: str | None = None


def plan_deliveries(
    paths: Iterable[Path],
    settings: Settings,
    *,
    base: str,
    dataset: str | None = None,
    without: Collection[str] = (),
) -> Iterator[DeliveryPlan]:
    """Yield the deliveries in `paths`, in the order in which they are to be loaded.

    `dataset` is the IRI of a dataset, or the path of a dataset.toml, to which all paths belong.
    Without it every dataset.toml found in a folder or beside a file is a delivery, and a file
    without one is a dataset of its own. In a folder that has any dataset.toml, documents that
    belong to none are left out, and the note of its last delivery says so. `without` are the names
    of documents that are something else.

    Raises:
        ConfigurationError: a dataset.toml is wrong.
        DocumentError: a path does not exist, or a document cannot be told.
    """
    paths = list(paths)
    find = partial(_documents, settings=settings, without=without)
    if dataset is None:
        yield from _found(paths, find, base)
    elif sources := tuple(find(paths)):
        if dataset.endswith(".toml"):
            described, _ = read_dataset_file(Path(dataset))
            yield DeliveryPlan(described, sources, described=True)
        else:
            yield _plain(dataset, sources, None)


_Find = Callable[[Iterable[Path]], Iterator[Source]]


def _documents(
    paths: Iterable[Path], settings: Settings, without: Collection[str]
) -> Iterator[Source]:
    if not without:
        return find_sources(paths, settings)
    found = find_sources(paths, settings, (*SUFFIXES, *JSON_SUFFIXES))
    return (one for one in found if one.name not in without and not is_json(one.name))


def _found(paths: list[Path], find: _Find, base: str) -> Iterator[DeliveryPlan]:
    seen: set[Path] = set()
    for path in paths:
        files = sorted(path.rglob(FILE_NAME)) if path.is_dir() else [path.parent / FILE_NAME]
        described = [file for file in files if file.is_file()]
        new = [file for file in described if file.resolve() not in seen]
        seen.update(file.resolve() for file in new)
        yield from _described(new, path, find)
        if not described:
            for source in find([path]):
                iri = f"{base}id/dataset/{_stem(source.name)}"
                note = f"no {FILE_NAME} beside {source.name}: loaded as the dataset <{iri}>"
                yield _plain(iri, (source,), note)


def _described(files: list[Path], path: Path, find: _Find) -> Iterator[DeliveryPlan]:
    """Yield the deliveries of dataset.toml files; the last one notes what belongs to none."""
    left_out = {one.name for one in find([path])} if path.is_dir() else set()
    for number, file in enumerate(files, start=1):
        dataset, parts = read_dataset_file(file)
        sources = tuple(find(parts))
        left_out.difference_update(source.name for source in sources)
        note = None
        if left_out and number == len(files):
            folders = ", ".join(sorted({str(Path(name).parent) for name in left_out}))
            note = f"{len(left_out):,} documents belong to no {FILE_NAME}, left out: {folders}"
        yield DeliveryPlan(dataset, sources, described=True, note=note)


def _plain(iri: str, sources: tuple[Source, ...], note: str | None) -> DeliveryPlan:
    family = read_document(sources[0]).table.family
    title = {"en": iri.rstrip("/").rpartition("/")[2]}
    dataset = Dataset(iri=iri, title=title, family=family)
    return DeliveryPlan(dataset, sources, described=False, note=note)


def _stem(name: str) -> str:
    last = re.split(r"[/!\\]", name)[-1]
    stem = re.sub(r"(\.xml)?(\.gz|\.zip)?$", "", last)
    return re.sub(r"[^A-Za-z0-9._~-]+", "-", stem) or "dataset"
