// Makes a form of each call in the OpenAPI document. Answers are shown as text, never as markup.
"use strict";

const calls = document.getElementById("api-calls");
const fault = document.getElementById("api-fault");

function made(tag, words, given = {}) {
  const node = document.createElement(tag);
  node.textContent = words;
  for (const [name, value] of Object.entries(given)) node.setAttribute(name, value);
  return node;
}

function resolved(whole, schema) {
  if (schema.$ref === undefined) return schema;
  return whole.components.schemas[schema.$ref.split("/").pop()];
}

function field(whole, id, parameter) {
  const box = made("div", "", { class: "field" });
  const schema = resolved(whole, parameter.schema);
  box.append(made("label", parameter.required ? `${parameter.name} (needed)` : parameter.name, { for: id }));
  let entry;
  if (schema.enum) {
    entry = made("select", "", { id });
    entry.append(made("option", "any", { value: "" }));
    for (const one of schema.enum) entry.append(made("option", String(one), { value: String(one) }));
  } else {
    entry = made("input", "", { id, type: "text", autocomplete: "off" });
  }
  entry.dataset.name = parameter.name;
  entry.dataset.place = parameter.in;
  box.append(entry);
  return box;
}

function example(whole, schema) {
  const shape = resolved(whole, schema);
  const fresh = {};
  for (const [name, one] of Object.entries(shape.properties || {})) {
    const inner = resolved(whole, one);
    fresh[name] = "default" in inner ? inner.default : inner.enum ? inner.enum[0] : "";
  }
  return JSON.stringify(fresh, null, 2);
}

function address(path, form) {
  const query = new URLSearchParams();
  let filled = path;
  for (const entry of form.querySelectorAll("[data-place]")) {
    if (entry.dataset.place === "path") filled = filled.replace(`{${entry.dataset.name}}`, encodeURIComponent(entry.value));
    else if (entry.value !== "") query.set(entry.dataset.name, entry.value);
  }
  return query.size ? `${filled}?${query}` : filled;
}

async function ask(verb, path, form, out) {
  const token = document.getElementById("api-token").value.trim();
  const headers = token ? { authorization: `Bearer ${token}` } : { "x-csrf-token": calls.dataset.csrf };
  const written = form.querySelector("textarea");
  const options = { method: verb.toUpperCase(), headers, credentials: token ? "omit" : "same-origin" };
  if (written) {
    headers["content-type"] = "application/json";
    options.body = written.value;
  }
  try {
    const answer = await fetch(address(path, form), options);
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { shown = text; }
    out.textContent = `${answer.status} ${answer.statusText}\n${shown}`;
  } catch {
    out.textContent = "The console did not answer.";
  }
}

function call(whole, path, verb, one) {
  const box = made("details", "", { class: "card call" });
  const head = made("summary", "");
  head.append(made("span", verb.toUpperCase(), { class: "verb" }), made("code", path), made("span", one.summary));
  const form = made("form", "", { class: "stack-s" });
  form.append(made("p", one.description, { class: "small muted" }));
  for (const parameter of one.parameters) form.append(field(whole, `${one.operationId}-${parameter.name}`, parameter));
  if (one.requestBody) {
    const id = `${one.operationId}-body`;
    const written = made("textarea", example(whole, one.requestBody.content["application/json"].schema), { id, rows: "8" });
    const holder = made("div", "", { class: "field" });
    holder.append(made("label", "Body, as JSON", { for: id }), written);
    form.append(holder);
  }
  const button = made("button", "Try it", { class: "btn", type: "submit" });
  const out = made("pre", "", { role: "status", tabindex: "0", "aria-label": `Answer of ${one.operationId}` });
  form.append(button, out);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(verb, path, form, out);
  });
  box.append(head, form);
  return box;
}

async function begin() {
  try {
    const whole = await (await fetch("/api/openapi.json")).json();
    for (const [path, verbs] of Object.entries(whole.paths)) {
      for (const [verb, one] of Object.entries(verbs)) calls.append(call(whole, path, verb, one));
    }
  } catch {
    fault.textContent = "The description can't be read. Reload the page.";
  }
}

document.getElementById("api-caller").addEventListener("submit", (event) => event.preventDefault());
begin();
