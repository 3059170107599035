// A list of verdicts: counts, a plot of quality, a table that is sorted and filtered here, and its downloads.
import { forget, paint } from "./marks.js";

const STEP = 200; // rows drawn at a time; 5,000 at once would freeze the page
const AXES = ["sensational", "clickbait"];
const COLUMNS = [["place", "Headline"], ["label", "Verdict"], ["quality", "Quality"], ["sensational", "Sensational"], ["clickbait", "Clickbait"]];
const LABELS = ["measured", "uncertain", "sensational", "clickbait"];
const SVG = "http://www.w3.org/2000/svg";
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/; // as model/tables/writer.py has it

export function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// The verdict by a preset's thresholds, as model/judgement.py has it.
export function labelOf(verdict, limits) {
  if (verdict.reason) return "uncertain";
  const over = AXES.filter((axis) => verdict[axis] >= limits[axis][1]);
  over.sort((one, other) => verdict[other] - limits[other][1] - (verdict[one] - limits[one][1]));
  return over[0] ?? (AXES.some((axis) => verdict[axis] >= limits[axis][0]) ? "uncertain" : "measured");
}

export function percent(share) {
  if (share > 0 && share < 0.01) return "under 1 %";
  return share > 0.99 && share < 1 ? "over 99 %" : `${(100 * share).toFixed(0)} %`;
}

export class List {
  rows = [];
  state = { sort: "place", down: false, show: "all" };
  #shown = STEP;

  constructor({ changed, closer }) {
    this.changed = changed;
    this.closer = closer;
    this.root = element("div", "", { class: "list" });
    this.title = element("h2", "", { id: "counted" });
    this.#makePlot();
    this.#makeTools();
    this.#makeTable();
    const legend = element("p", "", { class: "legend hint" });
    legend.append("Words that push towards ", element("span", "sensational", { class: "sample s2" }), " are tinted, those towards ", element("span", "clickbait", { class: "sample c2" }), " are underlined: the stronger, the darker, alike for every headline. Press a headline to look closer.");
    this.root.append(this.title, this.plot, this.ends, this.tools, legend, this.scroll, this.more);
    new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.#grow()).observe(this.more);
  }

  // What is to be shown: {text, verdict or error, where}, in the order of the text.
  put(rows, limits) {
    this.rows = rows;
    for (const row of rows) row.label = row.verdict ? labelOf(row.verdict, limits) : "";
    this.draw();
  }

  summary() {
    const count = (label) => this.rows.filter((row) => row.label === label).length;
    return `${count("sensational")} of ${this.rows.length} sensational, ${count("clickbait")} clickbait`;
  }

  chosen() {
    const { sort, down, show } = this.state;
    const found = this.rows.filter((row) => show === "all" || row.label === show);
    if (sort === "place") return down ? found.reverse() : found;
    const of = sort === "label" ? (row) => LABELS.indexOf(row.label) : (row) => row.verdict?.[sort] ?? -1;
    return found.sort((one, other) => (down ? of(other) - of(one) : of(one) - of(other)));
  }

