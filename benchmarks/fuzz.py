"""Fuzzes the compiled scorer under AddressSanitizer and UndefinedBehaviorSanitizer, and runs its tests under both.

python -m benchmarks.fuzz --seconds 600 [--tests]

Needs clang with its libFuzzer (Debian: clang, libclang-rt-14-dev); --tests needs gcc's sanitizers and the tests' tools.
"""

import csv
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import click
import numpy as np

from model.artefact import DEFAULT, load
from model.compiled import classify, vocabulary
from model.keys import polynomials_of

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "fuzz"
KERNEL = [str(path) for path in sorted((ROOT / "model" / "kernel").glob("*.c"))]
# What the rules know besides ASCII, and some of each kind of letter, digit, space and mark: 128 characters.
BEYOND = (
    "‘’‚‛`´′ʼ“”„‟«»″‐‑‒–—―−…£€\u00ad\u200b\u200e\u2060\ufeff\u00a0\u2003\u2028\x85²½①٣٤२ⅧⅨⒶßſéÉñÑøØÅåÆæŒœþÐǅǆİıΣσςΩωЖжЯя"
    "אבגابتنमस新聞日本ไทย👩💥\u200d\ufe0f𝕳𝖊ﬁＡａ１\u0301\u0308\u20e3ªº×÷¡¿§¶†‡•‰™©®←→∞≈≠√"
)
CHARACTERS = [*map(chr, range(128)), *dict.fromkeys(c for c in BEYOND if ord(c) > 127)][:256]


@click.command()
@click.option("--seconds", type=click.IntRange(1), default=60, show_default=True)
@click.option("--tests", is_flag=True, help="Also run the compiled scorer's tests under gcc's sanitizers.")
def main(seconds: int, tests: bool) -> None:
    """Build, fuzz for a time, and exit with what the fuzzer or the tests said."""
    BUILD.mkdir(parents=True, exist_ok=True)
    _write_tables()
    sources = [str(ROOT / "benchmarks" / "fuzz_kernel.c"), *(name for name in KERNEL if not name.endswith("module.c"))]
    flags = ["-O1", "-g", "-std=c11", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"]
    subprocess.run(["clang", *flags, *sources, "-lm", "-o", str(BUILD / "fuzzer")], check=True)
    limits = [f"-max_total_time={seconds}", "-max_len=500", "-timeout=5", "-print_final_stats=1"]
    found = subprocess.run([str(BUILD / "fuzzer"), *limits, str(BUILD / "corpus")], cwd=ROOT, check=False).returncode
    sys.exit(found or (_run_tests() if tests else 0))


def _write_tables() -> None:
    """Write what the fuzzer's bytes stand for, the words that rules know, the default model, and first inputs."""
    pages = {
        page: np.frombuffer(classify(page), np.uint32).reshape(256, 2) for page in {ord(c) >> 8 for c in CHARACTERS}
    }
    characters = np.zeros((256, 3), np.uint32)
    for place in range(256):
        point = ord(CHARACTERS[place % len(CHARACTERS)])
        flags, lower = pages[point >> 8][point & 255]
        characters[place] = point, lower, flags
    characters.tofile(BUILD / "alphabet")
    traits = vocabulary()
    pairs = np.column_stack([polynomials_of(list(traits)), np.array(list(traits.values()), np.uint64)])
    pairs.tofile(BUILD / "vocabulary")
    np.array(load(DEFAULT).weights).tofile(BUILD / "records")
    (BUILD / "corpus").mkdir(exist_ok=True)
    with (ROOT / "fixtures" / "headlines.csv").open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines)):
            known = [CHARACTERS.index(c) for c in row["text"][:500] if c in CHARACTERS]
            (BUILD / "corpus" / f"headline-{number}").write_bytes(bytes(known))


def _run_tests() -> int:
    """Run the tests in a copy whose kernel was built with gcc's sanitizers, preloaded into Python."""
    copy = BUILD / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    for name in ("model", "training", "service", "tests", "fixtures", "docs", "pyproject.toml"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, copy / name)
        copy.mkdir(exist_ok=True)
    for stale in (copy / "model").glob("_kernel*.so"):
        stale.unlink()
    flags = ["-O1", "-g", "-std=c11", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-shared", "-fPIC"]
    include = ["-DPy_LIMITED_API=0x030B0000", "-I", sysconfig.get_path("include")]
    subprocess.run(["gcc", *flags, *include, *KERNEL, "-lm", "-o", str(copy / "model" / "_kernel.abi3.so")], check=True)
    libraries = [
        subprocess.run(["gcc", f"-print-file-name={name}"], check=True, capture_output=True, text=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    # Python's own allocations at exit are no leaks of ours
    environment = {**os.environ, "LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0", "PYTHONPATH": "."}
    named = ["tests/test_model_compiled.py", "tests/test_contract_terms.py", "tests/test_training_counting.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *named]
    return subprocess.run(command, cwd=copy, env=environment, check=False).returncode


if __name__ == "__main__":
    main()
