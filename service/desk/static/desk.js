// The desk: what is typed is judged as it is typed. Without this file the form does the same, a press of a button later.
import { Problem, Service, Turn } from "./asking.js";
import { Rewrites } from "./history.js";
import { List, element } from "./list.js";
import { forgetAll, marksOf, takeOver } from "./marks.js";
import { pasted } from "./pasted.js";

const LARGE = 20_000; // characters; Chromium takes the square of a paste's lines, and minutes for 5,000
const EVIDENCE = 30, KEPT = 20_000, QUIET = 1000, PAGE_DELAY = 300;
const at = (id) => document.getElementById(id);
const form = at("desk"), text = at("text"), kind = at("kind"), preset = at("preset"), result = at("result");
const most = Number(form.dataset.most), longest = Number(form.dataset.longest);
const verdicts = new Map(); // by headline; gone with the page
let settled = 0, model = "";

const service = new Service((seconds) => tellWait(seconds && `The service asks to wait ${seconds} s; it goes on by itself.`));
const turn = new Turn((error) => fail(error instanceof Problem ? error.message : "The service did not answer. What you typed is still here."));
const rewrites = new Rewrites(at("history"), (before) => {
  text.value = before;
  judge();
});
const list = new List({ changed, closer });
const closerBox = element("div", "", { id: "closer", tabindex: -1 });

function judge() {
  clearTimeout(settled);
  fit();
  const given = pasted(text.value, kind.value, longest);
  if ("needsKey" in form.dataset && !service.key) return;
  if (!given.lines.length) {
    turn.take(() => show());
    rewrites.hide();
  } else if (given.kind === "headline") turn.take((signal) => one(given.lines[0], signal));
  else if (given.kind === "list") turn.take((signal) => many(given.lines, signal));
  else turn.take((signal) => page(given.kind, signal), PAGE_DELAY);
}

async function one(headline, signal) {
  const drawn = await fragment(headline, signal);
  show(...drawn);
  tellWait("");
  const reading = result.querySelector(".reading[data-quality]");
  const judged = reading?.querySelector(".gauge") ? reading : null;
  settle(() => {
    const verdict = result.querySelector(".verdict, .error")?.textContent.trim() ?? "";
    tell(judged ? `${verdict}, quality ${judged.dataset.quality}` : `${verdict}. ${result.querySelector(".why")?.textContent ?? ""}`);
    if (judged) rewrites.note(headline, Number(judged.dataset.quality));
  });
  rewrites.show();
}

async function fragment(headline, signal) {
  const drawn = await service.page("/v1/desk", { text: headline, kind: "list", preset: preset.value }, signal);
  return drawn.getElementById("result").children;
}

async function many(lines, signal) {
  if (verdicts.size > KEPT) verdicts.clear();
  const missing = [...new Set(lines)].filter((line) => !verdicts.has(line));
  const rows = lines.map((line) => ({ text: line }));
  for (let start = 0; start < missing.length; start += most) {
    const part = missing.slice(start, start + most);
    const answer = await service.json("/v1/score", { headlines: part }, signal);
    if (isAnother(answer.model)) return many(lines, signal);
    answer.results.forEach((found, place) => verdicts.set(part[place], found));
    putRows(rows);
  }
  putRows(rows);
  finish();
  await evidence(signal);
}

async function page(form, signal) {
  const answer = await service.json("/v1/page", { [form]: text.value }, signal);
  isAnother(answer.model);
  for (const found of answer.results) verdicts.set(found.headline, found);
  if (!answer.results.length) {
    show(element("p", "No headline was found in this.", { class: "empty" }));
    settle(() => tell("No headline was found"));
    return;
  }
  putRows(answer.results.map((found) => ({ text: found.headline })));
  finish();
  await evidence(signal);
}

// A list never mixes two models' verdicts.
function isAnother(version) {
  const another = model !== "" && model !== version;
  model = version;
  if (another) verdicts.clear();
  return another;
}

