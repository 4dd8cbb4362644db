"""What is known of a resource, in each profile: which are offered, and the documents."""

import json
from collections.abc import Iterator

import pyoxigraph as ox
from markupsafe import Markup

from ...errors import LiftError, LimitExceeded
from ...profiles import closure_xml, framed, has_schema_org, labels, schema_org
from ...terms import RDF_TYPE, expand
from ..negotiation import RESOURCE, Representation
from ..problems import Refusal
from ..responses import extension_of
from ..serialization import serialize, with_default_graph
from ..site import Site
from .links import profile_address
from .lookup import Found
from .profiles import (
    ALTERNATES,
    ELM,
    EUROPASS_XML,
    FRAMED,
    LABELS,
    PROFILES,
    SCHEMA,
    Profile,
)

_ESCAPED = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_ALTR = f"{ALTERNATES.iri}#"
_PROF = "http://www.w3.org/ns/dx/prof/"
_FORMAT, _CONFORMS, _TITLE = (expand(one) for one in ("dct:format", "dct:conformsTo", "dct:title"))

_OF_DATASETS = {"trig", "nq"}
"""Formats that hold a default graph and named graphs, in which a client finds both."""


def offered(current: Site, found: Found) -> tuple[Profile, ...]:
    """Return the profiles that a resource is offered in, the default first."""
    if not is_one_record(found):
        return ELM, FRAMED, LABELS, ALTERNATES
    families = {current.reader.dataset(one.dataset).family for one in found.records}
    left_out = {one for (of, _), one in EUROPASS_XML.items() if of not in families}
    if not has_schema_org(found.records[0].record):
        left_out.add(SCHEMA)
    return tuple(one for one in PROFILES if one not in left_out)


def is_one_record(found: Found) -> bool:
    """Tell whether a resource is a record, not a document of several or something else."""
    return bool(found.records) and all(one.record.iri == found.iri for one in found.records)


def document(
    current: Site, found: Found, profile: Profile, representation: Representation
) -> bytes:
    """Return a resource in a profile; `representation` is none that is HTML.

    Raises:
        Refusal: the record cannot be written as this version of Europass XML.
    """
    if representation.format is None or profile is FRAMED:
        return _framed(found) if profile is FRAMED else _xml(current, found, profile)
    if profile is SCHEMA:
        made = schema_json(current, found)
        if representation.format.name == "jsonld":
            return made.encode()
        return serialize([(found.iri, _lines(made))], representation.format)
    if profile is LABELS:
        stated = "".join(lines for _, lines in found.parts())
        lines = labels(current.reader, current.code_lists, stated)
        return serialize([(found.iri, lines)], representation.format)
    if profile is ALTERNATES:
        return serialize([(found.iri, _alternates(current, found))], representation.format)
    parts = found.parts()
    if representation.format.name in _OF_DATASETS:
        parts = with_default_graph(parts)
    return serialize(parts, representation.format)


def schema_json(current: Site, found: Found) -> str:
    """Return a record in the terms of schema.org as JSON-LD."""
    made = schema_org(current.reader, current.code_lists, found.iri)
    return json.dumps(made, ensure_ascii=False)


def in_html(json_text: str) -> Markup:
    """Return JSON as it may stand in a script element: nothing in it ends that or begins a tag."""
    return Markup(json_text.translate(_ESCAPED))  # noqa: S704 - no markup is left in it


def representations(
    current: Site, iri: str, profiles: tuple[Profile, ...]
) -> Iterator[tuple[Profile, Representation, str]]:
    """Yield each form of each profile with its address."""
    path, query = current.address_parts(iri)
    for profile in profiles:
        for one in profile.representations:
            if profile is ELM:
                yield profile, one, f"{path}.{extension_of(one)}{query}"
            else:
                yield profile, one, profile_address(current, iri, profile, one.media_types[0])


def _framed(found: Found) -> bytes:
    parts = found.parts()
    iris = [one.record.iri for one in found.records] or [found.iri]
    made = framed("".join(lines for _, lines in parts), list(dict.fromkeys(iris)))
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def _xml(current: Site, found: Found, profile: Profile) -> bytes:
    family, version = next(of for of, one in EUROPASS_XML.items() if one is profile)
    datasets = (one.dataset for one in found.records)
    try:
        return closure_xml(
            current.reader,
            found.iri,
            dataset=next(one for one in datasets if current.reader.dataset(one).family == family),
            version=version,
            most_bytes=current.settings.max_closure_bytes,
        )
    except LimitExceeded as error:
        raise Refusal("record-too-large", f"{error}.", limit=error.allowed) from error
    except LiftError as error:
        raise Refusal("not-acceptable", f"{error}.") from error


def _lines(json_ld: str) -> str:
    """Return JSON-LD as N-Triples lines; nodes without a name are numbered as they come."""
    names: dict[str, str] = {}

    def shown(term: object) -> str:
        if isinstance(term, ox.BlankNode):
            return names.setdefault(term.value, f"_:n{len(names) + 1}")
        return str(term)

    return "".join(
        f"{shown(quad.subject)} {quad.predicate} {shown(quad.object)} .\n"
        for quad in ox.parse(json_ld, format=ox.RdfFormat.JSON_LD)
    )


def _alternates(current: Site, found: Found) -> str:
    """Return the list of alternates as N-Triples, in the terms of the altr vocabulary."""
    profiles = offered(current, found)
    lines = []
    for profile, one, path in representations(current, found.iri, profiles):
        node = f"<{current.root()}{path}>"
        relation = "hasRepresentation"
        if profile is ELM and one is RESOURCE[0]:
            lines.append(f"<{found.iri}> <{_ALTR}hasDefaultRepresentation> {node} .")
        lines += [
            f"<{found.iri}> <{_ALTR}{relation}> {node} .",
            f"{node} <{RDF_TYPE}> <{_ALTR}Representation> .",
            f'{node} <{_FORMAT}> "{one.media_types[0]}" .',
            f"{node} <{_CONFORMS}> <{profile.iri}> .",
        ]
    for profile in profiles:
        lines += [
            f"<{profile.iri}> <{RDF_TYPE}> <{_PROF}Profile> .",
            f'<{profile.iri}> <{_TITLE}> "{profile.title}" .',
            f'<{profile.iri}> <{_PROF}hasToken> "{profile.token}" .',
        ]
    return "".join(f"{line}\n" for line in lines)
