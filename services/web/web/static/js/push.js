// One room in five panes. Four are a transport each, and show and count the same things; the fifth shows what a
// terminal would.
import { makeCopyable } from "./copy.js";
import { LongPolling, Polling, Streaming, WebSockets } from "./transports.js";

const KEPT_LINES = 100;
const KEPT_DELAYS = 500;
const BURST = { messages: 200, every: 50 }; // twenty a second for ten seconds

const page = document.querySelector(".lab-push");
const address = `/rooms/${page.dataset.room}`;
const author = `page-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;
const posted = new Map(); // text: when this page posted it
const number = new Intl.NumberFormat("en");
const utf8 = new TextEncoder();

class Pane {
  constructor(element) {
    this.log = element.querySelector(".log");
    this.element = element;
    this.sign = element.querySelector(".talk-state");
    this.counts = { requests: 0, vain: 0, messages: 0, bytes: 0 };
    this.delays = [];
    this.waiting = []; // lines for the next frame: twenty messages are one change of the page
  }

  count(changes) {
    for (const [name, by] of Object.entries(changes)) this.counts[name] += by;
    this.refresh();
  }

  take(message) {
    const now = performance.now();
    const since = message.author === author ? posted.get(message.text) : undefined;
    const delay = since === undefined ? null : now - since;
    if (delay !== null) {
      this.delays.push(delay);
      if (this.delays.length > KEPT_DELAYS) this.delays.shift();
    }
    this.counts.messages += 1;
    this.waiting.push([message, delay]);
    this.refresh();
  }

  say(state, text) {
    this.element.dataset.state = state;
    if (this.sign.textContent !== text) this.sign.textContent = text;
  }

  refresh() {
    if (this.due) return;
    this.due = true;
    // Not requestAnimationFrame, which stands still in a window that nobody sees.
    setTimeout(() => {
      this.due = false;
      this.draw();
    }, 40);
  }

  draw() {
    for (const [name, value] of Object.entries(this.counts)) this.show(name, number.format(value));
    const middle = median(this.delays);
    this.show("delay", middle === null ? "–" : `${middle.toFixed(0)} ms`);
    for (const [message, delay] of this.waiting.splice(0).slice(-KEPT_LINES)) this.log.append(this.line(message, delay));
    while (this.log.childElementCount > KEPT_LINES) this.log.firstElementChild.remove();
    this.log.scrollTop = this.log.scrollHeight;
  }

  show(name, text) {
    const place = this.element.querySelector(`[data-count=${name}]`);
    if (place !== null) place.textContent = text;
  }

  line(message, delay) {
    const item = document.createElement("li");
    const words = document.createElement("span");
    words.textContent = `${message.number} ${message.text}`;
    words.title = `${message.author}, ${message.time}`;
    const note = document.createElement("span");
    note.className = "aside";
    note.textContent = delay === null ? "" : `${delay.toFixed(0)} ms`;
    item.append(words, note);
    return item;
  }
}

// No page can open a raw connection. So this pane draws the line that `nc` prints from the message that another
// pane has heard: its bytes are right, its delay would be the other's and is left out.
class Terminal extends Pane {
  take(message) {
    const text = `${message.number} ${message.author}: ${message.text.replaceAll("\n", " ⏎ ")}`;
    this.count({ messages: 1, bytes: utf8.encode(`${text}\n`).length });
    this.waiting.push([text, null]);
  }

  line(text) {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }
}

// What one pane hears, another shows too.
class Overheard extends Pane {
  constructor(element, listener) {
    super(element);
    this.listener = listener;
  }

  take(message) {
    super.take(message);
    this.listener.take(message);
  }

  say(state, text) {
    super.say(state, text);
    const drawn = "What nc prints, drawn from the event stream: a page can open no raw connection.";
    this.listener.say(state, state === "open" ? drawn : "The event stream, which this is drawn from, is lost.");
  }
}

function median(values) {
  if (values.length === 0) return null;
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

// --- posting -----------------------------------------------------------------------------------------------

const sign = document.getElementById("posted");

async function post(text) {
  posted.set(text, performance.now());
  if (posted.size > 1000) posted.delete(posted.keys().next().value);
  const response = await fetch(`${address}/messages`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ author, text }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}

async function postOne(text) {
  try {
    const message = await post(text);
    sign.textContent = `Posted; it is number ${message.number}.`;
  } catch (error) {
    sign.textContent = error instanceof TypeError ? "Not posted: the site can't be reached." : `Not posted: ${error.message}`;
  }
}

let burst = null;

function toggleBurst(button) {
  if (burst !== null) {
    stopBurst(button);
    return;
  }
  const series = Math.random().toString(36).slice(2, 6);
  let sent = 0;
  let failed = 0;
  button.textContent = "Stop";
  burst = setInterval(() => {
    sent += 1;
    post(`${series} ${sent} of ${BURST.messages}`).catch(() => {
      failed += 1;
    });
    sign.textContent = `${sent} posted${failed ? `, ${failed} failed` : ""}.`;
    if (sent === BURST.messages) stopBurst(button);
  }, BURST.every);
}

function stopBurst(button) {
  clearInterval(burst);
  burst = null;
  button.textContent = "Twenty a second, for ten seconds";
}

// --- the beginning -----------------------------------------------------------------------------------------

const TRANSPORTS = {
  polling: Polling,
  "long-polling": LongPolling,
  streaming: Streaming,
  websocket: WebSockets,
};

async function begin() {
  const terminal = new Terminal(document.querySelector(".pane[data-transport=tcp]"));
  const panes = [...document.querySelectorAll(".pane:not([data-transport=tcp])")].map((element) =>
    element.dataset.transport === "streaming" ? new Overheard(element, terminal) : new Pane(element),
  );
  const last = await whereTheRoomEnds(panes);
  for (const pane of panes) new TRANSPORTS[pane.element.dataset.transport](pane, page.dataset.room, last).start();
}

// All panes begin at the same message, so that their counts can be compared.
async function whereTheRoomEnds(panes) {
  for (;;) {
    try {
      const response = await fetch(`${address}/messages?limit=1`);
      if (response.ok) return (await response.json()).last;
    } catch {
      // said below, and tried again
    }
    for (const pane of panes) pane.say("lost", "The room can't be reached; trying again.");
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

document.querySelector(".post-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = event.target.elements.text.value;
  if (text.trim() !== "") postOne(text);
});
document.getElementById("burst").addEventListener("click", (event) => toggleBurst(event.currentTarget));
makeCopyable(document.querySelectorAll(".command"));
for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
begin();
