// The exam room alive: new messages, clocks, drafts, sending, customers by keyboard. The page works without any of it.
import { isComposing } from "./keys.js";
import { runClocks, setClocks } from "./exam-clocks.js";
import { draftOf } from "./exam-draft.js";
import { outboxOf } from "./exam-outbox.js";

const CALM_MS = 2000;
const QUICK_MS = 1000;
const HIDDEN_MS = 5000;
const LATE_MS = 4000;
const TIMEOUT_MS = 20_000;

const room = document.querySelector("[data-room]");
const panes = room.querySelector("[data-panes]");
const customers = room.querySelector("[data-customers]");
const offline = room.querySelector("[data-offline]");
const template = room.querySelector("[data-pending]");
const living = new Map();
let timer = 0;
let isAsking = false;
let isOver = false;
let wait = CALM_MS;

const paneOf = (id) => panes.querySelector(`[data-pane="${id}"]`);
const shownPane = () => panes.querySelector("[data-pane]:not([hidden])");
const itemOf = (id) => customers?.querySelector(`[data-customer="${id}"]`);
const seen = () => [...panes.querySelectorAll("[data-pane]")].map((one) => `${one.dataset.pane}:${one.dataset.count}`).join(",");

// Pieces of the page, as the server writes them.
function elements(html) {
  return [...new DOMParser().parseFromString(html, "text/html").body.children];
}

function toEnd(pane) {
  const scroll = pane.querySelector("[data-scroll]");
  scroll.scrollTop = scroll.scrollHeight;
}

function failed() {
  offline.hidden = false;
}

// New lines come before those that are still on their way, and each only once, however often the server sends it.
function addLines(pane, one) {
  const list = pane.querySelector("[data-lines]");
  const scroll = pane.querySelector("[data-scroll]");
  const isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const pending = list.querySelector(".room-pending");
  let heard = 0;
  for (const line of elements(one.lines)) {
    if (Number(line.dataset.line) < Number(pane.dataset.count)) continue;
    list.insertBefore(line, pending);
    pane.dataset.count = Number(line.dataset.line) + 1;
    if (line.classList.contains("line-customer")) heard += 1;
  }
  if (isAtEnd) toEnd(pane);
  return heard;
}

function applyOne(one, askedAt) {
  if (one.pane && !paneOf(one.id)) {
    room.querySelector("[data-nobody]")?.remove();
    const isFirst = !shownPane();
    panes.append(...elements(one.pane));
    customers?.append(...elements(one.item));
    begin(paneOf(one.id));
    if (isFirst) show(one.id);
    else news(one.id, 1);
  }
  const pane = paneOf(one.id);
  if (!pane) return;
  const heard = addLines(pane, one);
  if (heard && pane.hidden) news(one.id, heard);
  pane.querySelector("[data-typing]").hidden = !one.typing;
  pane.querySelector("[data-paused]").hidden = !one.paused;
  if (!pane.hidden && one.typing && heard === 0) keepTypingInSight(pane);
  const isStill = one.paused || one.ended;
  for (const root of [pane, itemOf(one.id)].filter(Boolean)) {
    setClocks(root, "waits", one.ended ? null : one.waits, { limit: one.limit, isStill });
    setClocks(root, "left", one.ended ? null : one.left, { isStill });
  }
  const item = itemOf(one.id);
  if (item) {
    item.querySelector("[data-last]").textContent = one.last;
    item.querySelector("[data-ended]").hidden = !one.ended;
  }
  const life = living.get(one.id);
  if (one.ended && life) end(pane, one, life);
  else life?.draft.take(one.draft, askedAt);
}

function keepTypingInSight(pane) {
  const scroll = pane.querySelector("[data-scroll]");
  if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80) toEnd(pane);
}

function end(pane, one, life) {
  life.outbox.close();
  living.delete(one.id);
  const hadFocus = pane.contains(document.activeElement);
  pane.querySelector("[data-form]")?.remove();
  pane.querySelector("[data-ends]").hidden = true;
  pane.querySelector("[data-over]").replaceChildren(...elements(one.over));
  if (hadFocus) pane.querySelector("[data-scroll]").focus();
  toEnd(pane);
}

