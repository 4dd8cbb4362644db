"""Where an element stands, in the words of the document's author."""

from lxml import etree


def element_name(element: etree._Element) -> str:
    """Return the element's name with the prefix that its author wrote, if any."""
    name = etree.QName(element).localname
    return f"{element.prefix}:{name}" if element.prefix else name


def element_path(element: etree._Element, top: etree._Element) -> str:
    """Return the path from `top` (left out) down to `element`, such as `homepage[2]/title`.

    A number stands only where several siblings have the same name. `top` itself gives "".
    """
    steps: list[str] = []
    current: etree._Element | None = element
    while current is not None and current is not top:
        steps.append(_step(current))
        current = current.getparent()
    return "/".join(reversed(steps))


def _step(element: etree._Element) -> str:
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    alone = not before and next(element.itersiblings(element.tag), None) is None
    return element_name(element) if alone else f"{element_name(element)}[{before + 1}]"
