# Makes up command lines and writes what azure-cli's own parser says of each: the fixture
# `verdicts.tsv` beside this file. Run it with the Python of the azure-cli that the stored table
# is of:
#
#     python verdicts.py SEED COUNT > verdicts.tsv
#
# A line is a verdict, a tab, and the words as a JSON list. Verdicts: `ok`, `help`, `command`,
# `unrecognized`, `required`, `value` (too few), `flag` (`--flag=value`), `ambiguous`, `choice`,
# `number`.
import importlib.util
import json
import os
import random
import sys

here = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location(
    "az_table", os.path.join(here, "../../../cli/az_table.py"))
az_table = importlib.util.module_from_spec(spec)
spec.loader.exec_module(az_table)

import argparse
from azure.cli.core.parser import AzCliCommandParser
from knack.events import EVENT_INVOKER_POST_PARSE_ARGS
from knack.util import CLIError


class Verdict(Exception):
    pass


def error(self, message):
    for part, verdict in (("ambiguous option", "ambiguous"), ("unrecognized", "unrecognized"),
                          ("_subcommand", "command"), ("_command_package", "command"),
                          ("are required", "required"),
                          ("ignored explicit", "flag"),
                          ("invalid int", "number"), ("invalid float", "number"),
                          ("expected", "value")):
        if part in message:
            raise Verdict(verdict)
    raise Verdict("other " + message)


def check_value(self, action, value):
    if action.choices is not None and value not in action.choices:
        raise Verdict("choice" if self.command_source or action.option_strings else "command")


def store(self, parser, namespace, values, option_string=None):
    # Numbers of AAZ arguments are read by their action, which this takes the place of.
    number = {"AAZIntArg": int, "AAZFloatArg": float}.get(az_table.schema(self))
    try:
        if number and values is not None:
            number(values)
    except ValueError:
        raise Verdict("number")
    setattr(namespace, self.dest, values)


AzCliCommandParser.error = error
AzCliCommandParser._check_value = check_value


def prepare(invoker):
    for subparser in invoker.parser.subparser_map.values():
        for action in subparser._actions:
            # Unset is `None` to the check of `--ids`; it is not told where it is an object.
            if type(action.default).__name__ == "_AAZUndefinedType":
                action.default = None
            kept = ("_HelpAction", "IgnoreAction")
            if not any(base.__name__ in kept for base in type(action).__mro__):
                action.__class__ = type(
                    "Stored", (argparse.Action,),
                    {"__call__": store, "_schema": getattr(action, "_schema", None)})


def verdict(invoker, words):
    words = list(words)
    try:
        invoker._rudimentary_get_command(words)
        parsed = invoker.parser.parse_args(words)
    except Verdict as found:
        return str(found)
    except SystemExit:
        return "help"
    except Exception as found:  # what an argument's own type says of a value
        return "other " + str(found)
    try:
        invoker.cli_ctx.raise_event(
            EVENT_INVOKER_POST_PARSE_ARGS, command=parsed.command, args=parsed)
    except CLIError as found:
        return "required" if "are required" in str(found) else "ok"
    return "ok"


def value(pick, argument):
    if argument["choices"]:
        return pick.choice(argument["choices"]["values"])
    if argument["kind"]:
        return pick.choice(["1", "20", "-3"])
    return pick.choice(["x", "myName", "10", "a=b", "two words", "-5", "a/b", "true"])


def written(pick, argument):
    count = {"0": 0, "1": 1, "?": pick.choice([0, 1]), "*": pick.choice([0, 1, 2]),
             "+": pick.choice([1, 2, 3])}
    arity = argument["arity"]
    many = count[arity] if arity in count else int(arity)
    values = [value(pick, argument) for _ in range(many)]
    if not argument["options"]:
        return values
    return [pick.choice(argument["options"])[0]] + values


def valid(pick, table, name):
    arguments = table["commands"][name]["arguments"] + table["global"]
    parts = []
    for argument in arguments:
        needed = argument["required"] or argument["unless_ids"]
        if needed or pick.random() < 1.5 / len(arguments):
            parts.append(written(pick, argument))
    pick.shuffle(parts)
    return name.split(), parts


def changed(pick, path, parts):
    """The command line with one thing about it changed."""
    what = pick.randrange(16)
    at = pick.randrange(len(parts)) if parts else None
    part = list(parts[at]) if parts else None
    option = part and part[0].startswith("--")
    if what == 0 and parts:
        return path, parts[:at] + parts[at + 1:]
    if what == 1 and option and len(part[0]) > 5:
        part[0] = part[0][:pick.randrange(3, len(part[0]))]
    elif what == 2 and option and len(part) == 2:
        part = [part[0] + "=" + part[1]]
    elif what == 3 and part and len(part) == 2 and len(part[0]) == 2:
        part = [part[0] + part[1]]
    elif what == 4 and option:
        part[0] = part[0].upper() if pick.random() < 0.5 else part[0].title()
    elif what == 5 and option:
        letter = pick.randrange(2, len(part[0]))
        part[0] = part[0][:letter] + pick.choice("xyz") + part[0][letter + 1:]
    elif what == 6:
        parts = parts + [[pick.choice(["stray", "true", "--", "-x", "--unheard-of", "-1"])]]
        return path, parts
    elif what == 7 and part and len(part) > 1:
        part = part[:-1]
    elif what == 8 and part:
        part = part + [pick.choice(["more", "-1", "1"])]
    elif what == 9 and part and len(part) > 1:
        part[-1] = "no-such-value"
    elif what == 10:
        word = pick.randrange(len(path))
        path = path[:word] + [path[word].upper()] + path[word + 1:]
        return path, parts
    elif what == 11:
        word = pick.randrange(len(path))
        return path[:word] + [path[word] + "s"] + path[word + 1:], parts
    elif what == 12 and len(path) > 1:
        return path[:-1], parts
    elif what == 13:
        return path, parts + [[pick.choice(["--help", "-h", "--debug", "-ojson", "--ou=tsv"])]]
    elif what == 14 and part and len(part[0]) == 2:
        part[0] = part[0] + "y"
    elif what == 15 and option:
        part[0] = part[0][1:]
    if parts:
        parts = parts[:at] + [part] + parts[at + 1:]
    return path, parts


def main(seed, count):
    pick = random.Random(seed)
    invoker, required = az_table.load()
    table = az_table.table(invoker, required)
    prepare(invoker)
    names = sorted(table["commands"])
    written_lines = 0
    while written_lines < count:
        path, parts = valid(pick, table, pick.choice(names))
        for _ in range(pick.choice([0, 1, 1, 1, 2])):
            path, parts = changed(pick, path, parts)
        words = path + [word for part in parts for word in part]
        # `-host x` is help as long as there are options `-o`, `-s` and `-t`.
        if any(word.startswith("-h") and word != "-h" for word in words):
            continue
        found = verdict(invoker, words)
        if found.startswith("other"):
            continue
        az_table.output.write(found + "\t" + json.dumps(words) + "\n")
        written_lines += 1


main(int(sys.argv[1]), int(sys.argv[2]))
