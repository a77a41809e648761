// <div data-drop data-limit="bytes"> around a file input: files can be dropped on it; what was chosen is listed, and what
// is too large is said before it is sent. All words stand in the page.
export function dropFiles(root) {
  const box = (event) => event.target.closest?.("[data-drop]");
  const input = (event) => event.target.matches?.("[data-drop] input[type=file]");
  root.addEventListener("dragover", (event) => {
    if (!root.querySelector("[data-drop]") || !event.dataTransfer.types.includes("Files") || input(event)) return;
    // A file that misses the box would otherwise take the place of the page.
    event.preventDefault();
    box(event)?.classList.add("is-over");
  });
  root.addEventListener("dragleave", (event) => {
    if (!box(event)?.contains(event.relatedTarget)) box(event)?.classList.remove("is-over");
  });
  root.addEventListener("drop", (event) => {
    const here = box(event);
    here?.classList.remove("is-over");
    if (!root.querySelector("[data-drop]") || input(event)) return;
    event.preventDefault();
    if (!here || !event.dataTransfer.files.length) return;
    here.querySelector("input[type=file]").files = event.dataTransfer.files;
    show(here);
  });
  root.addEventListener("change", (event) => {
    if (input(event)) show(box(event));
  });
}

function show(box) {
  const files = [...box.querySelector("input[type=file]").files];
  const list = box.querySelector("[data-chosen]");
  list.replaceChildren(...files.map((file) => Object.assign(document.createElement("li"), { textContent: file.name })));
  list.hidden = files.length < 2;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  box.querySelector("[data-too-large]").hidden = size <= Number(box.dataset.limit);
}

export function isTooLarge(form) {
  const words = form.querySelector("[data-too-large]");
  return words !== null && !words.hidden;
}
