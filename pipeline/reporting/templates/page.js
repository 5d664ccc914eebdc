"use strict";
(() => {
  const root = document.documentElement;
  const article = document.querySelector("article");
  const bar = document.getElementById("bar");
  const marks = article ? [...article.querySelectorAll("mark")] : [];
  const weights = marks.map((mark) => new Map(mark.dataset.w.split(",").map((part) => part.split(":").map(Number))));
  const usual = marks.map((mark) => mark.style.getPropertyValue("--a"));
  const tags = [...document.querySelectorAll(".tag")];
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

  tags.forEach((tag) => {
    const summary = tag.querySelector("summary");
    summary.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse" && !pinned) show(tag); });
    summary.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && !pinned) show(null); });
    tag.addEventListener("toggle", () => { if (tag.open) pin(tag); else if (pinned === tag) pin(null); });
  });
  if (bar) {
    const [before, after, close] = bar.querySelectorAll("button");
    before.addEventListener("click", () => step(-1));
    after.addEventListener("click", () => step(1));
    close.addEventListener("click", () => { if (pinned) pinned.open = false; });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && pinned) pinned.open = false; });

  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  const form = document.querySelector("form");
  if (form) {
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }

  const correct = document.getElementById("correct");
  if (!correct) return;
  const chips = correct.querySelector(".chips");
  const add = correct.querySelector(".add");
  const list = document.getElementById("found");
  const by = document.getElementById("by");
  const told = correct.querySelector("[role=status]");
  const chosen = new Map();
  let vocabulary = [];
  let tasks = [];
  let offered = [];
  let marked = 0;
  correct.hidden = false;
  by.value = localStorage.getItem("by") || "";
  document.querySelectorAll(".tag:not(.no)").forEach((tag) => {
    const { task, label, name } = tag.dataset;
    chosen.set(task + " " + label, { task, key: label, name });
  });

  function draw() {
    chips.replaceChildren(...[...chosen].map(([id, label]) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "chip " + label.task;
      chip.textContent = label.name + " ✕";
      chip.setAttribute("aria-label", "take away " + label.name);
      chip.addEventListener("click", () => { chosen.delete(id); draw(); add.focus(); });
      return chip;
    }));
  }

  function offer() {
    const wanted = add.value.trim().toLowerCase();
    const rank = (label) => {
      const name = label.name.toLowerCase();
      const at = name.startsWith(wanted) ? 0 : name.includes(" " + wanted) ? 1 : name.includes(wanted) ? 2 : 3;
      return label.key.toLowerCase() === wanted ? -1 : at;
    };
    const free = vocabulary.filter((label) => !chosen.has(label.task + " " + label.key));
    offered = wanted ? free.filter((label) => rank(label) < 3).sort((a, b) => rank(a) - rank(b)).slice(0, 8) : [];
    marked = 0;
    list.hidden = !offered.length;
    add.setAttribute("aria-expanded", String(!list.hidden));
    show_offered();
  }

  function show_offered() {
    list.replaceChildren(...offered.map((label, number) => {
      const item = document.createElement("li");
      item.id = "found" + number;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(number === marked));
      item.textContent = label.name;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(label); });
      return item;
    }));
    if (offered.length) add.setAttribute("aria-activedescendant", "found" + marked);
    else add.removeAttribute("aria-activedescendant");
  }

  function take(label) {
    chosen.set(label.task + " " + label.key, label);
    add.value = "";
    draw();
    offer();
  }

  async function save() {
    localStorage.setItem("by", by.value);
    const body = { title: document.getElementById("title").value, text: document.getElementById("text").value };
    for (const task of tasks) body[task] = [...chosen.values()].filter((label) => label.task === task).map((label) => label.key);
    Object.assign(body, { model: correct.dataset.model, by: by.value });
    try {
      const answer = await fetch("feedback", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
      const found = await answer.json();
      told.textContent = answer.ok ? "Saved. The model learns from it when it is trained next." : found.error;
    } catch (error) {
      told.textContent = "Not saved: the service does not answer.";
    }
  }

  async function copy() {
    const names = [...chosen.values()].map((label) => label.name).join("; ");
    try {
      await navigator.clipboard.writeText(names);
      told.textContent = "Copied: " + names;
    } catch (error) {
      told.textContent = names;
    }
  }

  add.addEventListener("input", offer);
  add.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!offered.length) return;
      marked = (marked + (event.key === "ArrowDown" ? 1 : -1) + offered.length) % offered.length;
      show_offered();
      event.preventDefault();
    } else if (event.key === "Enter") {
      if (offered.length) take(offered[marked]);
      else if (!add.value) save();
    } else if (event.key === "Escape") {
      add.value = "";
      offer();
    } else if (event.key === "Backspace" && !add.value && chosen.size) {
      chosen.delete([...chosen.keys()].pop());
      draw();
    }
  });
  correct.querySelector(".save").addEventListener("click", save);
  correct.querySelector(".copy").addEventListener("click", copy);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "c" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input,textarea")) return;
    event.preventDefault();
    add.focus();
  });
  fetch("vocabulary").then((answer) => answer.json()).then((found) => {
    tasks = Object.keys(found);
    vocabulary = tasks.flatMap((task) => found[task].map((label) => ({ task, key: label.key, name: label.name })));
    offer();
  });
  draw();
})();
