"""Options that several commands share, and what they name."""

import codecs
import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeVar

import click

from model.errors import BroadsheetError
from model.judgement import AXES

if TYPE_CHECKING:
    from model.scorer import Scorer
    from model.tables.lines import Form

KINDS = ("csv", "csv.gz", "tsv", "tsv.gz", "jsonl", "parquet", "txt")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/|//[a-z]|www\.", re.IGNORECASE)  # one of a letter is a drive
Command = TypeVar("Command", bound=Callable[..., object])


class LocalPath(click.Path):
    """A file on this machine; an address is refused with what to do instead: nothing is ever fetched."""

    def __init__(self, piped: str = "", *, written: bool = False) -> None:
        """Take how the command reads a pipe, if it does, or that it writes the file."""
        super().__init__(path_type=Path)
        self._piped, self._written = piped, written

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Give the path."""
        if isinstance(value, str) and _ADDRESS.match(value) and not Path(value).exists():
            if self._written:
                self.fail(f"expected a name on this machine, got the address {value}", param, ctx)
            kind = next((one for one in sorted(KINDS, key=len)[::-1] if value.lower().endswith(f".{one}")), "csv")
            piped = self._piped.replace("KIND", kind)
            pipe = f", or pipe it: curl -s {quote(value)} | {piped}" if piped else ""
            self.fail(f"an address cannot be fetched: save what is there and give its file{pipe}", param, ctx)
        return super().convert(value, param, ctx)


model_option = click.option(
    "--model",
    metavar="DIR|VERSION",
    help="A model folder, or a version in the store BROADSHEET_MODELS. Default: the store's current version, or the "
    "model that comes with Broadsheet.",
)
format_option = click.option(
    "--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
explain_option = click.option("--explain", is_flag=True, help="Show which words speak for which axis.")


def _axes(_context: click.Context, _option: click.Parameter, value: str) -> frozenset[str]:
    axes = frozenset(filter(None, value.split(",")))
    if not axes <= set(AXES):
        raise click.BadParameter(f"expected {' and/or '.join(AXES)}, separated by a comma, got {value!r}")
    return axes


fail_on_option = click.option(
    "--fail-on",
    metavar="AXES",
    default="",
    callback=_axes,
    help="Exit with 1 if a headline is flagged so, e.g. sensational,clickbait.",
)

for_spreadsheet_option = click.option(
    "--for-spreadsheet",
    is_flag=True,
    help="Write cells that begin with = + - @, a tab or a line end with an apostrophe before them, which a spreadsheet "
    "shows as text; a byte order mark, by which it knows UTF-8; and in .csv semicolons if the input has them.",
)

data_option = click.option(
    "--data",
    "paths",
    type=LocalPath(),
    multiple=True,
    required=True,
    metavar="FILE",
    help="Labelled headlines; may be given several times.",
)


def _words(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    from training.labels import TIERS, word_of

    words: dict[str, str] = {}
    for pair in ",".join(values).split(",") if values else ():
        word, _, tier = (part.strip() for part in pair.rpartition("="))
        word, tier = word_of(word), tier.casefold()
        if not word or tier not in TIERS:
            raise click.BadParameter(
                f"expected WORD=LABEL with a label of {', '.join(TIERS)}, such as fake=sensational,real=measured, "
                f"got {pair!r}"
            )
        if words.setdefault(word, tier) != tier:
            raise click.BadParameter(f"expected one label for each word, got {words[word]} and {tier} for {word!r}")
    return words


def naming_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command that reads labelled headlines be told what their columns and labels are called: `naming`."""

    @click.option("--text-column", metavar="NAME", default="text", show_default=True, help="Where the headlines stand.")
    @click.option(
        "--label-column", metavar="NAME", help="Where the labels stand; no other column is then read for them."
    )
    @click.option(
        "--publisher-column", metavar="NAME", default="publisher", show_default=True, help="Who printed them."
    )
    @click.option(
        "--map",
        "label_words",
        multiple=True,
        callback=_words,
        metavar="WORD=LABEL,...",
        help="What the words of the label column mean, e.g. fake=sensational,real=measured.",
    )
    @wraps(command)
    def named(
        *args: Any,
        text_column: str,
        label_column: str | None,
        publisher_column: str,
        label_words: dict[str, str],
        **others: Any,
    ) -> Any:
        from training.labels import Naming

        return command(*args, naming=Naming(text_column, label_column, publisher_column, label_words), **others)

    return named


