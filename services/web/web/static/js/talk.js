// A panel with a WebSocket behind it: opens on the first message, comes back by itself after a loss.

const LONGEST_PAUSE = 10_000; // milliseconds between two attempts
const KEPT_LINES = 200;

export function openTalk(panel) {
  const talk = panel.dataset.kind === "room" ? new Room(panel) : new Echo(panel);
  panel.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    talk.submit(panel.querySelector("input"));
  });
}

class Talk {
  constructor(panel) {
    this.panel = panel;
    this.log = panel.querySelector(".log");
    this.sign = panel.querySelector(".talk-state");
    this.socket = null;
    this.failures = 0;
    this.waiting = []; // what was typed before the connection was open
  }

  get path() {
    return this.panel.dataset.socket;
  }

  submit(input) {
    if (input.value !== "") {
      this.waiting.push(input.value);
      input.value = "";
    }
    if (this.socket === null) this.connect();
    else this.flush();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.say("opening", "Connecting.");
    this.socket = new WebSocket(`${scheme}//${location.host}${this.path}`);
    this.socket.addEventListener("open", () => this.opened());
    this.socket.addEventListener("message", (event) => this.received(event.data));
    this.socket.addEventListener("close", (event) => this.closed(event));
  }

  opened() {
    this.failures = 0;
    this.say("open", "Connected.");
    this.flush();
  }

  flush() {
    while (this.socket.readyState === WebSocket.OPEN && this.waiting.length > 0) this.send(this.waiting.shift());
  }

  closed(event) {
    this.failures += 1;
    const pause = Math.min(1000 * 2 ** (this.failures - 1), LONGEST_PAUSE);
    this.say("lost", `Connection lost (close code ${event.code}); trying again in ${pause / 1000} s.`);
    setTimeout(() => this.connect(), pause);
  }

  line(text, aside) {
    const following = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 30;
    const line = document.createElement("li");
    const words = document.createElement("span");
    words.textContent = text;
    const note = document.createElement("span");
    note.className = "aside";
    note.textContent = aside;
    line.append(words, note);
    this.log.append(line);
    while (this.log.childElementCount > KEPT_LINES) this.log.firstElementChild.remove();
    if (following) this.log.scrollTop = this.log.scrollHeight;
  }

  say(state, text) {
    this.panel.dataset.state = state;
    this.sign.textContent = text;
  }
}

// Replies come in the order of the messages, so the oldest open question is the one that is answered.
class Echo extends Talk {
  constructor(panel) {
    super(panel);
    this.sent = [];
  }

  opened() {
    this.sent = [];
    super.opened();
  }

  send(text) {
    this.sent.push(performance.now());
    this.socket.send(text);
  }

  received(text) {
    const milliseconds = performance.now() - this.sent.shift();
    this.line(text, `${milliseconds.toFixed(1)} ms`);
  }
}

// A room knows which number it has seen last, and asks for what follows when it comes back.
class Room extends Talk {
  constructor(panel) {
    super(panel);
    this.seen = null;
    this.author = `guest-${crypto.getRandomValues(new Uint16Array(1))[0].toString(36)}`;
  }

  get path() {
    return this.seen === null ? super.path : `${super.path}?after=${this.seen}`;
  }

  opened() {
    super.opened();
    this.panel.querySelector("button").textContent = "Send";
    this.say("open", `You are in the lobby as ${this.author}.`);
  }

  send(text) {
    this.socket.send(JSON.stringify({ author: this.author, text }));
  }

  received(data) {
    const frame = JSON.parse(data);
    if (frame.type === "welcome") {
      this.seen ??= frame.last;
    } else if (frame.type === "message") {
      this.seen = frame.number;
      this.line(`${frame.author}: ${frame.text}`, `#${frame.number}`);
    } else if (frame.type === "missed") {
      this.line(`Messages ${frame.from} to ${frame.to} are no longer kept.`, "");
    } else if (frame.type === "error") {
      this.say("open", frame.detail);
    }
  }
}
