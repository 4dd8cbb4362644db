"""A dataset's description as RDF, in the terms of DCAT <https://www.w3.org/TR/vocab-dcat-3/>."""

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from ..store import Dataset, Version
from ..terms import RDF_TYPE, expand
from .addresses import is_iri


def dataset_lines(dataset: Dataset, versions: Iterable[Version], base: str) -> str:
    """Return N-Triples lines that describe a dataset and name its versions."""
    return "".join(
        f"<{subject}> <{predicate}> {value} .\n"
        for subject, predicate, value in _statements(dataset, versions, base)
    )


def _statements(
    dataset: Dataset, versions: Iterable[Version], base: str
) -> Iterator[tuple[str, str, str]]:
    iri = dataset.iri
    yield iri, RDF_TYPE, f"<{expand('dcat:Dataset')}>"
    yield from _texts(iri, "dct:title", dataset.title)
    yield from _texts(iri, "dct:description", dataset.description)
    if dataset.publisher:
        yield iri, expand("dct:publisher"), f"<{dataset.publisher}>"
        yield from _texts(dataset.publisher, "foaf:name", dataset.publisher_name)
    for predicate, value in (
        ("dct:spatial", dataset.country),
        ("dct:license", dataset.licence),
        ("dcat:contactPoint", dataset.contact),
        ("dct:accrualPeriodicity", dataset.frequency),
    ):
        if value:
            term = f"<{value}>" if is_iri(value) else str(ox.Literal(value))
            yield iri, expand(predicate), term
    for version in versions:
        yield iri, expand("dcat:hasVersion"), f"<{base}id/version/{version.sequence}>"


def _texts(
    subject: str, predicate: str, texts: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    for language, text in texts.items():
        yield subject, expand(predicate), str(ox.Literal(text, language=language))
