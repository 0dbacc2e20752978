// Asks for the figures once a second while somebody looks, and shows them. What it shows is in `now`'s answer; nothing
// is computed here but places on the picture.

const EVERY = 1000; // milliseconds; the workers report as often
const LONGEST_PAUSE = 10_000;

// The picture goes from 10 µs to 60 s. Bar n begins at 2 ** (n / 4) µs.
const BINS = 4;
const FIRST = Math.floor(BINS * Math.log2(10));
const LAST = Math.ceil(BINS * Math.log2(60e6));
const MARKS = [[10, "10 µs"], [100, "100 µs"], [1e3, "1 ms"], [1e4, "10 ms"], [1e5, "0.1 s"], [1e6, "1 s"], [1e7, "10 s"]];

// The name of a line in Locust's table begins with its rung, or says "room" and its transport.
const HUES = [
  [/tcp/, "tcp"], [/httpd-wsgi/, "wsgi"], [/httpd/, "http"], [/websocket|realtime/, "websocket"],
  [/stream|long/, "channels"], [/web|polling/, "django"],
];

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const part = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });

const find = (id) => document.getElementById(id);

function make(name, attributes = {}, ...children) {
  const svg = ["svg", "path", "line", "text"].includes(name);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const hue = (name) => `k-${(HUES.find(([pattern]) => pattern.test(name)) ?? [, "websocket"])[1]}`;

const place = (microseconds) => BINS * Math.log2(Math.max(microseconds, 1)) - FIRST;

// The outline of a histogram, as high as 1, from the left to the right.
function outline(bars) {
  const highest = Math.max(...bars.map(([, count]) => count));
  const counts = new Map(bars);
  let path = "M0 1";
  for (let bar = FIRST; bar <= LAST; bar += 1) {
    const height = (1 - (counts.get(bar) ?? 0) / highest).toFixed(3);
    path += `V${height}H${bar - FIRST + 1}`;
  }
  return `${path}V1`;
}

function picture(row) {
  const svg = make("svg", { class: "times", viewBox: `0 0 ${LAST - FIRST + 1} 1`, preserveAspectRatio: "none", role: "img" });
  svg.setAttribute("aria-label", `${row.name}: median ${whole.format(row.exchange.p50)} microseconds`);
  for (const [at] of MARKS) svg.append(make("line", { class: "grid", x1: place(at), x2: place(at), y1: 0, y2: 1 }));
  svg.append(make("path", { class: "all", d: `${outline(row.bars)}Z` }));
  if (row.lately.length) svg.append(make("path", { class: "late", d: outline(row.lately) }));
  const median = place(row.exchange.p50);
  svg.append(make("line", { class: "median", x1: median, x2: median, y1: 0, y2: 1 }));
  return svg;
}

function scale() {
  const holder = make("div", { class: "strip" }, make("span"));
  const svg = make("svg", { class: "scale", "aria-hidden": "true" });
  for (const [at, label] of MARKS) {
    svg.append(make("text", { x: `${(100 * place(at)) / (LAST - FIRST + 1)}%`, y: "16" }, label));
  }
  holder.append(svg);
  return holder;
}

function strips(rows) {
  const timed = rows.filter((row) => row.exchange);
  if (!timed.length) return;
  find("strips").replaceChildren(
    ...timed.map((row) => {
      const heading = make("h3", {}, row.name, make("span", {}, `median ${whole.format(row.exchange.p50)} µs · ${whole.format(row.rate)} a second`));
      return make("div", { class: `strip ${hue(row.name)}` }, heading, picture(row));
    }),
    scale(),
  );
}

function table(rows) {
  const cell = (value) => make("td", {}, value === undefined ? "–" : whole.format(value));
  find("rows").replaceChildren(
    ...rows.map((row) => {
      const { exchange } = row;
      const failed = cell(row.failed);
      if (row.failed) failed.className = "bad";
      const besides = Object.entries(row.events).filter(([, count]) => count).map(([name, count]) => `${whole.format(count)} ${name.replaceAll("_", " ")}`);
      if (row.lateness) besides.push(`sent late by ${whole.format(row.lateness.p50)} µs (median)`);
      return make("tr", {},
        make("th", { scope: "row" }, row.name), cell(row.rate), failed, cell(exchange?.counted ?? 0),
        cell(row.connect?.p50), cell(row.first_byte?.p50),
        ...["p50", "p90", "p99", "p999", "longest"].map((figure) => cell(exchange?.[figure])),
        make("td", {}, besides.join(" · ")));
    }),
  );
}

function hop(name, share, note, full) {
  const item = make("li", full ? { "data-full": "yes" } : {}, make("b", { title: name }, name), note);
  item.append(make("progress", { max: 1, value: Math.min(share, 1), "aria-label": `${name}: busiest process` }));
  if (!full) item.classList.add(hue(name));
  return item;
}

function limits(now) {
  const verdict = find("verdict");
  if (verdict.textContent !== now.verdict) verdict.textContent = now.verdict;
  verdict.parentElement.dataset.limit = now.saturated.length ? "yes" : "no";
  const generators = now.generators.map(({ share }, index) =>
    hop(`generator ${index + 1}`, share, percent.format(share), now.saturated.includes("generator") && share >= 0.9));
  const hops = now.hops.map(({ name, cores, busiest }) =>
    hop(name, busiest, percent.format(cores), now.saturated.includes(name)));
  find("hops").replaceChildren(...generators, ...hops);
  const users = now.users === 1 ? "1 user" : `${whole.format(now.users)} users`;
  find("machine").textContent = `Processor time, in hundredths of one core. The machine: ${part.format(now.machine.busy)} of ${now.machine.cores} cores busy. ${users}, ${now.state}.`;
}

function say(state, text) {
  const sign = find("live");
  if (sign.dataset.state === state) return;
  sign.dataset.state = state;
  sign.querySelector("[role=status]").textContent = text;
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const visible = () => document.visibilityState === "visible"
  ? undefined
  : new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));

async function follow() {
  let failures = 0;
  for (;;) {
    await visible();
    try {
      const response = await fetch("now", { signal: AbortSignal.timeout(5000), cache: "no-store" });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const now = await response.json();
      limits(now);
      strips(now.rows);
      table(now.rows);
      say("live", "Live");
      failures = 0;
      await pause(EVERY);
    } catch {
      failures += 1;
      say("lost", "Connection lost, trying again");
      await pause(Math.min(1000 * 2 ** (failures - 1), LONGEST_PAUSE));
    }
  }
}

follow();
