# Holds a process as a stalled debugger does: the process may end, but its parent is not told. At the end of its standard
# input this program ends and releases the process.
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
