// A cursor in the chat: from message to message, from finding to finding, and words selected by keys.
export function chatCursor(form) {
  const lines = [...form.querySelectorAll(".chat > .line")];
  const spots = [...form.querySelectorAll(".chat .spot[id]")];
  let at = -1;
  let spotAt = -1;
  let from = 0;
  let to = 0;
  let isSelecting = false;

  const bubble = () => lines[at]?.querySelector(".bubble");
  const number = () => (at < 0 ? null : Number(lines[at].id.slice(1)));

  function stand(line) {
    lines[at]?.classList.remove("is-cursor");
    at = lines.indexOf(line);
    line?.classList.add("is-cursor");
    line?.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    isSelecting = false;
    stand(lines[at < 0 ? (step > 0 ? 0 : lines.length - 1) : Math.min(Math.max(at + step, 0), lines.length - 1)]);
  }

  function showSpot(address) {
    const spot = document.getElementById((address ?? "").slice(1));
    if (!spot) return;
    spots[spotAt]?.classList.remove("is-cursor");
    spotAt = spots.indexOf(spot);
    spot.classList.add("is-cursor");
    stand(spot.closest(".line"));
    spot.scrollIntoView({ block: "center" });
  }

  function moveSpot(step) {
    if (spots.length === 0) return;
    const next = spotAt < 0 ? (step > 0 ? 0 : spots.length - 1) : (spotAt + step + spots.length) % spots.length;
    showSpot(`#${spots[next].id}`);
  }

  // The words of a message, without the numbers of findings and other marks of ours, with the nodes they stand in.
  function nodesOf(element) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, (node) =>
      node.parentElement.closest(".spot, .icon, [data-mark]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    return nodes;
  }

  function placed(nodes, node, offset) {
    let count = 0;
    for (const one of nodes) {
      if (one === node) return count + [...one.data.slice(0, offset)].length;
      count += [...one.data].length;
    }
    return null;
  }

  function boundary(nodes, place) {
    let left = place;
    for (const one of nodes) {
      const chars = [...one.data];
      if (left <= chars.length) return [one, chars.slice(0, left).join("").length];
      left -= chars.length;
    }
    const last = nodes.at(-1);
    return [last, last.data.length];
  }

  const textOf = (nodes) => nodes.map((node) => node.data).join("");

  function show() {
    const nodes = nodesOf(bubble());
    if (nodes.length === 0) return;
    const range = document.createRange();
    range.setStart(...boundary(nodes, Math.min(from, to)));
    range.setEnd(...boundary(nodes, Math.max(from, to)));
    const selection = document.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  function startSelecting() {
    if (at < 0) move(1);
    if (!bubble()) return;
    isSelecting = true;
    from = 0;
    to = 1;
    show();
  }

  // Arrows move the selection, with Shift they extend it; Home and End go to the ends. True where the key was one of these.
  function selectKey(event) {
    if (!isSelecting || !bubble()) return false;
    const length = [...textOf(nodesOf(bubble()))].length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -10, ArrowDown: 10, Home: -length, End: length }[event.key];
    if (step === undefined) return false;
    to = Math.min(Math.max(to + step, 0), length);
    if (!event.shiftKey) {
      to = Math.max(to, 1);
      from = to - 1;
    }
    show();
    return true;
  }

  function selected() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const element = (range.startContainer.nodeType === Node.TEXT_NODE ? range.startContainer.parentElement : range.startContainer).closest?.(".bubble");
    if (!element || !element.contains(range.endContainer)) return null;
    const nodes = nodesOf(element);
    const start = placed(nodes, range.startContainer, range.startOffset);
    const end = placed(nodes, range.endContainer, range.endOffset);
    if (start === null || end === null || start === end) return null;
    const chars = [...textOf(nodes)].slice(start, end).join("");
    return { message: Number(element.closest(".line").id.slice(1)), text: chars.trim(), start, end };
  }

  return { move, moveSpot, showSpot, number, selected, startSelecting, selectKey, stopSelecting: () => { isSelecting = false; } };
}
