// The customer's page on a bad line: photos go ahead in pieces and are taken up again where they broke off, words are
// kept, and the page hears when something changed. Its plain forms do the same without any of this.

const page = document.querySelector("[data-track]");
const { base, carry, opened, reference } = page.dataset;
const words = JSON.parse(page.dataset.words);

const PIECE = 1024 * 1024; // bytes in one request
const MOST = 25 * 1024 * 1024 - 64 * 1024; // bytes of one message, with room for the form around them
const AT_ONCE = 2;
const DAY = 24 * 3600 * 1000;
const KEEP = 800; // ms after the last key

const say = (key, parts = {}) => words[key].replace(/{(\w+)}/g, (_, name) => parts[name] ?? "");
const megabytes = (bytes) => (bytes < 1e5 ? "0.1" : (bytes / 2 ** 20).toFixed(1)).replace(".", document.documentElement.lang === "en" ? "." : ",");

const unique = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

function tell(place, text, kind = "") {
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
  place.classList.toggle("late", kind === "late");
}

// --- trying again -----------------------------------------------------------------------------------------------------

class Refused extends Error {
  constructor(status, text = "") {
    super(String(status));
    Object.assign(this, { status, text });
  }
}

const again = (status) => status === 0 || status === 408 || status === 429 || status >= 500;

// Longer each time, at once when the line is back, and never longer than the server asks.
function pause(tries, seconds) {
  const ms = seconds ? seconds * 1000 : Math.min(30_000, 1000 * 2 ** tries) * (0.75 + Math.random() / 2);
  return new Promise((done) => {
    const timer = setTimeout(end, ms);
    function end() {
      clearTimeout(timer);
      removeEventListener("online", end);
      done();
    }
    addEventListener("online", end);
  });
}

async function ask(url, options = {}) {
  const answer = await fetch(url, { cache: "no-store", ...options });
  if (again(answer.status)) throw Object.assign(new Refused(answer.status), { seconds: Number(answer.headers.get("retry-after")) });
  return answer;
}

// --- what is kept on this device --------------------------------------------------------------------------------------
// The files themselves, so that a reload or a flat battery loses none. Gone once they are sent, at the latest in a day.

