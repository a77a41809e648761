// Marks words of messages: by mouse or finger, or by keys within a message. Places are counted in characters, as the server does.
import { isComposing } from "./keys.js";

export function markWords(form, changed) {
  const messages = [...form.querySelectorAll("[data-message]")];
  const holder = form.querySelector("[data-marks]");
  const tools = form.querySelector("[data-mark-tools]");
  if (!messages.length || !holder || !tools) return;
  const texts = new Map(messages.map((one) => [one, [...one.textContent]]));
  const marks = new Map(messages.map((one) => [one, []]));
  const cursors = new Map();
  for (const input of holder.querySelectorAll("input")) {
    const [number, start, end] = input.value.split(/[:-]/).map(Number);
    const message = messages.find((one) => Number(one.dataset.message) === number);
    if (message) marks.get(message).push([start, end]);
  }
  // What was copied by hand is in the marks by now.
  for (const quote of form.querySelectorAll("[data-quote]")) quote.remove();
  tools.hidden = false;
  form.querySelector(".paper-chat").dataset.marking = "yes";
  for (const message of messages) {
    message.tabIndex = 0;
    message.setAttribute("aria-describedby", "paper-text");
  }
  write();

  function write() {
    holder.replaceChildren(...messages.flatMap((message) => marks.get(message).map(([start, end]) => {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = "mark";
      input.value = `${message.dataset.message}:${start}-${end}`;
      return input;
    })));
  }

  function draw(message) {
    const text = texts.get(message);
    const parts = [];
    let done = 0;
    for (const [start, end] of marks.get(message)) {
      parts.push(text.slice(done, start).join(""));
      const mark = document.createElement("mark");
      mark.className = "mark-marked";
      mark.textContent = text.slice(start, end).join("");
      parts.push(mark);
      done = end;
    }
    parts.push(text.slice(done).join(""));
    message.replaceChildren(...parts.filter((one) => one !== ""));
  }

  function update(message, spans) {
    marks.set(message, spans);
    draw(message);
    write();
    changed();
  }

  // Adds a span; those it touches become one with it.
  function add(message, start, end) {
    const apart = marks.get(message).filter(([from, to]) => to < start || from > end);
    const touched = marks.get(message).filter(([from, to]) => !(to < start || from > end));
    const whole = [Math.min(start, ...touched.map((one) => one[0])), Math.max(end, ...touched.map((one) => one[1]))];
    update(message, [...apart, whole].sort((one, other) => one[0] - other[0]));
  }

  function removeAt(message, place) {
    const rest = marks.get(message).filter(([from, to]) => !(from <= place && place < to));
    if (rest.length !== marks.get(message).length) update(message, rest);
  }

  // What is selected within one message: where it begins and ends.
  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const message = messages.find((one) => one.contains(range.startContainer) && one.contains(range.endContainer));
    if (!message) return null;
    const before = document.createRange();
    before.setStart(message, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const start = [...before.toString()].length;
    return { message, start, end: start + [...range.toString()].length };
  }

  function markSelected() {
    const found = selected();
    if (!found || found.start === found.end) return false;
    add(found.message, found.start, found.end);
    getSelection().removeAllRanges();
    return true;
  }

  for (const message of messages) {
    message.addEventListener("pointerup", (event) => {
      if (event.pointerType !== "mouse") return;
      // The browser lets go of an old selection only after this.
      setTimeout(() => {
        if (markSelected()) return;
        if (event.target.matches("mark")) removeAt(message, placeOf(message, event.target));
      });
    });
    message.addEventListener("click", (event) => {
      const mark = event.target.closest("mark");
      if (event.pointerType !== "mouse" && mark && !selected()) removeAt(message, placeOf(message, mark));
    });
    message.addEventListener("keydown", (event) => byKey(message, event));
    message.addEventListener("focus", () => { if (message.matches(":focus-visible")) show(message); });
  }
  // A button that took the focus would take the selection along.
  const button = tools.querySelector("[data-mark-now]");
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", markSelected);

  function placeOf(message, mark) {
    const before = document.createRange();
    before.setStart(message, 0);
    before.setEndBefore(mark);
    return [...before.toString()].length;
  }

  function byKey(message, event) {
    if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = texts.get(message).length - 1;
    const cursor = cursors.get(message) ?? { anchor: 0, focus: 0 };
    const way = { ArrowLeft: -1, ArrowRight: 1, Home: -last - 1, End: last + 1 }[event.key];
    if (way) {
      const focus = Math.min(last, Math.max(0, cursor.focus + way));
      cursors.set(message, { anchor: event.shiftKey ? cursor.anchor : focus, focus });
      show(message);
    } else if (event.key === "Enter" || event.key === " ") {
      add(message, Math.min(cursor.anchor, cursor.focus), Math.max(cursor.anchor, cursor.focus) + 1);
      show(message);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      removeAt(message, cursor.focus);
      show(message);
    } else {
      return;
    }
    event.preventDefault();
  }

  // Where the keys are, as the browser's own selection.
  function show(message) {
    const cursor = cursors.get(message) ?? { anchor: 0, focus: 0 };
    cursors.set(message, cursor);
    const [from, to] = [Math.min(cursor.anchor, cursor.focus), Math.max(cursor.anchor, cursor.focus) + 1];
    getSelection().setBaseAndExtent(...spot(message, from), ...spot(message, to));
  }

  function spot(message, place) {
    const walker = document.createTreeWalker(message, NodeFilter.SHOW_TEXT);
    let left = place;
    let node = walker.nextNode();
    let last = node;
    while (node) {
      const characters = [...node.data];
      if (left <= characters.length) return [node, characters.slice(0, left).join("").length];
      left -= characters.length;
      last = node;
      node = walker.nextNode();
    }
    return last ? [last, last.data.length] : [message, 0];
  }
}
