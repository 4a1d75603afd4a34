"""A zip in the shape of a Claude data export, for tools that read such exports."""

import json
from collections.abc import Iterator

from connectors.anthropic.exporting import conversation, memories
from connectors.base.handing.export_shape import ExportHandoff, json_list, spoken_in
from connectors.base.handing.notes import Note
from connectors.base.handoff import Part, Slice


class ClaudeExport(ExportHandoff):
    name = "A zip like Claude's own export"
    group = "format"
    steps = (
        "Download the zip and leave it as it is.",
        "Give it to the tool that reads Claude exports. Claude itself takes none.",
        "To check, look in that tool for a conversation that you know.",
    )
    limits = (
        "The shape is that of exports before August 2026, as several programs read it; Anthropic "
        "does not describe it. A tool may ask for more than is in it."
    )
    sure = "reported"
    lost = (
        "Memories are one line each under a heading; their days, collections and most kinds stay "
        "behind.",
        "A message whose time is not known gets that of its conversation.",
        "Ids are new; models, system text, calls of tools and their results stay behind.",
    )

    def files(self, notes: list[Note], talks: bool, slice: Slice) -> Iterator[Part]:
        if talks:
            yield Part(
                "conversations.json",
                where=self.where,
                stream=lambda: json_list(conversation(t, slice.now) for t in spoken_in(slice)),
            )
        if notes:
            text = json.dumps([memories(notes)], ensure_ascii=False, indent=1)
            yield Part("memories.json", text, self.where)
