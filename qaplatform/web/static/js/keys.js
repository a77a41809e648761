// Whether a key is part of writing Chinese (or another script that is composed): then it is no command of ours.
// Some browsers send the key that ends a composition after its end, marked only by the key code 229.
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

// Whether somebody is typing into a field.
export function isTyping(event) {
  const target = event.target;
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}
