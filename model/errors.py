"""How Broadsheet says no, so that one place in each face maps it to exit codes and HTTP."""

from model.plain import plain


class BroadsheetError(ValueError):
    """Bad input, said in one line that names the accepted form; `code` is stable, for programs.

    What it quotes, such as the name of a file, steers no terminal, in a log either.
    """

    code = "bad-input"

    def __str__(self) -> str:
        return plain(super().__str__())


class HeadlineError(BroadsheetError):
    """A headline is not text of the accepted length."""

    code = "bad-headline"


class TableError(BroadsheetError):
    """A file of headlines cannot be read, lacks a column, or is of an unknown kind."""

    code = "bad-table"


class LabelError(BroadsheetError):
    """A label is none of the known ones, or the labels given cannot be learned from."""

    code = "bad-label"


class ArtefactError(BroadsheetError):
    """A model folder is missing, damaged, or written by a newer Broadsheet."""

    code = "bad-model"


class StoreError(BroadsheetError):
    """The store of models lacks what was asked of it."""

    code = "bad-store"


class PageError(BroadsheetError):
    """A saved page cannot be read or is not text."""

    code = "bad-page"


class PageEncodingError(PageError):
    """A page's encoding cannot be told; whoever knows it may say it."""


class PageTooLargeError(PageError):
    """A page holds more of something than is read in bounded time; the text names the limit."""

    code = "page-too-large"


class RefusedError(BroadsheetError):
    """A check said no: what was asked for is well formed, but is not done. The command line ends with 1."""

    code = "refused"
