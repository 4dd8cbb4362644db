"""The smallest web application over a pool, for a real server to run."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import parse_qs

from europass_ld.errors import StoreError
from europass_ld.queries import Limits, Query, QueryPool

POOL = QueryPool(
    Path(os.environ["TEST_STORE"]), Limits(deadline=1.5, result_bytes=2_000_000, per_client=20)
)


def app(environ: dict[str, str], start: Callable[..., object]) -> Iterable[bytes]:
    """Answer `?query=` as CSV, or say what went wrong."""
    text = parse_qs(environ["QUERY_STRING"])["query"][0]
    try:
        answer = POOL.run(Query(text=text, results="csv"), client=environ["REMOTE_ADDR"])
    except StoreError as error:
        start("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [type(error).__name__.encode()]
    start("200 OK", [("Content-Type", answer.format.content_type)])
    return answer
