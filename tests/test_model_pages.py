"""Finding the headlines of saved pages: our own pages, small ones in the ways of well-known sites, hostile ones."""

import html
import json
import os
import re
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from model.errors import PageTooLargeError
from model.pages import PageHeadline, read_html, read_page, read_text
from model.pages.found import LONGEST, fold

PAGES = Path(__file__).parents[1] / "fixtures" / "pages"
EXPECTED = json.loads((PAGES / "expected.json").read_text(encoding="utf-8"))


def shared_folder() -> Path:
    """The folder beside the project that holds corpora and the seed page, where there is one."""
    corpora = os.environ.get("BROADSHEET_CORPORA")
    return Path(corpora).parent if corpora else Path(__file__).parents[2] / "shared"


def texts(found: list[PageHeadline]) -> list[str]:
    """The headlines alone."""
    return [headline.text for headline in found]


def with_sections(found: list[PageHeadline]) -> list[tuple[str | None, str]]:
    """The headlines, each after its section."""
    return [(headline.section, headline.text) for headline in found]


def as_xpath(selector: str) -> str:
    """The same path for the parser: `#id > table tr:nth-of-type(2)` is `//*[@id='id']/table//tr[2]`."""
    path = re.sub(r":nth-of-type\((\d+)\)", r"[\1]", selector).replace(" > ", "/").replace(" ", "//")
    return "/" + re.sub(r"^#([\w-]+)", r"/*[@id='\1']", path)


def squeezed(text: str) -> str:
    """The text with every run of white space made one space."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_our_own_pages_give_exactly_their_headlines_and_sections(name: str) -> None:
    """What a reader would call a headline, in order, and nothing else."""
    found = read_page((PAGES / name).read_text(encoding="utf-8"))
    assert with_sections(found) == [(wanted["section"], wanted["text"]) for wanted in EXPECTED[name]]


def test_the_seed_page_gives_its_nine_headlines_once_each() -> None:
    """The article's, both related posts, all six that were missed, each where it is first printed."""
    page = shared_folder() / "seed" / "page.txt"
    if not page.is_file():
        pytest.skip(f"{page} is not there: the seed page is no part of the project")
    document = page.read_text(encoding="utf-8")
    found = read_page(document)
    lines = document.splitlines()
    assert [headline.line for headline in found] == [1, 37, 41, 47, 54, 61, 68, 75, 82]
    assert [headline.section for headline in found] == [None] + 2 * ["Related Posts"] + 6 * ["You Missed"]
    assert all(headline.text == squeezed(lines[(headline.line or 0) - 1]) for headline in found)


BBC = """<!doctype html><html><head><title>Home - Harbour News</title></head><body>
<header role="banner"><nav><ul><li><a href="/news">News</a><li><a href="/live">See what is on live
tonight</a></ul></nav></header>
<main id="main-content"><div class="ssrcss-1ocoo3l-Wrap"><h2 class="ssrcss-x-Title">Top stories</h2>
<div data-testid="edinburgh-card"><a href="/news/articles/c1" class="sc-2e6baa30-0"><div><img alt="a quay"></div>
 <div><h2 data-testid="card-headline">Ferry company to cut winter sailings to three islands</h2>
 <p data-testid="card-description">Residents say that they were told by a poster on the pier on Monday.</p>
 <div><span data-testid="card-metadata-lastupdated">2 hrs ago</span><span
data-testid="card-metadata-tag">Scotland</span></div></div></a></div>
<div class="gs-c-promo"><h3><a class="gs-c-promo-heading" href="/news/articles/c2"><span
class="visually-hidden">Video, 00:02:10</span>
 <span class="gs-c-promo-heading__title">Watch: Seal climbs into kayak and refuses to leave</span></a></h3><span
class="gs-c-promo-duration">2:10</span></div>
<div class="gs-c-promo"><a href="/news/live/c3"><span class="visually-hidden">Live.</span> <h3>Minister faces
questions over port contract</h3></a>
 <ul><li><a href="/news/articles/c4"><span>Who owns the cranes on the quay?</span></a></li></ul></div></div>
<section aria-label="Most read"><h2>Most read</h2><ol><li><div><span>1</span><a href="/news/articles/c5">Bakery sells
last loaf after 140 years</a></div></li>
<li><div><span>2</span><a href="/news/articles/c1">Ferry company to cut winter sailings to three
islands</a></div></li></ol></section></main>
<footer><a href="/terms">Terms of use and other documents</a></footer></body></html>"""


