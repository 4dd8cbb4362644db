"""Sitemaps for search engines, and robots.txt, which names them.

<https://www.sitemaps.org/protocol.html>, RFC 9309. An index leads to one sitemap of pages, and to
as many for the records of each dataset as they need.
"""

from collections.abc import Callable, Iterator
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from ..store import Reader
from .names import dataset_name

PAGES = "pages"
"""The name of the sitemap that holds no records."""

_PER_SITEMAP = 20_000
"""Of the 50,000 that are allowed: a long IRI, escaped, takes 2 kB, and a sitemap may have 50 MB."""

_AT_ONCE = 1_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEAD = f"<?xml version='1.0' encoding='UTF-8'?>\n<{{0}} xmlns=\"{_NAMESPACE}\">\n"
_FIXED = ("", "datasets", "catalogue", "ontology", "about/sparql", "about/mapping", "about/shapes")
_ROBOTS = """\
User-agent: *
Disallow: /sparql
Disallow: /rdf-graphs
Disallow: /cite
Disallow: /search
Disallow: /datasets/report
Disallow: /dumps
Disallow: /feeds
Disallow: /oai
Disallow: /credentials
"""


def robots(base: str) -> str:
    """Return robots.txt: robots leave alone what costs much and says nothing new."""
    return f"{_ROBOTS}\nSitemap: {base}sitemap.xml\n"


def sitemap_index(reader: Reader) -> str:
    """Return the index of all sitemaps."""
    events = reader.events()
    rows = [
        _row("sitemap", f"{reader.base}sitemaps/{PAGES}/1.xml", events[-1].time if events else "")
    ]
    for dataset in reader.datasets():
        latest = reader.versions(dataset.iri)[-1]
        rows += [
            _row(
                "sitemap",
                f"{reader.base}sitemaps/{dataset_name(dataset.iri)}/{number}.xml",
                latest.time,
            )
            for number in range(1, _sitemaps(latest.records) + 1)
        ]
    return _HEAD.format("sitemapindex") + "".join(rows) + "</sitemapindex>\n"


def sitemap(
    reader: Reader, name: str, number: int, address: Callable[[str], str]
) -> Iterator[str] | None:
    """Return the parts of a sitemap, None if there is no such.

    `name` is `PAGES` or that of a dataset, `number` counts from 1; `address` returns the path of
    the page about an IRI.
    """
    if name == PAGES:
        return _document(_pages(reader, address)) if number == 1 else None
    for dataset in reader.datasets():
        if dataset_name(dataset.iri) == name:
            records = reader.versions(dataset.iri)[-1].records
            if 1 <= number <= _sitemaps(records):
                return _document(_records(reader, dataset.iri, number, address))
    return None


def _sitemaps(records: int) -> int:
    return -(-records // _PER_SITEMAP)


def _document(rows: Iterator[str]) -> Iterator[str]:
    yield _HEAD.format("urlset")
    yield from rows
    yield "</urlset>\n"


def _pages(reader: Reader, address: Callable[[str], str]) -> Iterator[str]:
    for path in _FIXED:
        yield _row("url", reader.base + path)
    for dataset in reader.datasets():
        latest = reader.versions(dataset.iri)[-1]
        yield _row("url", urljoin(reader.base, address(dataset.iri)), latest.time)


def _records(
    reader: Reader, dataset: str, number: int, address: Callable[[str], str]
) -> Iterator[str]:
    first, end = (number - 1) * _PER_SITEMAP, number * _PER_SITEMAP
    for offset in range(first, end, _AT_ONCE):
        limit = min(_AT_ONCE, end - offset)
        found = reader.dated_records(dataset, limit=limit, offset=offset)
        yield "".join(_row("url", urljoin(reader.base, address(iri)), time) for iri, time in found)
        if len(found) < _AT_ONCE:
            break


def _row(kind: str, location: str, time: str = "") -> str:
    changed = f"<lastmod>{time}</lastmod>" if time else ""
    return f"<{kind}><loc>{escape(location)}</loc>{changed}</{kind}>\n"
