"""One page of each kind of fault that pages of real sites showed, and others of its kind: what a reader would list."""

import html
import json
from collections.abc import Iterable

import pytest

from model.pages import PageHeadline, read_html
from model.pages.notices import is_notice

BODY = (
    "<p>The keeper of the lamp said on Monday that the oil would last until the ferry came back from the islands.</p>"
    "<p>Nobody in the harbour had counted the barrels since the spring, and two of them were found to hold rain.</p>"
    "<p>The council will meet next week to decide who pays for the new ones and where they are to be kept dry.</p>"
)
LAMP = "Harbour lamp goes dark as oil runs out"
GULL = "Gull keeps stolen timer for a third week"
NEXT = f'<section><h2>Read next</h2><ul><li><a href="/2025/03/04/gull-timer">{GULL}</a></li></ul></section>'
CARD = '<div class="card"><h3><a href="/2025/03/{n}/story-{n}">Clerk number {n} finds the lost census</a></h3></div>'
CARDS = "".join(CARD.format(n=n) for n in range(1, 6))
CLERKS = [f"Clerk number {n} finds the lost census" for n in range(1, 6)]


def page(body: str, *, title: str = "", head: str = "") -> str:
    """A page of this body."""
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def linked(data: object) -> str:
    """A script of JSON-LD."""
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def named(name: str, content: str) -> str:
    """A meta element."""
    return f'<meta property="{name}" content="{html.escape(content)}">'


def texts(found: Iterable[PageHeadline]) -> list[str]:
    """The headlines alone."""
    return [one.text for one in found]


def own(document: str) -> tuple[str, str]:
    """The page's own headline, which comes first and alone, and where its text came from."""
    first, *others = read_html(document)
    assert first.role == "own"
    assert {one.role for one in others} <= {"related"}
    return first.text, first.source


@pytest.mark.parametrize(
    "wrapper",
    [
        'div class="page-ad-margins"',
        'div class="layout layout--with-ads"',
        'div class="no-ads-below-header-ad"',
        'div class="content nav-open"',
        'div class="modal-enabled wrapper"',
        'div class="paywall"',
        'section class="subscription-content"',
        'div id="modal"',
        'div class="sponsored"',
        'div role="dialog"',
        'div role="navigation"',
        'div class="breadcrumb-and-story"',
        'div class="comments"',
        'div class="newsletter-open"',
        'div id="signup-wall"',
        'form action="/x"',
        "footer",
        "nav",
        "menu",
    ],
)
def test_nothing_that_holds_the_story_is_furniture(wrapper: str) -> None:
    """Whatever the wrapper is called, or is: its h1 and its paragraphs are the page."""
    tag = wrapper.split(maxsplit=1)[0]
    document = page(f"<div><{wrapper}><h1>{LAMP}</h1>{BODY}</{tag}></div>{NEXT}")
    assert texts(read_html(document)) == [LAMP, GULL]


@pytest.mark.parametrize(
    "wrapper", ["nav", 'div class="breadcrumb-intro"', 'div class="advert-top"', "footer", "header"]
)
def test_what_holds_only_the_main_heading_is_read_too(wrapper: str) -> None:
    """The heading is in a wrapper of its own, the paragraphs are beside it."""
    document = page(f"<main><{wrapper}><h1>{LAMP}</h1></{wrapper.split(maxsplit=1)[0]}><div>{BODY}</div></main>")
    assert texts(read_html(document)) == [LAMP]


@pytest.mark.parametrize(
    "wrapper",
    [
        'div class="row nav-column"',
        'ul class="menu"',
        'div class="advertising-grid"',
        'div id="navigation"',
        'section class="sponsored-by-nobody"',
        'div class="newsletter-and-news"',
        'div class="sharing-grid"',
        'div class="tags-and-dates"',
        "nav",
        "form",
        "header",
    ],
)
def test_what_holds_most_of_a_front_pages_stories_is_no_furniture(wrapper: str) -> None:
    """All cards of a front page are inside."""
    document = page(f"<div><{wrapper}>{CARDS}</{wrapper.split(maxsplit=1)[0]}></div>")
    assert texts(read_html(document)) == CLERKS


