// Comfort on top of pages that work without it: theme, drafts, keys in the queue. Nothing here is needed to read or act.

const root = document.documentElement;

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is switched off; the page works without
  }
}

function remember(key, value) {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // as above
  }
}

function startTheme() {
  const button = document.querySelector("[data-theme-switch]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remember("theme", root.dataset.theme);
  });
}

// A half-written text survives a reload. Kept on this device only, per case; gone once it is sent.
function startDrafts() {
  for (const field of document.querySelectorAll("textarea[data-draft]")) {
    const key = `draft:${field.dataset.draft}`;
    if (!field.value) field.value = remembered(key) ?? "";
    field.addEventListener("input", () => remember(key, field.value.trim() ? field.value : ""));
    field.form?.addEventListener("submit", () => remember(key, ""));
  }
}

function startSending() {
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault(); // a second tap sends nothing twice
      form.dataset.sent = "yes";
      for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
    });
  }
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
  });
}

function startQueue() {
  const rows = [...document.querySelectorAll("[data-case]")];
  const panel = document.querySelector("[data-peek]");
  let here = -1;

  function go(to) {
    if (!rows.length) return;
    rows[here]?.classList.remove("here");
    here = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[here];
    row.classList.add("here");
    row.querySelector("a").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    const peek = row.querySelector("template");
    if (panel && peek) panel.replaceChildren(peek.content.cloneNode(true));
  }

  rows.forEach((row, index) => row.addEventListener("focusin", () => index !== here && go(index)));
  if (rows.length) here = 0; // the page comes with its first row shown
  return (key) => {
    if (key === "j") go(here + 1);
    else if (key === "k") go(here - 1);
    else if (key === "Enter" && here >= 0) rows[here].querySelector("a").click();
    else return false;
    return true;
  };
}

function startKeysSwitch() {
  const button = document.querySelector("[data-keys-switch]");
  if (!button) return;
  const show = () => button.setAttribute("aria-pressed", remembered("keys") === "off" ? "false" : "true");
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    remember("keys", remembered("keys") === "off" ? "" : "off");
    show();
  });
}

function startKeys(queueKey) {
  addEventListener("keydown", (event) => {
    if (remembered("keys") === "off") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return; // it does its own thing
    if (event.key === "/") {
      const find = document.querySelector("[data-find]");
      if (!find) return;
      find.focus();
    } else if (!queueKey(event.key)) return;
    event.preventDefault();
  });
}

startTheme();
startDrafts();
startSending();
startKeysSwitch();
startKeys(startQueue());
