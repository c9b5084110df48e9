/** The current user's week as their own calendar has it. */

import { dateInWords, hourInWords, localDate, minuteOfDay, plusDays, timeOfDay } from "./dates.js";
import { h, icon } from "./dom.js";
import { paths } from "./routes.js";

const DAYS = 7;
const FULL_DAY_MS = 86_400_000;
/** An event shorter than this has room for one line. */
const SHORT_MIN = 40;
const USUAL_HOURS = { first: 8, last: 18 };

export function calendarPane(page) {
  const zone = page.me.time_zone;
  const from = page.route.from ?? startingMonday(page.today);
  const week = page.week(from);
  const days = Array.from({ length: DAYS }, (_, index) => plusDays(from, index));
  return [
    h(
      "div",
      { class: "pane-header" },
      h("h1", {}, icon("calendar"), `${page.me.real_name}'s calendar`),
      h(
        "nav",
        { class: "week-steps", "aria-label": "Weeks" },
        h(
          "a",
          { class: "icon-button", href: paths.calendar(plusDays(from, -DAYS)), "aria-label": "Earlier" },
          icon("left"),
        ),
        h(
          "span",
          { class: "week-words" },
          `${dateInWords(from, { day: "numeric", month: "short" })} – ${dateInWords(days.at(-1), { day: "numeric", month: "short", year: "numeric" })}`,
        ),
        h(
          "a",
          { class: "icon-button", href: paths.calendar(plusDays(from, DAYS)), "aria-label": "Later" },
          icon("right"),
        ),
        h("a", { class: "button small", href: paths.calendar() }, "Today"),
      ),
      h("p", { class: "pane-note" }, `Times in ${zone.replaceAll("_", " ")}`),
    ),
    week?.trouble && h("p", { class: "trouble", role: "alert" }, week.trouble),
    grid(
      page,
      days,
      (week?.events ?? []).map((event) => placed(event, zone)),
      week,
    ),
  ];
}

/** The week that people think of: from Saturday on, the one to come. */
function startingMonday(today) {
  const sinceMonday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  return plusDays(today, sinceMonday >= 5 ? DAYS - sinceMonday : -sinceMonday);
}

/** The event with its local day and minutes; what runs past midnight ends with its first day. */
function placed(event, zone) {
  const start = new Date(event.start);
  const end = new Date(event.end);
  const date = localDate(start, zone);
  const from = minuteOfDay(start, zone);
  const to = localDate(end, zone) === date ? minuteOfDay(end, zone) : 1440;
  return { ...event, start, end, date, from, to: Math.max(to, from + 15), isWholeDay: end - start >= FULL_DAY_MS };
}

function grid(page, days, events, week) {
  const timed = events.filter((event) => !event.isWholeDay);
  const first = Math.min(USUAL_HOURS.first, ...timed.map((event) => Math.floor(event.from / 60)));
  const last = Math.max(USUAL_HOURS.last, ...timed.map((event) => Math.ceil(event.to / 60)));
  const hours = Array.from({ length: last - first }, (_, index) => first + index);
  return h(
    "div",
    { class: "week", style: { "--hours": String(hours.length) }, "aria-busy": week === null ? "true" : null },
    h(
      "div",
      { class: "hours", "aria-hidden": "true" },
      hours.map((hour) => h("span", {}, hourInWords(hour))),
    ),
    days.map((date) =>
      day(
        page,
        date,
        events.filter((event) => event.date === date),
        first,
      ),
    ),
  );
}

function day(page, date, events, firstHour) {
  const timed = events.filter((event) => !event.isWholeDay);
  const name = dateInWords(date, { weekday: "long", day: "numeric", month: "long" });
  return h(
    "section",
    { key: date, class: `day-column ${date === page.today ? "is-today" : ""}`, "aria-label": name },
    h(
      "h2",
      {},
      h("span", {}, dateInWords(date, { weekday: "short" })),
      " ",
      h("strong", {}, dateInWords(date, { day: "numeric" })),
    ),
    events
      .filter((event) => event.isWholeDay)
      .map((event) => h("p", { key: event.uid, class: `whole-day ${look(event)}` }, event.title)),
    h(
      "ul",
      { class: "day-events" },
      sideBySide(timed).map((event) => block(page, event, firstHour)),
    ),
    timed.length === 0 && h("p", { class: "nothing" }, "Nothing planned"),
  );
}

function block(page, event, firstHour) {
  const zone = page.me.time_zone;
  const time = `${timeOfDay(event.start, zone)} – ${timeOfDay(event.end, zone)}`;
  const people = event.attendees.map((attendee) => attendee.name || attendee.email);
  const style = {
    "--top": String((event.from - firstHour * 60) / 60),
    "--length": String((event.to - event.from) / 60),
    "--lane": String(event.lane),
    "--lanes": String(event.lanes),
  };
  return h(
    "li",
    {
      key: `${event.uid} ${event.from}`,
      class: `event ${look(event)} ${event.to - event.from < SHORT_MIN ? "is-short" : ""}`,
      style,
      title: [event.title, time, event.location, people.join(", ")].filter(Boolean).join("\n"),
    },
    h("span", { class: "event-title" }, event.title),
    h("span", { class: "event-time" }, isCancelled(event) ? `Cancelled · ${time}` : time),
    event.location && h("span", { class: "event-place" }, event.location),
  );
}

function look(event) {
  return `${isCancelled(event) ? "is-cancelled" : ""} ${event.transparent ? "is-free" : ""}`;
}

function isCancelled(event) {
  return /^cancell?ed$/i.test(event.status ?? "");
}

/** Events that overlap share the width: each gets a lane, and every cluster as many lanes as it needs. */
function sideBySide(events) {
  const sorted = [...events].sort((one, other) => one.from - other.from || other.to - one.to);
  const clusters = [];
  for (const event of sorted) {
    const cluster = clusters.at(-1);
    if (cluster && event.from < cluster.to) {
      cluster.events.push(event);
      cluster.to = Math.max(cluster.to, event.to);
    } else {
      clusters.push({ to: event.to, events: [event] });
    }
  }
  return clusters.flatMap(({ events: members }) => {
    const ends = [];
    const laned = members.map((event) => {
      const free = ends.findIndex((end) => end <= event.from);
      const lane = free < 0 ? ends.length : free;
      ends[lane] = event.to;
      return { ...event, lane };
    });
    return laned.map((event) => ({ ...event, lanes: ends.length }));
  });
}
