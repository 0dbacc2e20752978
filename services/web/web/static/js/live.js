// Keeps every [data-service] of the page up to date from /status/, and says so when the site can't be reached.

const EVERY = 1500; // milliseconds; the server renews its report once a second
const TIMEOUT = 5000;
const LONGEST_PAUSE = 10_000;

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const millis = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export async function follow(sign) {
  let failures = 0;
  for (;;) {
    await visible();
    try {
      const report = await ask();
      show(report);
      failures = 0;
      say(sign, "live", "live");
      date(sign, report.at);
      await pause(EVERY);
    } catch {
      failures += 1;
      const wait = Math.min(1000 * 2 ** (failures - 1), LONGEST_PAUSE);
      say(sign, "lost", "Connection lost, trying again");
      await pause(wait);
    }
  }
}

async function ask() {
  const response = await fetch("/status/", { signal: AbortSignal.timeout(TIMEOUT), cache: "no-store" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}

// Screen readers read this out, so it changes only when the news does. The time beside it is for the eye.
function say(sign, state, text) {
  if (sign.dataset.state === state) return;
  sign.dataset.state = state;
  sign.querySelector("[role=status]").textContent = text;
}

function date(sign, moment) {
  const time = sign.querySelector("time");
  time.dateTime = moment;
  time.textContent = new Date(moment).toLocaleTimeString([], { hour12: false });
}

function show(report) {
  for (const place of document.querySelectorAll("[data-service]")) {
    const answer = report.services[place.dataset.service];
    if (!answer) continue;
    place.dataset.state = answer.state;
    for (const field of place.querySelectorAll("[data-field]")) {
      const text = WORDS[field.dataset.field](answer, field);
      if (field.textContent !== text) field.textContent = text;
    }
  }
}

// What each field says; the templates write the same words before this script does.
const WORDS = {
  state: (answer) => answer.state,
  reason: (answer) => answer.reason,
  note: (answer) => answer.note,
  milliseconds: (answer) => (answer.milliseconds === null ? "" : `${millis.format(answer.milliseconds)} ms`),
  connections: (answer) => (answer.connections === null ? "" : `${number.format(answer.connections)} open`),
  rate: (answer, field) =>
    answer.requests_per_second === null ? "" : `${number.format(answer.requests_per_second)} ${field.dataset.counts}/s`,
};

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// A page that nobody looks at asks nothing.
function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
}
