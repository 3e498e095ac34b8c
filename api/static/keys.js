// Keys of the desk. Every action is a link, a button or a field of the page that names its key in data-key ("n", "g m");
// this file only presses it. Single keys rest while somebody types, and can be switched off (WCAG 2.1.4) at /keys.

const TYPED = "textarea, select, [contenteditable], input:not([type=checkbox], [type=submit], [type=button])";
const REST = 200; // milliseconds on a row before more of it is fetched
const FIELD = "textarea, select, input:not([type=hidden])";
const SECOND = 1500; // milliseconds in which the letter after g must follow

const isOff = () => /(?:^|;\s*)keys=off(?:;|$)/.test(document.cookie);
const places = document.querySelector("template[data-places]");
const SAME = { s: "e" };

function keyed(key) {
  const wanted = `[data-key="${CSS.escape(SAME[key] ?? key)}"]`;
  const all = [...document.querySelectorAll(wanted)];
  const seen = all.find((one) => one.checkVisibility?.() ?? true) ?? all.find((one) => one.closest("details:not([open])"));
  return seen ?? places?.content.querySelector(wanted);
}

function press(element) {
  const inside = element.matches("summary") ? element.parentElement : element;
  for (let at = inside; (at = at.parentElement?.closest("details")); ) at.open = true;
  if (element.matches(TYPED)) {
    element.focus();
  } else if (element.isConnected) {
    element.click();
    if (element.matches("details[open] > summary")) element.parentElement.querySelector(FIELD)?.focus();
  }
  else location.assign(element.href); // a place that this page does not show
}

// --- the list --------------------------------------------------------------------------------------------------------

const rows = () => [...document.querySelectorAll("[data-case]")];
const boxes = () => [...document.querySelectorAll("[data-pick]")];
const boxOf = (row) => row?.querySelector("[data-pick]");
let lastPicked = null;

function here() {
  return document.querySelector("[data-case].here") ?? rows()[0];
}

function show(row) {
  for (const other of rows()) other.classList.toggle("here", other === row);
  const panel = document.querySelector("[data-peek]");
  const peek = row.querySelector("template");
  if (panel && peek) panel.replaceChildren(peek.content.cloneNode(true));
  showMoreSoon();
}

// The photos and the last message of the case that one stays on.
let waits = 0, asked = null;

function showMoreSoon() {
  clearTimeout(waits);
  asked?.abort();
  waits = setTimeout(showMore, REST);
}

async function showMore() {
  const panel = document.querySelector("[data-peek]");
  const address = panel?.querySelector("[data-more]")?.dataset.more;
  if (!address || !(panel.checkVisibility?.() ?? true)) return;
  asked = new AbortController();
  const answer = await fetch(address, { signal: asked.signal }).catch(() => null);
  if (!answer?.ok) return;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (panel.querySelector("[data-more]")?.dataset.more !== address) return; // one went on
  for (const part of read.querySelectorAll("[data-slot]"))
    panel.querySelector(`[data-slot="${part.dataset.slot}"]`)?.replaceWith(document.importNode(part, true));
}

function go(steps) {
  const all = rows();
  if (!all.length) return false;
  const row = all[Math.max(0, Math.min(all.length - 1, all.indexOf(here()) + steps))];
  show(row);
  row.querySelector("h2 a").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function pick(row, checked) {
  const box = boxOf(row);
  if (!box) return false;
  box.checked = checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function pickHere() {
  lastPicked = here();
  return pick(lastPicked, !boxOf(lastPicked)?.checked);
}

function pickRange() {
  const all = rows();
  const from = all.indexOf(lastPicked ?? here());
  const to = all.indexOf(here());
  return all.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => pick(row, true)).some(Boolean);
}

function startPicking() {
  const whole = document.querySelector("[data-all]");
  const told = document.querySelector("[data-picked]");
  if (!told) return;
  const many = whole?.dataset.all;
  addEventListener("change", (event) => {
    if (event.target === whole) for (const box of boxes()) box.checked = whole.checked;
    else if (event.target.matches("[data-pick]") && !event.target.checked && whole) whole.checked = false;
    const n = whole?.checked ? many : boxes().filter((box) => box.checked).length;
    told.textContent = told.dataset.picked.replace("#", n);
  });
  // In a field, Enter presses the button that belongs to it instead of the first of the form.
  for (const field of document.querySelectorAll("#bulk [data-key]:is(select, input)"))
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      field.nextElementSibling.click();
    });
}

// One case at once, without asking before: it can be taken back.
async function takeHere() {
  const box = boxOf(here());
  if (!box || boxes().some((one) => one.checked)) return false;
  const cases = [{ reference: here().dataset.case, version: Number(box.value) }];
  const to = document.body.querySelector("[data-me]").dataset.me;
  const answer = await fetch("/api/bulk", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ act: "assign", to, cases }),
  }).catch(() => null);
  if (!answer?.ok) return document.querySelector("#bulk [data-key=i]").click();
  const { undo } = await answer.json();
  const address = new URL(location.href);
  address.searchParams.delete("told");
  address.searchParams.set(undo ? "did" : "told", undo ?? "nothing");
  location.assign(address);
}

