"""How soon a page answers on a slow device: `python -m tests.bench.interaction [NAME …]`.

The vault of `tests.bench.pages` on the live server, in Chromium with its processor slowed down four
times. For each thing that people do: milliseconds from their key or pointer to the next paint
(Event Timing; the budget is 100), the worst and the middle of some runs, and of the worst how long
it waited for the page, was handled and was drawn. "work" is the processor time of the page's thread
for the whole act, which a busy machine leaves alone. Then, for each page, its largest contentful
paint (the budget is 2.0 s, with no network in between) and how much its layout shifts. A name is a
key of `ACTS` or `LOADED`. `--trace FOLDER` keeps a trace of each act's last run, for Chromium's
developer tools. It prints and never fails: what could not be done is said in its line, and times
are the machine's, of a busy one upper bounds.
"""

import argparse
import json
import os
import shutil
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import django
from playwright.sync_api import Browser, CDPSession, Error, Page

_WATCH = """
  window.seen = { acts: [], shown: 0, shifts: 0 };
  const timed = (entries) => {
    for (const one of entries.filter((one) => one.interactionId)) {
      const { startTime: start, processingStart: begun, processingEnd: done, duration } = one;
      seen.acts.push([duration, begun - start, done - begun, start + duration - done, one.name]);
    }
  };
  const acts = new PerformanceObserver((list) => timed(list.getEntries()));
  acts.observe({ type: "event", durationThreshold: 16 });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) seen.shown = one.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) seen.shifts += one.value;
  }).observe({ type: "layout-shift", buffered: true });
  addEventListener("pagehide", () => {
    timed(acts.takeRecords());
    const before = JSON.parse(sessionStorage.getItem("left") ?? "[]");
    sessionStorage.setItem("left", JSON.stringify([...before, ...seen.acts]));
  });
"""
_SETTLED = 800  # milliseconds, for what an act leads to
_READY = 15_000  # milliseconds


@dataclass(frozen=True)
class Act:
    """Something done on a page: `ready` is waited for first. `do` uses real keys and pointers."""

    address: str
    ready: str
    do: Callable[[Page], object]


def typed(page: Page, words: str = "porto", pause: float = 180) -> None:
    for letter in words:
        page.keyboard.press(letter)
        page.wait_for_timeout(pause)  # as people type


def searched(page: Page, pause: float = 180) -> None:
    page.locator("#q").focus()
    typed(page, pause=pause)


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette:popover-open")
    typed(page, "grant")


def chosen(page: Page) -> None:
    page.locator(".matrix select.level").nth(5).focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(_SETTLED)
    page.keyboard.press("ArrowUp")


def dragged(page: Page) -> None:
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 150, y + 80, steps=12)
    page.mouse.up()
    page.keyboard.press("+")


def ticked(page: Page) -> None:
    for number in range(3):
        page.locator("[data-tick]").nth(number).click()


