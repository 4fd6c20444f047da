# Writes the command table of the azure-cli in this Python to standard output, as one JSON object.
#
# The table is read off the argparse parser that `az` itself builds, so that it holds what the
# parser does and not what the modules meant: expired options are gone, defaults are applied,
# `--ids` and `--subscription` are added.
import json
import logging
import os
import sys
import tempfile

# Settings of this machine (defaults, extensions, a cloud profile) must not reach the table.
home = tempfile.mkdtemp(prefix="docproof-az-table-")
for name in [name for name in os.environ if name.startswith("AZURE_")]:
    del os.environ[name]
os.environ["AZURE_CONFIG_DIR"] = home
os.environ["AZURE_EXTENSION_DIR"] = os.path.join(home, "cliextensions")
os.environ["AZURE_CORE_COLLECT_TELEMETRY"] = "0"
# What modules print while they load must not mix with the table.
output, sys.stdout = sys.stdout, sys.stderr

from azure.cli.core import get_default_cli
from azure.cli.core import __version__ as core_version
from azure.cli.core.commands.events import (
    EVENT_INVOKER_POST_LOAD_ARGUMENTS, EVENT_INVOKER_PRE_LOAD_ARGUMENTS)
from knack.deprecation import Deprecated
from knack.events import EVENT_INVOKER_POST_CMD_TBL_CREATE, EVENT_INVOKER_PRE_CMD_TBL_CREATE

logging.disable(logging.CRITICAL)


def load():
    """The invoker with the whole table, and which arguments each command required before `--ids`
    took their place."""
    cli = get_default_cli()
    invoker = cli.invocation_cls(
        cli_ctx=cli, commands_loader_cls=cli.commands_loader_cls, parser_cls=cli.parser_cls,
        help_cls=cli.help_cls)
    cli.invocation = invoker
    loader = invoker.commands_loader
    loader.skip_applicability = True
    cli.raise_event(EVENT_INVOKER_PRE_CMD_TBL_CREATE, args=[])
    loader.load_command_table(None)
    loader.command_name = ""
    cli.raise_event(EVENT_INVOKER_PRE_LOAD_ARGUMENTS, commands_loader=loader)
    loader.load_arguments()
    cli.raise_event(EVENT_INVOKER_POST_LOAD_ARGUMENTS, commands_loader=loader)
    required = {}
    for name, command in loader.command_table.items():
        required[name] = {
            argument.type.settings.get("dest"): True
            for argument in command.arguments.values()
            if argument.type.settings.get("id_part") and argument.options.get("required", False)}
    cli.raise_event(EVENT_INVOKER_POST_CMD_TBL_CREATE, commands_loader=loader)
    invoker.parser.cli_ctx = cli
    invoker.parser.load_command_table(loader)
    return invoker, required


def deprecation(info):
    # An announced change is no deprecation; where both are, they are merged into one tag.
    tags = [tag for tag in getattr(info, "tags", [info]) if isinstance(tag, Deprecated)]
    if not tags:
        return None
    info = tags[0]
    return {"redirect": info.redirect and str(info.redirect),
            "expiration": info.expiration and str(info.expiration)}


def arity(action):
    if action.nargs is None:
        return "1"
    return str(action.nargs)


def schema(action):
    """The class of an AAZ argument, which says what values it takes."""
    return type(getattr(action, "_schema", None)).__name__


def accepts(action, value):
    try:
        if action.type is not None:
            value = action.type(value)
    except Exception:
        return False
    return value in action.choices


def choices(action):
    if action.choices is None:
        return None
    values = [str(value) for value in action.choices]
    probe = next((value for value in values if value.swapcase() != value), None)
    any_case = probe is not None and accepts(action, probe.swapcase())
    return {"values": values, "any_case": any_case}


def argument(action, command, required):
    kind = None
    if action.type in (int, float):
        kind = action.type.__name__
    elif schema(action) in ("AAZIntArg", "AAZFloatArg"):
        kind = {"AAZIntArg": "int", "AAZFloatArg": "float"}[schema(action)]
    # A parameter of the command's code, which its parser knows only to refuse it.
    if any(base.__name__ == "IgnoreAction" for base in type(action).__mro__):
        kind = "ignored"
    settings = {}
    for argument in command.arguments.values():
        if argument.type.settings.get("dest") == action.dest:
            settings = argument.type.settings
    default = settings.get("configured_default")
    # azure-cli takes no name from `az configure --defaults` where something is created.
    if command.name.split()[-1] == "create" and settings.get("metavar") == "NAME":
        default = None
    options = []
    for option in action.option_strings:
        info = getattr(option, "deprecate_info", None)
        options.append([str(option), deprecation(info)])
    return {
        "dest": action.dest,
        "options": options,
        "required": bool(action.required),
        "arity": arity(action),
        "choices": choices(action),
        "kind": kind,
        "default": default,
        "unless_ids": bool(required.get(action.dest)) and not action.required,
        "deprecated": deprecation(getattr(action, "deprecate_info", None)),
    }


def table(invoker, required):
    parser = invoker.parser
    loader = invoker.commands_loader
    inherited = {option for parent in parser.parents for option in parent._option_string_actions}
    inherited |= {"-h", "--help"}
    commands = {}
    for name, subparser in parser.subparser_map.items():
        command = loader.command_table[name]
        arguments = []
        for action in subparser._actions:
            if any(option in inherited for option in action.option_strings):
                continue
            # Nobody writes these, nor abbreviates them.
            if action.option_strings and all(o.startswith("--__") for o in action.option_strings):
                continue
            arguments.append(argument(action, command, required[name]))
        commands[name] = {
            "deprecated": deprecation(command.deprecate_info),
            "arguments": arguments,
        }
    groups = {}
    for path, subparsers in parser.subparsers.items():
        if path:
            groups[" ".join(path)] = deprecation(getattr(subparsers, "deprecate_info", None))
    shared = []
    seen = set()
    for parent in parser.parents:
        for action in parent._actions:
            if id(action) not in seen:
                seen.add(id(action))
                shared.append({
                    "dest": action.dest,
                    "options": [[option, None] for option in action.option_strings],
                    "required": False,
                    "arity": arity(action),
                    "choices": choices(action),
                    "kind": None, "default": None, "unless_ids": False, "deprecated": None,
                })
    return {"version": core_version, "global": shared, "groups": groups, "commands": commands}


if __name__ == "__main__":
    json.dump(table(*load()), output, separators=(",", ":"), ensure_ascii=True)
    output.write("\n")
