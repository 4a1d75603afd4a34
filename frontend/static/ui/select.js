// Ticking memories in a list: a page at once, a range with shift, "x" for the marked one.
(() => {
  "use strict";
  const results = document.getElementById("results");
  if (!results) return;
  const one = (selector) => results.querySelector(selector);
  const ticks = () => [...results.querySelectorAll("[data-tick]")];
  let last = null;

  const count = () => {
    const all = one("[data-tick-all]");
    if (all?.checked) return all.dataset.tickAll ? Number(all.dataset.tickAll) : null;
    return ticks().filter((tick) => tick.checked).length;
  };
  const shown = (n) => n.toLocaleString(document.documentElement.lang || undefined);
  let usual = "";
  const tell = () => {
    const words = one("[data-ticked]");
    if (!words) return;
    usual ||= words.textContent;
    const ticked = count();
    const several = words.dataset.several.replace("#", shown(ticked ?? 0));
    words.textContent = ticked === null ? usual : ticked === 1 ? words.dataset.one : several;
    const live = document.getElementById("live");
    if (live && ticked !== 0) live.textContent = words.textContent;
    const page = one("[data-tick-page]");
    if (page) page.checked = ticks().length > 0 && ticks().every((tick) => tick.checked);
  };

  results.addEventListener("change", (event) => {
    // What has the words of a search need not be on the page: the rows say nothing of that.
    if (event.target.matches("[data-tick-page], [data-tick-all]:not([data-tick-all=''])"))
      for (const tick of ticks()) tick.checked = event.target.checked;
    const all = one("[data-tick-all]");
    if (all && !event.target.checked && event.target.matches("[data-tick]")) all.checked = false;
    if (event.target.matches("[type=checkbox]")) tell();
  });
  results.addEventListener("click", (event) => {
    const tick = event.target.closest("[data-tick]");
    if (!tick) return;
    const [from, to] = [ticks().indexOf(last), ticks().indexOf(tick)];
    if (event.shiftKey && from >= 0)
      for (const between of ticks().slice(Math.min(from, to), Math.max(from, to) + 1))
        between.checked = tick.checked;
    last = tick;
  });
  document.addEventListener("keydown", (event) => {
    const off = document.documentElement.dataset.keys === "off";
    if (off || event.key !== "x" || event.ctrlKey || event.altKey || event.metaKey) return;
    const item = event.target.closest("[data-item]");
    const tick = event.target.matches("input") ? null : item?.querySelector("[data-tick]");
    if (tick) tick.click();
  });
  document.addEventListener("htmx:after:swap", tell);
  tell();
})();
