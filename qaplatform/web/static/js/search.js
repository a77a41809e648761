// <input data-search>: the key "/" goes to it from anywhere on the page.
// With data-search-live its form is told "typed" when somebody pauses; Chinese that is still being composed is no word yet.
import { isComposing, isTyping } from "./keys.js";

export function focusSearch(root) {
  root.addEventListener("keydown", (event) => {
    if (event.key !== "/" || isComposing(event) || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = root.querySelector("input[data-search]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

export function searchLive(root) {
  let waiting = 0;
  const typed = (event) => {
    if (!event.target.matches?.("input[data-search-live]") || event.isComposing) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => event.target.form?.dispatchEvent(new CustomEvent("typed", { bubbles: true })), 200);
  };
  root.addEventListener("input", typed);
  root.addEventListener("compositionend", typed);
}
