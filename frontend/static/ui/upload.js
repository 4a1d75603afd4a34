// Sends the files of a form and shows how many bytes have gone: fetch() cannot tell that.
(() => {
  "use strict";
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const one = (selector) => form.querySelector(selector);
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const size = (bytes) => {
    const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
    const style = { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: 1 };
    return new Intl.NumberFormat(undefined, style).format(bytes / 1000 ** step);
  };
  const stay = (event) => event.preventDefault(); // the browser asks before it leaves
  const fail = (words) => {
    window.removeEventListener("beforeunload", stay);
    one("[data-error]").hidden = !words;
    one("[data-error] span").textContent = words;
    one("[data-progress]").hidden = true;
    one("button").disabled = false;
  };
  const tooLarge = () =>
    [...one("[type=file]").files].some((file) => file.size > Number(form.dataset.largest));

  const zone = one(".drop");
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.dataset.over = "";
  });
  zone.addEventListener("dragleave", () => delete zone.dataset.over);
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    delete zone.dataset.over;
    one("[type=file]").files = event.dataTransfer.files;
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fail("");
    if (tooLarge()) return fail(form.dataset.tooLarge);
    const data = new FormData(form);
    one("button").disabled = true;
    one("[data-progress]").hidden = false;
    window.addEventListener("beforeunload", stay);
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded, total }) => {
      one("progress").value = (100 * loaded) / total;
      one("[data-bytes]").textContent = `${size(loaded)} / ${size(total)}`;
    };
    request.onload = () => {
      const answer = request.response ?? {};
      if (request.status !== 200 || !answer.next) return fail(answer.error ?? form.dataset.broken);
      window.removeEventListener("beforeunload", stay);
      location.assign(answer.next);
    };
    request.onerror = () => fail(form.dataset.broken);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.send(data);
  });
})();
