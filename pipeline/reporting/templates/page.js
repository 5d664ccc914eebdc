"use strict";
(() => {
  const marks = Marks(document.querySelector("article"), [...document.querySelectorAll(".tag")]);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") marks.close(); });

  const form = document.querySelector("form");
  if (form) {
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }

  const correct = document.getElementById("correct");
  if (!correct) return;
  const by = document.getElementById("by");
  const told = correct.querySelector("[role=status]");
  const chips = Chips(correct, { done: save });
  correct.hidden = false;
  by.value = localStorage.getItem("by") || "";
  chips.set([...document.querySelectorAll(".tag:not(.no)")].map((tag) => {
    const { task, label, name } = tag.dataset;
    return { task, key: label, name, on: true };
  }));

  async function save() {
    localStorage.setItem("by", by.value);
    const body = { title: document.getElementById("title").value, text: document.getElementById("text").value };
    Object.assign(body, chips.chosen(), { model: correct.dataset.model, by: by.value });
    try {
      const answer = await fetch("feedback", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
      const found = await answer.json();
      told.textContent = answer.ok ? "Saved. The model learns from it when it is trained next." : found.error;
    } catch (error) {
      told.textContent = "Not saved: the service does not answer.";
    }
  }

  async function copy() {
    const names = chips.names().join("; ");
    try {
      await navigator.clipboard.writeText(names);
      told.textContent = "Copied: " + names;
    } catch (error) {
      told.textContent = names;
    }
  }

  correct.querySelector(".save").addEventListener("click", save);
  correct.querySelector(".copy").addEventListener("click", copy);
})();
