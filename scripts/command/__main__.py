# SPDX-License-Identifier: GPL-2.0
"""The command rill, but for "rill run": one file for each subcommand."""

import errno
import gc
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import command  # noqa: E402


def said(error: OSError) -> str:
    """What an error means, in one line."""
    why = "not permitted" if error.errno in (errno.EPERM, errno.EACCES) else error.strerror or str(error)
    return f"{error.filename}: {why}" if error.filename else why


def main() -> int:
    """Run what the first word names; an error is one line, and 1."""
    # It soon ends: there is nothing to look for in a hundred thousand rows.
    gc.disable()
    # They may be closed; and a name may have what this terminal's language has not.
    sys.stdout = sys.stdout or open(os.devnull, "w")
    sys.stderr = sys.stderr or open(os.devnull, "w")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    try:
        status = command.run(sys.argv[1], sys.argv[2:])
        sys.stdout.flush()
        return status
    except command.Problem as problem:
        why = str(problem)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # Nothing more is to be flushed at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            # Who read this has seen enough.
            return 0
        why = said(error)
    print(f"rill: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
