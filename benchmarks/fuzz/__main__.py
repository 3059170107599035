"""Fuzzes the kernel under AddressSanitizer and UndefinedBehaviorSanitizer, the loader of models, and runs the tests.

python -m benchmarks.fuzz --seconds 600 [--tests]

Two fifths of the seconds each go to headlines with the default model and to models that the fuzzer makes; one fifth to
folders of models, damaged or hostile, for the loader in Python. Needs clang with its libFuzzer (Debian: clang,
libclang-rt-14-dev); --tests needs gcc's sanitizers and the tests' tools.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import click

from benchmarks.fuzz.inputs import write_inputs
from benchmarks.fuzz.loader import fuzz_loader

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "fuzz"
KERNEL = sorted((ROOT / "model" / "scoring" / "kernel").glob("*.c"))
FUZZERS = ("headlines", "models")
_DONE = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


@click.command()
@click.option("--seconds", type=click.IntRange(5), default=60, show_default=True)
@click.option("--tests", is_flag=True, help="Also run the compiled scorer's tests under gcc's sanitizers.")
def main(seconds: int, tests: bool) -> None:
    """Build, fuzz for a time, and exit with what the fuzzers or the tests said."""
    write_inputs(BUILD)
    for name in FUZZERS:
        _build(name)
    failed = [_fuzz(name, 2 * seconds // 5) for name in FUZZERS]
    folders, faults = fuzz_loader(seconds // 5)
    click.echo(f"folders: {folders:,} in {seconds // 5} s, {len(faults) or 'nothing'} found")
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(any(failed) or bool(faults) or (_run_tests() if tests else 0))


def _build(name: str) -> None:
    pure = [path for path in KERNEL if '#include "python.h"' not in path.read_text(encoding="utf-8")]
    flags = ["-O1", "-g", "-std=c11", "-Wall", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"]
    source = Path(__file__).with_name(f"{name}.c")
    subprocess.run(["clang", *flags, source, *pure, "-lm", "-o", BUILD / name], check=True)


def _fuzz(name: str, seconds: int) -> int:
    """Run a fuzzer, say how many inputs it tried, and give its exit code; it prints what it found."""
    limits = [f"-max_total_time={seconds}", "-max_len=512", "-timeout=5", "-print_final_stats=1", "-verbosity=0"]
    artefacts = f"-artifact_prefix={BUILD}/{name}-"
    command = [str(BUILD / name), *limits, artefacts, str(BUILD / f"corpus-{name}")]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, errors="replace")
    inputs = _DONE.search(done.stderr)
    found = "nothing" if done.returncode == 0 else "a fault"
    click.echo(f"{name}: {int(inputs[1]) if inputs else 0:,} inputs in {seconds} s, {found} found")
    if done.returncode:
        click.echo(done.stderr[-10_000:], err=True)
    return done.returncode


def _run_tests() -> int:
    """Run the tests in a copy whose kernel was built with gcc's sanitizers, preloaded into Python."""
    copy = BUILD / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    for name in (
        "benchmarks",
        "broadsheet",
        "model",
        "training",
        "service",
        "tests",
        "fixtures",
        "docs",
        "pyproject.toml",
    ):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, copy / name)
        copy.mkdir(exist_ok=True)
    for stale in (copy / "model" / "scoring").glob("_kernel*.so"):
        stale.unlink()
    flags = ["-O1", "-g", "-std=c11", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-shared", "-fPIC"]
    include = ["-DPy_LIMITED_API=0x030B0000", "-I", sysconfig.get_path("include")]
    built = copy / "model" / "scoring" / "_kernel.abi3.so"
    subprocess.run(["gcc", *flags, *include, *KERNEL, "-lm", "-o", built], check=True)
    libraries = [
        subprocess.run(["gcc", f"-print-file-name={name}"], check=True, capture_output=True, text=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    # Python's own allocations at exit are no leaks of ours
    environment = {**os.environ, "LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0", "PYTHONPATH": "."}
    modules = ("model_compiled", "model_evidence", "model_hostile", "contract_terms", "training_counting")
    named = [f"tests/test_{module}.py" for module in modules]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *named]
    return subprocess.run(command, cwd=copy, env=environment, check=False).returncode


if __name__ == "__main__":
    main()
