"""What people give as a page: HTML in any encoding, MHTML, e-mails, and files that are none, which are named."""

import base64
import bz2
import gzip
import io
import json
import lzma
import plistlib
import quopri
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import PageError, PageTooLargeError
from model.pages import open_page, read_html, read_page, read_text
from model.pages.limits import LINES_OF_MESSAGE, NESTED_PARTS, PARTS
from tests.conftest import Cli

RUSSIAN, FRENCH, CURLY = (
    "Чайка украла шляпу мэра города",
    "Café fermé après la tempête d'hier",
    "Gull’s “new” hat costs €9 – again",
)
JAPANESE, CHINESE = "カモメ が 市長 の 帽子 を 盗んだ 髙①", "海鸥 昨天 偷走了 市长 的 帽子"
KOREAN = "갈매기가 시장의 모자를 훔쳤다"
META = {
    "charset": "<meta charset={0}>",
    "quoted": '<META CHARSET="{0}" />',
    "single": "<meta name=x charset = '{0}'>",
    "pragma": '<meta http-equiv="Content-Type" content="text/html; charset={0}">',
    "pragma behind": "<meta content='text/html;charset={0};' http-equiv=content-type>",
    "quoted in pragma": "<meta http-equiv=content-type content='text/html; charset=\"{0}\"'>",
    "behind another": "<meta name=viewport content=width><title>x</title><meta charset={0}>",
    "behind a comment": "<!-- <meta charset=macintosh> --><meta charset={0}>",
    "behind nonsense": "<meta charset=nonsense><meta charset={0}>",
    "without a pragma": '<meta content="text/html; charset=macintosh"><meta charset={0}>',
    "in capitals": "<meta charset=' {0} '>",
    "late": f"<script>{'x' * 1500}</script><meta charset={{0}}>",
    "XHTML": '<?xml version="1.0" encoding="{0}"?><html xmlns="http://www.w3.org/1999/xhtml">',
}
# A label, how a writer of it encodes, and what is then read.
LABELS = [
    ("windows-1251", "cp1251", RUSSIAN),
    ("koi8-r", "koi8-r", RUSSIAN),
    ("x-mac-cyrillic", "mac-cyrillic", RUSSIAN),
    ("iso-8859-5", "iso-8859-5", RUSSIAN),
    ("latin1", "cp1252", CURLY),
    ("iso-8859-1", "cp1252", CURLY),
    ("US-ASCII", "cp1252", CURLY),
    ("cp1252", "cp1252", FRENCH),
    ("macintosh", "mac-roman", FRENCH),
    ("x-user-defined", "cp1252", CURLY),
    ("iso-8859-15", "iso-8859-15", FRENCH),
    ("shift_jis", "cp932", JAPANESE),
    ("x-sjis", "cp932", JAPANESE),
    ("euc-jp", "euc-jp", JAPANESE[:-3]),
    ("iso-2022-jp", "iso-2022-jp", JAPANESE[:-3]),
    ("gb2312", "gb18030", f"{CHINESE} €㐀"),
    ("gbk", "gb18030", f"{CHINESE} €"),
    ("gb18030", "gb18030", f"{CHINESE} 🎩"),
    ("big5", "big5hkscs", CHINESE.replace("鸥", "鷗").replace("长", "長")),
    ("euc-kr", "cp949", KOREAN),
    ("ks_c_5601-1987", "cp949", KOREAN),
    ("utf-8", "utf-8", f"{RUSSIAN} 🎩"),
    ("unicode-1-1-utf-8", "utf-8", RUSSIAN),
    ("utf-16", "utf-8", RUSSIAN),
    ("utf-16le", "utf-8", RUSSIAN),
]


def page(headline: str, head: str = "") -> str:
    """Write a page with a headline."""
    return f"<html><head>{head}</head><body><h1>{headline}</h1></body></html>"


def texts(content: bytes, label: str = "") -> list[str]:
    """Give the headlines of a saved page."""
    return [found.text for found in read_page(open_page(content, label).text)]


def refusal(content: bytes, label: str = "") -> str:
    """Give the line that a page is refused with."""
    with pytest.raises(PageError) as caught:
        read_page(open_page(content, label).text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("label", "codec", "headline"), LABELS)
def test_a_page_is_read_in_the_encoding_that_it_names(label: str, codec: str, headline: str) -> None:
    """By what the label means to browsers, which is not always what it means to Python."""
    assert texts(page(headline, f"<meta charset={label}>").encode(codec)) == [headline]


