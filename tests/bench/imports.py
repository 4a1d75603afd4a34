"""What importing a large ChatGPT export costs, and that its size decides nothing about memory.

    python -m tests.bench.imports [--gigabytes 1] [--shape zip|json] [--with-index]

Makes a tenth of that many gigabytes of JSON and then all of it (10^9 bytes each), straight into a
sealed upload, and has each imported into a new vault in a process of its own, by the code that the
worker runs. Prints messages a second read (for the preview), written and embedded, the highest
memory of the process in each step (RSS, as Linux counts it), and the ratio of the two sizes: near 1
says that memory is bounded. Embedding is left out unless `--with-index` asks for it; a small
size shows its rate. Starts its own embedded services in a folder of its own.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

STEPS = {"_read": "read", "_write": "written", "_index": "embedded"}
_EVERY = 30.0  # seconds between two lines of progress


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--shape", choices=("zip", "json"), default="zip")
    parser.add_argument("--with-index", action="store_true")
    parser.add_argument("--alone", action="store_true", help="this size only, not a tenth first")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print("RESULT", json.dumps(_measured(options)))
        return
    sizes = [options.gigabytes] if options.alone else [options.gigabytes / 10, options.gigabytes]
    found = [_in_a_child(size, options) for size in sizes]
    if len(found) == 2:
        _compared(*found)


def _in_a_child(gigabytes: float, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.imports", "--child"]
    command += ["--gigabytes", str(gigabytes), "--shape", options.shape]
    command += ["--with-index"] if options.with_index else []
    found: dict[str, Any] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout or ():
            if line.startswith("RESULT "):
                found = json.loads(line.removeprefix("RESULT "))
            else:
                print(line, end="", flush=True)
    if not found:
        sys.exit("The import did not end; see above.")
    _print(gigabytes, found)
    return found


def _print(gigabytes: float, found: dict[str, Any]) -> None:
    print(
        f"{gigabytes:g} GB of JSON, {found['conversations']:,} conversations, "
        f"{found['messages']:,} messages, uploaded as {found['uploaded'] / 1e6:,.0f} MB"
    )
    print(f"  before      {'':>32} RSS {found['before']:6.0f} MB")
    for step, (seconds, peak) in found["steps"].items():
        rate = found["messages"] / seconds
        print(
            f"  {step:<10}{seconds:9.1f} s {rate:9,.0f} messages/s  RSS {peak:6.0f} MB", flush=True
        )


def _compared(small: dict[str, Any], large: dict[str, Any]) -> None:
    print(f"ten times the export, {large['messages'] / small['messages']:.1f} times the messages:")
    for step, (seconds, peak) in large["steps"].items():
        then, low = small["steps"][step]
        rate = (large["messages"] / seconds) / (small["messages"] / then)
        print(f"  {step:<10} {rate:5.2f} times the messages/s, {peak / low:5.2f} times the RSS")


def _measured(options: argparse.Namespace) -> dict[str, Any]:
    django.setup()
    from django.conf import settings
    from django.db import connections

    from config.home import Home
    from tests.people import new_person
    from tests.stack import Stack

    home = Home(Path(settings.SATCHEL_HOME))
    try:
        with Stack(home):
            found = _imported(new_person(), options)
            connections.close_all()
            connections["default"].close_pool()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)
    return found


def _imported(person: Any, options: argparse.Namespace) -> dict[str, Any]:
    from sync.importing import imports, reading
    from sync.importing.uploads import LARGEST
    from tests.bench.largeexport import Export

    export = Export(int(options.gigabytes * 1e9))
    upload = _uploaded(export, options.shape)
    assert upload.size <= LARGEST, "larger than what may be uploaded"
    steps: dict[str, tuple[float, float]] = {}
    _watch(reading, steps, with_index=options.with_index)
    before = _peak()
    found = imports.begin(person.access, [upload], start=reading.run)
    assert found.state == "preview", found
    assert found.found["turns"] == export.messages, found.found
    done = imports.accept(person.access, found.id, start=reading.run)
    assert (done.state, done.written) == ("done", export.messages), done
    return {
        "messages": export.messages,
        "conversations": export.conversations,
        "uploaded": upload.size,
        "before": before,
        "steps": steps,
    }


def _uploaded(export: Any, shape: str) -> Any:
    """As the upload handler seals it."""
    from django.conf import settings

    from sync.importing.uploads import SealedUpload
    from vault.files import FileSealer

    began, sealer = time.monotonic(), FileSealer(Path(settings.SATCHEL_UPLOADS_DIR))
    if shape == "zip":
        export.into_zip(sealer.write)
    else:
        export.into_json(sealer.write)
    print(f"  made in {time.monotonic() - began:.0f} s", flush=True)
    return SealedUpload(f"export.{shape}", "", sealer.finish())


def _watch(reading: Any, steps: dict[str, tuple[float, float]], *, with_index: bool) -> None:
    """Time and memory of each step, and a line now and then while it goes on."""
    for state, real in list(reading._STEPS.items()):
        if step := STEPS.get(real.__name__):
            skips = step == "embedded" and not with_index
            reading._STEPS[state] = _ended if skips else _timed(real, step, steps)


def _timed(
    real: Callable[[Any], None], step: str, steps: dict[str, tuple[float, float]]
) -> Callable[[Any], None]:
    def timed(work: Any) -> None:
        _forget_the_peak()
        start = told = time.monotonic()
        update = work.update

        def telling(**fields: object) -> None:
            nonlocal told
            update(**fields)
            if time.monotonic() - told > _EVERY:
                told = time.monotonic()
                read = work.progress.bytes / 1e6  # of the upload
                print(
                    f"  {step}: {told - start:5.0f} s, {read:,.0f} MB, RSS {_peak():.0f} MB",
                    flush=True,
                )

        work.update = telling
        real(work)
        work.update = update
        steps[step] = (time.monotonic() - start, _peak())

    return timed


def _ended(work: Any) -> None:
    from sync.models import Import

    work.finish(Import.State.DONE)


def _forget_the_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """Megabytes, since it was last forgotten."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
