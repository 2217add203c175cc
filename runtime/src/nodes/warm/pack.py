"""Puts the code that every case runs side by side.

An instruction that the interpreter can't adapt counts how often it is run, on the page where its code is; and a case pays for each page that it writes to.
"""

import gc
import types

from _parallax_changes import same_object


def pack():
    """Has functions of the import system, and those that begin a case, run copies of their code, which lie together; those that were run since this was called last."""
    # What rehearsals have left behind has code, too. It tells nothing of what is frozen.
    gc.unfreeze()
    gc.collect()
    functions = [thing for thing in gc.get_objects() if type(thing) is types.FunctionType and _is_ours(thing.__code__)]
    copies = {}
    for function in functions:
        code = function.__code__
        copy = _copy(code, copies)
        if copy is not code:
            function.__code__ = copy
    gc.freeze()


def _is_ours(code):
    return code.co_filename == __file__ or code.co_filename.startswith("<frozen ")


def _copy(code, copies):
    """The code with copies of all that was run; functions that had the same code have the same copy."""
    # By its number, as codes with the same text are equal.
    number = id(code)
    if number not in copies:
        consts = tuple(_copy(const, copies) if type(const) is types.CodeType else const for const in code.co_consts)
        is_new = not all(map(same_object, consts, code.co_consts))
        copy = code.replace(co_consts=consts)
        was_run = copy._co_code_adaptive != code._co_code_adaptive
        # With the code itself, so that its number stays its own.
        copies[number] = code, copy if is_new or was_run else code
    return copies[number][1]
