"""Corpora -> checks -> split -> fit -> calibrate -> measure -> a candidate model, its report and card."""
