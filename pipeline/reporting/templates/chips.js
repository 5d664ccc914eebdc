"use strict";

/* The tags of an article as buttons that take them away and bring them back, and a box that finds others as one types.

`done` is called for Enter in the empty box, `point` with the number of the tag that is pointed at, or null. A topic
brings along those above it; one that is taken away takes along those below it. */
function Chips(box, { done, point = () => {}, numbered = false }) {
  const chips = box.querySelector(".chips");
  const add = box.querySelector(".add");
  const list = box.querySelector("[role=listbox]");
  const name_of = (label) => label.task + " " + label.key;
  const vocabulary = new Map();
  let known = new Map();
  let tasks = [];
  let offered = [];
  let marked = 0;

  function turn(name, on) {
    const label = known.get(name) || { ...vocabulary.get(name) };
    label.on = on;
    known.set(name, label);
    const about = vocabulary.get(name);
    if (on && about && about.parent && vocabulary.has(about.task + " " + about.parent)) {
      turn(about.task + " " + about.parent, true);
    }
    if (on) return;
    for (const [other, child] of known) {
      const above = vocabulary.get(other);
      if (child.on && above && above.parent === label.key && child.task === label.task) turn(other, false);
    }
  }

  function press(name) {
    turn(name, !known.get(name).on);
    draw();
  }

  function chip_of([name, label], number) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip " + label.task + (label.on ? "" : " off");
    if (numbered && number < 9) {
      const key = document.createElement("kbd");
      key.textContent = number + 1;
      chip.append(key, " ");
    }
    chip.append(label.name + (label.on ? " ✕" : " +"));
    chip.setAttribute("aria-label", (label.on ? "take away " : "add ") + label.name);
    chip.addEventListener("pointerenter", () => point(label.number ?? null));
    chip.addEventListener("pointerleave", () => point(null));
    chip.addEventListener("focus", () => point(label.number ?? null));
    chip.addEventListener("blur", () => point(null));
    chip.addEventListener("click", (event) => {
      const by_key = event.detail === 0;
      press(name);
      if (by_key) chips.children[number].focus();
    });
    return chip;
  }

  function draw() {
    chips.replaceChildren(...[...known].map(chip_of));
  }

  function offer() {
    const wanted = add.value.trim().toLowerCase();
    const rank = (label) => {
      const name = label.name.toLowerCase();
      const at = name.startsWith(wanted) ? 0 : name.includes(" " + wanted) ? 1 : name.includes(wanted) ? 2 : 3;
      return label.key.toLowerCase() === wanted ? -1 : at;
    };
    const free = [...vocabulary.values()].filter((label) => !(known.get(name_of(label)) || {}).on);
    offered = wanted ? free.filter((label) => rank(label) < 3).sort((a, b) => rank(a) - rank(b)).slice(0, 8) : [];
    marked = 0;
    show_offered();
  }

  function show_offered() {
    list.hidden = !add.value.trim();
    add.setAttribute("aria-expanded", String(Boolean(offered.length)));
    if (!offered.length) {
      const none = document.createElement("li");
      none.className = "no";
      none.textContent = "no other tag has this in its name";
      list.replaceChildren(none);
    } else list.replaceChildren(...offered.map((label, number) => {
      const item = document.createElement("li");
      item.id = "found" + number;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(number === marked));
      item.textContent = label.name;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(label); });
      return item;
    }));
    if (!list.hidden) list.scrollIntoView({ block: "nearest" });
    if (offered.length) add.setAttribute("aria-activedescendant", "found" + marked);
    else add.removeAttribute("aria-activedescendant");
  }

  function take(label) {
    turn(name_of(label), true);
    add.value = "";
    draw();
    offer();
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
      event.preventDefault();
      if (offered.length) take(offered[marked]);
      else if (!add.value && !event.repeat) done();
    } else if (event.key === "Escape") {
      if (!add.value) add.blur();
      add.value = "";
      offer();
    } else if (event.key === "Backspace" && !add.value) {
      const on = [...known].filter(([, label]) => label.on);
      if (on.length) press(on.pop()[0]);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "c" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    event.preventDefault();
    add.focus();
  });
  fetch("vocabulary").then((answer) => answer.json()).then((found) => {
    tasks = Object.keys(found);
    for (const task of tasks) for (const { key, name, parent } of found[task]) {
      vocabulary.set(task + " " + key, { task, key, name, parent });
    }
    offer();
  });

  return {
    set(labels) {
      known = new Map(labels.map((label) => [name_of(label), label]));
      add.value = "";
      draw();
      offer();
    },
    press(number) {
      const name = [...known.keys()][number];
      if (name !== undefined) press(name);
    },
    names: () => [...known.values()].filter((label) => label.on).map((label) => label.name),
    chosen: () => Object.fromEntries(tasks.map((task) => [
      task, [...known.values()].filter((label) => label.on && label.task === task).map((label) => label.key),
    ])),
  };
}

function typing(target) {
  return target.matches("input,textarea");
}
