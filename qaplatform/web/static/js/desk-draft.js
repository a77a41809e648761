// Keeps the draft: a second after the last change, three seconds after the first at the latest, and when the page is left.
const QUIET_MS = 1000;
const LATEST_MS = 3000;

export function keepDraft(form, status) {
  const version = form.querySelector("[data-version]");
  let quiet = 0;
  let first = 0;
  let isSending = false;
  let isDue = false;
  let isOver = false;

  async function send() {
    clearTimeout(quiet);
    first = 0;
    if (isOver) return;
    if (isSending) {
      isDue = true;
      return;
    }
    isSending = true;
    isDue = false;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new FormData(form), keepalive: true });
      const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
      if (answer.ok) version.value = told.version;
      say(told.message ?? "", !answer.ok);
      if (answer.status === 409) isOver = true;
    } catch {
      isDue = true;
      quiet = setTimeout(send, LATEST_MS);
    } finally {
      isSending = false;
    }
    if (isDue) send();
  }

  function say(message, isWrong) {
    if (!status) return;
    status.textContent = message;
    status.classList.toggle("is-wrong", isWrong);
  }

  form.addEventListener("submit", () => {
    clearTimeout(quiet);
    isOver = true;
  });
  window.addEventListener("pagehide", () => { if (first) send(); });

  return function changed() {
    const now = Date.now();
    first = first || now;
    clearTimeout(quiet);
    quiet = setTimeout(send, Math.max(0, Math.min(QUIET_MS, first + LATEST_MS - now)));
  };
}
