// What others do while a page is open: who is at a case, what changed, what was typed. Pages work without it.

const bar = document.querySelector("[data-live]");
const language = bar?.dataset.language;
const me = bar?.dataset.me;
const page = document.querySelector("[data-live-case]");
const reference = page?.dataset.liveCase;
const list = document.querySelector("ol.cases");

const BEAT = 20_000;
const TYPED = 4_000; // how often the server hears that one types
const KEEP = 600; // after the last key
const AGAIN = 3_000;
const LOOK = 2_000; // how long changes of a list gather before it is read again

const fill = (sentence, parts) => sentence.replace(/{(\w+)}/g, (_, name) => parts[name] ?? "");
const timeZone = page?.dataset.zone; // of the case's journey, as the rest of its page
const clock = (at) => new Date(at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });

function call(method, path, body, more = {}) {
  return fetch(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body), ...more });
}

// --- the line to the server -----------------------------------------------------------------------------------------
// One page of this browser listens for all its others where it can: browsers open few connections to one place.

let away = "", shown;

function setAway(kind) {
  if (kind && away !== kind) bar.textContent = fill(bar.dataset[kind], { time: clock(Date.now()) });
  if (away && !kind) keepAll();
  away = kind;
  clearTimeout(shown);
  if (kind) shown = setTimeout(() => (bar.hidden = false), 1500); // a line that is taken up again at once is no news
  else bar.hidden = true;
}

function listen(hear) {
  let source, timer;
  function open() {
    clearTimeout(timer);
    source = new EventSource("/api/live");
    source.onopen = () => hear("open", {});
    source.onerror = () => {
      hear("away", { kind: "offline" });
      if (source.readyState !== EventSource.CLOSED) return; // it comes back by itself, and says what it knew
      timer = setTimeout(ask, 1500);
    };
    for (const name of ["case", "presence", "counts", "many"]) {
      source.addEventListener(name, (event) => hear(name, JSON.parse(event.data)));
    }
  }
  function ask() {
    fetch("/api/cases?limit=1")
      .then((answer) => {
        if (answer.status === 401) hear("away", { kind: "signedOut" });
      })
      .catch(() => {})
      .finally(() => (timer = setTimeout(open, 5_000)));
  }
  open();
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    source.close();
  });
  addEventListener("pageshow", (event) => event.persisted && open());
}

function startListening() {
  if (!navigator.locks || !window.BroadcastChannel) return listen(heard);
  const others = new BroadcastChannel("casewright-live");
  others.onmessage = ({ data }) => heard(data.name, data.data);
  navigator.locks.request("casewright-live", () => {
    listen((name, data) => {
      heard(name, data);
      others.postMessage({ name, data });
    });
    return new Promise(() => {}); // until this page closes
  });
}

function heard(name, data) {
  if (name === "away") return setAway(data.kind);
  if (name === "open" && away) readAgainSoon();
  setAway("");
  if (name === "presence") {
    if (data.reference === reference) showThere(data);
    showDot(data);
  } else if (name === "case") {
    if (data.reference === reference) {
      if (data.version > Number(page.dataset.version)) changed.hidden = false;
      beatSoon();
    }
    readAgainSoon();
  } else if (name === "many") readAgainSoon();
  else if (name === "counts") showCounts(data);
}

// --- one case -------------------------------------------------------------------------------------------------------

const changed = page?.querySelector("[data-live-changed]");
const machine = document.querySelector("[data-live-machine]");
let typedAt = 0, told = 0, mine = false, soon = 0;

function showThere({ people, hold }) {
  const here = document.querySelector("[data-live-people]");
  const others = people.filter((one) => one.name !== me);
  here.hidden = !others.length;
  here.querySelector("span").textContent = others
    .map((one) => fill(page.dataset[one.typing ? "typing" : "viewing"], one))
    .join(" · ");
  const box = page.querySelector("[data-live-hold]");
  const text = box.querySelector("[data-live-hold-text]");
  if (hold && hold.holder !== me) {
    const sentence = mine ? page.dataset.taken : page.dataset.held;
    const said = fill(sentence, { name: hold.holder, time: clock(hold.since) });
    if (box.hidden || box.dataset.since !== hold.since) text.textContent = said;
    box.dataset.since = hold.since;
    box.classList.toggle("late", mine);
    box.hidden = false;
  } else box.hidden = true;
  mine = hold?.holder === me;
}