@pytest.mark.parametrize("meta", META)
def test_a_page_names_its_encoding_in_any_of_the_ways_that_browsers_know(meta: str) -> None:
    """In the order in which they look; one that is no encoding, or stands in a comment, names none."""
    content = META[meta].format("windows-1251")
    whole = content + page(RUSSIAN)[6:] if meta == "XHTML" else page(RUSSIAN, content)
    assert texts(whole.encode("cp1251")) == [RUSSIAN]


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("label", ["", "windows-1251", "utf-8", "shift_jis"])
def test_a_byte_order_mark_counts_more_than_what_anybody_says(codec: str, label: str) -> None:
    """Whoever sends the page, or the page itself."""
    mark = "" if codec in {"utf-8-sig", "utf-16"} else "\ufeff"
    assert texts((mark + page(RUSSIAN, "<meta charset=koi8-r>")).encode(codec), label) == [RUSSIAN]
    lines = f"{mark}{RUSSIAN}\n\n{FRENCH}\n"
    assert texts(lines.encode(codec), label) == [RUSSIAN, FRENCH]


def test_what_is_said_of_a_page_counts_more_than_what_it_says() -> None:
    """A proxy may have written it anew; a label that is none says nothing."""
    content = page(RUSSIAN, "<meta charset=koi8-r>").encode("cp1251")
    assert texts(content, "windows-1251") == [RUSSIAN]
    assert texts(content.decode("cp1251").encode("koi8-r"), "nonsense") == [RUSSIAN]
    assert texts(RUSSIAN.encode("cp1251"), "windows-1251") == [RUSSIAN]
    wrapped = message(part(page(RUSSIAN).encode("cp1251"), "text/html; charset=koi8-r", "8bit"))
    assert texts(wrapped, "windows-1251") == [RUSSIAN]


def test_a_page_that_names_no_encoding_is_utf8_or_a_guess() -> None:
    """As browsers in most of the world guess: windows-1252, where it is no UTF-8."""
    for content in (page(RUSSIAN).encode(), page(f"{RUSSIAN}</h1>é").encode()[:-20][:-1]):
        opened = open_page(content)
        assert (opened.encoding, opened.guessed) == ("utf-8", False)
    cut = page(RUSSIAN).encode() + "é".encode()[:1]
    assert open_page(cut).guessed is False
    opened = open_page(page(CURLY).encode("cp1252"))
    assert (opened.encoding, opened.guessed) == ("windows-1252", True)
    assert texts(page(CURLY, "<meta charset=nonsense>").encode("cp1252")) == [CURLY]


def test_bytes_that_are_none_of_the_encoding_are_replaced_and_counted() -> None:
    """The rest is read, as browsers do."""
    opened = open_page(page(FRENCH, "<meta charset=utf-8>").encode("cp1252"))
    assert (opened.encoding, opened.guessed, opened.damage) == ("utf-8", False, FRENCH.count("é") + 2)
    assert open_page(page(FRENCH, "<meta charset=utf-8>").encode()).damage == 0


@pytest.mark.parametrize("label", ["hz-gb-2312", "iso-2022-kr", "iso-2022-cn", "replacement"])
def test_an_encoding_that_browsers_refuse_is_refused(label: str) -> None:
    """Scripts have hidden in them."""
    assert "encoding that browsers read" in refusal(page(RUSSIAN, f"<meta charset={label}>").encode())


def test_text_that_is_no_utf8_names_its_first_byte() -> None:
    """Nothing tells in which of many encodings it would be; who knows may say it."""
    assert refusal(FRENCH.encode("cp1252")).endswith("must be UTF-8 text; byte 3 is not")
    assert texts(FRENCH.encode("cp1252"), "latin1") == [FRENCH]


@given(st.binary(max_size=300), st.sampled_from(["", "latin1", "utf-16", "gbk", "nonsense"]))
def test_no_bytes_break_the_reading_of_a_page(content: bytes, label: str) -> None:
    """Whatever they are, they are read or refused in one line."""
    for beginning in (b"", b"<html><meta ", b"<rss><title>", b"Content-Type: text/html\n\n", b"\xff\xfe"):
        try:
            read_page(open_page(beginning + content, label).text)
        except PageError as error:
            assert "\n" not in str(error)  # noqa: PT017


# MHTML

ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "quoted-printable": quopri.encodestring,
    "base64": base64.encodebytes,
    "8bit": bytes,
    "binary": bytes,
    "": bytes,
}


def part(content: bytes, kind: str = "text/html", coding: str = "quoted-printable", more: str = "") -> bytes:
    """Write a part of a message."""
    transfer = f"Content-Transfer-Encoding: {coding}\n" if coding else ""
    return f"Content-Type: {kind}\n{transfer}{more}\n".encode() + ENCODINGS[coding](content)


