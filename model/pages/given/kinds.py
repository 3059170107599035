"""What a document is, by how it begins: a page, a feed, a message that holds a page, or something else, by name."""

import re

from model.errors import PageError

ACCEPTED = "HTML, RSS, Atom, MHTML or plain text"
_LOOKED_AT = 65_536  # characters, but for tags
_HTML = re.compile(r"[\s\ufeff]*+<(?:!doctype\s+html|!--|\?xml|html|head|body|[a-z][a-z0-9-]*[\s>])", re.IGNORECASE)
_TAG = re.compile(r"</(?:a|article|body|div|h[1-6]|html|li|p|section|span|title|ul)\s*>|<a\s[^<>]*href", re.IGNORECASE)
_TAGS_OF_HTML = 3  # a text may speak of a tag or two
_BEFORE_ROOT = r"(?:\s++|<!--.*?-->|<\?.*?\?>|<!DOCTYPE\b[^<>\[]*+(?:\[.*?\]\s*+)?>)*+"
_ROOT = re.compile(
    rf"\ufeff?{_BEFORE_ROOT}<(?P<prefix>[\w.-]{{1,50}}+:)?(?P<root>[\w.-]{{1,50}}+)", re.DOTALL | re.IGNORECASE
)
_XML = re.compile(r"[\s\ufeff]*+<\?xml\s", re.IGNORECASE)
_FEEDS = frozenset(("rss", "rdf", "feed"))
_OF_HTML = frozenset("html head body div main article section p h1 h2 ul table".split())  # XHTML, or a part of it
_OTHER_XML = frozenset("opml urlset sitemapindex plist kml gpx".split())  # which have no other use in a page
_MESSAGE = re.compile(
    r"\ufeff?(?:From [^\n]*\n)?(?:[A-Za-z][A-Za-z0-9-]*+:[^\n]*\n(?:[ \t][^\n]*\n)*+)*?"
    r"Content-Type:\s*+(?:multipart/|text/html|application/xhtml)",
    re.IGNORECASE,
)
# By what the first bytes are, which a text of them may have lost: "?" stands for what is no Latin-1.
_OTHERS = tuple(
    (name, re.compile(pattern, re.DOTALL))
    for name, pattern in (
        ("a PDF document", r"\s*%PDF-"),
        ("a PNG picture", r"[\x89?]PNG\r?\n"),
        ("a JPEG picture", r"\xff\xd8\xff|\?{3,4}..(?:JFIF|Exif)\0"),
        ("a GIF picture", r"GIF8[79]a"),
        ("a WebP picture", r"RIFF....WEBP"),
        ("a TIFF picture", r"II\*\0|MM\0\*"),
        ("a picture or film", r"....ftyp"),
        ("an Office document, an e-book or another ZIP archive", r"PK(?:\x03\x04|\x05\x06)"),
        ("a gzip file", r"\x1f[\x8b?]\x08"),
        ("a bzip2 file", r"BZh[1-9]1AY&SY"),
        ("an xz file", r"[\xfd?]7zXZ\0"),
        ("a Zstandard file", r"\x28\xb5\x2f\xfd"),
        ("a 7-Zip archive", r"7z[\xbc?][\xaf?]'\x1c"),
        ("a RAR archive", r"Rar!\x1a\x07"),
        ("a tar archive", r"[^\0]{1,100}\0.{156,256}ustar"),
        ("a Safari web archive or another property list", r"bplist00"),
        ("a Word document of the old kind", r"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a Rich Text document", r"\{\\rtf"),
        ("a PostScript document", r"%!PS-"),
        ("an SQLite database", r"SQLite format 3\0"),
        ("a Parquet file", r"PAR1"),
        ("a web archive (WARC)", r"WARC/[01]\."),
        ("a shortcut to a page", r"\[InternetShortcut\]"),
        (
            "JSON",
            r'[\s\xef\xbb\xbf]*(?:\[\s*)*\{\s*"(?:[^"\\]|\\.){0,200}"\s*:|[\s\xef\xbb\xbf]*\[\s*"(?:[^"\\]|\\.){0,500}"\s*[],]',
        ),
    )
)
_BINARY = re.compile(r"[\0-\x08\x0e-\x1a\x1c-\x1f]")  # https://mimesniff.spec.whatwg.org/#binary-data-byte
_SNIFFED = 1445  # characters; the same standard's


def is_feed(document: str) -> bool:
    """Whether a document is RSS, of any version, or Atom."""
    return _root_of(document) in _FEEDS


def is_html(document: str) -> bool:
    """Whether it is HTML rather than text; a text may begin with anything."""
    if _HTML.match(document):
        return True
    return sum(1 for _, _ in zip(range(_TAGS_OF_HTML), _TAG.finditer(document), strict=False)) == _TAGS_OF_HTML


def is_message(document: str) -> bool:
    """Whether it is a message of parts as e-mails are, which is what MHTML is."""
    return bool(_MESSAGE.match(document[:_LOOKED_AT].replace("\r\n", "\n")))


def is_binary(document: str) -> bool:
    """Whether it holds what no text does."""
    return bool(_BINARY.search(document, 0, _SNIFFED))


def require_page(document: str) -> None:
    """Raise `PageError` that names what a document is, if it is known to be none of what is read."""
    if name := _other(document):
        raise PageError(f"a page must be {ACCEPTED}, got {name}")


def _other(document: str) -> str:
    beginning = document[:_LOOKED_AT].encode("latin-1", "replace").decode("latin-1")
    if name := next((name for name, pattern in _OTHERS if pattern.match(beginning)), ""):
        return name
    root = _root_of(document)
    is_page = root in _FEEDS or root in _OF_HTML or not (root in _OTHER_XML or _XML.match(document))
    return "" if is_page or not root else f"XML of another kind, <{root}>"


def _root_of(document: str) -> str:
    found = _ROOT.match(document, 0, _LOOKED_AT)
    return found["root"].lower() if found else ""
