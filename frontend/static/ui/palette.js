// Go to, or do: opened over any page, moved through by keys. There are no words in here.
(() => {
  "use strict";
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = dialog.querySelector("[role=combobox]");
  const found = document.getElementById("palette-found");
  const options = () => [...found.querySelectorAll("[role=option]")];
  const chosen = () => found.querySelector("[aria-selected=true]");

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
  };
  const step = (by) => {
    const all = options();
    const at = all.indexOf(chosen()) + by;
    choose(all[(at + all.length) % all.length]);
    chosen()?.scrollIntoView({ block: "nearest" });
  };
  const open = () => {
    if (!dialog.togglePopover()) return;
    field.focus();
    field.select();
    // What it lists is asked for once it is in sight: asking takes as long as showing.
    const ask = () => dialog.dispatchEvent(new CustomEvent("palette"));
    requestAnimationFrame(() => setTimeout(ask));
  };

  for (const opener of document.querySelectorAll("[data-palette]")) {
    opener.setAttribute("aria-haspopup", "dialog");
    opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
  }
  document.addEventListener("keydown", (event) => {
    const off = document.documentElement.dataset.keys === "off";
    const asked = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (off || !asked || event.isComposing || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const act = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      Enter: () => chosen()?.click(),
      Escape: () => dialog.hidePopover(), // a search field would only be emptied
    }[event.key];
    if (!act || (event.key === "Enter" && !chosen())) return;
    event.preventDefault();
    act();
  });
  // What is there may be of the words before: nothing is chosen until the new list has come.
  field.addEventListener("input", () => choose(null));
  found.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  let shown = null;
  document.addEventListener("htmx:after:swap", () => {
    const list = found.querySelector("[role=listbox]");
    if (list === shown) return; // something else on the page was renewed
    shown = list;
    field.setAttribute("aria-expanded", String(options().length > 0));
    choose(options()[0]);
    const live = document.getElementById("live");
    if (live && list) live.textContent = list.dataset.said;
  });
})();
