"""Files of coding agents, built in code: sessions a line for each entry, invented."""

import json
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]
NOON = "2026-02-01T12:00:00.000Z"
SLUG = ".claude/projects/-home-ana-app"
SECRET = "CANARY-sk-1234"  # what must never come out: of tools, of the program


def lined(entries: Iterable[Any]) -> str:
    """Entries a line each; text as it is."""
    lines = (one if isinstance(one, str) else json.dumps(one) for one in entries)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace").decode()


def claude(kind: str, name: str, parent: str | None, content: Any, **more: Any) -> Json:
    message: Json = {"role": kind, "content": content}
    if kind == "assistant":
        message |= {"id": "msg_1", "type": "message", "model": "claude-opus-4-5", "usage": {}}
    return {
        "parentUuid": parent,
        "isSidechain": False,
        "userType": "external",
        "cwd": "/home/ana/app",
        "sessionId": "s1",
        "version": "2.1.44",
        "gitBranch": "main",
        "type": kind,
        "message": message,
        "uuid": name,
        "timestamp": NOON,
        **more,
    }


def claude_session(name: str = "s1") -> list[Json]:
    """Asked, a tool called, answered."""
    used = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": SECRET}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": SECRET}
    thought = {"type": "thinking", "thinking": SECRET, "signature": "x"}
    entries = [
        {"type": "file-history-snapshot", "messageId": "x", "snapshot": {"files": SECRET}},
        claude("user", "m1", None, "Make the tests pass."),
        claude("assistant", "m2", "m1", [thought]),
        claude("assistant", "m3", "m2", [{"type": "text", "text": "I look first."}]),
        claude("assistant", "m4", "m3", [used]),
        claude("user", "m5", "m4", [result], toolUseResult={"stdout": SECRET}),
        claude("assistant", "m6", "m5", [{"type": "text", "text": "They pass."}]),
    ]
    return [{**one, "sessionId": name} if "sessionId" in one else one for one in entries]


def codex(kind: str, payload: Json) -> Json:
    return {"timestamp": NOON, "type": kind, "payload": payload}


def codex_said(role: str, *texts: str) -> Json:
    part = "output_text" if role == "assistant" else "input_text"
    content = [{"type": part, "text": text} for text in texts]
    return codex("response_item", {"type": "message", "role": role, "content": content})


def codex_meta(name: str = "r1", **more: Any) -> Json:
    head = {"id": name, "timestamp": NOON, "cwd": "/home/ana/app", "originator": "codex_cli_rs"}
    head |= {"cli_version": "0.60.0", "source": "cli", "instructions": SECRET}
    return codex("session_meta", {**head, **more})


def codex_session(name: str = "r1") -> list[Json]:
    surroundings = f"<environment_context>\n  <cwd>{SECRET}</cwd>\n</environment_context>"
    rules = f"# AGENTS.md instructions for /home/ana\n\n<INSTRUCTIONS>\n{SECRET}\n</INSTRUCTIONS>"
    called = {"type": "function_call", "name": "shell", "arguments": SECRET, "call_id": "c1"}
    answered = {"type": "function_call_output", "call_id": "c1", "output": SECRET}
    return [
        codex_meta(name),
        codex_said("developer", f"<permissions instructions>{SECRET}</permissions instructions>"),
        codex_said("user", rules, surroundings),
        codex("turn_context", {"cwd": "/home/ana", "model": "gpt-5.4", "summary": "auto"}),
        codex_said("user", "Make the tests pass."),
        codex("event_msg", {"type": "user_message", "message": "Make the tests pass."}),
        codex("response_item", {"type": "reasoning", "summary": [], "encrypted_content": SECRET}),
        codex("response_item", called),
        codex("response_item", answered),
        codex("event_msg", {"type": "token_count", "info": {}}),
        codex_said("assistant", "They pass."),
        codex("event_msg", {"type": "agent_message", "message": "They pass."}),
    ]


def gemini_said(name: str, kind: str, content: Any, **more: Any) -> Json:
    return {"id": name, "timestamp": NOON, "type": kind, "content": content, **more}


def gemini_messages() -> list[Json]:
    call = {"id": "c1", "name": "shell", "args": {"command": SECRET}, "result": [{"text": SECRET}]}
    thoughts = [{"subject": SECRET, "description": SECRET, "timestamp": NOON}]
    more = {"toolCalls": [call], "thoughts": thoughts, "model": "gemini-3-pro"}
    return [
        gemini_said("m1", "user", [{"text": "Make the tests pass."}]),
        gemini_said("m2", "gemini", "I look first.", **more),
        gemini_said("m3", "info", SECRET),
        gemini_said("m4", "user", [{"functionResponse": {"response": {"output": SECRET}}}]),
        gemini_said("m5", "gemini", "They pass.", model="gemini-3-pro"),
    ]


def gemini_head(name: str = "g1", **more: Any) -> Json:
    times = {"startTime": NOON, "lastUpdated": "2026-02-01T12:30:00.000Z"}
    return {"sessionId": name, "projectHash": "abc", **times, "kind": "main", **more}
