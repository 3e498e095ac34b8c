"""The photo models in use: one for each journey for which one was trained. None comes with the house."""

import threading
from pathlib import Path
from typing import Literal

from models import registry
from models.photo_embedder import PhotoEmbedder, embedder_for
from models.photo_model import PhotoModel, short_digest

KIND = "photo"


class PhotoModels:
    """Loads at first need; safe to share by threads. Processes of one machine share nothing but the files.

    encoder: an ONNX file to read photos with instead of the backbone that comes with the house.
    """

    def __init__(
        self, root: Path, *, encoder: Path | None = None, style: Literal["openclip", "dinov2"] = "openclip"
    ) -> None:
        self._root, self._encoder, self._style = root, encoder, style
        self._models: dict[str, PhotoModel] = {}
        self._digests: dict[tuple[str, str], str] = {}  # by journey and version
        self._embedder: PhotoEmbedder | None = None
        self._lock = threading.RLock()

    def of(self, journey: str) -> PhotoModel | None:
        """The model of that journey which served when it was first asked for; None while none was trained.

        Raises DigestMismatch for files that were changed, BackboneAbsent, EncoderAbsent, and EncoderUnusable.
        """
        with self._lock:
            if journey not in self._models:
                path = _serving(self._root, journey)
                if path is None:
                    return None
                self._models[journey] = load_photo_model(path, self.embedder())
            return self._models[journey]

    def version(self, journey: str) -> str:
        """Short digest of the model that `of` gives, which it need not load; "" while none was trained."""
        loaded = self._models.get(journey)
        if loaded is not None:
            return loaded.version
        serves = registry.serving(self._root, KIND, journey)
        return self._digest(journey, serves) if serves else ""

    def _digest(self, journey: str, serves: str) -> str:
        """Read once a version, since each decision asks."""
        known = self._digests.get((journey, serves))
        if known is None:
            card = registry.read_card(registry.version_path(self._root, KIND, journey, serves))
            known = self._digests[journey, serves] = short_digest(card["sha256"])
        return known

    def embedder(self) -> PhotoEmbedder:
        """The encoder that all of them read photos with; loaded at the first call."""
        with self._lock:
            if self._embedder is None:
                self._embedder = embedder_for(self._root, self._encoder, self._style)
            return self._embedder


def load_photo_model(path: Path, embedder: PhotoEmbedder) -> PhotoModel:
    """A registered version; its files are held against the digest on its card."""
    return PhotoModel.load(path, sha256=registry.read_card(path)["sha256"], embedder=embedder)


def _serving(root: Path, name: str) -> Path | None:
    version = registry.serving(root, KIND, name)
    return registry.version_path(root, KIND, name, version) if version else None
