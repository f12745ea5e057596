// Keeps a page up to date without reloading it.
//
// An element with an id and `data-live` is taken anew from the server, by asking for the page itself
// and cutting the element out of the answer, so that there is one way to draw each thing:
//   data-live="host. task."   when an event comes whose kind begins with one of the words; * is any
//   data-every="5"            besides, every so many seconds while the page is seen
// What somebody is typing in, or has open, is left alone until they are done.

const DELAY = 250; // milliseconds: a burst of events is one question
const PATIENCE = 3000; // milliseconds until the stream is tried again
const STREAM = "/api/v1/events/stream";

const regions = () => [...document.querySelectorAll("[data-live][id]")];
const wanted = new Set();
let timer = 0;
let asking = false;
let stream = null;

function wantAll() {
  want(regions().map((region) => region.id));
}

function want(ids) {
  ids.forEach((id) => wanted.add(id));
  if (wanted.size && !timer) timer = setTimeout(refresh, DELAY);
}

async function refresh() {
  timer = 0;
  if (asking) {
    timer = setTimeout(refresh, DELAY);
    return;
  }
  const ids = [...wanted];
  wanted.clear();
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in") {
      location.reload(); // the session has ended
      return;
    }
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    ids.forEach((id) => replace(document.getElementById(id), fresh.getElementById(id)));
    document.dispatchEvent(new CustomEvent("refreshed"));
  } catch {
    // The Manager is away; the stream says so and tries again.
  } finally {
    asking = false;
  }
}

function replace(old, fresh) {
  if (!old || !fresh || old.innerHTML === fresh.innerHTML) return;
  if (old.querySelector("details[open]") || isTypedIn(old)) {
    want([old.id]);
    return;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && placeOf(old, focused);
  old.innerHTML = fresh.innerHTML;
  if (place) old.querySelectorAll("a, button, summary")[place.number]?.focus();
}

function placeOf(region, element) {
  const number = [...region.querySelectorAll("a, button, summary")].indexOf(element);
  return number < 0 ? null : { number };
}

function isTypedIn(region) {
  const element = document.activeElement;
  return region.contains(element) && element.matches("input, textarea, select");
}

// The stream of events (Server-Sent Events). Not by EventSource: that hides refusals, and hears only
// the kinds of events that it was told of.
async function listen() {
  if (stream || document.hidden || !document.body.dataset.signedIn) return;
  stream = new AbortController();
  const own = stream;
  try {
    const answer = await fetch(STREAM, { signal: own.signal });
    if (answer.status === 401) location.reload(); // the session has ended
    if (!answer.ok) throw new Error(answer.statusText);
    document.body.dataset.stream = "open";
    wantAll(); // what happened between the page's drawing and now was told to nobody
    await read(answer.body.pipeThrough(new TextDecoderStream()).getReader());
  } catch {
    // Told apart below: the page went out of sight, or the Manager away.
  }
  if (stream !== own) return;
  stream = null;
  document.body.dataset.stream = "away";
  setTimeout(listen, PATIENCE);
}

async function read(reader) {
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const messages = (text + value).split("\n\n");
    text = messages.pop();
    for (const message of messages) {
      const data = message.split("\n").filter((line) => line.startsWith("data:"));
      if (data.length) happened(JSON.parse(data.map((line) => line.slice(5)).join("\n")));
    }
  }
}

function happened(event) {
  const about = regions().filter((region) =>
    region.dataset.live.split(" ").some((word) => word === "*" || (word && event.kind.startsWith(word))),
  );
  want(about.map((region) => region.id));
}

// A browser keeps few connections to one server: a page that nobody sees gives its own back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    const own = stream;
    stream = null;
    own?.abort();
  } else {
    listen();
    wantAll();
  }
});

setInterval(() => {
  if (document.hidden) return;
  const now = Math.round(Date.now() / 1000);
  want(
    regions()
      .filter((region) => region.dataset.every && now % Number(region.dataset.every) === 0)
      .map((region) => region.id),
  );
}, 1000);

listen();
