// What has the keyboard's focus: where it stands in the document, and whether one can see that it has it.
() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    text: (element.innerText || element.getAttribute("aria-label") || "").trim(),
    place: [...document.querySelectorAll("*")].indexOf(element),
    marked: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none",
    visible: box.width > 0 && box.height > 0,
  };
}
