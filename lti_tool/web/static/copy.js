// A button that copies what stands beside it; without a script the text can be selected by one click.

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const name = button.dataset.copy;
    const told = document.querySelector(`[data-copied="${name}"]`);
    try {
      await navigator.clipboard.writeText(document.getElementById(name).textContent);
      told.textContent = "Copied.";
    } catch {
      told.textContent = "Not copied: select it and copy it by hand.";
    }
  });
}
