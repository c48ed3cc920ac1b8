"use strict";
const root = document.body;
const rows = [...document.querySelectorAll("section.pair")];
const by = document.getElementById("by");
const left = document.getElementById("left");

function answers() {
  const found = {};
  for (const row of rows) {
    const chosen = row.querySelector("input:checked");
    if (chosen) found[row.dataset.pair] = chosen.value;
  }
  return found;
}

function count() {
  left.textContent = Object.keys(answers()).length + " / " + rows.length;
}

function save() {
  const sheet = {
    kanshiki_review: Number(root.dataset.form), case: root.dataset.case, draw: root.dataset.draw,
    by: by.value.trim(), answers: answers(),
  };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(sheet, null, 1) + "\n"], { type: "application/json" }));
  link.download = "review-" + root.dataset.draw + ".json";
  link.click();
  URL.revokeObjectURL(link.href);
}

async function load(event) {
  const note = document.getElementById("note");
  try {
    const sheet = JSON.parse(await event.target.files[0].text());
    if (sheet.draw !== root.dataset.draw) throw new Error(note.dataset.other);
    by.value = sheet.by || by.value;
    for (const row of rows) {
      for (const input of row.querySelectorAll("input")) input.checked = sheet.answers[row.dataset.pair] === input.value;
    }
    note.textContent = "";
  } catch (error) {
    note.textContent = error.message;
  }
  count();
}

document.getElementById("save").addEventListener("click", save);
document.getElementById("load").addEventListener("change", load);
root.addEventListener("change", count);
root.classList.add("scripted");
count();
