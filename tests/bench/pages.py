"""How long pages and fragments take in a full vault: `python -m tests.bench.pages [NAME …]`.

10,000 memories in 12 collections, 20 grants on all of them, 30 connections. For each page: p50 and
p95 in milliseconds within one process (no network, no waiting for a worker), the share of them that
went to SQL, how many statements and bytes, and p50 as a multiple of the smallest page's; the tables
are analysed before, as PostgreSQL does it by itself within a minute of an import. A name is
a key of `PAGES` or an address that begins with "/". Starts its own embedded services in a folder of
its own and removes them. It prints and never fails: times are the machine's.
"""

import argparse
import gc
import os
import random
import shutil
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

PAGES: Mapping[str, str] = {
    "least": "/alive/",
    "list": "/memories/",
    "list*": "/memories/",
    "filtered*": "/memories/?kind=fact&source=openai&learnt=30",
    "search*": "/memories/?q=porto",
    "typed*": "/memories/?q=ho",
    "sifted*": "/memories/?q=porto&source=openai&learnt=year",
    "memory": "/memories/{memory}/",
    "placed": "/memories/{memory}/?in=list",
    "found": "/memories/{memory}/?in=list&q=porto",
    "edit*": "/memories/{memory}/edit/",
    "home": "/",
    "review": "/review/",
    "grants": "/grants/",
    "grant": "/grants/{grant}/",
    "see as": "/grants/{grant}/see/",
    "connections": "/connections/",
    "connection": "/connections/{connection}/",
    "activity": "/activity/",
    "settings": "/settings/",
    "palette*": "/go/?q=porto",
}
"""Name and address; one whose name ends in * is asked for as a fragment, as htmx does."""
_GRANTS, _CONNECTIONS, _COLLECTIONS = 20, 30, 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--profile", action="store_true", help="print where the time of each goes")
    options = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.db import connections

    from config.home import Home
    from tests.stack import Stack

    home = Home(Path(settings.SATCHEL_HOME))
    try:
        with Stack(home):
            person, names = full_vault(options.size)
            measure(person, names, options.names or list(PAGES), options)
            connections.close_all()
            connections["default"].close_pool()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


def full_vault(size: int) -> tuple[Any, dict[str, str]]:
    """(its owner, an id for each name in an address)"""
    from tests.archives import reopened
    from tests.bench.recall import fill
    from tests.frontend.connectionshow import one_connection
    from tests.people import new_person
    from vault import browse, collections
    from vault.acting import acts
    from vault.types import Right
    from vault.visible import Selection

    person = new_person()
    homes = [one.id for one in collections.listing(person.access)]
    while len(homes) < _COLLECTIONS:
        name = f"Collection {len(homes)}"
        homes.append(collections.create(person.access, person.owner_key, name=name).id)
    person = reopened(person)  # with the keys of the new ones
    fill(person, size, random.Random(7))
    ids = [m.id for m in browse.listing(person.access, limit=100).memories]
    for number, collection in enumerate(homes):  # a few in each, so that none is empty
        some = Selection(ids=ids[number * 4 : number * 4 + 4])
        act = acts.begin(person.access, "move", some, param=str(collection))
        while act.working:
            act = acts.go_on(person.access, act.id)
    names = [one.name for one in collections.listing(person.access)]
    grant = None
    for number in range(_GRANTS):
        rights = {name: Right(see=True, add="ask") for name in names}
        grant, _ = person.token(f"Assistant {number}", **rights)
    made = [one_connection(person, f"Memory service {n}") for n in range(_CONNECTIONS)]
    assert grant is not None
    return person, {
        "memory": str(ids[0]),
        "grant": str(grant.id),
        "connection": str(made[0].id),
        "collection": str(homes[0]),
    }


def measure(person: Any, names: dict[str, str], asked: list[str], options: Any) -> None:
    from tests.people import signed_in

    client, least = signed_in(person), 0.0
    client.defaults["SERVER_NAME"] = "127.0.0.1"
    settle()
    once(client, names, "search*")  # opens the index
    print(f"{'':<14}{'p50':>7}{'p95':>8}{'sql':>7}{'statements':>12}{'KB':>7}{'x least':>9}")
    for name in ["least", *(one for one in asked if one != "least")]:
        took, sql, count, size = [], [], 0, 0
        for _ in range(options.times):
            ms, sql_ms, count, size = once(client, names, name)
            took.append(ms)
            sql.append(sql_ms)
        middle, high = statistics.median(took), statistics.quantiles(took, n=20)[-1]
        least = least or middle
        share = f"{statistics.median(sql) / middle:.0%}"
        line = f"{name:<14}{middle:>7.1f}{high:>8.1f}{share:>7}{count:>12}{size / 1024:>7.0f}"
        print(f"{line}{middle / least:>9.1f}", flush=True)
        if options.profile:
            profiled(client, names, name)


def settle() -> None:
    """What a server has done a minute after a large import: PostgreSQL's autovacuum took its
    statistics, and the web process set aside what it loaded (`config.asgi`)."""
    from importlib import import_module

    from django.conf import settings
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")
    connections["owner"].close()
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()


def once(client: Any, names: dict[str, str], name: str) -> tuple[float, float, int, int]:
    """(milliseconds, those of them in SQL, statements, bytes)"""
    from django.db import connections

    spent = [0.0, 0]

    def timed(execute: Any, *args: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent[0] += (time.perf_counter() - start) * 1000
            spent[1] += 1

    start = time.perf_counter()
    with connections["default"].execute_wrapper(timed):
        answer = client.get(address(names, name), headers=as_htmx(name))
    ms = (time.perf_counter() - start) * 1000
    if answer.status_code >= 300:
        print(f"{name}: {answer.status_code}")
    return ms, spent[0], int(spent[1]), len(answer.content)


def profiled(client: Any, names: dict[str, str], name: str) -> None:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.enable()
    for _ in range(5):
        client.get(address(names, name), headers=as_htmx(name))
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


def address(names: dict[str, str], name: str) -> str:
    return PAGES.get(name, name.rstrip("*")).format(**names)


def as_htmx(name: str) -> dict[str, str]:
    return {"HX-Request": "true"} if name.endswith("*") else {}


if __name__ == "__main__":
    main()
