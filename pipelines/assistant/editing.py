"""How much a person changed of what was offered to them. Pure."""

MOST = 20_000  # characters of each text; what comes after them is not compared


def edit_distance(offered: str, kept: str) -> int:
    """Characters put in, taken out or replaced, at least (Levenshtein), within the first 20,000 of each text.

    A column of the table at a time, as the bits of one number. Source: Hyyrö, Explaining and extending the
    bit-parallel approximate string matching algorithm of Myers (2001).
    """
    pattern, text = offered[:MOST], kept[:MOST]
    if not pattern:
        return len(text)
    places: dict[str, int] = {}
    for place, character in enumerate(pattern):
        places[character] = places.get(character, 0) | 1 << place
    every, last = (1 << len(pattern)) - 1, 1 << (len(pattern) - 1)
    more, less, distance = every, 0, len(pattern)  # where a row is one more, or less, than the one above it
    for character in text:
        same = places.get(character, 0)
        across = ((same & more) + more ^ more) | same | less
        up, down = less | ~(across | more) & every, more & across
        distance += bool(up & last) - bool(down & last)
        up, down = up << 1 | 1, down << 1
        more, less = (down | ~((same | less) | up)) & every, up & (same | less)
    return distance
