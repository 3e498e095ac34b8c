"""Labels of data files as topic keys: `Refund_not_showing_up` and `refund_not_showing_up` are one topic. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Collection

LONGEST = 48  # characters of a topic key
_KEY = re.compile(r"[a-z][a-z0-9_]{0,47}")
_NOT_KEY = re.compile(r"[^a-z0-9]+")
_MARK = 8  # hex digits that tell apart what would be cut or folded to the same key


def topic_key(label: str) -> str:
    """The label as a topic key, `^[a-z][a-z0-9_]{0,47}$`: a key stays itself, and the same label gives the same key.

    Case, accents and punctuation go. Where letters of another script or the end of a long label would be lost, a few
    digits of the label's digest take their place, so that different labels stay different topics.
    """
    if _KEY.fullmatch(label):
        return label
    folded = unicodedata.normalize("NFKD", label.strip()).casefold()
    key = _NOT_KEY.sub("_", "".join(sign for sign in folded if not unicodedata.combining(sign))).strip("_")
    if not key or not key[0].isalpha():
        key = f"topic_{key}".rstrip("_")
    foreign = any(sign.isalnum() and not sign.isascii() for sign in folded)
    if not foreign and len(key) <= LONGEST:
        return key
    mark = hashlib.sha256(label.strip().encode("utf-8", "surrogatepass")).hexdigest()[:_MARK]
    return f"{key[: LONGEST - _MARK - 1].rstrip('_')}_{mark}"


def alike(labels: Collection[str], known: Collection[str]) -> dict[str, str]:
    """Each label with the known one that means the same: itself, else the one with its topic key, else itself."""
    by_key = {topic_key(one): one for one in sorted(known)}
    exact = set(known)
    return {label: label if label in exact else by_key.get(topic_key(label), label) for label in set(labels)}
