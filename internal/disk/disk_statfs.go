//go:build linux || darwin

package disk

import "golang.org/x/sys/unix"

// Free returns the space that this user has left on the disk of a folder.
func Free(dir string) (uint64, bool) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil || st.Bsize <= 0 {
		return 0, false
	}
	return st.Bavail * uint64(st.Bsize), true
}
