// A dialog over the page: seen first, and only then is the page behind it put out of reach.
// A modal one would have the whole page styled anew before it is seen. There are no words in here.
(() => {
  "use strict";
  let from = null; // what had the focus before
  const settle = () => {
    const open = Boolean(document.querySelector("dialog:popover-open"));
    for (const one of document.body.children)
      if (!one.matches("dialog, #live")) one.inert = open;
    if (open) return;
    if (document.activeElement === document.body) from?.focus({ preventScroll: true });
    from = null;
  };
  const heard = (kind, act) =>
    document.addEventListener(kind, (event) => event.target.matches("dialog") && act(event), true);
  heard("beforetoggle", (event) => {
    if (event.newState === "open") from ??= document.activeElement;
  });
  heard("toggle", () => requestAnimationFrame(() => setTimeout(settle)));
})();
