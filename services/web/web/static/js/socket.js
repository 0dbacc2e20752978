// The WebSocket lab's own connection: what a browser tells a script, and the frame that it must have been.

const LONGEST_PAUSE = 10_000; // milliseconds between two attempts
const KEPT_LINES = 200;
const NORMAL = 1000;

const utf8 = new TextEncoder();
const panel = document.querySelector(".live-socket");
const log = panel.querySelector(".log");
const sign = panel.querySelector(".talk-state");
const [connectButton, closeButton, sendButton] = ["[data-do=connect]", "[data-do=close]", "[type=submit]"].map((name) =>
  panel.querySelector(name),
);

let socket = null;
let wanted = false; // whether a connection that is lost should come back
let failures = 0;

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const path = panel.querySelector("[name=live]:checked").value;
  say("opening", `Connecting to ${path}.`);
  socket = new WebSocket(`${scheme}//${location.host}${path}`);
  const ours = socket;
  socket.binaryType = "arraybuffer";
  socket.addEventListener("open", () => {
    failures = 0;
    say("open", `Connected to ${path}.`);
    buttons();
  });
  socket.addEventListener("message", (event) => came(event.data));
  socket.addEventListener("close", (event) => {
    if (ours === socket) ended(event);
  });
}

function came(data) {
  const size = typeof data === "string" ? utf8.encode(data).length : data.byteLength;
  line("came", typeof data === "string" ? data : `${size} bytes`, header(typeof data === "string" ? 1 : 2, size, false));
}

function ended(event) {
  socket = null;
  const reason = event.reason ? `, “${event.reason}”` : "";
  const why = event.code === 1006 ? "1006: no close frame came" : `${event.code}${reason}`;
  line("end", `closed with ${why}`, event.wasClean ? "both sides said so" : "it just broke");
  buttons();
  // A close that somebody meant is the end; a connection that was lost comes back.
  if (!wanted || event.wasClean) {
    wanted = false;
    say("", `Closed with ${why}.`);
    buttons();
    return;
  }
  failures += 1;
  const pause = Math.min(1000 * 2 ** (failures - 1), LONGEST_PAUSE);
  say("lost", `Connection lost (${why}); trying again in ${pause / 1000} s.`);
  setTimeout(() => {
    if (wanted && socket === null) connect();
  }, pause);
}

// RFC 6455, section 5.2: what the browser puts before a payload. The key is the browser's secret.
function header(opcode, size, masked) {
  const bytes = [0x80 | opcode];
  const mask = masked ? 0x80 : 0;
  if (size < 126) bytes.push(mask | size);
  else if (size < 65536) bytes.push(mask | 126, size >> 8, size & 255);
  else bytes.push(mask | 127, 0, 0, 0, 0, size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255);
  const text = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `${text}${masked ? " ·· ·· ·· ··" : ""} + ${size}`;
}

function line(way, text, aside) {
  const item = document.createElement("li");
  item.className = way;
  const words = document.createElement("span");
  words.textContent = `${{ sent: "→", came: "←", end: "×" }[way]} ${text}`;
  const note = document.createElement("span");
  note.className = "aside";
  note.textContent = aside;
  item.append(words, note);
  log.append(item);
  while (log.childElementCount > KEPT_LINES) log.firstElementChild.remove();
  log.scrollTop = log.scrollHeight;
}

function say(state, text) {
  panel.dataset.state = state;
  if (sign.textContent !== text) sign.textContent = text;
}

function buttons() {
  const open = socket !== null && socket.readyState === WebSocket.OPEN;
  const held = document.activeElement;
  connectButton.disabled = wanted;
  closeButton.disabled = !wanted;
  sendButton.disabled = !open;
  // Whoever was on a button that can't be pressed any more is put on the one that can.
  if (held.disabled) (wanted ? closeButton : connectButton).focus();
}

connectButton.addEventListener("click", () => {
  wanted = true;
  failures = 0;
  connect();
  buttons();
});

closeButton.addEventListener("click", () => {
  wanted = false;
  if (socket === null) say("", "Not connected.");
  else socket.close(NORMAL);
  buttons();
});

panel.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = panel.querySelector("#live-text");
  const room = panel.querySelector("[name=live]:checked").value.includes("/rooms/");
  const text = room ? JSON.stringify({ author: "browser", text: input.value }) : input.value;
  socket.send(text);
  line("sent", text, header(1, utf8.encode(text).length, true));
});

panel.hidden = false;
