"""Where text leaves for people: stdout and stderr, filtered, and there even where whoever started us closed them."""

import os
import sys

import click

from model.plain import escaped, plain_cells, plain_lines


def say(text: object, *, err: bool = False, nl: bool = True) -> None:
    """Print for people, with nothing in it that steers a terminal; what stderr does not take is lost."""
    try:
        click.echo(plain_lines(str(text)), err=err, nl=nl)
    except OSError:
        if not err:
            raise


def say_csv(text: str) -> None:
    """Print CSV, filtered as well: exact cells are what --output writes. A terminal would go back at a return."""
    say(text, nl=False) if sys.stdout.isatty() else click.echo(plain_cells(text), nl=False)


def say_json(text: str) -> None:
    """Print JSON: exactly the data, in characters that steer no terminal."""
    click.echo(escaped(text))


def open_streams() -> None:
    """Give a closed stdin, stdout or stderr an end, before a file that is opened takes its number.

    stdin is empty then. Writing to stdout fails as it does for other programs; what stderr is told is lost.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # takes the lowest number that is free: this one
    sys.stdin = sys.stdin or open(0, closefd=False, encoding="utf-8")  # noqa: SIM115  # open until the end
    sys.stdout = sys.stdout or open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115


def give_up_stdout() -> None:
    """Spare Python its own attempt to write what is left, at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
