// A proof as a tree that opens step by step, and as a drawn graph. Both from the same steps, which come in words.

import { button, draw, make } from "./dom.js";
import { source } from "./ask.js";

/** All proofs of an answer; `count` is how many there are where only some came. */
export function proofs(told, count) {
  const body = make("div", {});
  let shown = 0;
  let form = "tree";
  const forms = [["tree", "Tree"], ["graph", "Graph"]];
  const choice = make("div", { class: "choice", role: "tablist", "aria-label": "How the proof is shown" });
  const pager = make("span", {});
  const head = make("div", { class: "proof-head" }, choice, pager);
  const because = make("p", { class: "because" });
  const place = make("div", { role: "tabpanel" });
  const render = () => {
    choice.replaceChildren(...forms.map(([name, title]) => button(title, () => { form = name; render(); choice.querySelector("[aria-selected=true]").focus(); }, {
      role: "tab", "aria-selected": String(form === name), tabindex: form === name ? 0 : -1,
    })));
    pager.replaceChildren();
    if (told.length > 1) {
      const of = count > told.length ? `${told.length} of ${count}` : `${told.length}`;
      pager.append(
        button("‹", () => { shown = (shown + told.length - 1) % told.length; render(); }, { class: "quiet", "aria-label": "The proof before" }),
        `Proof ${shown + 1} / ${of}`,
        button("›", () => { shown = (shown + 1) % told.length; render(); }, { class: "quiet", "aria-label": "The next proof" }),
      );
    }
    const proof = told[shown];
    because.textContent = proof.words;
    place.replaceChildren(form === "tree" ? tree(proof) : graph(proof));
  };
  choice.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      form = form === "tree" ? "graph" : "tree";
      render();
      choice.querySelector("[aria-selected=true]").focus();
    }
  });
  render();
  body.append(head, because, place);
  return body;
}

const FIRST_OPEN = 2;

/** Nested lists, the conclusion first; what was shown once is not unfolded again. */
function tree(proof) {
  const seen = new Set();
  const row = (number, depth) => {
    const step = proof.steps[number];
    const reason = make("span", { class: "reason" }, ` — ${step.reason}`);
    if (!step.from.length) {
      const cited = step.source === undefined ? null : proof.sources[step.source];
      const leaf = make("span", { class: "leaf", "data-because": step.because }, step.text, reason);
      if (cited?.kind === "said") leaf.title = source(cited).map((part) => part.textContent ?? part).join("");
      return make("li", {}, leaf);
    }
    if (seen.has(number)) return make("li", {}, make("span", { class: "leaf again" }, `${step.text} (shown above)`));
    seen.add(number);
    // Premises that say least come last: what is only computed.
    const from = [...step.from].sort((one, other) => rank(proof.steps[one]) - rank(proof.steps[other]));
    return make("li", {}, make("details", { open: depth < FIRST_OPEN },
      make("summary", {}, step.text, reason),
      make("ul", {}, from.map((premise) => row(premise, depth + 1)))));
  };
  const list = make("ul", { class: "tree" }, row(proof.steps.length - 1, 0));
  const all = button("Open all", () => {
    const closed = list.querySelector("details:not([open])") !== null;
    for (const details of list.querySelectorAll("details")) details.open = closed;
    all.textContent = closed ? "Close all" : "Open all";
  }, { class: "quiet" });
  return make("div", {}, list, list.querySelector("details details details") ? all : null);
}

const rank = (step) => (step.because === "computed" ? 1 : 0);

// Measures of a drawing in pixels.
const LETTER = 6.6, LINE = 17, WIDEST = 26, GAP = 18, BETWEEN = 46, PAD = 12;

function wrapped(text, most) {
  const lines = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.length > most ? `${word.slice(0, most - 1)}…` : word);
  }
  return lines.length > 4 ? [...lines.slice(0, 3), `${lines[3]} …`] : lines;
}

