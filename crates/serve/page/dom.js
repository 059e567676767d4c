// Makes elements. Text goes in as text nodes and nothing is ever parsed as HTML: names and facts are other people's.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element; attributes that begin with `on` are listeners. */
export function make(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function draw(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** The element of this id. */
export const at = (id) => document.getElementById(id);

/** A button for an action beside the main one. */
export const button = (text, onclick, attributes) => make("button", { type: "button", onclick, ...attributes }, text);

/** Another address of this page, for a view and its parameters. */
export function address(view, parameters) {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${query ? `?${query}` : ""}`;
}

/** A date as people of this browser's language write it. */
export function day(text) {
  const date = new Date(text);
  return Number.isNaN(date.valueOf()) ? text : date.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}
