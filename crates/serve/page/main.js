// Joins the views: which one is shown, dark or light, who is signed in.

import { at } from "./dom.js";
import * as ask from "./ask.js";
import * as browse from "./browse.js";
import * as sparql from "./sparql.js";
import { get, setToken, token } from "./server.js";

const views = { ask, browse, sparql };
const TITLES = { ask: "Quidnunc", browse: "Browse · Quidnunc", sparql: "SPARQL · Quidnunc" };
const THEME = "quidnunc-theme";

/** Shows what the address names: `#/view?parameters`. */
function route() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const name = Object.hasOwn(views, path) ? path : "ask";
  for (const view of Object.keys(views)) at(view).hidden = view !== name;
  for (const link of document.querySelectorAll(".bar nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = TITLES[name];
  views[name].show(new URLSearchParams(query ?? ""));
}

function theme() {
  const root = document.documentElement;
  const kept = localStorage.getItem(THEME);
  if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  at("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem(THEME, root.dataset.theme);
  });
}

function signIn() {
  at("token").value = token() ?? "";
  at("signin-complaint").textContent = "";
  at("signout").hidden = !token();
  at("signin").showModal();
}

async function who() {
  try {
    const session = await get("/session");
    at("access").textContent = session.user ?? "Sign in";
    at("access").title = session.user ? `${session.user} may ${session.learn ? "ask and teach" : "ask"}` : "";
    at("line").placeholder = session.learn ? "Ask, or teach" : "Ask anything";
    return session;
  } catch (error) {
    at("access").textContent = "Sign in";
    if (error.status === 401) setToken(null);
    throw error;
  }
}

function access() {
  at("access").addEventListener("click", signIn);
  at("signin-close").addEventListener("click", () => at("signin").close());
  at("signout").addEventListener("click", () => {
    setToken(null);
    at("signin").close();
    who().catch(() => {});
  });
  at("signin-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const before = token();
    setToken(at("token").value.trim());
    try {
      const session = await who();
      if (!session.user && token()) throw new Error("this token is not known here");
      at("signin").close();
    } catch (error) {
      at("signin-complaint").textContent = error.message;
      setToken(before);
    }
  });
}

theme();
access();
ask.start(signIn);
browse.start();
window.addEventListener("hashchange", () => {
  // Whoever reads with a screen reader goes on at the view that is new; a view may want the focus elsewhere.
  at("main").focus({ preventScroll: true });
  scrollTo(0, 0);
  route();
});
route();
who().catch(() => {});