/** Boxes in layers from the stored facts down to the conclusion, arrows from premise to what rests on it. */
function graph(proof) {
  const used = new Set();
  const visit = (number) => {
    if (used.has(number)) return;
    used.add(number);
    proof.steps[number].from.forEach(visit);
  };
  visit(proof.steps.length - 1);
  const boxes = [...used].sort((one, other) => one - other).map((number) => {
    const step = proof.steps[number];
    const lines = wrapped(step.text, WIDEST);
    const why = wrapped(step.reason, WIDEST + 6).slice(0, 1);
    const width = Math.max(...lines.map((line) => line.length * LETTER), ...why.map((line) => line.length * LETTER * .85), 60) + 2 * PAD;
    return { number, step, lines, why, width, height: (lines.length + why.length) * LINE + PAD, depth: 0, x: 0, y: 0 };
  });
  const of = new Map(boxes.map((box) => [box.number, box]));
  for (const box of boxes) box.depth = Math.max(0, ...box.step.from.map((premise) => of.get(premise).depth + 1));
  // A fact stands right above the first step that uses it.
  for (const box of boxes) {
    if (box.step.from.length) continue;
    const users = boxes.filter((other) => other.step.from.includes(box.number)).map((other) => other.depth);
    if (users.length) box.depth = Math.min(...users) - 1;
  }
  const layers = [];
  for (const box of boxes) (layers[box.depth] ??= []).push(box);
  place(layers.filter(Boolean), of);
  const width = Math.max(...boxes.map((box) => box.x + box.width)) + GAP;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + GAP;
  const last = proof.steps.length - 1;
  const picture = draw("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-label": `The proof of "${proof.steps[last].text}" as a graph of ${boxes.length} steps; the tree says the same in words`,
  },
  draw("defs", {}, draw("marker", { id: "tip", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto" }, draw("path", { d: "M0 0L10 5L0 10z" }))),
  boxes.flatMap((box) => box.step.from.map((premise) => {
    const from = of.get(premise);
    const x1 = from.x + from.width / 2, y1 = from.y + from.height, x2 = box.x + box.width / 2, y2 = box.y - 2;
    const bend = Math.max(18, (y2 - y1) / 2);
    return draw("path", { d: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`, "marker-end": "url(#tip)" });
  })),
  boxes.map((box) => draw("g", { class: `${box.step.because} ${box.number === last ? "end" : ""}` },
    draw("title", {}, `${box.step.text} — ${box.step.reason}`),
    draw("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: 7 }),
    box.lines.map((line, row) => draw("text", { x: box.x + box.width / 2, y: box.y + PAD / 2 + (row + .75) * LINE, "text-anchor": "middle" }, line)),
    box.why.map((line, row) => draw("text", { class: "why", x: box.x + box.width / 2, y: box.y + PAD / 2 + (box.lines.length + row + .75) * LINE, "text-anchor": "middle" }, line)))));
  picture.classList.add("fit");
  const size = button("Full size", () => {
    const fits = picture.classList.toggle("fit");
    size.textContent = fits ? "Full size" : "Fit";
  }, { class: "quiet" });
  return make("div", {}, make("div", { class: "drawing", tabindex: 0, role: "group", "aria-label": "Drawing of the proof" }, picture), width > 600 ? size : null);
}

/** Puts boxes side by side, each near what it is joined to: a few passes of the barycentre heuristic. */
function place(layers, of) {
  const middle = (box) => box.x + box.width / 2;
  const widest = Math.max(...layers.map((layer) => layer.reduce((sum, box) => sum + box.width + GAP, 0)));
  let y = GAP;
  for (const layer of layers) {
    const taken = layer.reduce((sum, box) => sum + box.width + GAP, -GAP);
    let x = GAP + (widest - taken) / 2;
    for (const box of layer) {
      Object.assign(box, { x, y });
      x += box.width + GAP;
    }
    y += Math.max(...layer.map((box) => box.height)) + BETWEEN;
  }
  const joined = new Map();
  const join = (one, other) => joined.set(one, [...(joined.get(one) ?? []), other]);
  for (const box of of.values()) {
    for (const premise of box.step.from) {
      join(box, of.get(premise));
      join(of.get(premise), box);
    }
  }
  for (let pass = 0; pass < 8; pass += 1) {
    for (const layer of pass % 2 ? layers : [...layers].reverse()) {
      const wanted = new Map(layer.map((box) => {
        const others = joined.get(box) ?? [];
        return [box, others.length ? others.reduce((sum, other) => sum + middle(other), 0) / others.length : middle(box)];
      }));
      layer.sort((one, other) => wanted.get(one) - wanted.get(other) || one.number - other.number);
      let free = GAP;
      for (const box of layer) {
        box.x = Math.max(free, wanted.get(box) - box.width / 2);
        free = box.x + box.width + GAP;
      }
    }
  }
  const left = Math.min(...[...of.values()].map((box) => box.x)) - GAP;
  for (const box of of.values()) box.x -= left;
}
