"""The official XML Schemas of EDC v2 beside ours."""

from functools import cache
from pathlib import Path

from lxml import etree

from europass_ld import resources
from tests.shared import corpus

CORPUS = corpus()
OFFICIAL = CORPUS / "official/edc-v2/xsd"
DATA = Path(__file__).parent / "data"

PAIRS = {
    "credential-1.0": ("genericschema",),
    "credential-1.1": ("genericschema_1.1",),
    "credential-1.2": (
        "genericschema_1.2",
        "diplomasupplementschema_1.2",
        "accreditationschema_1.2",
    ),
    "mandated-1.0": ("mandatedschema_1.0",),
    "mandated-1.1": ("mandatedschema_1.1",),
    "shared-1.0": ("sharedschema_1.0",),
    "shared-1.1": ("sharedschema_1.1",),
    "presentation-1.2": (
        "mandatedschema_generic_1.2",
        "mandatedschema_dp_1.2",
        "mandatedschema_accred_1.2",
        "sharedschema_generic_1.2",
        "sharedschema_dp_1.2",
        "sharedschema_accred_1.2",
    ),
}
"""Our schemas, and the official ones that each of them stands for."""

DOCUMENTS = (*sorted(CORPUS.glob("edc-xml/*.xml")), *sorted(DATA.glob("*.xml")))


def our_path(name: str) -> Path:
    """Where one of our schemas stands."""
    return resources.find("schemas") / "edc-v2" / f"{name}.xsd"


@cache
def ours(name: str) -> etree.XMLSchema:
    """Compile one of our schemas."""
    return etree.XMLSchema(file=str(our_path(name)))


@cache
def official(name: str) -> etree.XMLSchema:
    """Compile an official schema."""
    return etree.XMLSchema(file=str(OFFICIAL / f"{name}.xsd"))


def read(path: Path) -> etree._Element:
    """Return the root of a document, without comments."""
    return etree.parse(str(path), etree.XMLParser(remove_comments=True)).getroot()


def fits(name: str, root: etree._Element) -> bool:
    """Whether a document is of the kind (credential or presentation) that a schema is for."""
    return ("europassCredential" in root.tag) == name.startswith("credential")
