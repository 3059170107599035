"""Feeds given as pages: RSS of every version and Atom, as they are and as they break."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import PageTooLargeError
from model.pages import open_page, read_html, read_page, read_text
from model.pages.found import LONGEST, fold
from model.pages.limits import REFERENCES

ONE, TWO = "Gull steals mayor’s hat", "Bank holds rates as inflation slows"
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def rss(*items: str, version: str = 'version="2.0"') -> str:
    """Write a feed of items' contents, with titles that are none of an item's."""
    image = (
        "<image><title>The logo of Harbour News</title></image><textinput><title>Search all of it</title></textinput>"
    )
    return (
        f'<?xml version="1.0"?>\n<rss {version}><channel><title>Harbour News of the whole coast</title>{image}'
        f"{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"
    )


def atom(*entries: str, attributes: str = 'xmlns="http://www.w3.org/2005/Atom"', prefix: str = "") -> str:
    """Write a feed of entries' contents."""
    inside = "".join(f"<{prefix}entry>{entry}</{prefix}entry>" for entry in entries)
    title = f"<{prefix}title>Harbour News of the whole coast</{prefix}title>"
    return f"<{prefix}feed {attributes}>{title}<{prefix}id>urn:1</{prefix}id>{inside}</{prefix}feed>"


def texts(document: str) -> list[str]:
    """Give a page's headlines alone."""
    return [found.text for found in read_page(document)]


TITLES = (f"<title>{ONE}</title><link>https://x.example/1</link>", f"<description>x</description><title>{TWO}</title>")
NETSCAPE = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">'
RDF_ITEMS = "".join(f'<item rdf:about="x">{title}</item>' for title in TITLES)
CHANNEL = '<channel rdf:about="y"><title>Harbour News of the whole coast</title></channel>'
FEEDS = {
    "RSS 2.0": rss(*TITLES),
    "RSS 0.91": rss(*TITLES, version='version="0.91"').replace("<rss", f"{NETSCAPE}<rss"),
    "RSS 0.92": rss(*TITLES, version='version="0.92"'),
    "RSS 2.0 of a vocabulary": rss(*TITLES, version='version="2.0" xmlns="http://backend.userland.com/rss2"'),
    "RSS 1.0": f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/">{CHANNEL}{RDF_ITEMS}</rdf:RDF>',
    "RSS 0.90": f'<rdf:RDF {RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/">{CHANNEL}{RDF_ITEMS}</rdf:RDF>',
    "RSS 1.0 with a prefix": f'<RDF {RDF[:5] + RDF[9:]} xmlns:r="http://purl.org/rss/1.0/">'
    + (CHANNEL + RDF_ITEMS).replace("</", "</r:").replace("<", "<r:").replace("<r:/r:", "</r:").replace("rdf:", "")
    + "</RDF>",
    "Atom 1.0": atom(*TITLES),
    "Atom 1.0 with a prefix": atom(
        *(title.replace("</", "</a:").replace("<", "<a:").replace("<a:/a:", "</a:") for title in TITLES),
        attributes='xmlns:a="http://www.w3.org/2005/Atom"',
        prefix="a:",
    ),
    "Atom 0.3": atom(*TITLES, attributes='version="0.3" xmlns="http://purl.org/atom/ns#"'),
    "a feed that names no vocabulary": atom(*TITLES, attributes=""),
    "a feed behind its style": rss(*TITLES).replace("\n", '\n<?xml-stylesheet a="b"?>\n<!-- by <hand> -->\n'),
    "a feed without its declaration": rss(*TITLES).partition("\n")[2],
    "a feed behind blank lines": f"\n\n  {rss(*TITLES)}",
    "a feed behind a mark": f"\ufeff{rss(*TITLES)}",
    "a feed in capitals": rss(*TITLES).replace("rss", "RSS"),
}  # fmt: skip


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize("read", [read_page, read_html, read_text])
def test_a_feed_gives_the_titles_of_its_items_and_no_other(name: str, read: Callable[[str], list[object]]) -> None:
    """Of whatever version, and for whatever it was given; the feed's own title, or its picture's, is no headline."""
    assert [found.text for found in read(FEEDS[name])] == [ONE, TWO]  # type: ignore[attr-defined]


