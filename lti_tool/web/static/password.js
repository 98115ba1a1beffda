// While a password is being chosen: how strong it is, in words, and a way to look at it. The server judges by itself.

const words = {
  short: "Too short yet.",
  fair: "Fair. A word more would make it much harder to guess.",
  good: "Good.",
  strong: "Strong.",
};

function strength(text) {
  const length = [...text].length;
  const kinds = new Set(text).size;
  if (length < 12) return "short";
  if (length >= 20 && kinds >= 10) return "strong";
  return length >= 16 && kinds >= 8 ? "good" : "fair";
}

for (const told of document.querySelectorAll("[data-strength]")) {
  const field = document.getElementById(told.dataset.strength);
  const tell = () => { told.textContent = field.value ? words[strength(field.value)] : ""; };
  field.addEventListener("input", tell);
}

for (const button of document.querySelectorAll("[data-show]")) {
  const field = document.getElementById(button.dataset.show);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
}