// In a list the keys of a case open the one that one stands on, and its page goes on from there.
const within = document.querySelector("template[data-within]");

function openAt(key) {
  if (!within?.content.querySelector(`[data-key="${CSS.escape(SAME[key] ?? key)}"]`)) return false;
  location.assign(`${here().querySelector("h2 a").href}#key-${key}`);
  return true;
}

function goOn() {
  const key = /^#key-(\w)$/.exec(location.hash)?.[1];
  if (!key) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  const element = keyed(key);
  if (element) press(element);
}

// From what a statement rests on back to the statement.
let left = null;

function goBack() {
  if (!left?.isConnected) return false;
  left.focus();
  return true;
}

function inList(key) {
  if (!rows().length) return false;
  switch (key) {
    case "j":
      return go(1);
    case "k":
      return go(-1);
    case "o":
    case "Enter":
      here().querySelector("h2 a").click();
      return true;
    case "x":
      return pickHere();
    case "X":
      return pickRange();
    case "i":
      if (!boxOf(here()) || boxes().some((box) => box.checked)) return false;
      takeHere();
      return true;
    case "a":
    case "z":
      if (boxOf(here()) && !boxes().some((box) => box.checked)) pickHere();
      return false; // the field itself follows
    default:
      return openAt(key);
  }
}

// --- help and the list of everything --------------------------------------------------------------------------------

function open(content) {
  const dialog = document.createElement("dialog");
  dialog.className = "card dialog";
  dialog.tabIndex = 0; // long ones are scrolled by keys
  dialog.append(content);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

async function help() {
  const answer = await fetch("/keys").catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = document.importNode(page.querySelector("[data-help]"), true);
  const dialog = open(shown);
  dialog.setAttribute("aria-labelledby", "keys-title");
}

// Without its key and its count.
function titleOf(element) {
  if (element.dataset.title) return element.dataset.title;
  const copy = element.cloneNode(true);
  for (const beside of copy.querySelectorAll("kbd, .soft, .push")) beside.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

function everything() {
  const shown = document.querySelectorAll("[data-key]:is(a, button, summary, [data-title]), .side nav a");
  const own = [...(within?.content.children ?? [])].map((one) => ({ title: titleOf(one), act: () => openAt(one.dataset.key) }));
  const found = [...shown, ...places.content.querySelectorAll("a")].map((one) => ({ title: titleOf(one), act: () => press(one) }));
  const seen = new Set([""]);
  return [...own, ...found, ...prepared()].filter(({ title }) => !seen.has(title) && seen.add(title));
}

// What can be chosen at once from a list of letters or of words: the button beside it, where there is one, is pressed.
function prepared() {
  return [...document.querySelectorAll("select[data-title] option")].flatMap((option) => {
    const list = option.closest("select");
    if (!option.value) return [];
    const act = () => {
      press(list);
      option.selected = true;
      list.dispatchEvent(new Event("input", { bubbles: true }));
      if (list.nextElementSibling?.matches("button")) list.nextElementSibling.click();
    };
    return [{ title: `${list.dataset.title}: ${option.textContent.trim()}`, act }];
  });
}

function palette() {
  if (!places || document.querySelector("dialog[open]")) return;
  const field = document.createElement("input");
  const list = document.createElement("ul");
  field.type = "search";
  field.setAttribute("aria-label", places.dataset.places);
  field.placeholder = places.dataset.places;
  const body = document.createElement("div");
  body.className = "in stack";
  body.append(field, list);
  const all = everything();
  const dialog = open(body);
  dialog.setAttribute("aria-label", places.dataset.places);
  const fill = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    const fit = all.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word))).slice(0, 12);
    list.replaceChildren(
      ...fit.map(({ title, act }) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.className = "button bare";
        button.textContent = title;
        button.addEventListener("click", () => {
          dialog.close();
          act();
        });
        item.append(button);
        return item;
      }),
    );
  };
  field.addEventListener("input", fill);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    list.querySelector("button")?.click();
  });
  fill();
  field.focus();
}

// --- pressing -------------------------------------------------------------------------------------------------------

let began = -SECOND; // when g was pressed

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    palette();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.matches?.("textarea")) {
    event.preventDefault();
    event.target.form?.querySelector("button:not([formaction])")?.click();
    return;
  }
  if (isOff() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.(TYPED) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.closest?.("a, button, summary")) return; // it does its own thing
  const after = performance.now() - began < SECOND;
  began = -SECOND;
  if (after) {
    const place = keyed(`g ${event.key}`);
    if (place) press(place);
  } else if (event.key === "g") began = performance.now();
  else if (event.key === "?") help();
  else if (event.key === "/") {
    const find = document.querySelector("[data-find]");
    if (!find) return;
    find.focus();
  } else if (event.key === "b" && goBack()) left = null;
  else if (!inList(event.key)) {
    const element = keyed(event.key);
    if (!element) return;
    press(element);
  }
  event.preventDefault();
}

addEventListener("keydown", onKey);
if (document.querySelector("[data-peek]")) showMoreSoon();
addEventListener("click", (event) => {
  const source = event.target.closest?.(".cites a[href^='#']");
  if (source) left = source;
});
addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-case]");
  if (row && row !== here()) show(row);
});
startPicking();
goOn();
