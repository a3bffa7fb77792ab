"""`info locals` for code that was compiled with -Og. GDB says "<optimized out>" about a
variable that the compiled code keeps nowhere on a line: before its first value, or
after its last use. This command says so in words.
"""
import gdb

NOWHERE = "no value on this line: it has none yet, or it is not needed any more"


def variables(frame):
    """(name, value) of the local variables of a frame, the innermost block first."""
    block = frame.block()
    while block is not None and not block.is_global and not block.is_static:
        for symbol in block:
            if symbol.is_variable:
                yield symbol.name, frame.read_var(symbol, block)
        if block.function is not None:
            return
        block = block.superblock


class Locals(gdb.Command):
    """info locals: the local variables of the selected frame, one a line.
A variable that the compiled code keeps nowhere on this line is named with the reason."""

    def __init__(self):
        super().__init__("info locals", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        if argument:
            raise gdb.GdbError("info locals: it takes no argument here; "
                               "`print NAME` shows one variable")
        try:
            found = list(variables(gdb.selected_frame()))
        except (gdb.error, RuntimeError) as e:
            raise gdb.GdbError(f"info locals: {e}") from e
        for name, value in found:
            print(f"{name} = " + (f"<{NOWHERE}>" if value.is_optimized_out
                                  else value.format_string()))
        if not found:
            print("No locals.")


Locals()