ACTS: Mapping[str, Act] = {
    "type": Act("/memories/", "[data-search]", searched),
    # Slower than its answers: the list of the letter before comes in between.
    "type slowly": Act("/memories/", "[data-search]", lambda p: searched(p, 400)),
    "tick": Act("/memories/", "[data-tick]", ticked),
    "tick all": Act("/memories/", "[data-tick-page]", lambda p: p.click("[data-tick-page]")),
    "j, k": Act("/memories/", "[data-item]", lambda p: typed(p, "jjk")),
    "palette": Act("/memories/", "[data-palette]", palette),
    "keys": Act("/", "#keys", lambda p: p.keyboard.press("?")),
    "grant": Act("/grants/", ".matrix select", chosen),
    "review": Act("/review/?view=cards", "#review", lambda p: typed(p, "jk")),
    "details": Act(
        "/memories/?q=porto", "#saving > summary", lambda p: p.click("#saving > summary")
    ),
    "map": Act("/map/", "#map-canvas", dragged),
}
LOADED: Mapping[str, str] = {
    "home": "/",
    "memories": "/memories/",
    "grants": "/grants/",
    "consent": "{consent}",
    "review": "/review/",
    "activity": "/activity/",
    "map": "/map/",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slower", type=float, default=4)
    parser.add_argument("--trace", type=Path)
    options = parser.parse_args()
    django.setup()
    from tests.browser import chromium

    with _house(options.size) as (url, cookies, names), chromium() as browser:
        asked = options.names or [*ACTS, *LOADED]
        print(
            f"{'':<12}{'worst':>8}{'middle':>8}{'waited':>9}{'handled':>9}{'drawn':>8}{'work':>8}",
            flush=True,
        )
        for name in (one for one in asked if one in ACTS):
            with _told(name):
                _act(browser, url, cookies, name, options)
        print(f"{'':<12}{'LCP ms':>8}{'middle':>8}{'CLS':>9}{'work':>25}", flush=True)
        for name in (one for one in asked if one in LOADED):
            with _told(name):
                _load(browser, url, cookies, (name, LOADED[name].format(**names)), options)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What the browser could not do is said in one line, and the others are still measured."""
    try:
        yield
    except Error as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        print(f"{name:<12}  not measured: {' '.join(lines[:3])}", flush=True)


@contextmanager
def _house(size: int) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """The live server with the full vault: where it is, the cookies that open it, its names."""
    from django.conf import settings
    from django.db import connections

    from config.home import Home
    from tests.bench.pages import full_vault
    from tests.frontend.conftest import signed_in
    from tests.frontend.visitors import listening, registered
    from tests.stack import Live, Stack

    home = Home(Path(settings.SATCHEL_HOME))
    try:
        with Stack(home) as stack, Live(stack) as live, listening() as (redirect, heard):
            person, names = full_vault(size)
            _suggested(person)
            names["consent"] = registered(live.url, redirect, heard, "Claude Desktop").asks()
            yield live.url, signed_in(person), names
            connections.close_all()
            connections["default"].close_pool()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


def _suggested(person: Any) -> None:
    """Twenty letters wait for the owner's word."""
    from vault import memories
    from vault.access import open_token
    from vault.types import Draft, Right

    _, token = person.token("Kitchen", Personal=Right(see=True, add="ask"))
    kitchen, home = open_token(token), person.collection("Personal")
    for number in range(20):
        memories.remember(kitchen, home, Draft(text=f"Cooks dish number {number} on Sundays"))


@contextmanager
def _slow(
    browser: Browser, url: str, cookies: dict[str, str], by: float
) -> Iterator[tuple[Page, CDPSession]]:
    from tests.browser import CONTEXT

    context = browser.new_context(base_url=url, **CONTEXT)  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": n, "value": v, "url": url} for n, v in cookies.items()])
    context.add_init_script(_WATCH)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": by})
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    try:
        yield page, session
    finally:
        context.close()


def _act(browser: Browser, url: str, cookies: dict[str, str], name: str, options: Any) -> None:
    act, found, work = ACTS[name], list[Any](), list[float]()
    for run in range(options.runs):
        with _slow(browser, url, cookies, options.slower) as (page, session):
            page.goto(act.address, wait_until="networkidle")
            page.wait_for_selector(act.ready, state="attached", timeout=_READY)
            session.send("Emulation.setCPUThrottlingRate", {"rate": options.slower})
            page.evaluate("seen.acts.length = 0")
            before, last = _worked(session), options.trace is not None and run == options.runs - 1
            with _traced(page, options.trace / f"{name}.json" if last else None):
                act.do(page)
                page.wait_for_timeout(_SETTLED)
            page.wait_for_load_state("networkidle")  # where it led to another page
            left = page.evaluate(
                "[...JSON.parse(sessionStorage.getItem('left') ?? '[]'), ...seen.acts]"
            )
            found.append(max(left, default=[0, 0, 0, 0, "under 16"]))
            after = _worked(session)
            work.append(after - before if after > before else after)  # it restarts with a page
    worst, middle = max(found), statistics.median(float(one[0]) for one in found)
    parts = f"{worst[1]:>9.0f}{worst[2]:>9.0f}{worst[3]:>8.0f}{min(work):>8.0f}  {worst[4]}"
    print(f"{name:<12}{worst[0]:>8.0f}{middle:>8.0f}{parts}", flush=True)


def _load(
    browser: Browser, url: str, cookies: dict[str, str], named: tuple[str, str], options: Any
) -> None:
    found = []
    for _ in range(options.runs):
        with _slow(browser, url, cookies, options.slower) as (page, session):
            answer = page.goto(named[1], wait_until="networkidle")
            if answer is None or not answer.ok:
                raise Error(f"{named[1]} answers {answer and answer.status}")
            found.append([*page.evaluate("[seen.shown, seen.shifts]"), _worked(session)])
    worst, middle = max(one[0] for one in found), statistics.median(one[0] for one in found)
    shifts, work = max(one[1] for one in found), min(one[2] for one in found)
    print(f"{named[0]:<12}{worst:>8.0f}{middle:>8.0f}{shifts:>9.3f}{work:>25.0f}", flush=True)


def _worked(session: CDPSession) -> float:
    """Milliseconds of the page's main thread so far."""
    found = session.send("Performance.getMetrics")["metrics"]
    return next(1000 * float(one["value"]) for one in found if one["name"] == "TaskDuration")


@contextmanager
def _traced(page: Page, path: Path | None) -> Iterator[None]:
    if path is None:
        yield
        return
    session: CDPSession = page.context.new_cdp_session(page)
    events: list[Any] = []
    session.on("Tracing.dataCollected", lambda told: events.extend(told["value"]))
    wanted = "devtools.timeline,disabled-by-default-devtools.timeline,blink.user_timing,loading"
    session.send("Tracing.start", {"categories": wanted, "transferMode": "ReportEvents"})
    yield
    session.send("Tracing.end")
    page.wait_for_timeout(1500)  # for the events to come
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"traceEvents": events}))


if __name__ == "__main__":
    main()
