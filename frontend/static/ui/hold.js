// A button that waits: pressed too early it would only be refused. There are no words in here.
(() => {
  "use strict";
  const bar = document.querySelector("[data-hold]");
  if (!bar) return;
  const button = document.getElementById(bar.dataset.hold);
  const live = document.getElementById("live");
  const begun = Date.now() - bar.value * 1000;
  const look = () => {
    bar.value = Math.min((Date.now() - begun) / 1000, bar.max);
    const over = bar.value >= bar.max;
    button.disabled = !over;
    if (!over) return setTimeout(look, 200);
    bar.hidden = true;
    if (live) live.textContent = bar.dataset.over;
    return undefined;
  };
  look();
})();
