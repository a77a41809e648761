// <form data-upload>: the files are sent with a bar that shows how far they are. What comes after is the page one would have
// come to without this; a connection that breaks off leaves the form as it was.
import { isTooLarge } from "./drop.js";

export function sendFiles(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-upload]") || event.defaultPrevented) return;
    if (isTooLarge(form)) {
      event.preventDefault();
      settle(form);
      return;
    }
    const chosen = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
    if (!chosen) return;
    event.preventDefault();
    send(form);
  });
}

function send(form) {
  const line = form.querySelector("[data-progress]");
  const bar = line.querySelector("progress");
  const percent = line.querySelector("[data-percent]");
  const broken = form.querySelector("[data-broken]");
  const request = new XMLHttpRequest();
  broken.hidden = true;
  line.hidden = false;
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = event.loaded / event.total;
    percent.textContent = `${Math.floor((100 * event.loaded) / event.total)}%`;
  });
  request.addEventListener("load", () => {
    const next = request.getResponseHeader("Location");
    if (next) return window.location.assign(next);
    const answer = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
    if (!answer) return fail();
    const chosen = form.querySelector("input[type=file]").files;
    document.querySelector("main").replaceWith(answer);
    // Files that nothing is wrong with need not be looked for again.
    const input = answer.querySelector("[data-upload] input[type=file]:not(.is-invalid)");
    if (input) {
      input.files = chosen;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    answer.focus();
  });
  const fail = () => {
    line.hidden = true;
    broken.hidden = false;
    settle(form);
  };
  request.addEventListener("error", fail);
  request.addEventListener("abort", fail);
  request.open("POST", form.action);
  request.setRequestHeader("X-Requested-With", "upload");
  request.send(new FormData(form));
}

// The form can be sent again; see once.js.
function settle(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}
