//go:build linux || darwin

package hub

import "golang.org/x/sys/unix"

// freeBytes returns the space that this user has left on the disk of a folder.
func freeBytes(dir string) (uint64, bool) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil || st.Bsize <= 0 {
		return 0, false
	}
	return st.Bavail * uint64(st.Bsize), true
}
