"""What an engine says about input it can't use (contract: one plain sentence and where the fault is)."""


class BadLine(Exception):
    """An input line that can't be answered. `code` is stable kebab-case, `where` a JSON pointer."""

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.where = code, message, where

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "message": self.message, "where": self.where}
