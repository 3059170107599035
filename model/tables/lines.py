"""Lines of text from bytes, in the encoding that they are certainly in, or that somebody names."""

import codecs
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from model.errors import TableError

LONGEST_ROW = 1_000_000  # characters: a row of empty lists takes a hundred times that in memory; a headline has 500
_HEAD = 4096  # bytes by which an encoding shows itself
_AT_ONCE = 1 << 16
_MARKS = (  # of UTF-32 before UTF-16, whose mark it begins with
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody says of a file that it does not say itself; whoever gives one can be told of the options."""

    kind: str | None = None  # a suffix without its dot
    encoding: str | None = None
    delimiter: str | None = None
    header: bool = True


@dataclass(slots=True)
class Taken:
    """What reading has met: characters of the row at hand, which whoever is done with it sets to 0, and CSV's form."""

    characters: int = 0
    empty: int = 0  # rows of nothing, which count if another follows
    delimiter: str = ","


def lines_of(raw: IO[bytes]) -> Iterator[str]:
    """Give the lines of text; raise `TableError` for one that is too long."""
    taken = Taken()
    for line in counted(decoded_lines(raw), taken):
        yield line
        taken.characters = 0


def filled_lines(raw: IO[bytes], taken: Taken, form: Form | None) -> Iterator[str]:
    """Give the lines that are not blank."""
    for line in counted(decoded_lines(raw, form), taken):
        if line.isspace():
            taken.characters = 0
        else:
            yield line


def counted(lines: Iterable[str], taken: Taken) -> Iterator[str]:
    """Count what a row takes; raise `TableError` for one that is too long, before it is in memory."""
    for line in lines:
        taken.characters += len(line)
        if taken.characters > LONGEST_ROW:
            raise TableError(f"a row must have at most {LONGEST_ROW:,} characters")
        yield line


def decoded_lines(raw: IO[bytes], form: Form | None = None, newline: str | None = None) -> Iterator[str]:
    """Give lines, or parts of those that are too long, and leave `raw` open: who opened it closes it.

    They are UTF-8, or what a byte order mark or `form` says. Raises `TableError` for bytes that are not.
    """
    head = raw.read(_HEAD)
    encoding = (form and form.encoding) or _encoding_of(head, form)
    source = _InUtf8(head, raw, encoding)
    text = io.TextIOWrapper(source, encoding="utf-8", errors="surrogatepass", newline=newline)  # type: ignore[type-var]
    try:
        line = text.readline(LONGEST_ROW + 1).removeprefix("\ufeff")
        while line:
            yield line
            line = text.readline(LONGEST_ROW + 1)
    except UnicodeError as error:
        raise TableError(_not_text(error, encoding, form)) from error
    finally:
        with suppress(ValueError):  # it is closed already
            text.detach()


def _encoding_of(head: bytes, form: Form | None) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if len(head) / 4 <= head.count(0) <= len(head) * 0.8 and len(head) > 1:
        width = "utf-32" if head.count(0) > len(head) * 0.6 else "utf-16"
        found = f"{width}-{'be' if head[0] == 0 else 'le'}"
        option = f"; name it, such as --encoding {found}" if form else ""
        raise TableError(f"not UTF-8 text, but NUL bytes as in {found} without a byte order mark{option}")
    return "utf-8"


def _not_text(error: UnicodeError, encoding: str, form: Form | None) -> str:
    name = "UTF-8" if encoding.startswith("utf-8") else encoding
    seen = f"byte {error.object[error.start]:#04x}" if isinstance(error, UnicodeDecodeError) else str(error)
    option = ""
    if form and not form.encoding:
        option = "; name its encoding: files from Windows are often --encoding windows-1252"
    elif form:
        option = ", as --encoding says that it is"
    return f"not {name} text ({seen}){option}"


class _InUtf8(io.BufferedIOBase):
    """A stream of which the head has been read, in UTF-8: what stands before a fault is given before it is raised."""

    def __init__(self, head: bytes, rest: IO[bytes], encoding: str) -> None:
        self._head = head
        self._rest = rest
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._fault: UnicodeError | None = None
        self._is_done = False

    def readable(self) -> bool:
        return True

    def read1(self, _size: int = -1) -> bytes:
        text = ""
        while not text and not self._is_done:
            if self._fault:
                raise self._fault
            part = self._head or self._rest.read(_AT_ONCE)
            self._head = b""
            self._is_done = not part
            text = self._decoded(part)
        return text.encode("utf-8", "surrogatepass")

    def _decoded(self, part: bytes) -> str:
        try:
            return self._decoder.decode(part, final=not part)
        except UnicodeError as error:
            self._fault, self._is_done = error, False
            if not isinstance(error, UnicodeDecodeError):
                return ""
            waiting = len(error.object) - len(part)  # bytes of a character that an earlier part began
            return self._decoder.decode(part[: max(0, error.start - waiting)])
