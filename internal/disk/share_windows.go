package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Files that os opens can be neither renamed nor removed while they are open. Drafts are open until they have their
// name, for their lock ends with that, so they are opened to be renamed, and share that with who else opens them.

const everyone = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE

// open opens a file so that it can be renamed and removed while it is open.
func open(path string, access, how, attributes uint32) (*os.File, error) {
	p, err := windows.UTF16PtrFromString(extended(path))
	if err == nil {
		var h windows.Handle
		if h, err = windows.CreateFile(p, access, everyone, nil, how, attributes, 0); err == nil {
			return os.NewFile(uintptr(h), path), nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: err}
}

// extended returns a path in the form that may be longer than 260 characters, where it is about to be.
func extended(path string) string {
	if len(path) < 248 || strings.HasPrefix(path, `\\?\`) {
		return path
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if rest, ok := strings.CutPrefix(abs, `\\`); ok {
		return `\\?\UNC\` + rest
	}
	return `\\?\` + abs
}

const readWriteDelete = windows.GENERIC_READ | windows.GENERIC_WRITE | windows.DELETE

// create makes the file of a draft. Of the permissions Windows knows whether a file may be written: a draft may.
func create(path string, _ fs.FileMode) (*os.File, error) {
	return open(path, readWriteDelete, windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL)
}

// openDraft opens what may be a draft that nobody writes.
func openDraft(path string) (*os.File, error) {
	return open(path, readWriteDelete, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL)
}

// OpenShared is os.Open that does not keep others from renaming, removing and replacing the file meanwhile.
func OpenShared(path string) (*os.File, error) {
	return open(path, windows.GENERIC_READ, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL)
}

// remove removes the file of an open draft.
func remove(f *os.File) error {
	const flags = windows.FILE_DISPOSITION_DELETE | windows.FILE_DISPOSITION_POSIX_SEMANTICS
	info := uint32(flags)
	err := windows.SetFileInformationByHandle(windows.Handle(f.Fd()), windows.FileDispositionInfoEx,
		(*byte)(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if unknown(err) { // it goes when the last that has it open closes it
		info = 1
		err = windows.SetFileInformationByHandle(windows.Handle(f.Fd()), windows.FileDispositionInfo,
			(*byte)(unsafe.Pointer(&info)), 1)
	}
	if err != nil {
		return &fs.PathError{Op: "remove", Path: f.Name(), Err: err}
	}
	return nil
}

// unknown reports that this Windows, or this file system, does not know a kind of information.
func unknown(err error) bool {
	return errors.Is(err, windows.ERROR_INVALID_PARAMETER) || errors.Is(err, windows.ERROR_NOT_SUPPORTED) ||
		errors.Is(err, windows.ERROR_INVALID_FUNCTION) || errors.Is(err, windows.ERROR_CALL_NOT_IMPLEMENTED)
}

// rename gives the file of an open draft a name.
func rename(f *os.File, path string, replace bool) error {
	abs, err := filepath.Abs(path)
	if err == nil {
		err = patiently(func() error { return renameOnce(windows.Handle(f.Fd()), abs, replace) })
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, windows.ERROR_ALREADY_EXISTS), errors.Is(err, windows.ERROR_FILE_EXISTS):
		err = fs.ErrExist
	case busy(err):
		err = &busyError{err}
	}
	return &fs.PathError{Op: "write", Path: path, Err: err}
}

func renameOnce(h windows.Handle, to string, replace bool) error {
	name, err := windows.UTF16FromString(extended(to))
	if err != nil {
		return err
	}
	type renameInfo struct { // FILE_RENAME_INFO
		flags  uint32
		root   windows.Handle
		length uint32 // of the name in bytes, without its zero
		name   [1]uint16
	}
	const at = unsafe.Offsetof(renameInfo{}.name)
	buf := make([]uint64, (int(at)+2*len(name)+7)/8)
	info := (*renameInfo)(unsafe.Pointer(&buf[0]))
	info.length = uint32(2 * (len(name) - 1))
	copy(unsafe.Slice(&info.name[0], len(name)), name)
	set := func(class uint32) error {
		return windows.SetFileInformationByHandle(h, class, (*byte)(unsafe.Pointer(info)), uint32(8*len(buf)))
	}
	info.flags = windows.FILE_RENAME_POSIX_SEMANTICS // what is replaced may be open, if who has it open shares that
	if replace {
		info.flags |= windows.FILE_RENAME_REPLACE_IF_EXISTS
	}
	if err = set(windows.FileRenameInfoEx); !unknown(err) {
		return err
	}
	info.flags &= windows.FILE_RENAME_REPLACE_IF_EXISTS
	return set(windows.FileRenameInfo)
}

// Rename is os.Rename that waits for who has a file open for a moment: a reader, a search index, a scanner for viruses.
func Rename(old, path string) error {
	return patiently(func() error { return os.Rename(old, path) })
}

// patience is how long who has a file open is waited for: what reads it through is done by then.
const patience = 5 * time.Second

// pause waits. Tests have others do meanwhile what is waited for.
var pause = time.Sleep

func patiently(do func() error) error {
	for wait, end := time.Millisecond, time.Now().Add(patience); ; wait = min(2*wait, 32*time.Millisecond) {
		err := do()
		if !busy(err) || time.Now().After(end) {
			return err
		}
		pause(wait)
	}
}

// busy reports whether a file could not be renamed because it is open, as far as Windows says: what may never be
// written has the same errors.
func busy(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED) ||
		errors.Is(err, windows.ERROR_USER_MAPPED_FILE)
}

type busyError struct{ error }

func (e *busyError) Error() string {
	return strings.TrimSuffix(e.error.Error(), ".") + ": another program has it open, or it may not be written"
}

func (e *busyError) Unwrap() error { return e.error }
