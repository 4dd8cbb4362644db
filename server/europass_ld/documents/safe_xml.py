"""XML held in memory as a tree: no DOCTYPE, no entity, no network, and bounded."""

from lxml import etree

from ..errors import LimitExceeded, MalformedDocument
from .limits import CredentialLimits

_OPENINGS = (b"<", b"=")


def read_xml(data: bytes, name: str, limits: CredentialLimits) -> etree._Element:
    """Return the root element of an XML document; `name` is for messages.

    Comments and processing instructions are left out, as canonicalisation leaves them out: no text
    may hide behind one.

    Raises:
        MalformedDocument: not well-formed, or it has a DOCTYPE.
        LimitExceeded: too large, too deep, or too many elements.
    """
    limits.check_size(len(data), name)
    limits.check_values(sum(data.count(one) for one in _OPENINGS), name)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _not_well_formed(error, name) from error
    if root.getroottree().docinfo.doctype:
        raise MalformedDocument(
            f"{name}: a DOCTYPE is never accepted; Europass documents need none", file=name
        )
    _check(root, name, limits)
    return root


def _not_well_formed(error: etree.XMLSyntaxError, name: str) -> MalformedDocument | LimitExceeded:
    line, column = error.position
    text = str(error.msg).partition(", line ")[0].partition("\n")[0]
    if "huge" in text.lower() or "excessive depth" in text.lower():
        return LimitExceeded(
            f"{name}:{line}: the parser's own limit was met", limit="parser", allowed=256, file=name
        )
    # Only the kind of mistake: libxml2's sentence may quote the document.
    kind = str(error.error_log.last_error.type_name if error.error_log else "").lower()
    return MalformedDocument(
        f"{name}:{line}:{column}: not well-formed XML ({kind.removeprefix('err_') or 'empty'})",
        file=name,
        line=line,
        column=column,
    )


def _check(root: etree._Element, name: str, limits: CredentialLimits) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > limits.max_depth:
            raise limits.too_deep(name)
        if event == "start":
            limits.check_text(len(element.text or ""), name)