// What Casewright does here; it is asked again until nothing is, and that it is done stays to be read.
function showMachine(does) {
  if (does || machine.dataset.liveMachine) {
    machine.querySelector("span").textContent = machine.dataset[does || "done"];
    machine.hidden = false;
  }
  machine.dataset.liveMachine = does;
  if (does) beatSoon();
}

function beatSoon() {
  soon ||= setTimeout(() => {
    soon = 0;
    if (document.visibilityState === "visible") beat(Date.now() - typedAt < TYPED);
  }, LOOK);
}

function beat(typing) {
  clearTimeout(soon);
  soon = 0;
  told = Date.now();
  call("PUT", `/api/cases/${reference}/presence`, { typing })
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((seen) => {
      if (!seen) return;
      showThere(seen);
      showMachine(seen.machine);
      if (seen.version > Number(page.dataset.version)) changed.hidden = false;
    })
    .catch(() => {});
}

function startPresence() {
  let stays = false; // the next page is this case again: leaving would be heard after coming
  const leave = () => stays || call("PUT", `/api/cases/${reference}/presence`, { here: false }, { keepalive: true }).catch(() => {});
  beat(false);
  setInterval(() => {
    if (document.visibilityState === "visible" && Date.now() - told >= BEAT - 500) beat(Date.now() - typedAt < TYPED);
  }, 1000);
  addEventListener("pagehide", leave);
  addEventListener("submit", (event) => (stays = new URL(event.target.action).pathname.startsWith(`/cases/${reference}/`)));
  addEventListener("click", (event) => (stays = event.target.closest?.("a")?.pathname === `/cases/${reference}`));
  addEventListener("pageshow", (event) => event.persisted && beat(false));
  document.querySelector("main").addEventListener("input", (event) => {
    if (!event.target.form || event.target.form.method !== "post") return;
    const first = Date.now() - typedAt > TYPED;
    typedAt = Date.now();
    if (first || Date.now() - told > TYPED) beat(true);
  });
}

// --- drafts ---------------------------------------------------------------------------------------------------------

const waiting = new Map(); // form -> what is not kept yet
const kept = (field) => field.name && field.type !== "hidden" && field.type !== "password" && field.type !== "file" && !field.disabled;

function fieldsOf(form) {
  const fields = {};
  for (const field of form.elements) {
    if (!kept(field) || field.tagName === "BUTTON") continue;
    if ((field.type === "radio" || field.type === "checkbox") && !field.checked) continue;
    fields[field.name] = field.value;
  }
  return fields;
}

function keep(form, more = {}) {
  const state = waiting.get(form);
  if (!state) return;
  clearTimeout(state.timer);
  const body = { fields: fieldsOf(form), opened_at: page.dataset.opened };
  waiting.delete(form);
  call("PUT", `/api/cases/${reference}/drafts/${form.dataset.draft}`, body, more)
    .then((answer) => {
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    })
    .then(({ kept_at: at }) => {
      const shown = form.querySelector("[data-draft-state]");
      if (!shown || !at) return;
      shown.textContent = fill(page.dataset.kept, { time: clock(at) });
      shown.hidden = false;
    })
    .catch(() => keepSoon(form, AGAIN));
}

function keepSoon(form, after = KEEP) {
  if (form.dataset.sent) return;
  clearTimeout(waiting.get(form)?.timer);
  waiting.set(form, { timer: setTimeout(() => keep(form), after) });
}

function keepAll(more) {
  for (const form of [...waiting.keys()]) keep(form, more);
}