def test_cards_that_are_one_link_give_their_heading_only() -> None:
    """As on the BBC: a whole card is a link, with hidden words, times, tags and descriptions inside."""
    assert with_sections(read_page(BBC)) == [
        ("Top stories", "Ferry company to cut winter sailings to three islands"),
        ("Top stories", "Watch: Seal climbs into kayak and refuses to leave"),
        ("Top stories", "Minister faces questions over port contract"),
        ("Top stories", "Who owns the cranes on the quay?"),
        ("Most read", "Bakery sells last loaf after 140 years"),
    ]


GUARDIAN = """<html><body><main><section id="headlines"><div><h2><a href="/uk">Headlines</a></h2></div>
<ul><li><div class="dcr-card"><a href="/a/1" aria-label="Rivers: Beavers return to estuary after four centuries"></a>
<div class="dcr-content"><h3 class="card-headline"><span class="kicker">Rivers</span><span
class="show-underline">Beavers return to estuary after four centuries</span></h3>
<div class="standfirst">Ecologists say the animals came up the coast by themselves.</div><footer><time>3h ago</time><a
href="/a/1#comments">214</a></footer></div></div></li>
<li><div class="dcr-card"><h3 class="card-headline"><a href="/a/2"><span class="quote">‘It was a Tuesday’:</span> how
a clerk found the missing census</a></h3>
<ul class="sublinks"><li><a href="/a/3"><span class="kicker">Analysis</span> <span class="headline-text">Why old paper
outlives new disks</span></a></li></ul></div></li></ul></section>
<section id="most-viewed"><h2>Most viewed</h2><ol><li><a href="/a/4"><span class="number">1</span><h4>Glacier town
votes to move its cemetery</h4></a></li></ol></section>
<section><h2>Support fearless, independent reporting</h2><p>It costs less than a coffee.</p></section>
</main></body></html>"""


def test_kickers_and_ranks_are_no_part_of_a_headline() -> None:
    """As in the Guardian: a kicker, a number and a count stand beside the headline."""
    assert with_sections(read_page(GUARDIAN)) == [
        ("Headlines", "Beavers return to estuary after four centuries"),
        ("Headlines", "‘It was a Tuesday’: how a clerk found the missing census"),
        ("Headlines", "Why old paper outlives new disks"),
        ("Most viewed", "Glacier town votes to move its cemetery"),
    ]


MAIL = """<html><body><div id="page-container"><div class="masthead"><a href="/home/">Home page of the paper</a></div>
<div class="article article-large"><h2 class="linkro-darkred"><a href="/news/article-1/x.html">EXCLUSIVE: Soap star
STORMS out of panto as co-star, 71,
  eats her lunch - while understudy hides in the wings</a></h2>
<div class="articletext"><a href="/news/article-1/x.html"><img></a><p>She was seen outside the theatre in tears. <a
href="/tvshowbiz/who">Friends of the star told us</a> that it was the third time.</p>
<ul><li><a href="/news/article-2/y.html">The sandwich that ended a 30-year friendship</a></li></ul>
<p><a href="/news/article-1/x.html#comments"><span class="comment-count">1.2k</span> comments</a> <span>7
videos</span></p></div></div>
<div class="puff"><h3 class="mol-section-title">DON'T MISS</h3><ul><li class="tvshowbiz"><a
href="/tv/article-3/z.html"><img alt=""><span class="pufftext"><span class="arrow-small-r"></span><strong>Dancer, 34,
shows off new hip as she skips into charity gala</strong> Sparkled in sequins</span></a></li></ul></div>
<div class="ad"><a href="https://ads.example/1">This one weird kettle is taking Britain by
storm</a></div></div></body></html>"""


def test_a_link_in_a_teasers_sentence_is_no_headline() -> None:
    """As in the Mail: headlines at full length, teasers with links in them, a column of puffs."""
    found = texts(read_page(MAIL))
    assert found[0].startswith("EXCLUSIVE: Soap star STORMS out")
    assert found[1] == "The sandwich that ended a 30-year friendship"
    assert found[2].startswith("Dancer, 34, shows off new hip")
    assert len(found) == 3


