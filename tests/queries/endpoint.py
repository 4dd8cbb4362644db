"""A SPARQL endpoint for one test: it answers from memory, and can be made to misbehave."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyoxigraph as ox

RESULTS = "application/sparql-results+json"
Answer = Callable[[BaseHTTPRequestHandler, str], None]
"""Sends a response to a query."""


@contextmanager
def endpoint(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """Serve on a free port of loopback; give its IRI, and the queries that came."""
    came: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            answer(self, came[-1])

        do_GET = do_POST  # noqa: N815 - the names are the library's

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as above
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql", came
    finally:
        server.shutdown()
        server.server_close()


def answering(turtle: str) -> Answer:
    """Answer from these triples."""
    store = ox.Store()
    store.load(turtle.encode(), ox.RdfFormat.TURTLE)

    def answer(handler: BaseHTTPRequestHandler, query: str) -> None:
        solutions = store.query(query)
        assert isinstance(solutions, ox.QuerySolutions)
        body = solutions.serialize(format=ox.QueryResultsFormat.JSON)
        del solutions  # it is of this thread, and may be let go of here only
        assert body is not None
        sending(200, body)(handler, query)

    return answer


def sending(status: int, body: bytes, **headers: str) -> Answer:
    """Send the same to whatever is asked."""

    def answer(handler: BaseHTTPRequestHandler, query: str) -> None:
        del query
        handler.send_response(status)
        handler.send_header("Content-Type", RESULTS)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def dripping(handler: BaseHTTPRequestHandler, query: str) -> None:
    """Send a byte now and then, for longer than anybody waits."""
    del query
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.05)
