// The assistant of a case: what it says comes in while one reads, and one key takes, edits or discards it. Without this
// each form answers with the page. What a language model says is put on the page as text, never as anything else.

const KEYS = { t: "take", Enter: "take", e: "edit", x: "discard" };
const NARROW = matchMedia("(max-width: 48rem)");

const card = () => document.querySelector("#assistant");
const keysAreOff = () => /(?:^|;\s*)keys=off(?:;|$)/.test(document.cookie);
const typing = (target) => target.closest("textarea, select, input:not([type=hidden])");

// --- one key --------------------------------------------------------------------------------------------------------

function pressed(event) {
  const offer = event.target.closest?.("[data-offer]");
  if (!offer || !KEYS[event.key] || keysAreOff() || typing(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return; // it does its own thing
  const found = offer.querySelector(`[data-do="${KEYS[event.key]}"]`);
  if (!found) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!found.matches("details")) return found.click();
  found.open = true;
  found.querySelector("textarea, input:not([type=hidden])").focus();
}

// --- an answer that comes in ----------------------------------------------------------------------------------------

// Each statement as it is known now, which may be fewer than before when the model had to begin anew.
function show(list, lines) {
  list.replaceChildren(
    ...lines.map(({ text, cites }) => {
      const item = document.createElement("li");
      item.append(text);
      for (const { label } of cites) {
        const place = document.createElement("span");
        place.className = "small soft";
        place.textContent = label;
        item.append(" ", place);
      }
      return item;
    }),
  );
}

async function* told(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) yield JSON.parse(part.replace(/^data: /, ""));
  }
}

async function listen(address, fields, list) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { Accept: "text/event-stream" },
    body: new URLSearchParams(fields),
  });
  if (!answer.headers.get("content-type")?.startsWith("text/event-stream"))
    return answer.status === 403 || answer.redirected ? location.reload() : (await answer.json()).problem;
  let last = "";
  for await (const one of told(answer)) {
    if (one.lines) show(list, one.lines);
    if (one.to) seen(one);
    last = one.problem ?? one.done ?? last;
  }
  return last;
}

// What this page itself brought about is no change that it has to tell of.
function seen({ from, to }) {
  const live = document.querySelector("[data-live-case]");
  if (Number(live?.dataset.version) !== from) return;
  live.dataset.version = to;
  live.querySelector("[data-live-changed]").hidden = true;
}

// The card, the draft and the conversation as the server shows them now, with the links between them; what is typed stays.
async function readAgain() {
  const answer = await fetch(location.pathname, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ["#assistant", "#drafting", '[aria-labelledby="conversation"]']) {
    const [old, fresh] = [document.querySelector(part), page.querySelector(part)];
    if (old && fresh) old.replaceWith(document.importNode(fresh, true));
  }
}

async function ask(event) {
  const form = event.target.closest?.("form[data-assist]");
  if (!form || event.submitter?.name === "words") return;
  event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  const place = card().querySelector("[data-answer]");
  place.querySelector("[data-lines]").replaceChildren();
  place.querySelector("[data-told]").textContent = form.dataset.assist;
  place.hidden = false;
  const said = await listen(form.action, new FormData(form), place.querySelector("[data-lines]")).catch(() => "");
  await readAgain();
  delete form.dataset.sent;
  const anew = card().querySelector("[data-answer]");
  anew.hidden = false;
  anew.querySelector("[data-lines]").replaceChildren();
  anew.querySelector("[data-told]").textContent = said;
  const first = form.querySelector("[name=question]") ? "#answer" : "#offer-summary";
  card().querySelector(first)?.focus();
}

// --- a draft, beside the letter that one writes ---------------------------------------------------------------------

async function draft(event) {
  const button = event.target.closest?.("button[data-drafts]");
  if (!button || location.pathname.endsWith("/preview")) return; // there the page answers
  event.preventDefault();
  if (button.dataset.sent) return;
  button.dataset.sent = "yes";
  const part = document.querySelector("#drafting");
  const [said, list] = [part.querySelector("[data-told]"), part.querySelector("[data-lines]")];
  said.textContent = button.dataset.busy;
  said.hidden = list.hidden = false;
  const fields = { csrf: button.form.elements.csrf.value, question: button.dataset.question };
  await listen(button.dataset.drafts, fields, list).catch(() => "");
  await readAgain();
  const made = document.querySelector("#draft");
  if (made) return made.focus();
  const anew = document.querySelector("button[data-drafts]");
  if (document.querySelector("#drafting [role=status]:not([hidden])")) return; // it says why there is none
  document.querySelector("#write form").requestSubmit(anew); // the page that answers this says why
}

if (card()) {
  const fold = card().querySelector("[data-folds]");
  const wanted = location.hash && card().querySelector(`#${CSS.escape(location.hash.slice(1))}`);
  if (NARROW.matches && !wanted && location.hash !== "#assistant") fold.open = false;
  addEventListener("keydown", pressed, { capture: true });
  document.addEventListener("submit", ask);
  document.addEventListener("click", draft);
}
