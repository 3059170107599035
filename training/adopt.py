"""Makes a candidate the default model: everything but the scikit-learn pipelines, signed anew.

python -m training.adopt build/candidate
"""

import shutil
import sys
from pathlib import Path

from model.artefact import DEFAULT, load, save
from model.files.writing import creating_folder
from training.candidate import PIPELINES


def adopt(candidate: Path, default: Path = DEFAULT) -> str:
    """Replace `default` by a checked copy of `candidate`; give its version. Raises `ArtefactError`."""
    artefact = load(candidate)
    unsigned = {"schema", "version", "files", "sha256", "axes", "terms"}
    with creating_folder(default) as folder:
        for name in artefact.manifest["files"]:
            if name != PIPELINES:
                shutil.copyfile(candidate / name, folder / name)
        save(artefact, folder, {k: v for k, v in artefact.manifest.items() if k not in unsigned})
    return artefact.version


if __name__ == "__main__":
    print(f"the default model is now {adopt(Path(sys.argv[1]))}")
