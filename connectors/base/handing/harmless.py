"""Text of memories made harmless for the place it is put in: it stays data, whatever it says."""

import re
from unicodedata import category

_TAGS = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)"  # flags of regions
    "|[\U000e0000-\U000e007f]"  # else they are letters that nobody sees
)
# A comment, a tag, or a mark that a model takes for the end of what it was told.
_OPENING = re.compile(r"<(?=[A-Za-z/|<!?_\uff5c])")
_CLOSING = re.compile(r"(?<=[-|\uff5c])>")
_BRACKETED = re.compile(r"\[(?=/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_[A-Z]+)\])", re.I)
_FENCE = re.compile(r"`{3,}|~{3,}|\"{3,}")
_PICTURE = re.compile(r"!(?=\[)")
_MENTION = re.compile(r"(?<![\w.+-])@(?=\S)")
_BLOCK = re.compile(r"#{1,6}(?=\s|$)|>|-{3}|[-*+](?=\s|$)|(?P<number>\d{1,9})(?=[.)](?:\s|$))")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters that end no line
    "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_HALF = re.compile("[\ud800-\udfff]")


def visible(text: str) -> str:
    """`text` without what is not shown: control characters, turns of direction, hidden letters.
    Line ends are kept as "\\n"; what UTF-8 cannot hold becomes a question mark in a diamond."""
    shown = _HALF.sub("\ufffd", _UNSEEN.sub("", "\n".join(text.splitlines())))
    return _TAGS.sub(lambda found: found[1] or "", shown)


def one_line(text: str) -> str:
    """`text` on one line, and harmless in a prompt, in Markdown and between marks.

    Where something could be taken for a tag, a comment, a code fence or the end of a prompt, a
    space or other quotes break it; nothing else changes.
    """
    return _broken(" ".join(visible(text).split()))


def quoted(text: str) -> str:
    """`text` of several lines as a Markdown quote: no line of it begins where a heading could."""
    lines = _broken(visible(text).strip()).split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)


def unmentioned(line: str) -> str:
    """`line` without mentions, by which coding tools read files into a prompt."""
    return _MENTION.sub("@ ", line)


def item(line: str) -> str:
    """`line` as it may follow the mark of a Markdown list: no heading, quote or list of its own."""
    found = _BLOCK.match(line)
    if found is None:
        return line
    end = found.end() if found["number"] else 0
    return f"{line[:end]}\\{line[end:]}"


def short(text: str, most: int) -> str:
    """`text` as a name: on one line, at most so many characters, cut between two words if it can
    be, and never between a sign and what belongs to it."""
    line = one_line(text)
    if len(line) <= most:
        return line
    end = most - 1
    while end and _belongs(line[end - 1], line[end]):
        end -= 1
    words, space, _ = line[:end].rpartition(" ")
    return f"{(words if space else line[:end]).rstrip()}…"


def _belongs(before: str, sign: str) -> bool:
    joined = "\u200d" in (before, sign) or category(sign)[0] == "M"
    paired = _is_letter_of_flag(before) and _is_letter_of_flag(sign)
    return joined or paired or "\U0001f3fb" <= sign <= "\U0001f3ff" or sign >= "\U000e0000"


def _is_letter_of_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _broken(text: str) -> str:
    text = _PICTURE.sub("! ", _BRACKETED.sub("[ ", _OPENING.sub("< ", text)))
    return _FENCE.sub(lambda run: "'" * len(run[0]), _CLOSING.sub(" >", text))
