// A long list that an answer brings: a screenful at once and the rest a few at a time, so that keys
// pressed meanwhile do not wait for all of it. There are no words in here.
(() => {
  "use strict";
  const ROW = 120; // pixels of the screen for each: most are lower, and the search stands above
  const FEW = 4;
  let rest = [];
  const later = () => requestAnimationFrame(() => setTimeout(more));
  const more = () => {
    if (!rest.length) return;
    document.querySelector("#results [data-list]")?.append(...rest.splice(0, FEW));
    if (rest.length) later();
    else document.dispatchEvent(new CustomEvent("htmx:after:swap"));
  };
  document.addEventListener("htmx:before:swap", (event) => {
    const rows = event.detail.tasks.flatMap(({ fragment }) => [
      ...fragment.querySelectorAll("[data-list] > li"),
    ]);
    rest = rows.slice(Math.ceil(innerHeight / ROW));
    for (const row of rest) {
      row.remove();
      const tick = row.querySelector("[data-tick]");
      if (tick) tick.checked = document.getElementById(tick.id)?.checked ?? false;
    }
  });
  document.addEventListener("htmx:after:swap", () => rest.length && later());
})();
