// The last step of a registration: the LMS that opened this frame or window is asked to put it away.

const lms = window.opener ?? (window.parent === window ? null : window.parent);

// "*" because Dynamic Registration 1.0 has it so: whoever framed us may have another origin than the LMS's addresses.
// The message says nothing but that we are done.
const close = () => lms.postMessage({ subject: "org.imsglobal.lti.close" }, "*");

for (const way of document.querySelectorAll("[data-close]")) {
  if (!lms) continue; // Opened by hand: whoever opened the tab closes it.
  way.hidden = false;
  if (way.localName === "button") way.addEventListener("click", close);
}
