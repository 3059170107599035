"""The desk's calls: the page, the form that it posts, the page about the model, and what they load."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from model.errors import BroadsheetError, HeadlineError
from model.scorer import Scorer
from service.desk.about import about
from service.desk.drawn import asset, page, prefers_html
from service.desk.form import desk_form
from service.desk.pasted import Pasted, pasted
from service.desk.presets import STANDARD, Preset, presets_of
from service.desk.readings import Reading, readings, with_what_ifs
from service.edge import Asked, Outcome, View
from service.messages import Answer
from service.metrics import Metrics
from service.openapi import ASSETS, CALLS
from service.problems import RequestError, answer_to, require_at_most
from service.reader import Reader
from service.schemas import DeskForm
from service.settings import Settings
from service.work import Work

TENTHS = 10


def desk_views(settings: Settings, metrics: Metrics, work: Work, reader: Reader, index: View) -> dict[str, View]:
    """Give the desk's views by their calls' names; `index` answers programs that ask at `/`."""
    return {**_telling(settings, index), "desk": _judging(settings, metrics, work, reader)}


def _telling(settings: Settings, index: View) -> dict[str, View]:
    blank: dict[tuple[str, str], Answer] = {}  # pages that anybody may ask for at any rate are drawn once a model

    def once(name: str, asked: Asked, draw: Callable[[], Answer]) -> Answer:
        key = (name, asked.scorer.version)
        if key not in blank:
            for old in [one for one in blank if one[1] != asked.scorer.version]:
                del blank[old]
            blank[key] = draw()
        return blank[key]

    def front(asked: Asked) -> Outcome:
        if not prefers_html(asked.head.header("accept")):
            return index(asked)
        form = DeskForm(preset=settings.preset)  # type: ignore[arg-type]
        return once("desk", asked, lambda: _drawn(settings, asked.scorer, form))

    def about_model(asked: Asked) -> Outcome:
        values = {"presets": presets_of(asked.scorer.artefact), **about(asked.scorer.artefact)}
        return once("about", asked, lambda: page("about.html.j2", **values))

    def file(asked: Asked) -> Outcome:
        return asset(asked.visit.route, asked.head)

    files = {call.name: file for call in CALLS if call.path in ASSETS}
    return {"index": front, "about": about_model, **files}


def _judging(settings: Settings, metrics: Metrics, work: Work, reader: Reader) -> View:
    desk = partial(_drawn, settings)

    async def judged(asked: Asked) -> Answer:
        form = DeskForm()
        try:
            form = await work.run_for_caller(desk_form, asked.head, asked.body, settings.max_bytes)
            given = pasted(form.text, form.kind)
            texts = given.lines
            if given.kind in {"html", "text"} and given.lines:
                found = await reader.read(given.kind, form.text, settings.max_headlines)
                texts = tuple(one.text for one in found)
            require_at_most(settings.max_headlines, len(texts))
            return await work.run_for_caller(answered, asked, form, given, texts)
        except (RequestError, BroadsheetError) as error:
            said = answer_to(error)
            return desk(asked.scorer, form, said.status, said.headers[1:], error=str(error))

    def answered(asked: Asked, form: DeskForm, given: Pasted, texts: Sequence[str]) -> Answer:
        preset = chosen(asked.scorer, form.preset)
        found: list[Reading | HeadlineError] = readings(asked.scorer, texts, preset)
        if len(found) == 1 and isinstance(found[0], Reading):
            found = [with_what_ifs(asked.scorer, found[0], preset)]
        asked.visit.headlines = len(texts)
        good = [one.judgement for one in found if isinstance(one, Reading)]
        metrics.judged(asked.visit.route, asked.scorer, good, len(found) - len(good))
        return desk(asked.scorer, form, kind=given.kind, found=found, texts=texts)

    return judged


def chosen(scorer: Scorer, name: str) -> Preset:
    """Give a preset by its name; the model's own thresholds, where it has no figures for that."""
    presets = {preset.name: preset for preset in presets_of(scorer.artefact)}
    return presets.get(name, presets[STANDARD])


def _drawn(
    settings: Settings,
    scorer: Scorer,
    form: DeskForm,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    **told: Any,
) -> Answer:
    found = told.get("found", ())
    good = [one for one in found if isinstance(one, Reading)]
    values = {
        "kind": "",
        "error": "",
        "texts": (),
        **told,
        "found": found,
        "form": form,
        "version": scorer.version,
        "presets": presets_of(scorer.artefact),
        "preset": chosen(scorer, form.preset),
        "needs_key": bool(settings.api_keys),
        "most": settings.max_headlines,
        "counts": _counts(good),
        "tenths": _tenths(good),
    }
    return page("desk.html.j2", status, headers, **values)


def _counts(found: Sequence[Reading]) -> dict[str, int]:
    labels = [one.judgement.label for one in found]
    return {label: labels.count(label) for label in ("measured", "uncertain", "sensational", "clickbait")}


def _tenths(found: Sequence[Reading]) -> list[int]:
    """Count headlines by tenths of quality, from the worst."""
    places = [min(one.judgement.quality // TENTHS, TENTHS - 1) for one in found]
    return [places.count(tenth) for tenth in range(TENTHS)]