function apply(told, askedAt) {
  offline.hidden = true;
  told.dialogues.forEach((one) => applyOne(one, askedAt));
  const coming = room.querySelector("[data-coming]");
  if (coming) coming.hidden = told.coming === 0;
  wait = document.hidden ? HIDDEN_MS : told.dialogues.some((one) => one.typing) || told.coming > 0 ? QUICK_MS : CALM_MS;
  // It is over: the page says so, and where the results are.
  if (told.ended && !isOver) {
    isOver = true;
    location.reload();
  }
}

async function ask() {
  clearTimeout(timer);
  if (isAsking) return;
  isAsking = true;
  const askedAt = performance.now();
  const late = setTimeout(failed, LATE_MS);
  try {
    const answer = await fetch(`${room.dataset.news}?seen=${seen()}`, {
      headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok || !answer.headers.get("content-type")?.includes("json")) throw new Error("no answer of ours");
    apply(await answer.json(), askedAt);
  } catch {
    failed();
  } finally {
    clearTimeout(late);
    isAsking = false;
    timer = setTimeout(ask, wait);
  }
}

function news(id, count) {
  const mark = itemOf(id)?.querySelector("[data-news]");
  if (!mark) return;
  mark.textContent = Number(mark.textContent) + count;
  mark.hidden = false;
}

function show(id) {
  for (const pane of panes.querySelectorAll("[data-pane]")) pane.hidden = pane.dataset.pane !== String(id);
  for (const item of customers?.children ?? []) {
    const isHere = item.dataset.customer === String(id);
    item.firstElementChild.toggleAttribute("aria-current", isHere);
    if (isHere) item.firstElementChild.setAttribute("aria-current", "true");
  }
  const mark = itemOf(id)?.querySelector("[data-news]");
  if (mark) {
    mark.textContent = "";
    mark.hidden = true;
  }
  const pane = paneOf(id);
  toEnd(pane);
  pane.querySelector("[data-field]")?.focus();
  history.replaceState(null, "", `?customer=${pane.dataset.place}`);
}

function move(step) {
  const all = [...panes.querySelectorAll("[data-pane]")];
  const at = all.indexOf(shownPane());
  if (all.length > 1) show(all[(at + step + all.length) % all.length].dataset.pane);
}

function insert(field, text) {
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function begin(pane) {
  const form = pane.querySelector("[data-form]");
  if (!form) return;
  const id = Number(pane.dataset.pane);
  const field = pane.querySelector("[data-field]");
  const phrases = pane.querySelector("[data-phrases]");
  const draft = draftOf(pane, failed);
  const outbox = outboxOf(pane, {
    template,
    seen,
    onAnswer: (told, askedAt) => apply(told, askedAt),
    onRefused: (text) => {
      if (!field.value) field.value = text;
      draft.changed();
    },
    onFailure: failed,
  });
  living.set(id, { draft, outbox });
  if (matchMedia("(max-width: 64rem)").matches) pane.querySelector("[data-panel]").open = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const phrase = event.submitter?.dataset.phrase;
    if (phrase !== undefined) {
      phrases.open = false;
      insert(field, phrase);
      return;
    }
    if (!field.value.trim()) return;
    outbox.send(field.value);
    field.value = "";
    draft.changed();
    field.focus();
    toEnd(pane);
  });
  field.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    const opens = (event.key === "/" && !field.value) || (event.ctrlKey && event.key === "/");
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (opens) {
      event.preventDefault();
      phrases.open = true;
      phrases.querySelector("[data-phrase]").focus();
    }
  });
  phrases.addEventListener("keydown", (event) => {
    if (!phrases.open || isComposing(event)) return;
    const all = [...phrases.querySelectorAll("[data-phrase]")];
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") {
      phrases.open = false;
      field.focus();
    } else if (/^[1-9]$/.test(event.key) && all[Number(event.key) - 1]) form.requestSubmit(all[Number(event.key) - 1]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

customers?.addEventListener("click", (event) => {
  const item = event.target.closest("[data-customer]");
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(item.dataset.customer);
});
document.addEventListener("keydown", (event) => {
  if (isComposing(event) || !event.altKey || event.ctrlKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  move(event.key === "ArrowDown" ? 1 : -1);
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
window.addEventListener("online", ask);
window.addEventListener("offline", failed);

for (const pane of panes.querySelectorAll("[data-pane]")) begin(pane);
if (shownPane()) toEnd(shownPane());
runClocks(room, ask);
timer = setTimeout(ask, QUICK_MS);
