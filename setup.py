"""Names the one part that pyproject.toml cannot: the compiled scorer, left out without an error where none compiles."""

import sys
from pathlib import Path

from setuptools import Extension, setup

SOURCES = sorted(path.name for path in Path("model/scoring/kernel").glob("*.c"))

setup(
    ext_modules=[
        Extension(
            "model.scoring._kernel",
            [f"model/scoring/kernel/{name}" for name in SOURCES],
            depends=[f"model/scoring/kernel/{name}.h" for name in ("families", "kernel", "lookup", "python")],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            extra_compile_args=[] if sys.platform == "win32" else ["-O3", "-std=c11", "-fvisibility=hidden"],
            libraries=[] if sys.platform == "win32" else ["m"],
            py_limited_api=True,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