def message(
    *parts: bytes, kind: str = "multipart/related", more: str = "", boundary: str = "----Boundary--x----"
) -> bytes:
    """Write a message as a browser saves a page."""
    head = (
        f"From: <Saved by Blink>\nSnapshot-Content-Location: https://x.example/\nSubject: =?utf-8?Q?Caf=C3=A9?=\n"
        f'MIME-Version: 1.0\nContent-Type: {kind};\n\ttype="text/html";{more}\n\tboundary="{boundary}"\n\n\n'
    )
    inside = b"".join(f"--{boundary}\n".encode() + one + b"\n" for one in parts)
    return head.encode() + inside + f"--{boundary}--\n".encode()


PICTURE = part(b"\x89PNG\r\n\x1a\nx", "image/png", "base64")
STYLE = part(b"h1 { color: red }", "text/css")
FRAME = part(page("A frame with an advertisement in it").encode(), more="Content-ID: <frame-2@mhtml.blink>\n")
HTML = part(page(RUSSIAN).encode(), 'text/html; charset="utf-8"', more="Content-ID: <frame-1@mhtml.blink>\n")


@pytest.mark.parametrize("coding", ENCODINGS)
@pytest.mark.parametrize(
    ("kind", "head", "codec"),
    [
        ("text/html; charset=utf-8", "", "utf-8"),
        ('text/html; charset="windows-1251"', "<meta charset=utf-8>", "cp1251"),
        ("text/html", "<meta charset=windows-1251>", "cp1251"),
        ("Text/HTML; charset=nonsense", "<meta charset=koi8-r>", "koi8-r"),
        ("application/xhtml+xml; charset=utf-8", "", "utf-8"),
    ],
)
def test_the_page_in_mhtml_is_read(coding: str, kind: str, head: str, codec: str) -> None:
    """However it is wrapped and encoded, as its part says, or else as the page says."""
    content = message(PICTURE, part(page(RUSSIAN, head).encode(codec), kind, coding), STYLE, PICTURE)
    assert texts(content) == [RUSSIAN]
    assert texts(content.replace(b"\n", b"\r\n")) == [RUSSIAN]


@pytest.mark.parametrize(
    "content",
    [
        message(HTML, FRAME),
        message(FRAME, HTML, more='\n\tstart="<frame-1@mhtml.blink>";'),
        message(part(b"Plain words of it", "text/plain"), HTML, kind="multipart/alternative"),
        message(message(part(b"Plain words", "text/plain"), HTML, boundary="b").partition(b"1.0\n")[2], PICTURE),
        b"\xef\xbb\xbf" + message(HTML),
        b"From - Mon Jan 05 10:00:00 2026\n" + message(HTML),
        message(HTML)[:-25],
        b"Subject: x\nContent-Type: text/html; charset=utf-8\nMIME-Version: 1.0\n\n" + page(RUSSIAN).encode(),
        message(HTML).replace(b"\n", b"\r"),
    ],
    ids=["a frame", "a start", "an e-mail", "nested", "a mark", "a mailbox", "cut off", "one part", "old lines"],
)
def test_of_a_message_with_several_parts_the_page_is_read(content: bytes) -> None:
    """The part that it begins with, the HTML of an e-mail rather than its text, also where it is cut off."""
    assert texts(content.replace(b"\r", b"\n") if b"\r" in content else content) == [RUSSIAN]


def test_mhtml_is_read_as_a_string_too() -> None:
    """Over HTTP, as HTML or as text."""
    content = message(HTML, FRAME).decode()
    for read in (read_page, read_html, read_text):
        assert [found.text for found in read(content)] == [RUSSIAN]


def test_a_plain_e_mail_is_read_as_text() -> None:
    """Where it has no HTML."""
    content = message(part(f"{FRENCH}\n".encode(), "text/plain; charset=utf-8"), PICTURE)
    assert texts(content) == [FRENCH]


def test_a_feed_in_a_message_is_a_feed() -> None:
    """A page is read for what it is, however it came."""
    feed = f"<rss><channel><item><title>{RUSSIAN}</title></item></channel></rss>"
    assert texts(message(part(feed.encode()))) == [RUSSIAN]


def test_mhtml_without_a_page_is_said() -> None:
    """Pictures alone."""
    assert "must hold a page, this one has none" in refusal(message(PICTURE, STYLE))


def test_a_text_that_begins_like_a_message_is_a_text() -> None:
    """Columns and sections are named so."""
    lines = f"Opinion: {FRENCH}\nContent: all of it\n\n{RUSSIAN}\n"
    assert texts(lines.encode())[-1] == RUSSIAN