WORDPRESS = """<html><head><meta property="og:title" content="Mayor opens bridge that leads nowhere for now | Daily
Blast">
<title>Mayor opens bridge that leads nowhere for now – Daily Blast</title></head>
<body class="post-template-default single single-post has-sidebar category-news"><header class="site-header"><h1
class="site-title"><a href="https://blast.example/">The Daily Blast Online</a></h1>
<p class="site-description">All the news that fits</p></header>
<article id="post-9" class="post-9 post type-post category-news tag-newsletter tag-bridge"><header
class="entry-header"><span class="cat-links"><a href="/category/news/">News from the city council</a></span>
<h1 class="entry-title">Mayor opens bridge that leads nowhere for now</h1><div class="entry-meta">By <a rel="author"
href="/author/poster/">poster</a> <a href="/2026/02/">February 18, 2026</a></div></header>
<div class="entry-content"><p>The mayor cut a ribbon on Tuesday on a bridge whose other end will be built in the next
decade or so.</p>
<p>Engineers said that <a href="/2025/11/the-plan-for-the-other-end/">the plan for the other end</a> had been mislaid
when the council moved offices, and that it would turn up.</p>
<h2>What happens to the traffic now</h2><p>Drivers are asked to turn round at the sign, which will be put up once the
sign makers are paid for it.</p>
<h3><strong>A short history of the bridge</strong></h3><p>It was first proposed in 1911 by a ferryman who was tired,
and rejected by eleven councils one after another.</p></div>
<footer class="entry-footer"><a href="/tag/bridge/">Bridges and other crossings here</a></footer></article>
<section class="related-posts"><h3 class="widget-title">Related Posts</h3><div class="row"><div class="col"><h5><a
href="/2026/02/ferry/">Ferryman's grandson asks for his ferry back</a></h5><span class="date">February 2,
2026</span><p>The grandson of the man who…</p><a class="more-link" href="/2026/02/ferry/">Read
More</a></div></div></section>
<aside class="widget-area"><div class="widget"><div class="widget-title">You Missed</div><ul><li><a
href="/2026/02/geese/">Geese hold up trains for a third morning runn…</a></li>
<li><a href="/2026/02/geese/">Geese hold up trains for a third morning running</a><span class="post-date">18
Feb</span></li></ul></div>
<div class="widget widget_newsletter"><h3>Get every story by email each day</h3></div></aside></body></html>"""


def test_an_article_page_gives_one_headline_and_its_lists() -> None:
    """As WordPress prints it: sub-headings, in-text links, tags and the site's own h1 are left out."""
    assert with_sections(read_page(WORDPRESS)) == [
        (None, "Mayor opens bridge that leads nowhere for now"),
        ("Related Posts", "Ferryman's grandson asks for his ferry back"),
        ("You Missed", "Geese hold up trains for a third morning running"),
    ]


OLD = """<html><head><meta property="og:site_name" content="Coast Record"></head><body><div class="logo">
<h1>Coast Record</h1></div><div class="item"><a href="/n/1234-gull"><img></a><a href="/n/1234-gull" class="title">Gull
takes mayor's hat in front of the band</a><div class="desc">A gull took it.</div><div>12.03.2026 | 10:22</div></div>
<div class="item"><a href="/n/1235-hat"><div class="item-title">Hat found on weathercock</div><div class="desc">It was
found on Tuesday by a roofer who was at work there.</div><span>2h</span></a></div><table><tr><td>Weather</td></tr>
<tr class="athing"><td><span class="rank">1.</span></td><td><span><a href="https://x.example/a">A gull detector for
your window sill</a> <span>(<a href="from?site=x">x.example</a>)</span></span></td></tr><tr><td><span>88 points</span>
by <a href="user?id=k">kim</a> 3 hours ago | <a href="item?id=1">42 comments</a></td></tr></table></body></html>"""


def test_pages_without_headings_give_the_links_that_read_as_headlines() -> None:
    """Divisions and tables with links, as pages were made before headings had meaning."""
    assert texts(read_page(OLD)) == [
        "Gull takes mayor's hat in front of the band",
        "Hat found on weathercock",
        "A gull detector for your window sill",
    ]


