"""How to cite what is published: as a CITATION.cff file, as DataCite metadata, as a sentence.

No IO and no Flask here. Citation File Format 1.2.0
<https://github.com/citation-file-format/citation-file-format/blob/main/schema-guide.md>; DataCite
Metadata Schema 4.6, in its JSON form <https://schema.datacite.org/meta/kernel-4.6/>. This server
registers no DOI: what identifies a version or a query is its address here.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses/(?P<terms>by(?:-nc)?(?:-nd|-sa)?)|publicdomain/zero)"
    r"/(?P<version>\d\.\d)/?"
)
_NOT_PRINTED = re.compile("[\\x7f-\\xa0\\u2028\\u2029\\ufeff\\ufffe\\uffff]")
_UNKNOWN_AUTHOR = "Unknown publisher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What is cited; `url` leads to it for as long as the store can show it.

    `kind` says what it is (`version of a dataset`, `query`), `authors` are names of organisations,
    `time` is when it came to be (UTC, `2026-01-31T12:00:00Z`), `parts_of` the IRIs of the datasets
    that it comes from, `licences` their licences, none when one of them has none.
    """

    kind: str
    title: str
    language: str
    url: str
    identifier: str
    version: str
    time: str
    authors: tuple[str, ...]
    abstract: str
    parts_of: tuple[str, ...]
    licences: tuple[str, ...]

    @property
    def date(self) -> str:
        """The day it came to be."""
        return self.time.partition("T")[0]

    @property
    def sentence(self) -> str:
        """A reference as it stands in a list of literature."""
        authors = "; ".join(self.authors or (_UNKNOWN_AUTHOR,))
        return (
            f"{authors} ({self.date[:4]}): {self.title}. {self.version[:1].upper()}"
            f"{self.version[1:]}, {self.date}. {self.url}"
        )


def cff(citation: Citation) -> str:
    """Return the text of a CITATION.cff file; texts are JSON strings, which YAML reads."""
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use these data, please cite them as below."',
        "type: dataset",
        f"title: {_quoted(citation.title)}",
        "authors:",
        *(f"  - name: {_quoted(name)}" for name in citation.authors or (_UNKNOWN_AUTHOR,)),
        f"version: {_quoted(citation.version)}",
        f"date-released: {citation.date}",
        f"url: {_quoted(citation.url)}",
        f"abstract: {_quoted(citation.abstract)}",
        "identifiers:",
        *_identifier(citation.identifier, f"This {citation.kind}"),
    ]
    for iri in citation.parts_of:
        lines += _identifier(iri, "The dataset that it is part of")
    return "\n".join([*lines, *_cff_licence(citation.licences)]) + "\n"


def datacite(citation: Citation) -> dict[str, Any]:
    """Return DataCite metadata as a JSON object."""
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": citation.kind},
        "identifiers": [{"identifier": citation.identifier, "identifierType": _type(citation)}],
        "url": citation.url,
        "creators": [
            {"name": name, "nameType": "Organizational"}
            for name in citation.authors or (_UNKNOWN_AUTHOR,)
        ],
        "titles": [{"title": citation.title, "lang": citation.language}],
        "publisher": {"name": (citation.authors or (_UNKNOWN_AUTHOR,))[0]},
        "publicationYear": citation.date[:4],
        "dates": [{"date": citation.time, "dateType": "Issued"}],
        "version": citation.version,
        "descriptions": [
            {"description": citation.abstract, "descriptionType": "Abstract", "lang": "en"}
        ],
        "relatedIdentifiers": [
            {
                "relatedIdentifier": iri,
                "relatedIdentifierType": "URL",
                "relationType": "IsVersionOf" if citation.kind != "query" else "IsDerivedFrom",
            }
            for iri in citation.parts_of
        ],
        "rightsList": [_rights(iri) for iri in citation.licences],
    }


def _type(citation: Citation) -> str:
    return "URL" if citation.identifier.startswith(("http://", "https://")) else "Other"


def _identifier(iri: str, description: str) -> list[str]:
    kind = "url" if iri.startswith(("http://", "https://")) else "other"
    return [
        f"  - type: {kind}",
        f"    value: {_quoted(iri)}",
        f"    description: {_quoted(description)}",
    ]


def _cff_licence(licences: tuple[str, ...]) -> list[str]:
    """Return the licence if there is one only: of several, CFF says that any one will do."""
    if len(licences) != 1:
        return []
    name = spdx(licences[0])
    if name:
        return [f"license: {name}"]
    is_address = licences[0].startswith(("http://", "https://"))
    return [f"license-url: {_quoted(licences[0])}"] if is_address else []


def _rights(iri: str) -> Mapping[str, str]:
    name = spdx(iri)
    if name is None:
        return {"rightsUri": iri}
    return {
        "rightsUri": iri,
        "rightsIdentifier": name,
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": "https://spdx.org/licenses/",
    }


def spdx(licence: str) -> str | None:
    """Return the SPDX identifier of a Creative Commons licence by its address, else None."""
    found = _CREATIVE_COMMONS.fullmatch(licence)
    if found is None:
        return None
    terms = f"CC-{found['terms'].upper()}" if found["terms"] else "CC0"
    return f"{terms}-{found['version']}"


def _quoted(text: str) -> str:
    """Write a string as JSON, and so that YAML reads it: some characters it takes only escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _NOT_PRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
