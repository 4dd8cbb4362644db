"""The one pass over a large document in a process of its own.

To read and check a document takes about as long as to keep what comes out of it: 100 MB take two
processes 9 s, and one 17 s. What was checked comes over a pipe, some records at a time, each time
with the number of bytes read; last come the findings that only the whole shows.
"""

import fcntl
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import IO, cast

from ..config import Settings, without_settings
from ..documents import Document, read_document
from ..errors import ValidationError
from ..store import EarlierChecks
from ..validate.report import Finding
from ..vocabularies import CodeLists, load_code_lists
from .checks import CheckedRecord, DocumentCheck

LARGE = 8_000_000
"""Documents of so many bytes are worth a process, which is ready after about half a second."""

_AT_ONCE = 50
_PIPE_BYTES = 1 << 20
_COMMAND = f"from {__name__} import answer; answer(*map(open, (0, 1), ('rb', 'wb')))"


class CheckApart:
    """What `DocumentCheck` is, for a document that another process can open."""

    def __init__(
        self,
        document: Document,
        settings: Settings,
        code_lists: CodeLists,
        *,
        base: str,
        strict: bool = False,
        earlier: EarlierChecks | None = None,
    ):
        self._name = document.name
        self._task = document.source, settings, code_lists.version, base, strict, earlier
        self._findings: list[Finding] = []
        self._classes: list[tuple[str, str]] = []
        self.size = 0

    def __iter__(self) -> Iterator[CheckedRecord]:
        """Yield the records.

        Raises:
            ValidationError: the process ended before it was done.
        """
        with subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-P", "-c", _COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=without_settings(os.environ),
            process_group=0,  # Ctrl-C is for this process, which then ends that one
        ) as process:
            try:
                task, answers = cast("tuple[IO[bytes], ...]", (process.stdin, process.stdout))
                _widen(answers)
                pickle.dump(self._task, task)
                task.close()
                yield from self._received(answers)
            except (EOFError, pickle.UnpicklingError, BrokenPipeError) as error:
                raise ValidationError(
                    f"{self._name}: the process that checks it ended with {process.wait()}"
                ) from error
            finally:
                process.kill()

    def remaining_findings(self) -> Iterator[Finding]:
        """Yield what only the whole document shows."""
        yield from self._findings

    def classes(self) -> Iterator[tuple[str, str]]:
        """Yield IRI and class of every record, the unusable ones included."""
        yield from self._classes

    def _received(self, answers: IO[bytes]) -> Iterator[CheckedRecord]:
        while True:
            self.size, checked = pickle.load(answers)  # noqa: S301 - from our own process
            if not checked:
                break
            yield from checked
        self._findings, self._classes = pickle.load(answers)  # noqa: S301 - as above


def _widen(pipe: IO[bytes]) -> None:
    """Let more wait in a pipe, so that neither end waits for the other as often."""
    with suppress(AttributeError, OSError):  # not a Linux, or not allowed
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def answer(task: IO[bytes], answers: IO[bytes]) -> None:
    """Be the other process.

    Raises:
        ValidationError: the code lists are others here.
    """
    source, settings, version, base, strict, earlier = pickle.load(task)  # noqa: S301 - from our own
    code_lists = load_code_lists(imported=settings.vocabularies)
    if code_lists.version != version:
        raise ValidationError(f"the code lists are of version {code_lists.version}, not {version}")
    check = DocumentCheck(
        read_document(source), settings, code_lists, base=base, strict=strict, earlier=earlier
    )
    records = iter(check)
    with suppress(BrokenPipeError):  # whoever asked is gone
        while some := list(islice(records, _AT_ONCE)):
            pickle.dump((check.size, some), answers)
        pickle.dump((check.size, []), answers)
        pickle.dump((list(check.remaining_findings()), list(check.classes())), answers)
        answers.close()
