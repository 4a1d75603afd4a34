"""A zip in the shape of a ChatGPT data export, for tools that read such exports."""

from collections.abc import Sequence

from connectors.base.handing.export_shape import ExportHandoff, json_list, spoken_in
from connectors.base.handing.notes import Note
from connectors.base.handoff import Part, Slice
from connectors.openai.exporting import entries


class ChatGPTExport(ExportHandoff):
    name = "A zip like ChatGPT's own export"
    group = "format"
    steps = (
        "Download the zip and leave it as it is.",
        "Give it to the tool that reads ChatGPT exports. ChatGPT itself takes none.",
        "To check, look in that tool for a conversation that you know.",
    )
    limits = (
        "The shape is that of exports of 2026, as several programs read it; OpenAI does not "
        "describe it. A tool may ask for more than is in it."
    )
    sure = "reported"
    lost = (
        "All memories become facts on one line each; collections and kinds stay behind.",
        "A memory whose day is not known gets the day of this hand-off.",
        "Ids are new; system text, calls of tools and their results stay behind.",
    )

    def files(self, notes: list[Note], talks: bool, slice: Slice) -> Sequence[Part]:
        return [
            Part(
                "conversations.json",
                where=self.where,
                stream=lambda: json_list(entries(notes, spoken_in(slice), slice.now)),
            )
        ]
