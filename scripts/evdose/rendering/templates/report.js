"use strict";
{
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Scenarios: show one at a time, or all. Without this script all are shown.
  const buttons = all(".switch button");
  const show = (name) => {
    for (const part of all(".of")) part.hidden = name !== "" && part.dataset.scenario !== name;
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.show === name);
    document.body.classList.toggle("one", name !== "");
  };
  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.show));
  if (buttons.length > 2) {
    document.querySelector(".switch").hidden = false;
    show(buttons[0].dataset.show);
  }

  // A link may lead into a table that is closed or a scenario that is not shown.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const part = target.closest(".of");
    if (part && part.hidden) show(part.dataset.scenario);
    for (let box = target; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
    if (target.matches(".record")) target.hidden = false;
    if (target.matches(".claim")) for (const box of all(".evidence", target)) box.open = true;
    target.scrollIntoView();
    if (target.tabIndex === -1) target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // A point of a figure leads to its record.
  document.addEventListener("click", (event) => {
    const point = event.target.closest("svg [data-href]");
    if (point) location.hash = point.dataset.href;
  });

  // Tables: sort by a column; numbers by their value, words as they read.
  const value = (cell, byNumber) => (byNumber ? Number(cell.dataset.n ?? cell.textContent) : cell.textContent);
  const compare = (a, b) => {
    if (typeof a === "string") return a.localeCompare(b, "en", { numeric: true });
    return Number.isNaN(a) - Number.isNaN(b) || a - b || 0;
  };
  const sort = (head, column) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const keyed = [...body.rows].map((row) => [value(row.cells[column], "by" in head.dataset), row]);
    const missing = (key) => typeof key === "number" && Number.isNaN(key);
    keyed.sort(([a], [b]) => (down && !missing(a) && !missing(b) ? compare(b, a) : compare(a, b)));
    body.append(...keyed.map(([, row]) => row));
  };
  const searchable = (rows, label, before) => {
    const box = document.createElement("label");
    const field = document.createElement("input");
    field.type = "search";
    box.className = "filter";
    box.append(label, field);
    before.before(box);
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
    });
  };
  for (const table of all("details.table table.data")) {
    all("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(head, column));
      head.append(button);
    });
    if (table.tBodies[0].rows.length > 20) searchable([...table.tBodies[0].rows], "Rows with ", table.parentElement);
  }
  const records = all(".record");
  if (records.length) searchable(records, "Records with ", records[0]);
}
