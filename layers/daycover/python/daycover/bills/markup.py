"""XML from strangers: read once, within bounds, without a DTD, an entity or anything from outside.

defusedxml refuses what is made to harm; the bounds on size, depth and number are ours and hold while it is read,
so that no tree larger than they allow ever stands in memory.
"""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # nosec B405 # defusedxml parses

MOST_BYTES = 4 * 1024 * 1024
"""Real invoices have 10 to 200 KB; one of 2,000 lines has about 1 MB."""
MOST_ELEMENTS = 30_000
MOST_DEPTH = 40
_MOST_ATTRIBUTES = 64
_DECLARED = re.compile(
    rb"^(?P<head>(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?)encoding\s*=\s*[\"'](?:gb2312|gbk|gb18030)[\"']", re.I
)
"""Expat knows no Chinese encoding; older receipts declare them."""
SIGNATURES = ("signature", "xmlsignature", "sealdata", "eseal")
"""Subtrees with names of their own: they are left out before anything is looked for."""


class HostileMarkupError(Exception):
    """Made to harm whoever reads it: DTD, entities, depth, thousands of elements, sheer size."""


class UnreadableMarkupError(Exception):
    """No XML, or damaged."""


class _Bounded(TreeBuilder):
    """Builds the tree without comments, and stops at the bounds."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: Any, attrs: Any) -> Any:
        self._depth += 1
        self._count += 1
        if self._depth > MOST_DEPTH or self._count > MOST_ELEMENTS or len(attrs) > _MOST_ATTRIBUTES:
            raise HostileMarkupError
        return super().start(tag, attrs)

    def end(self, tag: Any) -> Any:
        self._depth -= 1
        return super().end(tag)


def parse(content: bytes) -> Element:
    """Give the root. Raises HostileMarkupError, UnreadableMarkupError."""
    # loads on use: 1 ms that only the function that reads files pays
    from defusedxml import DefusedXmlException  # noqa: PLC0415

    # likewise
    from defusedxml.ElementTree import DefusedXMLParser  # noqa: PLC0415

    if len(content) > MOST_BYTES:
        raise HostileMarkupError
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(_in_utf8(content).strip())
        root = parser.close()
    except DefusedXmlException as error:
        raise HostileMarkupError from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableMarkupError from error
    if not isinstance(root, Element):
        raise UnreadableMarkupError
    return root


def _in_utf8(content: bytes) -> bytes:
    declared = _DECLARED.match(content)
    if declared is None:
        return content
    text = content[declared.end() :].decode("gb18030")
    return declared["head"] + b'encoding="UTF-8"' + text.encode()


def name_of(element: Element) -> str:
    """Give an element's name without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def is_signature(element: Element) -> bool:
    return name_of(element).lower() in SIGNATURES


def within(element: Element) -> Iterator[Element]:
    """Give the element and all below it, in their order, without signatures. Bounded by MOST_DEPTH."""
    if is_signature(element):
        return
    yield element
    for child in element:
        yield from within(child)


def text_of(element: Element) -> str:
    return (element.text or "").strip()
