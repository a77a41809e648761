// The review desk by keyboard, and drafts that save themselves. The page works without any of it.
import { isComposing, isTyping } from "./keys.js";
import { keepDraft } from "./desk-draft.js";
import { chatCursor } from "./desk-chat.js";

const form = document.querySelector("[data-desk]");
if (form) {
  const save = keepDraft(form, document.querySelector("[data-saved]"));
  const chat = chatCursor(form);
  const sheet = document.querySelector("[data-keys]");
  const opener = document.querySelector("[data-keys-open]");
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", () => sheet.showModal());
  }

  const rules = () => [...form.querySelectorAll("[data-rule]")];
  const here = () => document.activeElement?.closest?.("[data-rule]");

  function focusRule(rule, isStill = false) {
    if (!rule) return;
    const folded = rule.closest("details");
    if (folded) folded.open = true;
    rule.focus({ preventScroll: true });
    rule.scrollIntoView({ block: "nearest" });
    if (isStill) return;
    const spot = rule.querySelector(".spots a.spot");
    if (spot) chat.showSpot(spot.getAttribute("href"));
  }

  function move(step) {
    const all = rules();
    const at = all.indexOf(here());
    focusRule(all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)]);
  }

  const isAnswered = (rule) => rule.querySelector("input[type=radio]:checked")?.value;
  const isRequired = (rule) => !rule.closest("[data-others]");

  function nextOpen() {
    const open = rules().filter((rule) => isRequired(rule) && !isAnswered(rule));
    if (open.length > 0) focusRule(open[0]);
    else form.querySelector("[data-submit]").focus();
  }

  // Chooses an answer of the criterion at hand; without one, of the first that is still open.
  function choose(values, then) {
    let rule = here();
    if (!rule) {
      nextOpen();
      rule = here();
    }
    const input = rule && values.map((value) => rule.querySelector(`input[type=radio][value="${value}"]`)).find(Boolean);
    if (!input) return;
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    const field = then && rule.querySelector(then);
    if (field) field.focus();
    else if (isRequired(rule)) nextOpen();
  }

  let digits = "";
  let timer = 0;
  function jump(digit) {
    digits += digit;
    clearTimeout(timer);
    timer = setTimeout(() => { digits = ""; }, 700);
    const rule = form.querySelector(`[data-rule][data-number="${digits}"]`);
    if (rule) focusRule(rule);
  }

  function comment(kind) {
    form.elements["comment-kind"].value = kind;
    const number = chat.number();
    if (number !== null) form.elements["comment-message"].value = number;
    form.elements["comment-text"].focus();
  }

  function addFinding() {
    const words = chat.selected();
    if (words) {
      form.elements["new-message"].value = words.message;
      form.elements["new-words"].value = words.text;
      form.elements["new-start"].value = words.start;
      form.elements["new-end"].value = words.end;
    }
    form.elements[words ? "new-criterion" : "new-words"].focus();
  }

  // The customer's panel opens with the first of its links at hand, and closes with the same key or Escape.
  const panel = document.querySelector("[data-customer]");
  let before = null;
  new IntersectionObserver(([seen]) => panel.classList.toggle("is-afloat", !seen.isIntersecting)).observe(
    panel.querySelector("summary"),
  );
  function customer() {
    panel.open = !panel.open;
    if (panel.open) {
      before = document.activeElement;
      (panel.querySelector(".menu-box a") ?? panel.querySelector("summary")).focus();
    } else before?.focus({ preventScroll: true });
  }

  panel.addEventListener("keydown", (event) => {
    if (isComposing(event) || event.key !== "Escape" || !panel.open) return;
    event.stopPropagation();
    customer();
  });

  const commands = {
    j: () => move(1),
    k: () => move(-1),
    y: () => choose(["confirm", "pass"]),
    x: () => choose(here()?.querySelector('input[value="confirm"]') ? ["pass"] : ["fail"], '[name^="reason:"]'),
    u: () => choose(["not_applicable"]),
    w: () => choose(["not_the_agent"], '[name^="cause:"]'),
    m: () => {
      const open = rules().filter((rule) => rule.querySelector("[data-suggested]") && !isAnswered(rule));
      if (!here()?.querySelector("[data-suggested]")) focusRule(open[0]);
      const suggested = here()?.querySelector("[data-suggested]");
      if (suggested) choose([suggested.dataset.suggested]);
    },
    n: () => chat.moveSpot(1),
    p: () => chat.moveSpot(-1),
    "]": () => chat.move(1),
    "[": () => chat.move(-1),
    v: () => chat.startSelecting(),
    a: addFinding,
    c: () => comment("comment"),
    b: () => comment("praise"),
    s: () => form.elements.summary.focus(),
    i: customer,
    o: () => document.querySelector('[data-key="o"]')?.click(),
    "?": () => sheet.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-submit]"));
      return;
    }
    if (sheet.open) {
      if (event.key === "?") sheet.close();
      return;
    }
    if (event.key === "Escape") {
      const rule = here();
      document.activeElement?.blur?.();
      chat.stopSelecting();
      if (rule) rule.focus({ preventScroll: true });
      return;
    }
    if (isTyping(event) && !(event.target.matches("input[type=radio], input[type=checkbox]"))) {
      // Enter in a reason goes on to what is still open, and never submits the page by accident.
      if (event.key === "Enter" && event.target.matches("input")) {
        event.preventDefault();
        if (event.target.name?.startsWith("reason:")) nextOpen();
        else if (event.target.closest("[data-new-finding]")) form.querySelector('[value="add"]').click();
        else event.target.blur();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (chat.selectKey(event)) {
      event.preventDefault();
      return;
    }
    if (/^[0-9]$/.test(event.key)) {
      event.preventDefault();
      jump(event.key);
      return;
    }
    const command = commands[event.key];
    if (command) {
      event.preventDefault();
      command();
    }
  });

  form.addEventListener("change", save);
  form.addEventListener("input", save);
  const first = form.querySelector(".rule-missing") ?? (location.hash ? null : rules().find((rule) => isRequired(rule) && !isAnswered(rule)));
  if (first) focusRule(first, true);
}
