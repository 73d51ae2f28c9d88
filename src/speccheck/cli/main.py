"""The ``speccheck`` command: a group that imports a command when it is called, so that ``--help`` is quick."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import sys
import traceback
from typing import Any

import click

from speccheck import __version__
from speccheck.cli.exit_codes import ExitCode

_COMMANDS = {
    "baseline": "speccheck.cli.baseline",
    "build": "speccheck.cli.build",
    "explain": "speccheck.cli.explain",
    "judge": "speccheck.cli.judge",
    "list": "speccheck.cli.list",
    "report": "speccheck.cli.report",
    "run": "speccheck.cli.run",
    "schema": "speccheck.cli.schema",
    "validate": "speccheck.cli.validate",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for, and shows errors as diagnostics."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve a command as click does, with a suggestion for a misspelled name."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], sorted(_COMMANDS), 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of a plugin, run, baseline or selection is shown with its remedy, exit code 2."""
        from speccheck.cli.errors import as_diagnostics, show

        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(ExitCode.INTERRUPTED)
        except Exception as error:
            diagnostics = as_diagnostics(error)
            if diagnostics is not None:
                show(diagnostics)
                sys.exit(ExitCode.INVALID)
            if isinstance(error, (click.ClickException, click.exceptions.Exit, click.Abort)):
                raise
            # A defect of speccheck. Exit code 1 would mean that a spec was judged and failed.
            traceback.print_exc()
            click.echo("speccheck itself failed; the output above is incomplete", err=True)
            sys.exit(ExitCode.ERROR)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="speccheck")
def main() -> None:
    """Audit machine-learning pipelines against YAML specs: checks measure, specs judge, unknown is never green.

    \b
    speccheck run SPEC        measure and judge every entry; exit 0 PASS, 1 FAIL, 2 invalid, 3 ERROR, 4 NOTHING JUDGED
    speccheck validate SPEC   find every mistake in a spec without running anything
    speccheck explain NAME    show what a check, constraint, loader, reporter or diagnostic code is
    """


def entry() -> None:
    """Run the command as the console script, and end the process with its exit code.

    Audited code may leave exit handlers or threads that print into a report or exit with another code. So the handlers
    run contained, and the process ends without waiting for threads.
    """
    # Imported modules do not become garbage; loading a spec turns collection on again, before anything is built.
    gc.disable()
    # Where the caller closed a stream: a report that cannot be written must not end in exit 0, remarks may get lost.
    for name, descriptor, access in (("stdout", 1, os.O_RDONLY), ("stderr", 2, os.O_WRONLY)):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, access), descriptor)
            setattr(sys, name, os.fdopen(descriptor, "w"))
    code: int | str | None = ExitCode.ERROR
    try:
        main()
    except SystemExit as end:
        code = end.code
    status = code if isinstance(code, int) else ExitCode.PASS if code is None else ExitCode.INVALID
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has what it wants
        pass
    except OSError:  # what was to be printed is lost
        status = status or ExitCode.ERROR
    if "speccheck.executors.inline" in sys.modules:  # audited code may have run here
        from speccheck.executors.containment import Ground

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        with contextlib.suppress(BaseException), Ground().contained():
            atexit._run_exitfuncs()
    os._exit(status)
