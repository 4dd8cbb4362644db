"""Sort more lines than memory should hold."""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TextIO

_RUN_CHARACTERS = 2**25


def distinct_sorted(
    texts: Iterable[str], *, run_characters: int = _RUN_CHARACTERS
) -> Iterator[str]:
    """Yield the lines of N-Triples texts, each once, in code point order and without line ends.

    About `run_characters` of text are held at once; what is more waits in temporary files. Code
    point order is the order of canonical N-Quads: RDF Dataset Canonicalization, section 4.1
    <https://www.w3.org/TR/rdf-canon/>.

    Raises:
        OSError: the disk for temporary files is full.
    """
    with ExitStack() as files:
        runs: list[Iterable[str]] = []
        lines: set[str] = set()
        held = 0
        for text in texts:
            lines.update(text.split("\n"))  # splitlines would split at more than line ends
            held += len(text)
            if held > run_characters:
                file = files.enter_context(_file())
                runs.append(_spilled(lines, file))
                lines, held = set(), 0
        lines.discard("")
        if runs:
            yield from _merged([*runs, sorted(lines)])
        else:
            yield from sorted(lines)


def _file() -> TextIO:
    return tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")


def _spilled(lines: set[str], file: TextIO) -> Iterator[str]:
    """Write the lines to a file, sorted, and return an iterator that reads them again."""
    lines.discard("")
    file.writelines(f"{line}\n" for line in sorted(lines))
    file.seek(0)
    return (line[:-1] for line in file)


def _merged(runs: Iterable[Iterable[str]]) -> Iterator[str]:
    last = None
    for line in heapq.merge(*runs):
        if line != last:
            yield line
            last = line
