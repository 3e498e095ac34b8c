// The editor of a table, on top of a form that works without it: checks while typing, keys for rows, paste from a
// spreadsheet. The server answers every question with the parts of the page that change; nothing is decided here.

const form = document.querySelector("form[data-rules]");
const WHOLE = ["grid", "columns", "examples", "try", "checks"];
const SAVES = ["save", "example", "drop_example"];
const PAUSE = 350; // ms without a key before a check is asked for
let waiting = 0; // questions that are not answered yet
let answers = Promise.resolve();
let timer;
let dirty = false;

function announce(text) {
  const said = document.getElementById("said");
  said.textContent = "";
  if (text) requestAnimationFrame(() => (said.textContent = text));
}

// One question after the other, so that what a row's button did is never overtaken by a check of what was before.
function ask(what, more = {}) {
  clearTimeout(timer);
  waiting += 1;
  answers = answers.then(async () => {
    try {
      if (what === "check" && waiting > 1) return;
      await put(what, more);
    } catch {
      announce(form.dataset.trouble);
    } finally {
      waiting -= 1;
    }
  });
  return answers;
}

async function put(what, more) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries({ at: document.activeElement?.name ?? "", ...more, do: what, part: "live" })) {
    body.set(name, value);
  }
  const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(answer.status);
  const live = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  const [before, summary] = [document, live].map((place) => place.querySelector("#checks").dataset.summary);
  if (what === "check" || what === "try") mark(live);
  else rebuild(live);
  announce(live.dataset.said || (summary === before ? "" : summary));
}

// While somebody types, no field is replaced: only what is said about it.
function mark(live) {
  for (const fresh of live.querySelectorAll("[data-cell]")) {
    const here = document.querySelector(`[data-cell="${CSS.escape(fresh.dataset.cell)}"]`);
    const [old, now] = [here, fresh].map((cell) => cell?.querySelector(".wrong"));
    if (!old || !now) continue;
    if (old.textContent !== now.textContent) old.textContent = now.textContent;
    const gist = here.querySelector(".gist");
    if (gist) gist.textContent = fresh.querySelector(".gist").textContent;
    const field = here.querySelector("input, textarea, select");
    if (now.textContent) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }
  for (const id of ["checks", "tried"]) {
    const [old, now] = [document, live].map((place) => place.querySelector(`#${id}`));
    if (!old || !now || old.innerHTML === now.innerHTML) continue;
    const open = [...old.querySelectorAll("details")].map((part) => part.open);
    now.querySelectorAll("details").forEach((part, n) => (part.open = open[n] ?? part.open));
    old.replaceWith(document.adoptNode(now));
  }
}

function rebuild(live) {
  const place = document.querySelector("#grid .scroll");
  const [left, top] = [place.scrollLeft, scrollY];
  for (const id of WHOLE) {
    const [old, now] = [document, live].map((part) => part.querySelector(`#${id}`));
    if (!old || !now) continue;
    const open = old.querySelector("details")?.open;
    if (open && now.querySelector("details")) now.querySelector("details").open = true;
    old.replaceWith(document.adoptNode(now));
  }
  document.querySelector("#grid .scroll").scrollLeft = left;
  scrollTo({ top, behavior: "instant" });
  if (live.dataset.focus) form.elements[live.dataset.focus]?.focus();
  dirty = true;
}

function rowOf(field) {
  return /^(r\d+|else)\./.exec(field?.name ?? "")?.[1];
}

// To the same column in the row above or below; false at the edge of the table.
function step(field, by) {
  const rows = [...document.querySelectorAll("#grid tbody tr, #grid tfoot tr")];
  const next = rows[rows.indexOf(field.closest("tr")) + by];
  const column = field.name.slice(field.name.indexOf("."));
  const there = next?.querySelector(`input[name$="${CSS.escape(column)}"]`);
  there?.focus();
  there?.select();
  return Boolean(there);
}

function startEditing() {
  const fields = (event) => event.target.form === form && event.target.name;

  document.addEventListener("input", (event) => {
    if (!fields(event)) return;
    dirty = dirty || !event.target.name.startsWith("try.");
    clearTimeout(timer);
    timer = setTimeout(() => ask("check"), PAUSE);
  });

  form.ownerDocument.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    const what = event.submitter?.value ?? "save";
    if (SAVES.includes(what.split(".")[0])) {
      dirty = false;
      return;
    }
    event.preventDefault();
    ask(what);
  });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s" && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit(document.querySelector("[name=do][value=save]"));
      return;
    }
    if (!fields(event) || event.ctrlKey || event.metaKey) return;
    const row = rowOf(event.target);
    if (event.altKey && row?.startsWith("r") && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      ask(`${event.key === "ArrowUp" ? "up" : "down"}.${row}`);
    } else if (row && !event.altKey && !event.shiftKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      if (event.target.matches("input") && step(event.target, event.key === "ArrowUp" ? -1 : 1)) event.preventDefault();
    } else if (event.key === "Enter" && !event.altKey && !event.shiftKey && event.target.matches("input, textarea")) {
      if (row) {
        event.preventDefault();
        ask(row === "else" ? "add" : `add.${row}`);
      } else if (event.target.name.startsWith("try.")) {
        event.preventDefault();
        ask("try");
      }
    }
  });

  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!fields(event) || !rowOf(event.target) || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    ask("paste", { paste: text });
  });

  addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
}

if (form) startEditing();
