// Posts the page's form onward at once, as every LMS does in a launch.
document.getElementById("onward").submit();
