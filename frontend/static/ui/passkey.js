// Passkeys: asks the device, and sends what it answers with the form. What it gives to open the vault
// is a key: it goes into the form that is sent at once, and nowhere else. The words are in templates.
(() => {
  "use strict";
  const kind = window.PublicKeyCredential;
  const able = kind?.parseRequestOptionsFromJSON && kind.prototype.toJSON;
  // The standard ties a passkey to a host name; there is none in an address of numbers.
  const named = !/^([\d.]+|\[.*\])$/.test(location.hostname);
  document.documentElement.dataset.passkeys = !able ? "no" : named ? "yes" : "unnamed";

  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
  const text = (buffer) => base64(buffer).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const bytes = (words) =>
    Uint8Array.from(atob(words.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const meant = (error) => ["NotAllowedError", "AbortError", "InvalidStateError"].includes(error.name);
  const output = (credential) => credential.getClientExtensionResults().prf?.results?.first;

  // Some devices refuse what they do not know: they are asked again, without it.
  const withSalt = async (act, options, salt) => {
    const prf = { eval: { first: bytes(salt) } };
    try {
      return await act({ publicKey: { ...options, extensions: { ...options.extensions, prf } } });
    } catch (error) {
      if (meant(error)) throw error;
      return await act({ publicKey: options });
    }
  };
  const get = (options) => navigator.credentials.get(options);
  const create = (options) => navigator.credentials.create(options);
  const ask = async ({ options, salt }) => {
    const found = await withSalt(get, kind.parseRequestOptionsFromJSON(options.publicKey), salt);
    return [found, output(found)];
  };
  const make = async ({ options, salt }) => {
    const made = await withSalt(create, kind.parseCreationOptionsFromJSON(options.publicKey), salt);
    if (output(made) || !made.getClientExtensionResults().prf?.enabled) return [made, output(made)];
    // Security keys make the passkey first, and give its output only when it is used.
    const challenge = crypto.getRandomValues(new Uint8Array(32));
    const allowCredentials = [{ type: "public-key", id: made.rawId }];
    const again = { challenge, allowCredentials, userVerification: "required" };
    const found = await withSalt(get, again, salt).catch(() => null);
    return [made, found && output(found)];
  };

  const fetched = async (button, form) => {
    const making = button.dataset.passkey === "make";
    const request = making ? { method: "POST", body: new FormData(form) } : {};
    const headers = { Accept: "application/json" };
    const answer = await fetch(button.dataset.options, { ...request, headers });
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(), { words: told.error });
    return told;
  };
  // The answers of extensions hold the key: they stay here.
  const proof = (credential) => {
    const told = credential.toJSON();
    const rk = credential.getClientExtensionResults().credProps?.rk ?? false;
    return JSON.stringify({ ...told, clientExtensionResults: { credProps: { rk } } });
  };
  const send = (form, answers) => {
    const fields = Object.entries(answers).map(([name, value]) => {
      const field = document.createElement("input");
      return Object.assign(field, { type: "hidden", name, value });
    });
    form.append(...fields);
    form.submit();
    fields.forEach((field) => field.remove());
  };

  const spare = (form, button, spared) => {
    const field = form.elements[button.dataset.insteadOf];
    if (!field) return;
    field.required = !spared;
    if (spared) field.value = "";
  };
  const act = async (form, button) => {
    const said = button.parentElement.querySelector("[data-said]");
    said.hidden = true;
    spare(form, button, true);
    try {
      if (!form.reportValidity()) return;
      button.disabled = true;
      const asked = await fetched(button, form);
      const [credential, key] = await (button.dataset.passkey === "make" ? make : ask)(asked);
      send(form, { credential: proof(credential), prf: key ? text(key) : "" });
    } catch (error) {
      const reason = error.words ?? button.dataset[error.name === "InvalidStateError" ? "known" : ""];
      said.lastElementChild.textContent =
        reason ?? (meant(error) ? button.dataset.cancelled : button.dataset.broken);
      said.hidden = false;
    } finally {
      button.disabled = false;
      spare(form, button, false);
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-passkey]");
    if (button) act(button.form, button);
  });
  // Enter, in a form that has no other button.
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("[data-passkey]");
    if (event.submitter || !button) return;
    event.preventDefault();
    act(event.target, button);
  });
})();
