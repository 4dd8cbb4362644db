"""What our own credentials become, as kept in `golden/`; run as a module to write it anew."""

from pathlib import Path

from europass_ld.lift.credentials import LiftedCredential
from tests.credentials.schema_oracle import DATA
from tests.credentials.shapes_oracle import lift

GOLDEN = Path(__file__).parent / "golden"
DOCUMENTS = (*sorted(DATA.glob("*.xml")), *sorted(DATA.glob("*.jsonld")))


def lifted(path: Path) -> LiftedCredential:
    """Lift one of our documents."""
    media_type = "application/xml" if path.suffix == ".xml" else "application/ld+json"
    return lift(path.read_bytes(), media_type)


def texts(path: Path) -> dict[str, str]:
    """Return the golden files of a document: by name, what is to be in them."""
    found = lifted(path)
    files = {f"{path.stem}.sealed.nt": found.sealed}
    if found.added:
        files[f"{path.stem}.added.nt"] = found.added
    lines = [f"{one.place.path}: {one.kind.value}: {one.message}" for one in found.problems]
    lines += [f"{one.subject} {one.property} {one.value}: {one.reason}" for one in found.additions]
    lines += [f"{one.media_object}: {one.media_type}, {one.size} bytes" for one in found.blobs]
    files[f"{path.stem}.txt"] = "".join(f"{line}\n" for line in lines)
    return files


if __name__ == "__main__":
    for document in DOCUMENTS:
        for name, text in texts(document).items():
            (GOLDEN / name).write_text(text, encoding="utf-8")