// After a refused form the server shows what was typed last, and only what it left empty is filled in.
function restore(form, fields) {
  const anew = location.pathname === `/cases/${reference}`;
  for (const field of form.elements) {
    if (!kept(field) || !(field.name in fields)) continue;
    const value = fields[field.name];
    if (field.type === "radio" || field.type === "checkbox") {
      const group = [...form.elements].filter((one) => one.name === field.name);
      const same = group.filter((one) => one.value === value); // of several lists the one that is seen
      const meant = same.find((one) => one.getClientRects().length) ?? same[0];
      if (field === meant && (anew || !group.some((one) => one.checked))) {
        field.checked = true;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    } else if (anew || !field.value) field.value = value;
    if (field.value === value && value) for (let at = field; (at = at.parentElement?.closest("details")); ) at.open = true;
  }
}

function startDrafts() {
  const drafts = JSON.parse(page.dataset.drafts || "{}");
  for (const form of document.querySelectorAll("form[data-draft]")) {
    for (const button of form.querySelectorAll("[data-draft-keep]")) button.hidden = true; // it is kept by itself
    const fields = drafts[form.dataset.draft];
    if (fields) restore(form, fields);
    form.addEventListener("input", () => keepSoon(form));
    form.addEventListener("submit", (event) => {
      if (event.submitter?.hasAttribute("formaction")) return keep(form, { keepalive: true }); // a look at the letter
      clearTimeout(waiting.get(form)?.timer);
      waiting.delete(form);
    });
  }
  for (const note of document.querySelectorAll("[data-draft-note]")) {
    if (!document.querySelector(`form[data-draft="${note.dataset.draftNote}"]`)) note.hidden = true; // its form is gone
  }
  addEventListener("pagehide", () => keepAll({ keepalive: true }));
}

// --- lists ----------------------------------------------------------------------------------------------------------

const there = new Map();
let looking = 0, fresh = null;

function showDot({ reference: of, people }) {
  const row = list?.querySelector(`[data-case="${CSS.escape(of)}"]`);
  there.set(of, people);
  const face = row?.querySelector(".who");
  if (!face) return;
  const others = people.filter((one) => one.name !== me).map((one) => one.name);
  let dot = face.querySelector(".there");
  if (!others.length) return dot?.remove();
  if (!dot) {
    dot = document.createElement("span");
    dot.className = "there";
    dot.setAttribute("role", "img");
    face.append(dot);
  }
  const text = fill(bar.dataset.there, { names: others.join(", ") });
  dot.title = text;
  dot.setAttribute("aria-label", text);
}

function showCounts(counts) {
  for (const link of document.querySelectorAll("nav.views a")) {
    const query = new URL(link.href).searchParams;
    const count = counts[query.get("view")];
    const shown = link.querySelector(".soft");
    if (count && shown && [...query.keys()].length === 1) shown.textContent = count[0] + (count[1] ? "" : "+");
  }
}

function readAgainSoon() {
  if (!list || looking) return;
  looking = setTimeout(() => {
    looking = 0;
    if (document.visibilityState === "visible") readAgain();
    else addEventListener("visibilitychange", readAgainSoon, { once: true });
  }, LOOK + Math.random() * 1000); // not all pages at once
}

async function readAgain() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("ol.cases");
  if (!read) return;
  fresh = read;
  const rows = new Map([...list.children].map((row) => [row.dataset.case, row]));
  let added = 0;
  for (const row of read.children) {
    const old = rows.get(row.dataset.case);
    if (!old) added += 1;
    else if (sameless(old) !== sameless(row)) refill(old, row);
    else if (old.querySelector("input")) old.querySelector("input").value = row.querySelector("input")?.value; // its version
  }
  showNew(added);
  for (const [of, people] of there) showDot({ reference: of, people });
}

// A row without what is put into it here: who is there, and where the reader stands.
function sameless(row) {
  const copy = row.cloneNode(true);
  copy.querySelector(".there")?.remove();
  for (const box of copy.querySelectorAll("input")) box.remove();
  return copy.innerHTML;
}

function refill(old, row) {
  const focused = old.contains(document.activeElement) && document.activeElement.matches("h2 a");
  const picked = old.querySelector("input")?.checked;
  old.className = `${row.className.replace("here", "")} ${old.classList.contains("here") ? "here" : ""}`;
  old.replaceChildren(...row.childNodes);
  const box = old.querySelector("input");
  if (box && picked) box.checked = true;
  if (focused) old.querySelector("h2 a")?.focus({ preventScroll: true });
}

function showNew(added) {
  const note = document.querySelector("[data-live-new]");
  if (!note) return;
  note.hidden = !added;
  note.querySelector("span").textContent = added === 1 ? note.dataset.one : fill(note.dataset.more, { n: added });
}

function startList() {
  document.querySelector("[data-live-new] button")?.addEventListener("click", () => {
    if (!fresh) return;
    const picked = new Set([...list.querySelectorAll("input:checked")].map((box) => box.name));
    list.replaceChildren(...fresh.childNodes);
    for (const box of list.querySelectorAll("input")) box.checked = picked.has(box.name);
    fresh = null;
    showNew(0);
    for (const [of, people] of there) showDot({ reference: of, people });
    document.dispatchEvent(new CustomEvent("casewright:list"));
    list.querySelector("h2 a")?.focus();
  });
}

if (page) {
  startDrafts();
  startPresence();
}
if (list) startList();
if (bar) startListening();
