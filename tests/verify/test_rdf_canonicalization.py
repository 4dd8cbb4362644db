"""RDF canonicalisation by the worker: the W3C suite, and graphs that never end."""

import csv
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from europass_ld.verify import Policy, SubIndication
from europass_ld.verify.canonicalization import _POOL, canonical_datasets
from europass_ld.verify.outcome import Rejection
from tests.shared import suites

POISON = "test074"
POLICY = Policy()
IMPATIENT = Policy(canonicalization_seconds=1)


def _tests() -> Iterator[tuple[str, str]]:
    folder = suites() / "rdf-canon"
    for row in csv.DictReader((folder / "manifest.csv").read_text(encoding="utf-8").splitlines()):
        if row["rdfc10"] == "TRUE":
            yield row["test"], row["hashAlgorithm"]


TESTS = list(_tests())


def _json_ld(file: Path) -> dict[str, object]:
    """Return N-Quads as expanded JSON-LD: what the worker is given."""
    quads = ox.parse(path=file, format=ox.RdfFormat.N_QUADS)
    expanded = json.loads(ox.serialize(quads, format=ox.RdfFormat.JSON_LD) or b"")
    return {"@graph": expanded if isinstance(expanded, list) else [expanded]}


def test_the_suite_is_complete() -> None:
    """All 64 tests of canonical N-Quads are run, and the poison graph is known apart."""
    assert len(TESTS) == 64
    assert POISON not in dict(TESTS)


@pytest.mark.parametrize(("name", "digest"), TESTS)
def test_canonical_n_quads(name: str, digest: str) -> None:
    """RDFC-1.0 gives what the suite expects, octet by octet."""
    folder = suites() / "rdf-canon" / "rdfc10"
    algorithms = ox.CanonicalizationAlgorithm
    dataset = ox.Dataset(ox.parse(path=folder / f"{name}-in.nq", format=ox.RdfFormat.N_QUADS))
    dataset.canonicalize(algorithms.RDFC_1_0_SHA_384 if digest == "SHA384" else algorithms.RDFC_1_0)
    found = "".join(sorted(f"{quad} .\n" for quad in dataset))
    assert found == (folder / f"{name}-rdfc10.nq").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["test020", "test044", "test063", "test070"])
def test_the_worker_does_the_same(name: str) -> None:
    """The same through the worker, from JSON-LD."""
    folder = suites() / "rdf-canon" / "rdfc10"
    (found,) = canonical_datasets([_json_ld(folder / f"{name}-in.nq")], {}, "sha256", POLICY)
    assert found == (folder / f"{name}-rdfc10.nq").read_bytes()


@pytest.mark.parametrize(
    "document",
    [
        {"@id": "relative", "urn:p": "x"},
        {"@id": "urn:with\u00a0space", "urn:p": "x"},
        {"@id": "urn:with space", "urn:p": "x"},
        {"@id": "urn:a", "urn:with\u00a0space": "x"},
        {"@id": "urn:a", "urn:p": {"@id": "relative"}},
        {"@id": "urn:a", "urn:p": {"@id": "//host/path"}, "@type": "relative"},
        {"@id": "urn:a", "urn:p": {"@value": "x", "@type": "relative"}},
        {"@id": "urn:a", "_:p": "x"},
        {"@id": "urn:a", "term": "x"},
        {"@id": "urn:a", "urn:p": {"@value": "x", "@language": "no language"}},
        {"@id": "urn:<a>", "urn:p": "x"},
    ],
)
def test_nothing_is_left_out_in_silence(document: dict[str, object]) -> None:
    """What JSON-LD would drop on the way to RDF, and so not sign, is refused."""
    with pytest.raises(Rejection) as caught:
        canonical_datasets([document], {}, "sha256", POLICY)
    assert caught.value.sub_indication is SubIndication.FORMAT_FAILURE


def test_poison_graph_is_stopped() -> None:
    """The graph that never ends is stopped after its CPU time, and the next request is served."""
    folder = suites() / "rdf-canon" / "rdfc10"
    poison = _json_ld(folder / f"{POISON}-in.nq")
    begin = time.monotonic()
    with pytest.raises(Rejection) as caught:
        canonical_datasets([poison], {}, "sha256", IMPATIENT)
    assert time.monotonic() - begin < 10
    assert caught.value.sub_indication is SubIndication.LIMIT_EXCEEDED
    (found,) = canonical_datasets([{"@id": "urn:a", "urn:b": "c"}], {}, "sha256", POLICY)
    assert found == b'<urn:a> <urn:b> "c" .\n'


def test_memory_is_bounded() -> None:
    """A document that would need more memory than allowed is stopped."""
    small = Policy(canonicalization_bytes=120 * 2**20)
    document = {"@graph": [{"@id": f"urn:{n}", "urn:p": ["x" * 50, n]} for n in range(60_000)]}
    with pytest.raises(Rejection) as caught:
        canonical_datasets([document], {}, "sha256", small)
    assert caught.value.sub_indication in (
        SubIndication.LIMIT_EXCEEDED,
        SubIndication.FORMAT_FAILURE,
    )


def test_workers_serve_threads_at_once() -> None:
    """Several threads get their own answers."""
    answers: dict[int, bytes] = {}

    def ask(number: int) -> None:
        document = {"@id": f"urn:{number}", "urn:b": "c"}
        (answers[number],) = canonical_datasets([document], {}, "sha256", POLICY)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: f'<urn:{n}> <urn:b> "c" .\n'.encode() for n in range(4)}


def test_a_dead_worker_is_replaced() -> None:
    """A worker that died while idle costs one answer at most, never a hang."""
    canonical_datasets([{"@id": "urn:a"}], {}, "sha256", POLICY)
    for worker in _POOL._idle:
        os.kill(worker._process.pid, 9)
        worker._process.wait()
    (found,) = canonical_datasets([{"@id": "urn:a", "urn:b": "c"}], {}, "sha256", POLICY)
    assert found
