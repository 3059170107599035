"""The copy desk in a browser: what an editor sees while typing, pasting, sorting and leaving, by mouse and keyboard.

After every test: no request went beyond the service, nothing was written to the console, no script of a headline ran.
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Request, Route, expect

from model.artefact import DEFAULT
from model.judgement import Judgement
from model.scorer import Scorer
from service.access import digest_of
from service.desk.pasted import pasted
from service.desk.presets import presets_of
from service.desk.readings import by_preset
from service.desk.reasons import marks_of
from tests.browsing import PASTE, axe_core, browsing, chromium
from tests.servers import Server, starting

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
LOUD = "Sobbing mum slams ‘heartless’ council over WRONG bus… and you won’t BELIEVE what it did next"
PLAIN = "Council approves budget for new library after a long debate"
LISTED = [
    PLAIN,
    LOUD,
    "11 things in your kitchen a chef would never, ever own",
    "River levels fall to lowest point in a decade, survey finds",
    "Minister resigns over delayed flood report",
    "Horror as crazed swan terrorises toddlers at boating lake",
    "Bank holds rates",
]
ODD = {
    "emoji": "😀😀 Sobbing mum slams WRONG bus… 👩‍👩‍👧‍👦 and you won’t BELIEVE what it did",
    "combining accents": "Cafe\u0301 owner\u0301 slams WRONG custome\u0301r… you won’t BELIEVE the re\u0301sult",
    "right-to-left": "مجلس slams WRONG bus… שלום and you won’t BELIEVE what it did next",
    "old letters": "𝔖candal 𒀀 as furious mum slams WRONG bus and you won’t BELIEVE it",
    "bidi controls": "Furious \u202emum slams\u202c WRONG bus… \u2066you won’t\u2069 BELIEVE what it did",
}
MARKED = """() => [...CSS.highlights].flatMap(([name, ranges]) => [...ranges].map(
  (range) => [name, range.startContainer.data.slice(range.startOffset, range.endOffset)]))"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service, with the default model."""
    with starting(tmp_path_factory.mktemp("desk")) as begin:
        yield begin(BROADSHEET_RATE_LIMIT="off")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    if not chromium():
        pytest.skip("needs Chromium (Debian's package chromium), which shows the page")
    with browsing() as begun:
        yield begun


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    """The default model."""
    return Scorer.load(DEFAULT)


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core's script."""
    if not shutil.which("npm"):
        pytest.skip("needs npm (Debian's package npm), which fetches axe-core")
    return axe_core(tmp_path_factory.mktemp("axe"))


Open = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, desk: Server) -> Iterator[Open]:
    """Open the desk: `visit("#fragment", java_script_enabled=False)`."""
    contexts: list[BrowserContext] = []
    asked: list[Request] = []
    said: list[str] = []

    def opened(fragment: str = "", path: str = "/", server: Server = desk, before: str = "", **options: Any) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(30_000)
        if before:
            page.add_init_script(before)
        contexts[-1].on("request", lambda one: asked.append(one))  # noqa: PLW0108  # Playwright marks what it is given
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(f"http://127.0.0.1:{server.port}{path}{fragment}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert asked
    beyond = [one.url for one in asked if not one.url.startswith(("http://127.0.0.1:", "blob:http://127.0.0.1:"))]
    assert beyond == []
    assert [one for one in said if not one.startswith("Failed to load resource")] == []  # of an answer that is none


def written(page: Page, text: str) -> None:
    """Put text into the field; as a paste what is so large that Chromium would take minutes for it by itself."""
    if len(text) < 20_000:
        page.locator("#text").fill(text)
    else:
        page.locator("#text").evaluate(PASTE, text)
        assert page.locator("#text").input_value() == text


def reading(page: Page, headline: str) -> None:
    """Wait for the verdict on a headline."""
    expect(page.locator(".reading h2")).to_have_text(headline)


def listed(page: Page, count: int) -> list[list[str]]:
    """Wait for the verdicts on so many headlines; give the rows."""
    expect(page.locator("#counted")).to_contain_text(f" of {count} sensational")
    expect(page.locator("tbody tr", has_text="…").filter(has=page.locator("td[colspan]"))).to_have_count(0)
    rows = page.locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText))")
    return [[str(cell) for cell in row] for row in rows]