AMP = """<!doctype html><html amp><head><title>Ship turns round after cook left behind | Record</title>
<script type="application/ld+json">{"@type": ["NewsArticle"], "headline": "Ship turns back: cook forgotten"}</script>
</head><body><amp-sidebar class="menu"><ul><li><a href="/n">Local news from all over</a></li></ul></amp-sidebar>
<header class="amp-wp-header"><a href="https://x.example/">The Record of the Coast</a></header><main><article>
<header><h1 class="amp-wp-title">Ship turns round after cook left behind</h1></header><div>
<p>The ship turned round in the strait when nobody had made breakfast for the crew, officers said.</p>
<h2>Hungry at sea again this year</h2><p>It is the second time that a cook was left ashore by one of the vessels.</p>
<p>A spokesman said that the cook had been found in a bakery and was in good health on Tuesday morning.</p>
<ul><li><a href="/2/two">Passengers who had paid for breakfast</a></li></ul>
<p><strong>READ MORE:</strong> <a href="/3/first">First cook left behind in a month</a></p></div></article>
<section><h2>More coast stories from this week</h2><ul>
<li><a href="/4/bun">Baker names bun after cook</a></li></ul></section>
</main></body></html>"""


def test_an_amp_page_gives_the_headline_that_readers_see() -> None:
    """The metadata words it differently; links among the paragraphs belong to them."""
    assert with_sections(read_page(AMP)) == [
        (None, "Ship turns round after cook left behind"),
        ("More coast stories from this week", "Baker names bun after cook"),
    ]


def test_metadata_speaks_only_when_the_page_shows_nothing() -> None:
    """JSON-LD first, OpenGraph next; broken JSON is none."""
    article = {"@type": "NewsArticle", "headline": "Well runs dry in hill town"}
    linked = f'<script type="application/ld+json">{json.dumps({"@graph": [article]})}</script>'
    graph = '<meta property="og:title" content="Well &amp; pump run dry in hill town">'
    assert read_html(f"<head>{graph}{linked}</head><body><div id=app></div>") == [
        PageHeadline(
            "Well runs dry in hill town",
            selector='script[type="application/ld+json"]',
            role="own",
            source="metadata",
        )
    ]
    assert read_html(f"<head>{graph}{linked[:-20]}</script></head><body>") == [
        PageHeadline(
            "Well & pump run dry in hill town", selector="meta[property='og:title']", role="own", source="metadata"
        )
    ]
    shown = f"<head>{graph}{linked}</head><body><h1>Hill town's well runs dry</h1>"
    assert texts(read_html(shown)) == ["Hill town's well runs dry"]


def test_a_listing_in_json_ld_gives_its_stories() -> None:
    """A page drawn by a script may still list its stories for search engines."""
    things: list[dict[str, object]] = [{"@type": "ListItem", "position": 1, "name": "Tunnel reopens after nine days"}]
    things.append({"@type": "ListItem", "position": 2, "item": {"name": "Toll to rise in spring, operator says"}})
    script = json.dumps({"@type": "ItemList", "itemListElement": things})
    found = read_html(f'<html><script type="application/ld+json">{script}</script><div id="root"></div></html>')
    assert texts(found) == ["Tunnel reopens after nine days", "Toll to rise in spring, operator says"]


@pytest.mark.parametrize(
    "document", [BBC, GUARDIAN, MAIL, WORDPRESS, OLD], ids=["bbc", "guardian", "mail", "wp", "old"]
)
def test_a_selector_finds_the_element_that_holds_the_headline(document: str) -> None:
    """A reader of the answer can find the place on the page."""
    root = etree.fromstring(document, etree.HTMLParser())
    assert read_html(document)
    for headline in read_html(document):
        words = squeezed("".join(root.xpath(as_xpath(headline.selector or ""))[0].itertext()))
        assert headline.text.split()[-1] in words


def test_white_space_and_entities_are_folded_and_nothing_else() -> None:
    """The headline is as printed, its quotes and capitals with it."""
    page = "<h1>Baker&rsquo;s\n dozen &amp;\xa0<em>more</em>:<br>TWELVE   rolls &hellip;</h1>"
    assert texts(read_html(page)) == ["Baker’s dozen & more: TWELVE rolls …"]


FRONT_PAGE = """The Daily Blast
Home
News
Sport
Weather

POLITICS

Council leader quits over parking space she never used
Deputy takes over as opposition calls for a vote.
By Jane Doe
2 hours ago | 64 comments

Budget talks enter second week without agreement on roads
Jane Doe
3 hours ago

SPORT

Rovers 'in freefall' after keeper scores FOUR own goals
5 min read
Hodge wins marathon
12 Mar 2026, 10:15
Read more

MOST READ
1. Man posts himself to Norway by mistake
2. Council leader quits over parking space she never used
3. Can you pass the 1950s cookery exam?
Sign up to our daily newsletter
© 2026 Daily Blast. All rights reserved."""


