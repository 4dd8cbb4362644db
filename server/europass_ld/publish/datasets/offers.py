"""What there is to take away of each dataset, as the page of the catalogue shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...harvest.names import dataset_name
from ...store import Dataset, Version
from ..description import Link
from ..site import Site


@dataclass(frozen=True, slots=True)
class Offer:
    """A dataset with its newest version, the files of its dumps, and what it is called in paths.

    The files are as in the manifest; there are none while they are being made.
    """

    link: Link
    name: str
    version: Version
    files: Sequence[Mapping[str, Any]]


def offers(current: Site, wanted: Sequence[str]) -> list[Offer]:
    """Return an offer for each dataset."""
    return [offer(current, one, wanted) for one in current.reader.datasets()]


def offer(current: Site, dataset: Dataset, wanted: Sequence[str]) -> Offer:
    """Return what there is to take away of a dataset."""
    latest = current.reader.versions(dataset.iri)[-1]
    manifest = current.dumps.manifest(latest) or {"files": ()}
    link = current.dataset_link(dataset.iri, wanted)
    return Offer(link, dataset_name(dataset.iri), latest, manifest["files"])
