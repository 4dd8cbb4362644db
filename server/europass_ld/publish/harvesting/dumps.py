"""The dumps of the store being published: found, or made by a process of their own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...config import Settings
from ...harvest import remake
from ...harvest.dumps import dump_manifest, dumps_changed, find_dump
from ...harvest.names import dataset_name
from ...store import Reader, Version
from ..serving.background import Background


class Dumps:
    """The dumps of a store, as one web process asks for them."""

    def __init__(self, directory: Path, reader: Reader, settings: Settings):
        self._directory = directory
        self._reader = reader
        self._settings = settings
        self._background = Background()

    def dataset(self, name: str) -> str | None:
        """Return the IRI of the dataset that a name stands for, None when there is none."""
        return next(
            (one.iri for one in self._reader.datasets() if dataset_name(one.iri) == name), None
        )

    def manifest(self, version: Version) -> Mapping[str, Any] | None:
        """Return the manifest of a version's dumps, None when they are not made."""
        return dump_manifest(self._directory, version.dataset, version.number)

    @property
    def changed(self) -> int:
        """When the last dump was made or removed, in nanoseconds since 1970."""
        return dumps_changed(self._directory)

    def folder(self, version: Version, wait: float) -> Path | None:
        """Return the folder with a version's dumps; None if not ready within `wait` seconds."""
        found = find_dump(self._directory, version.dataset, version.number)
        if found is None:
            arguments = remake.arguments(
                self._directory,
                version,
                keep=self._settings.keep_dumps,
                key=self._settings.signing_key,
            )
            job = version.dataset, version.number
            self._background.run(job, remake.__name__, arguments, wait)
            found = find_dump(self._directory, version.dataset, version.number)
        return found
