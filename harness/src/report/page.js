"use strict";

// The page is whole without this: it only hides rows that a filter doesn't mean, and sorts.
(() => {
  const rows = (table) => [...table.tBodies[0].rows];
  const tables = [...document.querySelectorAll("table.filtered")];
  const form = document.getElementById("filter");
  const text = document.getElementById("text");
  const status = document.getElementById("status");
  const found = document.getElementById("found");

  // The status of a case is told once, and holds for its costs, too.
  const statuses = new Map();
  for (const row of document.querySelectorAll("tr[data-status]")) {
    statuses.set(caseOf(row), row.dataset.status);
  }

  function caseOf(row) {
    return row.cells[0].textContent;
  }

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const isMeant = (row) => {
      const own = row.textContent.toLowerCase();
      const fits = !status.value || statuses.get(caseOf(row)) === status.value;
      return fits && words.every((word) => own.includes(word));
    };
    const cases = new Set();
    for (const table of tables) {
      let shown = 0;
      for (const row of rows(table)) {
        row.hidden = !isMeant(row);
        if (!row.hidden) {
          shown += 1;
          cases.add(caseOf(row));
        }
      }
      tell(table, shown);
    }
    const isFiltered = words.length > 0 || status.value;
    found.textContent = isFiltered ? `${cases.size} of ${statuses.size} listed cases` : "";
  }

  // Whoever sees no row, or few, is told how many a filter hides.
  function tell(table, shown) {
    const box = table.parentElement;
    const all = rows(table).length;
    let note = box.nextElementSibling;
    if (!note || !note.classList.contains("count")) {
      note = document.createElement("p");
      note.className = "count about";
      box.after(note);
    }
    // Of a table without rows there is nothing to see.
    box.hidden = shown === 0 && all > 0;
    note.hidden = shown === all;
    note.textContent = shown === all ? "" : `The filter shows ${shown} of ${all} rows.`;
  }

  function sortBy(table, column, heading) {
    const falling = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) {
      other.removeAttribute("aria-sort");
    }
    heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent.trim();
    const compare = (one, other) => {
      const [a, b] = [key(one), key(other)];
      const order = Number(a) - Number(b);
      return Number.isNaN(order) ? a.localeCompare(b, "en") : order;
    };
    const sorted = rows(table).sort(compare);
    table.tBodies[0].append(...(falling ? sorted.reverse() : sorted));
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      if (heading.classList.contains("plain")) {
        return;
      }
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sortBy(table, column, heading));
      heading.append(button);
    });
  }

  // A link to a row that a filter hides shows it.
  function showTarget() {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (row && row.hidden) {
      text.value = "";
      status.value = "";
      filter();
      row.scrollIntoView();
    }
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  text.addEventListener("input", filter);
  status.addEventListener("change", filter);
  window.addEventListener("hashchange", showTarget);
  filter();
})();
