"""Load a document, and write its dataset out: as one stream of N-Quads, and as all dumps.

Run as a module it prints the seconds of both, those of `oxigraph dump` for the same graph, and the
most memory that writing took in a process that does nothing else. Then it loads a version that
differs a little, and prints the seconds for the dumps of that: where those of the first are there,
and where they are not.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from europass_ld.harvest import drop_dumps, make_latest_dumps
from europass_ld.store import Reader, Store
from europass_ld.vocabularies import load_code_lists

from .load import DATASET, load, timed
from .measure import in_child, peak_memory


def write(directory: Path, out: Path) -> dict[str, float]:
    """Write the dumps of a store, and measure; nothing else was done in this process."""
    figures: dict[str, float] = {}
    with timed("quads", figures), Reader(directory) as reader, out.open("wb") as file:
        file.writelines(reader.dump(DATASET))
    figures["quads memory"] = peak_memory()
    with timed("dumps", figures):
        make_latest_dumps(directory, keep=1)
    return figures | {"dumps memory": peak_memory(), "bytes": out.stat().st_size}


def write_again(directory: Path) -> dict[str, float]:
    """Write the dumps of a second version from those of the first, then whole, and measure."""
    figures: dict[str, float] = {}
    with timed("derived", figures):
        make_latest_dumps(directory, keep=2)
    figures["derived memory"] = peak_memory()
    drop_dumps(directory, DATASET)
    with timed("whole", figures):
        make_latest_dumps(directory, keep=1)
    return figures


def oxigraph(directory: Path, out: Path) -> None:
    """Have the engine's own program write the same graph."""
    command = ["oxigraph", "dump", "--location", str(directory / "current"), "--file", str(out)]
    subprocess.run([*command, "--format", "nt", "--graph", DATASET], check=True)


def main(document: Path, changed: Path) -> dict[str, float]:
    """Load a document, then measure in processes of their own."""
    code_lists = load_code_lists()
    with tempfile.TemporaryDirectory(dir=document.parent) as name:
        folder = Path(name)
        with Store.create(folder / "store", "https://ld.example.org/") as store:
            load(store, document, code_lists)
        figures: dict[str, float] = {}
        # a copy, for the engine's program wants to write where it reads
        shutil.copytree(folder / "store" / "current", folder / "copy" / "current")
        with timed("oxigraph", figures):
            oxigraph(folder / "copy", folder / "theirs.nt")
        written = in_child("dump", folder / "store", folder / "ours.nq")
        theirs = sum(1 for _ in (folder / "theirs.nt").open("rb"))
        ours = sum(1 for _ in (folder / "ours.nq").open("rb"))
        if ours != theirs:
            raise AssertionError(ours, theirs)
        with Store.open(folder / "store") as store:
            load(store, changed, code_lists)
        again = in_child("dump", folder / "store")
        return figures | written | again | {"statements": ours}


def _chosen(arguments: list[Path]) -> dict[str, float]:
    """Do what the arguments are for: a store, a store and a file to write, or two documents."""
    if len(arguments) == 1:
        return write_again(*arguments)
    return write(*arguments) if arguments[0].is_dir() else main(*arguments)


if __name__ == "__main__":
    print(json.dumps(_chosen([Path(one) for one in sys.argv[1:]])))
