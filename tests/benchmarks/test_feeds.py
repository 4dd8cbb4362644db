"""The event stream of records, page by page, against reading the same rows of the log."""

from pathlib import Path

import pytest

from europass_ld.config import Settings
from europass_ld.publish import create_app
from europass_ld.publish.site import site_of
from europass_ld.store import Reader, Store
from europass_ld.vocabularies import load_code_lists

from .conftest import Documents, Report
from .load import load
from .measure import SIZES, Figure, best

pytestmark = pytest.mark.benchmark

LEAST_MEGABYTES = 10.0
"""N-Quads that one core must give to a replica in a second."""

REPETITIONS = 3


def test_replication(documents: Documents, report: Report, tmp_path: Path) -> None:
    """Each format gives 10 MB of N-Quads a second and core, encoded for the wire; nothing is kept.

    Whatever the format, what counts is the size of the dump that a replica has in the end.
    """
    size = min(10, SIZES[-1])
    with Store.create(tmp_path / "store", "https://ld.example.org/") as store:
        load(store, documents(size), load_code_lists())
    settings = Settings(vocabularies=tmp_path / "none")
    app = create_app(tmp_path / "store", settings)
    client = app.test_client(use_cookies=False)
    with Reader(tmp_path / "store") as reader:
        dumped = sum(map(len, reader.dump())) / 1e6
        pages = -(-reader.timeline().count // settings.feed_page_size)

        def replicate(name: str) -> None:
            for page in range(1, pages + 1):
                response = client.get(
                    f"/feeds/records/pages/{page}?format={name}",
                    headers={"Accept-Encoding": "zstd"},
                )
                assert response.status_code == 200

        seconds = best(
            {
                "dump": lambda: sum(map(len, reader.dump())),
                "TriG": lambda: replicate("trig"),
                "N-Quads": lambda: replicate("nq"),
                "JSON-LD": lambda: replicate("jsonld"),
            },
            REPETITIONS,
        )
    site_of(app).close()
    for name in ("TriG", "N-Quads", "JSON-LD"):
        rate = dumped / seconds[name]
        report(
            Figure(
                f"event stream as {name}, {size:g} MB, one core",
                f"{rate:.0f} MB/s",
                "rows of the log as N-Quads",
                f"{dumped / seconds['dump']:.0f} MB/s",
                seconds["dump"] / seconds[name],
                f"≥ {LEAST_MEGABYTES:.0f} MB/s",
            )
        )
        assert rate >= LEAST_MEGABYTES
