// Marks words in their place: by the CSS Custom Highlight API, which leaves the text whole, else by <mark> elements.
// Python counts characters (code points), a text node UTF-16 units: an emoji is one of those and two of these.
const STEPS = [0.5, 1.25, 2.5]; // log-odds, as in reasons.py; the same for every headline
const AXES = ["sensational", "clickbait"];
const NAMES = AXES.flatMap((axis) => STEPS.map((_, step) => `${axis[0]}${step + 1}`));
const painted = new WeakMap();
const highlights = new Map();

if (globalThis.CSS?.highlights && globalThis.Highlight) {
  for (const name of NAMES) {
    highlights.set(name, new Highlight());
    CSS.highlights.set(name, highlights.get(name));
  }
}

export function marksOf(evidence) {
  const found = [];
  for (const span of evidence.spans) {
    const axis = Math.abs(span.clickbait) > Math.abs(span.sensational) ? AXES[1] : AXES[0];
    const step = STEPS.filter((least) => span[axis] >= least).length;
    if (step) found.push([span.start, span.end, `${axis[0]}${step}`]);
  }
  return found.sort((one, other) => one[0] - other[0]);
}

export function unitsOf(text) {
  const units = [0];
  for (const character of text) units.push(units.at(-1) + character.length);
  return units;
}

export function paint(element, text, marks) {
  forget(element);
  const units = unitsOf(text);
  const places = marks.map(([start, end, name]) => [units[start], units[end], name]);
  if (!highlights.size) {
    element.replaceChildren(...pieces(text, places));
    return;
  }
  const node = document.createTextNode(text);
  element.replaceChildren(node);
  const ranges = places.map(([start, end, name]) => {
    const range = new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end });
    highlights.get(name)?.add(range);
    return [name, range];
  });
  painted.set(element, ranges);
}

export function forget(element) {
  for (const [name, range] of painted.get(element) ?? []) highlights.get(name)?.delete(range);
  painted.delete(element);
}

// Takes over what the server marked with <mark>.
export function takeOver(root) {
  if (!highlights.size) return;
  for (const element of root.querySelectorAll("[data-marks]")) {
    const marks = element.dataset.marks.split(" ").filter(Boolean).map((one) => one.split("-"));
    paint(element, element.textContent, marks.map(([start, end, name]) => [Number(start), Number(end), name]));
  }
}

export function forgetAll(root) {
  for (const element of root.querySelectorAll("[data-marks], .headline")) forget(element);
}

function pieces(text, places) {
  let at = 0;
  const found = [];
  for (const [start, end, name] of places) {
    const mark = document.createElement("mark");
    mark.className = name;
    mark.textContent = text.slice(start, end);
    found.push(text.slice(at, start), mark);
    at = end;
  }
  return [...found, text.slice(at)];
}
