"""A Modelfile: a model of one's own in Ollama that knows these memories from the start.

Source: parser/parser.go of ollama/ollama. A value between three quotes ends with the next three at
the end of a line and cannot hold them; `harmless.one_line` leaves none in a memory.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from connectors.base.handing.filling import Text, fill
from connectors.base.handing.memory_text import KINDS_ONLY, ONE_LINE, MemoryHandoff
from connectors.base.handing.notes import DOUBTS, Note
from connectors.base.handing.prompt_budget import BUDGET, prompt_layout
from connectors.base.handoff import Choice, Part, Slice

_MODEL = Choice(
    "model",
    "Model",
    tuple((name, name) for name in ("llama3.2", "qwen3", "gemma3", "mistral", "gpt-oss")),
    help="One that Ollama has: the command ollama list shows which.",
    other=r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}",
)
_CONTEXT = 8_192  # the largest budget and as much again for the talk; Ollama's own is smaller


class Modelfile(MemoryHandoff):
    name = "Ollama, Modelfile"
    group = "own"
    form = "file"
    choices: ClassVar[tuple[Choice, ...]] = (DOUBTS, BUDGET, _MODEL)
    steps = (
        "Save the file as Modelfile in a folder of your own.",
        "Open a terminal there and run: ollama create my-model -f Modelfile",
        "Run: ollama run my-model",
        "To check, ask it what it knows about you, or run: ollama show my-model --system",
    )
    limits = (
        "As many tokens as you choose, estimated on the high side; the file sets a context of "
        f"{_CONTEXT:,} tokens, which must fit into your machine's memory."
    )
    sure = "documented"
    source = "https://docs.ollama.com/modelfile"
    lost: ClassVar[tuple[str, ...]] = (ONE_LINE, KINDS_ONLY)

    def written(
        self, notes: list[Note], slice: Slice
    ) -> tuple[Sequence[Part], Sequence[Text], Mapping[str, int]]:
        texts, left_out = fill(notes, prompt_layout(slice))
        model = _MODEL.answer(slice.options)
        parts = [Part("Modelfile", _modelfile(model, text.written())) for text in texts]
        return parts, texts, left_out


def _modelfile(model: str, system: str) -> str:
    return f'FROM {model}\nPARAMETER num_ctx {_CONTEXT}\nSYSTEM """\n{system}\n"""\n'
