// The dialogue is over: the page around the frame goes on to the course.
window.top.location.assign(document.getElementById("leave").href);
