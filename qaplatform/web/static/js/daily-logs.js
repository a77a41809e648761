// A day's log by keyboard. The page works without any of it.
import { isComposing, isTyping } from "./keys.js";

const form = document.querySelector("[data-log]");
const sheet = document.querySelector("[data-keys]");
const opener = document.querySelector("[data-keys-open]");
if (opener && sheet) {
  opener.hidden = false;
  opener.addEventListener("click", () => sheet.showModal());
}

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
const here = () => document.activeElement?.closest?.("[data-row]");
// Where one stood, for a part of the page that comes anew takes the focus away.
let place = -1;

function focusRow(row) {
  const button = row?.querySelector("[data-toggle], [data-accept]");
  if (!button) return;
  place = rows().indexOf(row);
  button.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = rows();
  const at = here() ? all.indexOf(here()) : place;
  focusRow(all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)]);
}

function press(what) {
  const row = here();
  if (row) place = rows().indexOf(row);
  row?.querySelector(what)?.click();
}

function write(name) {
  const field = form?.elements[name];
  if (!field) return;
  field.focus();
  field.scrollIntoView({ block: "center" });
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  x: () => press("[data-toggle]"),
  a: () => press("[data-accept]"),
  d: () => press("[data-dismiss]"),
  n: () => write("what"),
  s: () => write("summary"),
  "[": () => document.querySelector('a[data-key="["]')?.click(),
  "]": () => document.querySelector('a[data-key="]"]')?.click(),
  "?": () => (sheet?.open ? sheet.close() : sheet?.showModal()),
};

document.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const wanted = event.target.closest?.("form") ?? form;
    if (wanted?.method === "post") {
      event.preventDefault();
      wanted.requestSubmit();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isChoice = event.target.matches?.("input[type=radio]");
  if (isTyping(event) && !isChoice) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (sheet?.open && event.key !== "?") return;
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// After a tap the part comes anew: whoever went by keyboard stays in the same place.
document.addEventListener("htmx:after:swap", () => {
  if (place >= 0 && document.activeElement === document.body) focusRow(rows()[Math.min(place, rows().length - 1)]);
});