const shelf = (() => {
  const opening = new Promise((done, fail) => {
    const request = indexedDB.open("casewright", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files", { keyPath: "key" });
    request.onsuccess = () => done(request.result);
    request.onerror = request.onblocked = () => fail(request.error);
  });
  const run = async (mode, act) => {
    try {
      const store = (await opening).transaction("files", mode).objectStore("files");
      return await new Promise((done, fail) => {
        const request = act(store);
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
      });
    } catch {
      return undefined; // switched off, or full: then they live as long as the page does
    }
  };
  return {
    all: async () => (await run("readonly", (store) => store.getAll())) ?? [],
    put: (row) => run("readwrite", (store) => store.put(row)),
    drop: (key) => run("readwrite", (store) => store.delete(key)),
  };
})();

// --- one file ---------------------------------------------------------------------------------------------------------

const encoded = (name) => btoa(String.fromCharCode(...new TextEncoder().encode(name)));
let going = 0;
const queue = [];

function start(file) {
  file.done = new Promise((done) => (file.finish = done));
  file.state = "waiting";
  queue.push(file);
  next();
}

function next() {
  while (going < AT_ONCE && queue.length) {
    going += 1;
    const file = queue.shift();
    upload(file).finally(() => {
      going -= 1;
      file.finish();
      next();
    });
  }
}

async function upload(file) {
  let tries = 0, known = file.url ? undefined : 0;
  while (!file.dropped) {
    const before = file.sent;
    try {
      if (!file.url) [file.url, known] = [await announce(file), 0];
      if (known === undefined) known = await where(file);
      while (known < file.size && !file.dropped) known = await send(file, known);
      if (!file.dropped) file.show("done", file.size);
      return;
    } catch (error) {
      if (file.dropped) return;
      if (error.status === 404 || error.status === 410) file.url = "";
      else if (error.status && error.status !== 409 && !again(error.status)) return file.show("failed", file.sent);
      if (file.sent > before) tries = 0;
      known = undefined;
      file.show(navigator.onLine ? "again" : "offline", file.sent);
      await pause(tries, error.seconds);
      tries += 1;
    }
  }
}

async function announce(file) {
  const headers = { "upload-length": file.size, "upload-metadata": `filename ${encoded(file.name)}` };
  const answer = await ask(`${base}/uploads`, { method: "POST", headers });
  if (!answer.ok) throw new Refused(answer.status === 404 ? 403 : answer.status); // the link opens nothing any more
  file.url = answer.headers.get("location");
  file.keep();
  return file.url;
}

async function where(file) {
  const answer = await ask(file.url, { method: "HEAD" });
  if (!answer.ok) throw new Refused(answer.status);
  const there = Number(answer.headers.get("upload-offset"));
  file.show("sending", there);
  return there;
}

// By XMLHttpRequest: fetch does not tell how much has left.
function send(file, from) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const piece = file.blob.slice(from, from + PIECE);
    request.open("PATCH", file.url);
    request.setRequestHeader("content-type", "application/offset+octet-stream");
    request.setRequestHeader("tus-resumable", "1.0.0");
    request.setRequestHeader("upload-offset", from);
    request.timeout = 120_000;
    request.upload.onprogress = (event) => file.show("sending", from + Math.min(event.loaded, piece.size));
    request.onload = () => {
      if (request.status !== 204) return fail(Object.assign(new Refused(request.status), { seconds: Number(request.getResponseHeader("retry-after")) }));
      const there = Number(request.getResponseHeader("upload-offset"));
      file.show("sending", there);
      done(there);
    };
    request.onerror = request.ontimeout = request.onabort = () => fail(new Refused(0));
    file.stop = () => request.abort();
    request.send(piece);
  });
}

// --- one form with files ----------------------------------------------------------------------------------------------

const row = document.querySelector("template[data-file-row]");

async function thumbnail(blob, canvas) {
  try {
    const image = await createImageBitmap(blob, { resizeWidth: 160, resizeQuality: "medium" });
    const side = Math.min(image.width, image.height);
    const [x, y] = [(image.width - side) / 2, (image.height - side) / 2];
    canvas.getContext("2d").drawImage(image, x, y, side, side, 0, 0, canvas.width, canvas.height);
  } catch {
    canvas.classList.add("none"); // HEIC, or no photo at all
  }
}

class Chosen {
  constructor(form) {
    this.form = form;
    this.place = form.dataset.files;
    this.list = form.querySelector("[data-chosen]");
    this.said = form.querySelector("[data-said]");
    this.files = new Set();
    for (const input of form.querySelectorAll("input[type=file]")) {
      input.classList.add("hidden"); // it never says what was chosen: the list below does, and its label opens it
      input.addEventListener("change", () => {
        this.add([...input.files]);
        input.value = ""; // it may choose the same again, and the form carries names of uploads instead
      });
    }
  }

  get size() {
    return [...this.files].reduce((sum, file) => sum + file.size, 0);
  }

  add(blobs) {
    tell(this.said, "");
    for (const blob of blobs) {
      if (!blob.size) continue;
      if (this.size + blob.size > MOST) {
        tell(this.said, say("too_much", { name: blob.name }), "late");
        continue;
      }
      const kept = { key: unique(), place: this.place, reference, name: blob.name, size: blob.size, blob, url: "", at: Date.now() };
      shelf.put(kept);
      this.take(kept);
    }
  }

