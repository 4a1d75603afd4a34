"""Exports of assistants that give out what was said and little else, built in code: invented."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from tests.connectors.shapes import Json
from tests.connectors.workbooks import Rows, workbook

# DeepSeek


def fragment(kind: str, content: Any = "said") -> Json:
    return {"type": kind, "content": content}


def deepseek_node(name: str, parent: str | None, *fragments: Json, **message: Any) -> Json:
    made = {
        "files": [],
        "model": "deepseek-chat",
        "inserted_at": "2026-01-01T20:00:00.000000+08:00",
        "fragments": list(fragments),
        **message,
    }
    return {"id": name, "parent": parent, "children": [], "message": made}


def deepseek_chat(name: str = "c1", nodes: Sequence[Json] = (), **more: Any) -> Json:
    two = [
        deepseek_node("1", "root", fragment("REQUEST", "hello")),
        deepseek_node("2", "1", fragment("THINK", "CANARY"), fragment("RESPONSE", "hi")),
    ]
    root = {"id": "root", "parent": None, "children": ["1"], "message": None}
    return {
        "id": name,
        "title": "A talk",
        "inserted_at": "2026-01-01T20:00:00.000000+08:00",
        "updated_at": "2026-01-01T20:10:00.000000+08:00",
        "mapping": {"root": root} | {node["id"]: node for node in nodes or two},
        **more,
    }


def deepseek(*chats: Any) -> dict[str, Any]:
    user = {"user_id": "account-1", "email": "CANARY@example.org", "mobile": "CANARY"}
    return {"conversations.json": list(chats), "user.json": user}


# Le Chat


def lechat_message(name: str, text: str = "said", role: str = "user", **more: Any) -> Json:
    return {
        "id": name,
        "version": 0,
        "chatId": "c1",
        "content": text,
        "contentChunks": None,
        "role": role,
        "createdAt": "2026-01-01T12:00:00.000Z",
        "reaction": "neutral",
        "canvas": [],
        "quotes": [],
        "files": [],
        **more,
    }


def lechat_chat(name: str = "c1") -> list[Json]:
    """Two messages in the order of real exports, which is none."""
    later = {"chatId": name, "createdAt": "2026-01-01T12:00:00.250Z"}
    return [
        lechat_message(f"{name}-2", "hi", "assistant", **later),
        lechat_message(f"{name}-1", "hello", chatId=name),
    ]


def lechat(*chats: list[Any]) -> dict[str, Any]:
    return {f"chat-{number}.json": chat for number, chat in enumerate(chats, 1)}


# Copilot


def copilot(rows: Sequence[Sequence[str]], work: bool = False) -> bytes:
    """Rows of title, time, author and text, the newest first; for work they are otherwise laid
    out."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    if work:
        table.writerow(["CreatedAt", "MessageContent", "Author", "ChatName"])
        table.writerows([at, text, author, title] for title, at, author, text in rows)
    else:
        table.writerow(["Conversation", "Time", "Author", "Message"])
        table.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


# Perplexity


def perplexity_entry(name: str, query: Any = "hello", answer: Any = "hi", **more: Any) -> Json:
    return {
        "entry_uuid": name,
        "query": query,
        "answer": answer,
        "created_at": "2026-01-01T12:00:00Z",
        "engine_mode": "CONCISE",
        "label": "",
        "query_status": "COMPLETED",
        **more,
    }


def perplexity_chat(name: str = "c1", entries: Sequence[Any] = (), **more: Any) -> Json:
    return {
        "context_uuid": name,
        "context_title": "A talk",
        "created_at": "2026-01-01T12:00:00Z",
        "updated_at": "2026-01-01T12:10:00Z",
        "mode": "SEARCH",
        "collection_uuid": None,
        "entries": list(entries) or [perplexity_entry(f"{name}-e1")],
        **more,
    }


MEMORIES: Rows = [["id", "memory", "created_at"], ["k1", "Drinks tea", "2026-01-01T12:00:00Z"]]


def perplexity_data(memories: Rows | str = MEMORIES, **more: Rows) -> bytes:
    personal: Rows = [["email"], ["CANARY@example.org"]]
    return workbook(
        {
            "profile": personal,
            "preferences": [],
            "memory": memories,
            "subscription": personal,
            **more,
        }
    )


def perplexity(*chats: Any) -> dict[str, Any]:
    return {
        "conversations-1767268800-ab12.json": {"conversations": list(chats)},
        "user-data-1767268800.xlsx": perplexity_data(),
    }


# Meta AI


def meta_talk(text: str, name: str = "01-31-2026_1") -> str:
    """One section; `text` has lines, as the page may or may not have."""
    link = f"Conversation with Meta AI_{name}.txt"
    return (
        '<section class="_3-95 _a6-g"><table><tr><td class="_a6_q">Conversation</td>'
        f'<td class="_2piu _a6_r">Conversation with Meta AI\n{text}</td></tr></table>'
        f'<a href="meta_ai_profile/{link}">{link}</a></section>'
    )


def meta(*sections: str) -> dict[str, Any]:
    head = "<html><head><style>._a6_r{color:red}</style><title>x</title></head><body>"
    return {
        "meta_ai_profile/your_ai_conversations.html": head + "".join(sections) + "</body></html>",
        "meta_ai_profile/your_meta_ai_profile.html": head + "CANARY</body></html>",
    }


# Qwen


def qwen_message(name: str, text: Any = "said", role: str = "user", **more: Any) -> Json:
    return {
        "id": name,
        "role": role,
        "content": text,
        "parentId": None,
        "childrenIds": [],
        "timestamp": 1767268800,
        **more,
    }


def qwen_chat(name: str = "c1", messages: Sequence[Json] = (), **more: Any) -> Json:
    phases = [{"phase": "think", "content": "CANARY"}, {"phase": "answer", "content": "hi"}]
    two = [
        qwen_message(f"{name}-m1", "hello"),
        qwen_message(
            f"{name}-m2",
            "",
            "assistant",
            parentId=f"{name}-m1",
            content_list=phases,
            model="qwen3-max",
        ),
    ]
    given = messages or two
    history = {"messages": {one["id"]: one for one in given}, "currentId": given[-1]["id"]}
    return {
        "id": name,
        "title": "A talk",
        "created_at": 1767268800,
        "updated_at": 1767269400,
        "chat": {"history": history},
        **more,
    }


def qwen(*chats: Any) -> dict[str, Any]:
    made = {"success": True, "request_id": "r1", "data": list(chats)}
    return {"qwen-chat-export-1767268800.json": made}


# Kagi


def kagi_thread(name: str = "c1", text: Any = "", **more: Any) -> Json:
    said = text or "# A talk\n\n## User\n\nhello\n\n## Assistant\n\nhi"
    return {"threadDetail": {"id": name, "title": "A talk", **more}, "markdownExport": said}


def kagi(*threads: Any) -> dict[str, Any]:
    return {"kagi.json": list(threads)}
