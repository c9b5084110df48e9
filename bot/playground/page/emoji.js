/** Slack's names of common emoji. A name that is not here stays as it was typed. */

const EMOJI = {
  alarm_clock: "⏰", arrow_left: "⬅️", arrow_right: "➡️", arrows_counterclockwise: "🔄", bar_chart: "📊", bell: "🔔",
  bulb: "💡", calendar: "📆", date: "📅", spiral_calendar_pad: "🗓️", chart_with_upwards_trend: "📈", clap: "👏",
  clock1: "🕐", clock3: "🕒", clock9: "🕘", coffee: "☕", cry: "😢", door: "🚪", earth_africa: "🌍",
  earth_americas: "🌎", earth_asia: "🌏", email: "✉️", envelope: "✉️", envelope_with_arrow: "📩", eyes: "👀",
  exclamation: "❗", fire: "🔥", gear: "⚙️", globe_with_meridians: "🌐", grey_question: "❔", handshake: "🤝",
  heart: "❤️", heavy_check_mark: "✔️", heavy_plus_sign: "➕", hourglass: "⌛", hourglass_flowing_sand: "⏳",
  house: "🏠", inbox_tray: "📥", incoming_envelope: "📨", information_source: "ℹ️", joy: "😂", key: "🔑", link: "🔗",
  lock: "🔒", loudspeaker: "📢", mag: "🔍", mailbox: "📫", mailbox_with_mail: "📬", memo: "📝", no_bell: "🔕",
  no_entry: "⛔", no_entry_sign: "🚫", office: "🏢", ok_hand: "👌", outbox_tray: "📤", page_facing_up: "📄",
  paperclip: "📎", party_popper: "🎉", pencil: "📝", pencil2: "✏️", phone: "☎️", telephone_receiver: "📞", pray: "🙏",
  pushpin: "📌", question: "❓", raised_hands: "🙌", rocket: "🚀", rotating_light: "🚨", round_pushpin: "📍",
  seedling: "🌱", simple_smile: "🙂", slightly_smiling_face: "🙂", smile: "😄", smiley: "😃", sparkles: "✨",
  speech_balloon: "💬", star: "⭐", stopwatch: "⏱️", sunny: "☀️", tada: "🎉", thinking_face: "🤔", thread: "🧵",
  thumbsdown: "👎", thumbsup: "👍", "+1": "👍", "-1": "👎", ticket: "🎫", timer_clock: "⏲️", video_camera: "📹",
  movie_camera: "🎥", warning: "⚠️", wastebasket: "🗑️", watch: "⌚", wave: "👋", white_check_mark: "✅",
  white_circle: "⚪", large_blue_circle: "🔵", large_green_circle: "🟢", large_yellow_circle: "🟡", red_circle: "🔴",
  white_large_square: "⬜", large_blue_square: "🟦", large_green_square: "🟩", world_map: "🗺️", x: "❌", zap: "⚡", zzz: "💤",
};

/** The emoji of that name, or null. */
export function emojiNamed(name) {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : null;
}

/** The text with every known `:name:` replaced. */
export function withEmoji(text) {
  return text.replace(/:([\w+-]+):/g, (typed, name) => emojiNamed(name) ?? typed);
}
