"""Measures the copy desk in a browser, and takes the pictures of docs/pictures.

python -m benchmarks.desk [--pictures FOLDER]; needs Chromium.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from model.artefact import DEFAULT
from model.scorer import Scorer
from service.openapi import ASSETS
from tests.browsing import PASTE, browsing
from tests.servers import Server, starting

LINE = "{} council {} plan for new {} in district {}"
REWRITTEN = (
    "Sobbing mum slams ‘heartless’ council over WRONG bus… and you won’t BELIEVE what it did next",
    "Furious mum slams ‘heartless’ council over WRONG bus that left pupils at roadside",
    "Mum slams ‘heartless’ council after WRONG bus leaves pupils at roadside",
)
FRONT = (
    "Council approves budget for new library after long debate",
    "Sobbing bride’s fury as cruise ship dumps wedding guests on WRONG island",
    "Central bank holds interest rates as inflation slows for third month",
    "11 things in your kitchen a chef would never, ever own",
    "River levels fall to lowest point in a decade, survey finds",
    "You’ll never guess what this man found behind his fridge",
    "Minister resigns over delayed flood report",
    "Hospital to open second ward for stroke patients in March",
    "Bank holds rates",
    "Is this the end of the high street as we know it?",
    "Horror as crazed swan terrorises toddlers at boating lake",
    "Farmers’ union and ministry agree on terms for drought aid",
)
# From an input event until a frame that shows a verdict in every row has been painted.
PAINTED = """(key) => new Promise((done) => {
  const text = document.getElementById('text'), began = performance.now();
  const look = () => {
    const rows = [...document.querySelectorAll('tbody tr')];
    const fresh = rows.length === 200 && rows.at(-1).cells[0].textContent.endsWith(key.split('\\n').at(-1))
      && rows.every((row) => row.cells.length === 5);
    if (!fresh) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  };
  text.value += key;
  text.dispatchEvent(new Event('input'));
  look();
})"""
LONGEST_TASK = """() => { window.longest = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { longest = Math.max(longest, one.duration); }))
    .observe({ type: 'longtask' }); }"""


def lines(count: int, seed: str) -> str:
    """Give so many different headlines, one a line."""
    return "\n".join(
        LINE.format(seed, ("approves", "rejects")[n % 2], ("school", "road", "pool")[n % 3], n) for n in range(count)
    )


def pasted(page: Page) -> list[float]:
    """Give the milliseconds from a paste of 200 new lines until all are painted, of 15 pastes."""
    found = []
    for n in range(15):
        page.evaluate("() => { document.getElementById('text').value = ''; }")
        found.append(float(page.evaluate(PAINTED, lines(200, f"City{n}"))))
        page.wait_for_timeout(400)
    return found


def typed(page: Page) -> list[float]:
    """Give the milliseconds from a key at the end of 200 lines until all are painted, of 30 keys."""
    found = []
    for n in range(30):
        found.append(float(page.evaluate(PAINTED, "abcdefghij"[n % 10])))
        page.wait_for_timeout(150)
    return found


def longest_task(page: Page) -> float:
    """Give the longest that the page was busy while 5,000 pasted lines were judged, ms."""
    page.evaluate(LONGEST_TASK)
    page.locator("#text").evaluate(PASTE, lines(5000, "Town"))
    page.wait_for_function("() => document.querySelector('#counted')?.textContent.includes('of 5000 ')")
    page.wait_for_timeout(3000)
    return float(page.evaluate("longest"))


def evidence() -> list[float]:
    """Give the milliseconds that 30 headlines with their evidence take, of 200 tries, in process."""
    from service.verdicts import written

    scorer = Scorer.load(DEFAULT)
    headlines = [*FRONT, *FRONT, *FRONT][:30]
    found = []
    for _ in range(200):
        began = time.perf_counter()
        written(
            scorer.version,
            headlines,
            lambda some: scorer.judge_each(some, explain=True),
            lambda _, said: said,
            explain=True,
        )
        found.append(1000 * (time.perf_counter() - began))
    return found


def weight(server: Server) -> int:
    """Give the bytes of the page and all that it loads."""
    html = server.ask("GET", "/", headers={"Accept": "text/html"})[2]
    return len(html.encode()) + sum(len(server.ask("GET", path)[2].encode()) for path in ASSETS)


def pictures(browser: Browser, address: str, folder: Path) -> None:
    """Take every view, phone and desktop, light and dark, in 128 colours."""
    from PIL import Image

    for scheme in ("light", "dark"):
        for name, width in (("desktop", 1100), ("phone", 390)):
            page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            for view, path, texts in (
                ("headline", "/", REWRITTEN),
                ("list", "/", ("\n".join(FRONT),)),
                ("about", "/about", ()),
            ):
                page.goto(address + path)
                for text in texts:
                    page.locator("#text").fill(text)
                    page.wait_for_timeout(1500)
                page.evaluate("document.activeElement.blur()")
                taken = folder / f"desk-{view}-{name}-{scheme}.png"
                page.screenshot(path=taken, full_page=view != "about")
                Image.open(taken).convert("RGB").quantize(128).save(taken, optimize=True)
            page.close()


def main() -> None:
    """Print the table, or take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, starting(Path(folder)) as begin, browsing() as browser:
        server = begin(BROADSHEET_RATE_LIMIT="off")
        address = f"http://127.0.0.1:{server.port}"
        if asked.pictures:
            pictures(browser, address, asked.pictures)
            return
        page = browser.new_page()
        page.goto(address)
        rows = [("200 lines pasted, until all are painted", pasted(page)), ("a key behind 200 lines", typed(page))]
        rows.append(("30 headlines with evidence, in the service", evidence()))
        print("| what | median ms | worst ms |\n|---|---|---|")
        for what, found in rows:
            print(f"| {what} | {statistics.median(found):.1f} | {max(found):.1f} |")
        print(f"\nlongest task while 5,000 lines are judged: {longest_task(page):.0f} ms")
        print(f"page and all that it loads: {weight(server):,} bytes")


if __name__ == "__main__":
    main()
