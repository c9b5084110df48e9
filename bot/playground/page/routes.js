/**
 * The part of the address after `#`, which says what is open, so that every place can be linked:
 * `#/channel/C1`, `#/channel/C1/thread/169…`, `#/app/home`, `#/app/messages`, `#/mail/m1`, `#/calendar/2026-11-23`.
 * Permalinks of messages come as `#C1/169…`.
 */

export const paths = {
  channel: (id) => `#/channel/${id}`,
  thread: (place, ts) => `${place.place === "app" ? "#/app/messages" : paths.channel(place.channel)}/thread/${ts}`,
  home: () => "#/app/home",
  messages: () => "#/app/messages",
  mail: (id) => (id ? `#/mail/${encodeURIComponent(id)}` : "#/mail"),
  calendar: (from) => (from ? `#/calendar/${from}` : "#/calendar"),
};

/** What an address opens: `{ place, channel?, tab?, thread?, mail?, from? }`; unknown ones open the first channel. */
export function routeOf(hash, state) {
  const [place, first, second, third] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  switch (place) {
    case "app":
      return {
        place,
        channel: state.dm.id,
        tab: first === "home" ? "home" : "messages",
        thread: second === "thread" ? third : null,
      };
    case "mail":
      return { place, mail: first || null };
    case "calendar":
      return { place, from: first || null };
    default: {
      const asked = place === "channel" ? first : place;
      if (asked === state.dm.id) return { place: "app", channel: asked, tab: "messages", thread: null };
      const isKnown = state.channels.some((channel) => channel.id === asked);
      return {
        place: "channel",
        channel: isKnown ? asked : firstChannel(state),
        thread: isKnown && second === "thread" ? third : null,
      };
    }
  }
}

/** Where the story begins: a channel that the app posts to, so that its badge in the sidebar can be seen. */
function firstChannel(state) {
  return (state.channels.find((channel) => channel.app_is_member) ?? state.channels[0]).id;
}
