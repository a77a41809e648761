// <input data-search>: the key "/" goes to it from anywhere on the page.
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
