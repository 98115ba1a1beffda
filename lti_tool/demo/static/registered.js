// The tool says in its frame that its registration is over; the list then shows what came of it.
const frame = document.getElementById("registration");
addEventListener("message", told => {
  if (told.source !== frame.contentWindow || told.origin !== frame.dataset.tool) return;
  if (told.data?.subject === "org.imsglobal.lti.close") location.assign("/tools");
});
