// Previews that come clear where the person points or focuses, keys, and the time to undo. All of it works without.
"use strict";

const POINTED_MS = 300;
const ALIVE_MS = 10000;
const HIDDEN = "scrubin-hide-previews";

function whenReady(run) {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
  else run();
}

/* One picture: clear after a moment of pointing or focus, blurred again when left. */
function shy(box, image, clear) {
  const blurred = image.getAttribute("src");
  let timer = 0;
  let shown = false;
  const show = () => {
    if (document.body.classList.contains("hide-previews")) return;
    shown = true;
    image.src = clear;
  };
  const wait = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(show, POINTED_MS);
  };
  const hide = () => {
    window.clearTimeout(timer);
    if (shown) image.src = blurred;
    shown = false;
  };
  box.addEventListener("pointerenter", wait);
  box.addEventListener("pointerleave", hide);
  box.addEventListener("focusin", wait);
  box.addEventListener("focusout", hide);
  document.addEventListener("scrubin-hide", hide);
}

function thumbs() {
  for (const one of document.querySelectorAll(".thumb")) {
    const image = one.querySelector("img[data-clear]");
    if (image) shy(one, image, image.dataset.clear);
  }
}

function copies() {
  for (const one of document.querySelectorAll(".mini")) {
    const image = one.querySelector("img[data-clear]");
    if (image) shy(one, image, image.dataset.clear);
  }
}

function panel() {
  const box = document.getElementById("preview");
  const button = document.getElementById("show");
  if (!box || !button) return;
  const image = box.querySelector("img");
  const word = button.querySelector("span");
  let clear = image.getAttribute("src") === image.dataset.clear;
  const turn = (wanted) => {
    clear = wanted && !document.body.classList.contains("hide-previews");
    image.src = clear ? image.dataset.clear : image.dataset.blurred;
    word.textContent = clear ? "Blur it" : "Show it";
  };
  button.setAttribute("role", "button");
  button.addEventListener("click", (event) => {
    event.preventDefault();
    turn(!clear);
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    turn(!clear);
  });
  let timer = 0;
  box.addEventListener("pointerenter", () => {
    timer = window.setTimeout(() => turn(true), POINTED_MS);
  });
  box.addEventListener("pointerleave", () => {
    window.clearTimeout(timer);
    turn(false);
  });
  document.addEventListener("scrubin-hide", () => turn(false));
}

function hiding() {
  const button = document.getElementById("hide-all");
  if (!button) return () => undefined;
  const word = button.querySelector("span");
  const set = (hidden) => {
    document.body.classList.toggle("hide-previews", hidden);
    word.textContent = hidden ? "Allow previews" : "Hide all previews";
    window.sessionStorage.setItem(HIDDEN, hidden ? "yes" : "");
    if (hidden) document.dispatchEvent(new Event("scrubin-hide"));
  };
  const turn = () => set(!document.body.classList.contains("hide-previews"));
  button.hidden = false;
  button.addEventListener("click", turn);
  if (window.sessionStorage.getItem(HIDDEN)) set(true);
  return turn;
}

function press(id) {
  const target = document.getElementById(id);
  if (!target) return false;
  target.click();
  return true;
}

function choose(number) {
  const lines = document.querySelectorAll("#decide input[name=decision]");
  const one = lines[number - 1];
  if (!one) return false;
  one.checked = true;
  one.focus();
  return true;
}

/* Single keys act only inside the panel, and never while something is typed. */
function keys(hide) {
  const frame = document.getElementById("review");
  const area = document.getElementById("panel");
  if (!frame || !area || frame.dataset.keys !== "on") return;
  const typed = (target) => target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  const acts = {
    j: () => press("after"),
    k: () => press("before"),
    u: () => press("undo"),
    h: () => { hide(); return true; },
    "?": () => { const help = document.getElementById("keys"); if (help) help.focus(); return Boolean(help); },
  };
  area.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typed(event.target)) return;
    const act = /^[1-7]$/.test(event.key) ? () => choose(Number(event.key)) : acts[event.key.toLowerCase()];
    if (act && act()) event.preventDefault();
  });
  if (area.closest(".on-panel") && window.location.hash === "#panel") area.focus({ preventScroll: false });
}

/* The button says how many copies are ticked, and the form posts that number. */
function counting() {
  const form = document.getElementById("confirm");
  if (!form) return;
  const button = document.getElementById("delete");
  const boxes = [...form.querySelectorAll("input[data-copy]")];
  const gates = [...form.querySelectorAll(".gate-tick")];
  const count = () => {
    const ticked = boxes.filter((box) => box.checked && !box.disabled).length;
    form.elements.count.value = String(ticked);
    button.querySelector("span").textContent = ticked === 1 ? "Delete 1 copy" : `Delete ${ticked} copies`;
    button.disabled = ticked === 0 || gates.some((gate) => !gate.checked);
  };
  form.addEventListener("change", count);
  count();
}

function copying() {
  const button = document.getElementById("copy-note");
  const note = document.getElementById("note");
  if (!button || !note) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const said = (word) => { button.querySelector("span").textContent = word; };
    const select = () => { note.focus(); note.select(); said("Press Ctrl+C"); };
    if (!navigator.clipboard) { select(); return; }
    navigator.clipboard.writeText(note.value).then(() => said("Copied"), select);
  });
}

/* The time to undo runs here; the page process keeps its own time and refuses what comes too early. */
function waiting() {
  const box = document.getElementById("waiting");
  if (!box) return;
  const now = document.getElementById("now");
  const told = document.getElementById("told");
  const bar = document.getElementById("undo-left");
  const head = document.getElementById("left");
  const began = performance.now();
  const left = box.dataset.left === "" ? null : Number(box.dataset.left);
  const ready = Number(box.dataset.ready);
  const alive = () => fetch(box.dataset.alive, {
    method: "POST", body: new URLSearchParams(), credentials: "same-origin",
  }).then((answer) => { if (!answer.ok) window.location.reload(); }, () => undefined);
  window.setInterval(alive, ALIVE_MS);
  const timer = window.setInterval(() => {
    const passed = (performance.now() - began) / 1000;
    if (left === null) {
      if (passed < ready) return;
      now.querySelector("button").hidden = false;
      window.clearInterval(timer);
      return;
    }
    const rest = Math.max(0, Math.ceil(left - passed));
    if (bar) bar.value = rest;
    if (head) head.textContent = String(rest);
    if (rest % 10 === 0 && told.dataset.at !== String(rest)) {
      told.dataset.at = String(rest);
      told.textContent = rest ? `${rest} seconds left to undo` : "Deleting now";
    }
    if (rest > 0) return;
    window.clearInterval(timer);
    now.submit();
  }, 250);
}

whenReady(() => {
  thumbs();
  copies();
  panel();
  const hide = hiding();
  keys(hide);
  counting();
  copying();
  waiting();
});
