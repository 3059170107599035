"""The `broadsheet` command: finds each subcommand, and turns errors into one line and an exit code."""

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import click

from broadsheet.shown.terminal import give_up_stdout, open_streams, say
from model.errors import BroadsheetError, RefusedError
from model.plain import message


def _score() -> click.Command:
    from broadsheet.commands.score import score

    return score


def _page() -> click.Command:
    from broadsheet.commands.page import page

    return page


def _models() -> click.Command:
    from broadsheet.commands.models import models

    return models


def _train() -> click.Command:
    from broadsheet.commands.train import train

    return train


def _evaluate() -> click.Command:
    from broadsheet.commands.evaluate import evaluate

    return evaluate


def _data() -> click.Command:
    from broadsheet.commands.data import data

    return data


def _serve() -> click.Command:
    from broadsheet.commands.serve import serve

    return serve


def _key() -> click.Command:
    from broadsheet.commands.serve import key

    return key


# name: (what imports it, its line in the help), so that help and one command's run import nothing of the others, and
# yet no import hides in a string
COMMANDS: dict[str, tuple[Callable[[], click.Command], str]] = {
    "score": (_score, "Judge headlines: arguments, lines on stdin, or a file."),
    "page": (_page, "Judge every headline on a saved page: HTML, MHTML, text, RSS or Atom."),
    "models": (_models, "List, look at, promote and roll back models."),
    "train": (_train, "Learn a candidate model from labelled headlines."),
    "evaluate": (_evaluate, "Measure a model on labelled headlines."),
    "data": (_data, "Look at labelled headlines before learning from them."),
    "serve": (_serve, "Answer over HTTP."),
    "key": (_key, "Make a key for callers of the service."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Give the commands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import a command, or give nothing for an unknown name."""
        return COMMANDS[cmd_name][0]() if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="broadsheet", message="%(prog)s %(version)s")
def broadsheet() -> None:
    """Tell measured news headlines from sensational and clickbait ones, say why, and say how sure.

    \b
    broadsheet score "Minister defends budget as vote nears"
    broadsheet page front-page.html --explain
    broadsheet serve

    Exit codes: 0 done, 1 a check said no, 2 bad usage or bad input.
    """


def main() -> NoReturn:
    """Run the command line and leave with its exit code."""
    _leave_cleanly()
    open_streams()
    try:
        # not `broadsheet.main`, which ends with 1 on a closed pipe and prints an empty line on Ctrl-C
        with broadsheet.make_context("broadsheet", sys.argv[1:]) as context:
            result = broadsheet.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        _leave(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        _leave(0, error.format_message())
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "broadsheet"
        _refuse(f"{error.format_message()} (see: {where} --help)")
    except click.ClickException as error:
        _refuse(error.format_message())
    except RefusedError as error:
        _refuse(str(error), 1)
    except BroadsheetError as error:
        _refuse(str(error))
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        give_up_stdout()
        sys.exit(0)
    except OSError as error:
        _refuse_output(error)
    except (KeyboardInterrupt, click.Abort):
        say("stopped; nothing half-written was left", err=True)
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)


def _leave_cleanly() -> None:
    """Leave by an exception where the process is told to end, so that unfinished output is removed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # which nohup asks for
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))


def _leave(code: int, text: str = "") -> NoReturn:
    """End after what was asked was printed, such as the help, if it could be."""
    try:
        if text:
            say(text)
        sys.stdout.flush()
    except OSError as error:
        _refuse_output(error)
    sys.exit(code)


def _refuse_output(error: OSError) -> NoReturn:
    """Say that something cannot be written: stdout, unless the error names a file that was not met before."""
    give_up_stdout()
    if error.filename is not None:
        _refuse(f"{os.fsdecode(error.filename)}: {error.strerror}")
    _refuse(f"the output cannot be written: {error.strerror or error}")


def _refuse(text: str, code: int = 2) -> NoReturn:
    say(f"Error: {message(text)}", err=True)
    sys.exit(code)
