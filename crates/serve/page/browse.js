// One entity at a time: what its name can mean, what is said of it, who says so, and what is next to it.

import { address, at, button, make } from "./dom.js";
import { sources } from "./ask.js";
import { get } from "./server.js";

const SHOWN = 24;
let waiting = null;

export function start() {
  const field = at("name");
  at("finder").addEventListener("submit", (event) => {
    event.preventDefault();
    close();
    open(field.value);
  });
  field.addEventListener("input", () => suggest(field.value));
  field.addEventListener("keydown", keys);
  field.addEventListener("blur", () => setTimeout(close, 150));
}

function open(text) {
  const wanted = text.trim();
  if (!wanted) return;
  const isIri = /^<?[a-z][a-z0-9+.-]*:[^\s]+>?$/i.test(wanted);
  location.hash = address("browse", isIri ? { iri: wanted.replace(/^<|>$/g, "") } : { name: wanted });
}

export async function show(parameters) {
  const wanted = Object.fromEntries(["iri", "name"].filter((key) => parameters.get(key)).map((key) => [key, parameters.get(key)]));
  const place = at("entity");
  if (!wanted.iri && !wanted.name) {
    place.replaceChildren();
    at("name").focus({ preventScroll: true });
    return;
  }
  at("name").value = wanted.name ?? wanted.iri;
  waiting?.abort();
  waiting = new AbortController();
  place.setAttribute("aria-busy", "true");
  try {
    const entity = await get("/entity", wanted, waiting.signal);
    place.replaceChildren(...page(entity));
    if (entity.senses?.length && !entity.facts.length && !entity.neighbours.length) await likely(place, entity.senses[0], waiting.signal);
    document.title = `${entity.name} · Quidnunc`;
  } catch (error) {
    if (error.name === "AbortError") return;
    place.replaceChildren(make("p", { class: "entity-head" }, error.status === 404 ? `Nothing is known of ${wanted.name ?? wanted.iri} here.` : error.message));
  }
  place.removeAttribute("aria-busy");
}

/** A word alone says little: what is said of what it means most likely. */
async function likely(place, sense, signal) {
  const meant = await get("/entity", { iri: sense.iri }, signal);
  const [, ...blocks] = page(meant);
  place.append(make("h3", { class: "likely" }, "As ", make("a", { href: address("browse", { iri: sense.iri }) }, sense.text)), ...blocks);
}

function page(entity) {
  // Many sources say a relation both ways; the other way adds nothing.
  const shown = new Set(entity.facts.flatMap((relation) => relation.values.map((other) => other.term)));
  const neighbours = entity.neighbours.filter((relation) => !relation.values.every((other) => shown.has(other.term)));
  return [
    make("header", { class: "entity-head" },
      make("h2", {}, entity.name),
      make("p", { class: "iri" }, entity.iri),
      entity.definition ? make("p", { class: "definition" }, entity.definition.text, footnotes([entity.definition.source])) : null,
      entity.words?.length > 1 ? make("p", { class: "also" }, `also ${entity.words.filter((word) => word !== entity.name).join(", ")}`) : null,
      make("p", {}, make("a", { href: address("ask", { q: `what is ${entity.name}?` }) }, `Ask what ${entity.name} is`))),
    entity.senses?.length ? block("What it can mean", make("ol", { class: "senses" }, entity.senses.map((sense) => make("li", {},
      make("a", { href: address("browse", { iri: sense.iri }) }, sense.text),
      make("p", {}, [sense.gloss, sense.words.length > 1 ? `(${sense.words.join(", ")})` : ""].filter(Boolean).join(" ")))))) : null,
    entity.facts.length ? block("What is said of it", relations(entity.facts)) : null,
    neighbours.length ? block("What is said of others with it", relations(neighbours.map((relation) => ({ ...relation, name: `… ${relation.name} ${entity.name}` })))) : null,
    entity.partial ? make("p", { class: "held" }, "There is more than is listed here; SPARQL shows all.") : null,
    entity.sources.length ? cited(entity.sources) : null,
  ].filter(Boolean);
}

function block(title, content) {
  return make("section", { class: "block" }, make("h3", {}, title), content);
}

function cited(citations) {
  const list = sources(citations);
  [...list.children].forEach((item, number) => { item.id = `source-${number + 1}`; item.tabIndex = -1; });
  return block("Sources", list);
}

/** Links to the sources by number. They do not change the address, which names the view. */
function footnotes(numbers) {
  return make("sup", {}, numbers.map((number) => make("a", {
    href: `#source-${number + 1}`, "aria-label": `Source ${number + 1}`,
    onclick: (event) => {
      event.preventDefault();
      const item = at(`source-${number + 1}`);
      item.scrollIntoView({ block: "center", behavior: "smooth" });
      item.focus({ preventScroll: true });
    },
  }, String(number + 1))));
}

function relations(list) {
  return make("dl", { class: "relations" }, list.flatMap((relation) => {
    const values = make("ul", { class: "values" });
    const add = (from, to) => values.append(...relation.values.slice(from, to).map(value));
    add(0, SHOWN);
    const rest = relation.values.length - SHOWN;
    const more = rest > 0 ? button(`${rest} more`, () => {
      add(SHOWN);
      more.remove();
    }, { class: "plain more" }) : null;
    return [make("dt", { title: relation.iri }, relation.name), make("dd", {}, values, more)];
  }));
}

function value(other) {
  const name = other.iri ? make("a", { href: address("browse", { iri: other.iri }), title: other.iri }, other.name) : other.name;
  return make("li", {}, name, footnotes(other.sources));
}

// Suggestions below the field: a combobox with a list, as WAI-ARIA describes it.

async function suggest(text) {
  waiting?.abort();
  if (text.trim().length < 2) return close();
  waiting = new AbortController();
  try {
    const { completions } = await get("/complete", { prefix: text.trim(), limit: 10 }, waiting.signal);
    if (document.activeElement !== at("name") || !completions.length) return close();
    const list = at("names");
    list.replaceChildren(...completions.map(({ text: name }, number) => make("li", {
      role: "option", id: `name-${number}`, "aria-selected": "false",
      onmousedown: (event) => { event.preventDefault(); close(); open(name); },
    }, name)));
    list.hidden = false;
    at("name").setAttribute("aria-expanded", "true");
  } catch { close(); }
}

function close() {
  at("names").hidden = true;
  at("name").setAttribute("aria-expanded", "false");
  at("name").removeAttribute("aria-activedescendant");
}

function keys(event) {
  const list = at("names");
  if (list.hidden) return;
  const options = [...list.children];
  const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "Escape") return close();
  if (event.key === "Enter" && now >= 0) {
    event.preventDefault();
    const name = options[now].textContent;
    close();
    return open(name);
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = (now + step + options.length) % options.length;
  options.forEach((option, number) => option.setAttribute("aria-selected", String(number === next)));
  options[next].scrollIntoView({ block: "nearest" });
  at("name").setAttribute("aria-activedescendant", options[next].id);
}
