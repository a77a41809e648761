// Clocks that run between two answers of the server; each answer sets them right. The browser's own date is never asked,
// so changing it changes nothing.
const begun = new WeakMap();
const NEAR_RATIO = 0.66;
const NEAR_SECONDS = 120;

function shown(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function nowOf(clock) {
  const base = Number(clock.dataset.seconds);
  if (clock.hasAttribute("data-still")) return base;
  const past = (performance.now() - (begun.get(clock) ?? 0)) / 1000;
  return clock.dataset.way === "down" ? Math.max(0, base - past) : base + past;
}

function draw(clock) {
  const seconds = nowOf(clock);
  const text = shown(seconds);
  if (clock.textContent !== text) clock.textContent = text;
  const box = clock.closest("[data-box]");
  const limit = clock.dataset.limit ? Number(clock.dataset.limit) : null;
  const isDown = clock.dataset.way === "down";
  box.classList.toggle("is-late", isDown ? seconds <= 0 : limit !== null && seconds > limit);
  box.classList.toggle("is-near", isDown ? seconds <= NEAR_SECONDS : limit !== null && seconds > limit * NEAR_RATIO);
}

// Sets every clock of that name inside root; null hides it.
export function setClocks(root, name, seconds, { limit = null, isStill = false } = {}) {
  for (const clock of root.querySelectorAll(`[data-clock="${name}"]`)) {
    const box = clock.closest("[data-box]");
    box.hidden = seconds === null;
    if (seconds === null) continue;
    clock.dataset.seconds = seconds;
    begun.set(clock, performance.now());
    clock.toggleAttribute("data-still", isStill);
    if (limit === null) delete clock.dataset.limit;
    else clock.dataset.limit = limit;
    const limitBox = box.querySelector("[data-limit-box]");
    if (limitBox) {
      limitBox.hidden = limit === null;
      limitBox.querySelector("[data-limit-text]").textContent = shown(limit ?? 0);
    }
    draw(clock);
  }
}

// Draws all clocks four times a second; `atZero` is called when one that counts down gets there.
export function runClocks(root, atZero) {
  const done = new WeakSet();
  const start = performance.now();
  for (const clock of root.querySelectorAll("[data-clock]")) begun.set(clock, start);
  setInterval(() => {
    for (const clock of root.querySelectorAll("[data-clock]")) {
      if (!begun.has(clock)) begun.set(clock, performance.now());
      draw(clock);
      const isOut = clock.dataset.way === "down" && !clock.hasAttribute("data-still") && nowOf(clock) <= 0;
      if (!isOut) done.delete(clock);
      else if (!done.has(clock)) {
        done.add(clock);
        atZero();
      }
    }
  }, 250);
}
