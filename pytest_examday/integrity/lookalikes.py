"""Shows how two texts differ that look alike."""


def told_apart(one: str | None, other: str | None) -> tuple[str, str]:
    """Both texts as a person can tell them apart: with their code points where one of them holds more than plain
    letters, digits and signs, or a blank at its end."""
    if one is None or other is None or (_plain(one) and _plain(other)):
        return str(one), str(other)
    return _with_code_points(one), _with_code_points(other)


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip() and text != ""


_MOST = 16
"""Code points that are written out; a longer text goes on with an ellipsis."""


def _with_code_points(text: str) -> str:
    points = " ".join(f"U+{ord(character):04X}" for character in text[:_MOST])
    return f"{text} ({points or 'empty'}{' …' if len(text) > _MOST else ''})"
