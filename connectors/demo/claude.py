"""Ana's Claude export: conversations, one project, and what Claude remembers of her."""

from typing import Any

from connectors.demo.naming import invented_id, iso, turn_time

Json = dict[str, Any]
_ROOT = "00000000-0000-4000-8000-000000000000"
_ACCOUNT = invented_id("claude", "account")
_PROJECT = invented_id("claude", "project")


def export(life: Json) -> Json:
    """The files of the export, by name."""
    person = life["person"]
    return {
        "users.json": [
            {
                "uuid": _ACCOUNT,
                "full_name": person["name"],
                "email_address": person["email"],
                "verified_phone_number": None,
            }
        ],
        "conversations.json": [_conversation(chat) for chat in life["claude"]],
        "projects.json": [_project(life["claude_project"], life["claude"][0])],
        "memories.json": [_memory(life)],
    }


def _conversation(chat: Json) -> Json:
    name = invented_id("claude", chat["title"])
    conversation = {
        "uuid": name,
        "name": chat["title"],
        "summary": "",
        "created_at": iso(chat["at"]),
        "updated_at": iso(turn_time(chat, len(chat["turns"]))),
        "account": {"uuid": _ACCOUNT},
        "chat_messages": [_message(chat, name, number) for number in range(len(chat["turns"]))],
    }
    return conversation | ({"project_uuid": _PROJECT} if chat.get("project") else {})


def _message(chat: Json, name: str, number: int) -> Json:
    text, at = chat["turns"][number], iso(turn_time(chat, number))
    content: list[Json] = [{"type": "text", "text": text, "citations": []}]
    if number == len(chat["turns"]) - 1 and "artifact" in chat:
        made = {"id": "checklist", "type": "text/markdown", "title": chat["artifact"]}
        content.append({"type": "tool_use", "name": "artifacts", "input": made})
    pasted = chat.get("pasted") if number == 0 else None
    return {
        "uuid": invented_id(name, number),
        "text": text,
        "content": content,
        "sender": "assistant" if number % 2 else "human",
        "created_at": at,
        "updated_at": at,
        "attachments": [_attachment(pasted)] if pasted else [],
        "files": [],
        "parent_message_uuid": invented_id(name, number - 1) if number else _ROOT,
    }


def _attachment(pasted: Json) -> Json:
    return {
        "file_name": pasted["name"],
        "file_size": len(pasted["text"]),
        "file_type": "txt",
        "extracted_content": pasted["text"],
    }


def _project(project: Json, first: Json) -> Json:
    at = iso(first["at"])
    return {
        "uuid": _PROJECT,
        "name": project["name"],
        "description": "",
        "is_private": True,
        "is_starter_project": False,
        "prompt_template": project["instructions"],
        "created_at": at,
        "updated_at": at,
        "creator": {"uuid": _ACCOUNT, "full_name": "Ana Ruiz"},
        "docs": [
            {
                "uuid": invented_id("doc", doc["name"]),
                "filename": doc["name"],
                "content": doc["text"],
                "created_at": at,
            }
            for doc in project["docs"]
        ],
    }


def _memory(life: Json) -> Json:
    remembered = life["claude_memory"]
    return {
        "conversations_memory": remembered["conversations"].strip(),
        "project_memories": {_PROJECT: life["claude_project"]["memory"].strip()},
        "memory_files": [
            {
                "path": file["path"],
                "content": file["content"].strip(),
                "updated_at": iso(file["updated_at"]),
            }
            for file in remembered["files"]
        ],
        "account_uuid": _ACCOUNT,
    }
