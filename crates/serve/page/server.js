// Talks to the server this page came from, and to no other.
// The conversation's name is made here and lives as long as the tab; there is no cookie.

const TOKEN = "quidnunc-token";
const TALK = "quidnunc-talk";

function random() {
  return Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The name of this tab's conversation. */
export function talk() {
  let name = sessionStorage.getItem(TALK);
  if (!name) {
    name = random();
    sessionStorage.setItem(TALK, name);
  }
  return name;
}

export const token = () => sessionStorage.getItem(TOKEN);

export function setToken(text) {
  if (text) sessionStorage.setItem(TOKEN, text);
  else sessionStorage.removeItem(TOKEN);
}

export function headers(more) {
  const shown = token();
  return { "quid-talk": talk(), ...(shown ? { authorization: `Bearer ${shown}` } : {}), ...more };
}

/** Why a request was not done, in the server's words. */
export class Refused extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

async function refusal(response) {
  let words = `the server said ${response.status}`;
  try {
    words = (await response.json()).error ?? words;
  } catch { /* no JSON: the status has to do */ }
  return new Refused(response.status, typeof words === "string" ? words : words.message);
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "omit", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "the server cannot be reached");
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function get(path, parameters, signal) {
  const query = new URLSearchParams(parameters).toString();
  const response = await request(`${path}${query ? `?${query}` : ""}`, { headers: headers({ accept: "application/json" }), signal });
  return response.json();
}

export async function post(path, body) {
  const response = await request(path, {
    method: "POST",
    headers: headers({ accept: "application/json", "content-type": "application/json" }),
    body: JSON.stringify(body),
  });
  return response.json();
}

/** Posts, and calls `take(event, data)` for each event of the answer as it comes. */
export async function stream(path, body, take) {
  const response = await request(path, {
    method: "POST",
    headers: headers({ accept: "text/event-stream", "content-type": "application/json" }),
    body: JSON.stringify(body),
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    held += value ?? "";
    const events = held.split("\n\n");
    held = events.pop();
    for (const event of events) {
      const fields = event.split("\n");
      const field = (name) => fields.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, "")).join("\n");
      const data = field("data");
      if (data) take(field("event") || "message", JSON.parse(data));
    }
    if (done) return;
  }
}
