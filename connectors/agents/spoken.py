"""Takes what a program wrote around a person's words away from them: tags that come in pairs."""

from collections.abc import Iterable


def without(text: str, tags: Iterable[str]) -> str:
    """`text` without each `<tag>…</tag>` of these names; a tag that is only talked about stays."""
    if "</" not in text:
        return text.strip()
    for tag in tags:
        text = _cut(text, f"<{tag}", f"</{tag}>")
    return text.strip()


def inside(text: str, tag: str) -> str:
    """What stands in the first `<tag>…</tag>`, "" if there is none."""
    _, opened, rest = text.partition(f"<{tag}>")
    inner, closed, _ = rest.partition(f"</{tag}>")
    return inner.strip() if opened and closed else ""


def shown(text: str, length: int = 80) -> str:
    """The beginning of `text` as a title: one line."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def _cut(text: str, opening: str, closing: str) -> str:
    kept, at, end = list[str](), 0, -1
    start = text.find(opening)
    while start >= 0:
        if end < start:
            end = text.find(closing, start)
        if end < 0:
            break
        after = start + len(opening)
        if text[after : after + 1] in (">", " "):
            kept.append(text[at:start])
            at = after = end + len(closing)
        start = text.find(opening, after)
    return "".join([*kept, text[at:]])
