"""Finds the own headline of saved pages beside trafilatura and newspaper4k: python -m benchmarks.pages [--keep FOLDER].

The pages are test data of other projects, as they stand in their source distributions; they are fetched at run time
and never kept here. `pages.csv` says where on each English article page a reader sees its headline (XPath), found by
looking at it. Peers are installed into an environment of their own, for the time of the run.
"""

import csv
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click
from lxml import etree

from benchmarks.timing import print_table, print_title
from model.pages import PageHeadline, open_page, read_html
from model.pages.likeness import is_same, likeness

SOURCES = ("trafilatura==1.0.0", "htmldate==1.4.0", "mediacloud-metadata==2.1.0")
PEERS = ("trafilatura==2.3.1", "newspaper4k==0.9.6")
KNOWN = Path(__file__).with_suffix(".csv")
PEER = Path(__file__).with_name("page_peers.py")
_ALIKE = 0.8  # of the words: a publisher's name is left on, or a mark is another


@dataclass
class Figures:
    """What one reader did on all pages: how often it found the headline, and the milliseconds of each."""

    found: int = 0
    first: int = 0
    exact: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def add(self, known: str, answers: Sequence[str], seconds: float) -> None:
        """Count a page's answers, best first."""
        self.found += any(_is_alike(known, answer) for answer in answers)
        self.first += bool(answers) and _is_alike(known, answers[0])
        self.exact += bool(answers) and is_same(known, answers[0])
        self.milliseconds.append(1000 * seconds)

    def row(self, name: str) -> list[str]:
        """The reader's line of the table."""
        pages = len(self.milliseconds)
        shares = [f"{100 * count / pages:.1f} %" for count in (self.found, self.first, self.exact)]
        return [name, *shares, f"{median(self.milliseconds):.0f}", f"{max(self.milliseconds):.0f}"]


@click.command()
@click.option("--keep", type=click.Path(path_type=Path), help="A folder for the pages and the peers. Default: none.")
@click.option("--missed", is_flag=True, help="Name the pages whose headline Broadsheet does not give first.")
def main(keep: Path | None, missed: bool) -> None:
    """Print how often each finds a page's own headline, and milliseconds a page."""
    with TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        python = _environment(folder)
        figures = {name: Figures() for name in ("Broadsheet", "trafilatura", "newspaper4k")}
        with subprocess.Popen([python, PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peers:
            for page, known, document in _pages(_fetched(folder, python), folder):
                found, seconds = _timed(read_html, document)
                figures["Broadsheet"].add(known, [one.text for one in found], seconds)
                if missed and not (found and found[0].role == "own" and is_same(known, found[0].text)):
                    click.echo(page)
                for name, (answer, taken) in _asked(peers, document, folder / "page.html").items():
                    figures[name].add(known, [answer], taken)
    print_title(
        "Pages: the own headline",
        f"Of {len(figures['Broadsheet'].milliseconds)} English article pages in {', '.join(SOURCES)}; peers are "
        f"{', '.join(PEERS)}. Found anywhere; given first; first and letter for letter as readers see it.",
    )
    print_table(
        ["reader", "found", "first", "as printed", "ms, median", "ms, most"], [f.row(n) for n, f in figures.items()]
    )


def _environment(folder: Path) -> Path:
    """Give the interpreter of an environment with the peers, made if it is not there."""
    python = folder / "peers" / "bin" / "python"
    if not python.exists():
        _run(sys.executable, "-m", "venv", folder / "peers")
        _run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip")
        _run(python, "-m", "pip", "install", "--quiet", *PEERS)
    return python


def _fetched(folder: Path, python: Path) -> Path:
    """Give a folder of the source distributions, downloaded if they are not there."""
    archives = folder / "archives"
    if not archives.is_dir():
        names = ",".join(source.partition("=")[0] for source in SOURCES)
        _run(
            python, "-m", "pip", "download", "--quiet", "--no-binary", names, "--no-deps", "--dest", archives, *SOURCES
        )
    return archives


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True)


def _pages(archives: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Each page of the list with its headline, as its place on the page has it, and the page as text."""
    for archive in sorted(archives.glob("*.tar.gz")):
        with tarfile.open(archive) as packed:
            packed.extractall(folder / "pages", filter="data")
    with KNOWN.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            document = open_page((folder / "pages" / row["page"]).read_bytes()).text
            yield row["page"], _at(row["headline"], document), document


def _at(place: str, document: str) -> str:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    (found, *_) = etree.fromstring(document.encode("utf-8", "replace"), parser).xpath(place)
    text = found if isinstance(found, str) else "".join(found.itertext())
    return " ".join(text.split())


def _timed(read: Callable[[str], list[PageHeadline]], document: str) -> tuple[list[PageHeadline], float]:
    started = time.process_time()
    found = read(document)
    return found, time.process_time() - started


def _asked(peers: "subprocess.Popen[str]", document: str, path: Path) -> dict[str, tuple[str, float]]:
    """What the peers say of a page."""
    if peers.stdin is None or peers.stdout is None:
        raise RuntimeError("the peers have no pipes")
    path.write_text(document, encoding="utf-8", errors="replace")
    print(path, file=peers.stdin, flush=True)
    return {name: (answer, seconds) for name, (answer, seconds) in json.loads(peers.stdout.readline()).items()}


def _is_alike(known: str, answer: str) -> bool:
    return is_same(known, answer) or likeness(known, answer) >= _ALIKE


if __name__ == "__main__":
    main()
