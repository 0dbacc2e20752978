// The front page, alive: what each module does stands at its top.
import { makeCopyable } from "./copy.js";
import { follow } from "./live.js";
import { openTalk } from "./talk.js";

makeCopyable(document.querySelectorAll(".command"));
follow(document.getElementById("live"));
for (const panel of document.querySelectorAll(".talk")) openTalk(panel);
for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