  draw() {
    this.title.textContent = this.summary();
    this.#drawPlot();
    const chosen = this.chosen();
    for (const row of this.drawn ?? []) if (row.cell) forget(row.cell);
    this.drawn = chosen.slice(0, this.#shown);
    this.body.replaceChildren(...this.drawn.map((row) => this.#row(row)));
    this.more.hidden = chosen.length <= this.#shown;
    this.more.textContent = `Show more of ${chosen.length.toLocaleString("en")}`;
    for (const [name, head] of this.heads) {
      if (name === this.state.sort) head.setAttribute("aria-sort", this.state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    this.filter.value = this.state.show;
    for (const button of this.downloads) button.disabled = !chosen.length;
  }

  // The rows on show of which no evidence is there yet, those in sight first.
  unmarked(most) {
    return (this.drawn ?? []).filter((row) => row.verdict && !row.marks).slice(0, most);
  }

  mark(row) {
    if (row.cell?.isConnected) paint(row.cell, row.text, row.marks);
  }

  begin() {
    this.#shown = STEP;
  }

  #grow() {
    if (this.more.hidden) return;
    const chosen = this.chosen();
    const added = chosen.slice(this.#shown, this.#shown + STEP);
    this.#shown += STEP;
    this.drawn.push(...added);
    this.body.append(...added.map((row) => this.#row(row)));
    this.more.hidden = chosen.length <= this.#shown;
    this.changed(false);
  }

  #row(row) {
    const made = element("tr");
    const head = element("th", "", { scope: "row" });
    row.cell = element("bdi", "", { class: "headline" });
    if (row.marks) paint(row.cell, row.text, row.marks);
    else row.cell.textContent = row.text.length > 1000 ? `${row.text.slice(0, 1000)}…` : row.text;
    made.append(head);
    if (!row.verdict) {
      head.append(row.cell);
      made.append(element("td", row.error ?? "…", { colspan: 4 }));
      return made;
    }
    const why = element("button", "", { type: "button" });
    why.append(row.cell);
    why.addEventListener("click", () => this.closer(row, why));
    head.append(why);
    if (["sensational", "clickbait"].includes(row.label)) made.className = "marked";
    const label = element("td", row.label);
    if (row.verdict.reason) label.append(element("br"), element("small", row.verdict.reason));
    const numbers = [String(row.verdict.quality), ...AXES.map((axis) => percent(row.verdict[axis]))];
    made.append(label, ...numbers.map((text, place) => element("td", text, { "data-name": place ? AXES[place - 1] : "of 100" })));
    return made;
  }

  #makePlot() {
    this.plot = document.createElementNS(SVG, "svg");
    this.plot.setAttribute("class", "spread");
    this.plot.setAttribute("viewBox", "0 0 200 48");
    this.plot.setAttribute("role", "img");
    this.bars = Array.from({ length: 10 }, (_, tenth) => {
      const bar = document.createElementNS(SVG, "rect");
      bar.setAttribute("x", 20 * tenth + 1);
      bar.setAttribute("width", 18);
      return bar;
    });
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", "M0 47.5H200");
    this.plot.append(...this.bars, line);
    this.ends = element("p", "", { class: "ends hint" });
    this.ends.append(element("span", "quality 0"), element("span", "100"));
  }

  #drawPlot() {
    const tenths = Array(10).fill(0);
    for (const { verdict } of this.rows) if (verdict) tenths[Math.min(Math.floor(verdict.quality / 10), 9)] += 1;
    const most = Math.max(...tenths, 1);
    this.plot.setAttribute("aria-label", `Headlines by quality, from 0 to 100 in tenths: ${tenths.join(", ")}`);
    this.bars.forEach((bar, tenth) => {
      bar.setAttribute("height", (44 * tenths[tenth]) / most);
      bar.setAttribute("y", 46 - (44 * tenths[tenth]) / most);
    });
  }

  #makeTools() {
    this.tools = element("div", "", { class: "tools" });
    this.filter = element("select", "", { id: "show" });
    for (const value of ["all", ...LABELS]) this.filter.append(element("option", value, { value }));
    this.filter.addEventListener("change", () => this.#choose({ show: this.filter.value }));
    const field = element("p");
    field.append(element("label", "Show", { for: "show" }), this.filter);
    this.downloads = ["csv", "json"].map((form) => {
      const button = element("button", `Download ${form.toUpperCase()}`, { type: "button" });
      button.addEventListener("click", () => this.#download(form));
      return button;
    });
    this.tools.append(field, ...this.downloads);
  }

  #makeTable() {
    this.scroll = element("div", "", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "counted" });
    const table = element("table"), head = element("thead"), line = element("tr");
    this.heads = COLUMNS.map(([name, says]) => {
      const cell = element("th", "", { scope: "col" }), button = element("button", says, { type: "button" });
      button.addEventListener("click", () => this.#choose({ sort: name, down: this.state.sort === name && !this.state.down }));
      cell.append(button);
      return [name, cell];
    });
    line.append(...this.heads.map(([, cell]) => cell));
    head.append(line);
    this.body = element("tbody");
    table.append(head, this.body);
    this.scroll.append(table);
    this.more = element("button", "", { id: "more", type: "button" });
    this.more.addEventListener("click", () => this.#grow());
  }

  #choose(change) {
    Object.assign(this.state, change);
    this.begin();
    this.draw();
    this.changed(true);
  }

  #download(form) {
    const rows = this.chosen();
    const content = form === "csv" ? csv(rows) : JSON.stringify(rows.map(plain), null, 2) + "\n";
    const file = new Blob([content], { type: form === "csv" ? "text/csv;charset=utf-8" : "application/json" });
    const link = element("a", "", { download: `headlines.${form}`, href: URL.createObjectURL(file) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

function plain({ text, label, verdict, error }) {
  if (!verdict) return { headline: text, error: error ?? "not judged yet" };
  const { quality, sensational, clickbait, reason } = verdict;
  return { headline: text, label, quality, sensational, clickbait, reason };
}

// What a spreadsheet would take for a formula is text.
function csv(rows) {
  const names = ["headline", "label", "quality", "sensational", "clickbait", "reason", "error"];
  const cell = (value) => {
    const text = FORMULA.test(value) ? `'${value}` : String(value ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map(plain).map((row) => names.map((name) => cell(row[name])).join(","));
  return [names.join(","), ...lines, ""].join("\r\n");
}
