"""Fuzzes every reader of exports, and what they are made of, by coverage (atheris).

    python -m tests.fuzz.archives [name ...] [--seconds 60] [--again FILE]

Without names all of them, one after the other, each in a process of its own: the slugs of the
readers (`openai`, `anthropic-code`, ...), then the parsers (`json_stream`, `zips`, `answers`, ...).
Prints how many inputs a second were tried, how many places of the code they reached and what was
found; a find is printed once, with its input as base64, and kept in the folder `--keep`. `--again`
runs one kept input. Ends with 1 when anything was found. Linux, and Python up to 3.13.
"""

import argparse
import base64
import hashlib
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

_LONGEST = 1 << 17
_MEGABYTES = 1_500
_SLOW = 3.0, 100e-6
"""Seconds of the processor for an input, and more for each byte, under instrumentation."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "satchel-fuzz")
    parser.add_argument("--again", type=Path)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        _fuzz(options.names[0], options.seconds, options.keep)
    if options.again:
        return _again(options.names[0], options.again)
    names = options.names or _all()
    return max([_in_a_child(name, options.seconds, options.keep) for name in names], default=0)


def _all() -> list[str]:
    from tests.fuzz.targets import targets

    return list(targets())


def _again(name: str, path: Path) -> int:
    from tests.fuzz.bundle import unpacked
    from tests.fuzz.targets import targets

    _set_up(name)
    targets()[name].check(unpacked(path.read_bytes()))
    return 0


def _set_up(name: str) -> None:
    if name == "answers":
        import django

        django.setup()


def _in_a_child(name: str, seconds: int, keep: Path) -> int:
    keep.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.archives", name, "--child"]
    command += ["--seconds", str(seconds), "--keep", str(keep)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    said = done.stdout + done.stderr
    finds = re.findall(r"^FOUND .*\n.*\n.*", said, re.M)
    tried = re.search(r"number_of_executed_units: (\d+)", said)
    rate = re.search(r"average_exec_per_sec:\s+(\d+)", said)
    reached = re.findall(r"cov: (\d+)", said)
    peak = re.search(r"peak_rss_mb:\s+(\d+)", said)
    print(
        f"{name:<18} {_of(tried):>8} inputs {_of(rate):>6}/s  {(reached or ['?'])[-1]:>6} places  "
        f"{_of(peak):>5} MB  {len(finds)} found",
        flush=True,
    )
    for find in finds:
        print(find, flush=True)
    if done.returncode and not finds:
        print("\n".join(said.splitlines()[-40:]), flush=True)
    return int(bool(finds) or done.returncode != 0)


def _of(found: re.Match[str] | None) -> str:
    return found[1] if found else "?"


def _fuzz(name: str, seconds: int, keep: Path) -> None:
    """Never comes back."""
    import atheris

    with atheris.instrument_imports(include=["connectors", "sync.distilling"]):
        _set_up(name)
        from tests.fuzz.targets import targets

        target = targets()[name]
    from tests.fuzz import breaking
    from tests.fuzz.bundle import packed, unpacked

    known: set[str] = set()

    def one_input(data: bytes) -> None:
        began = time.process_time()
        try:
            target.check(unpacked(data))
            took = time.process_time() - began
            assert took < _SLOW[0] + _SLOW[1] * len(data), "too slow"
        except Exception as error:
            _tell(name, error, data, known, keep)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        made = packed(breaking.broken(unpacked(data), chance, _bytewise(atheris)))
        return made if len(made) <= most else data

    corpus = Path(tempfile.mkdtemp(dir=keep))
    for seed in target.seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    flags = [f"-max_total_time={seconds}", f"-max_len={_LONGEST}", "-print_final_stats=1"]
    flags += [f"-rss_limit_mb={_MEGABYTES}", "-timeout=60", f"-artifact_prefix={keep}/{name}-"]
    flags += ["-len_control=0", "-reload=0"]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], one_input, custom_mutator=mutate)
    atheris.Fuzz()


def _bytewise(atheris: Any) -> Any:
    from tests.fuzz.breaking import bytes_broken

    def mutate(raw: bytes, chance: random.Random) -> bytes:
        if chance.random() < 0.4:
            return bytes_broken(raw, chance)
        return bytes(atheris.Mutate(raw, max(16, 2 * len(raw))))

    return mutate


def _tell(name: str, error: Exception, data: bytes, known: set[str], keep: Path) -> None:
    """Each fault once, by where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{Path(f.filename).name}:{f.lineno}" for f in frames[-4:]]
    what = f"{type(error).__name__} {str(error)[:60]} at {' < '.join(reversed(ours))}"
    place = f"{type(error).__name__} {ours[-1]}"
    if place in known:
        return
    known.add(place)
    path = keep / f"{name.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    shown = base64.b64encode(data[:3_000]).decode()
    print(f"FOUND {name}: {what}\n  {path.name}\n  {shown}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
