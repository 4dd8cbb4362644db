"""How soon a new version is seen by those who ask a running server.

Run as a module it loads a document, makes its dumps, serves it, waits until the server has nothing
left to do, loads a version of it by the command line, and prints after how many seconds each kind
of answer told of it, counted from the command's start.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from lxml import etree

from europass_ld.documents import find_sources, read_document
from europass_ld.harvest import make_latest_dumps
from europass_ld.harvest.names import activity_iri, dataset_name
from europass_ld.ingest.checks import DocumentCheck
from europass_ld.store import Store
from europass_ld.vocabularies import load_code_lists

from .http_load import free_port, served
from .load import DATASET, SETTINGS, load

_SECONDS = 3600.0
_START_SECONDS = 300.0
_PAUSE = 0.5
_EVENT = 3
"""The second version's: after the first came that of the code lists, which the command loads."""
_COMMAND = [sys.executable, "-m", "europass_ld"]


def changed_record(first: Path, second: Path) -> str:
    """Return the IRI of the first record that is another in the second document."""
    code_lists = load_code_lists()

    def digests(path: Path) -> Iterator[tuple[str, bytes]]:
        (source,) = find_sources([path], SETTINGS)
        for checked in DocumentCheck(
            read_document(source), SETTINGS, code_lists, base=SETTINGS.base
        ):
            record = checked.record(path.name)
            yield checked.iri, record.digest if record else b""

    pairs = zip(digests(first), digests(second), strict=True)
    return next(iri for (iri, digest), (_, other) in pairs if digest != other)


def read_time(path: Path) -> float:
    """Return the seconds in which lxml reads a document and keeps nothing."""
    started = time.perf_counter()
    for _, element in etree.iterparse(path):
        element.clear()
    return time.perf_counter() - started


def answers(address: str, iri: str) -> Mapping[str, Callable[[], object]]:
    """Return what to ask, by the name of its kind; all answers change with a second version."""
    name = dataset_name(DATASET)
    query = urlencode({"query": f"SELECT ?p ?o {{ GRAPH ?g {{ <{iri}> ?p ?o }} }} ORDER BY ?p ?o"})
    addresses = {
        "SPARQL": f"{address}sparql?{query}",
        "page": f"{address}resource.ttl?iri={quote(iri, safe='')}",
        "event stream": activity_iri(address, _EVENT, iri),
        "OAI-PMH": f"{address}oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set=dataset:{name}"
        f"&from={time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
        "dump": f"{address}dumps/{name}/2.json",
    }

    def ask(url: str) -> object:
        with suppress(OSError), urlopen(Request(url), timeout=60) as response:
            text: bytes = response.read()
            return text.count(b"<identifier>") if "/oai" in url else text
        return None

    return {kind: lambda url=url: ask(url) for kind, url in addresses.items()}  # type: ignore[misc]


@contextmanager
def command(*arguments: object, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of ours beside the body.

    Raises:
        CalledProcessError: it failed.
    """
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*_COMMAND, *map(str, arguments)], stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        yield process
        if process.wait() != 0:
            raise subprocess.CalledProcessError(process.returncode, process.args, log.read_bytes())


def settle(address: str) -> None:
    """Wait until the server has filled its index of titles, which a search needs.

    Raises:
        TimeoutError: it was not ready after an hour.
    """
    started = time.perf_counter()
    while time.perf_counter() - started < _SECONDS:
        with suppress(OSError), urlopen(f"{address}search?q=course", timeout=60):
            return
        time.sleep(_PAUSE)
    raise TimeoutError(address)


def seen(
    asked: Mapping[str, Callable[[], object]], before: Mapping[str, object], started: float
) -> dict[str, float]:
    """Ask for each until it is another than before; return the seconds since `started`.

    Each is asked by a thread of its own: a dump keeps who asks for it waiting while it is made.

    Raises:
        TimeoutError: an answer stayed what it was for an hour.
    """

    def ask(kind: str) -> float:
        while (now := asked[kind]()) is None or now == before[kind]:
            if time.perf_counter() - started > _SECONDS:
                raise TimeoutError(kind)
            time.sleep(_PAUSE)
        return time.perf_counter() - started

    with ThreadPoolExecutor(len(asked)) as pool:
        return dict(zip(asked, pool.map(ask, asked), strict=True))


def main(first: Path, second: Path) -> dict[str, float]:
    """Load both, and measure."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    with tempfile.TemporaryDirectory(dir=first.parent) as name:
        store, log = Path(name) / "store", Path(name) / "log"
        with Store.create(store, address) as made:
            records = load(made, first, load_code_lists()).records
        make_latest_dumps(store, keep=1)  # as the command does
        iri = changed_record(first, second)
        serve = [*_COMMAND, "serve", "--store", store, "--port", port]
        with served(serve, port, "/health", log, seconds=_START_SECONDS):
            settle(address)
            asked = answers(address, iri)
            before = {kind: ask() for kind, ask in asked.items()}
            started = time.perf_counter()
            loading = "load", second, "--store", store, "--dataset", DATASET
            with command(*loading, log=Path(name) / "load"):
                found = seen(asked, before, started)
            found["command"] = time.perf_counter() - started
    return found | {"records": records, "read": read_time(second)}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
