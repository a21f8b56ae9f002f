// Keeps what the person has unfolded when the page renews itself, lets ages grow, and says aloud how far the check is.
"use strict";
(() => {
  const SPEAK_MS = 10000;
  const AGES_MS = 15000;
  const UNITS = [[86400, "day"], [3600, "hour"], [60, "minute"]];
  const RESTS = 286; // the page asks no more, so that it can end
  let open = new Set();
  let spoke = 0;

  const show = (id, shown) => {
    const found = document.getElementById(id);
    if (found) found.hidden = !shown;
  };

  const age = (seconds) => {
    for (const [size, word] of UNITS) {
      const count = Math.floor(seconds / size);
      if (count >= 1) return count + " " + word + (count === 1 ? "" : "s") + " ago";
    }
    return "just now";
  };

  const ages = () => {
    for (const one of document.querySelectorAll("#live time")) {
      const seconds = (Date.now() - Date.parse(one.dateTime)) / 1000;
      const text = age(seconds);
      if (seconds >= 0 && one.textContent !== text) one.textContent = text;
    }
  };

  const speak = () => {
    const said = document.getElementById("said");
    const head = document.getElementById("answer");
    const spoken = document.getElementById("spoken");
    if (!said || !head || !spoken) return;
    const busy = document.getElementById("stop");
    if (busy && Date.now() - spoke <= SPEAK_MS) return;
    if (!busy && said.textContent === "") return; // nothing ran while this page was open
    spoke = Date.now();
    const text = busy ? spoken.textContent : head.textContent;
    if (said.textContent !== text) said.textContent = text;
  };

  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("#live details")) one.open = true;
  });
  document.addEventListener("htmx:beforeSwap", () => {
    open = new Set([...document.querySelectorAll("#live details[open]")].map((one) => one.id));
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const id of open) {
      const found = document.getElementById(id);
      if (found) found.open = true;
    }
    const head = document.getElementById("answer");
    if (head) document.title = head.textContent + " - scrubin";
    speak();
  });
  document.addEventListener("htmx:afterRequest", (event) => show("asleep", event.detail.xhr.status === RESTS));
  document.addEventListener("htmx:sendError", () => {
    show("asleep", false);
    show("gone", true);
  });
  setInterval(ages, AGES_MS);
})();