def test_a_copied_front_page_gives_headlines_under_its_sections() -> None:
    """A headline a line, with a menu, teasers, bylines, ages and counts between them."""
    assert with_sections(read_page(FRONT_PAGE)) == [
        ("POLITICS", "Council leader quits over parking space she never used"),
        ("POLITICS", "Budget talks enter second week without agreement on roads"),
        ("SPORT", "Rovers 'in freefall' after keeper scores FOUR own goals"),
        ("SPORT", "Hodge wins marathon"),
        ("MOST READ", "Man posts himself to Norway by mistake"),
        ("MOST READ", "Can you pass the 1950s cookery exam?"),
    ]


READER = """Harbour wall to be raised by a metre before winter storms

Engineers warn that the old stones will not stand a third flood in five years

dailyblast.example
Jane Doe
5–6 minutes

The harbour wall will be raised by a metre this autumn, the council said on Monday.

Work begins in August and should end before the first storms, said the chief engineer.

A worker measures the old wall at low tide

“We have looked at this wall for ten years,” she said. “Now we will do something about it.”

What it will cost

The scheme is priced at £4m. A grant will pay for half of it, and a loan for the rest.

Shopkeepers near the quay fear for their summer. They want the work to start in October.

‘Nobody asked the fishermen’

Fishermen say that the new steps will be too steep at low tide, and have asked for a ramp.
"""


def test_a_readers_view_of_an_article_gives_its_title_only() -> None:
    """The standfirst, a caption, sub-headings and a pull quote stand among the paragraphs and are none."""
    assert read_page(READER) == [
        PageHeadline("Harbour wall to be raised by a metre before winter storms", line=1, role="own")
    ]


def test_a_short_title_and_a_role_after_a_name_are_known() -> None:
    """A headline of three words opens the page; a name with a role is a byline."""
    document = (
        "Gull steals wig\nJohn Smith, Court correspondent\nA gull stole a wig from a judge on Monday, a court heard."
    )
    assert texts(read_page(document)) == ["Gull steals wig"]


def test_a_sentence_above_its_date_is_a_headline_unless_it_is_a_teaser() -> None:
    """Where every story has its date, a full stop does not speak against a headline that no headline precedes."""
    dated = (
        "They closed the ferry. The gulls stayed.\n2 hours ago\n\nBridge opens a day early\nIt was dry.\n3 hours ago"
    )
    assert texts(read_page("LATEST\n\n" + dated)) == [
        "They closed the ferry. The gulls stayed.",
        "Bridge opens a day early",
    ]


def test_an_article_without_its_title_gives_nothing() -> None:
    """Paragraphs are no headlines, nor is what stands between them."""
    body = READER.split("5–6 minutes")[1]
    assert read_page(body) == []


PLAIN = """Pope dies at 88
Two held after boat fire
He left the door open. What the cat did next stunned neighbours
‘RUN for it’: Villagers flee as cheese rolls downhill while band plays on
Is this the end of the office chair?
Rates held at 4 per cent as inflation slows.
She waited nine years for this parcel…
11 soups your grandmother would not recognise"""


@pytest.mark.parametrize(
    ("document", "roles"),
    [
        (READER + "\nRelated\n\nGull returns timer in exchange for chips\n", ["own", "related"]),
        (
            "Gull returns timer in exchange for chips\nBy Ann Example\n\nRelated\n\nIsland votes again on its light",
            ["own", "related"],
        ),
        (FRONT_PAGE, ["listed"] * 6),
        (PLAIN, ["listed"] * 8),
    ],
    ids=["article", "article without its text", "front page", "list"],
)
def test_a_text_pages_own_headline_is_told_from_others(document: str, roles: list[str]) -> None:
    """What stands above an article's paragraphs, or alone above lists of other stories."""
    assert [headline.role for headline in read_page(document)] == roles


def test_a_plain_list_gives_every_line() -> None:
    """Where there is nothing but headlines, neither a full stop nor three words speak against one."""
    assert [(found.line, found.text) for found in read_page(PLAIN)] == list(enumerate(PLAIN.split("\n"), start=1))


