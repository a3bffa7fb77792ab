"""What the commands of tools/gdb ask of GDB, answered by the web page: the same
commands.py runs in both. `page` is the page's own module (tools/web/python.js)."""
import page

COMMAND_DATA = COMMAND_STACK = COMMAND_USER = COMMAND_RUNNING = COMMAND_STATUS = 0
made = {}               # the commands, by name


class error(Exception):
    """GDB's error: a sentence."""


class GdbError(error):
    """The same, raised by a command."""


class MemoryError(error):
    """A place that is not mapped."""


class Command:
    """A command; making one registers it."""

    def __init__(self, name, kind):
        made[name] = self


class Frame:
    """A frame of the call stack; number 0 is the innermost."""

    def __init__(self, number):
        self.number = number

    def name(self):
        """The function's name."""
        return page.frame_name(self.number)

    def older(self):
        """The frame that called this one, or None."""
        return Frame(self.number + 1) if self.number + 1 < page.frame_count() else None

    def select(self):
        """GDB would make it the current frame; the page looks at the innermost."""

    def variable(self, expression):
        """The value of an expression in this frame, or None."""
        return page.frame_value(self.number, expression)


class Stops:
    """The event `stop`."""

    def connect(self, function):
        """Calls the function after every stop."""
        page.hooks.stop = function


class events:
    """The events that the commands wait for."""
    stop = Stops()


def newest_frame():
    """The innermost frame."""
    return Frame(0) if page.frame_count() else None


selected_frame = newest_frame


def string_to_argv(text):
    """The words of a command's argument."""
    return text.split()


def set_convenience_variable(name, value):
    """Keeps a number as $name."""
    page.keep(name, 0 if value is None else int(value) + 0)


def lookup_type(_):
    """Types do not matter here: a number stays a number."""
    return Type()


class Type:
    """A type that converts nothing."""

    def pointer(self):
        """A pointer to it."""
        return self


class Value(int):
    """A number with a type."""

    def cast(self, _):
        """The same number."""
        return self


def execute(text, *_):
    """GDB's own commands are the page's."""
    raise error("the command is not there in the page: " + text)
