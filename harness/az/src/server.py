"""Answers calls of `az` by forking a process that has imported azure-cli already.

Standard input is the control socket: the caller tells there of each sandbox, with a socket that
listens in it and its namespaces; without namespaces nothing is entered. A call connects to that socket
and sends its arguments, environment, working folder, descriptors, mask and ignored signals. Alone, in
a container, standard input is the socket that listens. For each call

    this process -> attendant (enters the sandbox's namespaces, passes signals on, tells the end)
                 -> worker    (takes the caller's place and runs azure-cli's own `__main__`)

What azure-cli's modules learn of their surroundings while they are imported is found out here:
every variable of the environment that they ask for is written down, and a call whose environment
answers otherwise is told to start `az` itself; so is one for which anything else cannot be made as
it would be. The home folder alone is made good afterwards: it is a folder of its own here, and
each constant that it went into is written anew.
"""

import array
import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import struct
import sys
import threading
import types

with open(sys.argv[1], encoding="utf-8") as file:
    SETTINGS = json.load(file)
# As if it had been started by what `az` is started by: its own folder is nobody's path.
sys.path[0] = os.getcwd()
# Stands for the caller's home in every constant that is made from it.
HOME = os.environ["HOME"]
CONFIG = os.path.join(HOME, ".azure")
# Handled by name: the home folder's constants are written anew, and `tempfile` looks again.
HANDLED = {"HOME", "AZURE_CONFIG_DIR", "TMPDIR", "TEMP", "TMP"}
# Read by the interpreter, the C library or OpenSSL before any module can be asked.
PREFIXES = (b"PYTHON", b"LC_", b"LANG", b"LD_", b"OPENSSL_", b"MALLOC_", b"GLIBC_")
# The order in which namespaces are entered: the user's gives the right to enter the others.
NAMESPACES = (0x10000000, 0x08000000, 0x04000000, 0x40000000, 0x20000000, 0x00020000)
# As Python starts.
IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
MAIN = "azure.cli"

libc = ctypes.CDLL(None, use_errno=True)
asked = {}
stop_writing_down = lambda: None  # noqa: E731
own_main = sys.modules["__main__"]


class CannotTake(Exception):
    """The call has to be made by `az` itself."""


def write_down_what_is_asked():
    """Has `os.environ` remember what it is asked for, and the answer."""
    kind = type(os.environ)
    get, walk = kind.__getitem__, kind.__iter__

    def getitem(self, name):
        asked.setdefault(name, self._data.get(self.encodekey(name)))
        return get(self, name)

    def iterate(self):
        # Who looks at every variable may learn anything.
        asked.setdefault("", None)
        return walk(self)

    def end():
        kind.__getitem__, kind.__iter__ = get, walk

    kind.__getitem__, kind.__iter__ = getitem, iterate
    return end


def made_of_home(holder, held):
    """The constants among these that begin with the home folder."""
    # There are a hundred thousand: the kind is asked for first.
    return [
        (holder, name, value)
        for name, value in held.items()
        if type(value) is str and value.startswith(HOME)
    ]


class Constants:
    """Where the home folder went while modules were imported."""

    def __init__(self):
        self.seen = set()
        self.places = []
        self.unknown = []

    def look(self):
        """Looks at the modules that are new."""
        for name, module in list(sys.modules.items()):
            if name in self.seen or module is own_main:
                continue
            self.seen.add(name)
            held = dict(getattr(module, "__dict__", {}))
            # The interpreter's own, the same in every module, and large.
            held.pop("__builtins__", None)
            self.places += made_of_home(module, held)
            for value in held.values():
                if isinstance(value, type) and value.__module__ == name:
                    self.places += made_of_home(value, dict(vars(value)))
            if name.startswith("azure.cli"):
                self.unknown += [
                    (name, attribute)
                    for attribute, value in held.items()
                    if isinstance(value, (list, tuple, dict)) and HOME in repr(value)
                ]

    def write(self, home, config):
        if self.unknown:
            raise CannotTake("the home folder is in %s.%s" % self.unknown[0])
        for holder, attribute, value in self.places:
            if value == CONFIG or value.startswith(CONFIG + os.sep):
                value = config + value[len(CONFIG):]
            else:
                value = home + value[len(HOME):]
            setattr(holder, attribute, value)


