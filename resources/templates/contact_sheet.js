// SPDX-License-Identifier: GPL-3.0-or-later
(() => {
  const form = document.querySelector("form"), sheet = document.querySelector("main");
  const figures = [...document.querySelectorAll("figure")];
  const overlays = ["", "fill", "bare"];
  const show = () => {
    const wanted = new Set([...form.querySelectorAll("[name=flag]:checked")].map(box => box.value));
    let n = 0;
    for (const f of figures) {
      const out = !wanted.has(f.dataset.flag);
      f.classList.toggle("out", out);
      n += out ? 0 : 1;
    }
    sheet.className = form.overlay.value + (form.lesion.checked ? "" : " whole");
    document.getElementById("shown").textContent = n + " of " + figures.length + " shown";
  };
  form.addEventListener("change", show);
  form.addEventListener("submit", event => event.preventDefault());
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select")) return;
    const key = event.key.toLowerCase();
    if (key === "f") form.overlay.value = overlays[(overlays.indexOf(form.overlay.value) + 1) % 3];
    else if (key === "t") form.lesion.checked = !form.lesion.checked;
    else if (key === "arrowright" || key === "arrowleft") {
      const seen = figures.filter(f => !f.classList.contains("out"));
      const to = seen.indexOf(document.activeElement) + (key === "arrowright" ? 1 : -1);
      if (seen[Math.max(0, to)]) seen[Math.max(0, Math.min(to, seen.length - 1))].focus();
    } else return;
    event.preventDefault();
    show();
  });
  show();
})();
