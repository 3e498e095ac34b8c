// What waits to leave the house: how long it still can be taken back. Without this the page says at what time it leaves.

const TICK = 250; // milliseconds

for (const waiting of document.querySelectorAll("[data-leaves]")) {
  const leaves = Date.now() + Number(waiting.dataset.seconds) * 1000;
  const left = waiting.querySelector("[data-left]");
  const button = waiting.querySelector("button");
  const timer = setInterval(() => {
    const seconds = Math.ceil((leaves - Date.now()) / 1000);
    if (seconds > 90) return; // nobody counts hours by the second
    left.textContent = seconds > 0 ? `${seconds} s` : "";
    if (seconds > 0) return;
    clearInterval(timer);
    if (button) button.disabled = true;
    waiting.querySelector("[data-gone]").hidden = false;
  }, TICK);
}
