// What pages do beyond links and forms. There are no words in here: they are in the templates.
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const body = document.body;
  const say = (words) => {
    const live = one("#live");
    if (live) live.textContent = words;
  };

  // Clicks: copy, show a password, print, close ------------------------------------------------
  const copy = async (button) => {
    await navigator.clipboard.writeText(one(button.dataset.copy).textContent.trim());
    const label = one("span", button) ?? button;
    const before = label.textContent;
    if (before === button.dataset.done) return;
    label.textContent = button.dataset.done;
    say(button.dataset.done);
    setTimeout(() => (label.textContent = before), 2000);
  };
  const reveal = (button) => {
    const field = document.getElementById(button.dataset.reveal);
    const words = button.dataset.on;
    button.dataset.on = button.textContent;
    button.textContent = words;
    field.type = field.type === "password" ? "text" : "password";
    button.setAttribute("aria-pressed", String(field.type === "text"));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-reveal], [data-print], [data-close]");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    else if (button.dataset.reveal) reveal(button);
    else if (button.dataset.close) button.closest(button.dataset.close).remove();
    else window.print();
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-send-on-change]");
    if (form) form.requestSubmit();
  });

  // Pressed twice in haste, or with Enter held down, a form is sent once ----------------------------
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (event.timeStamp - (sent.get(form) ?? -Infinity) < 3000) event.preventDefault();
    else sent.set(form, event.timeStamp);
  });

  // Times: the exact moment as a hint, in the person's own clock and the page's language ---------
  const tongue = document.documentElement.lang || "en";
  const like = (other) => other.slice(0, 2) === tongue.slice(0, 2);
  const places = navigator.languages.find(like) ?? tongue;
  const clock = (days) => new Intl.DateTimeFormat(places, { ...days, timeStyle: "short" });
  const [whole, day, hour] = [clock({ dateStyle: "long" }), clock({ dateStyle: "medium" }), clock()];
  const localTimes = () => {
    for (const time of all("time[datetime]:not([data-local])")) {
      const moment = new Date(time.dateTime);
      time.title = whole.format(moment);
      time.dataset.local = "";
      if (time.dataset.clock)
        time.textContent = (time.dataset.clock === "day" ? day : hour).format(moment);
    }
  };
  localTimes();
  document.addEventListener("htmx:after:swap", localTimes);

  // What was asked for is not wanted any more when its words change: the next answer is on its way --
  document.addEventListener("input", (event) =>
    event.target.closest("form[role=search]")?.dispatchEvent(new CustomEvent("htmx:abort")),
  );

  // A fragment that could not be had is said, not swallowed -------------------------------------
  const trouble = () => {
    const toast = one("#trouble")?.content.cloneNode(true);
    if (toast && !one("#toasts [data-trouble]")) one("#toasts").append(toast);
  };
  document.addEventListener("htmx:response:error", trouble);
  document.addEventListener("htmx:error", trouble);

  // After a form: say what was done, or go to the first field that is wrong ----------------------
  const done = one("#toasts .toast p");
  if (done) setTimeout(() => say(done.textContent), 300);
  one("[aria-invalid=true]")?.focus();

  // In narrow windows the middle scrolls and not the page, and browsers do not keep its place -------
  const middle = one("#main");
  if (middle && history.state?.top) middle.scrollTop = history.state.top;
  middle?.addEventListener("scrollend", () =>
    history.replaceState({ ...history.state, top: middle.scrollTop }, ""),
  );

  // Keys ----------------------------------------------------------------------------------------
  let chord = 0;
  const press = (selector) => {
    const found = all(selector).at(-1);
    if (found) found.click();
    return Boolean(found);
  };
  const step = (by) => {
    const stops = all("[data-item]").map((item) => one("a, button", item));
    if (!stops.length) return false;
    const at = stops.findIndex((stop) => stop.closest("[data-item]").contains(document.activeElement));
    stops[Math.min(Math.max(at + by, 0), stops.length - 1)].focus();
    return true;
  };
  const search = () => {
    const field = one("[data-search]");
    if (field) field.select();
    else if (body.dataset.searchAt) location.assign(body.dataset.searchAt);
    else return false;
    return true;
  };
  const keys = {
    "/": search,
    "?": () => Boolean(one("#keys")?.togglePopover() ?? true),
    j: () => step(1) || press('[data-key~="j"]'),
    k: () => step(-1) || press('[data-key~="k"]'),
    e: () => press('[data-key="e"]'),
    u: () => press("[data-undo]"),
    n: () => press('[data-key="n"]'),
    g: () => Boolean((chord = Date.now())),
    Escape: () => press("[data-cancel]"),
  };
  document.addEventListener("keydown", (event) => {
    const off = document.documentElement.dataset.keys === "off";
    if (off || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    if (event.repeat && !"jk".includes(event.key)) return; // a key held down answers once
    const going = Date.now() - chord < 1500;
    chord = 0;
    const marked = () => press(`[data-key~="${CSS.escape(event.key)}"]`);
    const done = going ? press(`[data-go="${CSS.escape(event.key)}"]`) : (keys[event.key] ?? marked)();
    if (done) event.preventDefault();
  });
  if (location.hash === "#q") search();

  // Typing for long is not idling; idling locks, and takes the words off the screen ---------------
  const idle = Number(body.dataset.idle ?? 0) * 1000;
  let written = null; // the form that was written in last
  document.addEventListener("input", (event) => (written = event.target.form ?? written));
  const takeAlong = (form) => {
    if (!written?.isConnected || written.method !== "post") return;
    const ours = new Set([...form.elements].map((field) => field.name));
    const plain = ([name, value]) =>
      typeof value === "string" && !ours.has(name) && written.elements[name]?.type !== "password";
    const fields = [...new FormData(written)].filter(plain);
    if (fields.reduce((sum, [, value]) => sum + value.length, 0) > 200_000) return; // is not kept
    const place = new URL(written.getAttribute("action") ?? "", location);
    form.elements.form.value = place.pathname + place.search;
    for (const [name, value] of fields) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
  };
  if (idle) {
    let acted = Date.now();
    let told = acted;
    for (const kind of ["keydown", "pointerdown", "scroll"])
      document.addEventListener(kind, () => (acted = Date.now()), { passive: true, capture: true });
    setInterval(() => {
      const now = Date.now();
      if (now - acted > idle) {
        const form = one("form[data-lock]");
        form.elements.next.value = location.pathname + location.search;
        form.elements.idle.value = "1";
        takeAlong(form);
        form.requestSubmit();
      } else if (now - told > 300_000 && acted > told) {
        told = now;
        fetch(body.dataset.alive, { credentials: "same-origin" }).catch(() => {});
      }
    }, 15_000);
  }
})();
