// Keys within the decision (e leads there): a agrees, c changes, m needs more; again for the next choice of that kind; 1 to 9 the reason.
// Every kind of choice takes the same number of keys. The letter that is open follows the choice.

const form = document.querySelector("#decide form");
const hint = form?.querySelector("[data-keys-hint]");
const KINDS = { a: ["agree"], c: ["change", "own"], m: ["need_more"] };
let wantsLetter = false;

const keysAreOff = () => /(?:^|;\s*)keys=off(?:;|$)/.test(document.cookie);

const typing = (target) => target.closest("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox])");
const chosen = () => form.querySelector("[name=choice]:checked");
const reasons = () => [...form.querySelectorAll(`[data-for="${chosen()?.dataset.verdict}"] input`)];

function choose(kinds) {
  const choices = [...form.querySelectorAll("[name=choice]")].filter((one) => kinds.includes(one.dataset.verdict));
  if (!choices.length) return false;
  pick(choices[(choices.indexOf(chosen()) + 1) % choices.length]);
  return true;
}

function pick(radio) {
  radio.checked = true;
  radio.focus();
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

function pressed(event) {
  if (!form.contains(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || keysAreOff() || typing(event.target)) return;
  const reason = /^[1-9]$/.test(event.key) ? reasons()[event.key - 1] : null;
  if (reason) pick(reason);
  else if (!KINDS[event.key] || !choose(KINDS[event.key])) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

// Radios of a list that is not seen any more are no answer.
function followChoice(event) {
  if (event.target.name !== "choice") return;
  for (const one of form.querySelectorAll("[name=reason_code]:checked")) {
    if (!reasons().includes(one)) one.checked = false;
  }
  for (const letter of form.querySelectorAll(".option > details")) {
    letter.open = wantsLetter && letter.parentElement.contains(chosen());
  }
}

if (form) {
  hint.hidden = keysAreOff();
  addEventListener("keydown", pressed, { capture: true });
  form.addEventListener("change", followChoice);
  for (const letter of form.querySelectorAll(".option > details > summary")) {
    letter.addEventListener("click", () => (wantsLetter = !letter.parentElement.open));
  }
}
