"""Signs that a text is written to steer a model: what keeps words of vendors and apps in review.

It looks for what harmful notes have in common and people's own notes hardly ever have: setting
aside earlier orders, posing as the system, sending things out, hiding. It is no proof of innocence:
whoever knows these lists writes around them. What passes is still shown to models as data.
"""

import base64
import binascii
import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

LONGEST = 20_000
"""Characters at each end of a text that are looked at."""
LONGEST_ORDER = 1_500
"""Characters of a text in which weak cues count: in a long one they come together by chance."""
STRONG = frozenset({"overrides", "sends", "secretive", "poses"})
"""Of these, two together give away even a turn of a conversation or a long document."""

_OTHER = ("commands", "cues")
_GAP = r"(?:[^.!?]|[.!?](?!\s)){0,90}?"
# A flag is a black flag with tags after it; all other tags spell something that nobody sees.
_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{2,6}\U000e007f")
_TAGS = re.compile("[\U000e0000-\U000e007f]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_GRAVE = re.compile(
    r"ignor|disregard|forget|discard|overrid|bypass|disable|instruction|prompt|without|mention|reveal"
    r"|the user|hidden|hide|secret|silently|never let|</?[a-z_]+[ >]|<\||\[/?inst|sys>>"
)  # without one of these a text has no two of the graver signs
_ZERO = "\u200b\u2060-\u2064\ufeff\u00ad\u180e\ufff9-\ufffb"
_RUN = re.compile(f"[{_ZERO}]{{3,}}|[{_ZERO}\u200c\u200d]{{5,}}")
_SEWN = re.compile(rf"(?<=[\w ])[{_ZERO}](?=[\w ])", re.ASCII)
_MOST_SEWN = 4
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}){20,}\b")
_SPACED = re.compile(r"\b(?:\w ){5,}\w\b")


def signs(text: str) -> tuple[str, ...]:
    """What gives the text away, the worst first; () when nothing does.

    "hidden", "overrides", "poses", "sends", "beacon", "secretive", "orders", "encoded".
    """
    plain = _plain(_cut(text))
    found = ["hidden"] if _hides(text) else []
    found += [code for code, patterns in _patterns() if any(p.search(plain) for p in patterns)]
    if "orders" not in found and len(text) <= LONGEST_ORDER and _gives_orders(plain):
        found.append("orders")
    if "encoded" not in found and _is_encoded(text):
        found.append("encoded")
    return tuple(found)


def commands(text: str) -> bool:
    """Whether it tells somebody to do something: what people write too, and facts do not."""
    plain = _plain(_cut(text))
    return any(pattern.search(plain) for pattern in _commands())


def strong_signs(text: str) -> tuple[str, ...]:
    """As `signs`, where people talk to models all the time: a turn of a chat, a long document.

    Only letters that nobody sees, or two of the graver signs together.
    """
    if _hides(text):
        return ("hidden",)
    plain = _plain(_cut(text))
    if not _GRAVE.search(plain):
        return ()
    found = [
        code
        for code, patterns in _patterns()
        if code in STRONG and any(p.search(plain) for p in patterns)
    ]
    return tuple(found) if len(found) > 1 else ()


@cache
def _lists() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text())


@cache
def _patterns() -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
    kept = ((code, patterns) for code, patterns in _lists().items() if code not in _OTHER)
    return tuple((code, tuple(map(_compiled, patterns))) for code, patterns in kept)


@cache
def _commands() -> tuple[re.Pattern[str], ...]:
    return tuple(map(_compiled, _lists()["commands"]))


@cache
def _cues() -> tuple[tuple[int, re.Pattern[str]], ...]:
    cues = (cue for name, cue in _lists()["cues"].items() if name != "least")
    return tuple((points, _compiled(pattern)) for points, pattern in cues)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("<gap>", _GAP), re.MULTILINE)


def _gives_orders(plain: str) -> bool:
    points = sum(points for points, pattern in _cues() if pattern.search(plain))
    least: int = _lists()["cues"]["least"]
    return points >= least


def _cut(text: str) -> str:
    return text if len(text) <= 2 * LONGEST else text[:LONGEST] + "\n" + text[-LONGEST:]


def _plain(text: str) -> str:
    """The words as a model reads them: nothing between letters, one space between words."""
    if not text.isascii():
        text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).replace("\u2019", "'")
    text = _SPACED.sub(lambda run: run[0].replace(" ", ""), text)
    text = re.sub(r"\s*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", text)).casefold()
    return text.replace("'s ", "s ").replace("n't", "nt")


def _hides(text: str) -> bool:
    if text.isascii():
        return bool(_CONTROLS.search(text))
    if _TAGS.search(_FLAG.sub("", text)) or _CONTROLS.search(text) or _RUN.search(text):
        return True
    return len(_SEWN.findall(text)) >= _MOST_SEWN


def _is_encoded(text: str) -> bool:
    """Whether a blob in it turns out to be words."""
    blobs = [_from_base64(run) for run in _BASE64.findall(text)[:20]]
    blobs += [bytes.fromhex(run) for run in _HEX.findall(text)[:20]]
    return any(_is_words(blob) for blob in blobs)


def _from_base64(run: str) -> bytes:
    data = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(data[: len(data) // 4 * 4])
    except binascii.Error:
        return b""


def _is_words(blob: bytes) -> bool:
    letters = sum(chr(byte).isalpha() or byte == 32 for byte in blob if byte < 128)
    return len(blob) >= 20 and letters > 0.85 * len(blob) and blob.count(b" ") > len(blob) / 20
