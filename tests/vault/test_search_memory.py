"""What opened collections may take of the machine's memory, in all processes together."""

import json
import subprocess
import sys

from tests.people import Person
from tests.stack import ROOT, environment
from vault import bulk
from vault.types import Draft, Right

CAP, PROCESSES = 16, 4  # MiB for all of them
SHARE = CAP * 2**20 / PROCESSES
COUNT, LENGTH = 200, 4_000
HOMES = ("Personal", "Work", "Family", "Travel", "Health", "Money")

SEARCH = """
import json, sys
import django
django.setup()
from vault.recalling import recall
from vault.access import open_token
from vault.search import sealed
most = 0
for _ in range(2):
    for token in sys.argv[1:]:
        assert recall.search(open_token(token), "bees", limit=1)
        held = [opened.index.nbytes for opened in sealed._cache.values()]
        most = max(most, sum(held))
print(json.dumps([most, len(held), max(held)]), flush=True)
sys.stdin.read()
"""


def fill(person: Person) -> list[str]:
    """A token for each collection, every one of which takes some megabytes when it is open."""
    for home in HOMES:
        place, long_word = person.collection(home), "z" * LENGTH
        drafts = [(place, Draft(f"{home} {number} bees {long_word}")) for number in range(COUNT)]
        bulk.remember_many(person.access, drafts)
    return [person.token(**{home: Right(see=True)})[1] for home in HOMES]


def test_each_of_two_processes_keeps_to_its_share(ana: Person) -> None:
    tokens = fill(ana)
    shared = environment(SATCHEL_SEARCH_MEMORY=str(CAP), SATCHEL_PROCESSES=str(PROCESSES))
    both = [
        subprocess.Popen(
            (sys.executable, "-c", SEARCH, *tokens),
            cwd=ROOT,
            env=shared,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [json.loads(process.stdout.readline()) for process in both if process.stdout]
    for process in both:
        process.communicate()
        assert process.returncode == 0
    for most, held, largest in said:
        assert most <= SHARE
        assert 1 <= held < len(HOMES)  # there was more to open than there was room
        assert largest * len(HOMES) > SHARE
