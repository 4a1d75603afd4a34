// Review by keyboard: one answer a card, however often a key is pressed; own words at once.
(() => {
  "use strict";
  const review = document.getElementById("review");
  if (!review) return;
  let sent = false;
  review.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => (sent = false));
  for (const own of review.querySelectorAll("[data-own]"))
    own.addEventListener("toggle", () => own.open && own.querySelector("textarea").focus());
})();