@pytest.mark.parametrize(
    "shaped",
    [
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "\ufeff" + PLAIN,
        PLAIN.replace(" ", "\xa0"),
        PLAIN.replace("\n", "\n\n"),
        "\n".join(f"    • {line}" for line in PLAIN.split("\n")),
        "\n".join(f"- **{line}**" for line in PLAIN.split("\n")),
        "\n".join(f"* [{line}](https://blast.example/{index})" for index, line in enumerate(PLAIN.split("\n"))),
        "\n".join(f"{index}. {line}" for index, line in enumerate(PLAIN.split("\n"), start=1)),
    ],
    ids=["crlf", "cr", "bom", "nbsp", "blank lines", "bullets", "bold", "markdown links", "numbers"],
)
def test_the_shape_of_a_list_changes_nothing(shaped: str) -> None:
    """Line ends, indents, bullets and marks are not part of a headline."""
    assert texts(read_page(shaped)) == PLAIN.split("\n")


MARKDOWN = """# Island votes to keep its only traffic light

*12 March 2026*

The island has one traffic light. It has been red since Thursday, when the timer was stolen by a gull.

Islanders voted on Sunday to keep it. The count was 81 to 12, with one paper eaten.

## Why the light matters to the island

Visitors photograph it, and the shop beside it sells models of it in three sizes to them.

## More stories

- [Gull returns timer in exchange for chips](/gull)
- [Second island asks for a light of its own](/second)
"""


def test_markdown_sub_headings_are_told_from_the_title_and_the_lists() -> None:
    """A page turned into Markdown by a reader tool."""
    assert with_sections(read_page(MARKDOWN)) == [
        (None, "Island votes to keep its only traffic light"),
        ("More stories", "Gull returns timer in exchange for chips"),
        ("More stories", "Second island asks for a light of its own"),
    ]


WRAPPED = """  Latest news

   * Orchard owners count the cost of a late frost that
     took two thirds of the plums
   * School bus route saved for one more year

   The late frost of last week fell on blossom that had opened ten days
   early, growers say, and the plums will be few and dear this year. The
   Society of Fruit Growers has asked the ministry for help, and expects
   little.
"""


def test_wrapped_lines_are_joined() -> None:
    """A text browser folds long lines; a folded headline is one, and a folded paragraph is none."""
    assert [(found.line, found.text) for found in read_page(WRAPPED)] == [
        (3, "Orchard owners count the cost of a late frost that took two thirds of the plums"),
        (5, "School bus route saved for one more year"),
    ]


def test_repeats_are_found_through_case_quotes_publisher_and_cut() -> None:
    """The first of equal headlines stays, and a full one rather than a cut one."""
    lines = ["Gull ‘steals’ timer from island's only light…", "Other thing happens in the other town"]
    lines += ["Gull ‘steals’ timer from island's only light on a Thursday", "OTHER thing happens in the other  town"]
    lines += ["Gull 'steals' timer from island’s only light on a Thursday - The Harbour Record"]
    assert [found.line for found in read_text("\n".join(lines))] == [2, 3]


@pytest.mark.parametrize(
    "document", ["", " \n\t\r\n", "\ufeff", "<html>", "<!-- -->", "<p>", "\0", "…", "•\n•", "&nbsp;"]
)
def test_a_page_of_nothing_gives_nothing(document: str) -> None:
    """No page is too empty."""
    assert read_page(document) == []
    assert read_html(document) == []
    assert read_text(document) == []


def test_html_is_told_from_text_that_speaks_of_tags() -> None:
    """A text with a tag or two in it is a text."""
    assert read_page("Browser makers drop the <blink> tag at last")[0].line == 1
    assert read_page("\n <div><h1>Browser makers drop the blink tag</h1></div>")[0].line is None
    assert read_page("x <li><a href='/a'>Boat found on a roof after storm</a></li>" * 2 + "</ul>")[0].line is None


WORDS = st.sampled_from(
    ["Gull", "steals", "the", "timer", "‘light’", "on", "Thursday.", "By", "12", "March", "views", "…", "?", "MORE"]
)
LINES = st.lists(WORDS, max_size=12).map(" ".join)


