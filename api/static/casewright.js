// Comfort on top of pages that work without it: theme, drafts, sending once. Nothing here is needed to read or act.

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

startTheme();
startDrafts();
startSending();
