"""A trained model: its arrays, and the folder that keeps them with a manifest."""

from model.artefact.folder import DEFAULT, load, save
from model.artefact.manifest import MANIFEST, read_manifest
from model.artefact.weights import RECORD, Artefact, Head

__all__ = ["DEFAULT", "MANIFEST", "RECORD", "Artefact", "Head", "load", "read_manifest", "save"]
