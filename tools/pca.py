"""Trains vault/search/models/pca64.npy: from 384 to 64 numbers for MiniLM's token vectors.

Run `python -m tools.pca`. The text is made here, from sentence frames filled with words of the
model's own vocabulary, so nobody's data is in the result and anyone can repeat it.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vault.search.documents import MONTHS
from vault.search.embed import TOKEN_DIM
from vault.search.models import minilm

TEXTS = 6_000
TARGET = Path(minilm.__file__).with_name("pca64.npy")
NAMES = """
Anna Ben Carla David Emma Felix Grace Henry Iris Jack Kate Liam Maria Noah Olivia Paul Quinn Rosa
Sam Tara Umar Vera Will Yusuf Zoe
"""
RELATIVES = "sister brother wife husband mom dad friend boss son daughter"
TIMES = "week month summer weekend year Friday"
FRAMES = """
I <w> my <w> and the <w> was <w>.
My <w> is <w>, I love the <w>!
We went to <w> with <name> last <time> to <w> the <w>.
Have you ever tried <w> <w>? It's so <w>.
I'm planning to <w> a <w> next <time>.
<name> and I <w> <w> together, it was <w>.
Thanks, <name>! That <w> sounds <w>. How did the <w> go?
Wow, <w> <w>! What made you <w>?
I have <number> <w> and a <w> named <name>.
I don't like <w> but my <relative> does.
My <relative> <name> works as a <w> in <w>.
Please always <w> the <w> in <w>.
I've been <w> for <number> years and still <w> it.
Yesterday I felt <w> because <name> <w> me about the <w>.
She prefers <w> over <w> when <w>.
What did <name> <w> at the <w>?
When did <name> go to the <w>?
Remember that the <w> of <w> is <number>.
""".strip().splitlines()


def texts(words: list[str]) -> list[str]:
    dice = random.Random(1)  # noqa: S311
    choices: dict[str, Callable[[], str]] = {
        "w": lambda: dice.choice(words),
        "name": lambda: dice.choice(NAMES.split()),
        "time": lambda: dice.choice(TIMES.split()),
        "number": lambda: str(dice.randint(1, 40)),
        "relative": lambda: dice.choice(RELATIVES.split()),
    }

    def sentence() -> str:
        return re.sub(r"<(\w+)>", lambda slot: choices[slot[1]](), dice.choice(FRAMES))

    def date() -> str:
        return f"{dice.randint(1, 28)} {dice.choice(MONTHS)} {dice.randint(2015, 2030)}"

    def text() -> str:
        return f"[{date()}] {dice.choice(NAMES.split())}: {sentence()} {sentence()}"

    return [text() for _ in range(TEXTS)]


def train(model: minilm.MiniLM) -> NDArray[np.float32]:
    """The first principal directions of the token vectors, each taken at length 1."""
    scatter = np.zeros((model.dim, model.dim))
    for text in texts(model.common_words()):
        tokens = model.wide_tokens(text)
        scatter += tokens.T @ tokens
    _, vectors = np.linalg.eigh(scatter)
    return vectors[:, ::-1][:, :TOKEN_DIM].astype(np.float32)


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        projection = train(minilm.load(Path(cache)))
    np.save(TARGET, projection.astype(np.float16))
    sys.stdout.write(f"{TARGET.name} written\n")


if __name__ == "__main__":
    main()
