/**
 * The page described by values: `h` describes a node, `draw` makes an element's children match descriptions.
 *
 * A node whose key (or place) and type stay is kept, with its focus, caret, scroll position and whatever was
 * typed into it. What belongs to a node's birth only, such as an input's first value, goes into `initial`.
 */

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "use"]);
const NOT_ATTRIBUTES = new Set(["key", "initial", "after"]);

/** node → { identity, description, instance? } as last drawn */
const drawn = new WeakMap();

/**
 * Describe an element (`type` is a tag) or a component (`type` is a function from props to `{ node, update(props) }`).
 *
 * Props are attributes, except `key`; `on…` handlers; `style`, an object of CSS properties; `initial`, DOM properties
 * set at birth; and `after(node, isNew)`, called when the node and its children have been drawn.
 */
export function h(type, props, ...children) {
  return { type, props: props ?? {}, children };
}

/** One of the symbols of icons.svg, decorative. */
export function icon(name) {
  return h("svg", { class: "icon", "aria-hidden": "true" }, h("use", { href: `/playground/static/icons.svg#${name}` }));
}

/** Make the children of `parent` match the descriptions: nested lists are flattened, null and booleans left out. */
export function draw(parent, children) {
  const wanted = identified(children);
  const present = new Map();
  for (const node of [...parent.childNodes]) {
    const identity = drawn.get(node)?.identity;
    if (wanted.has(identity)) present.set(identity, node);
    else node.remove();
  }
  // What is not wanted is gone by now, so nodes that keep their order are never moved: moving one loses its focus.
  let next = parent.firstChild;
  for (const [identity, description] of wanted) {
    const node = present.get(identity);
    if (node === undefined) {
      parent.insertBefore(create(identity, description), next);
    } else {
      if (node === next) next = next.nextSibling;
      else parent.insertBefore(node, next);
      update(node, description);
    }
  }
}

function identified(children) {
  const places = new Map();
  const wanted = new Map();
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || typeof child === "boolean") continue;
    const description = typeof child === "object" ? child : { type: "#text", props: {}, text: String(child) };
    const { type, props } = description;
    const kind = typeof type === "function" ? type.name : type;
    const place = places.get(kind) ?? 0;
    places.set(kind, place + 1);
    let identity = props.key === undefined ? `${kind} ${place}` : `${kind} =${props.key}`;
    while (wanted.has(identity)) identity += "′";
    wanted.set(identity, description);
  }
  return wanted;
}

function create(identity, description) {
  const { type, props, children } = description;
  if (type === "#text") {
    const text = document.createTextNode(description.text);
    drawn.set(text, { identity, description });
    return text;
  }
  if (typeof type === "function") {
    const instance = type(props);
    drawn.set(instance.node, { identity, description, instance });
    return instance.node;
  }
  const node = SVG_TAGS.has(type) ? document.createElementNS(SVG, type) : document.createElement(type);
  drawn.set(node, { identity, description });
  dress(node, {}, props);
  draw(node, children);
  Object.assign(node, props.initial);
  if (props.after) queueMicrotask(() => props.after(node, true));
  return node;
}

function update(node, description) {
  const before = drawn.get(node);
  drawn.set(node, { ...before, description });
  if (description.type === "#text") {
    if (node.data !== description.text) node.data = description.text;
  } else if (before.instance) {
    before.instance.update(description.props);
  } else {
    dress(node, before.description.props, description.props);
    draw(node, description.children);
    description.props.after?.(node, false);
  }
}

function dress(node, before, props) {
  for (const name of new Set([...Object.keys(before), ...Object.keys(props)])) {
    const value = props[name];
    if (NOT_ATTRIBUTES.has(name) || (value === before[name] && name !== "style")) continue;
    if (name.startsWith("on")) node[name] = value ?? null;
    else if (name === "style")
      for (const [property, text] of Object.entries(value ?? {})) node.style.setProperty(property, text);
    else if (value === undefined || value === null || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}
