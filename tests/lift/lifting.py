"""What the tests of lifting share."""

from pathlib import Path

from europass_ld.config import Settings
from europass_ld.documents import find_sources
from europass_ld.ingest import lift_document

SETTINGS = Settings(base="https://ld.example.org/")
GOLDEN = Path(__file__).parent / "golden"


def lifted(path: Path) -> str:
    """Return the N-Triples text of the one document in `path`."""
    (source,) = find_sources([path], SETTINGS)
    return "".join(lift_document(source, SETTINGS))
