// Messages on their way: in order, one after another, each with a key of its own, so that one that was sent twice is one.
// They outlive a reload of the page. The list shows each of them as being sent or as not sent until the server has it.
const RETRY_MS = 2000;
const LATE_MS = 4000;
const TIMEOUT_MS = 20_000;

export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

export function outboxOf(pane, { template, seen, onAnswer, onRefused, onFailure }) {
  const form = pane.querySelector("[data-form]");
  const list = pane.querySelector("[data-lines]");
  const place = `exam-outbox-${pane.dataset.pane}`;
  const waiting = [];
  let isBusy = false;
  let timer = 0;

  function keep() {
    const kept = waiting.map(({ key, text }) => ({ key, text }));
    if (kept.length > 0) sessionStorage.setItem(place, JSON.stringify(kept));
    else sessionStorage.removeItem(place);
  }

  function queue(key, text) {
    const line = template.content.querySelector(".room-pending").cloneNode(true);
    line.querySelector("[data-text]").textContent = text;
    list.append(line);
    waiting.push({ key, text, line });
  }

  async function pump() {
    clearTimeout(timer);
    if (isBusy || waiting.length === 0) return;
    isBusy = true;
    const head = waiting[0];
    const askedAt = performance.now();
    const body = new FormData(form);
    body.set("text", head.text);
    body.set("sent_key", head.key);
    body.set("seen", seen());
    let isGone = false;
    // A slow server may have it all the same: that is said, and the answer still waited for.
    const late = setTimeout(() => {
      head.line.classList.add("is-unsent");
      onFailure();
    }, LATE_MS);
    try {
      const answer = await fetch(form.action, {
        method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
      if (told === null || answer.status >= 500) throw new Error("no answer of ours");
      isGone = true;
      if (waiting[0] === head) waiting.shift();
      keep();
      if (answer.ok) head.line.remove();
      else {
        head.line.classList.remove("is-unsent");
        head.line.classList.add("is-refused");
        head.line.querySelector("[data-why]").textContent = told.message;
        onRefused(head.text, told);
      }
      if (told.news) onAnswer(told.news, askedAt);
    } catch {
      if (waiting[0] === head) head.line.classList.add("is-unsent");
      onFailure();
    } finally {
      clearTimeout(late);
      isBusy = false;
    }
    if (isGone) pump();
    else timer = setTimeout(pump, RETRY_MS);
  }

  for (const { key, text } of JSON.parse(sessionStorage.getItem(place) ?? "[]")) queue(key, text);
  pump();

  return {
    isEmpty: () => waiting.length === 0,
    // It is too late for what is still on its way: that shows, and nothing is tried again.
    close() {
      clearTimeout(timer);
      waiting.splice(0).forEach(({ line }) => {
        line.classList.remove("is-unsent");
        line.classList.add("is-refused");
      });
      keep();
    },
    send(text) {
      queue(newKey(), text);
      keep();
      pump();
    },
  };
}
