"""The zip that Gemini's import of chats asks for: in the shape of a ChatGPT export."""

from collections.abc import Sequence

from connectors.base.handing.export_shape import ExportHandoff, json_list, spoken_in
from connectors.base.handing.notes import Note
from connectors.base.handoff import Part, Slice
from connectors.openai.exporting import entries


class GeminiChats(ExportHandoff):
    name = "Gemini, import of chats"
    group = "assistant"
    takes = "conversations"
    choices = ()
    steps = (
        "Download the zip and leave it as it is.",
        "In Gemini, open Settings & help, then Import memory to Gemini.",
        "Choose to import chats and upload the zip. What you upload is kept in your Gemini "
        "activity, and Google may use it to train models: see its settings first.",
        "To check, search in Gemini for a conversation that you know.",
    )
    limits = (
        "Google takes zips that ChatGPT or Claude made, up to 5 GB (one report says 100 MB) and "
        "five a day, text only, from adults with a personal account outside the EEA, Switzerland "
        "and the UK; since March 2026. Nobody has tried yet whether it takes a zip like this one."
    )
    source = "https://support.google.com/gemini/"
    lost = (
        "Memories go by the other hand-off to Gemini: this one is for conversations.",
        "Ids are new; system text, calls of tools and their results stay behind.",
    )

    def files(self, notes: list[Note], talks: bool, slice: Slice) -> Sequence[Part]:
        return [
            Part(
                "conversations.json",
                where=self.where,
                stream=lambda: json_list(entries([], spoken_in(slice), slice.now)),
            )
        ]