  take(kept) {
    const file = { ...kept, sent: 0 };
    const item = row.content.firstElementChild.cloneNode(true);
    const bar = item.querySelector("progress");
    const state = item.querySelector("[data-state]");
    item.querySelector("[data-name]").textContent = file.name;
    bar.setAttribute("aria-label", file.name);
    const drop = item.querySelector("[data-drop]");
    drop.setAttribute("aria-label", say("drop", { name: file.name }));
    file.keep = () => file.dropped || shelf.put({ ...kept, url: file.url });
    file.show = (kind, sent) => {
      Object.assign(file, { state: kind, sent });
      bar.value = sent / file.size;
      item.dataset.is = kind;
      state.textContent = say(kind, { sent: megabytes(sent), size: megabytes(file.size) });
      item.querySelector("[data-again]").hidden = kind !== "failed";
    };
    file.remove = (forever = true) => {
      file.dropped = true;
      file.stop?.();
      file.finish?.();
      item.remove();
      this.files.delete(file);
      this.list.hidden = !this.files.size;
      if (forever && file.url) fetch(file.url, { method: "DELETE" }).catch(() => {});
      return shelf.drop(file.key);
    };
    drop.addEventListener("click", () => {
      file.remove();
      tell(this.said, "");
      this.form.querySelector("button:not([type=button])").focus();
    });
    item.querySelector("[data-again]").addEventListener("click", () => {
      file.url = "";
      start(file);
    });
    this.files.add(file);
    this.list.append(item);
    this.list.hidden = false;
    thumbnail(file.blob, item.querySelector("canvas"));
    file.show("waiting", 0);
    start(file);
  }
}

const places = new Map();

async function takeUpAgain() {
  for (const kept of await shelf.all()) {
    if (Date.now() - kept.at > DAY) shelf.drop(kept.key);
    else if (kept.reference === reference) {
      const chosen = places.get(kept.place) ?? places.get("extra");
      chosen?.take(kept);
      const fold = chosen?.form.closest("details");
      if (fold) fold.open = true;
    }
  }
}

// --- sending a form ---------------------------------------------------------------------------------------------------

const idle = (form, is) => {
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", String(!is));
  if (is) delete form.dataset.sent, delete form.dataset.busy;
  else form.dataset.busy = "yes";
};

async function submit(form, chosen) {
  const said = form.querySelector("[data-said]");
  const key = unique();
  const waiting = () => chosen && [...chosen.files].some((file) => file.state !== "done" && file.state !== "failed");
  if (chosen && !chosen.files.size) return tell(said, say("choose_first"), "late");
  idle(form, false);
  while (waiting()) {
    tell(said, say(navigator.onLine ? "when_in" : "when_back"));
    await Promise.race([...chosen.files].map((file) => (file.state === "done" || file.state === "failed" ? new Promise(() => {}) : file.done)));
  }
  const files = chosen ? [...chosen.files] : [];
  if (files.some((file) => file.state === "failed") || (chosen && !files.length)) {
    idle(form, true);
    return tell(said, say(files.length ? "some_failed" : "choose_first"), "late");
  }
  const body = new FormData(form);
  if (chosen) {
    body.delete("photos");
    body.set("uploads", files.map((file) => file.url.split("/").pop()).join(" "));
  }
  for (let tries = 0; ; tries += 1) {
    try {
      tell(said, say("sending_form"));
      const answer = await ask(form.action, { method: "POST", body, headers: { "idempotency-key": key } });
      if (!answer.ok) throw new Refused(answer.status, await answer.text());
      await Promise.all(files.map((file) => file.remove(false)));
      forget(form);
      location.assign(answer.url);
      return;
    } catch (error) {
      if (error.status && !again(error.status)) {
        idle(form, true);
        const problem = new DOMParser().parseFromString(error.text, "text/html").querySelector("[role=alert]");
        return tell(said, problem?.textContent.trim() || say("refused"), "late");
      }
      tell(said, say(navigator.onLine ? "slow" : "when_back"));
      await pause(tries, error.seconds);
    }
  }
}

function take(form) {
  const chosen = "files" in form.dataset ? new Chosen(form) : null;
  if (chosen) places.set(form.dataset.files, chosen);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.dataset.busy) submit(form, chosen);
  });
}

// --- words that are not sent yet --------------------------------------------------------------------------------------
// On this device at once, and with the server when it can be reached: another device goes on with them.

const nameOf = (field) => `typed:${reference}:${field.dataset.typed}`;
const timers = new Map();

