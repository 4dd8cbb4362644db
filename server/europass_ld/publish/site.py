"""What the views of one worker process share: the store, the names of things, the settings."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from hmac import compare_digest
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode

from flask import Flask, current_app, g, request
from werkzeug.http import http_date

from .. import resources
from ..accreditations import StoreAccreditations
from ..config import Settings
from ..errors import ConfigurationError
from ..harvest.catalogue import Catalogue, Operator
from ..queries import Limits, QueryPool
from ..queries.gateway import Gateway, listed
from ..signing import Signer
from ..store import Reader
from ..terms import GENID_PATH
from ..vault import Vault, open_vault
from ..vocabularies import load_code_lists
from .addresses import (
    PATH_SAFE,
    Origin,
    effective_client,
    effective_origin,
    is_loopback,
    networks,
    parameter,
)
from .credentials.verifier import Verifier
from .datasets.reports import Reports
from .description import Link, Words
from .finding.record_index import RecordIndex
from .harvesting.dumps import Dumps
from .labels import Label, Names, Terms, best, last_part
from .language import Language, language_for
from .literals import safe_address
from .negotiation import is_language, languages
from .serving.append_log import AppendLog
from .serving.forwarded import client_addresses, forwarded
from .serving.latencies import Latencies
from .serving.peers import Peers
from .serving.rate_limit import RateLimit
from .sparql.completion import TermsInUse
from .sparql.past import PastStates
from .sparql.query_log import QueryLog

EXTENSION = "europass_ld"


class Site:
    """One store being published. Made after a fork: a store is not carried over one.

    Raises:
        StoreUnavailable: no store in `directory`, or of another format.
        ConfigurationError: a setting cannot be used.
    """

    def __init__(self, directory: Path, settings: Settings, peers: Path | None = None):
        self.settings = settings
        self._directory = directory
        self._vault = open_vault(directory, settings)
        self.past = PastStates(directory)
        self.query_log = QueryLog(settings.query_log)
        self.access_log = AppendLog(settings.access_log, setting="access_log")
        self.rate_limit = RateLimit(settings.requests_per_minute)
        self.latencies = Latencies()
        self.reader = Reader(directory)
        self.dumps = Dumps(directory, self.reader, settings)
        self.queries = QueryPool(directory, _limits(settings))
        self.gateway = _gateway(settings)
        self.peers = Peers(self.queries, self.latencies, peers)
        self.code_lists = load_code_lists(imported=settings.vocabularies)
        self.terms = Terms(resources.find("ontology"), f"{self.reader.base}ontology/")
        self.terms_in_use = TermsInUse(self.reader, self.terms)
        self.shapes = Terms(resources.find("shapes"), f"{self.reader.base}about/shapes/")
        self.signer = Signer.load(settings.signing_key) if settings.signing_key else None
        self.accreditations = StoreAccreditations(self.reader, self.code_lists)
        self.verifier = Verifier(settings, self.accreditations)
        self.names = Names(self.terms, self.code_lists, self.reader)
        self.index = RecordIndex(self.reader, peers)
        self.reports = Reports(self.reader)
        self.base = self.reader.base
        self.genid = self.base + GENID_PATH
        self.vocabulary_graph = f"{self.base}id/graph/vocabulary"
        self.ontology = "https://europass-ld.github.io/ontology"
        self._datasets: tuple[int, frozenset[str]] = -1, frozenset()
        self._identifiers = f"{self.base}id/"
        self._since = -1, ""
        self._trusted = networks(settings.trusted_proxies, setting="trusted_proxies")
        self._client = lru_cache(_CLIENTS_KNOWN)(partial(effective_client, trusted=self._trusted))
        self._origin = lru_cache(_ORIGINS_KNOWN)(partial(effective_origin, trusted=self._trusted))

    def vault(self) -> Vault | None:
        """Return the private store; None as long as nothing is kept in it."""
        if self._vault is None:
            self._vault = open_vault(self._directory, self.settings)
        return self._vault

    def origin(self) -> Origin:
        """Return the scheme and host of this request, as the client knows them."""
        return self.origin_of(request.environ)

    def origin_of(self, environ: Mapping[str, Any]) -> Origin:
        """Return the scheme and host of the request of a WSGI environ, as the client knows them."""
        nearest = next(reversed(forwarded(_forwarded_header(environ))), {})
        return self._origin(
            environ["wsgi.url_scheme"],
            environ.get("HTTP_HOST", ""),
            peer=environ.get("REMOTE_ADDR"),
            forwarded_scheme=environ.get("HTTP_X_FORWARDED_PROTO", nearest.get("proto", "")),
            forwarded_host=environ.get("HTTP_X_FORWARDED_HOST", nearest.get("host", "")),
        )

    def root(self) -> str:
        """Return the address of this server as the client knows it, without a slash at its end."""
        origin = self.origin()
        return f"{origin.scheme}://{origin.host}"

    def client(self) -> str:
        """Return the address that this request came from, as far as it can be known."""
        return self.client_of(request.environ)

    def client_of(self, environ: Mapping[str, Any]) -> str:
        """Return the address that the request of a WSGI environ came from."""
        header = _forwarded_header(environ)
        chain = client_addresses(header) if header else environ.get("HTTP_X_FORWARDED_FOR", "")
        return self._client(environ.get("REMOTE_ADDR"), chain)

    def administrates(self) -> bool:
        """Tell whether this request comes from the administrator.

        With a token, who has it is; without one, a program of this machine that comes straight
        here: through no proxy, and for no page of another site.
        """
        token, environ = self.settings.admin_token, request.environ
        if token is not None:
            kind, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
            return kind.lower() == "bearer" and compare_digest(
                given.strip().encode(), token.encode()
            )
        name = self.origin().name.strip("[]")
        return (
            is_loopback(environ.get("REMOTE_ADDR"))
            and (name == "localhost" or is_loopback(name))
            and not any(environ.get(one) for one in _OF_PROXIES_AND_PAGES)
        )

    def close(self) -> None:
        """End what runs for this site, and let go of the store."""
        self.peers.close()
        self.queries.close()
        self.index.close()
        self.reader.close()

    def catalogue(self) -> Catalogue:
        """Return the catalogue of the state that is read."""
        settings = self.settings
        operator = Operator(
            settings.operator_iri or f"{self.base}catalogue#operator",
            settings.operator_name,
            None if settings.admin_email.endswith(_NOBODY) else f"mailto:{settings.admin_email}",
        )
        return Catalogue(self.reader, self.dumps.manifest, operator, versions=settings.keep_dumps)

    def is_dataset(self, iri: str) -> bool:
        """Tell whether an IRI is that of a dataset; its description tells of its dumps too."""
        sequence, datasets = self._datasets
        if sequence != self.reader.sequence:
            sequence = self.reader.sequence
            datasets = frozenset(one.iri for one in self.reader.datasets())
            self._datasets = sequence, datasets
        return iri in datasets

    def with_dumps(self, tag: str) -> str:
        """Return an entity tag that is another when dumps were made or removed."""
        return f'{tag[:-1]}-{self.dumps.changed:x}"'

    def modified(self) -> str:
        """Return when data or dumps last changed, as a time of the log."""
        dumps = datetime.fromtimestamp(self.dumps.changed / 1e9, UTC)
        return max(self.reader.changed, f"{dumps:%Y-%m-%dT%H:%M:%SZ}")

    def since(self) -> str:
        """Return since when the state is served that is, as HTTP writes times."""
        sequence, since = self._since
        if sequence != self.reader.sequence:
            sequence, time = self.reader.sequence, self.reader.changed
            since = http_date(datetime.fromisoformat(time))
            self._since = sequence, since
        return since

    def words(self, wanted: Sequence[str]) -> Words:
        """Return how a page for a reader of these languages finds names."""
        return Words(
            term=lambda iri: self.terms.label(iri, wanted),
            link=partial(self.link, wanted=wanted),
            languages=wanted,
            language=interface(),
        )

    def link(self, iri: str, wanted: Sequence[str]) -> Link:
        """Return a link to a thing: to our page of it when we know it, else to the thing itself."""
        name = self.names.name(iri, wanted)
        if name or self.is_described(iri):
            return Link(iri, name or Label(last_part(iri)), self.address(iri))
        shown = iri.partition(":")[2] if iri.startswith(("mailto:", "tel:")) else iri
        return Link(iri, Label(shown), safe_address(iri), external=True)

    def dataset_link(self, iri: str, wanted: Sequence[str]) -> Link:
        """Return a link to the page of a dataset."""
        titles = self.reader.dataset(iri).title
        return Link(iri, best(titles, wanted) or Label(last_part(iri)), self.address(iri))

    def address(self, iri: str, suffix: str = "") -> str:
        """Return the path at which this server describes an IRI, as a document with a suffix."""
        path, query = self.address_parts(iri)
        return f"{path}{suffix}{query}"

    def address_parts(self, iri: str) -> tuple[str, str]:
        """Return that path in two parts, between which the suffix of a format may stand."""
        if iri.startswith(self._identifiers) and "#" not in iri and "?" not in iri:
            name = iri.removeprefix(self._identifiers)
            return f"/doc/{quote(name, safe=PATH_SAFE)}", ""
        return "/resource", parameter(iri)

    def is_described(self, iri: str) -> bool:
        """Tell whether anything is said about an IRI in the store."""
        return any(True for _ in self.reader.outgoing(iri))

    def owner(self, iri: str) -> str:
        """Return the record that a nested node belongs to; any other IRI unchanged."""
        for _ in range(_DEEPEST):
            if not iri.startswith(self.genid):
                return iri
            holders = self.reader.incoming(iri, limit=1)
            if not holders:
                return iri
            iri = holders[0][0]
        return iri


def _limits(settings: Settings) -> Limits:
    return Limits(
        deadline=settings.query_deadline,
        memory=settings.query_memory,
        memory_in_all=2 * settings.query_memory,
        result_bytes=settings.query_result_bytes,
        per_client=settings.queries_per_client,
        fast_workers=settings.query_workers,
        slow_workers=settings.query_workers,
        slow_line=settings.query_workers,
    )


def _gateway(settings: Settings) -> Gateway:
    try:
        endpoints = listed(settings.service_endpoints)
    except ValueError as error:
        raise ConfigurationError(
            f"service_endpoints: {error} is no http or https IRI", setting="service_endpoints"
        ) from error
    return Gateway(
        endpoints,
        networks(settings.service_networks, setting="service_networks"),
        settings.service_deadline,
        settings.service_result_bytes,
    )


_OF_PROXIES_AND_PAGES = (
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_ORIGIN",
)
_CLIENTS_KNOWN = 4_096
_ORIGINS_KNOWN = 256
_X_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO")
_DEEPEST = 32
_NOBODY = "@example.invalid"
_DIGITS = 7


def _forwarded_header(environ: Mapping[str, Any]) -> str:
    """Return the header Forwarded, but nothing where X-Forwarded headers came too.

    A proxy that writes those may let a client's Forwarded through.
    """
    header: str = environ.get("HTTP_FORWARDED", "")
    return "" if header and any(one in environ for one in _X_FORWARDED) else header


def site() -> Site:
    """Return the site that the current request is served from."""
    return site_of(current_app)


def site_of(app: Flask) -> Site:
    """Return the site of an application."""
    return cast("Site", app.extensions[EXTENSION])


def most_at_once(settings: Settings) -> int:
    """Return how many queries may run or wait in one process."""
    limits = _limits(settings)
    return limits.fast_workers + limits.slow_workers + limits.slow_line + limits.queue_length


def reader_languages() -> tuple[str, ...]:
    """Return the languages that the reader of this request wants, best first."""
    return languages(request.headers.get("Accept-Language"), request.args.get("lang"))


def interface() -> Language:
    """Return the language that pages are written in for the reader of this request."""
    if "interface" not in g:
        g.interface = language_for(reader_languages())
    return cast("Language", g.interface)


def chosen_language() -> str | None:
    """Return the language that the address of this request names (`?lang=`), if it names one."""
    text = request.args.get("lang", "")
    return text if is_language(text) else None


def kept(address: str) -> str:
    """Return an address of ours with the language that the reader chose on this page, if any."""
    chosen = chosen_language()
    if chosen is None or not address.startswith("/"):
        return address
    path, mark, fragment = address.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'lang': chosen})}{mark}{fragment}"


def page_number() -> int:
    """Return which page of a list is asked for, from 1; anything odd is the first."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 1


def page_of(rows: Sequence[object]) -> dict[str, object]:
    """Return what a template shows of `rows` on the page that is asked for, and for its pager."""
    number, size = page_number(), site().settings.page_size
    return {
        "rows": rows[(number - 1) * size : number * size],
        "page_number": number,
        "more": len(rows) > number * size,
    }
