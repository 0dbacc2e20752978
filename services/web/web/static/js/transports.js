// Four ways to hear a room. Each knows the number that it has seen last, and goes on from there after a loss.
//
// A pane is told: take(message), count({requests, vain, bytes}), say(state, text).

const POLL_EVERY = 1000; // milliseconds
const WAIT_SECONDS = 25;
const PAUSE_AFTER_LOSS = 2000;

const utf8 = new TextEncoder();

class Transport {
  constructor(pane, room, seen) {
    this.pane = pane;
    this.room = room;
    this.seen = seen;
  }

  take(message) {
    if (message.number <= this.seen) return;
    this.seen = message.number;
    this.pane.take(message);
  }

  // A room that lost its memory begins anew, and says where it ends now.
  rewind(problem) {
    if (problem.last !== undefined) this.seen = problem.last;
  }

  lost(why) {
    this.pane.say("lost", `${why}; trying again in ${PAUSE_AFTER_LOSS / 1000} s.`);
    return pause(PAUSE_AFTER_LOSS);
  }
}

// What polling and long polling share: a request, a page of messages, and again.
class Asking extends Transport {
  isLost = false;

  async start() {
    for (;;) {
      try {
        // An answer may be long in coming; nothing is wrong until one is.
        if (!this.isLost) this.pane.say("open", this.going);
        const messages = await this.ask();
        this.isLost = false;
        this.pane.say("open", this.going);
        await this.rest(messages);
      } catch (error) {
        this.isLost = true;
        await this.lost(error instanceof TypeError ? "The site can't be reached" : error.message);
      }
    }
  }

  async ask() {
    this.pane.count({ requests: 1 });
    const response = await fetch(this.address, { cache: "no-store" });
    const text = await response.text();
    this.pane.count({ bytes: headBytes(response) + utf8.encode(text).length });
    if (!response.ok) throw this.refused(response, text);
    const page = JSON.parse(text);
    if (page.messages.length === 0) this.pane.count({ vain: 1 });
    for (const message of page.messages) this.take(message);
    return page.messages;
  }

  refused(response, text) {
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    const answer = isJson ? JSON.parse(text) : {};
    this.rewind(answer);
    return new Error(`The answer is ${response.status}${answer.detail ? `: ${answer.detail}` : ""}`);
  }
}

export class Polling extends Asking {
  going = "Asking once a second.";

  get address() {
    return `/rooms/${this.room}/messages?after=${this.seen}`;
  }

  rest() {
    return pause(POLL_EVERY);
  }
}

export class LongPolling extends Asking {
  going = "A request is waiting for its answer.";

  // After a loss a short wait, to know soon that all is well again.
  get address() {
    return `/rooms/${this.room}/wait?after=${this.seen}&timeout=${this.isLost ? 1 : WAIT_SECONDS}`;
  }

  rest() {
    return null; // asks again at once
  }
}

// EventSource comes back by itself, and then says which event it has seen last.
export class Streaming extends Transport {
  start() {
    const source = new EventSource(`/rooms/${this.room}/events?after=${this.seen}`);
    this.pane.count({ requests: 1 });
    let opened = false;
    source.addEventListener("open", () => {
      if (opened) this.pane.count({ requests: 1 });
      opened = true;
      this.pane.say("open", "The answer has begun and goes on.");
    });
    source.addEventListener("message", (event) => {
      // As it came: "id: 7", "data: …", and an empty line.
      this.pane.count({ bytes: utf8.encode(`id: ${event.lastEventId}\ndata: ${event.data}\n\n`).length });
      this.take(JSON.parse(event.data));
    });
    source.addEventListener("problem", (event) => this.rewind(JSON.parse(event.data)));
    source.addEventListener("error", async () => {
      if (source.readyState !== EventSource.CLOSED) {
        this.pane.say("lost", "The answer has ended; the browser asks again.");
        return;
      }
      source.close();
      await this.lost("The answer was an error");
      this.start();
    });
  }
}

export class WebSockets extends Transport {
  start() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws/rooms/${this.room}?after=${this.seen}`);
    this.pane.count({ requests: 1 });
    socket.addEventListener("open", () => this.pane.say("open", "Connected, both ways."));
    socket.addEventListener("message", (event) => {
      this.pane.count({ bytes: frameBytes(utf8.encode(event.data).length) });
      const frame = JSON.parse(event.data);
      if (frame.type === "message") this.take(frame);
      if (frame.type === "error") this.rewind(frame);
    });
    socket.addEventListener("close", async (event) => {
      await this.lost(`The connection was closed with ${event.code}`);
      this.start();
    });
  }
}

// A response's head as it came: status-line, field lines, empty line. The browser shows all but the phrase.
function headBytes(response) {
  let bytes = "HTTP/1.1 200 OK\r\n".length + 2;
  for (const [name, value] of response.headers) bytes += name.length + value.length + 4;
  return bytes;
}

// RFC 6455, section 5.2: two bytes, and two or eight more for the length of a longer payload; no mask this way.
function frameBytes(payload) {
  return payload + (payload < 126 ? 2 : payload < 65536 ? 4 : 10);
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
