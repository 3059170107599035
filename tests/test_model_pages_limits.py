"""What a page may hold: at every limit it is read, one above it is refused by name, and work grows as the page does."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.commands import page as commands
from model.errors import PageError, PageTooLargeError
from model.pages import PageHeadline, read_html, read_text
from model.pages import limits as pages_limits
from model.pages.limits import (
    ATTRIBUTES,
    ATTRIBUTES_IN_ALL,
    DEPTH,
    ELEMENTS,
    HEADLINES,
    LEVELS,
    LINES,
    LINES_OF_MESSAGE,
    NAMES,
    NESTED_PARTS,
    OBJECTS,
    PARTS,
    REFERENCES,
    TAGS,
    TEXT,
    VALUES,
    Limit,
)
from model.pages.notices import is_notice

Cli = Callable[..., tuple[int, str, str]]
Page = Callable[[int], str]
AROUND = 2  # the parser's own html and body


def linked(data: object) -> str:
    """A page of this JSON-LD."""
    return f'<html><head><script type="application/ld+json">{json.dumps(data)}</script></head></html>'


def with_attributes(count: int) -> str:
    """As many attributes as asked for, on elements that are full of them but for the last."""
    parts = [range(begin, min(begin + ATTRIBUTES.most, count)) for begin in range(0, count, ATTRIBUTES.most)]
    return "".join(f"<p {' '.join(f'a{one}' for one in part)}>" for part in parts)


def with_names(characters: int) -> str:
    """Lists of a thousand characters of names, no two alike, but for the last."""
    sizes = [min(1000, characters - begin) for begin in range(0, characters, 1000)]
    return "".join(f'<p class="{f"{number:04}".ljust(1000, "x")[-size:]}">' for number, size in enumerate(sizes))


def inside(levels: int) -> list[object]:
    """A list in a list, and so on."""
    data: list[object] = []
    for _ in range(levels - 1):
        data = [data]
    return data


def parted(count: int) -> str:
    """An e-mail of as many lines that may begin a part, of which the first does."""
    head = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\nx"
    return head + "\n--c" * (count - 1)


def nested(count: int) -> str:
    """E-mails in each other, with a page in the last."""
    forwarded = "Content-Type: message/rfc822\n\n" * (count - 1)
    return f"Content-Type: multipart/mixed; boundary=b\n\n--b\n{forwarded}Content-Type: text/html\n\nx"


HTML: dict[str, tuple[Limit, Page]] = {
    "TAGS": (TAGS, lambda count: "<" * count),
    "ELEMENTS": (ELEMENTS, lambda count: "<br>" * (count - AROUND)),
    "ATTRIBUTES": (ATTRIBUTES, lambda count: f"<p {' '.join(f'a{number}' for number in range(count))}>x"),
    "ATTRIBUTES_IN_ALL": (ATTRIBUTES_IN_ALL, with_attributes),
    "DEPTH": (DEPTH, lambda count: "<div>" * (count - AROUND)),
    "NAMES": (NAMES, with_names),
    "TEXT": (TEXT, lambda count: f"<p>{'x' * count}"),
    "HEADLINES": (
        HEADLINES,
        lambda count: "".join(f"<li><a href=/a-b/{n}>Gull {n} steals timer</a>" for n in range(count)),
    ),
    "OBJECTS": (OBJECTS, lambda count: linked([{}] * count)),
    "VALUES": (VALUES, lambda count: linked([1] * count)),
    "LEVELS": (LEVELS, lambda count: linked(inside(count))),
    "REFERENCES": (REFERENCES, lambda count: f"<rss>{'&' * count}"),
    "LINES_OF_MESSAGE": (LINES_OF_MESSAGE, lambda count: "Content-Type: text/html\n" + "\n" * (count - 1)),
    "PARTS": (PARTS, parted),
    "NESTED_PARTS": (NESTED_PARTS, nested),
}
PLAIN: dict[str, tuple[Limit, Page]] = {
    "TEXT": (TEXT, lambda count: "x" * count),
    "LINES": (LINES, lambda count: "\n" * (count - 1)),
    "LINES, carriage returns": (LINES, lambda count: "\r" * (count - 1)),
    "LINES, both": (LINES, lambda count: "\r\n" * (count - 1)),
    "HEADLINES": (HEADLINES, lambda count: "\n".join(f"Gull {number} steals timer" for number in range(count))),
}


def refusal(read: Callable[[str], list[PageHeadline]], document: str) -> str:
    """What a page is refused with."""
    with pytest.raises(PageTooLargeError) as refused:
        read(document)
    assert refused.value.code == "page-too-large"
    return str(refused.value)


@pytest.mark.parametrize("name", HTML)
def test_an_html_page_at_a_limit_is_read_and_one_above_is_refused_by_name(name: str) -> None:
    """The error says which limit it was, and how many there may be."""
    limit, page = HTML[name]
    read_html(page(limit.most))
    expected = f"a page may have at most {limit.most:,} {limit.things}, this one has more"
    assert refusal(read_html, page(limit.most + 1)) == expected


@pytest.mark.parametrize("name", PLAIN)
def test_a_text_page_at_a_limit_is_read_and_one_above_is_refused_by_name(name: str) -> None:
    """The error says which limit it was, and how many there may be."""
    limit, page = PLAIN[name]
    read_text(page(limit.most))
    expected = f"a page may have at most {limit.most:,} {limit.things}, this one has more"
    assert refusal(read_text, page(limit.most + 1)) == expected


def test_every_limit_has_a_test() -> None:
    """A limit that is added is tried out above."""
    limits = {name for name, value in vars(pages_limits).items() if isinstance(value, Limit)}
    assert limits == {name.split(",")[0] for name in (*HTML, *PLAIN)}


def test_objects_in_several_scripts_count_together() -> None:
    """Ten thousand scripts of one object are as many as one of ten thousand."""
    script = '<script type="application/ld+json">{}</script>'
    read_html(script * OBJECTS.most)
    assert "JSON-LD objects" in refusal(read_html, script * (OBJECTS.most + 1))


def test_json_that_recurses_too_deep_to_be_read_is_refused_too() -> None:
    """Where the parser gives up before the levels can be counted, the limit is the same."""
    document = f'<script type="application/ld+json">{"[" * 50_000}{"]" * 50_000}</script>'
    assert LEVELS.things in refusal(read_html, document)


def test_elements_deeper_than_libxml2s_tree_are_read() -> None:
    """Its tree ends 256 elements deep and says nothing."""
    document = "<div>" * 500 + "<h2><a href='/a-b-c'>Gull steals the timer again</a></h2>"
    assert [found.text for found in read_html(document)] == ["Gull steals the timer again"]


def test_script_and_other_unread_text_does_not_count_as_text() -> None:
    """Saved pages hold megabytes of scripts and pictures."""
    unread = "x" * (TEXT.most + 1)
    document = f"<script>{unread}</script><style>{unread}</style><img src='data:{unread}'><h1>Gull steals timer</h1>"
    assert [found.text for found in read_html(document)] == ["Gull steals timer"]


def test_a_long_id_does_not_stand_in_every_selector() -> None:
    """A thousand headlines below an id of 100 kB would make an answer of 100 MB."""
    heading = "<h2><a href='/a-b-c'>Gull steals the timer again</a></h2>"
    assert len(read_html(f"<div id='{'x' * 100_000}'>{heading}</div>")[0].selector or "") < 100
    assert read_html(f"<div id='{'x' * 100}'>{heading}</div>")[0].selector == f"#{'x' * 100} > h2"


@pytest.mark.parametrize(
    "line", ["photo: " + "a" * 250 + " ! ! ! ! ! !", "(file " * 50, "photograph: " * 24 + ".x", "a@." * 99]
)
def test_a_line_that_nearly_credits_a_picture_is_no_longer_work_than_others(line: str) -> None:
    """A regular expression took half a minute over the first: that this test ends is what it shows."""
    assert not is_notice(line)
    assert read_html(f"<p>{line}") == []


def test_a_character_reference_of_many_digits_is_text() -> None:
    """Python refuses to read a number of more than 4,300 digits."""
    assert read_text(f"&#{'1' * 5000};\n\nGull steals the timer again")[0].line == 3


def steps(read: Callable[[str], Any], document: str) -> int:
    """How many calls reading takes, those of built-in functions and steps of generators counted."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        read(document)
    finally:
        sys.setprofile(before)
    return count


