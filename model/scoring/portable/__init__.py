"""The scorer that needs NumPy alone."""

from model.scoring.portable.engine import Portable, expit

__all__ = ["Portable", "expit"]