def test_a_title_of_a_feed_has_its_place() -> None:
    """A selector of it, in the feed's own words, and no section: the feed is one whole."""
    first, second = read_page(rss(*TITLES))
    assert first.where() == {"section": None, "line": None, "selector": "rss > channel > item:nth-of-type(1) > title"}
    assert second.selector == "rss > channel > item:nth-of-type(2) > title"


IN_RSS = {
    "Gull &amp; Sons close": "Gull & Sons close",
    "Gull & Sons close": "Gull & Sons close",
    "Gull&Sons close; all of it": "Gull&Sons close; all of it",
    "Gull &amp;amp; Sons close": "Gull & Sons close",
    "Gull&#8217;s hat &#x2014; found": "Gull’s hat — found",
    "Gull&amp;#8217;s hat": "Gull’s hat",
    "Gull&rsquo;s&nbsp;hat &mdash; found": "Gull’s hat — found",
    "Gull&#146;s hat": "Gull’s hat",
    "Gull &nonsense; steals hat": "Gull &nonsense; steals hat",
    "Gull &b steals &#; hat &#x; twice &": "Gull &b steals &#; hat &#x; twice &",
    "&lt;b&gt;Gull&lt;/b&gt; steals hat": "Gull steals hat",
    "Gull &lt;a href=&quot;https://x.example/?a=1&amp;amp;b=2&quot;&gt;steals&lt;/a&gt; hat": "Gull steals hat",
    "Gull&lt;br/&gt;steals hat": "Gull steals hat",
    "Gull <b>steals</b> <i>hat</i>": "Gull steals hat",
    "<![CDATA[Gull & Sons <em>close</em>]]>": "Gull & Sons close",
    "<![CDATA[Gull&rsquo;s hat]]>": "Gull’s hat",
    "\n  <![CDATA[ Gull steals ]]> <![CDATA[hat]]>\n": "Gull steals hat",
    "Browser makers drop the &lt;blink&gt; tag": "Browser makers drop the <blink> tag",
    "Ships of 3 &lt; 5 masts > 2 masts": "Ships of 3 < 5 masts > 2 masts",
    "Gull \x08steals\x00 hat\ufffe": "Gull steals hat",
    "Gull &#8;steals&#0; hat": "Gull steals\ufffd hat",
    "Gull\r\n\tsteals <!-- not a --> hat": "Gull steals hat",
    "Fire": "Fire",
    "Чайка украла 🎩 шляпу": "Чайка украла 🎩 шляпу",
}


@pytest.mark.parametrize("written", IN_RSS)
def test_a_title_in_rss_is_read_as_readers_show_it(written: str) -> None:
    """Entities of HTML that XML does not know, ampersands that stand bare, HTML that is escaped or in CDATA."""
    assert texts(rss(f"<title>{written}</title>", TITLES[1])) == [IN_RSS[written], TWO]


@pytest.mark.parametrize(
    ("attributes", "written", "expected"),
    [
        ("", "Use &lt;b> and &amp;amp; wisely", "Use <b> and &amp; wisely"),
        ('type="text"', "<![CDATA[Use <b> and &amp; wisely]]>", "Use <b> and &amp; wisely"),
        ('type="html"', "Gull &lt;b>steals&lt;/b> &amp;amp; hides", "Gull steals & hides"),
        ('type="html"', "<![CDATA[Gull <b>steals</b> &amp; hides]]>", "Gull steals & hides"),
        ('type="HTML"', "Gull&amp;nbsp;steals", "Gull steals"),
        ('type="xhtml"', '<div xmlns="http://www.w3.org/1999/xhtml">Gull <i>steals</i> &amp; hides</div>',
         "Gull steals & hides"),
        ('type="xhtml"', '<x:div xmlns:x="http://www.w3.org/1999/xhtml">Gull <x:b>steals</x:b></x:div>', "Gull steals"),
        ('type="text/html" mode="escaped"', "Gull &lt;b>steals&lt;/b>", "Gull steals"),
    ],
)  # fmt: skip
def test_a_title_in_atom_is_what_its_type_says(attributes: str, written: str, expected: str) -> None:
    """Text is text (RFC 4287, 3.1): a headline may speak of a tag."""
    assert texts(atom(f"<title {attributes}>{written}</title>")) == [expected]


