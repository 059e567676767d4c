// The conversation: a line, the answer as it comes, how it is known, what it rests on.

import { at, button, day, make, address } from "./dom.js";
import { proofs } from "./proof.js";
import { Refused, get, post, stream, token } from "./server.js";

const KINDS = {
  proved: "Proved", told: "Told", guessed: "Guessed", unknown: "Not known",
  done: "Done", chat: "Talk", silent: "Nothing to say", error: "Not done",
};
const MEANS = {
  proved: "It follows from stored facts and rules, and the proof was checked.",
  told: "A stored text, word for word.",
  guessed: "A model thinks so. It is not knowledge.",
  unknown: "It is not known here.",
  done: "It was done.", chat: "This says nothing about the world.", silent: "", error: "It was not done.",
};
const STAGES = {
  heard: "Heard …", understood: "Understood as", answering: "Looking for an answer …",
  answered: "Answered; checking and writing out why …",
};

let signIn = () => {};
/** What takes back the last statement; older ones are not the last any more. */
let lastUndo = null;
let past = [];
let place = 0;

export function start(openSignIn) {
  signIn = openSignIn;
  const line = at("line");
  at("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = line.value.trim();
    if (!text) return;
    line.value = "";
    say(text);
  });
  line.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const next = place + (event.key === "ArrowUp" ? -1 : 1);
    if (next < 0 || next > past.length) return;
    event.preventDefault();
    place = next;
    line.value = past[place] ?? "";
  });
  for (const sample of document.querySelectorAll(".sample")) sample.addEventListener("click", () => say(sample.textContent));
  held();
}

export function show(parameters) {
  const text = parameters.get("q");
  if (text && past.at(-1) !== text) say(text);
}

/** What is loaded, in one line. */
async function held() {
  try {
    const { sources } = await get("/sources");
    const count = sources.reduce((sum, source) => sum + source.quads, 0);
    if (!count) return;
    const titles = sources.filter((source) => source.quads > 0).sort((one, other) => other.quads - one.quads).slice(0, 3).map((source) => source.title);
    at("held").textContent = `${count.toLocaleString()} statements are known here, from ${titles.join(", ")}${sources.length > 3 ? " and others" : ""}.`;
  } catch { /* only decoration */ }
}

function kind(reply) {
  const words = reply.kind === "guessed" ? `Guessed, ${Math.round(reply.probability * 100)} % sure` : KINDS[reply.kind] ?? reply.kind;
  return make("span", { class: "kind", "data-kind": reply.kind, title: MEANS[reply.kind] }, words);
}

function cost(reply) {
  const parts = [];
  if (reply.micros !== undefined) parts.push(reply.micros < 1000 ? `${reply.micros} µs` : reply.micros < 1e6 ? `${(reply.micros / 1000).toFixed(1)} ms` : `${(reply.micros / 1e6).toFixed(1)} s`);
  if (reply.flops) parts.push(`${reply.flops.toLocaleString(undefined, { notation: "compact" })} FLOPs`);
  return make("span", { class: "cost" }, parts.join(" · "));
}

/** Says a line and shows what comes back. */
export async function say(text) {
  past.push(text);
  place = past.length;
  at("welcome").hidden = true;
  at("ask-title").hidden = false;
  const words = make("p", { class: "words" });
  const head = make("header", {});
  const acts = make("div", { class: "acts" });
  const answer = make("article", { class: "answer", "aria-label": `Answer to: ${text}`, "aria-busy": "true" }, head, words, acts);
  const turn = make("li", {}, make("p", { class: "said" }, text), answer);
  at("turns").append(turn);
  turn.scrollIntoView({ block: "end", behavior: "smooth" });
  const stage = at("stage");
  stage.textContent = "Asking …";
  const writing = make("span", { class: "typing" });
  words.append(writing);
  let reply = null;
  try {
    await stream("/ask", { text, steps: true }, (event, data) => {
      if (event === "stage") stage.textContent = data.as ? `${STAGES[data.stage] ?? ""} ${data.as} …` : STAGES[data.stage] ?? data.stage;
      else if (event === "kind") {
        answer.dataset.kind = data.kind;
        head.replaceChildren(kind(data));
      } else if (event === "text") writing.append(data.text);
      else if (event === "reply") reply = data;
      else if (event === "error") throw new Refused(data.status, data.error);
    });
    if (!reply) throw new Refused(0, "the answer broke off");
  } catch (error) {
    reply = { kind: "error", text: error instanceof Refused ? error.message : "the answer could not be read" };
    if (error.status === 401) acts.append(button("Sign in", signIn));
    if (!(error instanceof Refused)) console.error(error);
  }
  settle(reply, { answer, head, words, acts });
  stage.textContent = `${KINDS[reply.kind] ?? ""}.`;
  turn.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function settle(reply, { answer, head, words, acts }) {
  answer.dataset.kind = reply.kind;
  answer.setAttribute("aria-busy", "false");
  head.replaceChildren(kind(reply), cost(reply));
  words.replaceChildren(reply.text || "(nothing is said to that)");
  const panel = (title, fold, build) => {
    const body = make("div", { class: "panel", hidden: true });
    const opener = button(title, () => {
      if (!body.hasChildNodes()) body.append(build());
      body.hidden = !body.hidden;
      opener.setAttribute("aria-expanded", String(!body.hidden));
    }, { "aria-expanded": "false" });
    acts.append(opener);
    answer.append(body);
  };
  if (reply.told?.length) panel("Why?", true, () => proofs(reply.told, reply.proofs?.length ?? 1));
  if (reply.sources?.length) panel(reply.sources.length === 1 ? "Source" : `Sources · ${reply.sources.length}`, true, () => sources(reply.sources));
  if (reply.nearest?.length) panel("What comes near", true, () => nearest(reply.nearest));
  const terms = (reply.answers ?? []).filter((item) => item.term?.startsWith("<"));
  if (terms.length) panel("Browse", true, () => links(terms));
  if (reply.statement) {
    lastUndo?.remove();
    lastUndo = button("Undo", (event) => undo(event.currentTarget));
    acts.append(lastUndo);
  }
  if (reply.needs === "learn") acts.append(button("Sign in to teach", signIn));
}

function links(items) {
  return make("ul", { class: "values" }, items.map((item) => make("li", {}, make("a", { href: address("browse", { iri: item.term.slice(1, -1) }) }, item.text))));
}

/** A source in words. */
export function source(citation) {
  if (citation.kind === "said") {
    const by = citation.account && citation.account !== citation.nick ? `${citation.nick} (${citation.account})` : citation.nick;
    const where = citation.place === "global" ? "" : `, in ${citation.place}`;
    return [`${by}, ${day(citation.at)}${where}: `, make("q", {}, citation.line)];
  }
  return [citation.title];
}

export function sources(citations) {
  return make("ol", { class: "sources" }, citations.map((citation) => make("li", {}, source(citation))));
}

function nearest(quotes) {
  return make("div", {}, make("h3", {}, "The nearest that is known"),
    make("ul", { class: "sources" }, quotes.map((quote) => make("li", {}, make("q", {}, quote.text), " ", make("span", { class: "by" }, source(quote.source))))));
}

async function undo(opener) {
  if (!token()) return signIn();
  opener.disabled = true;
  try {
    const reply = await post("/undo", {});
    opener.replaceWith(make("span", { class: "reason", role: "status" }, reply.text));
  } catch (error) {
    opener.disabled = false;
    at("stage").textContent = error.message;
    if (error.status === 401) signIn();
  }
}
