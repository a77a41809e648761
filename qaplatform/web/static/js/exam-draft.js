// What stands in the field is kept on the server two seconds after it changed at the latest; that it is not shows within five.
const QUIET_MS = 1000;
const LATEST_MS = 2000;
const LATE_MS = 2500;
const TIMEOUT_MS = 20_000;
const RETRY_MS = 1500;

export function draftOf(pane, onFailure) {
  const form = pane.querySelector("[data-form]");
  const field = pane.querySelector("[data-field]");
  const status = pane.querySelector("[data-saved]");
  let kept = field.defaultValue;
  let first = 0;
  let timer = 0;
  let isSaving = false;
  let settledAt = performance.now();

  function say(word, isWrong) {
    status.textContent = word;
    status.classList.toggle("is-wrong", isWrong);
  }

  async function save() {
    clearTimeout(timer);
    if (!form.isConnected) return; // The dialogue has ended: there is nothing to be kept any more.
    if (isSaving || field.value === kept) {
      if (!isSaving) first = 0;
      return;
    }
    isSaving = true;
    first = 0;
    const text = field.value;
    const body = new FormData(form);
    body.set("text", text);
    const late = setTimeout(() => say(status.dataset.lost, true), LATE_MS);
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST", body, keepalive: true, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!answer.ok || !answer.headers.get("content-type")?.includes("json")) throw new Error("not kept");
      kept = text;
      if (field.value === text) say(text ? status.dataset.kept : "", false);
    } catch {
      say(status.dataset.lost, true);
      onFailure();
      timer = setTimeout(save, RETRY_MS);
    } finally {
      clearTimeout(late);
      isSaving = false;
      settledAt = performance.now();
    }
    if (field.value !== kept) changed();
  }

  function changed() {
    const now = performance.now();
    first = first || now;
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(0, Math.min(QUIET_MS, first + LATEST_MS - now)));
  }

  field.addEventListener("input", changed);
  window.addEventListener("pagehide", () => { if (field.value !== kept) save(); });
  // A browser that fills in again what stood in the field before a reload may know more than the server.
  if (field.value !== kept) changed();

  return {
    changed,
    // What another window wrote; what is being written here stands, and so does what an older answer does not know yet.
    take(text, askedAt) {
      if (askedAt <= settledAt || isSaving || field.value !== kept || text === kept) return;
      kept = text;
      field.value = text;
    },
  };
}