def test_a_title_of_something_else_in_an_item_is_no_headline() -> None:
    """The picture's, the source's, the author's; where an item has no other, another vocabulary's is its own."""
    media, dublin = 'xmlns:media="http://search.yahoo.com/mrss/"', 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    feed = rss(
        f"<media:content><media:title>A photograph of a gull</media:title></media:content><title>{ONE}</title>",
        f"<media:title>A photograph of a bank</media:title><title>{TWO}</title><title>Another title of it</title>",
        "<dc:title>Ferry comes late</dc:title><title> </title>",
        "<itunes:title>Podcast on the ferry</itunes:title>",
        "<description>Nothing but text</description>",
        "<title/>",
        version=f'version="2.0" {media} {dublin}',
    )
    assert texts(feed) == [ONE, TWO, "Ferry comes late", "Podcast on the ferry"]
    source = (
        "<source><title>The Other Paper of the coast</title></source><author><title>Captain of boats</title></author>"
    )
    assert texts(atom(f"{source}<title>{ONE}</title>{source}")) == [ONE]


def test_a_headline_stands_once_and_a_paragraph_is_none() -> None:
    """As on any page."""
    assert texts(rss(*TITLES, TITLES[0], f"<title>{'word ' * 80}</title>")) == [ONE, TWO]


@pytest.mark.parametrize("document", ["<rss>", "<rss/>", '<?xml version="1.0"?><feed', rss(), atom(), "<rss><item>x"])
def test_a_feed_of_nothing_gives_nothing(document: str) -> None:
    """Whether or not it ends."""
    assert texts(document) == []


@pytest.mark.parametrize(
    "document",
    [
        rss(*TITLES)[:-30],
        rss(*TITLES).replace("</item>", ""),
        rss(*TITLES).replace("</channel>", "</chanel>"),
        rss(*TITLES).replace("<link>", "<link><unknown:x y=z>"),
        rss(*TITLES) + "<script>x</script>",
        rss(*TITLES).replace("<link>", "<link a=1 a=2 b>"),
        f"{rss(*TITLES)}\n<!-- made in 0.3 s -- by gulls --->",
    ],
    ids=range(7),
)
def test_a_feed_that_is_not_well_formed_is_read_as_far_as_it_is_one(document: str) -> None:
    """Cut off, ended wrongly, with attributes of HTML, or something behind its end."""
    assert ONE in texts(document)


def test_a_title_that_is_cut_off_is_none() -> None:
    """Nobody wrote half a headline."""
    feed = rss(*TITLES)
    assert texts(feed[: feed.index("inflation")]) == [ONE]


def test_entities_of_a_feed_are_neither_expanded_nor_fetched() -> None:
    """A billion gulls, a file, an address: what a feed defines is what it says, and no more."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "gull"}">' for n in range(30))
    outside = '<!ENTITY file SYSTEM "file:///etc/hostname"><!ENTITY % far SYSTEM "http://127.0.0.1:9/x.dtd"> %far;'
    feed = rss("<title>Gull &e29; steals &file; hat</title>").replace(
        "<rss", f"<!DOCTYPE rss [{entities}{outside}]><rss"
    )
    assert texts(feed) == ["Gull &e29; steals &file; hat"]


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1251", "utf-16", "shift_jis", "nonsense"])
def test_what_a_feed_that_is_text_already_says_of_its_encoding_is_passed_over(declared: str) -> None:
    """Over HTTP a page is a string of JSON."""
    assert texts(rss(*TITLES).replace('"1.0"?', f'"1.0" encoding="{declared}"?')) == [ONE, TWO]


@pytest.mark.parametrize(
    ("declared", "codec", "title"),
    [
        ("iso-8859-1", "cp1252", "Gull’s café closes"),
        ("windows-1251", "cp1251", "Чайка украла шляпу"),
        ("KOI8-R", "koi8-r", "Чайка украла шляпу"),
        ("Shift_JIS", "cp932", "カモメが帽子を盗む"),
        ("gb2312", "gb18030", "海鸥偷走市长的帽子€"),
        ("utf-16", "utf-16", "Чайка украла шляпу"),
        ("utf-16", "utf-16-le", "Чайка украла шляпу"),
        ("utf-16", "utf-16-be", "Чайка украла шляпу"),
        ("utf-16", "utf-8", "Чайка украла шляпу"),
        ("nonsense", "utf-8", "Чайка украла шляпу"),
        ("iso-8859-1", "utf-8-sig", "Чайка украла шляпу"),
        (None, "utf-8", "Чайка украла шляпу"),
    ],
)
def test_the_encoding_in_the_xml_declaration_is_honoured(declared: str | None, codec: str, title: str) -> None:
    """But for a mark, which counts more; what its contents say of a page's encoding is theirs."""
    page = "<description><![CDATA[<meta charset=macintosh>]]></description>"
    feed = rss(f"{page}<title>{title}</title>")
    if declared:
        feed = feed.replace('"1.0"?', f'"1.0" encoding="{declared}"?')
    assert texts(open_page(feed.encode(codec)).text) == [title]