@pytest.mark.parametrize(
    ("limit", "content"),
    [
        (LINES_OF_MESSAGE, message(b"\r" * (LINES_OF_MESSAGE.most + 1))),
        (PARTS, message(*[b""] * PARTS.most)),
        (NESTED_PARTS, message(b"Content-Type: message/rfc822\n\n" * (NESTED_PARTS.most + 1))),
        (
            NESTED_PARTS,
            message(b"Content-type :multipart/mixed\nContent-Type:\n multipart/x; boundary=b\n\n--b\n" * 20),
        ),
    ],
    ids=["old lines", "parts", "messages in messages", "parts in parts"],
)
def test_a_message_of_too_much_is_refused_by_name(limit: object, content: bytes) -> None:
    """Before it is taken apart."""
    began = time.process_time()
    with pytest.raises(PageTooLargeError, match=f"at most {limit.most:,} {limit.things}"):  # type: ignore[attr-defined]
        open_page(content)
    assert time.process_time() - began < 1


# what is no page


def zipped(name: str) -> bytes:
    """Give a ZIP archive with one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, page(RUSSIAN))
    return out.getvalue()


def tarred() -> bytes:
    """Give a tar archive with one file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("page.html"), io.BytesIO(b""))
    return out.getvalue()


def parquet() -> bytes:
    """Give a Parquet file."""
    out = io.BytesIO()
    pq.write_table(pa.table({"text": [RUSSIAN]}), out)
    return out.getvalue()


ARCHIVE = {"WebMainResource": {"WebResourceData": page(RUSSIAN).encode(), "WebResourceMIMEType": "text/html"}}
OTHERS = {
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj <<>> endobj",
    "PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "JPEG": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "GIF": b"GIF89a\x01\0\x01\0",
    "WebP": b"RIFF\x24\0\0\0WEBPVP8 ",
    "TIFF": b"II*\0\x08\0\0\0",
    "film": b"\0\0\0\x20ftypisom",
    "ZIP": zipped("page.html"),
    "gzip": gzip.compress(page(RUSSIAN).encode()),
    "bzip2": bz2.compress(page(RUSSIAN).encode()),
    "xz": lzma.compress(page(RUSSIAN).encode()),
    "Zstandard": b"\x28\xb5\x2f\xfd\x24\x00",
    "7-Zip": b"7z\xbc\xaf\x27\x1c\0\x04",
    "RAR": b"Rar!\x1a\x07\x01\0",
    "tar": tarred(),
    "web archive": plistlib.dumps(ARCHIVE, fmt=plistlib.FMT_BINARY),
    "<plist>": plistlib.dumps(ARCHIVE),
    "Word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    "Rich Text": b"{\\rtf1\\ansi Gull steals hat}",
    "PostScript": b"%!PS-Adobe-3.0",
    "SQLite": b"SQLite format 3\0",
    "Parquet": parquet(),
    "WARC": b"WARC/1.0\r\nWARC-Type: response\r\n\r\n",
    "shortcut": b"[InternetShortcut]\r\nURL=https://x.example/\r\n",
    "JSON": json.dumps({"html": page(RUSSIAN)}).encode(),
    "<opml>": b'<?xml version="1.0"?>\n<opml version="2.0"><body/></opml>',
    "<sitemapindex>": b'<sitemapindex xmlns="x"><sitemap><loc>https://x.example/</loc></sitemap></sitemapindex>',
    "<urlset>": b'<?xml version="1.0"?><urlset xmlns="x"><url><loc>x</loc></url></urlset>',
    "<svg>": b'<?xml version="1.0"?><!-- x --><!DOCTYPE svg PUBLIC "a" "b" [<!ENTITY c "d">]><svg></svg>',
    "binary": bytes(range(256)) * 4,
}
JSONS = [
    b'{"items": []}', b'[{"text": "Gull steals hat"}]', b' \n[ {"a": 1}', b'\xef\xbb\xbf{"a": {"b": [1, 2',
    b'{"text": "a"}\n{"text": "b"}\n', b'["Gull steals hat", "Bank holds rates"]', b'["Gull"]', b'{"a\\"b": 1}',
]  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_is_no_page_is_refused_by_its_name(name: str) -> None:
    """And what a page is, is said."""
    said = refusal(OTHERS[name])
    assert said.startswith("a page must be HTML, RSS, Atom, MHTML or plain text, got ")
    assert name.lower() in said.lower()


@pytest.mark.parametrize("content", JSONS)
def test_json_is_told_by_how_it_begins(content: bytes) -> None:
    """Also where it is cut off, a list, or lines of it."""
    assert refusal(content).endswith("got JSON")


