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
    because.textContent = proof.words ? `Because ${proof.words}.` : "";
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
    return make("li", {}, make("details", { open: depth < FIRST_OPEN && !isReading(proof, number) },
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

/** Whether a step only joins many stored facts: how a word is read. It takes much room and says little. */
function isReading(proof, number) {
  const from = proof.steps[number].from;
  return from.length > 3 && from.every((premise) => proof.steps[premise].from.length === 0);
}

/** Whether a step says in the same words what the one it rests on says. */
function isRepeated(proof, number) {
  const { from, text } = proof.steps[number];
  return from.length === 1 && proof.steps[from[0]].text === text;
}

const rank = (step) => (step.because === "computed" ? 1 : 0);

// Measures of a drawing in pixels.
const LETTER = 6.6, LINE = 17, WIDEST = 26, GAP = 18, BETWEEN = 38, PAD = 12, SMALLEST = .7;

function wrapped(text, most) {
  const lines = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.length > most ? `${word.slice(0, most - 1)}…` : word);
  }
  return lines.length > 4 ? [...lines.slice(0, 3), `${lines[3]} …`] : lines;
}

/** What a drawing shows: every step, or those that say something new. */
function drawn(proof, every) {
  const number = (step) => {
    let at = step;
    while (!every && isRepeated(proof, at)) [at] = proof.steps[at].from;
    return at;
  };
  const last = number(proof.steps.length - 1);
  const from = new Map();
  const visit = (at) => {
    if (from.has(at)) return;
    const premises = !every && isReading(proof, at) ? [] : proof.steps[at].from.map(number);
    from.set(at, [...new Set(premises)]);
    premises.forEach(visit);
  };
  visit(last);
  return { last, from };
}

/** Boxes in layers from the stored facts down to the conclusion, arrows from premise to what rests on it. */
function graph(proof, every = false) {
  const { last, from } = drawn(proof, every);
  const boxes = [...from.keys()].sort((one, other) => one - other).map((number) => {
    const step = proof.steps[number];
    const lines = wrapped(step.text, WIDEST);
    const folded = step.from.length && !from.get(number).length;
    const reason = folded ? [...new Set(step.from.map((premise) => proof.steps[premise]).filter((premise) => premise.source !== undefined).map((premise) => premise.reason))].join(", ") : step.reason;
    const why = wrapped(reason, WIDEST + 6).slice(0, 1);
    const width = Math.max(...lines.map((line) => line.length * LETTER), ...why.map((line) => line.length * LETTER * .85), 60) + 2 * PAD;
    return { number, step, from: from.get(number), lines, why, width, height: (lines.length + why.length) * LINE + PAD, above: 0, x: 0, y: 0 };
  });
  const of = new Map(boxes.map((box) => [box.number, box]));
  // Each stands right above the first that rests on it, so that a chain is a narrow drawing. Premises come earlier.
  for (const box of [...boxes].reverse()) {
    for (const premise of box.from) of.get(premise).above = Math.max(of.get(premise).above, box.above + 1);
  }
  const layers = [];
  const highest = Math.max(...boxes.map((box) => box.above));
  for (const box of boxes) (layers[highest - box.above] ??= []).push(box);
  place(layers, of);
  const width = Math.max(...boxes.map((box) => box.x + box.width)) + GAP;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + GAP;
  const picture = draw("svg", {
    viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-label": `The proof of "${proof.steps[last].text}" as a graph of ${boxes.length} steps; the tree says the same in words`,
  },
  draw("defs", {}, draw("marker", { id: "tip", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto" }, draw("path", { d: "M0 0L10 5L0 10z" }))),
  boxes.flatMap((box) => box.from.map((premise) => {
    const above = of.get(premise);
    const x1 = above.x + above.width / 2, y1 = above.y + above.height, x2 = box.x + box.width / 2, y2 = box.y - 2;
    const bend = Math.max(18, (y2 - y1) / 2);
    return draw("path", { d: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`, "marker-end": "url(#tip)" });
  })),
  boxes.map((box) => draw("g", { class: `${box.step.because} ${box.number === last ? "end" : ""}` },
    draw("title", {}, `${box.step.text} — ${box.step.reason}`),
    draw("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: 7 }),
    box.lines.map((line, row) => draw("text", { x: box.x + box.width / 2, y: box.y + PAD / 2 + (row + .75) * LINE, "text-anchor": "middle" }, line)),
    box.why.map((line, row) => draw("text", { class: "why", x: box.x + box.width / 2, y: box.y + PAD / 2 + (box.lines.length + row + .75) * LINE, "text-anchor": "middle" }, line)))));
  // As small as it can still be read, then the frame scrolls.
  picture.classList.add("fit");
  picture.style.width = `min(${width}px, max(100%, ${Math.round(width * SMALLEST)}px))`;
  const frame = make("div", { class: "drawing", tabindex: 0, role: "group", "aria-label": "Drawing of the proof" }, picture);
  const all = every || boxes.length < proof.steps.length
    ? button(every ? "Only what says something new" : `Every step (${proof.steps.length})`, () => body.replaceWith(graph(proof, !every)), { class: "quiet" }) : null;
  const body = make("div", {}, frame, all);
  return body;
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
    for (const premise of box.from) {
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
      let free = -Infinity;
      for (const box of layer) {
        box.x = Math.max(free, wanted.get(box) - box.width / 2);
        free = box.x + box.width + GAP;
      }
      // Making room pushes to the right alone; half of it is taken back.
      const pushed = layer.reduce((sum, box) => sum + middle(box) - wanted.get(box), 0) / layer.length;
      for (const box of layer) box.x -= pushed;
    }
  }
  const left = Math.min(...[...of.values()].map((box) => box.x)) - GAP;
  for (const box of of.values()) box.x -= left;
}
