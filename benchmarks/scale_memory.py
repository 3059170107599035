"""The process whose memory benchmarks/scale.py follows: it scores lines of stdin and imports nothing else.

python benchmarks/scale_memory.py BATCH SIZE ... prints resident megabytes once loaded, after each size, and the peak.
"""

import sys
from itertools import islice
from pathlib import Path

from model.scorer import Scorer


def main(batch: int, sizes: list[int]) -> None:
    """Score all lines in batches."""
    scorer, scored = Scorer.load(), 0
    sys.stdin.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    seen = [_megabytes("VmRSS")]
    while lines := list(islice(sys.stdin, batch if scored + batch <= sizes[0] else sizes[0] - scored)):
        scorer.predict_proba([line.rstrip("\n") for line in lines])
        scored += len(lines)
        if scored == sizes[0]:
            seen.append(_megabytes("VmRSS"))
            sizes = sizes[1:] or [sys.maxsize]
    print(*(f"{value:.0f}" for value in (*seen, _megabytes("VmHWM"))))


def _megabytes(name: str) -> float:
    """Read a line of /proc/self/status; Linux alone has it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(argument) for argument in sys.argv[2:]])