def test_a_headline_is_judged_while_it_is_typed(visit: Open, scorer: Scorer) -> None:
    """No button; the verdict is that of what stands there now."""
    page = visit()
    page.locator("#text").press_sequentially(LOUD, delay=5)
    reading(page, LOUD)
    (verdict,) = scorer.judge([LOUD])
    assert page.locator(".reading").get_attribute("data-quality") == str(verdict.quality)
    expect(page.locator(".reading .verdict")).to_have_text(verdict.label.capitalize())
    expect(page.locator("#judge")).to_be_hidden()
    written(page, "")
    expect(page.locator(".reading")).to_have_count(0)


@pytest.mark.parametrize("name", sorted(ODD))
def test_marks_stand_on_their_words_whatever_the_script(visit: Open, scorer: Scorer, name: str) -> None:
    """Python counts characters, a browser UTF-16 units; both ways of marking mark the same words."""
    headline = ODD[name]
    expected = sorted([mark, headline[start:end]] for start, end, mark in marks_of(scorer.explain(headline)))
    assert len(expected) > 2
    page = visit()
    written(page, headline)
    reading(page, headline)
    assert sorted(page.evaluate(MARKED)) == expected
    assert page.locator("#result mark").count() == 0
    plain = visit(before="delete globalThis.Highlight")
    written(plain, headline)
    reading(plain, headline)
    found = plain.locator("#result mark").evaluate_all("marks => marks.map(mark => [mark.className, mark.textContent])")
    assert sorted(found) == expected


def test_marks_of_a_list_are_those_of_single_headlines(visit: Open, scorer: Scorer) -> None:
    """And none is left behind by what was there before."""
    page = visit()
    written(page, LOUD)
    reading(page, LOUD)
    lines = [*ODD.values(), PLAIN]
    written(page, "\n".join(lines))
    listed(page, len(lines))
    expected = sorted([m, line[a:b]] for line in lines for a, b, m in marks_of(scorer.explain(line)))
    page.wait_for_function(f"() => ({MARKED})().length === {len(expected)}")
    assert sorted(page.evaluate(MARKED)) == expected
    written(page, "")
    page.wait_for_function(f"() => ({MARKED})().length === 0")