DATA_KINDS = """A FILE is .csv, .tsv, either with .gz, .jsonl or .parquet with a column `text` and one of:
`sensational_mean` or `clickbait_mean` (readers' ratings, 0-1; with raters), `label` or `tier` (measured, sensational,
clickbait), `sensational` or `clickbait` (0 or 1, true or false, yes or no); and, if there, publisher, date, category,
weight. Also read: Stop Clickbait's clickbait_data and non_clickbait_data, and a folder of Webis-17 with
instances.jsonl and truth.jsonl."""


def _encoding(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        "a".encode(value)  # refuses what is a codec but not of text, such as rot13
        return codecs.lookup(value).name
    except (LookupError, ValueError) as error:
        raise click.BadParameter(f"expected an encoding such as windows-1252 or utf-16, got {value!r}") from error


def _delimiter(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    mark = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";"}.get(value or "", value)
    if mark is not None and (len(mark) != 1 or mark in '"\r\n\0 ' or "\ud800" <= mark <= "\udfff"):
        raise click.BadParameter(f"expected one character, such as ';', or tab, got {value!r}")
    return mark


def form_options(command: Command) -> Command:
    """Add what somebody may say of a file that it does not say itself; `form_of` takes it."""
    for option in (
        click.option(
            "--no-header",
            is_flag=True,
            help="The first line of CSV is a row; columns are text, or 1, 2, 3 where several.",
        ),
        click.option(
            "--delimiter",
            callback=_delimiter,
            metavar="CHAR",
            help="What separates cells of CSV. Default: what it looks like.",
        ),
        click.option(
            "--encoding", callback=_encoding, metavar="NAME", help="Default: what a byte order mark says, else utf-8."
        ),
        click.option(
            "--input-format",
            type=click.Choice(KINDS),
            help="What the file holds. Default: what its suffix says.",
        ),
    ):
        command = option(command)
    return command


def form_of(input_format: str | None, encoding: str | None, delimiter: str | None, no_header: bool) -> "Form":
    """Give what the options say of a file."""
    from model.tables.lines import Form

    return Form(input_format, encoding, delimiter, not no_header)


def labelled_form_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command that reads labelled headlines from `paths`, and `tests`, be told of their form: `form`."""

    @form_options
    @wraps(command)
    def told(
        *args: Any,
        input_format: str | None,
        encoding: str | None,
        delimiter: str | None,
        no_header: bool,
        **others: Any,
    ) -> Any:
        from training.readers import require_use

        form = form_of(input_format, encoding, delimiter, no_header)
        require_use(form, [*others["paths"], *others.get("tests", ())])
        return command(*args, form=form, **others)

    return told


def load_scorer(model: str | None) -> "Scorer":
    """Load what `--model` names, or the default."""
    from model.scorer import Scorer

    return Scorer.load(model_folder(model))


def model_folder(model: str | None) -> Path:
    """Give the folder of what `--model` names, or of the default."""
    from model.store import find_model, store_of_environment

    return find_model(model, store_of_environment())


def decoded(content: bytes, name: str, error_type: type[BroadsheetError], done: int = 0) -> str:
    """Decode UTF-8; raise an `error_type` that names the place of a byte that is not, `done` bytes before included."""
    try:
        return content.decode("utf-8" if done else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise error_type(f"{name} must be UTF-8 text; byte {done + error.start} is not") from error