@given(st.one_of(st.text(), st.lists(LINES, max_size=15).map("\n".join)))
def test_any_text_gives_headlines_that_it_holds_once_each(document: str) -> None:
    """Whatever the text: nothing is raised, made up, repeated or endless."""
    found = read_text(document)
    source = squeezed(html.unescape(document).replace("\ufeff", ""))
    assert all(headline.text in source and len(headline.text) <= LONGEST for headline in found)
    assert len({fold(headline.text) for headline in found}) == len(found)
    lines = [headline.line or 0 for headline in found if headline.role != "own"]
    assert lines == sorted(lines)
    assert [headline.role for headline in found[1:]].count("own") == 0


TAGS = st.sampled_from(
    "<div> </div> <p> <h1> </h1> <h2> </h2> <a\thref=/x/y-z-1> </a> <li> <article> <table> <td> <span\tclass=kicker> "
    "</span> <script> </script> <svg> <title> <!-- --> \0 \ud800".split(" ")
)


@given(st.lists(st.one_of(TAGS, LINES, st.text(max_size=20)), max_size=40).map("".join))
def test_any_markup_gives_each_headline_once_with_a_place(document: str) -> None:
    """Whatever the tags: nothing is raised, and every headline has its selector."""
    found = read_html(document)
    assert all(headline.selector and headline.text and len(headline.text) <= LONGEST for headline in found)
    assert len({fold(headline.text) for headline in found}) == len(found)
    read_page(document)


MEGABYTE = 1 << 20
HOSTILE = {
    "nested divs": "<div>" * (MEGABYTE // 5),
    "nested lists": "<ul><li>" * (MEGABYTE // 8),
    "options": "<select>" + "<option>x" * (MEGABYTE // 9),
    "unclosed bold": "".join(f"<p><b id={index}>word" for index in range(50_000)),
    "unclosed comments": "<!--" * (MEGABYTE // 4),
    "unclosed quotes": '<a href="' * (MEGABYTE // 9),
    "angle brackets": "<" * MEGABYTE,
    "links in one paragraph": "<p>" + "<a href='/a-b-c'>Gull steals timer again</a> and " * 20_000,
    "many links": "".join(
        f"<li><a href='/a/{n}'>Gull number {n} steals another timer</a></li>" for n in range(100_000)
    ),
    "sections in sections": "<section><h2>Latest</h2><a href='/a-b-1/c'>Gull steals timer again</a>" * 10_000,
    "deep JSON": f'<html><script type="application/ld+json">{"[" * 100_000}</script></html>',
    "one line": "word " * (MEGABYTE // 5),
    "one word": "a" * MEGABYTE,
    "one space": " " * MEGABYTE,
    "full stops": ". A" * (MEGABYTE // 3),
    "brackets": "[(" * (MEGABYTE // 2),
    "stars": "** " * (MEGABYTE // 3),
    "short lines": "gull\n" * (MEGABYTE // 5),
    "entities in entities": "<!DOCTYPE html ["
    + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "gull"}">' for n in range(30))
    + "]><h2><a href='/a-b-c'>Gull steals another &e29; timer</a></h2>" * 1000,
    "equal beginnings": "\n".join("Gull steals timer" + " again" * (n % 40) + "…" for n in range(10_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_to_its_end_or_refused(name: str) -> None:
    """A megabyte made to be slow is read in a moment, or refused for what it has too much of."""
    try:
        found = read_page(HOSTILE[name])
    except PageTooLargeError:
        return
    assert len({fold(headline.text) for headline in found}) == len(found)


def test_nothing_that_a_page_names_is_fetched(tmp_path: Path) -> None:
    """Pictures, scripts, frames, styles, redirections, entities of other files: nobody calls, no file is read."""
    secret = tmp_path / "secret"
    secret.write_text("Zyxwvut timer stolen by another gull")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        away = f"http://127.0.0.1:{listener.getsockname()[1]}"
        found = read_html(
            f'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "{away}/strict.dtd" '
            f'[<!ENTITY file SYSTEM "file://{secret}"><!ENTITY far SYSTEM "{away}/entity">]>'
            f'<html><head><base href="{away}/"><meta http-equiv="refresh" content="0; url={away}/next">'
            f'<link rel="stylesheet" href="{away}/a.css"><script src="{away}/a.js"></script></head><body>'
            f'<xi:include href="{away}/include"/><img src="{away}/a.png"><iframe src="{away}/frame"></iframe>'
            f"<h2><a href='{away}/a-b-c'>Gull steals timer &file; and &far; from kitchen</a></h2></body></html>"
        )
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert ["Gull steals timer" in headline.text for headline in found] == [True]
    assert "Zyxwvut" not in found[0].text