def test_a_pasted_list_is_counted_sorted_and_filtered(visit: Open, scorer: Scorer) -> None:
    """Each verdict is the service's; the choice stands in the fragment, the text does not."""
    page = visit()
    written(page, "\n".join(LISTED))
    rows = listed(page, len(LISTED))
    judged = scorer.judge(LISTED)
    assert [row[0] for row in rows] == LISTED
    assert [row[1].split("\n")[0] for row in rows] == [one.label for one in judged]
    assert [row[2] for row in rows] == [str(one.quality) for one in judged]
    assert "too little text" in rows[-1][1]
    loud = sum(one.label == "sensational" for one in judged)
    expect(page.locator("#counted")).to_contain_text(f"{loud} of {len(LISTED)} sensational")
    page.get_by_role("button", name="Quality").click()
    assert [row[2] for row in listed(page, len(LISTED))] == [str(q) for q in sorted(one.quality for one in judged)]
    page.get_by_role("button", name="Quality").click()
    assert listed(page, len(LISTED))[0][2] == str(max(one.quality for one in judged))
    page.locator("#show").select_option("sensational")
    assert [row[1] for row in listed(page, len(LISTED))] == ["sensational"] * loud
    fragment = page.evaluate("location.hash")
    assert "Sobbing" not in page.url
    again = visit(fragment)
    written(again, "\n".join(LISTED))
    assert listed(again, len(LISTED)) == listed(page, len(LISTED))
    heights = page.locator(".spread rect").evaluate_all("bars => bars.map(bar => Number(bar.getAttribute('height')))")
    tenths = [min(one.quality // 10, 9) for one in judged]
    assert [height > 0 for height in heights] == [tenth in tenths for tenth in range(10)]


def test_a_headline_of_a_list_can_be_looked_at_closer(visit: Open) -> None:
    """Its reasons open below, and the focus goes there and back."""
    page = visit()
    written(page, "\n".join(LISTED))
    listed(page, len(LISTED))
    page.get_by_role("button", name=LOUD).click()
    expect(page.locator("#closer .reading h2")).to_have_text(LOUD)
    expect(page.locator("#closer")).to_be_focused()
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("button", name=LOUD)).to_be_focused()
    expect(page.locator("#closer .reading")).to_have_count(0)


def test_a_page_that_is_pasted_is_read(visit: Open, fixtures: Path, desk: Server) -> None:
    """Its text and its HTML; by the service's own reader."""
    page = visit()
    for name, kind in (("seed_shaped.txt", "text"), ("tabloid_front.html", "html")):
        text = (fixtures / "pages" / name).read_text(encoding="utf-8")
        found = json.loads(desk.ask("POST", "/v1/page", {kind: text})[2])["results"]
        written(page, text)
        assert [row[0] for row in listed(page, len(found))] == [one["headline"] for one in found]


def test_the_form_works_without_scripts(visit: Open, scorer: Scorer) -> None:
    """One headline, and a list."""
    page = visit(java_script_enabled=False)
    page.locator("#text").fill(LOUD)
    page.locator("#preset").select_option("strict")
    page.get_by_role("button", name="Judge").click()
    reading(page, LOUD)
    assert page.locator("mark").count() == len(marks_of(scorer.explain(LOUD)))
    assert page.locator("#preset").input_value() == "strict"
    page.locator("#text").fill("\n".join(LISTED))
    page.get_by_role("button", name="Judge").click()
    expect(page.locator("tbody tr")).to_have_count(len(LISTED))


def test_every_preset_labels_as_the_model_s_thresholds_do(visit: Open, scorer: Scorer) -> None:
    """In the script as in Python; its precision stands beside it."""
    page = visit()
    lines = [
        *LISTED,
        "Is this the end of the high street as we know it?",
        "Police name man killed in motorway collision",
    ]
    written(page, "\n".join(lines))
    for preset in presets_of(scorer.artefact):
        page.locator("#preset").select_option(preset.name)
        expect(page.locator("#says")).to_have_text(preset.says)
        expected = [by_preset(one, preset).label for one in scorer.judge(lines)]
        assert [row[1].split("\n")[0] for row in listed(page, len(lines))] == expected


def test_what_is_downloaded_is_what_is_shown(visit: Open, scorer: Scorer) -> None:
    """As CSV, in which no headline is a formula, and as JSON."""
    lines = ['=HYPERLINK("https://evil.example") says minister of health', "＋1 council opens new library", *LISTED]
    page = visit()
    written(page, "\n".join(lines))
    listed(page, len(lines))
    judged = scorer.judge(lines)
    with page.expect_download() as comma:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(comma.value.path().read_text(encoding="utf-8"))))
    assert [row["headline"] for row in rows] == [f"'{lines[0]}", f"'{lines[1]}", *LISTED]
    assert [float(row["clickbait"]) for row in rows] == pytest.approx([one.clickbait for one in judged], abs=1e-12)
    page.locator("#show").select_option("measured")
    with page.expect_download() as plain:
        page.get_by_role("button", name="Download JSON").click()
    found = json.loads(plain.value.path().read_text(encoding="utf-8"))
    assert [one["headline"] for one in found] == [one.headline for one in judged if one.label == "measured"]
    assert plain.value.suggested_filename == "headlines.json"


