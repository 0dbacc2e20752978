// A button beside each command puts it on the clipboard.

export function makeCopyable(commands) {
  for (const command of commands) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy: ${command.textContent}`);
    button.addEventListener("click", () => copy(command, button));

    const row = document.createElement("div");
    row.className = "copyable";
    command.replaceWith(row);
    row.append(command, button);
  }
}

async function copy(command, button) {
  try {
    await navigator.clipboard.writeText(command.textContent);
    button.textContent = "Copied";
  } catch {
    // Browsers give the clipboard to secure origins only; elsewhere the marked text is one key away.
    getSelection().selectAllChildren(command);
    button.textContent = "Marked";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 1600);
}
