"""Shows how two texts differ that look alike."""

_MOST = 16
"""Code points that are written out; a longer text goes on with an ellipsis."""


def distinguishable(text: str | None, other: str | None) -> tuple[str, str]:
    """Both texts so that a person can distinguish them. Code points are added if a text is empty, or if the texts
    differ in blanks or in characters that are not plain ASCII."""
    if text is None or other is None or _differ_visibly(text, other):
        return str(text), str(other)
    return _with_code_points(text), _with_code_points(other)


def _differ_visibly(text: str, other: str) -> bool:
    begin = _common(text, other)
    one_rest, other_rest = text[begin:], other[begin:]
    end = _common(one_rest[::-1], other_rest[::-1])
    rest = one_rest[: len(one_rest) - end] + other_rest[: len(other_rest) - end]
    return bool(text and other) and rest.isascii() and rest.isprintable() and not rest.isspace() and rest != ""


def _common(text: str, other: str) -> int:
    """The number of characters at the beginning that both have in common."""
    return next(
        (at for at, (mine, its) in enumerate(zip(text, other, strict=False)) if mine != its), min(len(text), len(other))
    )


def _with_code_points(text: str) -> str:
    points = " ".join(f"U+{ord(character):04X}" for character in text[:_MOST])
    return f"{text} ({points or 'empty'}{' …' if len(text) > _MOST else ''})"
