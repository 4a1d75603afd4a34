"""Ana's Google Takeout: the activity log of Gemini, newest first, and her Gems."""

from html import escape
from typing import Any

from connectors.demo.naming import iso, turn_time

Json = dict[str, Any]


def export(life: Json) -> Json:
    """The files of the export, by name."""
    entries = [entry for chat in life["gemini"] for entry in _entries(chat)]
    # Other products share the log; the import passes over them.
    searched = {"header": "Search", "title": "Searched for port wine and blue cheese"}
    last = life["gemini"][-1]
    entries.append({**searched, "time": iso(turn_time(last, 60)), "products": ["Search"]})
    return {
        "Takeout/My Activity/Gemini Apps/MyActivity.json": entries[::-1],
        "Takeout/Gemini/gemini_gems_data.html": _gems(life["gems"]),
    }


def _entries(chat: Json) -> list[Json]:
    pairs = zip(chat["turns"][::2], chat["turns"][1::2], strict=True)
    return [
        {
            "header": "Gemini Apps",
            "title": f"Prompted {prompt}",
            "time": iso(turn_time(chat, 2 * number)),
            "products": ["Gemini Apps"],
            "activityControls": ["Gemini Apps Activity"],
            "safeHtmlItem": [{"html": f"<p>{escape(answer)}</p>"}],
        }
        for number, (prompt, answer) in enumerate(pairs)
    ]


def _gems(gems: list[Json]) -> str:
    shown = "".join(
        f"<div><b>Name:</b> {escape(gem['name'])}<br>"
        f"<b>Instructions:</b> {escape(gem['instructions'])}</div>"
        for gem in gems
    )
    return f"<html><body>{shown}</body></html>"