def test_the_desk_can_be_used_by_keyboard_alone(visit: Open) -> None:
    """From the skip link to a row's reasons; the focus can be seen all the way."""
    page = visit()
    reached: list[str] = []

    def tab_to(selector: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert seen != "none"
            if page.locator(selector).first.evaluate("one => one === document.activeElement"):
                reached.append(selector)
                return
        raise AssertionError(f"{selector} cannot be reached")

    tab_to(".skip")
    tab_to("#text")
    page.keyboard.insert_text("\n".join(LISTED))
    listed(page, len(LISTED))
    tab_to("#preset")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#preset")).to_have_value("strict")
    listed(page, len(LISTED))
    tab_to("#show")
    tab_to("thead button")
    tab_to("tbody button")
    page.keyboard.press("Enter")
    expect(page.locator("#closer .reading")).to_be_visible()
    assert len(reached) == 6


def test_a_late_answer_is_never_painted(visit: Open) -> None:
    """The first answers come last; at no time are two requests in flight."""
    page = visit()
    painted: list[str] = []
    page.expose_function("noted", lambda text: painted.append(text))  # noqa: PLW0108
    page.evaluate(
        """() => new MutationObserver(() => noted(document.querySelector('.reading h2')?.textContent ?? ''))
           .observe(document.querySelector('#result'), {childList: true})"""
    )
    flying, most, held = set[Request](), list[int](), list[Route]()

    def hold(route: Route) -> None:
        flying.add(route.request)
        most.append(len(flying))
        held.append(route)
        if "last" in (route.request.post_data or ""):
            route.continue_()

    for event in ("requestfinished", "requestfailed"):
        page.on(event, lambda one: flying.discard(one))  # noqa: PLW0108
    page.route("**/v1/desk", hold)
    for word in ("first", "second", "third", "last"):
        written(page, f"{PLAIN} and {word}")
        page.wait_for_timeout(250)
    reading(page, f"{PLAIN} and last")
    for route in held[:-1]:  # now the others' answers come
        with suppress(Error):  # the page gave it up
            route.continue_()
    page.wait_for_timeout(500)
    reading(page, f"{PLAIN} and last")
    assert len(held) == 4
    assert set(painted) == {f"{PLAIN} and last"}
    assert max(most) == 1


def test_a_service_that_asks_to_wait_is_waited_for(visit: Open) -> None:
    """It says so, and goes on by itself."""
    page = visit()
    refusals = iter([True])

    def busy(route: Route) -> None:
        if next(refusals, False):
            body = json.dumps({"detail": "over 600 per minute"})
            route.fulfill(
                status=429, headers={"Retry-After": "1", "Content-Type": "application/problem+json"}, body=body
            )
        else:
            route.continue_()

    page.route("**/v1/desk", busy)
    written(page, LOUD)
    expect(page.locator("#wait")).to_contain_text("asks to wait 1 s")
    reading(page, LOUD)
    expect(page.locator("#wait")).to_be_hidden()


def test_a_service_that_is_gone_costs_no_text(visit: Open) -> None:
    """One line says so; the next key asks again."""
    page = visit()
    page.route("**/v1/**", lambda route: route.abort())
    written(page, LOUD)
    expect(page.locator("#result .error")).to_contain_text("did not answer")
    assert page.locator("#text").input_value() == LOUD
    page.unroute("**/v1/**")
    written(page, LOUD + "!")
    reading(page, LOUD + "!")


HOSTILE = [
    "<script>alert(1)</script> and words of a headline",
    '"><img src=x onerror=alert(1)> and words of a headline',
    "</textarea></bdi><svg onload=alert(1)> and words of a headline",
    "javascript:alert(1) {{constructor.constructor('alert(1)')()}} and words",
    "\u202egnihtyreve sesrever siht\u2066 and words of a headline",
]


def test_hostile_input_is_text(visit: Open) -> None:
    """Alone and in a list; the fixture hears of any script that ran."""
    page = visit()
    for given in HOSTILE:
        written(page, given)
        reading(page, given)
    written(page, "\n".join(HOSTILE))
    page.locator("#kind").select_option("list")
    assert [row[0] for row in listed(page, len(HOSTILE))] == HOSTILE
    assert page.locator("#result img, #result svg[onload], #result script").count() == 0


def test_a_megabyte_is_answered(visit: Open) -> None:
    """In one line: it is too long. In lines: they are judged. As a tag that never ends: nothing is found."""
    page = visit()
    written(page, "word " * 200_000)
    expect(page.locator("#result .error")).to_contain_text("500 characters")
    written(page, "<a " * 333_000 + "\n" + "<a")
    expect(page.locator("#result .error, #result .empty")).to_be_visible()
    line = "Council approves budget for a new library number"
    written(page, "\n".join(f"{line} {n}" for n in range(20_000)))
    expect(page.locator("#counted")).to_contain_text("of 20000 sensational", timeout=120_000)


def test_five_thousand_lines_leave_the_page_alive(visit: Open, scorer: Scorer) -> None:
    """All are judged, few are drawn, more on demand; a line that is changed is the only one asked for."""
    lines = [f"{LISTED[n % len(LISTED)]} {n}" for n in range(5000)]
    page = visit()
    asked: list[int] = []
    page.on(
        "request",
        lambda one: (
            asked.append(len(json.loads(one.post_data or "")["headlines"]))
            if "/v1/score" in one.url and "explain" not in (one.post_data or "")
            else None
        ),
    )
    written(page, "\n".join(lines))
    expected = sum(one.label == "sensational" for one in scorer.judge(lines))
    expect(page.locator("#counted")).to_contain_text(f"{expected} of 5000 sensational")
    assert asked == [1000] * 5
    assert page.locator("tbody tr").count() <= 400
    drawn = page.locator("tbody tr").count()
    page.locator("#more").scroll_into_view_if_needed()
    page.wait_for_function(f"() => document.querySelectorAll('tbody tr').length > {drawn}")
    asked.clear()
    written(page, "\n".join([*lines[:-1], PLAIN]))
    expect(page.locator("#counted")).to_contain_text(" of 5000 sensational")
    page.wait_for_timeout(500)
    assert asked == [1]


def test_a_list_never_mixes_two_models(visit: Open) -> None:
    """Where the service takes up another, all lines are asked for again."""
    page = visit()
    asked: list[int] = []
    versions = iter(["a" * 12, "b" * 12, "b" * 12])

    def other(route: Route) -> None:
        sent = json.loads(route.request.post_data or "")
        if "explain" in sent:
            route.continue_()
            return
        asked.append(len(sent["headlines"]))
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"model": next(versions)})

    page.route("**/v1/score", other)
    written(page, "\n".join(LISTED))
    listed(page, len(LISTED))
    written(page, "\n".join([*LISTED, "Harbour ferry service to resume on Monday"]))
    listed(page, len(LISTED) + 1)
    assert asked == [len(LISTED), 1, len(LISTED) + 1]