STORY = "<h2><a href='/a-b-c/{n}'>Gull {n} steals the timer again</a></h2>"
GROWING: dict[str, Page] = {
    "headings": lambda n: "".join(STORY.format(n=one) for one in range(n)),
    "headings deep inside": lambda n: "<div>" * n + "".join(STORY.format(n=one) for one in range(n)),
    "main headings deep inside": lambda n: "<div>" * n + "<h1>Gull steals the timer</h1>" * n,
    "sections deep inside": lambda n: (
        "".join(f"<div><h3>Sport {one}</h3>" for one in range(n))
        + "</div>" * n
        + "<a href=/a-b-c>See who won it</a>" * n
    ),
    "links after a deep section": lambda n: (
        "<div>" * n + "<h2>Most read</h2>" + "</div>" * n + "<p><a href=/a/b-c-d>a link in small letters</a></p>" * n
    ),
    "paragraphs deep inside": lambda n: "<div>" * n + f"<p>{'word ' * 12}</p>" * n,
    "cards inside cards": lambda n: "<div class=card>" * n + "".join(STORY.format(n=one) for one in range(n)),
    "pieces deep in a link": lambda n: "<a href=/a-b-c>" + "<span>" * n + "1<i>2</i>" * n + "</a>",
    "linked data in a chain": lambda n: "".join(
        linked({"position": 1, "item": {"item": {"name": f"Gull {one} steals timer"}}}) for one in range(n)
    ),
    "furniture in furniture": lambda n: "<nav class=ad>" * n + "".join(STORY.format(n=one) for one in range(n)),
    "hidden in hidden": lambda n: "<div hidden>" * n + f"<p>{'word ' * 12}</p>" * n,
    "paragraphs in cells": lambda n: "<article>" + f"<div><p>{'word ' * 12}</p></div>" * n,
    "headings that are the title": lambda n: (
        "<title>Gull steals timer</title>" + "<h4>Gull <i>steals</i> timer</h4>" * n
    ),
    "titles and headings": lambda n: (
        "<title>Gull | Gull</title>" * n + "".join(f"<h4>Gull {one}</h4>" for one in range(n))
    ),
    "lines that are called titles": lambda n: f"<p>{'word ' * 12}</p>" * 4 + "<b class=title>Gull</b><i>x</i>" * n,
    "kickers": lambda n: "<h2>" + "<b class=kicker>x</b>" * n + ": gull steals timer</h2>",
    "pieces of a heading": lambda n: f"<title>Gull steals timer {n}</title><h1>" + "<i>Gull</i> " * n + "</h1>",
    "articles in linked data": lambda n: linked([{"@type": "Article", "headline": f"Gull {one}"} for one in range(n)]),
    "one class list each": lambda n: "".join(f"<p class='a-{one} story_b cD'>word" for one in range(n)),
    "attributes": lambda n: f"<p {' '.join(f'a{one}' for one in range(n // 2))}>",
}
GROWING_TEXT: dict[str, Page] = {
    "lines": lambda n: "\n".join(f"Gull {one} steals the timer" for one in range(n)),
    "wrapped lines": lambda n: "\n".join(f"and gull {one} steals the timer of the harbour" for one in range(n)),
    "sections": lambda n: "\n".join(
        f"Most read\nGull {one} steals the timer\nIt went away. It was." for one in range(n)
    ),
    "beginnings": lambda n: "\n".join(f"Gull steals the timer{' again' * one}…" for one in range(n % 40)),
    "articles": lambda n: "\n".join(
        f"What it will cost\nIt went to {one} today. It was so. It is.\n" for one in range(n)
    ),
}


