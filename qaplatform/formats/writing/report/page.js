"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);

  // Tables: a click on a heading sorts by it, empty values last; a second click turns the order round.
  for (const table of all("table.sortable")) {
    const body = table.tBodies[0];
    all("thead th", table).forEach((head, column) => {
      const value = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
      const sort = () => {
        const before = head.getAttribute("aria-sort");
        const first = head.hasAttribute("data-up") ? "ascending" : "descending";
        const order = before ? (before === "ascending" ? "descending" : "ascending") : first;
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const rows = [...body.rows].sort((a, b) => {
          const x = value(a), y = value(b);
          if (x === "" || y === "") return (x === "") - (y === "");
          const number = Number(x) - Number(y);
          return sign * (Number.isNaN(number) ? x.localeCompare(y, document.documentElement.lang) : number);
        });
        body.append(...rows);
      };
      head.tabIndex = 0;
      head.addEventListener("click", sort);
      head.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); }
      });
    });
  }

  // Conversations: filters.
  const cases = all("details.case");
  const picked = { criteria: one("by-criterion"), agents: one("by-agent"), verdict: one("by-verdict") };
  const text = one("by-text");
  const filter = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const item of cases) {
      const fits = Object.entries(picked).every(([name, box]) =>
        !box.value || item.dataset[name].split(" ").includes(box.value));
      item.hidden = !(fits && (!wanted || item.textContent.toLowerCase().includes(wanted)));
      shown += !item.hidden;
    }
    one("shown").textContent = shown;
    one("no-case").hidden = shown > 0 || cases.length === 0;
  };
  if (cases.length) {
    document.querySelector(".filters").hidden = false;
    Object.values(picked).forEach((box) => box.addEventListener("change", filter));
    text.addEventListener("input", (event) => { if (!event.isComposing) filter(); });
    text.addEventListener("compositionend", filter);
    one("open-all").addEventListener("click", () => cases.forEach((item) => { item.open = true; }));
    one("close-all").addEventListener("click", () => cases.forEach((item) => { item.open = false; }));
    for (const cell of all("table.heat td[data-agent]")) {
      cell.addEventListener("click", () => {
        picked.agents.value = cell.dataset.agent;
        picked.criteria.value = cell.dataset.criterion;
        if (picked.agents.selectedIndex < 0) picked.agents.value = "";
        if (picked.criteria.selectedIndex < 0) picked.criteria.value = "";
        filter();
        one("cases").scrollIntoView({ behavior: "smooth" });
      });
    }
  }

  // A link to a conversation or a note opens what it leads to.
  const reveal = () => {
    const target = location.hash.length > 1 && one(decodeURIComponent(location.hash.slice(1)));
    const item = target && target.closest("details.case");
    if (item) { item.hidden = false; item.open = true; target.scrollIntoView({ block: "center" }); }
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Words and their note light up together.
  for (const item of cases) {
    const light = (event) => {
      const from = event.target.closest("[data-n]");
      const numbers = from ? from.dataset.n.split(" ").filter(Boolean) : [];
      for (const part of all("[data-n]", item)) {
        part.classList.toggle("lit", part.dataset.n.split(" ").some((n) => numbers.includes(n)));
      }
    };
    item.addEventListener("mouseover", light);
    item.addEventListener("mouseleave", light);
  }

  // On paper everything is open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = cases.filter((item) => !item.open);
    closed.forEach((item) => { item.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((item) => { item.open = false; }));
})();