@pytest.mark.parametrize(
    "furniture",
    [
        '<div class="ad"><a href="https://kettle.example/a-b-1">This one weird kettle is taking us by storm</a></div>',
        '<div class="sponsored"><article><h3><a href="/x/kettle-9">This weird kettle boils</a></h3></article></div>',
        '<nav><ul><li><a href="/guides/how-to-choose-1">See what is on at the harbour tonight</a></li></ul></nav>',
        '<div class="cookie-consent"><h2>Please choose what we may store</h2>'
        + BODY.replace("lamp", "page")
        + "</div>",
        '<footer><h3>More about the people of this paper</h3><a href="/1/a-b">Terms that you agree to</a></footer>',
        '<div hidden><h2><a href="/1/a-b-c">Story that nobody can see on a page</a></h2></div>',
        '<div class="modal"><h1>Get every story by email each day</h1></div>',
    ],
)
def test_furniture_beside_the_story_stays_unread(furniture: str) -> None:
    """What a wrapper is called counts where it holds none of the page's own."""
    document = page(f"{furniture}<main><article><h1>{LAMP}</h1><div>{BODY * 2}</div></article></main>{NEXT}")
    assert texts(read_html(document)) == [LAMP, GULL]


@pytest.mark.parametrize(
    "card",
    [
        '<div class="item item--no-icon"><a href="/story/lamp-goes-dark/"><div>{}</div></a></div>',
        '<div class="item has-badge"><a href="/story/lamp-goes-dark/"><span>{}</span></a></div>',
        '<div class="flex rounded-label px-2"><a href="/story/lamp-goes-dark/"><span>{}</span></a></div>',
        '<div class="most-comments"><ul><li><a href="/2024/05/1">{}</a></li></ul></div>',
        '<div class="top-rated-counts"><ul><li><a href="/2024/05/1">{}</a></li></ul></div>',
        '<div class=card><h2><a href="/a/b-1">Ferry in</a></h2><footer><h4><a href="/a/b-2">{}</a></h4></footer></div>',
    ],
)
def test_a_word_that_is_modified_says_something_else(card: str) -> None:
    """No icon is no icon, a rounded label is a look, the most comments are a list, a card's footer is no page's."""
    assert texts(read_html(page(card.format(LAMP)))) == [LAMP]


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (f"<h1>Coast and Islands Desk</h1><div><h2>{LAMP}</h2>{BODY}</div>", LAMP),
        (f'<h1><a href="/">Harbour Record</a></h1><div><h4 class="post_title">{LAMP}</h4>{BODY}</div>', LAMP),
        (
            f'<h1>The Harbour Record Weekly</h1><div class="entry"><h3>{LAMP}</h3>{BODY}</div>',
            f"{LAMP} | Harbour Record",
        ),
        (f"<h1>Opinion and ideas</h1><article><h1>{LAMP}</h1>{BODY}</article>", "Lamp dark as oil runs out in harbour"),
        (f'<h1>Weekly Harbour Pro</h1><main><h1 itemprop="headline">{LAMP}</h1>{BODY}</main>', "x"),
        (f'<div class="headline">{LAMP}</div><div>{BODY}</div>', f"{LAMP} - Harbour Record"),
        (f"<p><b>{LAMP}</b></p><div>{BODY}</div>", LAMP),
        (f'<h1><a href="/">Record of the Coast</a></h1><h6 class=headline>{LAMP}</h6><div>{BODY}</div>', "Record"),
        (f"<header><h1>The Daily Record of the Coast</h1></header><main><h2>{LAMP}</h2>{BODY}</main>", "x"),
        (f"<main><h2 class=article__title>{LAMP}</h2><div>{BODY}</div></main>", ""),
    ],
)
def test_the_headline_is_found_where_the_h1_is_another(body: str, title: str) -> None:
    """The main heading names the site or the section, or there is none."""
    assert own(page(body, title=title)) == (LAMP, "printed")
    assert len(read_html(page(body, title=title))) == 1