function remember(field, text) {
  try {
    if (text) localStorage.setItem(nameOf(field), text);
    else localStorage.removeItem(nameOf(field));
  } catch {
    // switched off
  }
}

function keep(field, more = {}) {
  clearTimeout(timers.get(field));
  timers.delete(field);
  const body = JSON.stringify({ text: field.value, opened_at: opened });
  const headers = { "content-type": "application/json" };
  fetch(`${base}/drafts/${field.dataset.typed}`, { method: "PUT", headers, body, ...more })
    .then((answer) => answer.ok && remember(field, ""))
    .catch(() => {}); // it is on this device, and kept there again with the next key or when the line is back
}

function forget(form) {
  for (const field of form.querySelectorAll("[data-typed]")) {
    clearTimeout(timers.get(field));
    timers.delete(field);
    remember(field, "");
  }
}

function startTyping() {
  const fields = [...document.querySelectorAll("[data-typed]")];
  for (const field of fields) {
    let here = null;
    try {
      here = localStorage.getItem(nameOf(field));
    } catch {
      // as above
    }
    if (here) {
      field.value = here; // typed on this device when the server could not be reached
      keep(field);
    }
    if (field.value) for (let at = field; (at = at.parentElement?.closest("details")); ) at.open = true;
    field.addEventListener("input", () => {
      remember(field, field.value);
      clearTimeout(timers.get(field));
      timers.set(field, setTimeout(() => keep(field), KEEP));
    });
  }
  addEventListener("pagehide", () => [...timers.keys()].forEach((field) => keep(field, { keepalive: true })));
  addEventListener("online", () => fields.filter((field) => field.value).forEach((field) => keep(field)));
}

// --- what changed meanwhile -------------------------------------------------------------------------------------------

const news = page.querySelector("[data-news]");
const parts = new Map();
let { seen } = page.dataset;

const inUse = (part) =>
  [...part.querySelectorAll("form")].some(
    (form) => form.dataset.busy || form.querySelector("[data-chosen] li") || form.contains(document.activeElement) || [...form.elements].some((field) => field.type === "radio" ? field.checked : field.value && field.type !== "hidden" && field.tagName !== "BUTTON"),
  );

function note(doc) {
  for (const part of doc.querySelectorAll("[data-part]")) parts.set(part.dataset.part, part.innerHTML);
}

async function readAgain() {
  const query = new URLSearchParams(location.search);
  query.delete("done");
  const answer = await fetch(`${location.pathname}?${query}`, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  let late = false;
  for (const fresh of read.querySelectorAll("[data-part]")) {
    const part = page.querySelector(`[data-part="${fresh.dataset.part}"]`);
    if (!part || parts.get(fresh.dataset.part) === fresh.innerHTML) continue;
    if (inUse(part)) late = true;
    else {
      parts.set(fresh.dataset.part, fresh.innerHTML);
      part.replaceChildren(...fresh.childNodes);
      part.querySelectorAll("form[data-send]").forEach(take);
    }
  }
  const chat = page.querySelector("#chat details");
  if (chat && read.querySelector("#chat details[open]")) chat.open = true; // somebody is there now
  document.title = read.title;
  seen = read.querySelector("[data-track]")?.dataset.seen ?? seen;
  news.querySelector("span").textContent = say(late ? "news_waits" : "news");
  news.querySelector("a").hidden = !late;
  news.hidden = false;
}

function listen() {
  const query = new URLSearchParams(carry.slice(1));
  query.set("seen", seen);
  const source = new EventSource(`${base}/live?${query}`);
  source.addEventListener("changed", readAgain);
  source.addEventListener("ended", () => source.close());
  addEventListener("pagehide", () => source.close(), { once: true });
}

function startOffline() {
  const bar = page.querySelector("[data-offline]");
  const show = () => (bar.hidden = navigator.onLine);
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}

note(document);
document.querySelectorAll("form[data-send]").forEach(take);
startTyping();
startOffline();
takeUpAgain();
listen();
addEventListener("pageshow", (event) => event.persisted && location.reload());