def test_rewrites_are_kept_as_a_line_and_undone(visit: Open) -> None:
    """In the page alone; undo gives back the text and its verdict."""
    page = visit()
    for text in (LOUD, PLAIN):
        written(page, text)
        reading(page, text)
        page.wait_for_timeout(1300)
    expect(page.locator("#history")).to_be_visible()
    assert page.locator("#history polyline").get_attribute("points").count(",") == 2  # type: ignore[union-attr]
    page.get_by_role("button", name="Undo").click()
    assert page.locator("#text").input_value() == LOUD
    reading(page, LOUD)
    expect(page.locator("#history")).to_be_hidden()


def test_a_screen_reader_hears_one_summary(visit: Open) -> None:
    """After the typing, not at every key."""
    page = visit()
    heard: list[str] = []
    page.expose_function("heard", lambda text: heard.append(text))  # noqa: PLW0108
    page.evaluate(
        """() => new MutationObserver(() => heard(document.querySelector('#status').textContent))
           .observe(document.querySelector('#status'), {childList: true, characterData: true, subtree: true})"""
    )
    page.locator("#text").press_sequentially(LOUD, delay=30)
    expect(page.locator("#status")).to_contain_text("quality", timeout=10_000)
    page.wait_for_timeout(300)
    assert heard == [page.locator("#status").inner_text()]
    assert page.locator("[aria-live], [role=status]").count() == 1


