// The table of grants: what the server says is chosen, and the way back from what was taken away,
// which goes when its time is over, since it leads nowhere then.
(() => {
  "use strict";
  const place = document.getElementById("undo");
  if (!place) return;
  const watch = () => {
    for (const toast of place.querySelectorAll("[data-gone-after]:not([data-watched])")) {
      toast.dataset.watched = "";
      setTimeout(() => toast.remove(), Number(toast.dataset.goneAfter));
    }
  };
  new MutationObserver(watch).observe(place, { childList: true });

  // A choice takes letters for itself: here "u" is the way back, while there is one.
  document.addEventListener("keydown", (event) => {
    const off = document.documentElement.dataset.keys === "off";
    if (off || event.key !== "u" || event.ctrlKey || event.altKey || event.metaKey) return;
    const undo = event.target.matches(".matrix select") && place.querySelector("[data-undo]");
    if (!undo) return;
    event.preventDefault();
    undo.click();
  });

  // A morph leaves a choice as the person made it, also where the answer is another.
  const settle = (event) => {
    const row = event.detail?.ctx?.sourceElement?.closest?.("tbody");
    for (const select of document.querySelectorAll(`#${CSS.escape(row?.id ?? "none")} select`))
      select.value = select.querySelector("option[selected]").value;
  };
  document.addEventListener("htmx:after:swap", settle);

  // A choice waits a moment before it is sent, since keys pass others on the way to it. Whoever leaves
  // the page meanwhile has chosen.
  const chosen = new Set();
  document.addEventListener("change", (event) => {
    if (event.target.matches(".matrix select")) chosen.add(event.target.form);
  });
  document.addEventListener("htmx:before:request", (event) => chosen.delete(event.target));
  addEventListener("pagehide", () => {
    for (const form of chosen) {
      const body = new FormData(form);
      fetch(form.action, { method: "post", body, keepalive: true, redirect: "manual" });
    }
  });

  // Browsers do not look under what sticks when they bring the focus into sight.
  document.addEventListener("focusin", (event) => {
    const cell = event.target.closest(".matrix td:not([colspan])");
    const names = cell?.parentElement.querySelector("th");
    if (!names || getComputedStyle(names).position !== "sticky") return;
    const [at, side] = [cell.getBoundingClientRect(), names.getBoundingClientRect()];
    const rtl = getComputedStyle(names).direction === "rtl";
    const under = rtl ? at.right - side.left : side.right - at.left;
    if (under > 0) cell.closest(".matrix-scroll").scrollLeft += rtl ? under : -under;
  });
})();
