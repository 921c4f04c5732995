"""python3 write.py LIBRARY [MODEL [PROMPT]] writes text; LIBRARY is the path of libfalconmamba.so.1."""
import ctypes as c, os, sys

fm, err = c.CDLL(sys.argv[1]), c.create_string_buffer(1024)  # an fm_error: 4 bytes of status, then the message
class Token(c.Structure):
    _fields_ = [("id", c.c_int32), ("reserved", c.c_int32), ("text", c.c_void_p), ("size", c.c_size_t)]
class OpenOptions(c.Structure):
    _fields_ = [("size", c.c_uint32), ("flags", c.c_uint32), ("backend", c.c_char_p)]
TokenFunc = c.CFUNCTYPE(c.c_int, c.c_void_p, c.POINTER(Token))
def must(status):
    if status < 0: sys.exit("write.py: " + err[4:].split(b"\0")[0].decode())
def each(user, token):
    print(c.string_at(token[0].text, token[0].size).decode(), end="", flush=True); return 0
model, session = c.c_void_p(), c.c_void_p()
options = OpenOptions(c.sizeof(OpenOptions), 0, os.environ["FM_BACKEND"].encode() if "FM_BACKEND" in os.environ else None)
must(fm.fm_model_open(sys.argv[2].encode() if len(sys.argv) > 2 else None, c.byref(options), c.byref(model), err))
must(fm.fm_session_new(model, c.byref(session), err))
prompt = (sys.argv[3] if len(sys.argv) > 3 else "ROMEO:\n").encode()
must(fm.fm_session_generate(session, prompt, None, TokenFunc(each), None, err))
fm.fm_model_free(model); print()