def test_script_and_server_see_the_same_in_what_is_pasted(visit: Open, fixtures: Path) -> None:
    """Headline, list, page: the two implementations of one rule."""
    page = visit()
    texts = [
        (fixtures / "pages" / name).read_text(encoding="utf-8") for name in ("seed_shaped.txt", "tabloid_front.html")
    ]
    texts += ["", PLAIN, "\n".join(LISTED), f"Home\nSport\n{PLAIN}\n{LOUD}", "<b>a", f"<p>{PLAIN}\n<p>{LOUD}", *HOSTILE]
    texts += ["a\rb", "\n".join(HOSTILE), "<p >" + "a" * 500, "<p>" + "a" * 400, "\n".join(["a b c d"] * 3 + ["a"])]
    for text in texts:
        for wanted in ("auto", "list", "page"):
            found = page.evaluate(
                "async ([text, wanted]) => (await import('/desk/pasted.js')).pasted(text, wanted, 500)", [text, wanted]
            )
            given = pasted(text, wanted)
            assert found == {"kind": given.kind, "lines": list(given.lines)}, (text, wanted)


def test_with_a_key_the_page_judges(visit: Open, tmp_path: Path) -> None:
    """It is asked for once, and kept nowhere."""
    with starting(tmp_path) as begin:
        server = begin(BROADSHEET_API_KEYS=digest_of("k" * 43))
        page = visit(server=server)
        page.locator("#key").fill("wrong")
        written(page, LOUD)
        expect(page.locator("#result .error")).to_contain_text("a key of this service")
        page.locator("#key").fill("k" * 43)
        reading(page, LOUD)
        assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


def test_nothing_is_stored(visit: Open, desk: Server) -> None:
    """No cookie, no storage, no line of the log."""
    page = visit()
    written(page, f"Zyzzyva {LOUD}")
    reading(page, f"Zyzzyva {LOUD}")
    stored = """async () => [
        document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]"""
    assert page.evaluate(stored) == ["", 0, 0, 0]
    assert "zyzzyva" not in (desk.err.read_text() + desk.out.read_text()).lower()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation(visit: Open, axe: str, scheme: str, width: int) -> None:
    """On each view, none of which scrolls sideways."""
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    page = visit(**options)

    def check(view: str) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe)
        found = page.evaluate(
            "async () => (await axe.run()).violations.map(one => [one.id, one.nodes.map(n => n.html)])"
        )
        assert found == [], view
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view

    check("empty")
    for view, text in (("headline", LOUD), ("no verdict", "Bank holds rates"), ("measured", PLAIN)):
        written(page, text)
        reading(page, text)
        page.wait_for_timeout(300)
        check(view)
    written(page, "a" * 501)
    expect(page.locator("#result .error")).to_be_visible()
    check("error")
    written(page, "\n".join([*LISTED, "a" * 501]))
    listed(page, len(LISTED) + 1)
    check("list")
    page.get_by_role("button", name=LOUD).click()
    expect(page.locator("#closer .reading")).to_be_visible()
    check("closer")
    page.goto(page.url.split("#")[0] + "about")
    check("about")


def test_judgements_are_those_of_the_model_that_the_tests_load(desk: Server, scorer: Scorer) -> None:
    """Else what is expected here would be another's."""
    assert json.loads(desk.ask("GET", "/")[2])["model"] == scorer.version
    assert isinstance(scorer.judge([LOUD])[0], Judgement)
    assert os.environ.get("BROADSHEET_MODEL") is None
