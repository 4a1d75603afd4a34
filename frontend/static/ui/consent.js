// A click meant for another window must not allow anything: for a moment after this one comes to the
// front, the buttons that would do not work.
(() => {
  "use strict";
  const buttons = [...document.querySelectorAll("[data-wait]")];
  let soon = 0;
  const wait = () => {
    for (const button of buttons) button.disabled = true;
    clearTimeout(soon);
    soon = setTimeout(() => {
      for (const button of buttons) button.disabled = false;
    }, Math.max(...buttons.map((button) => Number(button.dataset.wait))));
  };
  window.addEventListener("focus", wait);
  wait();
})();
