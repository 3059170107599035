"""XML that nobody has checked as elements and texts: what is not well-formed is mended, or passed over.

Feeds have entities of HTML, bare ampersands and controls. References are settled before the parser sees them, so that
it has none to expand, whatever entities the document defines.
"""

import html
import re
from collections.abc import Mapping

from lxml import etree

from model.pages.limits import REFERENCES, TAGS
from model.pages.tree import Builder, Event, encoded

FOREIGN = "*|"  # before the name of an element of a vocabulary that is not a feed's, as CSS writes it
_FEEDS = frozenset(
    (
        "http://www.w3.org/2005/Atom",
        "http://purl.org/atom/ns#",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
        "http://blogs.law.harvard.edu/tech/rss",
    )
)
_PROLOGUE = re.compile(r"[\s\ufeff]*+(?:<\?xml\b.*?\?>)?", re.DOTALL | re.IGNORECASE)
_LITERAL = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z))", re.DOTALL)
_BARE = re.compile(r"&(?!#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)#?[A-Za-z0-9]{1,32};")
_NO_XML = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def parse_xml(document: str) -> list[Event]:
    """The document's elements and texts, as `model.pages.tree.parse` gives those of HTML; raise what it raises.

    An element is named as it is in a feed, or with `FOREIGN` before its name.
    """
    TAGS.check(document.count("<"))
    builder = _Builder()
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, no_network=True, load_dtd=False, resolve_entities=False, remove_comments=True,
        remove_pis=True, huge_tree=True, target=builder,
    )  # fmt: skip
    try:
        etree.fromstring(encoded(_well_formed(document)), parser)
    except etree.LxmlError:  # what came before the fault is there
        return builder.events
    return builder.events


def _well_formed(document: str) -> str:
    """The document without its XML declaration, and without references but for XML's own five."""
    parts = _LITERAL.split(_NO_XML.sub("", _PROLOGUE.sub("", document, count=1)))  # what is literal has the odd places
    settled = 0
    for place in range(0, len(parts), 2):
        part, bare = _BARE.subn("&amp;", parts[place], REFERENCES.most + 1)
        parts[place], others = _REFERENCE.subn(_meant, part, REFERENCES.most + 1)
        settled += bare + others
        REFERENCES.check(settled)
    return "".join(parts)


def _meant(reference: re.Match[str]) -> str:
    return html.escape(html.unescape(reference[0]))  # of one that nobody knows, its letters


class _Builder(Builder):
    """Names elements by their vocabulary."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        vocabulary, _, name = tag.rpartition("}")
        prefix, _, name = name.rpartition(":")  # of a vocabulary that the document does not name
        is_ours = vocabulary[1:] in _FEEDS if vocabulary else not prefix
        super().start(name if is_ours else FOREIGN + name, attributes)