def enter(namespaces):
    for descriptor, kind in zip(namespaces, NAMESPACES):
        if libc.setns(descriptor, kind):
            raise OSError(ctypes.get_errno(), "setns")


def give_up_privileges():
    """As process 1 of the sandbox does: no capability, now or later."""
    for capability in range(64):
        if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
            break
    if libc.prctl(38, 1, 0, 0, 0):  # PR_SET_NO_NEW_PRIVS
        raise OSError(ctypes.get_errno(), "prctl")
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3
    if libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise OSError(ctypes.get_errno(), "capset")
    # Lost when the user namespace was entered; a program that is started has it.
    libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE


def place_of(process):
    """What a worker has from this process that a program of the caller's would have from the caller:
    user, rights, limits, and which files, processes and networks it sees."""
    root = "/proc/%s/" % process
    with open(root + "status") as file:
        names = ("Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp")
        status = [line for line in file if line.startswith(names)]
    with open(root + "limits") as file:
        limits = file.read()
    links = ["root"] + ["ns/" + name for name in ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")]
    return status, limits, [os.readlink(root + link) for link in links]


def check_caller(connection):
    """Whether who calls is where this process is; in a sandbox everybody is."""
    size = struct.calcsize("3i")
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    process, _, _ = struct.unpack("3i", told)
    if place_of(process) != place_of("self"):
        raise CannotTake("the caller has other rights")


def send(connection, **message):
    connection.sendall(json.dumps(message).encode() + b"\n")


def receive_descriptors(connection, most):
    """A byte, and the descriptors that come with it."""
    size = socket.CMSG_SPACE(most * array.array("i").itemsize)
    byte, control, _, _ = connection.recvmsg(1, size)
    numbers = array.array("i")
    for level, kind, data in control:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
    return byte, list(numbers)


def receive_all(connection, length):
    parts = b""
    while len(parts) < length:
        part = connection.recv(min(length - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return parts


def receive_call(connection):
    byte, descriptors = receive_descriptors(connection, 253)
    if not byte:
        raise EOFError
    length = int.from_bytes(receive_all(connection, 4), "big")
    return json.loads(receive_all(connection, length)), descriptors


def variables(call):
    """The environment, as bytes, that the script `az` would give to Python."""
    # Each byte came as the character of its number.
    pairs = (entry.encode("latin-1").partition(b"=") for entry in call["env"])
    environment = {name: value for name, _, value in pairs if name}
    if b"PYTHONPATH" in environment:
        raise CannotTake("PYTHONPATH is set")
    environment[b"PYTHONPATH"] = os.fsencode(SETTINGS["python_path"])
    if SETTINGS["installer_wins"] or b"AZ_INSTALLER" not in environment:
        environment[b"AZ_INSTALLER"] = os.fsencode(SETTINGS["installer"])
    return environment


def check(environment):
    """Whether modules imported here know what they would know in that environment."""
    if "" in asked:
        raise CannotTake("a module read the whole environment")
    for name, value in asked.items():
        if name not in HANDLED and environment.get(os.fsencode(name)) != value:
            raise CannotTake("%s is read while azure-cli is imported" % name)
    if read_early(dict(os.environb)) != read_early(environment):
        raise CannotTake("the interpreter would start otherwise")
    if SETTINGS["names"]:
        path = os.fsdecode(environment.get(b"PATH", b""))
        found = (shutil.which(name, path=path) for name in SETTINGS["names"])
        if next(filter(None, found), None) != SETTINGS["python"]:
            raise CannotTake("another interpreter would be started")


def read_early(environment):
    return {name: value for name, value in environment.items() if name.startswith(PREFIXES)}


def take_descriptors(wanted, descriptors):
    """Puts descriptors at the caller's numbers and closes everything else."""
    import fcntl

    above = max(wanted, default=2) + 1
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, above) for descriptor in descriptors]
    for number, descriptor in zip(wanted, high):
        os.dup2(descriptor, number, inheritable=True)
    kept = set(wanted)
    for entry in os.listdir("/proc/self/fd"):
        if int(entry) not in kept:
            try:
                os.close(int(entry))
            except OSError:
                pass  # what the listing itself was read from


def show_terminal(terminal):
    """Opens the caller's terminal for who asks for `/dev/tty`: this session has none."""
    os_open = os.open

    def open_(path, flags, mode=0o777, *, dir_fd=None):
        if path == "/dev/tty":
            return os.dup(terminal)
        return os_open(path, flags, mode, dir_fd=dir_fd)

    os.open = open_


def take_place(call, environment, descriptors, constants):
    """Makes this process what `az` would be when its first line runs."""
    for number in signal.valid_signals():
        if number in (signal.SIGKILL, signal.SIGSTOP):
            continue
        ignored = number in IGNORED_BY_PYTHON or number in call["ignored"]
        signal.signal(number, signal.SIG_IGN if ignored else signal.SIG_DFL)
    if signal.SIGINT not in call["ignored"]:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    folder, *descriptors = descriptors
    os.fchdir(folder)
    terminal = descriptors.pop(0) if call["terminal"] else None
    wanted = list(call["descriptors"])
    if not {0, 1, 2} <= set(wanted):
        raise CannotTake("a standard stream is closed")
    if terminal is not None:
        # Where nothing of the caller's is.
        descriptors.append(terminal)
        wanted.append(max(wanted, default=2) + 1)
    take_descriptors(wanted, descriptors)
    if terminal is not None:
        os.set_inheritable(wanted[-1], False)
        show_terminal(wanted[-1])
    os.umask(call["umask"])

    stop_writing_down()
    os.environ.clear()
    for name, value in environment.items():
        os.environb[name] = value
    import time

    time.tzset()
    arguments = [os.fsdecode(word.encode("latin-1")) for word in call["argv"]]
    sys.argv = ["-m"] + arguments
    sys.orig_argv = SETTINGS["words"] + arguments
    sys.path[0] = os.getcwd()
    # The stream objects stay: modules keep them as defaults of their functions. Their descriptors
    # are the caller's now.
    sys.stdout.reconfigure(line_buffering=os.isatty(1))

    home = os.path.expanduser("~")
    constants.write(home, os.environ.get("AZURE_CONFIG_DIR") or os.path.join(home, ".azure"))
    refresh()
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    # What is here already is no garbage; to look for some would copy every page that it is on.
    gc.freeze()
    gc.enable()


def refresh():
    """Makes anew what modules made of their surroundings when they were imported."""
    import logging
    import multiprocessing.process
    import tempfile
    import time

    import azure.cli.telemetry
    from azure.cli.core import _config, extension, telemetry
    from knack.config import CLIConfig

    azure.cli.telemetry._start = start_upload

    tempfile.tempdir = None
    tempfile._name_sequence = None
    multiprocessing.process.ORIGINAL_DIR = os.getcwd()
    logging._startTime = time.time()
    telemetry._session = telemetry.TelemetrySession()
    extension.az_config = CLIConfig(
        config_dir=_config.GLOBAL_CONFIG_DIR, config_env_var_prefix=_config.ENV_VAR_PREFIX
    )
    for option in ("dir", "dev_sources", "sys_dir"):
        if extension.az_config.get("extension", option, None) is not None:
            raise CannotTake("extensions are kept elsewhere")


def start_upload(config_dir):
    """Starts the process that sends telemetry, as azure-cli does with each call, but as a fork: what it
    would import is here already."""
    from azure.cli import telemetry
    from azure.cli.telemetry.components.telemetry_logging import get_logger

    logger = get_logger("process")
    arguments = [os.path.realpath(telemetry.__file__), config_dir]
    logger.info('Creating upload process: "%s %s %s"', sys.executable, *arguments)
    if os.fork() == 0:
        status = 1
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(null, number)
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            sys.argv = arguments
            telemetry.main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        finally:
            os._exit(status)
    logger.info("Return from creating process")


def run():
    """Runs `__main__` and ends as the interpreter does."""
    status = 0
    try:
        # Whatever was sent since the fork takes effect now.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        runpy._run_module_as_main(MAIN)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            status = (end.code or 0) & 0xFF
        else:
            print(end.code, file=sys.stderr)
            status = 1
    except BaseException as error:
        # Only this function is above `runpy`.
        trace = error.__traceback__.tb_next if error.__traceback__ else None
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        status = 1
        if isinstance(error, KeyboardInterrupt):
            status = None
    try:
        threading._shutdown()
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    import atexit

    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException as error:
            status = 120
            if stream is sys.stdout and sys.stderr is not None:
                text = "Exception ignored in: %r\n%s: %s\n"
                text %= (stream, type(error).__name__, error)
                os.write(2, text.encode())
    if status is None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(status)


def work(call, environment, descriptors, constants, ready):
    """The worker's whole life."""
    try:
        take_place(call, environment, descriptors, constants)
    except BaseException as error:
        tell(ready, "%s: %s" % (type(error).__name__, error))
        os._exit(1)
    tell(ready, "")
    run()


def tell(report, why):
    """Writes into a piece of memory that both processes see: no descriptor is left for it."""
    text = why.encode()[: len(report) - 2]
    report[1:1 + len(text)] = text
    report[0] = 1 if not why else 2


def attend(connection, namespaces, constants):
    """Stands between a caller and its worker until one of them ends."""
    try:
        call, descriptors = receive_call(connection)
    except (EOFError, OSError):
        return
    try:
        environment = variables(call)
        check(environment)
        if namespaces:
            enter(namespaces)
            give_up_privileges()
        else:
            check_caller(connection)
        worker, report = start_worker(call, environment, descriptors, constants)
    except (CannotTake, OSError, ValueError) as error:
        send(connection, plain=str(error))
        return
    try:
        send(connection, taken=True)
        for descriptor in descriptors:
            os.close(descriptor)
        watch(connection, worker, report)
    except OSError:
        # The caller has gone in the middle of it; its call must not outlive it.
        os.kill(worker[0], signal.SIGKILL)
        os.waitpid(worker[0], 0)


def start_worker(call, environment, descriptors, constants):
    import mmap

    report = mmap.mmap(-1, 4096)
    alarm, ring = os.pipe()
    os.set_blocking(ring, False)
    signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # Until the worker has its own ways, nothing that is sent to it may be lost.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    worker = os.fork()
    if worker:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    else:
        signal.set_wakeup_fd(-1)
        work(call, environment, descriptors, constants, report)
    return (worker, alarm), report


def tell_end(connection, status, report):
    """Says how a worker ended, or that it could not take the caller's place."""
    try:
        if report[0] == 1:
            send(connection, status=status)
        else:
            text = bytes(report[1:]).partition(b"\0")[0]
            send(connection, plain=text.decode() or "the worker did not start")
    except OSError:
        pass  # nobody waits for it any more


def watch(connection, worker, report):
    """Passes signals on to the worker, and tells the caller how it ended."""
    pid, alarm = worker
    poller = select.poll()
    poller.register(connection, select.POLLIN)
    poller.register(alarm, select.POLLIN)
    waiting = b""
    while True:
        for descriptor, _ in poller.poll():
            if descriptor == alarm:
                os.read(alarm, 64)
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    tell_end(connection, status, report)
                    return
                continue
            part = connection.recv(64)
            if not part:
                # The caller was killed, or its sandbox is gone.
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return
            *lines, waiting = (waiting + part).split(b"\n")
            for line in lines:
                os.kill(pid, int(line))


def look_at_the_machine():
    """Finds out what every call finds out about this machine, by starting programs."""
    import platform

    # Starts `uname`. The name of the host is the sandbox's own, so that part is forgotten.
    platform.platform()
    platform._uname_cache = None
    try:
        import distro

        # Starts `lsb_release`. A sandbox shows the same system.
        distro.id(), distro.version()
    except Exception:  # as azure-cli, which is content without
        pass


def look_at_classes():
    """Finds out what every call finds out about classes."""
    import collections.abc

    # Each logged argument is asked whether it is a mapping. The first time a class is met, every
    # class that any SDK has registered as one is asked in turn.
    plain = (str, int, float, bool, bytes, type(None), list, tuple, set, Exception, type, object)
    for kind in plain:
        issubclass(kind, collections.abc.Mapping)


def leave_no_files():
    """Removes this process's own folder, where nobody does who has started it."""
    if SETTINGS["folder"]:
        os.chdir("/")
        shutil.rmtree(SETTINGS["folder"], ignore_errors=True)


class Server:
    def __init__(self, told_by):
        self.control = None
        self.sandboxes = {}
        self.by_descriptor = {}
        self.poller = select.poll()
        self.constants = Constants()
        self.complete = False
        if SETTINGS["alone"]:
            self.open(0, told_by, [])
        else:
            self.control = told_by
            self.poller.register(told_by, select.POLLIN)

    def serve(self, wanted):
        """Answers calls until the caller is gone, and imports what is wanted meanwhile."""
        global stop_writing_down
        from azure.cli.core import telemetry, get_default_cli  # noqa: F401
        from azure.cli.core.intercept_survey import prompt_survey_message  # noqa: F401

        # What every worker needs to take its caller's place.
        import fcntl, mmap, multiprocessing.process, tempfile  # noqa: E401, F401
        import azure.cli.telemetry, azure.cli.core.extension, knack.config  # noqa: E401, F401

        # What is asked for on the way is asked anew by nobody.
        stop_writing_down()
        look_at_the_machine()
        stop_writing_down = write_down_what_is_asked()
        wanted = list(reversed(wanted))
        while True:
            for descriptor, _ in self.poller.poll(0 if wanted else None):
                if self.control and descriptor == self.control.fileno():
                    if not self.told():
                        return
                else:
                    self.called(descriptor)
            if not wanted:
                continue
            name = wanted.pop()
            if name not in sys.modules:
                try:
                    importlib.import_module(name)
                except Exception:  # another version of azure-cli has other modules
                    pass
            if not wanted:
                stop_writing_down()
                look_at_classes()
                self.constants.look()
                self.complete = True
                leave_no_files()
                gc.collect()
                gc.freeze()

    def open(self, number, listener, namespaces):
        listener.setblocking(False)
        self.sandboxes[number] = (listener, namespaces)
        self.by_descriptor[listener.fileno()] = number
        self.poller.register(listener, select.POLLIN)

    def told(self):
        """Takes what the caller says; whether it is still there."""
        byte, descriptors = receive_descriptors(self.control, 8)
        if not byte:
            return False
        length = int.from_bytes(receive_all(self.control, 4), "big")
        message = json.loads(receive_all(self.control, length))
        number = message["sandbox"]
        if message["open"]:
            self.open(number, socket.socket(fileno=descriptors[0]), descriptors[1:])
        elif number in self.sandboxes:
            listener, namespaces = self.sandboxes.pop(number)
            self.poller.unregister(listener)
            del self.by_descriptor[listener.fileno()]
            listener.close()
            for namespace in namespaces:
                os.close(namespace)
        return True

    def called(self, descriptor):
        listener, namespaces = self.sandboxes[self.by_descriptor[descriptor]]
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        if not self.complete:
            self.constants.look()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            connection.setblocking(True)
            try:
                attend(connection, namespaces, self.constants)
            finally:
                os._exit(0)
        connection.close()


def main():
    global stop_writing_down
    told_by = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    # The attendants' ends are nobody's business.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # A command in a container leads a session already.
    if os.getsid(0) != os.getpid():
        os.setsid()
    stop_writing_down = write_down_what_is_asked()
    gc.disable()
    Server(told_by).serve(SETTINGS["modules"])


main()
