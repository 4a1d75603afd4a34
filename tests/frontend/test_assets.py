"""What is sent to browsers: pinned, small, and by rules that a glance could miss."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from frontend import stylesheets

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "frontend"
UI = FRONTEND / "static" / "ui"
TEMPLATES = sorted((FRONTEND / "templates").rglob("*.html"))
SOURCES = sorted(p for p in FRONTEND.rglob("*.py") if "node_modules" not in p.parts)
KIB = 1024


def packed(files: list[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)


def test_vendored_files_are_the_ones_that_were_vendored() -> None:
    done = subprocess.run(
        [sys.executable, "tools/vendor.py", "--check"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_check_notices_a_changed_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import vendor

    (tmp_path / "a.js").write_bytes(b"ok")
    (tmp_path / "lock.json").write_text(json.dumps({"a.js": vendor.digest(tmp_path / "a.js")}))
    monkeypatch.setattr(vendor, "TARGET", tmp_path)
    monkeypatch.setattr(vendor, "LOCK", tmp_path / "lock.json")
    assert vendor.wrong() == []
    (tmp_path / "a.js").write_bytes(b"no")
    assert vendor.wrong() == ["a.js"]


def test_every_vendored_file_is_locked_and_every_lock_names_no_address() -> None:
    locked = set(json.loads((UI / "vendor.lock.json").read_text()))
    vendored = {
        str(p.relative_to(UI)) for folder in ("vendor", "fonts") for p in (UI / folder).iterdir()
    }
    assert vendored | {"icons.svg"} == locked
    packages = json.loads((FRONTEND / "vendor" / "package-lock.json").read_text())["packages"]
    assert all("resolved" not in package for package in packages.values())
    wanted = json.loads((FRONTEND / "vendor" / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_htmx_and_its_guard_are_one_file() -> None:
    bundle = (UI / "vendor" / "htmx.js").read_text()
    assert 'registerExtension("hx-csp"' in bundle
    assert "sourceMappingURL" not in bundle


def test_scripts_styles_and_fonts_keep_their_budgets() -> None:
    assert packed([UI / "vendor" / "htmx.js", *UI.glob("*.js")]) <= 40 * KIB  # all that there are
    everywhere = len(gzip.compress(stylesheets.joined(), 9))
    for path in sorted((UI / "css").glob("*.css")):
        alone = path.stem not in stylesheets.EVERYWHERE  # linked by the page that needs it
        assert everywhere + alone * packed([path]) <= 15 * KIB, path.name
    first = [UI / "fonts" / "atkinson-next.woff2", UI / "fonts" / "atkinson-mono.woff2"]
    assert sum(path.stat().st_size for path in first) <= 60 * KIB


def test_every_stylesheet_reaches_a_page() -> None:
    """Joined into that of every page, or linked by one: never both, never neither."""
    linked = {
        name for path in TEMPLATES for name in re.findall(r"ui/css/(\w+)\.css", path.read_text())
    }
    joined = set(stylesheets.EVERYWHERE)
    there = {path.stem for path in (UI / "css").glob("*.css")}
    assert there == joined ^ (linked - {"all"})


def test_scripts_stand_in_the_head_alone() -> None:
    """A fragment of a page is fetched with the page's body: the policy refuses scripts in it."""
    head = re.compile(r"{% block (head|shell) %}.*?{% endblock|<head>.*?</head>", re.DOTALL)
    guilty = [p.name for p in TEMPLATES if "<script" in head.sub("", p.read_text())]
    assert guilty == []


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'id="([^"]+)"', (UI / "icons.svg").read_text()))
    used = set()
    for path in TEMPLATES:
        text = path.read_text()
        used |= set(re.findall(r'{% icon "([^"]+)"', text))
        used |= set(re.findall(r'\bicon="([^"]+)"', text))
        used |= set(re.findall(r'{% nav_item "[^"]+" "([^"]+)"', text))
    assert used <= sprite
    assert len(used) > 30


def test_nothing_is_ever_declared_safe() -> None:
    forbidden = re.compile(r"\|\s*safe\b|mark_safe|autoescape off|safeseq|SafeString\(|__html__")
    guilty = [p.name for p in (*TEMPLATES, *SOURCES) if forbidden.search(p.read_text())]
    assert guilty == []


def test_words_from_outside_pass_the_filter_that_shows_what_is_invisible() -> None:
    """In every template: the fields that hold other people's words."""
    fields = r"(?:text|title|purpose|asker_name|grant_name|conversation_title|speaker|changed_by)"
    shown = re.compile(
        r"{{\s*[\w.]*\b(?:memory|one|line|sample|source|suggestion|revision)\."
        rf"[\w.]*{fields}\b(?!\|(?:shown|beginning|default:memory\.text\|shown|excerpt))"
    )
    guilty = [f"{p.name}: {m.group()}" for p in TEMPLATES for m in shown.finditer(p.read_text())]
    assert guilty == []


def test_no_style_handler_or_address_of_another_site_in_a_template() -> None:
    wrong = re.compile(r"\sstyle=|\son\w+=\"|href=\"https?://|src=\"https?://|<style|javascript:")
    guilty = [f"{p.name}: {m.group()}" for p in TEMPLATES for m in wrong.finditer(p.read_text())]
    assert guilty == []


def test_every_htmx_element_and_script_carries_the_nonce() -> None:
    tag = re.compile(
        r"<(?:script|[\w-]+)\b(?:[^<>]|{%.*?%})*?(?:\bhx-(?:get|post|trigger)=|<script)[^<>]*>"
    )
    guilty = []
    for path in TEMPLATES:
        text = path.read_text()
        found = [*tag.findall(text), *re.findall(r"<script[^>]*>", text)]
        guilty += [f"{path.name}: {one}" for one in found if "request.csp_nonce" not in one]
    assert guilty == []


def test_scripts_hold_no_words_and_no_dangerous_sinks() -> None:
    for name in ("app.js", "upload.js", "palette.js"):
        code = re.sub(r"//.*", "", (UI / name).read_text())
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", code)
        prose = [
            s for s in re.findall(r'"([^"\n]*)"', code) if re.fullmatch(r"[A-Z][a-z]+( \w+)+.*", s)
        ]
        assert prose == [], name


def test_files_stay_small_enough_to_read() -> None:
    ours = [*SOURCES, *TEMPLATES, *UI.glob("*.js"), *UI.glob("css/*.css")]
    long = [p.name for p in ours if len(p.read_text().splitlines()) > 300]
    assert long == []