@pytest.mark.parametrize(
    "meta",
    [
        named("og:title", LAMP),
        named("og:title", "Why the lamp went out: what we know"),
        linked({"@type": "NewsArticle", "headline": LAMP}),
        linked({"@type": "NewsArticle", "headline": "Lamp row"}),
    ],
)
@pytest.mark.parametrize(
    "heading", ["<h2 class='entry-title'>{}</h2>", "<h2><a href='/x/lamp-dark'>{}</a></h2>", "<h3>{}</h3>"]
)
def test_a_printed_headline_wins_over_metadata(meta: str, heading: str) -> None:
    """With its selector; the search engine's wording is no second headline."""
    document = page(f"<article>{heading.format(LAMP)}{BODY}</article>", head=named("og:type", "article") + meta)
    found = read_html(document)
    assert [(one.text, one.role, one.source) for one in found] == [(LAMP, "own", "printed")]
    assert str(found[0].selector).startswith("html > body > article > h")


def test_the_own_headline_comes_first_whatever_stands_above_it() -> None:
    """Stories above the article are related to it, and come after."""
    top = f'<div class="latest"><h3><a href="/2025/03/04/gull-timer">{GULL}</a></h3></div>'
    found = read_html(page(f"{top}<main><h1>{LAMP}</h1>{BODY}</main>"))
    assert [(one.text, one.role) for one in found] == [(LAMP, "own"), (GULL, "related")]


def test_a_front_pages_headlines_are_listed() -> None:
    """None is its own, even if it says what it is in a main heading."""
    address = '<link rel="canonical" href="https://record.example/">'
    document = page(f"<h1>News, sport and weather from the coast</h1>{CARDS}", title="Harbour Record", head=address)
    assert [(one.text, one.role) for one in read_html(document)] == [(text, "listed") for text in CLERKS]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"<h1>News and sport from the coast</h1><main>{CARDS}</main>", CLERKS),
        (f"<h1><a href='/'>Harbour Record</a></h1><div>{CARDS}</div><footer>{BODY}</footer>", CLERKS),
        (
            "".join(
                f"<article><h2 class=entry-title><a href='/p/{n}-lamp'>Lamp is dark for night {n}</a></h2>"
                f"<div class=entry-content>{BODY}</div></article>"
                for n in range(3)
            ),
            [f"Lamp is dark for night {n}" for n in range(3)],
        ),
    ],
    ids=["a heading of its own", "a long footer", "a blog that prints whole posts"],
)
def test_no_headline_of_a_page_of_several_stories_is_its_own(body: str, expected: list[str]) -> None:
    """Though it has paragraphs, or a main heading, and names no address."""
    assert [(one.text, one.role) for one in read_html(page(body))] == [(text, "listed") for text in expected]


@pytest.mark.parametrize(
    "data",
    [
        {"@type": "http://schema.org/NewsArticle", "headline": LAMP},
        {"@type": ["https://schema.org/ReportageNewsArticle"], "headline": LAMP},
        {"@type": "schema:AnalysisNewsArticle", "headline": LAMP},
        {"@type": "https://schema.org/Article/", "headline": LAMP},
        {"@type": "NewsArticle", "headline": LAMP.replace("lamp", "&#108;amp")},
        {"@type": "NewsArticle", "headline": f"<em>{LAMP}</em>"},
        {"@graph": [{"@type": "WebSite", "name": "Record of the harbour"}, {"@type": "BlogPosting", "headline": LAMP}]},
        [{"@type": "WebPage", "mainEntity": {"@type": "TechArticle", "headline": LAMP}}],
        [{"@type": "NewsArticle", "headline": GULL}, {"@type": "NewsArticle", "headline": LAMP}],
    ],
)
def test_linked_data_is_read_as_it_is_written(data: object) -> None:
    """Types as addresses, references and tags in texts, graphs, several articles of which the title tells one."""
    assert own(page("<div>Short.</div>", title=f"{LAMP} - Harbour Record", head=linked(data))) == (LAMP, "metadata")


@pytest.mark.parametrize(
    "script",
    [
        '{"@type":"NewsArticle","description":"one\ntwo\tthree","headline":"%s"}',
        '<!-- {"@type":"NewsArticle","headline":"%s"} -->',
        '//<![CDATA[\n{"@type":"NewsArticle","headline":"%s"}\n//]]>',
        '{"@type":"NewsArticle","headline":"%s",}',
        '{"@type":"NewsArticle","headline":"%s"};',
    ],
)
def test_linked_data_that_browsers_let_pass_is_read(script: str) -> None:
    """Line breaks in texts, comment signs around it, a comma or a semicolon too many."""
    head = f'<script type="application/ld+json; charset=utf-8">{script % LAMP}</script>'
    assert own(page("<div>Short.</div>", title="Harbour Record of the whole coast", head=head)) == (LAMP, "metadata")


