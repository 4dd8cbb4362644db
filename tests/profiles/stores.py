"""Stores of whole documents for the tests of profiles."""

from collections.abc import Iterator
from pathlib import Path

from europass_ld.config import Settings
from europass_ld.ingest import LoadOptions, load_delivery, plan_deliveries
from europass_ld.store import Reader, Record, Store
from europass_ld.vocabularies import load_code_lists

BASE = "https://ld.example.org/"
SETTINGS = Settings(base=BASE)
MOST_BYTES = SETTINGS.max_closure_bytes


def load(directory: Path, *paths: Path) -> None:
    """Load documents and folders into a store, made if it is not there."""
    exists = (directory / "log.sqlite").exists()
    with Store.open(directory) if exists else Store.create(directory, BASE) as store:
        for plan in plan_deliveries(paths, SETTINGS, base=BASE):
            options = LoadOptions(confirm=True)
            result = load_delivery(store, plan, SETTINGS, load_code_lists(), options)
            assert result.version is not None, result.report.findings[:3]


def live(reader: Reader) -> Iterator[tuple[str, Record]]:
    """Yield each live record with its dataset."""
    for dataset in reader.datasets():
        for type_iri in reader.count_by_type(dataset.iri):
            for record in reader.live_records(dataset.iri, type_iri, limit=10_000):
                yield dataset.iri, record
