"""Finds the headline of each page that stdin names with trafilatura and newspaper4k, where both are installed."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from newspaper import Article  # type: ignore[import-not-found]
from trafilatura import extract_metadata  # type: ignore[import-not-found]


def by_trafilatura(document: str) -> str:
    """The title in its metadata."""
    found = extract_metadata(document)
    return str(found.title or "") if found else ""


def by_newspaper(document: str) -> str:
    """The title of the article, of which nothing is fetched."""
    article = Article("https://page.example/story", fetch_images=False)
    article.download(input_html=document)
    article.parse()
    return str(article.title or "")


def measured(find: Callable[[str], str], document: str) -> tuple[str, float]:
    """What was found, nothing if it failed, and the seconds that it took."""
    started = time.process_time()
    try:
        found = find(document)
    except Exception:  # noqa: BLE001  # whatever it is, it found no headline
        found = ""
    return found, time.process_time() - started


for line in sys.stdin:
    page = Path(line.strip()).read_text(encoding="utf-8")
    answers = {"trafilatura": measured(by_trafilatura, page), "newspaper4k": measured(by_newspaper, page)}
    print(json.dumps(answers), flush=True)
