"""An MCP server on standard input and output that behaves as its first argument says."""

import json
import os
import subprocess
import sys
import time
from typing import Any

HOW = sys.argv[1]


def send(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def told() -> list[dict[str, Any]]:
    """What a listing answers: of the process itself, for the tests to look at."""
    shown = {"argv": sys.argv[1:], "environment": dict(os.environ), "pid": os.getpid()}
    return [{"id": name, "text": json.dumps(value)} for name, value in shown.items()]


def answer(method: str) -> dict[str, Any]:
    if method == "initialize":
        return {"protocolVersion": "2025-11-25", "serverInfo": {"name": "odd"}}
    if method == "tools/list":
        return {"tools": [{"name": "list_memories", "inputSchema": {}}]}
    return {"content": [], "structuredContent": {"memories": told()}}


def ask_back() -> None:
    """Things that a client has to bear: noise, notices, questions, answers to nobody."""
    print("Listening ... {not json")
    print("[1, 2]", flush=True)
    send({"method": "notifications/message", "params": {}})
    send({"id": 99, "result": {}})
    for question in ("ping", "roots/list"):
        send({"id": f"q-{question}", "method": question})
        reply = json.loads(sys.stdin.readline())
        assert reply["id"] == f"q-{question}"
        assert ("result" in reply) == (question == "ping")


def main() -> None:
    if HOW == "family":
        subprocess.Popen(["sleep", "600"])
    if HOW == "deaf":
        time.sleep(600)
    for line in sys.stdin:
        said = json.loads(line)
        if HOW == "ends" and said["method"] == "tools/call":
            return
        if HOW == "mute" and said["method"] == "tools/call":
            time.sleep(600)
        if HOW == "long" and said["method"] == "tools/call":
            while True:
                sys.stdout.write("x" * 65536)
        if HOW == "odd" and "id" in said:
            ask_back()
        if "id" in said:
            send({"id": said["id"], "result": answer(said["method"])})


main()
