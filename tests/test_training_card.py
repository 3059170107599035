"""A name in the model card is text, whatever file or person it came from: neither Markdown nor HTML."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from model.artefact import Artefact
from model.plain import plain
from training.card import as_markdown, card

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</table><h1>Best model</h1>",
    "a|b|c",
    "x\n\n# Heading\n\n| a | b |",
    "x\r\n---\r\n",
    "![pixel](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "[a]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example and www.evil.example and me@evil.example",
    "_em_ __strong__ *em* **strong** ~~gone~~",
    "`code` ``more``",
    "&copy; &#60;b&#62;",
    "name ##",
    "back\\slash \\| \\",
    "{name} {version.__class__} {0}",
    "$x^2$ $$y$$",
    "\x1b[31mred\u202eback\u2066",
    "publishers_2023 out-of-fold 1.5 (new)",
    "1. one",
    "- item",
]


class Seen(HTMLParser):
    """What a reader of a page sees, by its headings and cells, and which tags it has."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        """Begin a text at each heading and cell."""
        self.tags.add(tag)
        if tag in {"h1", "h2", "h3", "td", "th", "p", "li"}:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        """Add to the text at hand."""
        if self.texts:
            self.texts[-1] += data


def seen(markdown: str) -> Seen:
    """Read Markdown as GitHub does: tables, bare links, HTML let through."""
    reader = Seen()
    reader.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))
    return reader


def shown(text: str) -> str:
    """Give what is to be seen of a name."""
    return " ".join(plain(text).split())


def record(name: str) -> dict[str, Any]:
    """Give a record in which everything that has a name has this one."""
    figures = {"headlines": 7, "roc_auc": [0.5, 0.4, 0.6]}
    return {
        "name": name,
        "corpora": [{"name": name, "rows": 7, "sha256": "0" * 64}],
        "metrics": {name: {"sensational": figures, "clickbait": figures}},
        "rows_left_out": 0,
        "created": "2026-01-01T00:00:00+00:00",
        "seed": 0,
        "rule": "The rule.",
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_seen_as_it_is_and_changes_nothing_else(stand_in: Artefact, name: str) -> None:
    """In the heading, the table of corpora and the names of sets: the same tags, the same tables, the same texts."""
    plain_page, page = seen(card(stand_in, record("harmless"))), seen(card(stand_in, record(name)))
    assert page.tags == plain_page.tags
    expected = [text.replace("harmless", shown(name)) for text in plain_page.texts]
    assert [text.strip() for text in page.texts] == [text.strip() for text in expected]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_any_name_is_seen_as_it_is(name: str) -> None:
    """In a cell of a table, of which there are two."""
    page = seen(f"| a | b |\n|---|---|\n| {as_markdown(name)} | x |\n")
    assert [text.strip() for text in page.texts] == ["a", "b", shown(name), "x"]
    assert page.tags == {"table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("name", ["publishers_2023", "stop_clickbait", "out of fold", "webis17-test", "Söhne 日報"])
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    """So that a card reads well as text, too."""
    assert as_markdown(name) == name


def test_bare_addresses_become_no_links() -> None:
    """GitHub makes links of them by itself, which needs these in one piece."""
    assert not re.search(r"https?://|www\.|\w@\w", as_markdown("http://a.example www.b.example c@d.example"))