function putRows(rows) {
  for (const row of rows) {
    const found = verdicts.get(row.text);
    row.verdict = found && !found.error ? found : undefined;
    row.error = found?.error?.detail;
    row.marks = found?.marks;
  }
  if (!list.root.isConnected) {
    list.begin();
    show(list.root, closerBox);
  }
  list.put(rows, limits());
}

function finish() {
  tellWait("");
  rewrites.hide();
  settle(() => tell(list.summary()));
}

async function evidence(signal) {
  for (let rows = list.unmarked(EVIDENCE); rows.length; rows = list.unmarked(EVIDENCE)) {
    const headlines = rows.map((row) => row.text);
    const answer = await service.json("/v1/score", { headlines, explain: true }, signal);
    answer.results.forEach((found, place) => {
      rows[place].marks = found.evidence ? marksOf(found.evidence) : [];
      const kept = verdicts.get(rows[place].text);
      if (kept) kept.marks = rows[place].marks;
      list.mark(rows[place]);
    });
    await new Promise((go) => setTimeout(go, 1000 / 8)); // long lists stay within the rate
  }
}

function changed(isChoice) {
  if (isChoice) keepState();
  turn.take(evidence);
}

function closer(row, from) {
  turn.take(async (signal) => {
    const drawn = await fragment(row.text, signal);
    forgetAll(closerBox);
    const back = element("button", "Back to the list", { type: "button" });
    back.addEventListener("click", () => {
      closerBox.replaceChildren();
      from.focus();
      turn.take(evidence);
    });
    closerBox.replaceChildren(...drawn, back);
    takeOver(closerBox);
    closerBox.scrollIntoView({ block: "nearest" });
    closerBox.focus();
    await evidence(signal);
  });
}

function show(...content) {
  forgetAll(result);
  closerBox.replaceChildren();
  result.replaceChildren(...content);
  takeOver(result);
}

function fail(message) {
  show(element("p", message, { class: "error" }));
  tellWait("");
  settle(() => tell(message));
}

function limits() {
  const { dataset } = preset.selectedOptions[0];
  const pair = (axis) => dataset[axis].split(" ").map(Number);
  return { sensational: pair("sensational"), clickbait: pair("clickbait") };
}

function settle(then) {
  clearTimeout(settled);
  settled = setTimeout(then, QUIET);
}

function tell(words) {
  at("status").textContent = words;
}

function tellWait(words) {
  at("wait").textContent = words || "";
  at("wait").hidden = !words;
}

function fit() {
  text.rows = Math.min(12, Math.max(3, text.value.split("\n", 13).length));
}

// The view's state stands in the fragment, which no browser sends to a server; the text never does.
function keepState() {
  const { sort, down, show: shown } = list.state;
  const state = new URLSearchParams({ preset: preset.value, kind: kind.value, show: shown, sort, down: down ? "1" : "" });
  history.replaceState(null, "", `#${state}`);
}

function readState() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const select of [preset, kind, list.filter]) {
    const wanted = state.get(select === list.filter ? "show" : select.id);
    if ([...select.options].some((option) => option.value === wanted)) select.value = wanted;
  }
  const sort = list.heads.find(([name]) => name === state.get("sort"))?.[0] ?? "place";
  list.state = { sort, down: state.get("down") === "1", show: list.filter.value };
  at("says").textContent = preset.selectedOptions[0].dataset.says;
}

text.addEventListener("input", judge);
text.addEventListener("paste", (event) => {
  const given = event.clipboardData?.getData("text/plain") ?? "";
  if (given.length < LARGE) return;
  event.preventDefault();
  text.setRangeText(given, text.selectionStart, text.selectionEnd, "end");
  judge();
});
for (const select of [preset, kind]) {
  select.addEventListener("change", () => {
    at("says").textContent = preset.selectedOptions[0].dataset.says;
    keepState();
    judge();
  });
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  judge();
});
at("key")?.addEventListener("input", (event) => {
  service.key = event.target.value.trim();
  judge();
});
addEventListener("hashchange", () => {
  readState();
  judge();
});

at("judge").hidden = true;
if (at("key")) at("key").parentElement.hidden = false;
readState();
takeOver(result);
if (text.value.trim()) judge();
