// A theory test: answers are kept as one goes, options have numbers, steps move, words are marked, the clock runs down.
// Nothing here knows what is right, and no time counts but the server's.
import { isComposing, isTyping } from "./keys.js";
import { markWords } from "./paper-marks.js";

const QUIET_MS = 400;
const PATIENCE_MS = 4000;
const AGAIN_MS = 2000;
const SHORT_SECONDS = 60;

const form = document.querySelector("form.paper-form");
const clock = document.querySelector("[data-left-seconds]");
if (form?.matches("[data-paper]")) {
  const changed = keepAnswer(form, document.querySelector("[data-paper-saved]"));
  moveSteps(form, changed);
  markWords(form, changed);
  chooseByNumber(form);
  if (matchMedia("(hover: hover)").matches) {
    const first = form.querySelector(".paper-question input:checked") ?? form.querySelector(".paper-question :is(input:not([type=hidden]), textarea, [data-message], [data-move])");
    first?.focus({ preventScroll: true });
  }
}
if (clock) runDown(clock);
if (form) {
  goOnByKey(form);
  form.dataset.ready = "yes";
}

// Sends the answer a moment after it was changed, one request after the other; says so where it cannot.
function keepAnswer(form, status) {
  const seen = form.querySelector("[data-seen]");
  let timer = 0;
  let isSending = false;
  let isDue = false;
  let isOver = false;
  let isKept = true;

  async function send() {
    clearTimeout(timer);
    if (isOver) return;
    if (isSending) {
      isDue = true;
      return;
    }
    isSending = true;
    isDue = false;
    isKept = true;
    const giveUp = new AbortController();
    const patience = setTimeout(() => giveUp.abort(), PATIENCE_MS);
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new FormData(form), signal: giveUp.signal });
      const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
      if (answer.ok) {
        seen.value = told.seen;
        form.querySelector(".paper-map-number[aria-current]")?.classList.toggle("is-answered", told.answered);
        say(status.dataset.saved, false);
      } else if (answer.status === 409) {
        say(told.message ?? status.dataset.unsaved, true);
        if (told.over) location.reload();
      } else {
        again();
      }
    } catch {
      again();
    } finally {
      clearTimeout(patience);
      isSending = false;
    }
    if (isDue) send();
  }

  function again() {
    isKept = false;
    say(status.dataset.unsaved, true);
    clearTimeout(timer);
    timer = setTimeout(send, AGAIN_MS);
  }

  function say(message, isWrong) {
    status.textContent = message;
    status.classList.toggle("is-wrong", isWrong);
  }

  function changed() {
    isKept = false;
    if (!status.classList.contains("is-wrong")) say(status.dataset.saving, false);
    clearTimeout(timer);
    timer = setTimeout(send, QUIET_MS);
  }

  form.addEventListener("input", changed);
  form.addEventListener("submit", () => {
    isOver = true;
    clearTimeout(timer);
  });
  // Whoever leaves at once leaves with what was answered: the request outlives the page.
  window.addEventListener("pagehide", () => {
    if (isOver || (isKept && !isSending)) return;
    fetch(form.dataset.draft, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => {});
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  return changed;
}

// The number in front of an option chooses it.
function chooseByNumber(form) {
  document.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.ctrlKey || event.altKey || event.metaKey || !/^[1-8]$/.test(event.key)) return;
    if (isTyping(event) && !event.target.matches("input[type=radio], input[type=checkbox]")) return;
    const input = form.querySelectorAll("[data-options] input")[Number(event.key) - 1];
    if (!input) return;
    event.preventDefault();
    input.focus();
    input.click();
  });
}

// Ctrl+Enter goes on from anywhere, also out of a text.
function goOnByKey(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || isComposing(event)) return;
    event.preventDefault();
    form.querySelector("[data-next]")?.click();
  });
}

// Steps of an order: up and down by button or arrow key; the numbers follow.
function moveSteps(form, changed) {
  const list = form.querySelector("[data-order]");
  if (!list) return;
  list.dataset.ready = "yes";
  form.querySelector("[data-order-plain]").hidden = true;
  form.querySelector("[data-order-moves]").hidden = false;
  for (const moves of list.querySelectorAll("[data-moves]")) moves.hidden = false;
  if ([...list.querySelectorAll("select")].some((one) => one.value)) list.classList.add("is-moved");

  function move(button, way) {
    const item = button.closest("li");
    const other = way < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (other) (way < 0 ? other.before(item) : other.after(item));
    list.classList.add("is-moved");
    [...list.children].forEach((one, place) => { one.querySelector("select").value = String(place + 1); });
    button.focus();
    changed();
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button, Number(button.dataset.move));
  });
  list.addEventListener("keydown", (event) => {
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!way || !event.target.matches("[data-move]")) return;
    event.preventDefault();
    move(event.target, way);
  });
}

// Counts from what the server said, by a clock that nobody can set; at nought the server is asked.
function runDown(clock) {
  const shown = clock.querySelector("[data-clock]");
  const begun = performance.now();
  const left = Number(clock.dataset.leftSeconds);
  const timer = setInterval(() => {
    const now = Math.max(0, left - Math.floor((performance.now() - begun) / 1000));
    shown.textContent = `${Math.floor(now / 60)}:${String(now % 60).padStart(2, "0")}`;
    clock.classList.toggle("is-short", now <= SHORT_SECONDS);
    if (now > 0) return;
    clearInterval(timer);
    setTimeout(() => location.reload(), 1500);
  }, 500);
}
