"use strict";

/* Ties tags to the words that speak for them: pointing at a tag marks its words, opening it lets one step through them. */
function Marks(article, tags) {
  const bar = document.getElementById("bar");
  const marks = article ? [...article.querySelectorAll("mark")] : [];
  const weights = marks.map((mark) => new Map(mark.dataset.w.split(",").map((part) => part.split(":").map(Number))));
  const usual = marks.map((mark) => mark.style.getPropertyValue("--a"));
  let pinned = null;
  let shown = [];
  let at = -1;

  function show(tag) {
    if (!article) return;
    article.classList.toggle("picked", Boolean(tag));
    tags.forEach((other) => other.classList.toggle("on", other === tag));
    shown = [];
    at = -1;
    marks.forEach((mark, number) => {
      const weight = tag ? weights[number].get(Number(tag.dataset.tag)) : undefined;
      mark.classList.remove("for", "against", "evidence", "here");
      mark.style.setProperty("--a", weight === undefined ? usual[number] : Math.abs(weight) / 100);
      if (weight === undefined) return;
      mark.classList.add(tag.classList.contains("region") ? "evidence" : weight > 0 ? "for" : "against");
      shown.push(mark);
    });
  }

  function pin(tag) {
    pinned = tag;
    tags.forEach((other) => { if (other !== tag) other.open = false; });
    show(tag);
    bar.hidden = !tag;
    if (tag) {
      const count = shown.length === 1 ? "1 place" : shown.length + " places";
      bar.querySelector("span").textContent = tag.dataset.name + ": " + count;
    }
  }

  function step(by) {
    if (!shown.length) return;
    if (at >= 0) shown[at].classList.remove("here");
    at = (at + by + shown.length) % shown.length;
    shown[at].classList.add("here");
    shown[at].scrollIntoView({ block: "center", behavior: "smooth" });
  }

  function close() {
    if (pinned) pinned.open = false;
  }

  tags.forEach((tag) => {
    const summary = tag.querySelector("summary");
    summary.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse" && !pinned) show(tag); });
    summary.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && !pinned) show(null); });
    tag.addEventListener("toggle", () => { if (tag.open) pin(tag); else if (pinned === tag) pin(null); });
  });
  bar.hidden = true;
  const [before, after, end] = bar.querySelectorAll("button");
  before.onclick = () => step(-1);
  after.onclick = () => step(1);
  end.onclick = close;
  return { close, show: (tag) => { if (!pinned) show(tag); } };
}

document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
