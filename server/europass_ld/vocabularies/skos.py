"""Read what a code list needs out of an official SKOS file, whatever else stands in it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from .. import formats
from ..errors import ConfigurationError, MalformedDocument, UnsupportedDocument
from ..terms import RDF_TYPE, SKOS_CONCEPT, expand
from .model import Concept

_XML_EXTENSIONS = {"xml", "owl"}
_XL = "http://www.w3.org/2008/05/skos-xl#"
_NO_LANGUAGE = "und"


def read_skos(file: Path) -> "SkosFile":
    """Read an RDF file as a stream and keep its concepts, their names and their hierarchy.

    The extension says the format: one of `formats`, or xml and owl for RDF/XML. Names may be plain
    or SKOS-XL <https://www.w3.org/TR/skos-reference/#xl>.

    Raises:
        ConfigurationError: the file cannot be read.
        UnsupportedDocument: no format has its extension.
        MalformedDocument: it is not what its extension says.
    """
    found = SkosFile()
    try:
        for quad in ox.parse(path=str(file), format=_format(file)):
            found.add(quad)
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {file}: {error.strerror or error}", setting="file", source=str(file)
        ) from error
    except SyntaxError as error:
        raise MalformedDocument(
            f"{file.name}: {error.msg}", file=file.name, line=error.lineno, column=error.offset
        ) from error
    return found


@dataclass(slots=True)
class SkosFile:
    """What was found: sets and tables by the IRI of a concept or a scheme."""

    concepts: set[str] = field(default_factory=set)
    schemes: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    titles: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    _labels: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    _notations: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _broader: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _xl_labels: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _xl_forms: dict[str, ox.Literal] = field(default_factory=dict)

    def add(self, quad: ox.Quad) -> None:
        """Take in a statement, if it is of use."""
        kind = _PREDICATES.get(quad.predicate.value)
        subject, value = quad.subject, quad.object
        if kind is None or isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
            return
        if isinstance(value, ox.Literal):
            self._add_literal(kind, subject.value, value)
        else:
            self._add_link(kind, subject.value, value.value)

    def _add_literal(self, kind: str, subject: str, value: ox.Literal) -> None:
        if kind == "label":
            self._labels[subject].setdefault(value.language or _NO_LANGUAGE, value.value)
        elif kind == "notation" and value.datatype.value == expand("xsd:string"):
            self._notations[subject].add(value.value)
        elif kind == "form":
            self._xl_forms[subject] = value
        elif kind == "title" and value.language in {None, "en"}:
            self.titles[subject] = value.value
        elif kind == "version":
            self.versions[subject] = value.value

    def _add_link(self, kind: str, subject: str, value: str) -> None:
        if kind == "type" and value == SKOS_CONCEPT:
            self.concepts.add(subject)
        elif kind == "scheme":
            self.schemes[subject].add(value)
        elif kind == "top":
            self.schemes[value].add(subject)
        elif kind == "broader":
            self._broader[subject].add(value)
        elif kind == "xl":
            self._xl_labels[subject].add(value)

    def sizes(self) -> Counter[str]:
        """Return how many concepts each scheme has."""
        return Counter(scheme for one in self.concepts for scheme in self.schemes[one])

    def title(self, scheme: str) -> str:
        """Return the scheme's English title, else its IRI."""
        return self.titles.get(scheme) or self._labels[scheme].get("en") or scheme

    def concepts_of(self, scheme: str) -> Iterator[Concept]:
        """Yield the concepts of a scheme; one without exactly one plain notation has none."""
        for iri in self.concepts:
            if scheme in self.schemes[iri]:
                notations = self._notations[iri]
                yield Concept(
                    iri,
                    scheme,
                    notation=next(iter(notations)) if len(notations) == 1 else "",
                    labels=self._labels_of(iri),
                    broader=tuple(sorted(self._broader[iri] & self.concepts)),
                )

    def _labels_of(self, iri: str) -> dict[str, str]:
        forms = (self._xl_forms.get(one) for one in sorted(self._xl_labels[iri]))
        xl = {one.language or _NO_LANGUAGE: one.value for one in forms if one}
        return xl | self._labels[iri]


_PREDICATES = {
    RDF_TYPE: "type",
    expand("skos:inScheme"): "scheme",
    expand("skos:topConceptOf"): "scheme",
    expand("skos:hasTopConcept"): "top",
    expand("skos:broader"): "broader",
    expand("skos:prefLabel"): "label",
    expand("skos:notation"): "notation",
    expand("dct:title"): "title",
    expand("rdfs:label"): "title",
    expand("owl:versionInfo"): "version",
    expand("dct:hasVersion"): "version",
    f"{_XL}prefLabel": "xl",
    f"{_XL}literalForm": "form",
}


def _format(file: Path) -> ox.RdfFormat:
    extension = file.suffix.removeprefix(".").lower()
    known = formats.by_extension("rdf" if extension in _XML_EXTENSIONS else extension)
    if known is None or not isinstance(known.oxigraph, ox.RdfFormat):
        accepted = ", ".join([one.extension for one in formats.RDF_FORMATS] + [*_XML_EXTENSIONS])
        raise UnsupportedDocument(
            f"{file.name}: no RDF format has this extension (accepted: {accepted})", file=file.name
        )
    return known.oxigraph
