
"use strict";
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const shown = document.getElementById("shown");
  const objects = Array.from(document.querySelectorAll(".object"), (element) => ({
    element,
    namespace: element.dataset.namespace,
    phase: element.dataset.phase,
    findings: Array.from(element.querySelectorAll(".finding"), (finding) => ({
      element: finding,
      severity: finding.dataset.severity,
      policy: finding.dataset.policy,
      text: null,
    })),
  }));
  const total = objects.reduce((sum, object) => sum + object.findings.length, 0);

  // Every word must stand somewhere in the finding, or in the heading of its object.
  const textOf = (object, finding) => {
    if (finding.text === null) {
      const heading = object.element.querySelector("h3");
      const where = object.element.querySelector(".where");
      const parts = [heading, where, finding.element].map((part) => part.textContent);
      finding.text = parts.join(" ").toLowerCase();
    }
    return finding.text;
  };

  const apply = () => {
    const wanted = new FormData(form);
    const severities = new Set(wanted.getAll("severity"));
    const is = (name, value) => [null, "*", value].includes(wanted.get(name));
    const words = wanted.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const object of objects) {
      const isMeant = is("namespace", object.namespace) && is("phase", object.phase);
      let isShown = false;
      for (const finding of object.findings) {
        const isFound = isMeant
          && severities.has(finding.severity)
          && is("policy", finding.policy)
          && words.every((word) => textOf(object, finding).includes(word));
        finding.element.hidden = !isFound;
        count += isFound ? 1 : 0;
        isShown ||= isFound;
      }
      // What has no finding shows what admission fills in.
      object.element.hidden = !isShown && (object.findings.length > 0 || !isMeant);
    }
    shown.textContent = `${count} of ${total} findings`;
  };

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  // The fields are reset after the event.
  form.addEventListener("reset", () => setTimeout(apply, 0));
  apply();
})();
