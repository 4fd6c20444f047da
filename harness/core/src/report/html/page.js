(() => {
  "use strict";
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const seen = (element) => element.getClientRects().length > 0;
  const choose = (id) => {
    const button = document.getElementById(id);
    if (button && button.type === "radio") button.checked = true;
  };

  // A link to a step shows the walkthrough that it is of.
  const follow = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (/^c(\d+|all)$/.test(id)) {
      choose(id);
      scrollTo(0, 0);
      return;
    }
    const step = /^r(\d+)-\d+$/.exec(id);
    if (step) choose("c" + step[1]);
    const target = id && document.getElementById(id);
    if (!target) return;
    if (!seen(target)) choose("f-all");
    if (!seen(target)) choose("call");
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  if (location.hash) follow();

  const go = (selector, by) => {
    const list = all(selector).filter(seen);
    const at = list.findIndex((one) => one === document.activeElement);
    let next = at + by;
    if (at < 0) {
      // From where the reader is looking.
      const below = list.findIndex((one) => one.getBoundingClientRect().top > 1);
      next = by > 0 ? below : (below < 0 ? list.length : below) - 1;
    }
    const target = list[next];
    if (!target) return;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
  };
  const turn = (name) => {
    const list = all(`input[name=${name}]`);
    const at = list.findIndex((one) => one.checked);
    const next = list[(at + 1) % list.length];
    if (next) next.checked = true;
  };
  const bad = [".failed", ".could-not-run", ".not-emulated"].map((one) => ".result" + one).join(",");
  const keys = {
    j: () => go(".block", 1),
    k: () => go(".block", -1),
    n: () => go(bad, 1),
    p: () => go(bad, -1),
    w: () => turn("walkthrough"),
    f: () => turn("filter"),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  for (const one of all(".result")) one.tabIndex = -1;
  for (const one of all(".keys")) one.hidden = false;

  // On paper nothing can be opened.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
})();
