"""How many tokens a text may cost in a model that we do not know: rather too many than too few."""

SAID = (
    "Tokens are estimated on the high side: one for three Latin letters, signs or spaces, one for "
    "two bytes of anything else. English usually needs a third less."
)


def tokens(text: str) -> int:
    """An estimate; 0 for an empty text. Of two texts together it is never more than of each."""
    plain = sum(1 for sign in text if sign < "\x80")
    others = len(text.encode("utf-8", "surrogatepass")) - plain
    return -(-(2 * plain + 3 * others) // 6)