@pytest.mark.parametrize("name", GROWING)
def test_work_grows_as_an_html_page_does(name: str) -> None:
    """Twice the page takes twice the steps, within what a page of nothing takes."""
    page = GROWING[name]
    assert steps(read_html, page(480)) <= 2.1 * steps(read_html, page(240))


@pytest.mark.parametrize("name", GROWING_TEXT)
def test_work_grows_as_a_text_page_does(name: str) -> None:
    """Twice the page takes twice the steps, within what a page of nothing takes."""
    page = GROWING_TEXT[name]
    assert steps(read_text, page(400)) <= 2.1 * steps(read_text, page(200))


PIECES = st.sampled_from(
    "<div> </div> <p> <h1> <h2> </h2> <h3> <a\thref=/x/y-z-1> <a\thref='#'> </a> <li> <ul> </ul> <article\tclass=card> "
    "<table> <tr> <td> <b> <i> <font> <form> <select> <option> <svg> </svg> <template> <title> <head> </html> <body> "
    '<script> </script> <script\ttype=application/ld+json>{"name":1} <script\ttype=application/ld+json>[{}] <meta\t'
    "property=og:title\tcontent='Gull\tsteals\ttimer'> <!-- --> <![CDATA[ ]]> <?x ?> <!doctype < > & &amp; &#0; "
    '&#xd800; &#99999999; \0 \ud800 \r \r\n \u202e \ufeff 𝕏 {"@type":"Article","headline": [ ] { } " \' = / Gull '
    "steals the timer Most read by Photo: file (photo) 2 hours ago".split(" ")
)


@settings(max_examples=300)
@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=60).map(" ".join), st.integers(1, 30))
def test_any_soup_gives_headlines_or_a_page_error(soup: str, times: int) -> None:
    """Nothing but headlines, or the limits' own error, comes of whatever is read."""
    for read in (read_html, read_text):
        try:
            found = read(soup * times)
        except PageError:  # soup may begin as JSON does
            continue
        assert all(headline.text for headline in found)


def test_a_page_too_large_is_one_line_on_the_command_line(cli: Cli, tmp_path: Path) -> None:
    """Exit code 2, and the limit."""
    page = tmp_path / "page.html"
    page.write_text("<!doctype html>" + "<br>" * (ELEMENTS.most + 1))
    code, out, err = cli("page", page)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"a page may have at most {ELEMENTS.most:,} elements" in err


def test_a_page_of_too_many_bytes_is_refused_before_it_is_read(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line has a limit of bytes of its own."""
    monkeypatch.setattr(commands, "LARGEST_PAGE", 20)
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><p>Nothing.")
    assert cli("page", page)[::2] == (2, f"Error: {page} must be a page of at most 20 bytes\n")
