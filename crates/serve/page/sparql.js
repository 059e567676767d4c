// The SPARQL editor: YASGUI's editor and result views, asking this server alone. Its own completion asks services
// elsewhere; in its place stands ours, which knows the words that are in use here.

import { address, at, button, make } from "./dom.js";
import { get, headers } from "./server.js";

const YASGUI = "/page/vendor/yasgui-4.6.2/yasgui.min";
const FIRST = `PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?thing ?label
WHERE { ?thing rdfs:label ?label }
LIMIT 20`;
const REGIMES = [["", "what is stored"], ["rdfs", "and what follows by RDFS"], ["owl-rl", "and what follows by OWL 2 RL"], ["rules", "and what follows by the rules taught"]];

let editor = null;
let loading = null;

export async function show(parameters) {
  loading ??= load();
  try {
    await loading;
  } catch (error) {
    loading = null;
    at("editor").replaceChildren(make("p", { class: "complaint" }, `The editor could not be loaded: ${error.message}`));
    return;
  }
  editor.refresh();
  const query = parameters.get("query");
  if (query && query !== editor.getValue()) editor.setValue(query);
}

function fetched(element, attributes) {
  return new Promise((done, failed) => {
    const node = make(element, { ...attributes, onload: done, onerror: () => failed(new Error(attributes.src ?? attributes.href)) });
    document.head.append(node);
  });
}

async function load() {
  at("editor").replaceChildren(make("p", { class: "held", role: "status" }, "Loading the editor …"));
  const [prefixes] = await Promise.all([
    fetch("/page/prefixes.json").then((response) => response.json()),
    fetched("link", { rel: "stylesheet", href: `${YASGUI}.css` }),
    fetched("script", { src: `${YASGUI}.js` }),
  ]);
  await fetched("link", { rel: "stylesheet", href: "/page/editor.css" });
  build(globalThis.Yasgui, prefixes);
}

function build({ Yasqe, Yasr }, prefixes) {
  register(Yasqe, prefixes);
  const writing = make("div", { class: "writing" });
  const results = make("div", { class: "results" });
  const regime = make("select", { id: "regime" }, REGIMES.map(([value, title]) => make("option", { value }, title)));
  const run = button("Run", () => query(), { class: "main", title: "Ctrl+Enter" });
  const state = make("p", { class: "stage", role: "status" });
  at("editor").replaceChildren(
    make("p", { class: "unseen", id: "editor-help" }, "Ctrl and Space completes, Ctrl and Enter runs the query, Escape leaves the editor."),
    writing,
    make("div", { class: "running" }, run, make("label", { for: "regime" }, "Over"), regime, state),
    results);
  editor = new Yasqe(writing, {
    value: FIRST,
    persistenceId: "quidnunc-query",
    persistencyExpire: 60 * 60 * 24 * 30,
    autocompleters: ["variables", "quid-prefixes", "quid-properties", "quid-classes"],
    prefixCcApi: "",
    createShareableLink: undefined,
    consumeShareLink: null,
    showQueryButton: false,
    resizeable: true,
    editorHeight: "16rem",
    requestConfig: { endpoint: `${location.origin}/query`, method: "POST", headers: () => headers(), withCredentials: false },
    extraKeys: { "Ctrl-Enter": () => query(), "Cmd-Enter": () => query() },
  });
  const field = editor.getInputField();
  field.setAttribute("aria-label", "SPARQL query");
  field.setAttribute("aria-describedby", "editor-help");
  const inUse = () => ({ ...prefixes, ...editor.getPrefixesFromQuery() });
  const shown = new Yasr(results, { persistenceId: null, prefixes: inUse });
  stayHere(results, inUse);
  let began = 0;
  async function query() {
    if (run.textContent === "Stop") return editor.abortQuery();
    const update = editor.getQueryMode() === "update";
    const endpoint = new URL(update ? "/update" : "/query", location.origin);
    if (regime.value && !update) endpoint.searchParams.set("entailment", regime.value);
    run.textContent = "Stop";
    state.textContent = "Running …";
    began = performance.now();
    await editor.query({ endpoint: endpoint.href, method: "POST", headers: headers(), args: [] }).catch(() => {});
    run.textContent = "Run";
    state.textContent = `${((performance.now() - began) / 1000).toFixed(2)} s`;
  }
  editor.on("queryResponse", (_, response, duration) => shown.setResponse(response, duration));
}

/** Our completion in the place of theirs. */
function register(Yasqe, prefixes) {
  const theirs = Yasqe.Autocompleters;
  const words = (kind) => async (_, token) => {
    const prefix = (token?.autocompletionString ?? "").trim();
    if (!prefix) return [];
    const { completions } = await get("/complete", { prefix, kind, limit: 50 });
    return completions.map(({ iri }) => iri);
  };
  for (const [name, kind, like] of [["quid-properties", "property", theirs.property], ["quid-classes", "class", theirs.class]]) {
    Yasqe.registerAutocompleter({ ...like, name, bulk: false, autoShow: false, persistenceId: null, get: words(kind) }, false);
  }
  const known = Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort();
  Yasqe.registerAutocompleter({ ...theirs.prefixes, name: "quid-prefixes", persistenceId: null, bulk: true, get: () => known }, false);
}

/** Links of results lead to what is known of the thing here, not to wherever its IRI leads. */
function stayHere(results, prefixes) {
  const iri = (link) => {
    const own = link.getAttribute("href");
    if (own) return own;
    const [, prefix, rest] = /^([^:]*):(.*)$/s.exec(link.textContent) ?? [];
    return Object.hasOwn(prefixes(), prefix) ? prefixes()[prefix] + rest : link.textContent.replace(/^<|>$/g, "");
  };
  new MutationObserver(() => {
    for (const link of results.querySelectorAll("a.iri[target]")) {
      link.setAttribute("href", address("browse", { iri: iri(link) }));
      link.removeAttribute("target");
    }
  }).observe(results, { childList: true, subtree: true });
}
