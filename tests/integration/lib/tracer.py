# Holds on to a process as a debugger does that has stalled: it may end, but its parent does not learn of it. Ends with
# its standard input, and then lets go.
import ctypes
import sys

PTRACE_SEIZE = 0x4206
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long
if libc.ptrace(PTRACE_SEIZE, int(sys.argv[1]), None, None) != 0:
    sys.exit(f"cannot trace {sys.argv[1]}: error {ctypes.get_errno()}")
print("held", flush=True)
sys.stdin.read()
