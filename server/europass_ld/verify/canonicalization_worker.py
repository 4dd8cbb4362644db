"""A process that turns JSON-LD into canonical N-Quads, and may be killed at any time.

JSON-LD 1.1 <https://www.w3.org/TR/json-ld11-api/>, RDFC-1.0 <https://www.w3.org/TR/rdf-canon/>.
Some graphs of a few lines take RDFC-1.0 longer than anyone lives. This process sets its own limits
of CPU time and memory, reads requests from standard input and answers on standard output, each a
length in four octets and JSON. It is run by its path and imports nothing of this package.

Request: `{"documents": [JSON-LD …], "contexts": {IRI: document}, "digest": "sha256"|"sha384",
"seconds": n, "bytes": n}`. Answer: `{"datasets": [N-Quads …]}` or `{"error": kind, "message": …}`
with kind "context", "dropped", "relative" or "malformed".
"""

import json
import re
import resource
import struct
import sys
import time
from typing import Any

import pyoxigraph as ox
from pyld import jsonld

_NODE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*|_):\S*")
_BASE = "https://relative.invalid/"
"""What relative references are resolved against, to be recognised: PyLD knows no absent base."""
_ALGORITHMS = {
    "sha256": ox.CanonicalizationAlgorithm.RDFC_1_0,
    "sha384": ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}


class _Refused(Exception):
    """What a request is refused for: its kind, and words for people."""


def main() -> None:
    """Answer requests until standard input ends."""
    while header := sys.stdin.buffer.read(4):
        (length,) = struct.unpack("!I", header)
        answer = json.dumps(_answer(json.loads(sys.stdin.buffer.read(length)))).encode()
        sys.stdout.buffer.write(struct.pack("!I", len(answer)) + answer)
        sys.stdout.buffer.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    _limit(request["seconds"], request["bytes"])
    try:
        return {"datasets": [_canonical(one, request) for one in request["documents"]]}
    except _Refused as refused:
        kind, message = refused.args
        return {"error": kind, "message": message}
    except (jsonld.JsonLdError, ValueError, SyntaxError, RecursionError, TypeError) as error:
        return {"error": "malformed", "message": f"not JSON-LD ({type(error).__name__})"}


def _limit(seconds: int, octets: int) -> None:
    """Allow this process so much more CPU time, and so much memory altogether."""
    used = int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (octets, resource.RLIM_INFINITY))


def _canonical(document: dict[str, Any], request: dict[str, Any]) -> str:
    dataset = ox.Dataset(ox.parse(_n_quads(document, request), format=ox.RdfFormat.N_QUADS))
    dataset.canonicalize(_ALGORITHMS[request["digest"]])
    return "".join(sorted(f"{quad} .\n" for quad in dataset))


def _n_quads(document: dict[str, Any], request: dict[str, Any]) -> str:
    contexts: dict[str, Any] = request["contexts"]
    missing: list[str] = []
    dropped: list[object] = []

    def load(iri: str, _options: object) -> dict[str, Any]:
        if iri not in contexts:
            missing.append(iri)
            raise jsonld.JsonLdError("not local", "jsonld.LoadDocumentError")
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": iri,
            "document": contexts[iri],
        }

    options = {"documentLoader": load, "base": _BASE}
    try:
        expanded = jsonld.expand(document, options, on_property_dropped=dropped.append)
    except jsonld.JsonLdError:
        if missing:
            raise _Refused("context", "a context is not among the local ones") from None
        raise
    if dropped:
        raise _Refused("dropped", "terms that no context gives a meaning, so they are not sealed")
    _check_iris(expanded)
    text: str = jsonld.to_rdf(expanded, {**options, "format": "application/n-quads"})
    return text


def _check_iris(expanded: Any) -> None:
    """Refuse what PyLD would leave out, or resolve against a base, without a word."""
    waiting = [expanded]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
            for name, value in one.items():
                if name in ("@id", "@type"):
                    named = value if isinstance(value, list) else [value]
                    _check(all(iri == "@json" or _NODE.fullmatch(iri) for iri in named))
                    _check(not any(iri.startswith(_BASE) for iri in named))
                elif not name.startswith("@"):
                    _check(_NODE.fullmatch(name) is not None and not name.startswith("_:"))


def _check(good: bool) -> None:
    if not good:
        raise _Refused("relative", "a relative reference, or no IRI where one belongs")


if __name__ == "__main__":
    main()
