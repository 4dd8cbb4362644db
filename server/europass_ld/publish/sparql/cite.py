"""`/cite`: the citation of a version of a dataset, or of a query on a named state."""

from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from ...errors import UnknownDataset
from ...store import Dataset, Version
from ..addresses import is_iri
from ..labels import Label, best, last_part
from ..language import Message
from ..negotiation import HTML, Representation, choose
from ..problems import Refusal
from ..responses import as_json, entity_tag, live_page, not_acceptable, not_modified
from ..site import reader_languages, site
from .citation import Citation, cff, datacite

blueprint = Blueprint("cite", __name__)

_CFF = Representation(
    "cff", ("application/yaml", "text/yaml", "text/plain"), "application/yaml; charset=utf-8"
)
_DATACITE = Representation(
    "datacite",
    ("application/vnd.datacite.datacite+json", "application/json"),
    "application/vnd.datacite.datacite+json",
)
_OFFERED = (_CFF, _DATACITE, HTML)
_DIGITS = 18


@blueprint.get("/cite")
def cite() -> Response:
    """Cite `?dataset=` in its `version=`, or `?query=` on the `state=`; without one, as it is now.

    As CITATION.cff, DataCite JSON or a page, by `format=` or negotiated.
    """
    name = request.args.get("format")
    chosen = (
        choose(request.headers.get("Accept"), _OFFERED)
        if name is None
        else next((one for one in _OFFERED if one.name == name), None)
    )
    if chosen is None:
        raise not_acceptable(_OFFERED)
    citation = _of_query() if "query" in request.args else _of_dataset()
    if chosen is HTML:
        arguments = {**request.args.to_dict(flat=False), **_pinned(citation)}
        return live_page(
            "cite.html", citation=citation, cff=cff(citation), arguments=_flat(arguments)
        )
    if chosen is _DATACITE:
        response = as_json(datacite(citation))
        response.content_type = _DATACITE.content_type
    else:
        response = Response(cff(citation), content_type=_CFF.content_type)
        response.headers["Content-Disposition"] = 'inline; filename="CITATION.cff"'
    tag = entity_tag(chosen)
    response.headers["ETag"] = tag
    return not_modified(tag) or response


def permalink(
    text: str, state: int, default_graph: Iterable[str], named_graphs: Iterable[str]
) -> str:
    """Return the address of a query on a state, which answers the same next year."""
    parameters = [("query", text)]
    parameters += [("default-graph-uri", iri) for iri in default_graph]
    parameters += [("named-graph-uri", iri) for iri in named_graphs]
    return f"{site().base}sparql/at/{state}?{urlencode(parameters)}"


def _of_dataset() -> Citation:
    iri, current, wanted = request.args.get("dataset", ""), site(), reader_languages()
    if not iri:
        raise Refusal(
            "malformed-request", Message("The parameter dataset is the IRI of a dataset.")
        )
    try:
        dataset = current.reader.dataset(iri)
    except UnknownDataset as error:
        raise Refusal("not-found", str(error), suggestions=list(error.known)[:5]) from error
    version = _version(dataset)
    title = best(dataset.title, wanted)
    page = urlencode({"dataset": iri, "number": version.number})
    about = best(dataset.description, wanted)
    count = f"{version.records} records, {version.triples} triples."
    return Citation(
        kind="version of a dataset",
        title=title.text if title else last_part(iri),
        language=title.language if title else "",
        url=f"{current.base}datasets/version?{page}",
        identifier=f"{current.base}id/version/{version.sequence}",
        version=f"version {version.number}",
        time=version.time,
        authors=_authors((dataset,)),
        abstract=f"{about.text} {count}" if about else count,
        parts_of=(iri,),
        licences=_licences((dataset,)),
    )


def _version(dataset: Dataset) -> Version:
    versions = site().reader.versions(dataset.iri)
    number = _number("version", versions[-1].number)
    found = next((one for one in versions if one.number == number), None)
    if found is None:
        raise Refusal(
            "not-found",
            Message("<%(iri)s> has no version %(number)s.", iri=dataset.iri, number=number),
        )
    return found


def _of_query() -> Citation:
    current, text = site(), request.args["query"]
    if len(text.encode()) > current.settings.max_query_bytes:
        raise Refusal("query-too-large", Message("The query is longer than this server answers."))
    state = _number("state", current.reader.sequence)
    events = current.reader.events()
    event = next((one for one in events if one.sequence == state), None)
    if event is None:
        raise Refusal(
            "not-found",
            Message("The states to cite are 1 to %(latest)s.", latest=current.reader.sequence),
        )
    default, named = _graphs("default-graph-uri"), _graphs("named-graph-uri")
    there = {one.dataset for one in events if one.sequence <= state}
    asked = set(default + named) or there
    datasets = [one for one in current.reader.datasets() if one.iri in there & asked]
    url = permalink(text, state, default, named)
    return Citation(
        kind="query",
        title=_query_title(datasets),
        language="en",
        url=url,
        identifier=f"{current.base}sparql/at/{state}#sha256-{sha256(url.encode()).hexdigest()}",
        version=f"state {state}",
        time=event.time,
        authors=_authors(datasets),
        abstract=f"The answer to this SPARQL query on state {state} of the store: {text}",
        parts_of=tuple(one.iri for one in datasets),
        licences=_licences(datasets),
    )


def _query_title(datasets: list[Dataset]) -> str:
    wanted = reader_languages()
    titles = [best(one.title, wanted) or Label(last_part(one.iri)) for one in datasets]
    return f"Query on {', '.join(one.text for one in titles) or 'no dataset'}"


def _authors(datasets: Iterable[Dataset]) -> tuple[str, ...]:
    names = []
    for one in datasets:
        name = best(one.publisher_name, reader_languages())
        if name or one.publisher:
            names.append(name.text if name else str(one.publisher))
    return tuple(dict.fromkeys(names))


def _licences(datasets: Iterable[Dataset]) -> tuple[str, ...]:
    """Return the licences; none when a dataset has none, for they would seem to be of that too."""
    licences = [one.licence for one in datasets]
    return tuple(dict.fromkeys(one for one in licences if one)) if all(licences) else ()


def _graphs(name: str) -> tuple[str, ...]:
    iris = tuple(request.args.getlist(name))
    for iri in iris:
        if not is_iri(iri):
            raise Refusal(
                "malformed-request",
                Message("The name of a graph is no absolute IRI: %(iri)s", iri=iri),
            )
    return iris


def _number(name: str, otherwise: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise Refusal(
            "malformed-request", Message("The parameter %(name)s is a whole number.", name=name)
        )
    return int(text)


def _pinned(citation: Citation) -> dict[str, list[str]]:
    """Return the parameter that says the version or state, which the request may have left out."""
    name, number = citation.version.split()
    return {name: [number]}


def _flat(arguments: dict[str, list[str]]) -> dict[str, str | list[str]]:
    return {
        name: values if len(values) > 1 else values[0]
        for name, values in arguments.items()
        if name != "format"
    }
