"""What the report knows of a measured set: probabilities, labels and traits of headlines, never their text."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.judgement import Axis
from training.corpora import Floats, Mask, Strings
from training.metrics import Estimate


@dataclass(frozen=True, slots=True)
class ScoredSet:
    """One measured set of n headlines on one axis; every array has length n."""

    name: str  # e.g. "publishers_2023" or "out of fold"
    axis: Axis
    truth: Floats  # 0/1
    probability: Floats  # calibrated
    ids: Strings  # what identifies a headline without quoting it, e.g. "publishers_2023:1234"
    publisher: Strings  # "" where unknown
    year: Strings  # "" where unknown
    words: npt.NDArray[np.int64]  # length of each headline in words
    title_case: Mask
    figures: Mapping[str, Estimate]  # from training.metrics.measure
    control: Mapping[str, Estimate]  # the same for surface features alone

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def positives(self) -> int:
        """Count the headlines that are labelled with the axis."""
        return int((self.truth == 1).sum())

    @property
    def has_both_classes(self) -> bool:
        """Say whether curves can be drawn and ranks compared."""
        return 0 < self.positives < len(self)
