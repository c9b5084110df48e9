// What the Customer's pages gain from a script: the browser's own time zone, days first and then times,
// and word that a person has touched the page. Without it everything works, in longer form.
(() => {
  "use strict";
  const page = document.currentScript.dataset;
  const root = document.documentElement;
  const here = new URL(location.href);

  const browserZone = () => {
    try {
      return Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    } catch {
      return "";
    }
  };
  // Browsers know some zones by former names, as Asia/Calcutta for Asia/Kolkata: what counts is what the clocks show.
  const month = 30 * 24 * 60 * 60 * 1000;
  const yearOf = (zone) =>
    Array.from({ length: 12 }, (_, months) =>
      new Date(Date.now() + months * month).toLocaleString("en", { timeZone: zone }),
    ).join();
  const haveSameClock = (one, other) => {
    try {
      return one === other || yearOf(one) === yearOf(other);
    } catch {
      return false;
    }
  };
  const inZone = (zone) => {
    const there = new URL(here);
    there.searchParams.set("tz", zone);
    return there;
  };

  // This runs before anything is painted, so times in the wrong zone are never seen.
  const zone = browserZone();
  if ("askBrowser" in page && zone && zone !== page.zone) {
    root.classList.add("moving");
    setTimeout(() => root.classList.remove("moving"), 3000);
    location.replace(inZone(zone));
  }
  root.classList.add("js");

  // The answer to a form stands at the form's address: a reload is to show the page, not to send again.
  if ("answered" in page) history.replaceState(null, "", page.page);

  const touched = (event) => {
    if (!event.isTrusted) return;
    removeEventListener("pointerdown", touched, true);
    removeEventListener("keydown", touched, true);
    fetch(page.opened, { method: "POST", keepalive: true, credentials: "omit" }).catch(() => {});
  };
  if (page.opened) {
    addEventListener("pointerdown", touched, true);
    addEventListener("keydown", touched, true);
  }

  const offerBrowserZone = () => {
    const hint = document.getElementById("zone-hint");
    if (!hint || !zone || "chosen" in page || "askBrowser" in page || haveSameClock(zone, page.zone)) return;
    const link = document.createElement("a");
    link.href = inZone(zone);
    link.textContent = "Show times there";
    const present = document.querySelector(`#tz option[data-former="${zone}"]`);
    hint.append(`This device is in ${present ? present.value : zone}. `, link);
    hint.hidden = false;
  };

  const followZoneSelect = () => {
    const select = document.getElementById("tz");
    if (!select) return;
    // With a keyboard every arrow would be a change: there, Enter or the button decides.
    let byPointer = false;
    select.addEventListener("pointerdown", () => { byPointer = true; });
    select.addEventListener("keydown", (event) => {
      byPointer = false;
      if (event.key === "Enter") select.form.requestSubmit();
    });
    select.addEventListener("change", () => { if (byPointer) select.form.requestSubmit(); });
  };

  const pickDays = () => {
    const sections = [...document.querySelectorAll(".day")];
    if (!sections.length) return;
    const months = [...document.querySelectorAll(".month")];
    const turns = [...document.querySelectorAll("[data-turn]")];
    const buttons = new Map();

    const choose = (section) => {
      for (const other of sections) other.classList.toggle("chosen", other === section);
      for (const [day, button] of buttons) button.setAttribute("aria-pressed", String(`day-${day}` === section.id));
    };
    const show = (index) => {
      months.forEach((month, n) => { month.hidden = n !== index; });
      for (const turn of turns) {
        const next = index + Number(turn.dataset.turn);
        turn.disabled = next < 0 || next >= months.length;
        turn.onclick = () => show(next);
      }
    };
    for (const section of sections) {
      const day = section.id.slice("day-".length);
      const cell = document.querySelector(`td[data-day="${day}"]`);
      const heading = section.querySelector("h2");
      const count = section.querySelectorAll(".slot").length;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.textContent;
      button.setAttribute("aria-label", `${heading.textContent.trim()}, ${count} ${count === 1 ? "time" : "times"}`);
      button.addEventListener("click", () => {
        choose(section);
        heading.focus({ preventScroll: true });
        if (!matchMedia("(min-width: 960px)").matches) section.scrollIntoView({ block: "start" });
      });
      cell.classList.add("has-times");
      cell.replaceChildren(button);
      buttons.set(day, button);
    }
    if (months.length < 2) turns[0].parentElement.hidden = true;
    show(0);
    choose(sections[0]);
  };

  addEventListener("DOMContentLoaded", () => {
    offerBrowserZone();
    followZoneSelect();
    pickDays();
  });
})();
