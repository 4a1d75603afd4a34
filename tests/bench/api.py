"""How the API does under load: many apps over many vaults, against the real web server.

    python -m tests.bench.api [--seconds 60] [--apps 20] [--vaults 50] [--memories 20]

Starts its own services in a folder of its own and removes them. Each app holds tokens of several
vaults and asks without a pause, over loopback, in this mix: six contexts, two searches, one page of
memories and one new memory. Each vault holds a word that no other has: an answer with another
vault's word is a cross-tenant row, and ends the run with an error, as does any answer but 2xx.

    outside embedding   the part of the web server's CPU time that is not the embedding of
                        questions, whose cost is measured alone before
"""

import argparse
import os
import random
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
import httpx
import psutil

MIX = ("context",) * 6 + ("search",) * 2 + ("list", "remember")
TOKENS_OF_AN_APP = 5
_WORD = re.compile(r"canary(\d+)x")
_TOPICS = (
    *("tea", "trains", "gardens", "chess", "sailing", "bread", "mountains", "violins", "taxes"),
    *("dentists", "birthdays", "recipes", "bicycles", "passports", "novels", "cats", "budgets"),
)


@dataclass
class Asked:
    """What one app measured."""

    took: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("seconds", 60), ("apps", 20), ("vaults", 50), ("memories", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    django.setup()
    from django.conf import settings

    from config.home import Home
    from tests.stack import Stack

    with Stack(Home(settings.SATCHEL_HOME)) as stack, _server(stack) as server:
        tokens = fill(options)
        embedding = _embedding_cost()
        asked, seconds, cpu = run(options, server, tokens)
    sys.exit(report(asked, seconds, cpu, embedding))


def _server(stack: Any) -> Any:
    from config import children
    from tests.stack import Live, environment

    class Unhurried(Live):
        def service(self) -> Any:
            rates = {"SATCHEL_GRANT_RATE": "1000000", "SATCHEL_ADDRESS_RATE": "1000000"}
            return children.web(stack.home, environment(**rates), "127.0.0.1", self.port)

    return Unhurried(stack)


def fill(options: Any) -> list[list[tuple[int, str]]]:
    """For each app the vaults that it may use, with its token for each."""
    from tests.api.people import WRITE, Owner

    started, owners = time.perf_counter(), []
    for n in range(options.vaults):
        owner = Owner()
        owner.remembers(f"My name is canary{n}x.", kind="profile")
        for turn in range(options.memories):
            topic = _TOPICS[turn % len(_TOPICS)]
            owner.remembers(f"Note {turn} on {topic}, which canary{n}x keeps in mind.")
        owners.append(owner)
    tokens = []
    for app in range(options.apps):
        mine = {(app + step * options.apps) % options.vaults for step in range(TOKENS_OF_AN_APP)}
        tokens.append([(n, owners[n].grants({"Personal": WRITE}).token) for n in mine])
    print(f"{options.vaults} vaults filled in {time.perf_counter() - started:.0f} s", flush=True)
    return tokens


def _embedding_cost() -> float:
    """CPU seconds of embedding one question."""
    from vault.embedding.embedders import bundled

    model, asked = bundled(), [_question(random.Random(n)) for n in range(60)]
    for text in asked[:10]:
        model.query(text)
    before = time.process_time()
    for text in asked[10:]:
        model.query(text)
    return (time.process_time() - before) / 50


def run(
    options: Any, server: Any, tokens: list[list[tuple[int, str]]]
) -> tuple[list[Asked], float, float]:
    """What each app measured, how long it all took, and the server's CPU seconds."""
    asked = [Asked() for _ in tokens]
    workers = _processes(server.running.pid)
    before, until = _cpu(workers), time.monotonic() + options.seconds
    started = time.perf_counter()
    threads = [
        threading.Thread(target=_ask, args=(n, server.url, mine, asked[n], until))
        for n, mine in enumerate(tokens)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return asked, time.perf_counter() - started, _cpu(workers) - before


def _ask(n: int, url: str, mine: list[tuple[int, str]], asked: Asked, until: float) -> None:
    dice = random.Random(n)
    with httpx.Client(base_url=f"{url}/api/v1/", timeout=60) as http:
        while time.monotonic() < until:
            vault, token = dice.choice(mine)
            kind = dice.choice(MIX)
            headers = {"Authorization": f"Bearer {token}"}
            started = time.perf_counter()
            try:
                answer = _call(http, kind, dice, headers)
            except httpx.HTTPError as error:
                asked.wrong.append(f"{kind}: {type(error).__name__}")
                continue
            asked.took.setdefault(kind, []).append(time.perf_counter() - started)
            _judge(kind, vault, answer, asked)


def _call(http: httpx.Client, kind: str, dice: random.Random, headers: Any) -> httpx.Response:
    if kind == "list":
        return http.get("memories?limit=20", headers=headers)
    if kind == "remember":
        body = {"text": f"Thought of {_question(dice)}", "kind": "fact"}
        return http.post("memories", json=body, headers=headers)
    return http.post(kind, json={"query": _question(dice)}, headers=headers)


def _judge(kind: str, vault: int, answer: httpx.Response, asked: Asked) -> None:
    if not answer.is_success:
        asked.wrong.append(f"{kind}: {answer.status_code} {answer.text[:200]}")
    others = set(_WORD.findall(answer.text)) - {str(vault)}
    if others:
        asked.wrong.append(f"{kind}: vault {vault} was shown rows of {sorted(others)}")
    if kind == "context" and f"canary{vault}x" not in answer.text:
        asked.wrong.append(f"{kind}: vault {vault} was not shown its own profile")


def _question(dice: random.Random) -> str:
    return f"What about {dice.choice(_TOPICS)} and {dice.choice(_TOPICS)}, {dice.random():.6f}?"


def _processes(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes)


def report(asked: list[Asked], seconds: float, cpu: float, embedding: float) -> int:
    """Print it; 1 when anything was wrong."""
    kinds: dict[str, list[float]] = {}
    for one in asked:
        for kind, took in one.took.items():
            kinds.setdefault(kind, []).extend(took)
    everything = sorted(value for took in kinds.values() for value in took)
    embeds = sum(len(kinds.get(kind, ())) for kind in ("context", "search", "remember"))
    print(f"{'':<10}{'requests':>10}{'per s':>9}{'p50 ms':>9}{'p99 ms':>9}")
    for kind, times in [*sorted(kinds.items()), ("all", everything)]:
        took = sorted(times)
        p50, p99 = (1000 * took[int(len(took) * share)] for share in (0.5, 0.99))
        print(f"{kind:<10}{len(took):>10}{len(took) / seconds:>9.1f}{p50:>9.1f}{p99:>9.1f}")
    outside = 1 - embedding * embeds / cpu
    print(f"server CPU {cpu / len(everything) * 1000:.1f} ms a request, an embedding"
          f" {embedding * 1000:.1f} ms; outside embedding {outside:.0%}")  # fmt: skip
    wrong = [line for one in asked for line in one.wrong]
    for line in wrong[:10]:
        print("WRONG", line)
    print(f"errors and cross-tenant rows: {len(wrong)}")
    return 1 if wrong or not everything else 0


if __name__ == "__main__":
    main()
