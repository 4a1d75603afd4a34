"""How a source looks: a name, a colour for light and dark, a shape and two letters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """`light` and `dark` are CSS colours; `shape` names a drawing in shapes.svg."""

    slug: str
    name: str
    code: str
    shape: str
    light: str
    dark: str


YOU = Look("you", "You", "ME", "bar", "#0b5e63", "#6cc9c6")
APP = Look("app", "An app", "AP", "plus", "#7a5200", "#e9b95b")
UNKNOWN = Look("other", "Another source", "--", "ring", "#51605c", "#a3b2ae")
_OURS = {look.slug: look for look in (YOU, APP, UNKNOWN)}
_TMP = {l.slug: l for l in (
    Look("openai", "ChatGPT", "CG", "circle", "#0f7b5f", "#4fc7a3"),
    Look("anthropic", "Claude", "CL", "square", "#b4511f", "#f09a6b"),
    Look("google", "Gemini", "GE", "triangle", "#2f5fd0", "#8fb0ff"),
)}


def look_of(slug: str) -> Look:
    return (_OURS | _TMP).get(slug, UNKNOWN)
