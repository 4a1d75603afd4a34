"""Ana's ChatGPT export: a tree for each chat, and what was saved on the way."""

from datetime import datetime
from typing import Any

from connectors.demo.naming import invented_id, turn_time

Json = dict[str, Any]
_PICTURE = "file_0a77e2otter"
_ALL_SAVED_EVERY = 4  # one chat in four carries the whole list of saved memories


def export(life: Json) -> Json:
    """The files of the export, by name."""
    saved: list[str] = []
    conversations = []
    for number, chat in enumerate(life["chatgpt"]):
        shown = saved if number % _ALL_SAVED_EVERY == 0 else []
        conversations.append(_conversation(chat, shown, life["instructions"]))
        saved += [f"[{chat['at']:%Y-%m-%d}] {fact}" for fact in chat.get("saved", ())]
    # Such entries are in real exports too; the import says so and goes on.
    conversations.append({"id": invented_id("lost"), "title": "New chat", "mapping": None})
    return {
        "user.json": {
            "id": "user-" + invented_id("ana")[:8],
            "email": life["person"]["email"],
            "chatgpt_plus_user": True,
            "phone_number": None,
        },
        "conversations.json": conversations,
        "conversation_asset_file_names.json": {
            f"{_PICTURE}.dat": chat["picture"] for chat in life["chatgpt"] if "picture" in chat
        },
    }


def _conversation(chat: Json, shown: list[str], instructions: list[Json]) -> Json:
    thread = _Thread(chat)
    told = [pair for pair in instructions if pair["since"] <= chat["at"]][-1]
    profile = {"user_profile": told["about"], "user_instructions": told["answer"]}
    thread.say("user", {"content_type": "user_editable_context", **profile}, hidden=True)
    if shown:
        listed = "\n".join(f"{number}. {line}" for number, line in enumerate(shown, 1))
        content = {"content_type": "model_editable_context", "model_set_context": listed}
        thread.say("system", content, hidden=True)
    root = thread.last
    _talk(thread, chat)
    current = thread.last
    thread.last = root
    for number, text in enumerate(chat.get("edited", ())):
        thread.say("assistant" if number % 2 else "user", _text(text))
    return {
        "id": thread.name,
        "conversation_id": thread.name,
        "title": chat["title"],
        "create_time": chat["at"].timestamp(),
        "update_time": turn_time(chat, len(chat["turns"])).timestamp(),
        "is_do_not_remember": chat.get("private", False),
        "current_node": current,
        "mapping": thread.nodes,
    }


def _talk(thread: "_Thread", chat: Json) -> None:
    turns = chat["turns"]
    for number, text in enumerate(turns):
        at = turn_time(chat, number)
        if number == len(turns) - 1:
            for fact in chat.get("saved", ()):
                thread.say("assistant", _text(fact), at, recipient="bio")
                thread.say("tool", _text("Model set context updated."), at, name="bio")
        content = _text(text)
        if number == len(turns) - 1 and "picture" in chat:
            picture = {"content_type": "image_asset_pointer"}
            picture["asset_pointer"] = f"sediment://{_PICTURE}"
            content = {"content_type": "multimodal_text", "parts": [text, picture]}
        thread.say("assistant" if number % 2 else "user", content, at)


def _text(text: str) -> Json:
    return {"content_type": "text", "parts": [text]}


class _Thread:
    """The nodes of one chat; `say` adds one below `last`."""

    def __init__(self, chat: Json) -> None:
        self.name = invented_id("chatgpt", chat["title"])
        self.nodes: dict[str, Json] = {}
        self.last = ""
        self._add(None)

    def say(
        self,
        role: str,
        content: Json,
        at: datetime | None = None,
        recipient: str = "all",
        name: str | None = None,
        hidden: bool = False,
    ) -> None:
        metadata: Json = {"model_slug": "gpt-5"} if role == "assistant" else {}
        if hidden:
            metadata["is_visually_hidden_from_conversation"] = True
        message: Json = {
            "author": {"role": role, "name": name, "metadata": {}},
            "create_time": at.timestamp() if at else None,
            "content": content,
            "status": "finished_successfully",
            "weight": 1.0,
            "recipient": recipient,
            "metadata": metadata,
        }
        self._add(message)

    def _add(self, message: Json | None) -> None:
        key = invented_id(self.name, len(self.nodes))
        if message:
            message = {"id": key, **message}
        parent = self.last or None
        self.nodes[key] = {"id": key, "parent": parent, "children": [], "message": message}
        if parent:
            self.nodes[parent]["children"].append(key)
        self.last = key
