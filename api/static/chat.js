// The chat of an open case: what the customer says shows by itself. Without this the page is read again by hand.

const part = document.querySelector("[data-chat]");
const EVERY = 4_000; // ms

const last = () => part.querySelector(".talk")?.lastElementChild;

function toEnd() {
  const talk = part.querySelector(".talk");
  if (talk) talk.scrollTop = talk.scrollHeight;
}

async function readAgain() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(part.dataset.chat, { cache: "no-store" }).catch(() => null);
  if (answer?.status !== 200) return;
  const before = last()?.textContent;
  const html = await answer.text();
  if (html === readAgain.known) return;
  readAgain.known = html;
  part.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  if (last()?.textContent !== before) toEnd();
}

toEnd();
if ("chatGoesOn" in part.dataset) setInterval(readAgain, EVERY);