@pytest.mark.parametrize(
    "title",
    [
        f"{LAMP} - Opposing Record",
        f"{LAMP} | Opposing Record",
        f"{LAMP} — The Opposing Record",
        f"Opposing Record: {LAMP}",
        f"{LAMP}–Opposing Record",
        f"{LAMP} | Coast | Opposing Record",
        f"{LAMP} » OPPOSING RECORD",
    ],
)
def test_a_publishers_name_is_no_part_of_its_title(title: str) -> None:
    """`og:site_name` gives it away, at either end and whatever stands between."""
    document = page("<div>Short.</div>", title=title, head=named("og:site_name", "Opposing Record"))
    assert own(document) == (LAMP, "metadata")


def test_a_mark_within_a_headline_is_kept() -> None:
    """What stands behind it is no publisher."""
    title = "Lamp goes dark - what the keeper says now"
    assert own(page("<div>Short.</div>", title=title)) == (title, "metadata")


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        (
            '<span class="kicker">Coast</span><span>: Lamp goes dark in the harbour</span>',
            "Coast: Lamp goes dark in the harbour",
        ),
        ('<span class="kicker">Coast</span> | Lamp goes dark in the harbour', "Lamp goes dark in the harbour"),
        ('<b class="label">Coast</b>: Lamp goes dark in the harbour', "Coast: Lamp goes dark in the harbour"),
        (
            '<span class="eyebrow">Coast</span> <span>Lamp goes dark in the harbour</span>',
            "Lamp goes dark in the harbour",
        ),
    ],
)
def test_a_kicker_is_kept_where_a_colon_joins_it(heading: str, expected: str) -> None:
    """No headline begins with a colon; where nothing joins them, the kicker is none of it."""
    assert texts(read_html(page(f"<article><h2><a href='/a/1-b'>{heading}</a></h2></article>"))) == [expected]


@pytest.mark.parametrize(
    "heading",
    [
        f'<span class="dark">Trouble at the quay</span> <span>{LAMP}</span>',
        f"<small>Coast</small><br>{LAMP}",
        f"<i>Coast</i> {LAMP}",
        f'<span class="kicker">Coast</span>: {LAMP}',
        f"{LAMP} <small>Keeper asks for more barrels before winter</small>",
    ],
)
def test_a_kicker_that_nothing_joins_is_cut_off_where_the_title_says_so(heading: str) -> None:
    """The page's title is the headline without it."""
    assert own(page(f"<article><h2>{heading}</h2>{BODY}</article>", title=f"{LAMP} | Record")) == (LAMP, "printed")


@pytest.mark.parametrize(
    "part",
    [
        '<h2 class="sub-headline">Members voted eight to five to wait for spring</h2>',
        '<h2 class="deck">Members voted eight to five to wait for spring</h2>',
        "<h2>Members voted eight to five to wait for spring</h2>",
        '<h3 itemprop="description">Members voted eight to five to wait for spring</h3>',
    ],
)
def test_a_deck_is_no_headline(part: str) -> None:
    """A second heading between the headline and the text, under whatever name."""
    assert texts(read_html(page(f"<main><h1>{LAMP}</h1>{part}<div>{BODY}</div></main>"))) == [LAMP]


@pytest.mark.parametrize(
    "each", ["<div>{}</div>", "<div><div>{}</div></div>", "<section class=block>{}</section>", "{}"]
)
def test_sub_headings_of_explainers_and_interviews_are_no_headlines(each: str) -> None:
    """Each block of text, and each question, is wrapped for itself."""
    asked = (
        "What did the keeper say about the oil?",
        "How much do the islands spend on it?",
        "Who will count the barrels?",
    )
    parts = "".join(each.format(f"<h2>{question}</h2>") + each.format(BODY) for question in asked)
    assert texts(read_html(page(f"<main><article><h1>{LAMP}</h1>{each.format(BODY)}{parts}</article></main>"))) == [
        LAMP
    ]


