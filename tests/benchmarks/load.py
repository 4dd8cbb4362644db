"""Load a document into a new store, then a version of it that differs a little.

Run as a module it prints the seconds of both, those of `bulk_load` for the same quads, and what
was loaded. Seconds are wall time and CPU time of all threads and processes: where other programs
are busy, only the second says much. What is done after a state is served has seconds of its own.
"""

import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyoxigraph as ox

from europass_ld.config import Settings
from europass_ld.ingest import LoadOptions, LoadResult, load_delivery, plan_deliveries
from europass_ld.store import Reader, Store
from europass_ld.vocabularies import CodeLists, load_code_lists

from .measure import peak_memory

SETTINGS = Settings()
DATASET = "https://ld.example.org/id/dataset/courses"


@contextmanager
def timed(name: str, seconds: dict[str, float]) -> Iterator[None]:
    """Note how long the body takes, as `{name} wall` and `{name} cpu`."""
    wall, cpu = time.perf_counter(), _processor_time()
    yield
    seconds[f"{name} wall"] = time.perf_counter() - wall
    seconds[f"{name} cpu"] = _processor_time() - cpu


def _processor_time() -> float:
    """Return the seconds of this process and of those of its children that have ended."""
    return sum(os.times()[:4])


def load(store: Store, path: Path, code_lists: CodeLists) -> LoadResult:
    """Load a document with all checks, until it is served.

    Raises:
        AssertionError: it was not published, or something was found to be wrong.
    """
    (plan,) = plan_deliveries([path], SETTINGS, base=store.base, dataset=DATASET)
    result = load_delivery(store, plan, SETTINGS, code_lists, LoadOptions())
    if result.outcome != "published" or result.report.findings:
        raise AssertionError(result.outcome, result.reason, result.report.findings[:3])
    return result


def bulk_load(quads: Path, folder: Path) -> None:
    """Put N-Quads into a store of their own, as fast as the engine can."""
    store = ox.Store(folder)
    store.bulk_load(path=str(quads), format=ox.RdfFormat.N_QUADS)
    store.flush()


def main(first: Path, second: Path) -> dict[str, float]:
    """Load both, and measure."""
    code_lists = load_code_lists()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(dir=first.parent) as name:
        folder = Path(name)
        with Store.create(folder / "store", "https://ld.example.org/") as store:
            with timed("first", figures):
                new = load(store, first, code_lists)
            figures["peak"] = peak_memory()
            with Reader(folder / "store") as reader:
                figures["quads"] = len(reader.store)
                reader.store.dump(str(folder / "quads.nq"), format=ox.RdfFormat.N_QUADS)
            with timed("bulk_load", figures):
                bulk_load(folder / "quads.nq", folder / "bulk")
            with timed("compact", figures):
                store.compact()
            with timed("second", figures):
                changed = load(store, second, code_lists)
        with closing(sqlite3.connect(folder / "store" / "log.sqlite")) as log:
            (written,) = log.execute("SELECT count(*) FROM record WHERE seq_from > 1").fetchone()
        sizes = [one.stat().st_size for one in (folder / "store").rglob("*") if one.is_file()]
    return figures | {
        "records": new.records,
        "changed": changed.difference.changed,
        "written": written,
        "disk": sum(sizes) / 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
