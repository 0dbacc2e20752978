// A lab's form, sent without leaving the page: the server's own page comes back, and its result is put in place.
import { makeCopyable } from "./copy.js";

makeCopyable(document.querySelectorAll(".command"));

for (const form of document.querySelectorAll("form[data-lab]")) {
  const sign = document.createElement("span");
  sign.className = "talk-state";
  sign.setAttribute("role", "status");
  form.querySelector(".actions").append(" ", sign);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.dataset.sending) send(form, sign);
  });
}

// Pressed again while it sends, the button does nothing. It is not disabled: who is on it would be nowhere.
async function send(form, sign) {
  const place = document.getElementById(form.dataset.lab);
  const start = performance.now();
  sign.textContent = "Waiting for the answer.";
  place.setAttribute("aria-busy", "true");
  form.dataset.sending = "1";
  try {
    const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const result = page.getElementById(place.id);
    if (result === null) throw new Error(`The site answers ${response.status}. ${explanation(page)}`);
    place.replaceChildren(...result.childNodes);
    makeCopyable(place.querySelectorAll(".command"));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    // What went wrong is read out by itself: it is an alert.
    sign.textContent = response.ok ? `Answered after ${seconds} s, below.` : "";
    bringIntoView(place);
  } catch (error) {
    const problem = document.createElement("p");
    problem.className = "problem";
    problem.setAttribute("role", "alert");
    problem.textContent =
      error instanceof TypeError ? "The site can't be reached; try again in a moment." : error.message;
    place.replaceChildren(problem);
    sign.textContent = "";
  } finally {
    place.removeAttribute("aria-busy");
    delete form.dataset.sending;
  }
}

// An error page, nginx's or the site's, says under its heading what happened or what to do.
function explanation(page) {
  const heading = page.querySelector("main h1");
  return heading ? `${heading.textContent}. ${heading.nextElementSibling?.textContent ?? ""}` : "Try again in a moment.";
}

// Below a long form the result would come unseen.
function bringIntoView(place) {
  if (place.getBoundingClientRect().top < innerHeight * 0.6) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.scrollIntoView({ behavior: still ? "auto" : "smooth" });
}
