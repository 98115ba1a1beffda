// The zone that this computer is in, chosen where nobody has chosen one yet, and told beside it.

const select = document.querySelector("select#zone");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if ([...select.options].some(option => option.value === here)) {
  select.value = here;
  document.querySelector("[data-guessed]").hidden = false;
}
