"""Where text leaves for people: stdout and stderr, filtered, and there even where whoever started us closed them."""

import codecs
import io
import json
import os
import re
import sys

import click

from model.plain import escaped, plain_cells, plain_lines

_NOT_ASCII = re.compile("[^\x00-\x7f]")


def say(text: object, *, err: bool = False, nl: bool = True) -> None:
    """Print for people, with nothing in it that steers a terminal; what stderr does not take is lost."""
    try:
        # click would write UTF-8 to a stream of ASCII unless it is told the stream
        click.echo(plain_lines(str(text)), file=sys.stderr if err else sys.stdout, nl=nl)
    except OSError:
        if not err:
            raise


def say_csv(text: str, *, for_spreadsheet: bool = False) -> None:
    """Print CSV, filtered as well: exact cells are what --output writes. A terminal would go back at a return.

    What a spreadsheet is to open begins with a byte order mark, where stdout is a file or a pipe of UTF-8.
    """
    if for_spreadsheet and not sys.stdout.isatty() and codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8":
        text = f"\ufeff{text}"
    say(text, nl=False) if sys.stdout.isatty() else click.echo(plain_cells(text), sys.stdout, nl=False)


def say_json(text: str) -> None:
    """Print JSON: exactly the data, in characters that steer no terminal and that stdout has."""
    text = escaped(text)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)
    click.echo(text, sys.stdout)


def open_streams() -> None:
    """Give a closed stdin, stdout or stderr an end, before a file that is opened takes its number.

    stdin is empty then. Writing to stdout fails as it does for other programs; what stderr is told is lost. A character
    that the encoding of a stream lacks is replaced.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # takes the lowest number that is free: this one
    sys.stdin = sys.stdin or open(0, closefd=False, encoding="utf-8")  # noqa: SIM115  # open until the end
    sys.stdout = sys.stdout or open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
            stream.reconfigure(errors="replace")


def give_up_stdout() -> None:
    """Spare Python its own attempt to write what is left, at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