@pytest.mark.parametrize(
    "extra",
    [
        '<div class="strip"><a href="/topic/islands-2024">Islands elections 2024 live updates</a></div>',
        '<div><a href="/tags/harbour-and-quay">All about the harbour and quay</a></div>',
        '<div><a href="https://shop.example/mugs-2">New: Shop to support the harbour paper</a></div>',
        '<div><a href="https://jobs.record.example/keeper-1">Lamp keeper wanted on the outer islands</a></div>',
        '<div><a href="/vouchers/kettle-co">Kettle Company discount code for this month</a></div>',
        '<h3><a href="/discount-codes/kettle-co">20% off kettles at the Kettle Company</a></h3>',
        '<div><a href="/author/x">By Ada Modiba, Bea Benit, Cy Charlton and Di Zack</a></div>',
        '<div><a href="/people/x-y">Ada Modiba, Harbour correspondent</a></div>',
        '<div><a href="/x">By Ada Modiba in Port Town and Bea Benit for the Record</a></div>',
        '<div><a href="/report-1">Report a factual error</a> <a href="/t-1">Report an issue</a></div>',
        '<div><a href="/std">Editorial Standards and Practices of the Record</a></div>',
        '<div><a href="/complain-1">Make a complaint about this article</a></div>',
        '<div><a href="/tips-1">Got a tip? Contact our reporters</a></div>',
        '<div><a href="/privacy-ca">Your California Privacy Rights</a></div>',
        "<div><h2>Stay up to date with notifications from the Record</h2></div>",
        "<div class=card><h4>RELATED ARTICLES MORE FROM AUTHOR</h4></div>",
        "<ul><li><h4>Stick to what you can prove</h4></li></ul>",
        "<div><h3>Ads by the Record!</h3></div>",
        "<div><h3>Never miss a story from the harbour</h3></div>",
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_what_a_page_says_of_itself_is_no_headline(extra: str, before: bool) -> None:
    """Topics, promotions, vouchers, jobs, bylines and links for readers with a complaint, above or below the story."""
    story = f"<main><article><h1>{LAMP}</h1>{BODY}</article></main>"
    document = page(extra + story + NEXT if before else story + NEXT + extra)
    assert texts(read_html(document)) == [LAMP, GULL]


@pytest.mark.parametrize(
    "style",
    [
        "clip: rect(0px,0px,0px,0px); height: 1px; position: absolute",
        "position:absolute;clip:rect(0 0 0 0)",
        "clip-path: inset(50%)",
        "CLIP:RECT(1px, 1px, 1px, 1px)",
        "visibility: hidden",
        "position: absolute; left: -9999px",
        "width:1px;height:1px;overflow:hidden",
        "display : none",
    ],
)
def test_text_that_is_hidden_by_a_style_is_not_read(style: str) -> None:
    """Only a screen reader would read it."""
    link = f'<a href="/2024/05/1/tank">{GULL}<span style="{style}">, article with image</span></a>'
    assert texts(read_html(page(f"<section><h2>Read Next</h2><ul><li>{link}</li></ul></section>"))) == [GULL]


HEADLINES = """Read more books, minister tells schools
Show more respect to referees, players told
See all the winners from the awards night
Get the full picture: why rates rose again
Get ready: phones to sound emergency alerts on Sunday
Sign up to fight or leave, soldiers told
Sign in the sky: rare halo seen over the islands
Log out of everything for a week and you will feel better
Subscribe or die: how streaming ate television
Register for the vote, or lose it
Support for islands aid slips in US
Save this bridge, villagers plead
Print this book, court orders publisher
Share on waiting list doubles in a year
Change your password now, bank tells customers
Accept all the refugees, bishop urges
Reject all offers, union tells teachers
Join the army, get a flat: free homes for recruits
Follow the money: how fraud spread on Facebook
Download the app that saves lives, police say
Jump to conclusions at your peril, judge warns
Skip to the front: how the rich avoid queues
Back to top: Rovers regain lead with win at home
Copyright law of 1911 still rules music
Contact us before you travel, airline tells families
Story continues to divide village
This story is not over, says president
This page has turned, says minister
Privacy is dead, says minister
Privacy policy of tech giants faces court test
JavaScript creator warns of browser monopoly
JavaScript is 30 years old and still growing
Your browser is spying on you, researchers say
Recommended by doctors, refused by patients: the new pill
Save $5 billion a year, auditors tell ministry
Continue reading to children, study urges parents
Advertisements for gambling to be banned
Stay informed or stay safe? The dilemma of flood warnings
Do not sell the forest, protesters say
We value your privacy, say spies
Get alerts on floods by phone from Monday
Stay in touch with reality, judge tells influencer
Read our lips: no new taxes, says chancellor
Have a story to tell? The bench that listens
Make a complaint and lose your job: nurses speak
Learn more languages, employers tell graduates
Never miss a penalty: the science of the spot kick""".splitlines()


@pytest.mark.parametrize("headline", HEADLINES)
def test_a_headline_may_begin_as_a_button_does(headline: str) -> None:
    """On its page and by itself: its words go on where a button's end."""
    assert not is_notice(headline)
    assert texts(read_html(page(f"<article><h3><a href='/2024/05/1'>{headline}</a></h3></article>"))) == [headline]


BUTTONS = """Read more
Read More »
Read more on this story
See all Sport stories
View all 24 comments
Read the full story
Get the latest news in your inbox
Get our free daily newsletter
Join our WhatsApp channel for breaking news alerts
Sign up to our daily newsletter
Sign up for the Record's weekly newsletter and get it in your inbox
Sign in
Log in to your account
Subscribe now and save 50%
Register now
Support fearless, independent reporting
Support us
Follow us on Facebook
Follow Harbour Sport on Facebook
Share this story with friends
Print this article
Save for 50% off
Continue reading
Back to top
Skip to main content
Manage your cookie settings
Accept all cookies
Copyright 2026 Harbour Record
Contact us
This article was originally published in March
This article is more than 4 years old
Please enable JavaScript
JavaScript is disabled
Your browser does not support video
Article continues below
Jump to comments
Leave a comment
Recommended by Kettlebrain
READ THE REST
We are hiring clerks. Join us!
Work at the Record
Download our app""".splitlines()


@pytest.mark.parametrize("button", [one for one in BUTTONS if one != "Save for 50% off"])
def test_buttons_are_still_no_headlines(button: str) -> None:
    """What ends where a button does is one."""
    assert is_notice(button)


@pytest.mark.parametrize(
    "headlines",
    [
        ["首相が新しい予算案を国会に提出、野党は反発を強める", "新幹線の運転再開、午後には平常ダイヤに戻る見通し"],
        ["港口灯塔因燃油耗尽熄灭，居民要求调查", "海鸥第三周仍未归还计时器"],
        ["ประภาคารท่าเรือดับลงเพราะน้ำมันหมด", "นกนางนวลยังไม่คืนนาฬิกาที่ขโมยไป"],
    ],
    ids=["Japanese", "Chinese", "Thai"],
)
def test_headlines_without_spaces_are_found(headlines: list[str]) -> None:
    """As headings, as links on a list, and as the page's own with text below it."""
    cards = "".join(f"<h3><a href='/n/{n}'>{text}</a></h3>" for n, text in enumerate(headlines))
    assert texts(read_html(page(f"<div>{cards}</div>"))) == headlines
    links = "".join(f"<li><a href='/n/{n}'>{text}</a></li>" for n, text in enumerate(headlines))
    assert texts(read_html(page(f"<ul>{links}</ul>"))) == headlines
    paragraph = f"<p>{headlines[0] * 3}。</p>"
    assert own(page(f"<main><h1>{headlines[1]}</h1><div>{paragraph * 4}</div></main>")) == (headlines[1], "printed")


def test_a_short_link_to_a_dated_address_is_a_headline() -> None:
    """Three words are enough where the address has a day in it; a month's archive is no story."""
    links = (
        "<li><a href='/2014/07/23/travel/lakes/index.html'>World's strangest lakes</a></li>"
        "<li><a href='https://x.example/news/2025-03-04/gull'>Gull returns timer</a></li>"
        "<li><a href='/travel/lakes/index.html'>Lakes and rivers</a></li>"
        "<li><a href='/2014/07/'>July 2014</a></li>"
    )
    assert texts(read_html(page(f"<div class=bin><ul>{links}</ul></div>"))) == [
        "World's strangest lakes",
        "Gull returns timer",
    ]
