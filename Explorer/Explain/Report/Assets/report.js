"use strict";
for (const button of document.querySelectorAll(".copy button")) {
  button.addEventListener("click", () => {
    const text = button.parentElement.querySelector("pre").textContent;
    const done = () => { button.textContent = "copied"; setTimeout(() => { button.textContent = "copy"; }, 1200); };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done);
  });
}

function element(tag, style, text) {
  const node = document.createElement(tag);
  node.className = style;
  if (text !== undefined) node.textContent = text;
  return node;
}

// What the machine looked like after the first `count` events.
function stateAfter(run, count) {
  const state = { tasks: run.tasks.map(() => ({ at: "", status: "none" })), current: 0, states: new Map(), counts: new Map(), memory: new Map() };
  for (let i = 0; i < count; i++) {
    const e = run.events[i];
    const task = e.k > 0 ? state.tasks[e.k - 1] : null;
    const now = i === count - 1;
    if (task && e.c !== "Sleep" && e.c !== "TaskEnded") {
      const before = state.current > 0 ? state.tasks[state.current - 1] : null;
      if (before && before !== task && before.status === "run") before.status = "ready";
      state.current = e.k;
      task.status = "run";
    }
    switch (e.c) {
      case "Step": if (e.n) task.at = e.w; break;
      case "Spawn": state.tasks[e.a - 1].status = "ready"; break;
      case "Sleep": task.status = "sleep"; task.wait = e.w; break;
      case "Wake": if (state.tasks[e.a - 1].status !== "ended") state.tasks[e.a - 1].status = "ready"; break;
      case "TaskEnded": task.status = "ended"; break;
      case "State": state.states.set(e.n, { words: e.w, now }); break;
      case "Power": state.counts.set("power of " + e.n, { words: e.a, now }); break;
      case "References": state.counts.set("module " + e.n, { words: e.a, now }); break;
      case "MemoryAllocated": state.memory.set(e.n, { status: "allocated", words: "0x" + e.a.toString(16) + ", " + e.b + " bytes", now }); break;
      case "MemoryFreed": { const m = state.memory.get(e.n); if (m) { m.status = "freed"; m.now = now; } break; }
      case "Published": {
        const m = state.memory.get(e.n) || { words: "" };
        state.memory.set(e.n, { status: e.a ? "published" : m.status === "freed" ? "freed" : "allocated", words: m.words, now });
        break;
      }
      default: break;
    }
  }
  return state;
}

function time(ns) { return (ns / 1e9).toFixed(6) + " s"; }

function chips(parent, map) {
  parent.replaceChildren();
  for (const [name, value] of map) {
    const chip = element("span", "chip" + (value.now ? " now" : ""), name + " ");
    chip.append(element("b", "", String(value.words)));
    parent.append(chip);
  }
}

for (const player of document.querySelectorAll(".player")) {
  const run = JSON.parse(player.querySelector("script").textContent);
  const find = name => player.querySelector("." + name);
  const slider = player.querySelector("input");
  const output = player.querySelector("output");
  slider.max = run.events.length;
  slider.value = run.finding + 1;
  run.events.forEach((e, i) => {
    if (!e.x) return;
    const mark = element("i", "");
    mark.style.left = "calc(" + (100 * (i + 1) / run.events.length) + "% - 1px)";
    find("track").append(mark);
  });
  const show = () => {
    const count = Number(slider.value);
    const state = stateAfter(run, count);
    const last = run.events[count - 1];
    output.textContent = "event " + count + " of " + run.events.length + ", " + time(last ? last.t : 0);
    find("tasks").replaceChildren(...run.tasks.map((task, i) => {
      const s = state.tasks[i];
      if (s.status === "none") return null;
      const row = element("div", "task " + s.status + (task.host ? "" : " remote"), task.name);
      row.append(element("span", "what", s.status === "sleep" ? "sleeps: " + s.wait : s.status === "ended" ? "ended" : s.status === "ready" ? "ready" : s.at));
      return row;
    }).filter(row => row));
    chips(find("states"), state.states);
    chips(find("counts"), state.counts);
    find("memory").replaceChildren(...[...state.memory].map(([name, m]) => {
      const row = element("div", "piece " + m.status + (m.now ? " now" : ""), name);
      row.append(element("span", "what", m.status + " " + m.words));
      return row;
    }));
    const from = Math.max(0, Math.min(count - 7, run.events.length - 12));
    find("events").replaceChildren(...run.events.slice(from, from + 12).map((e, i) => {
      const who = e.k > 0 ? run.tasks[e.k - 1].name + ": " : "";
      const what = e.c === "Log" ? "log: " + e.n : e.c === "State" ? e.n + " " + e.w : e.c === "Sleep" ? "sleeps in " + e.w : e.w;
      return element("div", (from + i === count - 1 ? "now" : "") + (e.x ? " x" : ""), String(from + i + 1).padStart(4) + "  " + who + what);
    }));
  };
  const move = by => { slider.value = Number(slider.value) + by; show(); };
  let timer = 0;
  find("back").addEventListener("click", () => move(-1));
  find("next").addEventListener("click", () => move(1));
  find("play").addEventListener("click", event => {
    if (timer) { clearInterval(timer); timer = 0; event.target.textContent = "play"; return; }
    if (Number(slider.value) >= run.events.length) slider.value = 0;
    event.target.textContent = "pause";
    timer = setInterval(() => {
      move(1);
      if (Number(slider.value) >= run.events.length) { clearInterval(timer); timer = 0; event.target.textContent = "play"; }
    }, 120);
  });
  find("fatal").addEventListener("click", () => { slider.value = run.finding + 1; show(); });
  slider.addEventListener("input", show);
  show();
}
