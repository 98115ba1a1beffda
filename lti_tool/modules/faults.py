"""How the readers of this room say that something is wrong: `problem` begins a sentence, `fix` is a whole one."""

from lti_tool.assessments import Issue


class MediaFault(Exception):
    """Why a file cannot be taken: `problem`, its `line` (0 where the file has none), and the `fix`."""

    def __init__(self, problem: str, fix: str, line: int = 0) -> None:
        super().__init__(problem)
        self.problem, self.fix, self.line = problem, fix, line


def fault(path: str, problem: str, fix: str, line: int = 0) -> Issue:
    """An issue that keeps the package from being published."""
    return Issue(path=path, line=line, problem=problem, fix=fix, fatal=True)


def warning(path: str, problem: str, fix: str, line: int = 0) -> Issue:
    """An issue that an author should know of, but that stops nothing."""
    return Issue(path=path, line=line, problem=problem, fix=fix, fatal=False)
