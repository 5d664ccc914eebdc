"use strict";
(() => {
  const main = document.querySelector("main");
  const holder = document.getElementById("holder");
  const why = document.getElementById("why");
  const box = document.getElementById("correct");
  const told = document.getElementById("told");
  const progress = document.getElementById("progress");
  const who = document.getElementById("who");
  const by = document.getElementById("by");
  const buttons = [...document.querySelectorAll(".actions button")];
  const chips = Chips(box, { done: accept, point, numbered: true });
  let marks = null;
  let tags = [];
  let current = null;
  let busy = false;
  by.value = localStorage.getItem("by") || who.dataset.by;

  const me = () => by.value.trim();
  const body = () => ({ article: current.key, by: me() });

  async function ask(path, sent) {
    const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(sent) });
    const found = await answer.json().catch(() => ({ error: "the service answered " + answer.status }));
    if (!answer.ok) throw new Error(found.error);
    return found;
  }

  async function step(work) {
    if (busy || !me()) return;
    busy = true;
    buttons.forEach((button) => { button.disabled = true; });
    told.classList.remove("error");
    try {
      await work();
    } catch (error) {
      told.classList.add("error");
      told.textContent = "Not done: " + (error instanceof TypeError ? "the service does not answer." : error.message);
    }
    busy = false;
    buttons.forEach((button) => { button.disabled = button.id !== "back" && !current; });
  }

  async function go(more, say) {
    const found = await ask("label/next", { by: me(), ...more });
    current = found.article;
    show(found);
    if (say) told.textContent = say;
    else told.textContent = current && current.did ? "You " + current.did + " this one: accept it to change what you said." : "";
  }

  function show(found) {
    const { articles, labelled, own } = found.progress;
    progress.textContent = labelled + " of " + articles + " labelled, " + own + " by you";
    progress.style.setProperty("--done", (100 * labelled / Math.max(1, articles)).toFixed(1) + "%");
    main.classList.toggle("over", !current);
    holder.innerHTML = current ? current.html : "";
    why.innerHTML = current ? current.why : "";
    tags = [...why.querySelectorAll(".tag")];
    marks = Marks(holder.querySelector("article"), tags);
    chips.set(current ? current.tags : []);
    scrollTo(0, 0);
    if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
  }

  function point(number) {
    if (marks) marks.show(number === null ? null : tags.find((tag) => Number(tag.dataset.tag) === number) || null);
  }

  function accept() {
    return current && step(async () => {
      await ask("label/keep", { ...body(), ...chips.chosen(), model: current.model });
      await go({}, "Saved. b goes back.");
    });
  }

  function skip() {
    return current && step(async () => {
      await ask("label/skip", body());
      await go({}, "Skipped. b goes back.");
    });
  }

  const back = () => step(() => go({ back: true, at: current ? current.key : "" }));

  function begin(event) {
    event.preventDefault();
    if (!me()) return;
    localStorage.setItem("by", me());
    document.getElementById("name").textContent = me();
    who.hidden = true;
    main.hidden = false;
    step(() => go({}));
  }

  who.addEventListener("submit", begin);
  document.getElementById("name").addEventListener("click", () => {
    main.hidden = true;
    who.hidden = false;
    by.focus();
  });
  document.getElementById("accept").addEventListener("click", accept);
  document.getElementById("skip").addEventListener("click", skip);
  document.getElementById("back").addEventListener("click", back);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && marks) marks.close();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || main.hidden || typing(event.target)) return;
    if (event.key === "Enter" && event.target === document.body) accept();
    else if (event.key === "s") skip();
    else if (event.key === "b") back();
    else if (/^[1-9]$/.test(event.key)) chips.press(Number(event.key) - 1);
    else return;
    event.preventDefault();
  });
  if (me()) begin(new Event("submit"));
  else by.focus();
})();
