// The rewrites of one headline, as a small line of their quality; undo goes back by one. It lives in this page alone.
const MOST = 50, SVG = "http://www.w3.org/2000/svg";

export class Rewrites {
  #past = [];

  constructor(root, restore) {
    this.root = root;
    this.line = document.createElementNS(SVG, "svg");
    this.line.setAttribute("viewBox", "0 0 100 30");
    this.line.setAttribute("preserveAspectRatio", "xMinYMid");
    this.line.setAttribute("role", "img");
    this.said = document.createElement("span");
    this.said.className = "hint";
    this.undo = document.createElement("button");
    this.undo.type = "button";
    this.undo.textContent = "Undo";
    this.undo.addEventListener("click", () => {
      this.#past.pop();
      restore(this.#past.at(-1).text);
      this.#draw();
    });
    root.append(this.line, this.said, this.undo);
  }

  note(text, quality) {
    if (this.#past.at(-1)?.text === text) return;
    this.#past = [...this.#past, { text, quality }].slice(-MOST);
    this.#draw();
  }

  hide() {
    this.root.hidden = true;
  }

  show() {
    this.root.hidden = this.#past.length < 2;
  }

  #draw() {
    const last = this.#past.length - 1;
    const hadFocus = document.activeElement === this.undo;
    this.show();
    if (this.root.hidden) {
      if (hadFocus) document.getElementById("text").focus();
      return;
    }
    const points = this.#past.map(({ quality }, place) => [(100 * place) / last, 29 - (28 * quality) / 100]);
    const path = document.createElementNS(SVG, "polyline");
    path.setAttribute("points", points.map((point) => point.join(",")).join(" "));
    const end = document.createElementNS(SVG, "circle");
    for (const [name, value] of [["cx", points[last][0]], ["cy", points[last][1]], ["r", 2.5]]) end.setAttribute(name, value);
    this.line.replaceChildren(path, end);
    const qualities = this.#past.map(({ quality }) => quality);
    this.line.setAttribute("aria-label", `Quality of your rewrites: ${qualities.join(", ")}`);
    this.said.textContent = `Quality ${qualities[0]} at first, ${qualities[last]} now`;
  }
}
