// <form data-drill="60">: the seconds that are left run down, Enter sends, and at the end what stands there is sent.
// The server's clock decides; this one only shows it.
import { isComposing } from "./keys.js";

const NEAR_SECONDS = 10;

function runDown(form) {
  const clock = form.querySelector(".drill-clock");
  const left = form.querySelector("[data-drill-left]");
  const bar = form.querySelector("[data-drill-bar]");
  const late = form.querySelector("[data-drill-late]");
  const field = form.querySelector("textarea");
  const began = performance.now();
  const given = Number(form.dataset.drill);
  let isOver = given <= 0;
  const timer = setInterval(show, 250);

  function show() {
    const seconds = Math.max(0, given - (performance.now() - began) / 1000);
    left.textContent = String(Math.ceil(seconds));
    bar.value = seconds;
    clock.classList.toggle("is-near", seconds > 0 && seconds <= NEAR_SECONDS);
    clock.classList.toggle("is-over", seconds <= 0);
    if (seconds > 0) return;
    clearInterval(timer);
    if (isOver) return;
    isOver = true;
    if (field.value.trim()) form.requestSubmit();
    else late.hidden = false;
  }

  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    if (field.value.trim()) form.requestSubmit();
  });
  window.addEventListener("pagehide", () => clearInterval(timer));
  // Coming back by the browser's button shows the page as it was left: ask the server how it stands.
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  field.focus();
  show();
}

for (const form of document.querySelectorAll("form[data-drill]")) runDown(form);