MEGABYTE = 1 << 20
HOSTILE = {
    "bare ampersands": "<item><title>" + "&" * MEGABYTE,
    "unknown entities": "<item><title>" + "&zz;" * (MEGABYTE // 4),
    "numbers": "<item><title>" + "&#1;" * (MEGABYTE // 4),
    "CDATA without end": "<![CDATA[" * (MEGABYTE // 9),
    "bits of CDATA": "<item><title>" + "<![CDATA[&]]>&" * (MEGABYTE // 14),
    "comments without end": "<!--" * (MEGABYTE // 4),
    "elements in elements": "<a>" * (MEGABYTE // 3),
    "titles in titles": "<item><title>" * (MEGABYTE // 13),
    "attributes": "<item " + " ".join(f'a{n}="1"' for n in range(MEGABYTE // 10)) + "/>",
    "vocabularies": "<item " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(MEGABYTE // 20)) + "/>",
    "items": "<item><title>Gull</title></item>" * (MEGABYTE // 32),
    "one title": "<item><title>" + "word " * (MEGABYTE // 5),
    "ends": "<item><title>" + "</x>" * (MEGABYTE // 4),
    "controls": "<item><title>" + "\1" * MEGABYTE,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_feed_is_read_to_its_end_or_refused(name: str) -> None:
    """A megabyte made to be slow takes a moment, or is refused for what it has too much of."""
    began = time.process_time()
    try:
        texts(f"<rss><channel>{HOSTILE[name]}")
    except PageTooLargeError as error:
        assert "this one has more" in str(error)  # noqa: PT017
    assert time.process_time() - began < 2


def test_references_are_counted_across_what_is_literal() -> None:
    """Up to the limit they are settled."""
    assert texts(rss(f"<title>{ONE}</title><x>{'<![CDATA[x]]>&z' * 20_000}</x>")) == [ONE]
    with pytest.raises(PageTooLargeError, match=f"at most {REFERENCES.most:,} signs"):
        read_page(rss(f"<x>{('<![CDATA[x]]>' + '&' * 10) * 10_001}</x>"))


PIECES = st.sampled_from(
    "<item> </item> <title> </title> <entry> </entry> <![CDATA[ ]]> <!-- --> & &amp; &lt;b&gt; &x; <media:title> "
    "<a\tb=c> xmlns='u' <?x ?> ]> \0 \ud800 Gull steals &#8217; &#55296; > < \" '".split(" ")
)


@given(
    st.sampled_from(["<rss>", "<feed>", f"<rdf:RDF {RDF}>"]),
    st.lists(st.one_of(PIECES, st.text(max_size=9)), max_size=40),
)
def test_any_feed_gives_each_headline_once_with_a_place(root: str, pieces: list[str]) -> None:
    """Whatever stands in it: nothing is raised."""
    found = read_page(root + "".join(pieces))
    assert all(headline.selector and headline.text and len(headline.text) <= LONGEST for headline in found)
    assert len({fold(headline.text) for headline in found}) == len(found)