@pytest.mark.parametrize("name", ["PDF", "PNG", "ZIP", "GIF", "gzip", "JSON", "<opml>", "Rich Text", "JPEG"])
@pytest.mark.parametrize("read", [read_page, read_html, read_text])
@pytest.mark.parametrize("codec", ["latin-1", "utf-8"])
def test_what_was_made_a_string_is_known_still(name: str, read: object, codec: str) -> None:
    """As programs do that decode whatever they have, byte by byte or with replacements."""
    with pytest.raises(PageError, match="got "):
        read(OTHERS[name].decode(codec, "replace"))  # type: ignore[operator]


@pytest.mark.parametrize(
    "lines",
    ["[Exclusive] Gull steals the hat of the mayor", "{ad} Gull steals the hat of the mayor",
     "PKK leader speaks in court",
     "7zip maker dies at 60, family says", "GIF89 turns thirty-seven this week", "“JSON” is a name for boys now",
     '["Gull" steals the hat of the mayor]', "Rar! says the gull to the mayor", "100 % PDF-free offices are coming",
     "[1] Gull steals the hat of the mayor", "Parallel parking is hard, study says", "PAR 1 is what golfers want most"],
)  # fmt: skip
def test_a_text_that_speaks_of_files_is_a_text(lines: str) -> None:
    """What a headline may begin with."""
    assert RUSSIAN in texts(f"{lines}\n\n{RUSSIAN}\n".encode())


def test_a_page_may_be_xml() -> None:
    """XHTML, whole or in part."""
    for root in ("<!DOCTYPE html><html>", "<html xmlns='http://www.w3.org/1999/xhtml'>", "<div>", "<!-- x --><body>"):
        assert texts(f'<?xml version="1.0"?>\n{root}<h1>{RUSSIAN}</h1>'.encode()) == [RUSSIAN]


# on the command line


def test_the_command_reads_a_page_in_its_encoding(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """From a file or stdin; what was guessed, or could not be read, is said beside the verdicts."""
    ask = ("page", "--model", small_model, "--format", "json")
    for content, options, note in (
        (page(RUSSIAN, "<meta charset=windows-1251>").encode("cp1251"), (), ""),
        (page(RUSSIAN).encode("cp1251"), ("--encoding", "windows-1251"), ""),
        (message(HTML), (), ""),
        (f"<rss><item><title>{RUSSIAN}</title></item></rss>".encode(), (), ""),
        (page(RUSSIAN).encode("cp1251"), (), "names no encoding and is not UTF-8: read as windows-1252"),
        (
            page(f"{RUSSIAN}</h1><h1>x").encode() + b"<meta charset=utf-8>\xff",
            (),
            "holds U+FFFD for what could not be read in utf-8: 1",
        ),
    ):
        (tmp_path / "page.html").write_bytes(content)
        for code, out, err in (
            cli(*ask, tmp_path / "page.html", *options),
            cli(*ask, "-", *options, stdin=content),
        ):
            assert code == 0
            assert note in err
            assert bool(note) == bool(err)
            assert (RUSSIAN in json.loads(out)["results"][0]["headline"]) is (note[:5] != "names")


@pytest.mark.parametrize("name", ["PDF", "gzip", "JSON", "binary"])
def test_the_command_names_what_is_no_page(cli: Cli, small_model: Path, tmp_path: Path, name: str) -> None:
    """With the file's name, and exit code 2."""
    (tmp_path / "given").write_bytes(OTHERS[name])
    code, out, err = cli("page", "--model", small_model, tmp_path / "given")
    assert (code, out) == (2, "")
    assert f"{tmp_path / 'given'}: a page must be HTML, RSS, Atom, MHTML or plain text, got " in err
    assert err.count("\n") == 1


def test_the_command_says_what_settles_an_encoding(cli: Cli, small_model: Path) -> None:
    """Text alone is not enough to tell."""
    code, out, err = cli("page", "-", "--model", small_model, stdin=FRENCH.encode("cp1252"))
    assert (code, out) == (2, "")
    assert err.endswith("must be UTF-8 text; byte 3 is not; --encoding names another\n")


@pytest.mark.parametrize("label", ["nonsense", "utf-7", " ", "\N{KELVIN SIGN}oi8-r", "replacement-x"])
def test_a_label_that_is_none_is_refused(cli: Cli, small_model: Path, label: str) -> None:
    """Before the page is read."""
    code, _, err = cli("page", "-", "--model", small_model, "--encoding", label, stdin=b"<h1>x")
    assert code == 2
    assert "an encoding must be one that browsers know, such as windows-1251 or shift_jis, got " in err
