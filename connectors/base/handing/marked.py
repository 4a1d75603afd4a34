"""A block between two comments in a file that is somebody else's, so that it can be replaced."""

import re

BEGIN = "<!-- satchel:begin -->"
END = "<!-- satchel:end -->"
_BLOCK = re.compile(rf"^{BEGIN}[ \t]*$.*?^{END}[ \t]*$", re.M | re.S)
_BROKEN = re.compile(rf"^(?:{BEGIN}|{END})[ \t]*$", re.M)


def block(body: str) -> str:
    """`body` between its marks. It must not hold a mark itself: see `harmless.one_line`."""
    return f"{BEGIN}\n{body}\n{END}"


def replaced(content: str, new: str) -> str:
    """`content` with the block `new` in place of the one that is in it, else at its end.

    ValueError when its marks are not one pair: what lies between them is not ours to guess.
    """
    found = list(_BLOCK.finditer(content))
    if not found and not _BROKEN.search(content):
        before = content.rstrip("\n")
        return f"{before}\n\n{new}\n" if before else f"{new}\n"
    if len(found) != 1 or len(_BROKEN.findall(content)) != 2:
        raise ValueError("The marks of the block are not one pair. Take them out and try again.")
    return content[: found[0].start()] + new + content[found[0].end() :]
