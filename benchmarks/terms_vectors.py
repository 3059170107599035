"""Compares fixtures/contract/terms.json with the reference analyzer, and renews it where that is meant to have changed.

python benchmarks/terms_vectors.py [--renew]

A new vector is a line with `name` and `headline`, and with `has` and `lacks` derived by hand from docs/terms.md; the
script adds `cleaned` and `terms`. tests/test_contract_terms.py holds what was derived against what was computed.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from model.files.writing import replacing_file
from model.terms.analyzer import REVISION, TermSettings
from model.terms.cleaning import clean

VECTORS = Path(__file__).parents[1] / "fixtures" / "contract" / "terms.json"
SETTINGS = TermSettings()


@click.command()
@click.option("--renew", is_flag=True, help="Write what the analyzer gives now.")
@click.option("--path", type=click.Path(path_type=Path), default=VECTORS, help="Another file of vectors.")
def main(renew: bool, path: Path) -> None:
    """Print the name of each vector that differs; exit with 1 if any does and is not renewed."""
    contract = json.loads(path.read_text(encoding="utf-8"))
    vectors = [renewed(vector) for vector in contract["vectors"]]
    changed = [new["name"] for new, old in zip(vectors, contract["vectors"], strict=True) if new != old]
    for name in changed:
        click.echo(name)
    click.echo(f"{len(changed)} of {len(vectors)} vectors {'renewed' if renew else 'differ'}", err=True)
    if renew:
        with replacing_file(path) as unfinished:
            unfinished.write_text(written(vectors), encoding="utf-8")
    sys.exit(int(bool(changed) and not renew))


def renewed(vector: dict[str, Any]) -> dict[str, Any]:
    """Give a vector with the analyzer's `cleaned` and `terms`, the rest as it was."""
    terms = Counter(SETTINGS.analyze(vector["headline"]))
    return {**vector, "cleaned": clean(vector["headline"]), "terms": dict(sorted(terms.items()))}


def written(vectors: list[dict[str, Any]]) -> str:
    """Give the file's text: one vector a line, so that a change of one rule reads as a change of its lines."""
    lines = ",\n".join(_compact(vector) for vector in vectors)
    return f'{{"revision":{REVISION},"settings":{_compact(SETTINGS.as_dict())},"vectors":[\n{lines}\n]}}\n'


def _compact(value: object) -> str:
    """Write JSON without spaces, and escape what nobody would see on a screen."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


if __name__ == "__main__":
    main()
